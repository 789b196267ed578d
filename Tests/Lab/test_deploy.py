"""What scripts/deploy has for systemd and Kubernetes: whole, valid, and no more permitted than is said."""
import json
import re
import subprocess

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


def test_the_configuration_of_the_pods_is_good(tmp_path):
    [config] = [document for document in rendered("restricted") if document["kind"] == "ConfigMap"]
    tokens = tmp_path / "tokens"
    tokens.write_text("a-token-of-the-operator\n")
    file = tmp_path / "config.yaml"
    file.write_text(config["data"]["config.yaml"].replace("/etc/synprobe-tokens/tokens", str(tokens)))
    done = lab.sh([lab.SYNPROBE, "serve", "--check-config", "--config", file])
    assert "good" in done.stderr


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
