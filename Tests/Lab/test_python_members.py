"""What the Python module knows of a result, against the schemas of the JSON."""
import dataclasses
import importlib
import json
import sys
import types

import lab
import pytest


@pytest.mark.anyone
def test_every_member_of_the_schemas_is_an_attribute_and_nothing_else():
    package = types.ModuleType("members")  # Without what loads the library.
    package.__path__ = [str(lab.ROOT / "Sources/python/synprobe")]
    sys.modules["members"] = package
    results, verdicts, traces = (importlib.import_module(f"members.{name}") for name in ("_results", "_verdicts", "_trace"))
    ping, verify, identify, trace = (
        json.loads((lab.HERE / f"golden/{name}.schema.json").read_text()) for name in ("ping", "verify", "identify", "trace"))
    compared = set()

    def compare(record, form):
        if "$ref" in form:
            form = {**ping["$defs"], **verify["$defs"], **identify.get("$defs", {}), **trace.get("$defs", {})}[form["$ref"].rsplit("/", 1)[1]]
        compared.add(record.__name__)
        members = {record._renamed.get(one.name, one.name) for one in dataclasses.fields(record)} - {"json"}
        alone = {"schema", "target"} if record is results.Probe else {"schema"}  # Of a probe on a line of its own.
        assert members == set(form["properties"]) - alone, record
        if record not in (verdicts.VerifyResult, verdicts.IdentifyResult):
            for one, nested in {**record._nested, **record._lists}.items():
                compare(nested, form["properties"][one].get("items", form["properties"][one]))

    compare(results.PingResult, ping)
    compare(verdicts.VerifyResult, verify)
    compare(verdicts.ClaimResult, verify["properties"]["claims"]["items"])
    compare(verdicts.Added, verify["properties"]["added_ms"])
    compare(verdicts.IdentifyResult, identify)
    compare(traces.TraceResult, trace)
    compare(verdicts.NetemLine, identify["properties"]["lines"]["items"])
    compare(verdicts.Rates, verify["properties"]["rate_bps"])
    assert {"Probe", "ICMP", "Segment", "Summary", "Anomalies"} <= compared
