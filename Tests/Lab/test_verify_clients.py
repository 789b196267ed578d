"""Real clients of a verdict: Chaos Toolkit by HTTP and by the command, and the examples under scripts/examples."""
import json
import os
import time
import urllib.parse

import lab
import pytest
import yaml
from test_verify import COMPARATORS

TARGET = "192.0.2.2:8080"
EXAMPLES = lab.ROOT / "scripts/examples"
CHAOS = lab.ROOT / ".build-chaostoolkit/bin/chaos"


def chaos(space, experiment, folder, **environment):
    """Runs an experiment; its journal."""
    link = folder / "bin"
    link.mkdir()
    (link / "synprobe").symlink_to(lab.SYNPROBE)
    done = space.run(
        str(CHAOS), "--no-version-check", "run", "--journal-path", str(folder / "journal.json"), str(EXAMPLES / experiment),
        check=False, timeout=90, cwd=folder,
        env={**os.environ, "PATH": f"{link}:{os.environ['PATH']}", "SYNPROBE_TARGET": TARGET, **environment})
    journal = json.loads((folder / "journal.json").read_text())
    return done, journal


def drop(percent):
    share = f"numgen random mod 100 < {percent}" if percent < 100 else ""
    return f"ip netns exec NAME nft 'table ip fault {{ chain in {{ type filter hook input priority 0; tcp dport 8080 {share} drop; }}; }}'"


REMOVE = "ip netns exec NAME nft delete table ip fault"


def test_a_steady_state_by_http_is_met_by_a_healthy_path(serve, peer, tmp_path):
    service = serve()
    done, journal = chaos(service.space, "chaostoolkit-http.json", tmp_path)
    assert done.returncode == 0 and journal["status"] == "completed" and not journal["deviated"], done.stderr
    for state in "before", "after":
        probes = journal["steady_states"][state]["probes"]
        assert [probe["tolerance_met"] for probe in probes] == [True, True]
        body = probes[0]["output"]["body"]
        assert body["schema"] == "synprobe.verify/1" and body["verdict"] == "confirmed"
        assert 0 < float(probes[1]["output"]["body"]) < 50


def test_a_steady_state_by_http_deviates_under_a_partition(serve, peer, tmp_path):
    service = serve()
    done, journal = chaos(service.space, "chaostoolkit-http.json", tmp_path, INJECT=drop(100).replace("NAME", peer.name),
                          REMOVE=REMOVE.replace("NAME", peer.name))
    assert done.returncode != 0 and journal["deviated"], done.stderr
    assert journal["steady_states"]["before"]["steady_state_met"]
    after = journal["steady_states"]["after"]["probes"][0]
    assert not after["tolerance_met"] and after["output"]["body"]["verdict"] == "mismatch"
    assert "nothing is answered at all: this is a partition" in after["output"]["body"]["reason"]


@pytest.mark.parametrize("percent, effect", [(30, 0), (60, 1)], ids=["the loss that is claimed", "another loss"])
def test_the_command_verifies_a_fault_and_its_end(client, peer, tmp_path, percent, effect):
    peer.listen("192.0.2.2/8080")
    done, journal = chaos(client, "chaostoolkit-command.json", tmp_path, INJECT=drop(percent).replace("NAME", peer.name),
                          REMOVE=REMOVE.replace("NAME", peer.name))
    assert journal["status"] == "completed" and not journal["deviated"], done.stderr
    took = next(run for run in journal["run"] if run["activity"]["name"] == "the-fault-took-effect")
    assert took["output"]["status"] == effect, took["output"]["stderr"]
    assert json.loads(took["output"]["stdout"])["verdict"] == ["confirmed", "mismatch"][effect]


def test_the_status_check_of_chaos_mesh_gets_its_status_within_its_second(serve, peer):
    service = serve()
    check = yaml.safe_load((EXAMPLES / "chaos-mesh-statuscheck.yaml").read_text())["spec"]
    url = urllib.parse.urlsplit(check["http"]["url"])

    def status():
        began = time.monotonic()
        found = service.get(f"{url.path}?{url.query}", timeout=check["timeoutSeconds"]).status
        assert time.monotonic() - began < check["timeoutSeconds"]
        return found

    assert str(status()) == check["http"]["criteria"]["statusCode"]
    peer.nft("input tcp dport 8080 drop")
    assert status() == 503


def test_the_probes_of_litmus_pass_on_a_healthy_path(client, peer, tmp_path):
    peer.listen("192.0.2.2/8080")
    (tmp_path / "synprobe").symlink_to(lab.SYNPROBE)
    for probe in yaml.safe_load((EXAMPLES / "litmus-cmdprobe.yaml").read_text()):
        inputs = probe["cmdProbe/inputs"]
        done = client.run("/bin/sh", "-c", inputs["command"], env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"})
        comparator = inputs["comparator"]
        assert COMPARATORS[comparator["criteria"]](done.stdout.strip(), comparator["value"]), (probe["name"], done)


def test_the_http_probes_of_litmus_get_the_status_of_the_verdict_in_their_time(serve, peer):
    service = serve()
    probes = yaml.safe_load((EXAMPLES / "litmus-httpprobe.yaml").read_text())

    def passed(probe):
        url = urllib.parse.urlsplit(probe["httpProbe/inputs"]["url"])
        criteria = probe["httpProbe/inputs"]["method"]["get"]
        answer = service.get(f"{url.path}?{url.query}", timeout=float(probe["runProperties"]["probeTimeout"].rstrip("s")))
        assert criteria["criteria"] == "=="
        return str(answer.status) == criteria["responseCode"]

    assert [passed(probe) for probe in probes] == [True, True]
    peer.nft("input tcp dport 8080 numgen random mod 100 < 70 drop")
    assert not passed(probes[1])
    peer.run("nft", "flush", "ruleset")
    peer.nft("input tcp dport 8080 drop")
    assert not passed(probes[0])


def test_the_fault_of_chaos_mesh_becomes_claims(client, peer, tmp_path):
    """There is no delay here: the claims that follow from the file are refuted, by name."""
    peer.listen("192.0.2.2/8080")
    before = tmp_path / "before.json"
    before.write_text(client.synprobe(TARGET, "-o", "json", "-c", "20", "-i", "5ms").stdout)
    done = client.synprobe("verify", TARGET, "--network-chaos", str(EXAMPLES / "chaos-mesh-networkchaos.yaml"), "--baseline",
                           str(before), "-o", "json")
    claims = {claim["claim"]: (claim["expected"], claim["verdict"]) for claim in json.loads(done.stdout)["claims"]}
    assert claims["added"] == ("90ms..110ms", "mismatch") and claims["where"] == ("network", "mismatch")
    assert claims["jitter"][1] == "mismatch"
