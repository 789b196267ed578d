"""Prometheus over a mesh of agents, with the files of scripts/deploy."""
import json

import lab

DEPLOY = lab.ROOT / "scripts/deploy/prometheus"


class MeshPrometheus:
    """It runs in the namespace `hub` and asks each pair of the list `nodes` every so many seconds; its rules wait as `waits` says."""

    def __init__(self, hub, folder, nodes, seconds, waits=None):
        self.hub = hub
        (folder / "nodes").write_text(nodes)
        (folder / "mesh.json").write_text(lab.sh([DEPLOY / "mesh-targets", folder / "nodes"]).stdout)
        quick = {"scrape_interval: 15s": f"scrape_interval: {seconds}s", "scrape_timeout: 10s": f"scrape_timeout: {seconds}s",
                 "evaluation_interval: 15s": "evaluation_interval: 1s"}
        (folder / "prometheus.yml").write_text(replaced((DEPLOY / "prometheus.yml").read_text(), quick))
        (folder / "mesh.rules.yml").write_text(replaced((DEPLOY / "mesh.rules.yml").read_text(), waits or {}))
        lab.sh(["promtool", "check", "config", folder / "prometheus.yml"])
        log = open(folder / "prometheus.log", "w")
        hub.start("prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
                  "--web.listen-address=127.0.0.1:9090", stdout=log, stderr=log)
        lab.wait_until(lambda: self._get("-/ready").returncode == 0, 30)

    def query(self, expression):
        return self.ask("query", query=expression)["result"]

    def failed_rules(self):
        """Those that Prometheus could not evaluate, with its words."""
        return [(rule["name"], rule["lastError"]) for group in self.ask("rules")["groups"] for rule in group["rules"]
                if rule["health"] != "ok"]

    def ask(self, path, **parameters):
        arguments = [part for name, value in parameters.items() for part in ("--data-urlencode", f"{name}={value}")]
        return json.loads(self._get(f"api/v1/{path}", *arguments, check=True).stdout)["data"]

    def _get(self, path, *arguments, check=False):
        return self.hub.run("curl", "-sfG", f"http://127.0.0.1:9090/{path}", *arguments, check=check)


def replaced(text, pairs):
    for old, new in pairs.items():
        assert old in text, old
        text = text.replace(old, new)
    return text
