"""`synprobe doctor`: what it finds on hosts of every kind, and in processes that block signals."""
import json
import os
import signal
import subprocess

import lab
import pytest
from lab import PYTHON, SYNPROBE

NOBODY = ["setpriv", "--reuid=65534", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all"]


def host(space, *prefix, status=0, **options):
    done = space.run(*prefix, SYNPROBE, "doctor", "-o", "json", check=False, **options)
    assert done.returncode == status, done.stderr
    assert done.stderr == ""
    report = json.loads(done.stdout)
    assert report["schema"] == "synprobe.doctor/1"
    return report["host"]


def trials(report):
    return {trial["what"]: trial["works"] for trial in report["trials"]}


def test_root_can_probe_by_syn_with_every_stamp(pair):
    report = host(pair.client)
    assert report["mode"] == "syn" and report["privileges"]["source"] == "root"
    assert all(trials(report).values())
    devices = {device["name"]: device for device in report["devices"]}
    assert devices["c0"]["stamps"] == {"queued": True, "sent": True, "received": True, "delivered": True}
    assert report["noise"]["open"] == report["noise"]["probes"] == 100
    assert 0 < report["noise"]["rtt_ms"]["p50"] < 5
    assert report["system"]["kernel"].split()[0] == os.uname().release
    assert report["system"]["libpcap"].startswith("libpcap version")
    assert report["notes"] == []


def test_one_screen_of_text(pair):
    text = pair.client.synprobe("doctor").stdout
    assert text.startswith("synprobe can probe by SYN here, with root's capabilities\n")
    assert len(text.splitlines()) <= 40
    for word in "noise floor", "clock source", "c0", "capture on lo", "rp_filter", "off":
        assert word in text


def test_without_privilege_it_says_what_is_missing_and_measures_by_connect(pair):
    report = host(pair.client, *NOBODY)
    assert report["mode"] == "connect" and report["privileges"]["source"] == "none"
    assert report["privileges"]["user"] == 65534 and report["privileges"]["effective"] == []
    assert not any(trials(report).values())
    assert report["noise"]["mode"] == "connect" and report["noise"]["open"] == 100
    assert "setcap cap_net_raw+p" in report["notes"][0]


def test_ambient_capabilities_are_told_from_roots(pair):
    report = host(
        pair.client, "setpriv", "--inh-caps=-all,+net_raw", "--ambient-caps=-all,+net_raw",
        "--bounding-set=-all,+net_raw", "--reuid=65534", "--clear-groups")
    assert report["mode"] == "syn" and report["privileges"]["source"] == "ambient"
    assert report["privileges"]["ambient"] == ["net_raw"]


def test_a_filter_of_system_calls_and_a_refused_packet_socket_are_found(pair):
    report = host(pair.client, PYTHON, lab.HERE / "refuse.py", "socket:0=17:EPERM", "--")
    assert report["privileges"]["seccomp"] == "filter" and report["privileges"]["no_new_privs"]
    assert trials(report)["raw socket (IPv4)"] and not trials(report)["packet socket with a ring"]
    assert report["mode"] == "connect"
    assert any("AF_PACKET alone is refused" in note for note in report["notes"])


def test_shapers_and_ingress_filters_on_own_devices_are_named(pair):
    pair.client.tc("qdisc add dev c0 root tbf rate 10mbit burst 10000 latency 50ms")
    pair.client.tc("qdisc add dev c0 ingress")
    report = host(pair.client)
    assert any(note.startswith("tbf on c0: measured through it") for note in report["notes"])
    assert any("c0 may have filters for arriving packets" in note for note in report["notes"])


def test_shaping_behind_a_redirection_is_the_ingress(pair):
    lab.through_ifb(pair.client, "c0", "tbf rate 10mbit burst 10000 latency 50ms")
    notes = host(pair.client)["notes"]
    assert any(note.startswith("tbf on ifb0: measured through it, as the ingress") for note in notes)


def test_a_ring_that_is_refused_is_told_for_what_it_is_and_connect_is_tried(pair):
    report = host(pair.client, PYTHON, lab.HERE / "refuse.py", "setsockopt:1=263:2=5:ENOMEM", "--")
    assert report["mode"] == "connect" and report["noise"]["open"] == 100
    assert "PACKET_RX_RING" in report["reason"] and "AF_PACKET alone" not in report["reason"]


def test_root_whose_raw_sockets_are_refused_is_not_told_to_become_root(pair):
    report = host(pair.client, PYTHON, lab.HERE / "refuse.py", "socket:0=2:1=526339:EPERM", "--")
    assert report["mode"] == "connect" and "held, and refused all the same" in report["reason"]
    assert "run it as root" not in report["reason"]


def test_where_loopback_is_down_it_does_not_claim_to_work(pair):
    pair.client.ip("link set lo down")
    report = host(pair.client, status=1)
    assert report["noise"]["open"] == 0
    assert any("probes to a listener on loopback 0 were answered" in note for note in report["notes"])
    assert pair.client.synprobe("doctor").stdout.startswith("synprobe can open what it needs here, and no probe")


def test_a_reader_that_leaves_is_status_74(pair):
    for _ in range(6):
        done = pair.client.run("bash", "-c", f"{SYNPROBE} doctor | true; echo ${{PIPESTATUS[0]}}")
        assert done.stdout.strip() == "74" and done.stderr == ""


def test_a_strict_path_filter_is_named(pair):
    pair.client.run("sysctl", "-qw", "net.ipv4.conf.c0.rp_filter=1")
    report = host(pair.client)
    assert {device["name"]: device["rp_filter"] for device in report["devices"]}["c0"] == 1
    assert any("rp_filter is strict on c0" in note for note in report["notes"])


def test_a_device_that_is_down_has_no_capture(pair):
    pair.client.ip("link set c0 down")
    device = {device["name"]: device for device in host(pair.client)["devices"]}["c0"]
    assert device["up"] is False and device["stamps"]["received"] is False


def test_a_device_name_that_is_no_utf8_is_shown_and_no_trap(pair):
    subprocess.run([b"ip", b"-n", pair.client.name.encode(), b"link", b"add", b"x\xff\x1b0", b"type", b"veth"], check=True)
    report = host(pair.client)
    assert any("\ufffd" in device["name"] for device in report["devices"])
    assert pair.client.synprobe("doctor").returncode == 0


def test_signals_that_it_was_started_with_are_reported(pair):
    script = (
        "import os, signal, sys; signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65));"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])")
    done = pair.client.run(PYTHON, "-c", script, SYNPROBE, "doctor", "-o", "json")
    signals = json.loads(done.stdout)["host"]["signals"]
    assert "SIGALRM" in signals["blocked"] and len(signals["blocked"]) >= 60
    assert "SIGHUP" in signals["ignored"]


