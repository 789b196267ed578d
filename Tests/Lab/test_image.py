"""The image, built for real (scripts/image) and run with runc: the truth table of capabilities in containers."""
import copy
import itertools
import json
import os
import pathlib
import struct
import subprocess
import tarfile
import time

import lab
import pytest

WORK = pathlib.Path(os.environ.get("SYNPROBE_IMAGE", lab.ROOT / ".build-image"))
PROGRAM = "/usr/local/bin/synprobe"
NET_RAW = ["CAP_NET_RAW"]
_names = itertools.count()


@pytest.fixture(scope="module")
def image():
    assert (WORK / "inspect.json").exists(), "scripts/image makes it; scripts/test calls that"
    return json.loads((WORK / "inspect.json").read_text())


def files(image):
    """The files of all layers, by their names, with their sizes and extended attributes."""
    found = {}
    index = json.loads((image / "oci/index.json").read_text())

    def blob(digest):
        return image / "oci/blobs" / digest.replace(":", "/")

    manifest = json.loads(blob(index["manifests"][0]["digest"]).read_text())
    for layer in manifest["layers"]:
        with tarfile.open(blob(layer["digest"])) as tar:
            found.update({"/" + member.name.removeprefix("./"): member for member in tar})
    return found


@pytest.fixture(scope="module")
def members():
    return files(WORK)


def capability(member):
    """The file's permitted capabilities, and whether they become effective at once (struct vfs_cap_data)."""
    value = member.pax_headers["SCHILY.xattr.security.capability"].encode("utf-8", "surrogateescape")
    magic, low, _, high = struct.unpack_from("<IIII", value)
    return low | high << 32, bool(magic & 1)


def test_the_capability_is_in_the_layer_permitted_and_not_effective(members):
    assert capability(members[PROGRAM]) == (1 << 13, False)


def test_the_program_has_the_names_whose_place_it_takes(members):
    for name in "hping3", "tcpping":
        link = members[f"/usr/local/bin/{name}"]
        assert link.issym() and link.linkname == "synprobe"


def test_image_and_program_are_small(members, capsys):
    total = sum(member.size for member in members.values() if member.isfile())
    program = members[PROGRAM].size
    with capsys.disabled():
        print(f"\nimage {total / 1e6:.1f} MB, program {program / 1e6:.1f} MB")
    assert total < 45e6 and program < 29e6


def test_it_holds_the_program_its_libraries_and_no_shell(members):
    names = [name for name, member in members.items() if member.isfile()]
    assert not [name for name in names if name.rsplit("/", 1)[-1] in ("sh", "bash", "dash", "busybox", "apt", "perl")]
    programs = [name for name in names if members[name].mode & 0o111 and ".so" not in name]
    assert programs == [PROGRAM]
    assert any("libpcap" in name and name.endswith("copyright") for name in names)
    assert "/usr/share/doc/synprobe/LICENSE" in names


def test_its_configuration_is_what_conventions_ask_for(image):
    config = image["Docker"]["config"]
    assert config["User"] == "65532:65532"
    assert config["Entrypoint"] == [PROGRAM]
    assert config["StopSignal"] == "SIGTERM"
    assert config["Healthcheck"]["Test"] == ["CMD", PROGRAM, "healthcheck"]
    labels = config["Labels"]
    for name in "title", "description", "version", "revision", "created", "licenses":
        assert labels[f"org.opencontainers.image.{name}"]
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"


class Container:
    """A runc bundle over the unpacked image, in the network namespace of a test."""

    def __init__(self, folder, space, image=WORK):
        self.folder, self.space = folder, space
        self.config = copy.deepcopy(json.loads((image / "bundle/config.json").read_text()))
        self.config["root"]["path"] = str(image / "bundle/rootfs")
        self.config["process"]["terminal"] = False
        namespaces = [one for one in self.config["linux"]["namespaces"] if one["type"] in ("pid", "ipc", "uts", "mount")]
        namespaces.append({"type": "network", "path": f"/var/run/netns/{space.name}"})
        self.config["linux"]["namespaces"] = namespaces
        self.config["linux"].pop("uidMappings", None)
        self.config["linux"].pop("gidMappings", None)
        self.name = f"syn-{os.getpid()}-{next(_names)}"

    def start(self, user, capabilities, *arguments, no_new_privileges, read_only=True):
        process = self.config["process"]
        process["user"] = {"uid": user, "gid": user}
        process["capabilities"] = {
            kind: list(capabilities.get(kind, []))
            for kind in ("bounding", "effective", "inheritable", "permitted", "ambient")}
        process["noNewPrivileges"] = no_new_privileges
        process["args"] = [PROGRAM, *arguments]
        self.config["root"]["readonly"] = read_only
        (self.folder / "config.json").write_text(json.dumps(self.config))
        return subprocess.Popen(
            ["runc", "--root", self.folder / "state", "run", "--bundle", self.folder, self.name],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)

    def kill(self, name):
        lab.sh(["runc", "--root", self.folder / "state", "kill", self.name, name])


@pytest.fixture
def container(web, tmp_path):
    return Container(tmp_path, web.client)


