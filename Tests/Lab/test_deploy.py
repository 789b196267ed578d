"""What scripts/deploy has for systemd and Kubernetes: whole, valid, and no more permitted than is said."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import urllib.parse

import lab
import pytest
import yaml

DEPLOY = lab.ROOT / "scripts/deploy"
VALIDATE = lab.ROOT / ".build-kubernetes/bin/kubernetes-validate"
OVERLAYS = {"privileged": ["NET_RAW"], "baseline": None, "restricted": [], "mesh": ["NET_RAW"], "operator": ["NET_RAW"]}


def rendered(overlay):
    done = lab.sh(["kubectl", "kustomize", DEPLOY / "kubernetes/overlays" / overlay])
    return [document for document in yaml.safe_load_all(done.stdout) if document]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_each_overlay_is_valid_and_permits_what_it_says(overlay, tmp_path):
    documents = rendered(overlay)
    core = [document for document in documents if "monitoring.coreos.com" not in document["apiVersion"]]
    assert len(core) == 6
    for number, document in enumerate(core):
        file = tmp_path / f"{number}.yaml"
        file.write_text(yaml.safe_dump(document))
        lab.sh([VALIDATE, "-k", "1.32", "--strict", file])
    [workload] = [document for document in core if document["kind"] in ("Deployment", "DaemonSet")]
    assert workload["kind"] == ("DaemonSet" if overlay == "mesh" else "Deployment")
    pod = workload["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False and "hostNetwork" not in pod
    [container] = pod["containers"]
    context, added = container["securityContext"], OVERLAYS[overlay]
    assert context["readOnlyRootFilesystem"] and container["resources"]["limits"]["memory"]
    if added is None:
        assert "capabilities" not in context and context["runAsNonRoot"]
    else:
        assert context["capabilities"] == {"drop": ["ALL"], **({"add": added} if added else {})}
    assert context["allowPrivilegeEscalation"] is False
    assert workload["spec"]["selector"]["matchLabels"].items() <= workload["spec"]["template"]["metadata"]["labels"].items()
    # The level of the namespace is one that admits the pod (Pod Security Standards): others than default capabilities are privileged.
    [space] = [document for document in core if document["kind"] == "Namespace"]
    level = space["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
    assert level == {"baseline": "baseline", "restricted": "restricted"}.get(overlay, "privileged")


TOKEN = {"Authorization": "Bearer a-token-of-the-operator"}
# The lab's network is one more of the cluster's.
WITH_LAB = [("10.0.0.0/8, ", "10.0.0.0/8, 192.0.2.0/24, ")]


def configuration(overlay, folder, changes=()):
    """The configuration of the overlay's pods, with tokens that are there."""
    [config] = [document for document in rendered(overlay) if document["kind"] == "ConfigMap"]
    tokens = folder / "tokens"
    tokens.write_text("a-token-of-the-operator\n")
    text = config["data"]["config.yaml"].replace("/etc/synprobe-tokens/tokens", str(tokens))
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file = folder / "config.yaml"
    file.write_text(text)
    return file


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_configuration_of_the_pods_is_good(overlay, tmp_path):
    done = lab.sh([lab.SYNPROBE, "serve", "--check-config", "--config", configuration(overlay, tmp_path)])
    assert "good" in done.stderr


def asked(service, url, target, **headers):
    """What the service answers to a request as it is written, but for the target that the lab has."""
    found = urllib.parse.urlsplit(url)
    query = re.sub(r"target=[^&]*", f"target={target}", found.query)
    return service.get(f"{found.path}?{query}", headers={"Host": found.netloc, **headers})


def test_what_asks_the_pods_is_answered(serve, web, tmp_path):
    """Prometheus' jobs, the operator's Probe and the checks of experiments: their names, modules and tokens are those of the pods."""
    [probe] = [document["spec"] for document in rendered("operator") if document["kind"] == "Probe"]
    check = yaml.safe_load((lab.ROOT / "scripts/examples/chaos-mesh-statuscheck.yaml").read_text())["spec"]["http"]
    litmus = [one["httpProbe/inputs"]["url"] for one in yaml.safe_load((lab.ROOT / "scripts/examples/litmus-httpprobe.yaml").read_text())]
    assert list(check["headers"]) == ["Authorization"] and check["headers"]["Authorization"][0].startswith("Bearer ")
    service = serve("--config", configuration("operator", tmp_path, WITH_LAB))
    urls = [f"http://{probe['prober']['url']}{probe['prober']['path']}?target=x&module={probe['module']}", check["url"], *litmus]
    assert [asked(service, url, "192.0.2.2:8080", **TOKEN).status for url in urls] == [200] * 4
    assert asked(service, urls[0], "192.0.2.2:8080").status == 401


