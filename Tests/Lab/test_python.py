"""The Python module, from its wheel in a clean environment: results, errors, threads, fork, and leaving."""
import functools
import json
import os
import signal
import subprocess
import sys
import time

import lab
import pytest

TARGET = ("192.0.2.2", 8080)


@pytest.fixture(scope="session")
def python():
    """A clean environment with nothing but the wheel in it, open to every user."""
    return environment()


@functools.cache
def environment():
    wheel = lab.sh([str(lab.ROOT / "scripts/build-wheel")], timeout=900).stdout.splitlines()[-1]
    folder = lab.scratch()
    folder.chmod(0o755)
    lab.sh([lab.PYTHON, "-m", "venv", str(folder)])
    lab.sh([f"{folder}/bin/pip", "install", "--quiet", "--no-index", wheel], timeout=120)
    return f"{folder}/bin/python"


@pytest.fixture(autouse=True)
def listeners(peer):
    peer.listen("192.0.2.2/8080", *(f"192.0.2.2/{port}" for port in range(9000, 9064)))


def run(client, python, code, status=0, before=(), **options):
    script = f"import os, sys, synprobe\nHOST, PORT = {TARGET!r}\n{code}"
    done = client.run(*before, python, "-X", "dev", "-W", "error", "-c", script, check=False, timeout=options.pop("timeout", 60), **options)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def test_a_result_has_the_members_of_the_json_as_attributes(client, python):
    out = run(client, python, """
r = synprobe.ping(HOST, PORT, count=4, interval="5ms")
assert isinstance(r, synprobe.PingResult) and r.attempted == 4 == r.outcomes.open and r.loss.ratio == 0
assert 0 < r.rtt_ms.min <= r.rtt_ms.p50 <= r.rtt_ms.max < 1000
assert r.segments_ms.network.p50 > 0 and r.timestamps.sent == "kernel" and r.mode == "syn" and r.interface == "c0"
assert [probe.seq for probe in r.probes] == [0, 1, 2, 3] and r.probes[0].where is None and r.probes[0].mss
assert r.target == synprobe.Target("192.0.2.2:8080", "192.0.2.2", 8080)
print(r.json)
""")
    report = json.loads(out)
    assert report["schema"] == "synprobe.ping/1" and len(report["probes"]) == 4


def test_what_was_not_measured_is_none(client, peer, python):
    peer.nft("input tcp dport 81 drop\ninput tcp dport 82 reject with icmp type admin-prohibited")
    run(client, python, """
r = synprobe.ping(HOST, 81, count=2, interval=0.01, timeout=0.1)
assert r.rtt_ms is None and r.segments_ms is None and r.loss.ratio == 1 and r.probes[0].where == "network"
r = synprobe.ping(HOST, 82, count=1)
assert r.outcomes.filtered == 1 and r.probes[0].icmp == synprobe.ICMP(3, 13, HOST)
""")


def test_a_verdict_against_an_earlier_result_and_a_control(client, python):
    run(client, python, """
before = synprobe.ping(HOST, PORT, count=20, interval=0.005)
v = synprobe.verify(HOST, PORT, {"added": "..5ms", "partition": False}, baseline=before, max_time=10)
assert v.confirmed and v.verdict == "confirmed" and v.claims[0].estimate_ms < 5, v
low, high = v.claims[0].interval_ms
assert low <= high and v.baseline.attempted == 20 and v.measurement.outcomes.open > 5
assert synprobe.verify(HOST, PORT, {"clear": True}, baseline=v).verdict == "confirmed"
v = synprobe.verify(HOST, PORT, {"rtt": "90ms..110ms"}, timeout="200ms")
assert not v.confirmed and v.reason.startswith("mismatch: 192.0.2.2:8080: the median round trip is ")
v = synprobe.verify(HOST, PORT, netem="delay 100ms", path="peer", control=(HOST, 9000))
assert [claim.claim for claim in v.claims] == ["added", "where"] and v.verdict == "mismatch"
""")


