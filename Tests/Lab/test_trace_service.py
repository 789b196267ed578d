"""trace by the service and by Python: the same hops as the command's."""
import jsonschema
import pytest
from test_python import python, run  # noqa: F401 - the fixture of the module's environment
from test_trace import SCHEMA, TARGET, addresses, chain, hops  # noqa: F401


@pytest.fixture
def traced(chain, serve):
    """A service at the client's end of the chain."""
    return serve("--deny", "203.0.113.0/24", space=chain.client)


def test_the_service_finds_the_hops_that_the_command_finds(chain, traced):
    chain.routers[2].nft("output icmp type time-exceeded drop")
    answer = traced.get(f"/v1/trace?target={TARGET}&max_hops=12&queries=2")
    assert answer.status == 200 and answer.headers["Content-Type"] == "application/json", answer.body
    jsonschema.validate(answer.json, SCHEMA)
    assert addresses(answer.json) == [[chain.address(hop)] if hop != 3 else [] for hop in range(1, 8)]
    assert [hop["attempted"] for hop in hops(answer.json)] == [2] * 7
    value = traced.get(f"/v1/trace?ip=198.51.100.26&port=8080&format=value&field=paths.0.hops.6.addresses.0.role")
    assert (value.status, value.text) == (200, "open\n")
    assert traced.get(f"/v1/trace?target={TARGET}&format=value&field=paths.0.hops.2.addresses.0.role").status == 404


@pytest.mark.parametrize("query, status, parameter, words", [
    ("target=203.0.113.1:80", 403, "target", "is denied"),
    ("target=198.51.100.26:8080&queries=0", 400, "queries", "'0' is not a number from 1 to 100"),
    ("target=198.51.100.26:8080&max_hops=256", 400, "max_hops", "1 to 255"),
    ("target=198.51.100.26:8080&paths=17", 400, "paths", "1 to 16"),
    ("target=198.51.100.26:8080&queries=100", 400, "queries", "are 3000 probes: more than 1000"),
    ("target=198.51.100.26:8080&timeout=2m", 400, "timeout", "may take 150.018 s"),
    ("target=198.51.100.26:8080&mode=syn", 400, "mode", "there is no parameter 'mode'"),
    ("max_hops=3", 400, "target", "'target' is missing"),
])
def test_the_service_refuses_what_a_trace_cannot_be(traced, query, status, parameter, words):
    answer = traced.get(f"/v1/trace?{query}")
    assert (answer.status, answer.json["parameter"]) == (status, parameter) and words in answer.json["detail"], answer.body


def test_without_raw_sockets_the_service_says_what_is_missing(chain, serve):
    service = serve(space=chain.client, wrapper=("setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw"))
    answer = service.get(f"/v1/trace?target={TARGET}")
    assert answer.status == 503 and "a trace takes SYN segments of its own" in answer.json["detail"]


def test_a_trace_names_the_target_and_what_refuses(client, peer, python):
    peer.listen("192.0.2.2/8080")
    peer.nft("input tcp dport 82 reject with icmp type admin-prohibited")
    run(client, python, """
r = synprobe.trace(HOST, PORT, paths=2)
assert r.reached and len(r.paths) == 2 and r.interface == "c0"
hop, = r.paths[0].hops
assert hop.ttl == 1 and hop.addresses[0].role == "open" and hop.addresses[0].rtt_ms.p50 < 100 and not hop.rate_limited
r = synprobe.trace(HOST, 82, queries=1, timeout="300ms")
assert not r.reached and r.paths[0].hops[0].addresses[0].error
try:
    synprobe.Prober("connect").trace(HOST, PORT)
except PermissionError as error:
    assert "a trace needs raw SYN segments" in str(error)
else:
    raise AssertionError("traced by connect()")
""")
