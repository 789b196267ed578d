"""sweep that ends before its end: by a signal, a reader who leaves, a full disk; and what --resume makes of that."""
import json
import os
import pathlib
import re
import signal
import stat
import subprocess
import time

import lab
import pytest
from lab import SYNPROBE
from test_sweep import WIDE, sweep, wide  # noqa: F401


def interrupted(wide, file, number, *arguments):
    """What a sweep printed that was ended by a signal, and what one printed that went on with it."""
    command = ["ip", "netns", "exec", wide.client.name, SYNPROBE, "sweep", "-p", "9000", WIDE, "--rate", "20000", "-W", "300ms",
               "--resume", str(file), "-o", "jsonl", *arguments]
    first = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lines = [first.stdout.readline() for _ in range(30_000)]
    first.send_signal(number)
    rest, errors = first.communicate(timeout=20)
    lines += rest.splitlines(keepends=True)
    # The last line of who was killed may be a part of one.
    first.lines = [line for line in lines if line.endswith("\n")]
    first.errors = errors
    second = wide.client.run(*command[4:], check=False)
    return first, second


@pytest.mark.parametrize("order", [["--seed", "5"], ["--order", "linear"], []])
def test_after_an_interruption_it_goes_on_where_it_was(wide, tmp_path, order):
    file = tmp_path / "state"
    first, second = interrupted(wide, file, signal.SIGINT, *order)
    assert first.returncode == 130 and second.returncode == 0 and not file.exists()
    one = [json.loads(line)["address"] for line in first.lines]
    two = [json.loads(line)["address"] for line in second.stdout.splitlines()]
    assert len(set(one) | set(two)) == 65536 and len(set(one)) == len(one) and len(set(two)) == len(two)
    # In flight is what left in the time of a timeout.
    assert len(set(one) & set(two)) <= 20_000 * 0.4
    assert "without an answer so far" in first.errors


def test_a_device_is_no_file_for_the_state_and_is_still_there(wide, tmp_path):
    device = tmp_path / "null"
    os.mknod(device, 0o600 | stat.S_IFCHR, os.makedev(1, 3))
    done = wide.client.synprobe("sweep", "-p", "9000", "198.18.0.1", "--resume", device)
    assert done.returncode == 64 and "is no regular file" in done.stderr and device.is_char_device()


def test_a_list_whose_line_is_mended_is_gone_on_with(wide, tmp_path):
    """The run with the bad line has swept the lines before in the parts in which the next run meets them."""
    lines = [f"198.18.{number >> 8}.{number & 255}" for number in range(65_536)] + ["198.19.0.1", "198.19.0.2", "here", "198.19.0.3"]
    arguments = ("sweep", "-p", "9000", "-", "--rate", "100000", "-W", "300ms", "-o", "csv", "--resume", tmp_path / "state")
    wide.client.ip("route add 198.19.0.0/24 via 192.0.2.2")
    wide.peer.ip("route add local 198.19.0.0/24 dev lo")
    first = wide.client.synprobe(*arguments, input="\n".join(lines) + "\n")
    assert first.returncode == 64 and "standard input, line 65539" in first.stderr, first.stderr
    lines[-2] = "198.19.0.4"
    second = wide.client.synprobe(*arguments, input="\n".join(lines) + "\n")
    assert second.returncode == 0 and not (tmp_path / "state").exists(), second.stderr
    found = {line.split(",")[0] for line in (first.stdout + second.stdout).splitlines()} - {"address"}
    assert len(found) == 65_540


def test_after_a_kill_nothing_is_lost(wide, tmp_path):
    file = tmp_path / "state"
    first, second = interrupted(wide, file, signal.SIGKILL)
    assert first.returncode == -signal.SIGKILL and second.returncode == 0 and not file.exists()
    one = {json.loads(line)["address"] for line in first.lines}
    two = {json.loads(line)["address"] for line in second.stdout.splitlines()}
    assert len(one | two) == 65536
    # In flight, and since the state was kept the last time.
    assert len(one & two) <= 20_000 * 1.6


