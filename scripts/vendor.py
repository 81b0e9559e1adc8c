"""Fetch the browser libraries and fonts named in scripts/vendor/package-lock.json.

`python3 scripts/vendor.py` lays them where the product serves them and writes the
manifests; tests/test_vendor.py holds every file to its hash from then on.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "scripts/vendor"
MAP = re.compile(rb"\n?//# sourceMappingURL=\S+")
# Comments that have their lines to themselves; the first one, with the licence, stays.
REMARK = re.compile(r"(?<=\n)[ \t]*(?:/\*.*?\*/[ \t]*|//[^\n]*)\n", re.DOTALL)


@dataclass(frozen=True)
class Library:
    name: str
    licence: str
    into: str
    files: dict[str, str]  # ours: theirs
    # (what stands there, what we put instead), each to be found exactly once.
    edits: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    ours: tuple[str, ...] = ()  # written by us, beside theirs
    bare: tuple[str, ...] = ()  # laid without remarks: phones need not load them


FACES = "dist/web/static/woff2-subset"
# Whole, with every Hangul syllable there is: what is printed cannot load another face later.
PRINT_FACES = "dist/public/static"
PRODUCT = [
    Library(
        "nayuki-qr-code-generator",
        "MIT",
        "static/vendor/nayuki-qr-code-generator",
        {"index.js": "index.js", "index.d.ts": "index.d.ts", "LICENSE": "LICENSE"},
        bare=("index.js",),
    ),
    Library(
        "zxing-wasm",
        "MIT",
        "static/vendor/zxing-wasm",
        {
            "reader.js": "dist/es/reader/index.js",
            "share.js": "dist/es/share.js",
            "zxing_reader.wasm": "dist/reader/zxing_reader.wasm",
            "LICENSE": "LICENSE",
        },
        edits={
            "reader.js": [(r'from "\.\./share\.js"', 'from "./share.js"')],
            # Without locateFile it would ask a foreign server. Ours asks nobody.
            "share.js": [
                (
                    r"`https://[^`]*`",
                    '(() => { throw new Error("zxing-wasm: give locateFile"); })()',
                )
            ],
        },
        ours=("reader.d.ts", "LICENSE-zxing-cpp"),
    ),
    Library(
        "idb",
        "ISC",
        "static/vendor/idb",
        {
            "index.js": "build/index.js",
            **{
                f"{name}.d.ts": f"build/{name}.d.ts"
                for name in ("index", "entry", "database-extras", "async-iterators")
            },
            "LICENSE": "LICENSE",
        },
    ),
    Library(
        "pretendard-gov",
        "OFL-1.1",
        "static/fonts",
        {
            "PretendardGOV-400.woff2": f"{FACES}/PretendardGOV-Regular.subset.woff2",
            "PretendardGOV-700.woff2": f"{FACES}/PretendardGOV-Bold.subset.woff2",
            "OFL.txt": "dist/LICENSE.txt",
        },
    ),
    Library(
        "pretendard-gov",
        "OFL-1.1",
        "trips/paper/fonts",
        {
            "PretendardGOV-400.otf": f"{PRINT_FACES}/PretendardGOV-Regular.otf",
            "PretendardGOV-700.otf": f"{PRINT_FACES}/PretendardGOV-Bold.otf",
            "OFL.txt": "dist/LICENSE.txt",
        },
    ),
]
TESTS = [
    Library(
        "axe-core",
        "MPL-2.0",
        "tests/browser/vendor",
        {"axe.min.js": "axe.min.js", "LICENSE": "LICENSE"},
    ),
]
MANIFESTS = {
    "static/vendor/MANIFEST.json": PRODUCT,
    "tests/browser/vendor/MANIFEST.json": TESTS,
}


def integrity(content: bytes) -> str:
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def version(library: Library) -> str:
    """The locked version, refusing a package that says another licence than we do."""
    package = json.loads((source(library) / "package.json").read_text())
    if package["license"] != library.licence:
        raise SystemExit(f"{library.name}: the licence is now {package['license']}")
    return str(package["version"])


def source(library: Library) -> Path:
    return SOURCES / "node_modules" / library.name


def content(library: Library, ours: str) -> bytes:
    raw = (source(library) / library.files[ours]).read_bytes()
    if not ours.endswith(".js"):
        return raw
    text = MAP.sub(b"", raw).decode()
    for old, new in library.edits.get(ours, []):
        text, found = re.subn(old, new, text)
        if found != 1:
            raise SystemExit(f"{library.name}/{ours}: {old} is there {found} times")
    return (REMARK.sub("", text) if ours in library.bare else text).encode()


def lay(library: Library) -> dict[str, object]:
    """Write the library's files; return its entry in the manifest."""
    folder = ROOT / library.into
    folder.mkdir(parents=True, exist_ok=True)
    for ours in library.files:
        (folder / ours).write_bytes(content(library, ours))
    names = sorted([*library.files, *library.ours])
    return {
        "name": library.name,
        "version": version(library),
        "licence": library.licence,
        "edited": sorted({*library.edits, *library.bare}),
        "files": {
            f"{library.into}/{name}": integrity((folder / name).read_bytes()) for name in names
        },
    }


def main() -> None:
    subprocess.run(
        ["npm", "install", "--no-save", "--ignore-scripts", "--silent"],
        cwd=SOURCES,
        check=True,
    )
    for manifest, libraries in MANIFESTS.items():
        entries = [lay(library) for library in libraries]
        (ROOT / manifest).write_text(json.dumps(entries, indent=2) + "\n")
    print("fonts may have changed: run scripts/subset_fonts.py as well")


if __name__ == "__main__":
    main()
