"""What the image is made of: its SBOM, against what is really in it, and a second build, which is the same to the octet."""
import hashlib
import json

import lab
import pytest
from test_image import WORK

PLACE = "usr/share/doc/synprobe/sbom.spdx.json"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """The image unpacked anew: where it has run, a runtime has left its mount points."""
    bundle = tmp_path_factory.mktemp("image") / "bundle"
    lab.sh(["umoci", "unpack", "--image", f"{WORK}/oci:synprobe", bundle], timeout=120)
    return bundle / "rootfs"


@pytest.fixture(scope="module")
def bill(root):
    return json.loads((root / PLACE).read_text())


@pytest.mark.parametrize("folder", ["bundle", "why/bundle"])
def test_the_sbom_is_spdx(folder):
    lab.sh([lab.ROOT / ".build-spdx/bin/pyspdxtools", "-i", WORK / folder / "rootfs" / PLACE], timeout=120)


def test_the_sbom_has_each_file_of_the_image_and_no_other(root, bill):
    found = {f"./{path.relative_to(root)}": hashlib.sha256(path.read_bytes()).hexdigest()
             for path in root.rglob("*") if path.is_file() and not path.is_symlink() and str(path.relative_to(root)) != PLACE}
    told = {file["fileName"]: {sum["algorithm"]: sum["checksumValue"] for sum in file["checksums"]}["SHA256"] for file in bill["files"]}
    assert told == found


def test_the_sbom_names_what_is_linked_with_its_version(root, bill):
    links = {kind: {link["relatedSpdxElement"].removeprefix(f"SPDXRef-{prefix}-") for link in bill["relationships"] if link["relationshipType"] == kind}
             for kind, prefix in (("STATIC_LINK", "linked"), ("DYNAMIC_LINK", "debian"))}
    assert {"swift", "swift-nio", "swift-nio-ssl", "hummingbird", "swift-argument-parser", "swift-log"} <= links["STATIC_LINK"]
    assert not {"swift-docc-plugin", "async-http-client", "synprobe"} & links["STATIC_LINK"]  # Of the tests, or of the documentation.
    assert {"libpcap0.8", "libyaml-0-2", "libsqlite3-0", "libc6"} <= links["DYNAMIC_LINK"]
    for package in bill["packages"]:
        assert package["versionInfo"] and package["externalRefs"][0]["referenceLocator"].startswith("pkg:"), package
    text = (root / PLACE).read_text()
    assert str(lab.ROOT) not in text and "file:" not in text


def test_a_second_build_is_the_same_image():
    done = lab.sh([lab.ROOT / "scripts/image", "--compare", WORK], timeout=600)
    assert done.stdout.startswith("sha256:") and done.stdout.endswith(" twice\n")
