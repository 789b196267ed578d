"""The service under load, beside prometheus-blackbox-exporter's tcp_connect in the same run. Prints Markdown.

load.py [SECONDS]: wrk with 64 connections on one target for so long (20), then 10 000 requests over 1 000 targets, each of
whose answers must be the asked target's own. Only namespaces of its own; the service and its clients share one of them.
"""
import contextlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile

from table import Table, lab

HERE = pathlib.Path(__file__).resolve().parent

PING = "http://127.0.0.1:9115/v1/ping?target={}&count=1&timeout=1s"
PROBE = "http://127.0.0.1:9115/probe?target={}&module=one"
BLACKBOX = "http://127.0.0.1:9116/probe?target={}&module=tcp_connect"
MODULES = "modules:\n  one:\n    count: 1\n    timeout: 1s\n"
BLACKBOX_MODULES = "modules:\n  tcp_connect:\n    prober: tcp\n    timeout: 1s\n"
CONNECTIONS = 64


class Service:
    """synprobe and blackbox_exporter in the client's namespace, 1 000 addresses in the peer's: their port 8080 is open, and
    8081 is closed."""

    def __init__(self, folder):
        self.pair = lab.Pair()
        self.client, peer = self.pair.client, self.pair.peer
        self.client.ip("route add 198.18.0.0/22 via 192.0.2.2")
        peer.ip("route add local 198.18.0.0/22 dev lo")
        for space in self.client, peer:
            space.run("sysctl", "-qw", "net.core.somaxconn=4096", "net.ipv4.tcp_tw_reuse=1")
        accepter = peer.start(lab.compiled(HERE / "accepter.c"), 8080, stdout=subprocess.PIPE)
        assert accepter.stdout.readline() == "ready\n"
        own, other = folder / "synprobe.yaml", folder / "blackbox.yaml"
        own.write_text(MODULES)
        other.write_text(BLACKBOX_MODULES)
        self.log = open(folder / "log", "w")
        self.synprobe = self.client.start(
            lab.SYNPROBE, "serve", "--config", own, stdout=self.log, stderr=self.log)
        self.blackbox = self.client.start(
            "prometheus-blackbox-exporter", f"--config.file={other}", "--web.listen-address=127.0.0.1:9116",
            "--log.level=error", stdout=self.log, stderr=self.log)
        for port in 9115, 9116:
            lab.wait_until(lambda: self.client.run("curl", "-sf", f"http://127.0.0.1:{port}/-/healthy", check=False)
                           .returncode == 0)

    def close(self):
        self.pair.close()
        self.log.close()


def wrk(service, url, seconds):
    text = service.client.run(
        "wrk", "-t2", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", url, timeout=seconds + 30).stdout
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    errors = sum(map(int, re.findall(r"(?:connect|read|write|timeout) (\d+)", text)))
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    return rate, float(number) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit], errors + int(refused[1] if refused else 0)


CLIENT = """
import asyncio, json, sys, time
template, count, connections, kind = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
host, port = template.split('/')[2].split(':')
path = '/' + template.split('/', 3)[3]
targets = [(f'198.18.{n // 250}.{n % 250 + 1}', 8080 + n % 2) for n in range(1000)]
queue = iter(range(count))
times, wrong, errors = [], 0, 0

def is_right(address, port, status, body):
    is_open = port == 8080
    if kind == 'metrics':
        return status == 200 and f'probe_success {int(is_open)}\\n' in body
    report = json.loads(body)
    wanted = 'open' if is_open else 'closed'
    return (status == 200 and report['target'] == {'input': f'{address}:{port}', 'address': address, 'port': port}
            and report['attempted'] == 1 == report['outcomes'][wanted])

async def work():
    global wrong, errors
    reader, writer = await asyncio.open_connection(host, int(port))
    for number in queue:
        address, target_port = targets[number * 7 % 1000]
        began = time.monotonic()
        writer.write(f'GET {path.format(f"{address}:{target_port}")} HTTP/1.1\\r\\nHost: {host}\\r\\n\\r\\n'.encode())
        try:
            head = (await reader.readuntil(b'\\r\\n\\r\\n')).decode().lower()
            length = int(head.split('content-length:')[1].split('\\r\\n')[0])
            body = (await reader.readexactly(length)).decode()
        except Exception:
            errors += 1
            reader, writer = await asyncio.open_connection(host, int(port))
            continue
        times.append(time.monotonic() - began)
        wrong += not is_right(address, target_port, int(head.split()[1]), body)
    writer.close()

async def main():
    began = time.monotonic()
    await asyncio.gather(*(work() for _ in range(connections)))
    took = time.monotonic() - began
    times.sort()
    print(json.dumps({'rate': len(times) / took, 'p99': times[int(len(times) * 0.99)] * 1e3, 'wrong': wrong,
                      'errors': errors, 'answers': len(times)}))

asyncio.run(main())
"""


def spread(service, template, kind, count=10_000):
    """Asks for 1 000 targets in turn; what came back, and how many answers were not the asked target's own."""
    return json.loads(service.client.run(
        lab.PYTHON, "-c", CLIENT, template, count, CONNECTIONS, kind, timeout=300).stdout)


@contextlib.contextmanager
def running():
    with tempfile.TemporaryDirectory() as folder:
        service = Service(pathlib.Path(folder))
        try:
            yield service
        finally:
            service.close()


def main():
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with running() as service:
        table = Table("load", ["what is asked", "of what", "requests/s:", "p99 ms:", "errors:", "wrong answers:", "of its rate:"])
        asked = f"one target, {CONNECTIONS} connections, {seconds} s"
        other = wrk(service, BLACKBOX.format("192.0.2.2:8080"), seconds)
        for name, url in ("synprobe /v1/ping?count=1", PING), ("synprobe /probe, count 1", PROBE):
            rate, p99, errors = wrk(service, url.format("192.0.2.2:8080"), seconds)
            table.row(asked, name, f"{rate:.0f}", f"{p99:.2f}", errors, "", f"{rate / other[0]:.2f}")
        table.row(asked, "blackbox_exporter tcp_connect", f"{other[0]:.0f}", f"{other[1]:.2f}", other[2], "", "1")
        asked, rates = "10 000 requests, 1 000 targets", {}
        for name, url, kind in ("blackbox_exporter tcp_connect", BLACKBOX, "metrics"), (
                "synprobe /v1/ping?count=1", PING, "json"), ("synprobe /probe", PROBE, "metrics"):
            result = spread(service, url, kind)
            rates[name] = result["rate"]
            table.row(asked, name, f"{result['rate']:.0f}", f"{result['p99']:.2f}", result["errors"], result["wrong"],
                      f"{result['rate'] / rates['blackbox_exporter tcp_connect']:.2f}")
        table.end("blackbox_exporter", "wrk")


if __name__ == "__main__":
    main()
