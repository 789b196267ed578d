"""Least privilege: what each start may do, what is in force in every thread, and what a refusal says."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

import lab
import pytest

REFUSE = pathlib.Path(__file__).parent / "refuse.py"
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
NET_RAW = 1 << 13


@pytest.fixture
def program():
    """A copy of the command that anyone may run, to give file capabilities or a set-user-ID bit."""
    folder = tempfile.mkdtemp(dir="/tmp")
    os.chmod(folder, 0o755)
    yield shutil.copy(lab.SYNPROBE, folder)
    shutil.rmtree(folder)


STARTS = {
    "root": [],
    "root with NET_RAW only": ["setpriv", "--bounding-set=-all,+net_raw"],
    "+p": NOBODY,
    "+ep": NOBODY,
    "ambient": [
        "setpriv", "--inh-caps=-all,+net_raw", "--ambient-caps=-all,+net_raw", "--bounding-set=-all,+net_raw",
        "--reuid=65534", "--clear-groups"],
}


def start(web, program, name, *arguments):
    if name.startswith("+"):
        lab.sh(["setcap", f"cap_net_raw{name}", program])
    return web.client.start(*STARTS[name], program, *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def threads(pid):
    """The status of each thread, as a dictionary."""
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        lines = (task / "status").read_text().splitlines()
        yield {key: value.strip() for key, value in (line.split(":", 1) for line in lines)}


@pytest.mark.parametrize("name", STARTS)
def test_it_probes_by_syn_with_nothing_in_force_in_any_thread(web, program, name):
    run = start(web, program, name, "192.0.2.2:8080", "-c", "8", "-i", "100ms", "-o", "json")
    time.sleep(0.4)
    found = list(threads(run.pid))
    report = json.loads(run.communicate(timeout=20)[0])
    assert report["mode"] == "syn" and report["outcomes"]["open"] == 8
    assert len(found) >= 2
    for thread in found:
        assert int(thread["CapEff"], 16) == 0, thread["Name"]
        assert int(thread["CapPrm"], 16) | NET_RAW == NET_RAW
        assert int(thread["CapInh"], 16) == int(thread["CapAmb"], 16) == 0
        assert thread["NoNewPrivs"] == "1"


@pytest.mark.parametrize("name", STARTS)
def test_a_capture_is_opened_again_after_the_drop(web, program, name):
    """The device goes and comes back: the thread that kept CAP_NET_RAW raises it once more."""
    run = start(web, program, name, "192.0.2.2:8080", "-c", "30", "-i", "100ms", "-W", "500ms", "-o", "json")
    time.sleep(0.5)
    web.client.ip("link del c0")
    remake(web)
    report = json.loads(run.communicate(timeout=20)[0])
    lab.check_identity(report)
    last = report["probes"][-5:]
    assert [probe["outcome"] for probe in last] == ["open"] * 5
    assert all("network_ms" in probe for probe in last), "the new capture stamps arrivals"


def remake(web):
    web.client.ip(f"link add c0 type veth peer name p0 netns {web.peer.name}")
    for space, device, number in (web.client, "c0", 1), (web.peer, "p0", 2):
        space.ip(f"addr add 192.0.2.{number}/24 dev {device}")
        space.ip(f"link set {device} up")


def test_a_connect_that_needs_no_privilege_keeps_none(web):
    run = web.client.start(
        lab.SYNPROBE, "192.0.2.2:8080", "-m", "connect", "-c", "8", "-i", "100ms", "-q", stdout=subprocess.PIPE)
    time.sleep(0.4)
    assert {int(thread["CapPrm"], 16) for thread in threads(run.pid)} == {0}
    assert run.wait(timeout=10) == 0


@pytest.mark.parametrize("mode", ["syn", "connect"])
def test_a_mark_and_a_low_port_are_set_with_what_is_raised_for_them(web, mode):
    report = web.client.probe(
        "192.0.2.2:8080", "-m", mode, "--mark", "7", "--source-port", "1023", "-c", "2", "-i", "20ms")
    assert report["outcomes"]["open"] == 2
    assert {probe["source_port"] for probe in report["probes"]} == {1023}


def test_a_set_user_id_start_is_refused(web, program):
    os.chown(program, 0, 0)
    os.chmod(program, 0o4755)
    done = web.client.run(*NOBODY, program, "192.0.2.2:8080", "-c", "1", check=False)
    assert done.returncode == 77 and done.stdout == ""
    assert "set-user-ID" in done.stderr and "setcap cap_net_raw+p" in done.stderr


def test_capabilities_that_cannot_be_given_up_end_it(web):
    under = [lab.PYTHON, REFUSE, "capset:EPERM", "--", lab.SYNPROBE, "192.0.2.2:8080", "-c", "1"]
    done = web.client.run(*under, check=False)
    assert done.returncode == 71 and done.stdout == "" and "cannot give up capabilities" in done.stderr
    assert web.client.run(*NOBODY, *under).returncode == 0, "nothing was in force"


def test_a_huge_environment_and_a_preload_change_nothing(web, program):
    lab.sh(["setcap", "cap_net_raw+p", program])
    big = {f"SYN_{number}": "x" * 100_000 for number in range(10)}
    done = web.client.run(
        *NOBODY, program, "192.0.2.2:8080", "-c", "1", "-o", "json",
        env=os.environ | big | {"LD_PRELOAD": "/nonexistent.so", "LD_LIBRARY_PATH": "/nonexistent"})
    assert json.loads(done.stdout)["outcomes"]["open"] == 1


@pytest.mark.parametrize("rule, words", [
    ("socket:0=17:EPERM", ["socket(AF_PACKET", "AF_PACKET alone is refused", "Operation not permitted"]),
    ("socket:0=17:EAFNOSUPPORT", ["socket(AF_PACKET", "RestrictAddressFamilies", "Address family not supported"]),
])
def test_a_refused_packet_socket_is_named_with_what_helps(web, rule, words):
    under = [lab.PYTHON, REFUSE, rule, "--"]
    done = web.client.run(*under, lab.SYNPROBE, "192.0.2.2:8080", "-m", "syn", check=False)
    assert done.returncode == 77 and done.stdout == ""
    for word in words:
        assert word in done.stderr
    done = web.client.run(*under, lab.SYNPROBE, "192.0.2.2:8080", "-c", "2", "-i", "20ms", "-o", "json")
    assert json.loads(done.stdout)["mode"] == "connect"
    assert done.stderr.count("\n") == 1 and "socket(AF_PACKET" in done.stderr


@pytest.mark.parametrize("rule, word", [
    ("setsockopt:1=1:2=37:ENOPROTOOPT", "SO_TIMESTAMPING"),
    ("setsockopt:1=263:2=5:ENOPROTOOPT", "PACKET_RX_RING"),
])
def test_a_kernel_like_gvisors_is_measured_by_connect(web, rule, word):
    under = [lab.PYTHON, REFUSE, rule, "--"]
    done = web.client.run(*under, lab.SYNPROBE, "192.0.2.2:8080", "-c", "2", "-i", "20ms", "-o", "json")
    assert json.loads(done.stdout)["mode"] == "connect"
    assert done.stderr.count("\n") == 1 and word in done.stderr
    done = web.client.run(*under, lab.SYNPROBE, "192.0.2.2:8080", "-m", "syn", check=False)
    assert done.returncode == 71 and word in done.stderr


def test_root_of_a_user_namespace_without_its_network_falls_back(web):
    done = web.client.run("unshare", "-Ur", lab.SYNPROBE, "192.0.2.2:8080", "-c", "2", "-i", "20ms", "-o", "json")
    assert json.loads(done.stdout)["mode"] == "connect"


def test_root_of_a_user_namespace_with_a_network_of_its_own_probes_by_syn(web):
    done = web.client.run(
        "unshare", "-Urn", "sh", "-c", f"ip link set lo up && {lab.SYNPROBE} -c 2 -i 20ms")
    assert "2 open; mode syn" in done.stdout


def test_a_read_only_root_without_tmp_home_and_user_name_is_enough(web):
    command = f"""set -e
      mount -t tmpfs none /mnt; cp {lab.SYNPROBE} /mnt/program; mount -o remount,ro /mnt
      mount -o remount,bind,ro /; mount -t tmpfs -o ro none /tmp; cd /
      ! touch /root/x /tmp/x /mnt/x 2>/dev/null
      exec env -i setpriv --reuid=1234567 --clear-groups /mnt/program 192.0.2.2:8080 -c 2 -i 20ms -q"""
    done = web.client.run("unshare", "-m", "sh", "-c", command)
    assert "2 open; mode connect" in done.stdout


@pytest.mark.parametrize("before, rate, policy", [
    ([], "1000", os.SCHED_FIFO), (["setpriv", "--bounding-set=-sys_nice"], "1000", os.SCHED_OTHER), ([], "100000", os.SCHED_OTHER),
    (["nice", "-n", "5"], "1000", os.SCHED_OTHER), (["chrt", "-b", "0"], "1000", os.SCHED_BATCH)])
def test_a_sweep_that_mostly_waits_has_its_turn_at_once_where_that_is_permitted(web, before, rate, policy):
    run = web.client.start(*before, lab.SYNPROBE, "sweep", "-p", "8080", "192.0.2.2", "--rate", rate, "-W", "2s", "--retries", "0",
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        first = run.stdout.readline()  # By then all of its threads are there.
        found = {int(name): os.sched_getscheduler(int(name)) & ~os.SCHED_RESET_ON_FORK for name in os.listdir(f"/proc/{run.pid}/task")}
        held = {int(thread["CapPrm"], 16) for thread in threads(run.pid)}
    finally:
        run.communicate(timeout=20)
    assert first.startswith("192.0.2.2:8080 open")
    others = [os.SCHED_BATCH if policy == os.SCHED_BATCH else os.SCHED_OTHER] * (len(found) - 1)
    assert found.pop(run.pid) == policy and list(found.values()) == others and others
    assert held == {0, NET_RAW}
