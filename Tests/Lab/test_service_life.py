"""The service from its start to its end: signals, reloads, certificates."""
import re
import ssl
import time

import lab
import pytest
from test_configuration import certificate

TARGET = "192.0.2.2:8080"
PING = f"/v1/ping?target={TARGET}&count=1"
HOST = b"Host: localhost\r\n"


@pytest.mark.parametrize("number", [15, 2])
def test_an_idle_service_ends_at_once_with_status_0(serve, number):
    status, took = serve().stop(number)
    assert status == 0 and took < 1


def test_sigterm_ends_it_within_5_s_whatever_is_open(serve, peer):
    peer.nft("input tcp dport 81 drop")
    service = serve()
    opened = [service.connect(timeout=8) for _ in range(30)]
    for client in opened[:10]:
        client.sendall(b"GET /v1/ping?target=192.0.2.2:81&count=1&timeout=50s HTTP/1.1\r\n" + HOST + b"\r\n")
    for client in opened[10:20]:
        client.sendall(b"GET /livez HTTP/1.1\r\nX: ")
    for client in opened[20:25]:
        client.sendall(b"POST /livez HTTP/1.1\r\n" + HOST + b"Content-Length: 100\r\n\r\na")
    lab.wait_until(lambda: service.metric("synprobe_probes_in_flight") == 10)
    status, took = service.stop()
    assert status == 0 and took < 5
    answers = [client.recv(4096) for client in opened[:10]]
    assert all(answer.startswith(b"HTTP/1.1 503 ") and b"shutting-down" in answer for answer in answers)
    for client in opened:
        client.close()
    assert [line["event"] for line in service.log][-1] in ("ended", "ended before all connections were")


def test_a_request_that_ends_in_time_is_answered_and_no_new_one_is_taken(serve):
    service = serve()
    client = service.ask("/v1/ping?target=192.0.2.2:8080&count=3&interval=300ms")
    lab.wait_until(lambda: service.metric("synprobe_series_in_flight") == 1)
    service.process.terminate()
    time.sleep(0.2)
    with pytest.raises(OSError):
        service.get("/livez")
    answer = client.recv(65536)
    assert answer.startswith(b"HTTP/1.1 200 ") and b"connection: close" in answer.lower()
    client.close()
    assert service.process.wait(5) == 0


def test_a_second_signal_hurries_it(serve, peer):
    peer.nft("input tcp dport 81 drop")
    service = serve()
    client = service.ask("/v1/ping?target=192.0.2.2:81&count=1&timeout=50s")
    lab.wait_until(lambda: service.metric("synprobe_series_in_flight") == 1)
    service.process.terminate()
    time.sleep(0.3)
    _, took = service.stop()
    assert took < 1
    client.close()


@pytest.mark.parametrize("mask", ["BlockedMask", "ignored HUP"])
def test_inherited_signal_settings_do_not_matter(serve, mask):
    """uWSGI's threads block all signals; nohup ignores SIGHUP, which stays ignored."""
    script = ("import os, signal, sys\n"
              + ("signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n" if mask == "BlockedMask" else
                 "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n") + "os.execv(sys.argv[1], sys.argv[1:])")
    service = serve(wrapper=[lab.PYTHON, "-c", script])
    if mask != "BlockedMask":
        service.process.send_signal(1)
        assert service.get(PING).status == 200 and not service.events("configuration reloaded")
    status, took = service.stop()
    assert status == 0 and took < 1


def reload(service, event):
    before = len(service.events(event))
    service.process.send_signal(1)
    lab.wait_until(lambda: len(service.events(event)) > before)
    return service.events(event)[-1]


GOOD, BAD = "configuration reloaded", "configuration not reloaded, the old one stays"


def test_sighup_takes_a_good_configuration_and_keeps_the_old_one_when_the_new_is_bad(serve, tmp_path):
    file = tmp_path / "s.yaml"
    file.write_text("deny: [198.51.100.0/24]\n")
    service = serve("--config", file)
    assert service.get(PING).status == 200
    began = time.time()
    file.write_text("deny: [192.0.2.2]\n")
    reload(service, GOOD)
    assert service.get(PING).status == 403
    for text, words in [("deny: 7\n", "a list is needed"), ("listen: 127.0.0.1:9999\n", "needs a restart"),
                        ("token_file: nowhere\n", "No such file")]:
        file.write_text(text)
        assert words in reload(service, BAD)["message"]
        assert service.get(PING).status == 403, "the old rules hold"
        assert service.metric("synprobe_config_last_reload_successful") == 0
    assert service.metric("synprobe_config_last_reload_success_timestamp_seconds") >= began - 1
    file.unlink()
    reload(service, BAD)
    file.write_text("{}\n")
    reload(service, GOOD)
    assert service.get(PING).status == 200 and service.metric("synprobe_config_last_reload_successful") == 1