def test_a_device_that_is_set_down_and_up_loses_no_line(wide):
    """What answers by then is printed, and what is asked meanwhile was refused by this host."""
    process = wide.client.start(SYNPROBE, "sweep", "-p", "9000", "198.18.0.0/20", "--rate", "1000", "-W", "300ms", "-o", "jsonl",
                                "--only", "all", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    lines = [process.stdout.readline() for _ in range(300)]
    wide.client.ip("link set c0 down")
    time.sleep(0.2)
    wide.client.ip("link set c0 up")
    wide.client.ip(f"route add {WIDE} via 192.0.2.2")
    rest, errors = process.communicate(timeout=20)
    assert process.returncode == 0, errors
    found = [json.loads(line) for line in lines + rest.splitlines()]
    assert len(found) == len({one["address"] for one in found}) == 4096
    assert sum(one["outcome"] == "open" for one in found) > 1000 and {one["outcome"] for one in found} <= {"open", "lost", "blocked"}
    assert re.search(r"^--- \d+ SYNs", errors, re.M)


def started(wide, file, *targets):
    """Begins a sweep, and ends it by a signal when the first answers are there."""
    process = wide.client.start(SYNPROBE, "sweep", "-p", "9000", *targets, "-W", "100ms", "--resume", str(file),
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    for _ in range(300):
        process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130 and json.loads(file.read_text())["settled"] > 0


def test_another_sweep_is_not_gone_on_with(wide, tmp_path):
    file, targets = tmp_path / "state", tmp_path / "targets"
    started(wide, file, "198.18.0.0/22")
    done = sweep(wide.client, "198.18.0.0/24", "--resume", file, status=64)
    assert "is the state of another sweep" in done.stderr and done.stdout == ""
    file.unlink()
    targets.write_text("".join(f"198.18.{number >> 8}.{number & 255}\n" for number in range(1024)))
    started(wide, file, str(targets))
    kept = file.read_text()
    for changed in "198.18.9.9\n" + targets.read_text(), "198.18.0.1\n":
        targets.write_text(changed)
        done = sweep(wide.client, targets, "--resume", file, status=64)
        assert "a list or an exception has changed" in done.stderr and done.stdout == ""
        assert file.read_text() == kept
    file.write_text("{}")
    assert "is not the state of a sweep" in sweep(wide.client, "198.18.0.0/24", "--resume", file, status=64).stderr
    done = sweep(wide.client, "198.18.0.0/24", "--resume", "/nowhere/state", status=74)
    assert "cannot keep the state in /nowhere/state: No such file or directory" in done.stderr


def test_what_was_open_before_the_interruption_counts(wide, tmp_path):
    file = tmp_path / "state"
    started(wide, file, "198.18.0.0/22", "--order", "linear")
    wide.peer.nft("input tcp dport 9000 reject with tcp reset")
    done = sweep(wide.client, "198.18.0.0/22", "--order", "linear", "-W", "100ms", "--resume", file)
    assert "0 open" in done.stderr and not file.exists()


def test_a_reader_who_leaves_ends_it(wide):
    done = wide.client.run("bash", "-c", f"set -o pipefail; {SYNPROBE} sweep -p 9000 {WIDE} | head -n 3", check=False)
    assert done.returncode == 74 and len(done.stdout.splitlines()) == 3
    assert re.search(r"^--- \d+ SYNs in 0\.\d\d s", done.stderr)


def test_a_full_disk_ends_it(wide):
    done = wide.client.run("bash", "-c", f"{SYNPROBE} sweep -p 9000 {WIDE} > /dev/full", check=False)
    assert done.returncode == 74 and "cannot write the results: No space left on device" in done.stderr


def test_nothing_open_is_status_1_and_quiet_says_nothing(wide):
    done = wide.client.synprobe("sweep", "-q", "-p", "9001", "198.18.0.0/30", "-W", "100ms", "-o", "csv")
    assert (done.returncode, done.stderr) == (1, "") and len(done.stdout.splitlines()) == 5


def test_a_terminal_sees_how_far_it_is(wide):
    done = wide.client.run("script", "-qec", f"{SYNPROBE} sweep -p 9000 198.18.0.0/22 -W 100ms >/dev/null", "/dev/null")
    assert re.search(r"\x1b\[K\d+/s, \d+ % of 1024, \d+ answered, 0 drops, \d+ s left", done.stdout)


def test_a_list_that_is_written_slowly_is_waited_for(wide):
    process = wide.client.start(SYNPROBE, "sweep", "-p", "9000", "-", "-W", "100ms", "-o", "jsonl",
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    for number in range(3):
        process.stdin.write(f"198.18.0.{number}\n")
        process.stdin.flush()
        time.sleep(0.15)
    found, errors = process.communicate("198.18.0.3")
    assert sorted(json.loads(line)["address"] for line in found.splitlines()) == [f"198.18.0.{last}" for last in range(4)]
    assert process.returncode == 0 and "4 open" in errors


def test_a_narrow_link_slows_a_sweep_and_no_target_is_settled_before_its_syn_has_left(wide):
    """The queue has room for some forty SYNs, and takes more than a wait to let those out that are under way."""
    wide.client.tc("qdisc add dev c0 root tbf rate 400kbit burst 2000 limit 3000")
    done = wide.client.synprobe("sweep", "-p", "9000", "198.18.0.0/22", "--rate", "1000000", "-W", "150ms", "--only", "all", "-o", "jsonl")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len({one["address"] for one in answers}) == len(answers) == 1024, done.stderr
    assert all(one["outcome"] == "open" for one in answers), done.stderr


def test_a_queue_that_is_full_for_longer_than_the_wait_blocks_some_and_not_the_rest(wide):
    wide.client.tc("qdisc add dev c0 root tbf rate 100bit burst 2000 limit 3000")
    run = wide.client.start(SYNPROBE, "sweep", "-p", "9000", "198.18.0.0/20", "--rate", "20000", "-W", "300ms", "--only", "all",
                            "-o", "jsonl", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    lines = []
    while not lines or "blocked" not in lines[-1]:
        lines.append(run.stdout.readline())
        assert lines[-1]
    wide.client.tc("qdisc change dev c0 root tbf rate 100mbit burst 20000 limit 100000")
    out, err = run.communicate(timeout=30)
    answers = [json.loads(line) for line in lines + out.splitlines()]
    blocked = sum(one["outcome"] == "blocked" for one in answers)
    assert len({one["address"] for one in answers}) == len(answers) == 4096, err
    # What waited in the queue all that time may be late.
    assert 1 <= blocked <= 400 and sum(one["outcome"] == "open" for one in answers) > 3600, err


def test_who_has_answered_while_it_waited_to_be_asked_again_is_not_blocked(wide):
    wide.client.tc("qdisc add dev c0 root tbf rate 60kbit burst 2000 limit 3000")
    for _ in range(4):
        done = wide.client.synprobe("sweep", "-p", "9000", "198.18.0.0/25", "--rate", "1000000", "-W", "20ms", "--retries", "5",
                                    "--only", "all", "-o", "jsonl")
        addresses = [json.loads(line)["address"] for line in done.stdout.splitlines()]
        assert len(set(addresses)) == len(addresses) == 128, done.stderr


def test_a_signal_ends_it_while_a_long_list_is_read(wide, tmp_path):
    targets = tmp_path / "targets"
    targets.write_text("".join(f"11.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}\n" for number in range(1_500_000)))
    run = wide.client.start(SYNPROBE, "sweep", "-p", "9000", targets, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    descriptors = pathlib.Path(f"/proc/{run.pid}/fd")
    lab.wait_until(lambda: any(one.resolve() == targets for one in descriptors.iterdir()))
    run.send_signal(signal.SIGTERM)
    began = time.monotonic()
    out, err = run.communicate(timeout=20)
    assert run.returncode == 143 and out == "" and time.monotonic() - began < 2, err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_of_a_sweep_that_is_ended_in_full_flight_every_syn_is_counted(wide, tmp_path, number):
    with open(tmp_path / "found", "w") as found:
        run = wide.client.start(SYNPROBE, "sweep", "-p", "9000", WIDE, "--rate", "1000000", "-o", "jsonl", stdout=found, stderr=subprocess.PIPE)
        time.sleep(0.2)
        run.send_signal(number)
        err = run.communicate(timeout=10)[1]
    sent, answered = int(re.search(r"(\d+) SYNs", err)[1]), int(re.search(r"(\d+) open", err)[1])
    assert 0 < answered == len((tmp_path / "found").read_text().splitlines()) <= sent < 65536, err
    seen = int(wide.peer.run("cat", "/sys/class/net/p0/statistics/rx_packets").stdout)
    # Each answer is met by a RST of this kernel; some other packets may have come.
    assert sent <= seen, (err, seen)


@pytest.mark.parametrize("line, words", [
    ("# nothing", []), ("198.18.0.1", []), ("198.18.0.1", ["--exclude", "198.18.0.0/16"])], ids=["comments", "one again and again", "excluded"])
def test_a_list_without_an_end_that_names_nothing_new_is_ended_by_a_signal(wide, line, words):
    endless = subprocess.Popen(["yes", line], stdout=subprocess.PIPE)
    run = wide.client.start(SYNPROBE, "sweep", "-p", "9000", "-", "198.18.0.2", "-W", "100ms", "-o", "jsonl", *words,
                            stdin=endless.stdout, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    endless.stdout.close()
    known = 0 if words else 1 + (line != "# nothing")
    try:
        lines = [run.stdout.readline() for _ in range(known)]
        time.sleep(1)
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=10)
    finally:
        run.kill()
        endless.kill()
        endless.wait()
    assert run.returncode == 130, err
    assert all(lines) and out == "", err
