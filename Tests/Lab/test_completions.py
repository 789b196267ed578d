"""The scripts of completion, in the shells that they are for."""
import os
import subprocess

import pytest
from lab import SYNPROBE, sh, wait_until

anyone = pytest.mark.anyone


@pytest.fixture
def folder(tmp_path):
    """Has a script of each shell, under the name by which zsh looks for one, and the program under its own name."""
    for shell in "bash", "zsh", "fish":
        (tmp_path / f"_{shell}").write_text(sh([SYNPROBE, "--generate-completion-script", shell]).stdout)
    (tmp_path / "_zsh").rename(tmp_path / "_synprobe")
    (tmp_path / "synprobe").symlink_to(SYNPROBE)
    return tmp_path


def ask(folder, *command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, cwd=folder,
                          env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(folder)})
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()


@anyone
@pytest.mark.parametrize("words, offered", [
    (["synprobe", "sw"], ["sweep"]), (["synprobe", "sweep", "--order", ""], ["random", "linear"]),
    (["synprobe", "ping", "--mo"], ["--mode"])])
def test_bash(folder, words, offered):
    line, last = " ".join(words), len(words) - 1
    assert ask(folder, "bash", "--norc", "-c", f"""
        . ./_bash
        COMP_LINE={line!r} COMP_POINT={len(line)} COMP_CWORD={last} COMP_WORDS=({" ".join(repr(word) for word in words)})
        function=$(complete -p synprobe | sed -nE 's/.* -F ([^ ]+).*/\\1/p')
        "$function" synprobe {words[last]!r} {words[last - 1]!r}
        echo "${{COMPREPLY[@]}}" """) == offered


@anyone
@pytest.mark.parametrize("line, offered", [
    ("synprobe sw", ["sweep"]), ("synprobe sweep --order ", ["linear", "random"]), ("synprobe ping --mo", ["--mode"])])
def test_fish(folder, line, offered):
    lines = ask(folder, "fish", "--no-config", "-c", f"source ./_fish; complete -C {line!r} | cut -f 1")
    assert sorted(lines) == offered


@anyone
@pytest.mark.parametrize("typed, shown", [
    ("synprobe sw", "synprobe sweep"), ("synprobe sweep --order ", "random  linear"), ("synprobe ping --mod", "--mode  -- How to probe.")])
def test_zsh(folder, typed, shown):
    """Its completion needs a terminal."""
    def tmux(*words):
        return sh(["tmux", "-S", folder / "tmux", "-f", "/dev/null", *words]).stdout

    tmux("new-session", "-d", "-x", "100", "-y", "30", "zsh -f -i")
    try:
        tmux("send-keys", f"fpath=({folder} $fpath) path=({folder} $path); autoload -Uz compinit; compinit -u -D; clear; print rea''dy", "Enter")
        wait_until(lambda: "\nready" in "\n" + tmux("capture-pane", "-p"))
        tmux("send-keys", typed, "Tab")
        wait_until(lambda: shown in tmux("capture-pane", "-p"))
    finally:
        tmux("kill-server")
