"""The service under a mixed load for a while: its memory and its descriptors must stay flat. soak.py SECONDS

It is asked for distinct targets as fast as it answers: once all of them have been asked, however long that took, its memory must
not rise any more in two more rounds. Every second it is asked for good, lost and denied targets, by clients that stay and clients that leave; a row is printed
every tenth of the time. The first third is for warming up. Only namespaces of its own.
"""
import pathlib
import random
import re
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
# Each request has a target of its own: 131 072 of them, at addresses that are all the peer's.
TARGETS = 131_072
ROUNDS_AFTER, MOST_ROUNDS = 2, 40
DISTINCT = """
local count
init = function(arguments) count = tonumber(arguments[1]) end
request = function()
  count = count + 1
  local number = count % 131072
  return wrk.format("GET", string.format("/v1/ping?target=198.18.%d.%d:%d&count=1&timeout=200ms",
    math.floor(number / 256) % 256, number % 256, 90 + math.floor(number / 65536)))
end
"""


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


def ask_distinct(service, folder, seconds):
    """Asks for as many distinct targets as there are, and prints what that made of the memory."""
    script = pathlib.Path(folder) / "distinct.lua"
    script.write_text(DISTINCT)
    rows, asked_in_all = [], 0
    for number in range(MOST_ROUNDS):
        done = service.space.run("wrk", "-t1", "-c16", f"-d{max(seconds // 20, 5)}s", "-s", script, "http://127.0.0.1:9115", "--",
                                 asked_in_all, timeout=seconds + 60)
        asked = int(re.search(r"(\d+) requests in", done.stdout)[1])
        assert "Non-2xx" not in done.stdout, done.stdout
        asked_in_all += asked
        print(f"round {number}  {asked:8} requests of {TARGETS} distinct targets  {service.resident / 1e6:7.1f} MB", flush=True)
        if asked_in_all >= TARGETS:
            rows.append(service.resident)
        if len(rows) > ROUNDS_AFTER:
            return max(rows) - rows[0]
    raise AssertionError(f"only {asked_in_all} requests were answered in {MOST_ROUNDS} rounds")


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
        pair.peer.ip("route add local 198.18.0.0/15 dev lo")
        pair.client.ip("route add 198.18.0.0/15 via 192.0.2.2")
        # It accepts: a queue of connections that nobody takes would be full after some minutes of mode connect.
        accepter = pair.peer.start(lab.compiled(HERE / "accepter.c"), 8080, stdout=subprocess.PIPE)
        assert accepter.stdout.readline() == "ready\n"
        pair.peer.listen("2001:db8::2/8080")
        with tempfile.TemporaryDirectory() as folder:
            service = Service(pair.client, log=pathlib.Path(folder) / "log")
            growth = ask_distinct(service, folder, seconds)
            rows = run(service, seconds)
            lab.wait_until(lambda: service.metric("synprobe_series_in_flight") == 0)
            status, took = service.stop()
    finally:
        pair.close()
    warm = rows[len(rows) // 3:]
    memory = max(row[0] for row in warm[len(warm) // 2:]) - max(row[0] for row in warm[: len(warm) // 2])
    descriptors = warm[-1][1] - warm[0][1]
    is_flat = max(memory, growth) < ALLOWED_GROWTH and descriptors < 20 and status == 0
    print(f"soak: {'flat' if is_flat else 'NOT FLAT'}: memory {memory / 1e6:+.1f} MB, over distinct targets {growth / 1e6:+.1f} MB,"
          f" descriptors {descriptors:+}, ended in {took:.2f} s with status {status}")
    return not is_flat


if __name__ == "__main__":
    sys.exit(main())
