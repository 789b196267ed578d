"""The Debian package: lintian has nothing against it, its pages are current, it is the same twice, and it works in a clean Debian."""
import gzip
import hashlib
import os
import pathlib
import re
import shutil
import subprocess

import lab
import pytest


def build(folder):
    done = lab.sh([lab.ROOT / "scripts/deb", folder], timeout=120, env={**os.environ, "SYNPROBE": lab.SYNPROBE, "SOURCE_DATE_EPOCH": "1795000000"})
    return pathlib.Path(done.stdout.strip().splitlines()[-1])


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return build(tmp_path_factory.mktemp("deb") / "one")


def test_lintian_has_nothing_against_it(package):
    done = lab.sh(["lintian", "--fail-on", "error,warning", "--allow-root", package], check=False, timeout=120)
    assert done.returncode == 0 and not re.search(r"^[EWI]:", done.stdout, re.M), done.stdout


def test_two_builds_are_the_same(package, tmp_path):
    again = build(tmp_path / "two")
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(package.read_bytes()).digest()


def test_each_command_has_a_page_that_is_well_written_and_names_each_option(package, tmp_path):
    pages = {path.name.removesuffix(".1.gz"): gzip.decompress(path.read_bytes()).decode()
             for path in (package.parent / "root/usr/share/man/man1").iterdir()}
    assert set(pages) == {"synprobe"} | {f"synprobe-{name}" for name in (
        "ping", "verify", "identify", "trace", "sweep", "serve", "doctor", "healthcheck", "hping3", "tcpping")}
    for name, text in pages.items():
        file = tmp_path / f"{name}.1"
        file.write_text(text)
        done = lab.sh(["mandoc", "-T", "lint", "-W", "error", file], check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        shown = re.sub(r".\x08", "", lab.sh(["mandoc", "-T", "utf8", "-O", "width=200", file]).stdout)
        command = name.split("-")[1:]
        if command == ["hping3"]:
            continue  # It takes hping3's own options, and shows them itself.
        for option in re.findall(r"^  (?:-\w, )?(--[a-z0-9-]+)", lab.sh([lab.SYNPROBE, *command, "--help"]).stdout, re.M):
            assert option in shown.replace("‐", "-").replace("−", "-"), (name, option)


def test_in_a_clean_debian_it_is_installed_measures_and_is_removed(package, tmp_path):
    root = tmp_path / "root"
    lab.sh(["debootstrap", "--variant=minbase", "bookworm", root], timeout=400)
    # This machine's sources of packages, and its resolver.
    for name in "apt/sources.list.d", "apt/apt.conf.d":
        shutil.copytree(f"/etc/{name}", root / "etc" / name, dirs_exist_ok=True)
    shutil.copytree("/usr/share/keyrings", root / "usr/share/keyrings", dirs_exist_ok=True)
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    shutil.copy(package, root / "synprobe.deb")
    def inside(*command, **options):
        return subprocess.run(["chroot", root, "env", "DEBIAN_FRONTEND=noninteractive", *command], capture_output=True, text=True, timeout=300, **options)
    assert inside("apt-get", "update").returncode == 0
    done = inside("apt-get", "install", "-y", "--no-install-recommends", "/synprobe.deb")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "cap_net_raw" in inside("getcap", "/usr/bin/synprobe").stdout
    assert inside("synprobe", "ping", "-c", "1").returncode == 0
    assert inside("synprobe", "serve", "--check-config", "--config", "/etc/synprobe/config.yaml").returncode == 0
    assert inside("bash", "-c", ". /usr/share/bash-completion/completions/synprobe && complete -p synprobe").returncode == 0
    done = inside("apt-get", "purge", "-y", "synprobe")
    assert done.returncode == 0 and not (root / "usr/bin/synprobe").exists() and not (root / "etc/synprobe/config.yaml").exists()