WRONG = [
    ("ping(HOST, 0)", "ValueError", "port 0 is not a number from 1 to 65535"),
    ("ping(HOST, '80')", "ValueError", "port '80' is not a number"),
    ("ping(HOST, 80, count=0)", "ValueError", "count 0 is out of range"),
    ("ping(HOST, 80, interval='fast')", "ValueError", "interval 'fast' is not a duration: write seconds, or a number and a unit"),
    ("ping(HOST, 80, timeout=float('nan'))", "ValueError", "timeout nan is out of range"),
    ("ping(HOST, 80, interval=-1)", "ValueError", "interval -1 is out of range"),
    ("ping('no.such.invalid', 80)", "synprobe.ResolutionError", "cannot resolve 'no.such.invalid'"),
    ("ping('224.0.0.1', 80)", "ValueError", "224.0.0.1"),
    ("ping(HOST, 80, mode='magic')", "ValueError", "mode 'magic' is none of auto, syn, connect"),
    ("Prober(interface='nope0')", "ValueError", "no interface 'nope0' on this host"),
    ("Prober(source='192.0.2.77')", "ValueError", "source 192.0.2.77 is not an address of this host"),
    ("Prober(ttl=256)", "ValueError", "ttl 256 is out of range: 0 to 255"),
    ("trace(HOST, 80, paths=17)", "ValueError", "paths 17 is out of range: 1 to 16"),
    ("identify(HOST, 80, None)", "ValueError", "baseline is NULL"),
    ("identify(HOST, 80, '{}')", "ValueError", "it is not the JSON of a ping result"),
    ("identify(HOST, 80, '', max_probes=5)", "ValueError", "max_probes 5 is out of range: 20 to 100000"),
    ("verify(HOST, 80)", "ValueError", "nothing is claimed"),
    ("verify(HOST, 80, {'rtt': '100'})", "ValueError", "rtt: '100' is not a range"),
    ("verify(HOST, 80, {'melted': True})", "ValueError", "there is no claim 'melted'"),
    ("verify(HOST, 80, {'clear': True})", "ValueError", "the claim clear needs a baseline"),
    ("verify(HOST, 80, {'rtt': '..1s'}, baseline='{}')", "ValueError", "it is not the JSON of a ping result"),
    ("verify(HOST, 80, {'rtt': '..1s'}, confidence=95)", "ValueError", "confidence 95 is out of range"),
    ("verify(HOST, 80, {'rtt': '..1s'}, max_time=1, timeout=2)", "ValueError", "leaves no time to probe"),
]


@pytest.mark.parametrize("call, kind, words", WRONG, ids=[call for call, _, _ in WRONG])
def test_a_wrong_argument_is_an_exception_of_its_kind(client, python, call, kind, words):
    run(client, python, f"""
try: synprobe.{call}
except {kind} as error: assert {words!r} in str(error), error
else: sys.exit("no exception")
""")


def test_a_prober_is_a_context_manager_with_settings_of_its_own(client, python):
    run(client, python, """
with synprobe.Prober("syn", source_port=41000, interface="c0") as prober:
    assert prober.mode == "syn"
    assert {probe.source_port for probe in prober.ping(HOST, PORT, count=3, interval=0.005).probes} == {41000}
for _ in range(2): prober.close()
try: prober.ping(HOST, PORT)
except synprobe.ProbeError as error: assert "closed" in str(error)
else: sys.exit("a closed prober probes")
""")


def test_a_prober_may_be_closed_while_another_thread_probes(client, python):
    run(client, python, """
import threading, time
prober, seen = synprobe.Prober(), []
def work():
    try: prober.ping(HOST, PORT, count=10000, interval=0.01)
    except synprobe.ProbeError as error: seen.append(str(error))
thread = threading.Thread(target=work); thread.start(); time.sleep(0.2)
began = time.monotonic(); prober.close(); thread.join()
assert time.monotonic() - began < 1 and seen == ["the prober was closed by another thread"]
""")


def test_importing_starts_no_thread_and_the_first_call_one(client, python):
    run(client, python, """
import signal
tasks = lambda: os.listdir("/proc/self/task")
handlers = [signal.getsignal(number) for number in signal.valid_signals()]
assert len(tasks()) == 1
synprobe.ping(HOST, PORT, count=1)
(other,) = set(tasks()) - {str(os.getpid())}
blocked = [line for line in open(f"/proc/self/task/{other}/status") if line.startswith("SigBlk")][0].split()[1]
assert int(blocked, 16) | 0x180040100 == 2**64 - 1
assert handlers == [signal.getsignal(number) for number in signal.valid_signals()]
assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == set()
""")


def test_it_works_with_every_signal_blocked(client, python):
    """The threads of uWSGI are so, and hping3 as their child hangs."""
    run(client, python, """
import signal
signal.pthread_sigmask(signal.SIG_SETMASK, signal.valid_signals())
assert synprobe.ping(HOST, PORT, count=3, interval=0.01).outcomes.open == 3
""")


def test_threads_probe_in_parallel_each_its_own_target(client, python):
    out = run(client, python, """
import concurrent.futures, time
def one(index):
    port = 9000 + index % 64
    r = synprobe.ping(HOST, port, count=3, interval=0.02)
    return r.target.port == port and r.outcomes.open == 3
began = time.monotonic()
assert all(one(index) for index in range(5))
single = (time.monotonic() - began) / 5
began = time.monotonic()
with concurrent.futures.ThreadPoolExecutor(64) as pool: good = list(pool.map(one, range(1000)))
took = time.monotonic() - began
assert all(good) and len(good) == 1000
print(single * 1000 / took)
""")
    # 64 threads in lockstep would be 64 times as fast; the interpreter's own work for each call is one after the other.
    assert float(out) > 16, out


