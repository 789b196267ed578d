"""Monitors of the configuration file: they are what it says now, and what is kept of them while it changes."""
import json
import time

import lab
from service import problem

TARGET = "192.0.2.2:8080"


def config(path, *monitors):
    path.write_text("monitors:\n" + "".join(f"  {name}: {json.dumps(members)}\n" for name, members in monitors))
    return path


def test_monitors_of_the_configuration_are_what_it_says_now(serve, tmp_path):
    path = config(tmp_path / "config.yaml", ("web", {"target": TARGET, "interval": "10ms", "claims": {"loss": "..20%"}}), ("old", {"target": TARGET}))
    service = serve("--config", path)
    lab.wait_until(lambda: service.get("/v1/monitors/web/check?fail_status=503").status == 200)
    assert service.get("/v1/monitors/web").json["configured"]
    assert "configuration" in problem(service.request("DELETE", "/v1/monitors/web"), 400, "bad-parameter")["detail"]
    config(path, ("web", {"target": TARGET, "interval": "10ms", "claims": {"loss": "50%.."}}), ("new", {"target": "192.0.2.2:81"}))
    service.process.send_signal(1)
    lab.wait_until(lambda: service.events("configuration reloaded"))
    assert [monitor["id"] for monitor in service.get("/v1/monitors").json["monitors"]] == ["new", "web"]
    lab.wait_until(lambda: service.get("/v1/monitors/web/check").json["verdict"] == "mismatch")
    # What is wrong leaves all as it was.
    config(path, ("web", {"target": TARGET, "claims": {"los": "50%.."}}))
    service.process.send_signal(1)
    lab.wait_until(lambda: service.events("configuration not reloaded, the old one stays"))
    assert len(service.get("/v1/monitors").json["monitors"]) == 2


def test_a_monitor_that_cannot_be_probed_says_why_and_is_tried_again(serve, tmp_path):
    path = config(tmp_path / "config.yaml", ("web", {"target": TARGET, "interval": "10ms"}))
    path.write_text(path.read_text() + "allow: ['192.0.2.9/32']\n")
    service = serve("--config", path)
    lab.wait_until(lambda: "denied" in service.get("/v1/monitors/web").json.get("reason", ""))
    assert "denied" in problem(service.get("/v1/monitors/web/check"), 503, "probing-failed")["detail"]
    path.write_text(path.read_text().replace("192.0.2.9", "192.0.2.2"))
    service.process.send_signal(1)
    lab.wait_until(lambda: service.get("/v1/monitors/web").json["probing"], seconds=15)


def test_a_reload_that_changes_a_monitor_leaves_its_history(serve, tmp_path):
    path = config(tmp_path / "config.yaml", ("web", {"target": TARGET, "interval": "10ms", "window": "1s"}))
    service = serve("--config", path)
    lab.wait_until(lambda: len(service.get("/v1/monitors/web/history").json["history"]) >= 3)
    before = service.get("/v1/monitors/web/history").json["history"]
    config(path, ("web", {"target": TARGET, "interval": "20ms", "window": "1s"}))
    service.process.send_signal(1)
    lab.wait_until(lambda: service.get("/v1/monitors/web").json["interval"] == "20ms")
    assert service.get("/v1/monitors/web/history").json["history"][:2] == before[:2]


def test_a_monitor_that_a_reload_changes_is_there_all_along(serve, tmp_path):
    path = tmp_path / "config.yaml"
    names = [f"m{number}" for number in range(40)]
    write = lambda interval: config(path, *((name, {"target": TARGET, "interval": interval}) for name in names))  # noqa: E731
    service = serve("--config", write("1s"))
    for turn in range(1, 9):
        write(f"{turn}100ms")
        service.process.send_signal(1)
        end = time.monotonic() + 10
        while len(service.events("configuration reloaded")) < turn:
            assert len(service.get("/v1/monitors").json["monitors"]) == len(names)
            assert time.monotonic() < end


def test_a_monitor_that_is_taken_out_and_put_back_has_its_history(serve, tmp_path):
    """As by a change that is rolled back."""
    web = ("web", {"target": TARGET, "interval": "10ms", "window": "1s"})
    path = config(tmp_path / "config.yaml", web)
    service = serve("--config", path)
    lab.wait_until(lambda: len(service.get("/v1/monitors/web/history").json["history"]) >= 3)
    before = service.get("/v1/monitors/web/history").json["history"]
    for turn, monitors in enumerate([[("other", {"target": TARGET})], [web]], start=1):
        config(path, *monitors)
        service.process.send_signal(1)
        lab.wait_until(lambda: len(service.events("configuration reloaded")) == turn)  # noqa: B023
    assert service.get("/v1/monitors/web/history").json["history"][:3] == before[:3]


def test_many_names_are_resolved_a_few_at_once_and_none_waits_for_the_next_try(serve, tmp_path):
    names = [f"m{number}" for number in range(24)]
    path = config(tmp_path / "config.yaml", *((name, {"target": "localhost:8080"}) for name in names))
    path.write_text(path.read_text() + "names: true\nallow: ['127.0.0.0/8', '::1/128']\n")
    service = serve("--config", path)
    lab.wait_until(lambda: all(one["probing"] for one in service.get("/v1/monitors").json["monitors"]), 5,
                   lambda: service.get("/v1/monitors").json)
