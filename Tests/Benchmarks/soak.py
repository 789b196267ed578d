"""The service under a mixed load for a while: its memory and its descriptors must stay flat. soak.py SECONDS

Every second it is asked for good, lost and denied targets, by clients that stay and clients that leave; a row is printed
every tenth of the time. The first third is for warming up. Only namespaces of its own.
"""
import pathlib
import random
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Lab"))
import lab  # noqa: E402
from service import Service  # noqa: E402

HOST = b"Host: localhost\r\n\r\n"
PATHS = ["/v1/ping?target=192.0.2.2:8080&count=10&interval=1ms", "/v1/ping?target=192.0.2.2:82&count=3&interval=1ms",
         "/v1/ping?target=192.0.2.2:81&count=5&interval=1ms&timeout=50ms", "/v1/ping?target=127.0.0.1:80", "/metrics",
         "/probe?target=192.0.2.2:8080", "/probe?target=[2001:db8::2]:8080", "/nowhere", "/openapi.json",
         "/v1/ping?target=192.0.2.2:8080&mode=connect&count=3&interval=1ms", "/v1/ping?target=192.0.2.2:8080&count=0"]
ALLOWED_GROWTH = 8 << 20


def leave(service, generator):
    """Clients that ask for long probes, or half a request, and go."""
    clients = [service.connect() for _ in range(10)]
    for client in clients:
        client.sendall(generator.choice([
            b"GET /v1/ping?target=192.0.2.2:81&count=100&interval=10ms&timeout=20s HTTP/1.1\r\n" + HOST,
            b"GET /livez HTTP/1.1\r\nX: ", b"\x16\x03\x01", b""]))
    time.sleep(0.02)
    for client in clients:
        client.close()


def run(service, seconds):
    generator = random.Random(6)
    rows, began, asked = [], time.monotonic(), 0
    while (elapsed := time.monotonic() - began) < seconds:
        for path in generator.sample(PATHS, len(PATHS)):
            answer = service.get(path)
            assert path != PATHS[0] or answer.json["outcomes"]["open"] == 10, answer.body
            asked += 1
        leave(service, generator)
        if elapsed >= len(rows) * seconds / 10:
            rows.append((service.resident, service.descriptors))
            print(f"{elapsed:6.0f} s  {asked:8} requests  {rows[-1][0] / 1e6:7.1f} MB  {rows[-1][1]:5} descriptors", flush=True)
        if int(elapsed) % 5 == 0:
            service.process.send_signal(1)  # A reload now and then.
    return rows


def main():
    seconds = int(sys.argv[1])
    pair = lab.Pair()
    try:
        pair.peer.nft("input tcp dport 81 drop")
        # It accepts: a queue of connections that nobody takes would be full after some minutes of mode connect.
        accepter = pair.peer.start(lab.compiled(HERE / "accepter.c"), 8080, stdout=subprocess.PIPE)
        assert accepter.stdout.readline() == "ready\n"
        pair.peer.listen("2001:db8::2/8080")
        with tempfile.TemporaryDirectory() as folder:
            service = Service(pair.client, log=pathlib.Path(folder) / "log")
            rows = run(service, seconds)
            lab.wait_until(lambda: service.metric("synprobe_series_in_flight") == 0)
            status, took = service.stop()
    finally:
        pair.close()
    warm = rows[len(rows) // 3:]
    memory = max(row[0] for row in warm[len(warm) // 2:]) - max(row[0] for row in warm[: len(warm) // 2])
    descriptors = warm[-1][1] - warm[0][1]
    print(f"soak: {'flat' if memory < ALLOWED_GROWTH and descriptors < 20 and status == 0 else 'NOT FLAT'}: memory"
          f" {memory / 1e6:+.1f} MB, descriptors {descriptors:+}, ended in {took:.2f} s with status {status}")
    return not (memory < ALLOWED_GROWTH and descriptors < 20 and status == 0)


if __name__ == "__main__":
    sys.exit(main())