def test_ctrl_c_leaves_promptly_and_ends_the_probes(client, python, tmp_path):
    script = tmp_path / "wait.py"
    script.write_text(f"""
import sys, time, synprobe
print("ready", flush=True)
try: synprobe.ping("192.0.2.2", 8080, count=100000, interval=0.02)
except KeyboardInterrupt: print("interrupted", flush=True)
print(synprobe.ping("192.0.2.2", 8080, count=2, interval=0.01).outcomes.open)
""")
    process = client.start(python, str(script), stdout=subprocess.PIPE)
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.3)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "interrupted\n"
    assert time.monotonic() - began < 0.5
    assert process.communicate(timeout=5)[0] == "2\n" and process.returncode == 0


def test_the_interpreter_may_exit_with_a_live_prober(client, python):
    run(client, python, """
import threading
prober = synprobe.Prober(); prober.ping(HOST, PORT, count=1)
threading.Thread(target=lambda: synprobe.ping(HOST, PORT, count=10000), daemon=True).start()
import time; time.sleep(0.1)
""")


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing_works_by_every_method(client, python, tmp_path, method):
    script = tmp_path / "pool.py"
    script.write_text(f"""
import multiprocessing, synprobe
def one(port):
    return synprobe.ping("192.0.2.2", port, count=2, interval=0.01).outcomes.open
if __name__ == "__main__":
    assert one(8080) == 2
    with multiprocessing.get_context("{method}").Pool(4) as pool:
        assert pool.map(one, range(9000, 9032)) == [2] * 32
    assert one(8080) == 2
""")
    done = client.run(python, str(script), check=False, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_child_may_be_forked_while_threads_probe(client, python):
    run(client, python, """
import threading, time
stop = False
def work():
    while not stop: synprobe.ping(HOST, PORT, count=2, interval=0.002)
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads: thread.start()
for _ in range(20):
    child = os.fork()
    if child == 0:
        import faulthandler; faulthandler.dump_traceback_later(15, exit=True)
        os._exit(0 if synprobe.ping(HOST, PORT, count=2, interval=0.002).outcomes.open == 2 else 1)
    assert os.waitpid(child, 0)[1] == 0
    time.sleep(0.01)
stop = True; [thread.join() for thread in threads]
""")


@pytest.mark.parametrize("module, call", [
    ("synprobe._results", "ping(HOST, PORT, count=1)"), ("re", "ping(HOST, PORT, count=1, timeout='1s')"),
    ("socket", "ping('192.0.514', PORT, count=1)")], ids=["kinds of results", "re", "socket"])
def test_a_child_may_be_forked_while_a_thread_imports_what_is_imported_late(client, python, module, call):
    run(client, python, f"""
import threading, time
class Slow:
    def find_spec(self, name, *_):
        if name == {module!r}: importing.set(); time.sleep(0.5)
importing = threading.Event()
assert {module!r} not in sys.modules
sys.meta_path.insert(0, Slow())
thread = threading.Thread(target=lambda: synprobe.{call})
thread.start()
importing.wait()
child = os.fork()
if child == 0:
    import faulthandler; faulthandler.dump_traceback_later(10, exit=True)
    os._exit(0 if synprobe.{call}.outcomes.open == 1 else 1)
assert os.waitpid(child, 0)[1] == 0
thread.join()
""")


def test_without_the_capability_it_measures_by_connect_and_syn_is_a_permission_error(client, python):
    before = ["setpriv", "--reuid", "65534", "--bounding-set=-all", "--inh-caps=-all"]
    run(client, python, """
assert synprobe.ping(HOST, PORT, count=2, interval=0.01).mode == "connect"
try: synprobe.ping(HOST, PORT, mode="syn")
except PermissionError as error: assert "CAP_NET_RAW" in str(error)
else: sys.exit("no exception")
""", before=before)


def test_the_module_is_typed(python):
    out = lab.sh([python, "-c", "import synprobe, pathlib; print(pathlib.Path(synprobe.__file__).parent)"]).stdout.strip()
    assert os.path.exists(out + "/py.typed") and os.path.exists(out + "/libsynprobe.so")
    code = "import sys, synprobe; print('dataclasses' in sys.modules, synprobe.PingResult.__name__, synprobe.ping.__annotations__['return'])"
    assert lab.sh([python, "-c", code]).stdout == "False PingResult PingResult\n"  # A probe leaves before the kinds of results are made.
