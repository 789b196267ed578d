"""What a sweep asks: lists of targets, exceptions to them, and what is wrong with them."""
import re

import lab
import pytest
from lab import SYNPROBE
from test_sweep import answers, counted, last_octet, sweep, wide  # noqa: F401


def test_who_is_given_twice_is_asked_once(wide, tmp_path):
    again = tmp_path / "again"
    again.write_text("198.18.0.3\n198.18.0.9\n198.18.0.3\n")
    done = sweep(wide.client, "198.18.0.0/29", again, "-W", "200ms")
    assert counted(done) == {"SYNs": 9, "open": 9, "closed": 0, "filtered": 0, "lost": 0, "duplicates": 0, "drops": 0}


def test_an_empty_list_is_nothing_to_ask(wide, tmp_path):
    empty = tmp_path / "empty"
    empty.write_text("# nothing\n\n")
    done = sweep(wide.client, empty, status=1)
    assert counted(done)["SYNs"] == 0
    assert "Is a directory" in sweep(wide.client, tmp_path, status=64).stderr


def test_lists_of_exceptions_and_special_ranges(wide, tmp_path):
    exceptions = tmp_path / "exceptions"
    exceptions.write_text("# not these\r\n198.18.0.0/28\r\n198.18.0.20-198.18.0.22 # nor these\n\n")
    done = sweep(wide.client, "198.18.0.0/27", "--exclude", exceptions, "--exclude", "198.18.0.30", "-W", "200ms", "-o", "jsonl")
    assert sorted(last_octet(one["address"]) for one in answers(done)) == [16, 17, 18, 19, 23, 24, 25, 26, 27, 28, 29, 31]
    done = sweep(wide.client, "240.0.0.0/28", "224.0.0.1", "198.18.0.1", "-W", "200ms")
    assert counted(done)["SYNs"] == 1 and counted(done)["special-purpose left out"] == 17
    done = sweep(wide.client, "240.0.0.0/28", "198.18.0.1", "--allow-special", "-W", "200ms")
    assert counted(done)["blocked by this host"] == 16 and "special-purpose left out" not in counted(done)
    # What is special and this host's own, or on its wire, is no stranger's.
    wide.peer.ip("addr add 169.254.7.2/24 dev p0")
    wide.client.ip("addr add 169.254.7.1/24 dev c0")
    done = sweep(wide.client, "127.0.0.1", "169.254.7.2", "169.254.8.2", "-W", "300ms", "-o", "jsonl")
    assert {(one["address"], one["outcome"]) for one in answers(done)} == {("127.0.0.1", "closed"), ("169.254.7.2", "open")}
    assert counted(done)["special-purpose left out"] == 1
    # More than can be counted.
    done = wide.client.synprobe("sweep", "-p", "1-256", "ff00::/8", "240.0.0.0/4", "-W", "10ms")
    assert counted(done)["special-purpose left out"] == 2**128 - 1


def test_exceptions_that_come_slowly_are_all_waited_for(wide):
    script = "exec 2>&1; (sleep 0.5; echo 198.18.0.0/28; sleep 0.5; echo 198.18.0.16/29) | exec \"$@\""
    done = wide.client.run("bash", "-c", script, "-", lab.SYNPROBE, "sweep", "-p", "9000", "198.18.0.0/27", "--exclude", "-",
                           "-W", "200ms", "-o", "csv", check=False)
    assert sorted(last_octet(line.split(",")[0]) for line in done.stdout.splitlines() if line.startswith("198")) == list(range(24, 32))
    assert "give - once" in sweep(wide.client, "-", "--exclude", "-", status=64, input="").stderr


def test_more_than_65536_strangers_are_asked_for_a_word(wide, tmp_path):
    for targets in (["1.0.0.0/16", "-p", "80,443"], ["1.0.0.0/17", "--retries", "2"]):
        done = sweep(wide.client, *targets, status=64)
        assert done.stdout == "" and "--yes" in done.stderr
    strangers = "".join(f"1.{number >> 16}.{number >> 8 & 255}.{number & 255}\n" for number in range(70_000))
    (tmp_path / "strangers").write_text(strangers)
    done = sweep(wide.client, tmp_path / "strangers", status=64)
    assert done.stdout == "" and "--yes" in done.stderr and "SYNs" not in done.stderr
    # On standard input they are known when they come: what is in flight comes to its end.
    done = sweep(wide.client, "-", "-W", "100ms", "--rate", "1000000", input=strangers, status=64)
    assert "--yes" in done.stderr and re.search(r"^--- 0 SYNs .* 65536 blocked", done.stderr, re.M)


def test_a_bad_line_is_named(wide, tmp_path):
    targets = tmp_path / "targets"
    targets.write_text("198.18.0.1\nexample.com\n")
    done = sweep(wide.client, targets, status=64)
    assert f"{targets}, line 2: it is no address" in done.stderr


def test_what_stands_before_a_bad_line_of_a_pipe_is_asked(wide):
    done = sweep(wide.client, "-", "-W", "100ms", "-o", "jsonl", status=64, input="198.18.0.1\n198.18.0.2\nhere\n198.18.0.3\n")
    assert {one["address"] for one in answers(done)} == {"198.18.0.1", "198.18.0.2"}
    assert "standard input, line 3: it is no address" in done.stderr and "2 SYNs" in done.stderr


@pytest.mark.parametrize("place", [0, 65_000])
def test_a_long_line_is_refused_wherever_it_stands(wide, place):
    text = "#\n" * (place // 2) + "#" + "x" * 5_000 + "\n198.18.0.1\n"
    assert "more than 4096 octets" in sweep(wide.client, "-", status=64, input=text).stderr


def test_a_list_may_begin_with_the_mark_of_an_editor(wide, tmp_path):
    targets = tmp_path / "targets"
    targets.write_bytes(b"\xef\xbb\xbf198.18.0.1\r\n198.18.0.2\r\n")
    assert counted(sweep(wide.client, targets, "-W", "100ms"))["open"] == 2


def test_a_family_of_which_no_target_is_is_a_mistake(wide):
    for arguments in ["-4", "2001:db8:1::1"], ["--source", "192.0.2.1", "2001:db8:1::1"]:
        done = sweep(wide.client, *arguments, "-W", "100ms", status=64)
        assert "no target is IPv4" in done.stderr
    # Of several those of the family are taken.
    done = sweep(wide.client, "-4", "-", "-W", "100ms", input="2001:db8:1::1\n198.18.0.1\n")
    assert counted(done)["SYNs"] == 1


def test_standard_input_that_is_closed_is_no_empty_list(wide):
    for arguments in "-", "--exclude - 198.18.0.1":
        done = wide.client.run("bash", "-c", f"{SYNPROBE} sweep -p 9000 {arguments} -W 100ms 0<&-", check=False)
        assert done.returncode == 64 and "standard input: Bad file descriptor" in done.stderr and done.stdout == "", done.stderr


def test_a_list_that_may_not_be_read_is_named(wide, tmp_path):
    folder = tmp_path / "closed"
    folder.mkdir()
    (folder / "targets").write_text("198.18.0.1\n")
    folder.chmod(0o700)
    done = wide.client.run("setpriv", "--reuid=65534", "--clear-groups", SYNPROBE, "sweep", "-p", "9000", folder / "targets", check=False)
    assert done.returncode == 64 and "Permission denied" in done.stderr