@pytest.fixture
def readable():
    """A folder that any user may read: the tests' own is its user's alone."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        yield pathlib.Path(folder)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_kubelet_s_probes_are_answered(overlay, serve, readable):
    """By the pod's address and without a token, with what the container may do and no more."""
    [container] = next(document["spec"]["template"]["spec"]["containers"] for document in rendered(overlay)
                       if document["kind"] in ("Deployment", "DaemonSet"))
    context = container["securityContext"]
    file = configuration(overlay, readable)
    capabilities = ",".join(["-all"] + [f"+{one.lower()}" for one in (OVERLAYS[overlay] or [])])
    service = serve("--config", file, wrapper=[
        "setpriv", f"--reuid={context['runAsUser']}", "--clear-groups", f"--bounding-set={capabilities}",
        f"--inh-caps={capabilities}", f"--ambient-caps={capabilities}", "--no-new-privs"])
    assert container["args"] == ["serve", "--config", "/etc/synprobe/config.yaml"]
    [port] = [one["containerPort"] for one in container["ports"] if one["name"] == "http"]
    assert port == service.port
    for probe in "startupProbe", "livenessProbe", "readinessProbe":
        asks = container[probe]["httpGet"]
        assert asks["port"] == "http"
        answer = service.get(asks["path"], headers={"Host": f"10.244.1.7:{port}", "User-Agent": "kube-probe/1.32", "Accept": "*/*"})
        assert answer.status == 200, (probe, answer.body)


def test_the_agents_of_the_mesh_have_the_modules_that_prometheus_asks_for(serve, web, tmp_path):
    [job] = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())["scrape_configs"]
    service = serve("--config", configuration("mesh", tmp_path, WITH_LAB))
    url = f"http://{service.address}:{service.port}{job['metrics_path']}?target=x&module={job['params']['module'][0]}"
    answer = asked(service, url, "192.0.2.2:8080", **TOKEN)
    assert answer.status == 200 and "probe_success 1" in answer.text
    agent = yaml.safe_load((DEPLOY / "prometheus/agent.yaml").read_text())
    assert yaml.safe_load((tmp_path / "config.yaml").read_text())["modules"] == agent["modules"]


def test_the_mesh_s_service_has_the_names_of_all_pods():
    [service] = [document for document in rendered("mesh") if document["kind"] == "Service"]
    assert service["spec"]["clusterIP"] == "None"


def test_the_unit_is_good_and_hardened(tmp_path):
    unit = tmp_path / "synprobe.service"
    text = (DEPLOY / "systemd/synprobe.service").read_text()
    unit.write_text(text.replace("/usr/bin/synprobe", lab.SYNPROBE).replace("Documentation=man:synprobe(1)\n", ""))
    done = lab.sh(["systemd-analyze", "verify", unit], check=False)
    assert done.returncode == 0 and not [line for line in done.stderr.splitlines() if "synprobe" in line], done.stderr
    found = json.loads(lab.sh(["systemd-analyze", "security", "--offline=true", "--json=short", unit], check=False).stdout)
    exposure = re.search(r"level for synprobe.service: ([0-9.]+)", lab.sh(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", unit], check=False).stdout)
    assert found and float(exposure[1]) < 2.5, exposure


def test_the_unit_s_configuration_is_good(tmp_path):
    done = subprocess.run([lab.SYNPROBE, "serve", "--check-config", "--config", DEPLOY / "systemd/config.yaml"],
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == 0 and "good" in done.stderr


def test_with_the_unit_s_privileges_it_sends_syn_segments(serve, web):
    """A user without a name, CAP_NET_RAW alone, ambient, no new privileges, and the unit's filter of system calls."""
    service = serve(wrapper=["setpriv", "--reuid=64999", "--regid=64999", "--clear-groups", "--bounding-set=-all,+net_raw",
                             "--inh-caps=-all,+net_raw", "--ambient-caps=-all,+net_raw", "--no-new-privs",
                             "/usr/bin/python3", lab.HERE / "unit_filter.py", DEPLOY / "systemd/synprobe.service"])
    found = service.get("/v1/ping?target=192.0.2.2:8080&count=2").json
    assert found["mode"] == "syn" and found["outcomes"]["open"] == 2 and found["segments_ms"]["egress"]


def test_one_version_is_written_wherever_one_is():
    version = lab.sh([lab.SYNPROBE, "--version"]).stdout.split()[1]
    written = {"Dockerfile": r"ARG VERSION=(.*)", "Sources/python/pyproject.toml": r'^version = "(.*)"',
               "Sources/python/synprobe/__init__.py": r'__version__ = "(.*)"',
               "scripts/deploy/kubernetes/base/deployment.yaml": r"image: synprobe:(.*)"}
    found = {path: re.findall(pattern, (lab.ROOT / path).read_text(), re.M) for path, pattern in written.items()}
    assert found == {path: [version] for path in written}
