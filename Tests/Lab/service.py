"""The HTTP service in a namespace of the lab, and clients beside it."""
import ctypes
import http.client
import json
import os
import re
import socket
import subprocess
import time

import lab

_libc = ctypes.CDLL(None, use_errno=True)
NEW_NETWORK = 0x40000000
HOST = b"Host: localhost\r\n"


def socket_in(space, family=socket.AF_INET):
    """A TCP socket of another network namespace: a socket stays where it was made."""
    own = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    other = os.open(f"/run/netns/{space.name}", os.O_RDONLY)
    try:
        assert _libc.setns(other, NEW_NETWORK) == 0, os.strerror(ctypes.get_errno())
        try:
            return socket.socket(family, socket.SOCK_STREAM)
        finally:
            assert _libc.setns(own, NEW_NETWORK) == 0
    finally:
        os.close(own)
        os.close(other)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)


class Service:
    """`synprobe serve ARGUMENTS` in a namespace; clients come from `space`, the same one unless told."""

    def __init__(self, space, *arguments, log, address="127.0.0.1", port=9115, wrapper=(), environment=None):
        self.space, self.address, self.port, self.log_path = space, address, port, log
        self.log_file = open(log, "w")
        self.process = space.start(
            *wrapper, lab.SYNPROBE, "serve", *arguments, stdout=self.log_file, stderr=self.log_file,
            env={**os.environ, **(environment or {})})
        lab.wait_until(lambda: self.events("listening") or self.process.poll() is not None)
        assert self.process.poll() is None, log.read_text()

    @property
    def log(self):
        """The lines of the log; each must be a JSON object with a time, a level and an event."""
        lines = [json.loads(line) for line in self.log_path.read_text().split("\n") if line.endswith("}")]
        assert all(list(line)[:3] == ["time", "level", "event"] for line in lines)
        return lines

    def events(self, event):
        return [line for line in self.log if line["event"] == event]

    def connect(self, space=None, timeout=15):
        family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        client = socket_in(space or self.space, family)
        client.settimeout(timeout)
        client.connect((self.address, self.port))
        return client

    def request(self, method, path, headers=None, body=None, space=None, timeout=15):
        connection = http.client.HTTPConnection(self.address, self.port)
        with self.connect(space, timeout) as connection.sock:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def ask(self, path):
        """Sends a request and returns its connection, before the answer."""
        client = self.connect()
        client.sendall(b"GET " + path.encode() + b" HTTP/1.1\r\n" + HOST + b"\r\n")
        return client

    def raw(self, data, timeout=15, ends=False):
        """Sends octets, closes its side where it `ends`, and reads until the service closes, or `timeout`."""
        with self.connect(timeout=timeout) as client:
            client.sendall(data)
            if ends:
                client.shutdown(socket.SHUT_WR)
            return read_all(client)

    def curl(self, path, *arguments):
        return self.space.run("curl", "-sS", "-m", 30, *arguments, f"http://{self.address}:{self.port}{path}")

    def metric(self, name):
        """The value of a metric of /metrics, by its name with labels."""
        found = re.search(rf"^{re.escape(name)} (\S+)$", self.get("/metrics").text, re.M)
        return float(found[1]) if found else None

    @property
    def descriptors(self):
        """Open ones, but for those that keep source ports: there come to be more of those, up to a bound."""
        ports = self.metric("synprobe_source_ports") or 0
        return len(os.listdir(f"/proc/{self.process.pid}/fd")) - int(ports)

    @property
    def resident(self):
        return int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{self.process.pid}/status").read())[1]) * 1024

    @property
    def cpu_seconds(self):
        fields = open(f"/proc/{self.process.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self, number=15, within=5):
        """Ends it by a signal; the status, and how long it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        status = self.process.wait(timeout=within)
        self.log_file.close()
        return status, time.monotonic() - began


def statuses(data):
    """Of all answers in these octets."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})", data)]


def read_all(client):
    data = b""
    try:
        while chunk := client.recv(65536):
            data += chunk
    except (ConnectionResetError, TimeoutError):
        pass
    return data


def problem(answer, status, kind):
    """An answer is the problem that it must be, and its type is one that the service explains."""
    assert answer.status == status, (answer.status, answer.body)
    assert answer.headers["Content-Type"] == "application/problem+json"
    found = answer.json
    assert found["status"] == status and found["type"] == f"/problems/{kind}", found
    assert found["title"] and found["detail"] and set(found) <= {"type", "title", "status", "detail", "parameter"}
    return found


def run_to_end(space, *arguments, environment=None, **options):
    """A service that is expected to leave at once."""
    return space.run(lab.SYNPROBE, "serve", *arguments, check=False, timeout=20,
                     env={**os.environ, **(environment or {})}, **options)