EVERYWHERE = {"bounding": NET_RAW, "effective": NET_RAW, "permitted": NET_RAW}
AMBIENT = EVERYWHERE | {"inheritable": NET_RAW, "ambient": NET_RAW}
TABLE = {
    # name: (user, capabilities, no_new_privileges, mode)
    "root with NET_RAW only": (0, EVERYWHERE, True, "syn"),
    "root without any capability": (0, {}, True, "connect"),
    "non-root, NET_RAW permitted as containerd does": (65532, EVERYWHERE, True, "syn"),
    "non-root, NET_RAW in the bounding set as Docker does": (65532, {"bounding": NET_RAW}, False, "syn"),
    "the same without new privileges": (65532, {"bounding": NET_RAW}, True, "connect"),
    "non-root, everything dropped": (65532, {}, True, "connect"),
    "non-root, everything dropped, new privileges allowed": (65532, {}, False, "connect"),
    "non-root, ambient": (65532, AMBIENT, True, "syn"),
    "a random user, NET_RAW in the bounding set": (1234567, {"bounding": NET_RAW}, False, "syn"),
    "a random user, everything dropped": (1234567, {}, True, "connect"),
}


@pytest.mark.parametrize("name", TABLE)
def test_with_what_a_runtime_gives_it_probes_by_what_it_may(container, name):
    user, capabilities, no_new_privileges, mode = TABLE[name]
    run = container.start(
        user, capabilities, "192.0.2.2:8080", "-c", "3", "-i", "20ms", "-o", "json", no_new_privileges=no_new_privileges)
    output, errors = run.communicate(timeout=30)
    assert run.returncode == 0, errors
    report = json.loads(output)
    assert report["mode"] == mode and report["outcomes"]["open"] == 3
    if mode == "connect":
        assert errors.count("\n") == 1 and "CAP_NET_RAW is missing" in errors
    else:
        assert errors == ""


def test_without_the_capability_syn_says_what_to_do(container):
    run = container.start(65532, {}, "192.0.2.2:8080", "-m", "syn", no_new_privileges=True)
    output, errors = run.communicate(timeout=30)
    assert run.returncode == 77 and output == "" and "--cap-add NET_RAW" in errors and "securityContext" in errors


@pytest.mark.parametrize("user, capabilities", [(0, EVERYWHERE), (65532, {})])
def test_as_process_1_sigterm_ends_it_with_its_summary(container, user, capabilities):
    run = container.start(
        user, capabilities, "192.0.2.2:8080", "--forever", "-i", "20ms", no_new_privileges=True)
    assert "192.0.2.2:8080 from" in run.stdout.readline()
    run.stdout.readline()
    began = time.monotonic()
    container.kill("TERM")
    output, errors = run.communicate(timeout=30)
    assert run.returncode == 143, errors
    assert "--- 192.0.2.2:8080" in output and time.monotonic() - began < 2


def test_the_first_run_and_the_doctor_work_inside(container):
    run = container.start(65532, {"bounding": NET_RAW}, "doctor", "-o", "json", no_new_privileges=False)
    host = json.loads(run.communicate(timeout=30)[0])["host"]
    assert host["mode"] == "syn" and host["privileges"]["source"] == "file"
    assert host["privileges"]["effective"] == [] and host["privileges"]["permitted"] == ["net_raw"]


def test_a_name_is_resolved_inside(container, tmp_path):
    hosts = tmp_path / "hosts"
    hosts.write_text("192.0.2.2 web\n")
    container.config["mounts"].append(
        {"destination": "/etc/hosts", "type": "bind", "source": str(hosts), "options": ["bind", "ro"]})
    run = container.start(
        65532, {}, "web:8080", "-c", "1", "-o", "json", no_new_privileges=True, read_only=False)
    output, errors = run.communicate(timeout=30)
    assert run.returncode == 0, errors
    assert json.loads(output)["target"]["address"] == "192.0.2.2"


WHY = ["CAP_NET_RAW", "CAP_BPF", "CAP_PERFMON", "CAP_SYSLOG"]


def test_the_flavour_that_tells_why_names_what_dropped_a_probe(web, tmp_path):
    web.client.nft("input tcp sport 8080 drop")
    container = Container(tmp_path, web.client, WORK / "why")
    run = container.start(
        65532, {"bounding": WHY}, "192.0.2.2:8080", "-c", "4", "-i", "10ms", "-W", "300ms", "--why", "-o", "json",
        no_new_privileges=False)
    output, errors = run.communicate(timeout=30)
    assert run.returncode == 1 and errors == "", errors
    drop, = [one for one in json.loads(output)["dropped_by"] if one["evidence"] == "traced"]
    assert drop["place"] == "ingress" and drop["count"] == 4 and drop["what"].startswith("netfilter (NETFILTER_DROP, ")


@pytest.mark.parametrize("image, bounding, words", [
    (WORK, WHY, "libbpf.so.1 is missing"), (WORK / "why", NET_RAW, "CAP_BPF and CAP_PERFMON are missing")],
    ids=["the usual image", "the capabilities withheld"])
def test_where_it_cannot_tell_why_it_says_what_is_missing(web, tmp_path, image, bounding, words):
    container = Container(tmp_path, web.client, image)
    run = container.start(
        65532, {"bounding": bounding}, "192.0.2.2:8080", "-c", "2", "-i", "10ms", "--why", "-o", "json",
        no_new_privileges=False)
    output, errors = run.communicate(timeout=30)
    assert run.returncode == 0 and json.loads(output)["outcomes"]["open"] == 2
    assert errors.count("\n") == 1 and words in errors


def test_the_flavour_differs_by_a_library_and_its_capabilities(members):
    more = files(WORK / "why")
    assert capability(more[PROGRAM]) == (1 << 13 | 1 << 34 | 1 << 38 | 1 << 39, False)
    added = {name for name, member in more.items() if member.isfile()} - {
        name for name, member in members.items() if member.isfile()}
    assert added and all("libbpf" in name or "libelf" in name or "libz" in name or name.endswith("/copyright")
                         for name in added), added
    assert sum(member.size for member in more.values() if member.isfile()) < 60e6
