"""How the project began: a service under uWSGI that has a target probed for each request. Real uWSGI, real hping3.

The threads of uWSGI block every signal; a child inherits the mask. hping3 then waits for a SIGALRM that never comes.
"""
import concurrent.futures
import http.client
import json
import os
import time

import lab
import pytest
from service import socket_in

PORT = 8000
EXAMPLES = lab.ROOT / "scripts/examples"


@pytest.fixture(scope="session")
def modules(tmp_path_factory):
    """The module for Debian's own Python, which uWSGI's plugin embeds."""
    wheel = lab.sh([str(lab.ROOT / "scripts/build-wheel")], timeout=900).stdout.splitlines()[-1]
    folder = tmp_path_factory.mktemp("modules")
    lab.sh([str(lab.ROOT / ".build-python/bin/pip"), "install", "--quiet", "--no-index", "--target", str(folder), wheel])
    return folder


@pytest.fixture
def serving(client, peer, modules, tmp_path):
    peer.listen("192.0.2.2/8080")
    log = open(tmp_path / "server.log", "w")

    def start(*command, warm=False, **environment):
        paths = f"{modules}:{lab.HERE}:{EXAMPLES}"
        client.start(*command, stdout=log, stderr=log, cwd=tmp_path, env={
            **os.environ, "PYTHONPATH": paths, "SYNPROBE": str(lab.SYNPROBE),
            "LINKED": lab.linked("hping3"), **({"STORY_WARM": "1"} if warm else {})})
        lab.wait_until(lambda: client.run("curl", "-s", "-o", "/dev/null", f"http://127.0.0.1:{PORT}/none", check=False).returncode
                       in (0, 52), 30)

    yield start
    log.close()


def uwsgi(*options, file="story_app.py", folder=lab.HERE):
    return ["uwsgi", "--plugin", "python3", "--http-socket", f"127.0.0.1:{PORT}", "--master", "--processes", "2", "--threads", "64",
            "--need-app", "--die-on-term", "--no-orphans", "--wsgi-file", str(folder / file), *options]


def ask(client, path, timeout):
    """The answer's body and its time in milliseconds; no body where there was none in time."""
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", PORT)
    try:
        with socket_in(client) as connection.sock:
            connection.sock.settimeout(timeout)
            connection.sock.connect(("127.0.0.1", PORT))
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read() if answer.status == 200 else None
    except (OSError, http.client.HTTPException):
        body = None
    return body, (time.monotonic() - began) * 1000


def load(client, way, count, timeout, at_once=64):
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(lambda _: ask(client, f"/{way}?ip=192.0.2.2&port=8080", timeout), range(count)))


def table(capsys, title, way, answers):
    times = sorted(took for body, took in answers if body is not None)
    quantile = lambda ratio: f"{times[min(int(ratio * len(times)), len(times) - 1)]:8.1f}" if times else "       -"  # noqa: E731
    with capsys.disabled():
        print(f"\n{title:28} {way:8} {len(answers):4} requests {len(answers) - len(times):4} hung   "
              f"p50 {quantile(0.5)} ms   p99 {quantile(0.99)} ms", end="")
    return times


MODES = [pytest.param(["--lazy-apps"], False, id="lazy"), pytest.param([], False, id="forked"),
         pytest.param([], True, id="forked after use")]


@pytest.mark.parametrize("options, warm", MODES[:2])
def test_hping3_as_a_child_hangs(client, serving, capsys, options, warm):
    """The oracle: the trap is armed. One after the other: hping3 takes every packet of the target for its own, so that the
    replies to others would let it go."""
    serving(*uwsgi(*options))
    answers = load(client, "hping3", 8, 2, at_once=1)
    times = table(capsys, " ".join(["uwsgi", *options]), "hping3", answers)
    assert len(answers) - len(times) >= 3


def test_with_our_link_in_hping3s_place_the_same_view_answers_every_request(client, serving, capsys):
    serving(*uwsgi("--lazy-apps"))
    answers = load(client, "linked", 200, 30)
    table(capsys, "uwsgi --lazy-apps", "linked", answers)
    assert [body for body, _ in answers] == [b"3"] * 200


@pytest.mark.parametrize("options, warm", MODES)
def test_synprobe_answers_every_request_as_a_child_and_faster_in_the_process(client, serving, capsys, options, warm):
    serving(*uwsgi(*options), warm=warm)
    median = {}
    for way in "command", "library":
        answers = load(client, way, 200, 30)
        times = table(capsys, " ".join(["uwsgi", *options, *(["(used before)"] if warm else [])]), way, answers)
        assert [body for body, _ in answers] == [b"3"] * 200
        median[way] = times[100]
    assert median["library"] < median["command"]


def test_gunicorn_with_threads_answers_every_request(client, serving, capsys):
    serving("gunicorn", "--worker-class", "gthread", "--threads", "64", "--workers", "2", "--bind", f"127.0.0.1:{PORT}", "story_app:application")
    answers = load(client, "library", 200, 30)
    table(capsys, "gunicorn gthread", "library", answers)
    assert [body for body, _ in answers] == [b"3"] * 200


@pytest.mark.parametrize("command", [
    uwsgi("--lazy-apps", file="django_latency.py", folder=EXAMPLES),
    ["gunicorn", "--worker-class", "gthread", "--threads", "64", "--bind", f"127.0.0.1:{PORT}", "django_latency:application"]],
    ids=["uwsgi", "gunicorn"])
def test_the_django_view_of_the_story_answers(client, serving, command):
    serving(*command)
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda _: ask(client, "/latency?ip=192.0.2.2&port=8080", 30)[0], range(100)))
    for answer in answers:
        found = json.loads(answer)
        assert found["open"] == 5 and found["loss"] == 0 and 0 < found["latency_ms"] < 100
    verdict = json.loads(ask(client, "/verify?ip=192.0.2.2&port=8080&rtt=..90ms", 20)[0])
    assert verdict["verdict"] == "confirmed"
    wrong = client.run("curl", "-s", "-w", "%{http_code}", f"http://127.0.0.1:{PORT}/latency?ip=web&port=8080").stdout
    assert wrong.endswith("400") and "'web' does not appear to be an IPv4 or IPv6 address" in wrong
