"""What Grafana's own models do not know of a dashboard, a line each: grafana_members.py DASHBOARD; by the environment that has them."""
import json
import sys

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard


def unknown(written, known, path=""):
    """What is written and was not taken over."""
    if isinstance(written, dict) and isinstance(known, dict):
        for name, value in written.items():
            if name in known:
                yield from unknown(value, known[name], f"{path}.{name}")
            elif value is not None:
                yield f"{path}.{name}"
    elif isinstance(written, list) and isinstance(known, list) and len(written) == len(known):
        for index, (one, other) in enumerate(zip(written, known)):
            yield from unknown(one, other, f"{path}[{index}]")
    elif written != known:
        yield path


register_default_plugins()
with open(sys.argv[1]) as file:
    text = json.load(file)
print(*unknown(text, json.loads(JSONEncoder().encode(Dashboard.from_json(text)))), sep="\n")
