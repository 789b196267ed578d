"""The vote over a mesh: eight nodes, two spines, a fault of each kind, and what Prometheus' rules name of it."""
import json
import random
import re

import lab
import pytest
from mesh_experiments import KINDS, Mesh, drawn
from mesh_prometheus import DEPLOY


@pytest.fixture(scope="module")
def mesh(tmp_path_factory):
    mesh = Mesh(tmp_path_factory.mktemp("mesh"))
    yield mesh
    failed = mesh.prometheus.failed_rules()
    mesh.close()
    assert failed == []


def test_of_a_mesh_without_a_fault_none_is_named(mesh):
    assert mesh.named() == set()


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_is_named_for_what_it_is_and_nothing_else(mesh, kind):
    fault = drawn(random.Random(f"{kind} of the mesh"), mesh.names, kind)
    mesh.inject(fault)
    try:
        assert mesh.named() == {fault.named}, fault.percent
    finally:
        mesh.clear()


def test_a_link_that_is_slow_is_named(mesh):
    with mesh.slow("n3", "s2"):
        assert mesh.named() == {("link", "n3", "s2")}


def test_each_panel_of_the_dashboard_has_something_to_show_of_a_fault(mesh):
    fault = drawn(random.Random(2), mesh.names, "way")
    mesh.inject(fault)
    try:
        assert mesh.named() == {fault.named}
        for panel in json.loads((DEPLOY / "dashboard.json").read_text())["panels"]:
            for target in panel["targets"]:
                found = mesh.query(re.sub(r"\$(from|to|via)\b", ".*", target["expr"]))
                assert found or panel["title"] == "Longer than usual", panel["title"]
                for name in re.findall(r"{{(\w+)}}", target["legendFormat"]):
                    assert all(name in sample["metric"] for sample in found), (panel["title"], name)
    finally:
        mesh.clear()


def test_grafana_knows_each_member_of_the_dashboard(tmp_path):
    def unknown(path):
        return lab.sh([lab.ROOT / ".build-grafana/bin/python", lab.HERE / "grafana_members.py", path]).stdout.split()

    assert unknown(DEPLOY / "dashboard.json") == []
    wrong = json.loads((DEPLOY / "dashboard.json").read_text())
    wrong["panels"][0]["titel"] = "mistyped"
    (tmp_path / "wrong.json").write_text(json.dumps(wrong))
    assert unknown(tmp_path / "wrong.json") == [".panels[0].titel"]