def test_a_reload_takes_new_tokens(serve, tmp_path):
    tokens = tmp_path / "tokens"
    tokens.write_text("old\n")
    service = serve("--token-file", tokens)
    ask = lambda token: service.get(PING, headers={"Authorization": f"Bearer {token}"}).status  # noqa: E731
    assert (ask("old"), ask("new")) == (200, 401)
    tokens.write_text("new\n")
    reload(service, GOOD)
    assert (ask("old"), ask("new")) == (401, 200)


def tls_client(service, **versions):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for name, value in versions.items():
        setattr(context, name, value)
    return context.wrap_socket(service.connect(), server_hostname="localhost")


def presented(service):
    with tls_client(service) as client:
        return ssl.DER_cert_to_PEM_cert(client.getpeercert(True))


def pem(file):
    return re.search("-----BEGIN.*?-----END CERTIFICATE-----\n", file.read_text(), re.S)[0]


def test_plain_http_to_the_tls_port_is_answered_in_its_own_words_and_logged(serve, tmp_path):
    chain, key = certificate(tmp_path)
    service = serve("--tls-cert", chain, "--tls-key", key)
    done = service.space.run("curl", "-sS", "-i", "http://127.0.0.1:9115/livez")
    assert done.stdout.startswith("HTTP/1.1 400 Bad Request") and "application/problem+json" in done.stdout
    assert "this port speaks TLS" in done.stdout and "https://" in done.stdout
    lab.wait_until(lambda: "this port speaks TLS" in service.log_path.read_text())
    assert service.space.run("curl", "-sSk", "https://127.0.0.1:9115/livez").stdout


def test_it_speaks_tls_and_takes_a_new_certificate_without_losing_a_connection(serve, tmp_path):
    chain, key = certificate(tmp_path)
    service = serve("--tls-cert", chain, "--tls-key", key)
    first = pem(chain)
    done = service.space.run("curl", "-sS", "--cacert", chain, "--connect-to", "localhost:9115:127.0.0.1:9115",
                             f"https://localhost:9115{PING}")
    assert '"open":1' in done.stdout
    assert service.space.synprobe("healthcheck", "--tls").returncode == 0
    assert service.space.synprobe("healthcheck").returncode == 1
    with tls_client(service) as kept:
        assert presented(service) == first
        certificate(tmp_path)
        second = pem(chain)
        reload(service, GOOD)
        assert presented(service) == second != first
        kept.sendall(b"GET /livez HTTP/1.1\r\n" + HOST + b"\r\n")
        assert kept.recv(4096).startswith(b"HTTP/1.1 200 ")
        chain.write_text(first[:200])
        assert "is not a certificate" in reload(service, BAD)["message"]
        assert presented(service) == second
    for _ in range(5):
        certificate(tmp_path)
        reload(service, GOOD)
        assert presented(service) == pem(chain)


def test_an_old_or_unfinished_handshake_is_refused_in_time(serve, tmp_path):
    chain, key = certificate(tmp_path)
    service = serve("--tls-cert", chain, "--tls-key", key)
    old = service.space.run("openssl", "s_client", "-connect", "127.0.0.1:9115", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0",
                            check=False, input="")
    assert old.returncode != 0
    new = service.space.run("openssl", "s_client", "-connect", "127.0.0.1:9115", "-tls1_2", check=False, input="")
    assert new.returncode == 0
    plain = service.raw(b"GET /livez HTTP/1.1\r\n" + HOST + b"\r\n")
    assert b"200 OK" not in plain
    began = time.monotonic()
    silent = service.connect(timeout=20)
    assert silent.recv(100) == b"" and 8 < time.monotonic() - began < 13
    silent.close()
    assert service.stop()[0] == 0
