"""Build the verifier as one file for any python3, and as one page for any browser.

``attest.pyz`` and ``verifier.html`` are the same bytes every time.

Stored, not compressed, with one date: no version of a compressor can change its hash.
"""

from __future__ import annotations

import stat
import sys
from hashlib import sha256
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from release_page import Missing, build_page

ROOT = Path(__file__).resolve().parent.parent
START = b"from attest.__main__ import main\nimport sys\nsys.exit(main(sys.argv[1:]))\n"
KINDS = {".py", ".toml", ".json"}


def members() -> dict[str, bytes]:
    """The core whole, by name."""
    files = (path for path in (ROOT / "attest").rglob("*") if path.suffix in KINDS)
    found = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in files}
    return found | {"__main__.py": START}


def build(target: Path) -> str:
    """Write *target* and say its SHA-256."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as out:
        out.write(b"#!/usr/bin/env python3\n")
        with ZipFile(out, "w", ZIP_STORED) as archive:
            for name, content in sorted(members().items()):
                said = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                said.create_system = 3
                said.external_attr = (stat.S_IFREG | 0o644) << 16
                archive.writestr(said, content)
    target.chmod(0o755)
    return sha256(target.read_bytes()).hexdigest()


def main(argv: list[str]) -> int:
    folder = Path(argv[0]) if argv else ROOT / "build"
    hashes = {"attest.pyz": build(folder / "attest.pyz")}
    core = (folder / "attest.pyz").read_bytes()
    try:
        hashes["verifier.html"] = build_page(folder / "verifier.html", core=core)
    except Missing as part:
        sys.stderr.write(f"verifier.html was not built: {part}\n")
    lines = "".join(f"{digest}  {name}\n" for name, digest in hashes.items())
    (folder / "SHA256SUMS").write_text(lines, encoding="ascii")
    sys.stdout.write(lines)
    return 0 if "verifier.html" in hashes else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
