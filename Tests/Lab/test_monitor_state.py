"""What is kept of monitors over a restart, a kill, a full disk and a damaged file."""
import concurrent.futures
import http.client
import pathlib
import random
import signal
import subprocess
import time

import lab
from service import Service
from test_monitors import check, create, history

def test_none_that_was_acknowledged_is_lost_whenever_the_service_is_killed(client, peer, tmp_path):
    peer.listen("192.0.2.2/8080")
    generator = random.Random(50)
    known, uncertain, counts = set(), set(), []
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for number in range(50):
            service = Service(client, "--state", tmp_path / "state", log=tmp_path / f"log{number}")
            assert not service.events("state file not used"), service.log
            kept = {monitor["id"] for monitor in service.get("/v1/monitors").json["monitors"]}
            # What was asked for when it was killed may be there or not: one at most.
            assert known <= kept and len(kept - known - uncertain) <= 1, (number, known - kept, kept - known - uncertain)
            counts.append(len(kept))
            known, uncertain = kept, set()
            worker = pool.submit(change, service, known, uncertain)
            time.sleep(generator.uniform(0.002, 0.15))
            service.process.kill()
            service.process.wait()
            worker.result()
    assert max(counts) > 20, counts


def change(service, known, uncertain):
    """Makes monitors, and deletes some, until the service is no more; what was asked for without an answer is uncertain."""
    while True:
        victim = next(iter(known)) if len(known) > 40 else None
        try:
            if victim:
                known.remove(victim)
                uncertain.add(victim)
                service.request("DELETE", f"/v1/monitors/{victim}")
                uncertain.remove(victim)
            else:
                found = create(service, interval="1s")
                assert found["kept"]
                known.add(found["id"])
        except (OSError, http.client.HTTPException):
            return


def test_what_happened_is_there_after_a_restart(serve, client, tmp_path):
    state = tmp_path / "state"
    service = serve("--state", state)
    monitor = create(service, interval="10ms", window="1s", claims={"rtt": "..50ms"})
    assert monitor["kept"]
    lab.wait_until(lambda: len(history(service, monitor)) >= 3)
    before = history(service, monitor)
    service.stop()
    service = serve("--state", state)
    [found] = service.get("/v1/monitors").json["monitors"]
    assert found["id"] == monitor["id"] and found["created_at"] == monitor["created_at"] and found["claims"] == monitor["claims"]
    after = history(service, monitor)
    assert after[:len(before) - 1] == before[:-1]
    lab.wait_until(lambda: [entry["kind"] for entry in history(service, monitor)].count("start") == 2)
    lab.wait_until(lambda: check(service, monitor).json["verdict"] == "confirmed")


def test_a_damaged_file_is_said_and_left_alone(serve, tmp_path):
    state = tmp_path / "state"
    state.write_bytes(b"no database at all, and longer than the header of one" * 40)
    service = serve("--state", state)
    [event] = service.events("state file not used")
    assert str(state) in event["message"] and "not a database" in event["message"] and "goes on" in event["message"]
    assert not create(service)["kept"] and state.read_bytes().startswith(b"no database")


def test_a_file_of_another_sort_is_said(serve, tmp_path):
    for place in tmp_path, tmp_path / "nowhere/state":
        service = serve("--state", place)
        assert str(place) in service.events("state file not used")[0]["message"]
        assert not create(service)["kept"]
        service.stop()


def test_a_file_that_cannot_be_written_is_said(client, peer, tmp_path):
    peer.listen("192.0.2.2/8080")
    disk = tmp_path / "disk"
    disk.mkdir()
    lab.sh(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk])
    try:
        service = Service(client, "--state", disk / "state", log=tmp_path / "log0")
        assert create(service, interval="1s")["kept"] and service.stop()[0] == 0
        lab.sh(["mount", "-o", "remount,ro", disk])
        service = Service(client, "--state", disk / "state", log=tmp_path / "log1")
        assert "read-only" in service.events("state file not used")[0]["message"]
        assert not create(service, interval="1s")["kept"] and service.stop()[0] == 0
        lab.sh(["mount", "-o", "remount,rw", disk])
        service = Service(client, "--state", disk / "state", log=tmp_path / "log2")
        assert len(service.get("/v1/monitors").json["monitors"]) == 1 and service.stop()[0] == 0
    finally:
        lab.sh(["umount", "-l", disk])


def test_a_full_disk_is_said_and_the_service_goes_on(client, peer, tmp_path):
    peer.listen("192.0.2.2/8080")
    disk = tmp_path / "disk"
    disk.mkdir()
    lab.sh(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk])
    try:
        service = Service(client, "--state", disk / "state", log=tmp_path / "log")
        first = create(service, interval="1s")
        assert first["kept"]
        (disk / "ballast").write_bytes(b"x" * 4096)
        with open(disk / "ballast", "ab", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(b"x" * 4096)
            except OSError:
                pass
        lab.wait_until(lambda: not create(service, interval="1s", claims={"loss": "..50%"})["kept"])
        assert service.metric("synprobe_state_file_good") == 0
        # What is not in the file ends when it is to.
        unkept = [one["id"] for one in service.get("/v1/monitors").json["monitors"] if not one["kept"]]
        assert unkept and {service.request("DELETE", f"/v1/monitors/{one}").status for one in unkept} == {200}
        assert "full" in service.events("the state file cannot be written")[0]["message"]
        (disk / "ballast").unlink()
        assert create(service, interval="1s")["kept"] and service.metric("synprobe_state_file_good") == 1
        lab.wait_until(lambda: service.events("the state file can be written again"))
        assert service.stop()[0] == 0
    finally:
        lab.sh(["umount", "-l", disk])


def test_nothing_that_happened_is_lost_at_the_end(serve, tmp_path):
    """With many monitors whose history is on its way to the disk."""
    path = tmp_path / "config.yaml"
    path.write_text("monitors:\n" + "".join(f"  m{n}: {{target: '192.0.2.2:8080', interval: 1s}}\n" for n in range(200)))
    for _ in range(3):
        service = serve("--config", path, "--state", tmp_path / "state")
        lab.wait_until(lambda: sum(one["probing"] for one in service.get("/v1/monitors").json["monitors"]) == 200)
        assert service.stop()[0] == 0
    service = serve("--config", path, "--state", tmp_path / "state")
    assert all(len(service.get(f"/v1/monitors/m{n}/history").json["history"]) >= 3 for n in range(200))
    assert not service.events("monitor not taken up")


def test_a_file_belongs_to_one_service_at_a_time(client, serve, tmp_path):
    first = serve("--state", tmp_path / "state")
    monitor = create(first, interval="1s")
    second = serve("--state", tmp_path / "state", "--listen", "127.0.0.1:9116", port=9116)
    assert "locked" in second.events("state file not used")[0]["message"]
    assert second.get("/v1/monitors").json["monitors"] == [] and check(first, monitor).status == 200


def test_a_signal_ends_the_wait_for_a_file_that_another_has(serve, client, tmp_path):
    serve("--state", tmp_path / "state")
    second = client.start(lab.SYNPROBE, "serve", "--state", tmp_path / "state", "--listen", "127.0.0.1:9116", stderr=subprocess.PIPE)
    files = pathlib.Path(f"/proc/{second.pid}/fd")
    lab.wait_until(lambda: any(one.resolve() == tmp_path / "state" for one in files.iterdir()))
    began = time.monotonic()
    second.send_signal(signal.SIGTERM)
    error = second.communicate(timeout=20)[1]
    assert second.returncode == 0 and time.monotonic() - began < 3 and "database is locked" in error, error
