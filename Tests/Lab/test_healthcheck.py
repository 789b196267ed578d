"""`synprobe healthcheck` against servers that are well, unwell, silent, strange, or not there."""
import contextlib
import http.server
import socket
import subprocess
import threading
import time

import pytest
from lab import SYNPROBE

pytestmark = pytest.mark.anyone


def check(*arguments):
    return subprocess.run([SYNPROBE, "healthcheck", *map(str, arguments)], capture_output=True, text=True, timeout=20)


class Service(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.hosts.append(self.headers["Host"])
        self.send_response(200 if self.path == "/livez" else 503)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def service():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.hosts = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_service_that_is_alive_is_healthy_without_a_word(service):
    done = check("--address", f"127.0.0.1:{service.server_port}")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert service.hosts == [f"127.0.0.1:{service.server_port}"]


def test_another_status_is_unhealthy(service):
    done = check("--address", f"127.0.0.1:{service.server_port}", "--path", "/readyz")
    assert done.returncode == 1 and "503" in done.stderr


def answering(data):
    """A port that answers each connection with `data`, or with silence for None."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = listener.accept()
        with connection, contextlib.suppress(ConnectionError):
            if data is None:
                time.sleep(3)
            else:
                connection.recv(1000)
                connection.sendall(data)

    threading.Thread(target=serve, daemon=True).start()
    return listener


STRANGE = [b"", b"200", b"SSH-2.0-x\r\n", b"HTTP/1.1 20", b"HTTP/1.1 500 no\r\n\r\n", b"\x1b[2J\xff" * 50_000]


@pytest.mark.parametrize("data", STRANGE, ids=lambda data: repr(data[:12]))
def test_what_is_no_answer_of_ours_is_unhealthy_and_never_a_trap(data):
    with answering(data) as listener:
        done = check("--address", f"127.0.0.1:{listener.getsockname()[1]}")
    assert done.returncode == 1 and done.stderr.startswith("synprobe: unhealthy")
    assert "\x1b" not in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize("end", [b"\r\n\r\n", b"\r\nContent-Length: 2\r\n\r\nok", b"\n"])
def test_a_service_that_keeps_the_connection_open_is_healthy(end):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        kept = []

        def serve():
            kept.append(listener.accept()[0])
            kept[0].recv(1000)
            kept[0].sendall(b"HTTP/1.1 200 OK" + end)

        thread = threading.Thread(target=serve)
        thread.start()
        done = check("--address", f"127.0.0.1:{listener.getsockname()[1]}")
        thread.join()
        kept[0].close()
    assert (done.returncode, done.stderr) == (0, "")


def test_silence_is_unhealthy_within_the_timeout():
    with answering(None) as listener:
        began = time.monotonic()
        done = check("--address", f"127.0.0.1:{listener.getsockname()[1]}", "-W", "300ms")
        assert done.returncode == 1 and "timed out" in done.stderr and time.monotonic() - began < 1


def test_nobody_there_is_unhealthy():
    done = check("--address", "127.0.0.1:9")
    assert done.returncode == 1 and "refused" in done.stderr


@pytest.mark.parametrize("arguments", [
    ["--address", "localhost:80"], ["--address", "127.0.0.1"], ["--path", "livez"], ["--path", "/a\r\nX: y"], ["-W", "5"]])
def test_bad_input_is_said_and_nothing_is_asked(arguments):
    done = check(*arguments)
    assert done.returncode == 64 and done.stderr.count("\n") == 1


def test_a_service_without_tls_or_without_a_word_is_unhealthy_over_tls(service):
    done = check("--tls", "--address", f"127.0.0.1:{service.server_port}")
    assert done.returncode == 1 and done.stderr.startswith("synprobe: unhealthy: ") and done.stderr.count("\n") == 1
    with answering(None) as listener:
        began = time.monotonic()
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        assert check("--tls", "--address", address, "-W", "300ms").returncode == 1
        assert time.monotonic() - began < 2
    assert check("--tls", "--address", "127.0.0.1:1").returncode == 1
