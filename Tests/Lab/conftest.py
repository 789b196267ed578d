"""Fixtures of the lab. A test that cannot run here is skipped with its reason, unless this is root's: then it fails."""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import types

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import lab  # noqa: E402
import service  # noqa: E402

TOOLS = ["ip", "tmux", "zsh", "fish", "tc", "nft", "strace", "linux.uml", "hping3", "tcpdump", "cc", "setcap", "setpriv", "uwsgi",
         "curl", "openssl", "prlimit", "smokeping", "fping", "rrdtool", "prometheus", "promtool", "slowhttptest", "wrk", "chromium", "chromedriver"]

# What measures no times that another test beside it would change: these run by twos, while the image is built (-m beside).
BESIDE = {f"test_{name}.py" for name in (
    "abi", "command", "completions", "configuration", "deb", "deploy", "direction", "docs", "doctor", "evidence", "fault_table", "fuzz", "habits", "healthcheck", "hping", "hping_options", "listener", "live", "mesh", "mesh_votes", "monitor_configuration", "monitor_state", "monitors",
    "names", "package", "page", "paths", "privileges", "python", "python_members", "service_life", "service_policy", "service_wire", "signals", "story", "stream", "tcpping", "terminals", "tun",
    "verify_clients", "verify_service")}
# What measures times that a busy machine would change, and another test would not: these run by twos when all is compiled.
CALM = {f"test_{name}.py" for name in (
    "drops", "hping_truth", "identify", "image", "image_contents", "leftovers", "outcomes", "replies", "service",
    "service_limits", "strangers", "sweep_ends", "sweep_lists", "trace", "trace_service", "verify")}
BESIDE_BY_NAME = (
    "test_schemathesis", "test_slowhttptest", "test_prometheus", "test_a_minute_of_everything", "test_a_long_run_stays_flat",
    "test_thousands_of_idle_connections")


def pytest_collection_modifyitems(config, items):
    for item in items:
        if item.path.name in BESIDE or item.name.startswith(BESIDE_BY_NAME):
            item.add_marker("beside")
        elif item.path.name in CALM:
            item.add_marker("calm")
    if os.geteuid() == 0:
        return  # As root, what is missing is a failure.
    for item in items:
        if "anyone" not in item.keywords:
            item.add_marker(pytest.mark.skip(reason="needs root, for network namespaces and raw sockets"))


def pytest_configure(config):
    # What a background job of a shell, or nohup, makes its children ignore, they would ignore in the tests too.
    for number in signal.SIGINT, signal.SIGQUIT, signal.SIGHUP:
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    config.addinivalue_line("markers", "anyone: needs no privilege")
    config.addinivalue_line("markers", "beside: may run beside another test, and a compiler")
    config.addinivalue_line("markers", "calm: may run beside another test")
    if os.geteuid() == 0:
        missing = [tool for tool in TOOLS if not shutil.which(tool)]
        if missing:
            raise pytest.UsageError(f"missing tools: {' '.join(missing)}; scripts/install test brings them")


@pytest.fixture
def pair():
    network = lab.Pair()
    yield network
    network.close()


@pytest.fixture
def client(pair):
    return pair.client


@pytest.fixture
def peer(pair):
    return pair.peer


@pytest.fixture
def resolver(client, tmp_path):
    """A name server of the client's namespace, its `folder` of settings, and the file of the `questions` that it was asked."""
    folder = pathlib.Path(f"/etc/netns/{client.name}")
    folder.mkdir(parents=True)
    (folder / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:2\nsearch .\n")
    (folder / "nsswitch.conf").write_text("hosts: files dns\n")
    questions = tmp_path / "questions"
    stub = client.start(lab.PYTHON, lab.HERE / "dnsstub.py", questions, stdout=subprocess.PIPE)
    assert stub.stdout.readline() == "ready\n"
    yield types.SimpleNamespace(folder=folder, questions=questions)
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()


@pytest.fixture
def web(pair):
    """A peer that listens on port 8080 of both its addresses."""
    pair.peer.listen("192.0.2.2/8080", "2001:db8::2/8080")
    return pair


@pytest.fixture
def serve(web, tmp_path):
    """Starts services in the client's namespace, which may probe the peer; each is looked at for a clean end."""
    started = []

    def begin(*arguments, space=None, **options):
        started.append(service.Service(
            space or web.client, *arguments, log=tmp_path / f"log{len(started)}", **options))
        return started[-1]

    yield begin
    for one in started:
        if one.process.poll() is None:
            status, _ = one.stop()
            assert status == 0, one.log_path.read_text()[-2000:]
        text = one.log_path.read_text()
        assert "Fatal error" not in text and "library" not in [line["event"] for line in one.log], text[-2000:]
