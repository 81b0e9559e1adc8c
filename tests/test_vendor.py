"""Other people's files are what we looked at; no line says where to fetch from."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MANIFESTS = ["static/vendor/MANIFEST.json", "tests/browser/vendor/MANIFEST.json"]
FOLDERS = ["static/vendor", "tests/browser/vendor"]
LOCKS = [
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-pkcs11.txt",
    "package-lock.json",
    "scripts/vendor/package-lock.json",
]
# Taken apart, so that this file does not accuse itself.
REGISTRIES = [
    ".".join(parts)
    for parts in [
        ("registry", "npmjs", "org"),
        ("pypi", "org"),
        ("files", "pythonhosted", "org"),
        ("fastly", "jsdelivr", "net"),
        ("cdn", "jsdelivr", "net"),
        ("unpkg", "com"),
        ("registry", "yarnpkg", "com"),
    ]
]


def promised() -> dict[str, str]:
    entries = [e for name in MANIFESTS for e in json.loads((ROOT / name).read_text())]
    return {path: digest for entry in entries for path, digest in entry["files"].items()}


def sha384(path: Path) -> str:
    digest = hashlib.sha384(path.read_bytes()).digest()
    return "sha384-" + base64.b64encode(digest).decode()


def tracked() -> list[Path]:
    """What is in the repository or about to be: all that git does not ignore."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


@pytest.mark.parametrize("path", sorted(promised()))
def test_a_vendored_file_is_what_the_manifest_says(path: str) -> None:
    assert sha384(ROOT / path) == promised()[path]


@pytest.mark.parametrize("folder", FOLDERS)
def test_nothing_lies_beside_the_manifest_unnamed(folder: str) -> None:
    found = {str(p.relative_to(ROOT)) for p in (ROOT / folder).rglob("*") if p.is_file()}

    assert found - set(promised()) == {f"{folder}/MANIFEST.json"}


@pytest.mark.parametrize("name", MANIFESTS)
def test_each_library_brings_its_licence(name: str) -> None:
    for entry in json.loads((ROOT / name).read_text()):
        assert entry["licence"]
        assert any(re.search(r"/(LICENSE|OFL\.txt)$", path) for path in entry["files"])


def test_a_vendored_script_points_to_no_source_map() -> None:
    scripts = [ROOT / path for path in promised() if path.endswith(".js")]

    assert not [p for p in scripts if b"sourceMappingURL=" in p.read_bytes()]


def test_no_file_of_ours_names_a_package_registry() -> None:
    hosts = [host.encode() for host in REGISTRIES]

    assert not [p for p in tracked() if any(h in p.read_bytes() for h in hosts)]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_leaves_the_index_to_the_machine(name: str) -> None:
    text = (ROOT / name).read_text()

    assert not re.search(r"--(extra-)?index-url|--find-links|--trusted-host", text)
    assert '"resolved"' not in text
    assert "@ http" not in text


def test_every_requirement_is_pinned_and_hashed() -> None:
    text = "".join((ROOT / name).read_text() for name in LOCKS[:2])
    pieces = re.split(r"^(?=[a-z])", text, flags=re.MULTILINE)[1:]

    assert len(pieces) > 50
    for piece in pieces:
        assert re.match(r"[a-z0-9-]+==\S+", piece)
        assert "--hash=sha256:" in piece
