"""The configuration of the service: a corpus of good and bad files, sources over each other, and what refuses to start."""
import os
import re

import pytest
from lab import HERE, SYNPROBE, sh
from service import run_to_end

pytestmark = pytest.mark.anyone
GOOD = sorted((HERE / "configurations/good").iterdir())
BAD = sorted((HERE / "configurations/bad").iterdir())


def check(*arguments, **options):
    return sh([SYNPROBE, "serve", "--check-config", *arguments], check=False, **options)


@pytest.mark.parametrize("file", GOOD, ids=[file.stem for file in GOOD])
def test_a_good_file_is_good(file):
    done = check("--config", file)  # Without a word on anything else.
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "synprobe: the configuration is good\n")


@pytest.mark.parametrize("file", BAD, ids=[file.stem for file in BAD])
def test_a_bad_file_is_refused_in_one_line_that_says_where_and_why(file):
    wanted = file.read_bytes().split(b"\n", 1)[0].decode().removeprefix("# ")
    done = check("--config", file)
    assert done.returncode == 64 and done.stdout == "" and done.stderr.count("\n") == 1
    assert wanted in done.stderr


def test_a_file_that_is_not_there_or_too_large_is_said(tmp_path):
    assert "No such file" in check("--config", tmp_path / "none.yaml").stderr
    assert "Is a directory" in check("--config", tmp_path).stderr
    large = tmp_path / "large.yaml"
    large.write_text("# " + "x" * (2 << 20))
    assert "larger than 1024 KiB" in check("--config", large).stderr
    assert "larger than 1024 KiB" in check("--config", "/dev/zero").stderr


def test_options_go_before_variables_and_those_before_the_file(tmp_path):
    file = tmp_path / "s.yaml"
    file.write_text("listen: 0.0.0.0:1\n")
    variables = {"SYNPROBE_CONFIG": str(file), "PATH": "/usr/bin"}
    assert "0.0.0.0:1" in check(env=variables).stderr
    variables["SYNPROBE_LISTEN"] = "0.0.0.0:2"
    assert "0.0.0.0:2" in check(env=variables).stderr
    assert "0.0.0.0:3" in check("--listen", "0.0.0.0:3", env=variables).stderr
    assert check("--listen", "127.0.0.1:3", env=variables).returncode == 0


@pytest.mark.parametrize("variable, value, words", [
    ("SYNPROBE_LISTEN", "nonsense", "SYNPROBE_LISTEN: 'nonsense' is not IP:PORT"),
    ("SYNPROBE_ALLOW", "192.0.2.0/24 x", "SYNPROBE_ALLOW: 'x' is not a rule"),
    ("SYNPROBE_NAMES", "1", "SYNPROBE_NAMES: '1' is neither true nor false"),
    ("SYNPROBE_TOKEN_FILE", "/nowhere", "/nowhere: No such file or directory")])
def test_a_bad_variable_is_named(variable, value, words):
    done = check(env={variable: value, "PATH": "/usr/bin"})
    assert done.returncode == 64 and words in done.stderr


def test_a_variable_that_is_no_setting_is_said():
    done = check(env={"SYNPROBE_TOKENS": "x", "SYNPROBE_SERVICE_HOST": "10.0.0.1", "PATH": "/usr/bin"})
    assert done.returncode == 0 and "SYNPROBE_TOKENS is no setting" in done.stderr and "SERVICE" not in done.stderr


@pytest.mark.parametrize("arguments, words", [
    (["--listen", "localhost:9115"], "--listen: 'localhost:9115' is not IP:PORT"),
    (["--listen", "127.0.0.1"], "--listen: '127.0.0.1' is not IP:PORT"), (["--listen", "[::1]"], "--listen"),
    (["--listen", "127.0.0.1:0"], "--listen"), (["--allow", "all"], "--allow: 'all' is not a rule"),
    (["--deny", "192.0.2.0/24:"], "--deny"), (["--tls-cert", "c"], "--tls-key"), (["--host", "a:1"], "--host: 'a:1'")])
def test_a_bad_option_is_named(arguments, words):
    done = check(*arguments)
    assert done.returncode == 64 and words in done.stderr and done.stderr.count("\n") == 1


def certificate(folder, name="server", days=30, subject="localhost"):
    key, file = folder / f"{name}.key", folder / f"{name}.pem"
    sh(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
        "-out", file, "-days", days, "-subj", f"/CN={subject}"])
    return file, key


def test_certificates_that_cannot_serve_are_refused_at_the_start(tmp_path):
    good, key = certificate(tmp_path)
    other, other_key = certificate(tmp_path, "other")
    half = tmp_path / "half.pem"
    half.write_text(good.read_text()[:300])
    expired = tmp_path / "expired.pem"
    sh(["openssl", "req", "-new", "-key", key, "-subj", "/CN=old", "-out", tmp_path / "csr"])
    (tmp_path / "index").write_text("")
    (tmp_path / "ca.cnf").write_text(
        f"[ca]\ndefault_ca=c\n[c]\ndatabase={tmp_path}/index\nnew_certs_dir={tmp_path}\nrand_serial=yes\n"
        "default_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n")
    sh(["openssl", "ca", "-batch", "-selfsign", "-config", tmp_path / "ca.cnf", "-keyfile", key, "-in", tmp_path / "csr",
        "-startdate", "20200101000000Z", "-enddate", "20200201000000Z", "-out", expired])
    assert check("--tls-cert", good, "--tls-key", key).returncode == 0
    for chain, private, words in [
            (expired, key, "expired"), (good, other_key, "do not fit"), (half, key, "is not a certificate"),
            (good, good, "is not a private key"), (tmp_path / "none", key, "No such file"), (key, key, "certificate")]:
        done = check("--tls-cert", chain, "--tls-key", private)
        assert done.returncode == 64 and words in done.stderr and done.stderr.count("\n") == 1, done.stderr
    assert not re.search("PRIVATE KEY", done.stderr)


def test_a_port_that_is_taken_or_not_ours_is_said(request):
    if os.geteuid():
        pytest.skip("needs root, for network namespaces")
    web = request.getfixturevalue("web")
    web.client.listen("127.0.0.1/9115")
    done = run_to_end(web.client)
    assert done.returncode == 71 and "127.0.0.1:9115" in done.stderr and "in use" in done.stderr
    done = run_to_end(web.client, "--listen", "127.0.0.9:80")
    assert done.returncode == 77 and "below 1024" in done.stderr
