"""The commands of the README and of the pages are run, and what they link to is there.

A block ```console holds commands behind `$ `, and what they print; each must leave with status 0, or with the one that a
comment behind it gives. Blocks of other kinds are for people.
"""
import os
import re
import subprocess

import pytest
from lab import ROOT, SYNPROBE

PAGES = [ROOT / "README.md", *sorted((ROOT / "Sources/SynProbe/SynProbe.docc").glob("*.md"))]


def blocks():
    for page in PAGES:
        for number, block in enumerate(re.findall(r"^```console\n(.*?)^```", page.read_text(), re.M | re.S)):
            commands = re.findall(r"^\$ (.*)$", block, re.M)
            yield pytest.param(commands, id=f"{page.stem}-{number}")


@pytest.mark.parametrize("commands", blocks())
def test_the_commands_of_a_page_do_what_it_says(web, tmp_path, commands):
    (tmp_path / "synprobe").symlink_to(SYNPROBE)
    for name in "scripts", "Package.swift":
        (tmp_path / name).symlink_to(ROOT / name)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    assert commands
    for command in commands:
        wanted = re.search(r"# status (\d+)$", command)
        # The first command of the README builds: it needs no network but loopback's, and the sources.
        inside = [] if "scripts/run" in command else ["ip", "netns", "exec", web.client.name]
        done = subprocess.run([*inside, "sh", "-c", command], cwd=ROOT if "scripts/run" in command else tmp_path,
                              env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == int(wanted[1] if wanted else 0), (command, done.stdout, done.stderr)


@pytest.mark.anyone
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_links_to_is_there(page):
    text = page.read_text()
    for target in re.findall(r"\]\(([^)#:]+)\)|^\[\w+\]: (\S+)$", text, re.M):
        path = next(filter(None, target))
        assert (page.parent / path).exists(), path
    for name in re.findall(r"<doc:(\w+)>", text):
        assert (page.parent / f"{name}.md").exists(), name


@pytest.mark.anyone
def test_every_page_is_reached_from_the_readme_and_that_is_short():
    text = (ROOT / "README.md").read_text()
    assert len(text.splitlines()) < 200
    for page in PAGES[1:]:
        assert page.stem == "SynProbe" or f"SynProbe.docc/{page.name}" in text, page.name
