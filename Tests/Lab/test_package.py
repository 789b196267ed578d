"""A package elsewhere that depends on this one by version, and probes in ten lines."""
import re
import subprocess

import pytest
from lab import ROOT, sh

MANIFEST = """// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "user",
  dependencies: [.package(url: "file://{origin}", from: "0.1.0")],
  targets: [
    .executableTarget(name: "user", dependencies: [.product(name: "SynProbe", package: "synprobe")]),
    .executableTarget(name: "simulation", dependencies: [.product(name: "SynTesting", package: "synprobe")]),
  ]
)
"""
PROGRAM = """import SynCore
import SynProbe
import SynWire

let target = Endpoint(address: IPAddress("127.0.0.1")!, port: UInt16(CommandLine.arguments[1])!)
for await event in try Prober().events(of: target, count: 3, interval: .milliseconds(10)) {
  if case .probe(let result) = event { print(result.outcome.kind.rawValue) }
}
"""


@pytest.mark.anyone
def test_a_package_that_depends_on_it_by_version_builds_and_probes(tmp_path):
    origin = tmp_path / "synprobe"
    sh(["git", "clone", "-q", ROOT, origin])
    sh(["git", "-C", origin, "tag", "0.1.0"])
    user = tmp_path / "user"
    (user / "Sources/user").mkdir(parents=True)
    (user / "Sources/simulation").mkdir()
    page = (ROOT / "Sources/SynProbe/SynProbe.docc/OtherLanguages.md").read_text()
    simulation, = re.findall(r"```swift\n(import SynTesting\n.*?)```", page, re.DOTALL)
    (user / "Sources/simulation/main.swift").write_text(simulation)
    (user / "Package.swift").write_text(MANIFEST.format(origin=origin))
    (user / "Sources/user/main.swift").write_text(PROGRAM)
    built = subprocess.run(["swift", "build", "--package-path", user], capture_output=True, text=True, timeout=900)
    assert built.returncode == 0, built.stdout[-2000:] + built.stderr[-2000:]
    assert sh([user / ".build/debug/user", "9"]).stdout == "closed\n" * 3
    attempted, lost, reports = map(int, sh([user / ".build/debug/simulation"]).stdout.split())
    # A lost answer is repeated by the target, after the probe's end at the latest.
    assert attempted == 1000 and 240 < lost < 360 and reports > 0
