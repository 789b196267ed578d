"""An HTTP service as so many have it: give it an IP and a port, get back the TCP latency. One file of Django.

    uwsgi --plugin python3 --http-socket 127.0.0.1:8000 --threads 64 --processes 2 --wsgi-file django_latency.py
    gunicorn --worker-class gthread --threads 64 --bind 127.0.0.1:8000 django_latency:application
    curl 'http://127.0.0.1:8000/latency?ip=192.0.2.2&port=8080'
    curl 'http://127.0.0.1:8000/verify?ip=192.0.2.2&port=8080&rtt=90ms..110ms&loss=..1%25'

It once called ``hping3 -S -p PORT -c N IP`` as a child, and hung: the threads of uWSGI block every signal, the child
inherits that, and waits for a SIGALRM that never comes. The library is in this process, and waits for none.
"""
import ipaddress

import django.conf
import django.core.wsgi
import django.http
import django.urls
import synprobe

CLAIMS = ["rtt", "rtt-p99", "jitter", "loss", "duplicate", "reorder", "where"]


def target(query):
    """Addresses only: this service probes for others, and resolves nothing for them."""
    return str(ipaddress.ip_address(query.get("ip", ""))), int(query.get("port", ""))


def answered(view):
    def answer(request):
        try:
            return view(request)
        except ValueError as error:
            return django.http.JsonResponse({"error": str(error)}, status=400)
        except synprobe.ProbeError as error:
            return django.http.JsonResponse({"error": str(error)}, status=503)
    return answer


@answered
def latency(request):
    ip, port = target(request.GET)
    result = synprobe.ping(ip, port, count=int(request.GET.get("count", 5)), interval="20ms", timeout="1s")
    return django.http.JsonResponse({
        "ip": ip, "port": port, "open": result.outcomes.open, "loss": result.loss.ratio,
        "latency_ms": result.rtt_ms and result.rtt_ms.p50})


@answered
def verify(request):
    ip, port = target(request.GET)
    claims = {name: request.GET[name] for name in CLAIMS if name in request.GET}
    verdict = synprobe.verify(ip, port, claims, max_time=10)
    return django.http.JsonResponse({"verdict": verdict.verdict, "reason": verdict.reason})


urlpatterns = [django.urls.path("latency", latency), django.urls.path("verify", verify)]
django.conf.settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="only for signing, which it does not do")
application = django.core.wsgi.get_wsgi_application()