def test_without_proc_and_sys_it_says_less_and_does_not_fail(pair):
    done = pair.client.run(
        "unshare", "-m", "sh", "-c", f"umount -l /sys; umount -l /proc; exec {SYNPROBE} doctor")
    assert "can probe by SYN here" in done.stdout and "clock source unknown" in done.stdout
    assert "effective   unknown" in done.stdout and "signals blocked unknown" in done.stdout


def test_the_program_has_nothing_of_the_runtime_that_ends_it_for_want_of_proc():
    symbols = subprocess.run(["nm", "--defined-only", SYNPROBE], capture_output=True, text=True, check=True).stdout
    assert "__wrap__dispatch_workq_worker_register" in symbols, "it is stripped"
    assert "_dispatch_workq_monitor_pools" not in symbols, "libdispatch watches its workers: see Sources/CSyn/csyn_runtime.c"


def test_with_another_users_processes_hidden_it_says_so(pair):
    command = "mount -t proc -o hidepid=2 proc /proc && exec "
    command += f"{' '.join(NOBODY)} --regid=65534 {SYNPROBE} doctor --pid 1"
    done = pair.client.run("unshare", "-m", "sh", "-c", command, check=False)
    assert done.returncode == 71 and "hidepid" in done.stderr and done.stdout == ""


@pytest.mark.parametrize("pid, word", [("0", "not the number"), ("-5", "pid"), ("4194305", "no process"), ("x", "x")])
def test_what_is_no_process_is_bad_input(pair, pid, word):
    done = pair.client.synprobe("doctor", "--pid", pid)
    assert done.returncode == 64 and done.stdout == "" and word in done.stderr


def examined(pid):
    done = subprocess.run([SYNPROBE, "doctor", "--pid", str(pid), "-o", "json"], capture_output=True, text=True, timeout=10)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["process"]


def test_blocked_ignored_caught_and_pending_signals_of_a_process_have_names():
    script = (
        "import os, signal; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGALRM]);"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN); signal.signal(signal.SIGUSR1, lambda *_: None);"
        "os.kill(os.getpid(), signal.SIGTERM); print('ready', flush=True); signal.pause()")
    child = subprocess.Popen([PYTHON, "-c", script], stdout=subprocess.PIPE)
    try:
        child.stdout.readline()
        report = examined(child.pid)
        thread = report["threads"][0]
        assert thread["blocked"] == ["SIGALRM", "SIGTERM"] and "SIGHUP" in thread["ignored"]
        assert "SIGUSR1" in thread["caught"] and thread["pending"] == ["SIGTERM"]
        assert any("SIGTERM was sent" in finding for finding in report["findings"])
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()


def test_a_real_uwsgi_with_threads_is_told_what_hping3_would_do(pair, tmp_path):
    """The trap that this project began with: all threads but the first block every signal."""
    (tmp_path / "app.py").write_text("def application(env, start):\n    start('200 OK', [])\n    return [b'ok']\n")
    server = pair.client.start(
        "uwsgi", "--plugins", "python3", "--http-socket", "127.0.0.1:8000", "--wsgi-file", tmp_path / "app.py",
        "--threads", "16", "--master", "--die-on-term", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    lab.wait_until(lambda: "8000" in pair.client.run("ss", "-Hltn").stdout)

    def workers():
        pids = lab.sh(["ip", "netns", "pids", pair.client.name]).stdout.split()
        return [report for report in map(examined, pids) if len(report["threads"]) >= 16]

    lab.wait_until(workers)
    worker = workers()[0]
    count = len(worker["threads"])
    assert worker["name"].startswith("uwsgi")
    assert f"{count - 1} of {count} threads block SIGALRM: a child started from them inherits that; hping3 would hang" in (
        worker["findings"])
    text = subprocess.run([SYNPROBE, "doctor", "--pid", str(worker["pid"])], capture_output=True, text=True).stdout
    assert "hping3 would hang" in text and "blocked  all" in text
    server.terminate()
    server.wait(timeout=10)
