"""Names, with a name server of the test's own: every way in which resolution can go wrong."""
import json
import subprocess
import time

import lab
import pytest


@pytest.fixture
def named(web, resolver):
    """A client whose resolver is the stub; `questions` is what it was asked."""
    web.questions, web.folder = resolver.questions, resolver.folder
    return web


@pytest.mark.parametrize("name, words", [
    ("nothere.test", "not known"), ("fail.test", "failure"), ("loop.test", ""), ("hole.test", "")])
def test_a_name_without_an_answer_is_status_68_in_time_and_nothing_is_sent(named, name, words):
    began = time.monotonic()
    done = named.client.synprobe(f"{name}:8080", "-c", "1")
    assert done.returncode == 68 and done.stdout == ""
    assert name in done.stderr and words in done.stderr and done.stderr.count("\n") == 1
    assert time.monotonic() - began < 6.5


def test_a_resolver_that_is_silent_does_not_hold_up_a_signal(named):
    run = named.client.start(lab.SYNPROBE, "hole.test:8080", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    run.terminate()
    assert run.wait(timeout=1) == 143


def test_an_empty_resolver_configuration_is_a_failure_in_words(named):
    (named.folder / "resolv.conf").write_text("")
    lab.sh(["pkill", "-f", str(named.questions)])
    done = named.client.synprobe("some.test:8080", "-c", "1")
    assert done.returncode == 68 and "some.test" in done.stderr


def test_many_addresses_are_bounded_and_the_first_is_probed(named):
    report = named.client.probe("many.test:8080", "-4", "-c", "1")
    assert report["target"]["address"].startswith("192.0.2.")


def test_no_address_of_the_family_asked_for_is_said(named):
    done = named.client.synprobe("six.test:8080", "-4", "-c", "1")
    assert done.returncode == 68 and "six.test" in done.stderr
    assert named.client.probe("six.test:8080", "-6", "-c", "1")["target"]["address"] == "2001:db8::2"


def test_a_name_that_changes_its_address_is_asked_for_once_and_pinned(named):
    report = named.client.probe("turn.test:8080", "-4", "-c", "20", "-i", "20ms")
    assert report["outcomes"]["open"] == 20 and report["target"]["address"] == "192.0.2.2"
    assert named.questions.read_text().splitlines().count("turn 1") == 1


def test_one_hanging_name_among_targets_is_said_and_the_others_are_probed(named):
    done = named.client.synprobe("192.0.2.2:8080", "hole.test:80", "-c", "1", "-o", "json")
    assert done.returncode == 0 and "hole.test" in done.stderr
    report, = json.loads(done.stdout)
    assert report["target"]["input"] == "192.0.2.2:8080" and report["outcomes"]["open"] == 1


def test_a_run_without_a_target_that_resolves_is_over_before_the_first_probe(named):
    done = named.client.synprobe("hole.test:80", "hole.test:81", "-c", "1")
    assert done.returncode == 68 and done.stdout == "" and "hole.test" in done.stderr


def test_hundreds_of_names_need_no_hundreds_of_descriptors(named, tmp_path):
    words = [f"not{number}.test:80" for number in range(400)] + ["many.test:8080"]
    (tmp_path / "targets").write_text("\n".join(words))
    done = named.client.run("prlimit", "--nofile=250", lab.SYNPROBE, "-4", "--targets", tmp_path / "targets",
                            "-c", "1", "-W", "100ms", "-o", "json", check=False)
    report, = json.loads(done.stdout)
    assert report["target"]["input"] == "many.test:8080" and report["attempted"] == 1
    assert done.stderr.count("not known") == 400
