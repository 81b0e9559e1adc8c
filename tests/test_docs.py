"""What the docs say is what there is: nothing missing, nothing invented, and all of it runs."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from attest import errors
from attest.__main__ import COMMANDS
from attest.bundle.findings import WORDS
from attest.token import PUBLIC

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
ROOMS = ("attest", "vault", "ledger", "accounts", "trips", "settlement", "audit", "config")
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
# How a setting asks for its variable.
ASKED = ("text", "words", "flag", "number", "days", "choice", "secret_file")
METHODS = ("get", "post", "put", "patch", "delete")
# What may stand before the dot of a code.
FAMILIES = (
    "body|check-in|checkpoint|claim|evidence|export|facts|host-ask|import|keys|leaf|lease|lodging|log|note|"
    "office|paper|password|people|person|proof|rate|record|request|role|rules|sealed|session|settlement|site-code|"
    "step-up|token|trip|trips|upload"
)
_CODE = re.compile(rf"(?:{FAMILIES})\.[a-z][a-z_-]*[a-z]")
_LINK = re.compile(r"\]\((?!https?://|mailto:)([^)\s]+)\)")
_TEST_ID = re.compile(r"`(tests/[^`]+?\.py)::([a-z_0-9]+)`")


def text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@cache
def sources() -> tuple[tuple[Path, ast.Module], ...]:
    paths = (path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))
    ours = (path for path in paths if "migrations" not in path.parts)
    return tuple((path, ast.parse(path.read_text(encoding="utf-8"))) for path in ours)


def calls(name: str) -> Iterator[tuple[Path, list[ast.expr]]]:
    """Every call of *name* in the product, with its arguments."""
    for path, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
                if called == name:
                    yield path, node.args


def said(node: ast.AST) -> str:
    """The text of a literal; empty where it is none, or is put together."""
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, str) else ""


def first_words(name: str, *rooms: str) -> set[str]:
    """The first argument of every call of *name*, where it is plain text."""
    found = {said(args[0]) for path, args in calls(name) if args and _in(path, rooms)}
    return found - {""}


def _in(path: Path, rooms: tuple[str, ...]) -> bool:
    return not rooms or path.relative_to(ROOT).parts[0] in rooms


# --- settings ---------------------------------------------------------------------------


def test_every_variable_stands_in_the_configuration() -> None:
    asked = set().union(*(first_words(name, "config") for name in ASKED))
    variables = {f"TRIPSEAL_{name}" for name in asked if name.isupper()}

    assert len(variables) > 5
    told = re.findall(r"^\| `(TRIPSEAL_\w+)` \|", text("configuration.md"), re.MULTILINE)
    assert variables == set(told)


def test_every_line_that_stops_the_start_is_explained() -> None:
    lines = first_words("ImproperlyConfigured", "config", "vault")

    assert len(lines) > 5
    assert {line for line in lines if line not in text("configuration.md")} == set()


# --- codes ------------------------------------------------------------------------------


def refusals(root: type[errors.Refusal] = errors.Refusal) -> Iterator[str]:
    yield root.code
    for branch in root.__subclasses__():
        yield from refusals(branch)


def literal_codes() -> Iterator[str]:
    """Texts of the product that read as a code; where a serializer looks is none."""
    for _, tree in sources():
        looked = {
            id(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.keyword) and node.arg == "source"
        }
        for node in ast.walk(tree):
            word = said(node)
            if id(node) not in looked and _CODE.fullmatch(word):
                yield word


def codes() -> set[str]:
    files = {"session.key", "keys.check", "request.json"}
    uploads = {f"upload.{why}" for why in first_words("UploadRefused")}
    uploads |= {f"paper.{why}" for why in first_words("PaperRefused")}
    tokens = first_words("TokenRefused", "attest") | set(PUBLIC)
    return {*refusals(), *literal_codes(), *WORDS, *uploads, *tokens} - files


def test_every_code_stands_among_the_codes() -> None:
    written = set(re.findall(r"`([a-z_.-]+)`", text("codes.md")))

    found = codes()

    assert len(found) > 100
    assert found - written == set()


def test_no_code_is_told_that_nobody_says() -> None:
    product = "".join(path.read_text(encoding="utf-8") for path, _ in sources())
    told = {code for code in re.findall(r"`([a-z.-]+)`", text("codes.md")) if _CODE.fullmatch(code)}
    parts = {code: code.partition(".")[2] for code in told}

    # Some are put together from a field and what is wrong with it.
    ends = re.compile(r"-(missing|unreadable)$")
    assert {c for c, end in parts.items() if ends.sub("", end) not in product} == set()


# --- the API ----------------------------------------------------------------------------


def addresses(
    patterns: list[URLPattern | URLResolver] | None = None, before: str = "/"
) -> Iterator[tuple[str, str]]:
    for each in get_resolver().url_patterns if patterns is None else patterns:
        here = before + _plain(str(each.pattern))
        if isinstance(each, URLResolver):
            yield from addresses(each.url_patterns, here)
        else:
            yield from ((method, here) for method in _methods(each.callback))


def _plain(pattern: str) -> str:
    named = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", pattern.strip("^$"))
    return re.sub(r"<\w+:(\w+)>", r"<\1>", named)


def _methods(view: Any) -> list[str]:
    kind = getattr(view, "view_class", getattr(view, "cls", None))
    return [name.upper() for name in METHODS if kind is None or hasattr(kind, name)]


def test_the_api_is_told_address_by_address() -> None:
    there = {(m, path) for m, path in addresses() if path.startswith(("/api/v1/", "/log/"))}
    told = {
        (method, path.partition("?")[0])
        for methods, path in re.findall(r"`([A-Z, ]+) (/(?:api/v1|log)/[^`\s]*)`", _tables())
        for method in methods.split(", ")
    }

    assert len(there) > 50
    assert told == there


def test_what_is_open_to_all_is_told() -> None:
    told = text("api.md")

    assert {path for path in ("/livez", "/readyz", "/V") if f"`GET {path}`" not in told} == set()
    schema = {path for _, path in addresses() if path.startswith("/api/") and "/v1/" not in path}
    assert {path for path in schema if path not in told} == set()


def _tables() -> str:
    rows = (line for line in text("api.md").splitlines() if line.startswith("|"))
    # A query is shown with its form in angle brackets, which is no part of the address.
    return "\n".join(re.sub(r"\?\w+=<[^>]*>", "", row) for row in rows)


# --- commands ---------------------------------------------------------------------------


def test_every_command_and_option_is_told() -> None:
    told = text("commands.md")
    made = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    managed = {p.stem for room in ROOMS for p in ROOT.glob(f"{room}/management/commands/[a-z]*.py")}
    verbs = first_words("add_parser", "attest")
    options = {option for option in first_words("add_argument") if option.startswith("--")}

    assert {name for name in ("run", "demo", *made) if f"`make {name}`" not in told} == set()
    assert {name for name in managed if f"`{name}" not in told} == set()
    assert {name for name in COMMANDS if f"### {name}\n" not in told} == set()
    assert {verb for verb in verbs if not re.search(rf"\b{verb}\b", told)} == set()
    assert {option for option in options if option not in told} == set()


def sessions(page: Path) -> list[tuple[str, str]]:
    """Commands of the page's ``console`` blocks in order, each with what it is said to print."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL):
        for piece in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, printed = piece.partition("\n")
            found.append((command, printed))
    return found


WITH_COMMANDS = [page for page in PAGES if sessions(page)]


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: page.stem)
def test_what_is_shown_runs_and_prints_what_is_shown(page: Path, tmp_path: Path) -> None:
    for name in ("attest", "docs", "tests"):
        (tmp_path / name).symlink_to(ROOT / name)
    shown = sessions(page)
    # The mark hands on the status it found, so that the next line may ask for it.
    mark = "mark() { local was=$?; printf '\\036%d\\036' $was; return $was; }\n"
    script = mark + "".join(f"{command}\nmark\n" for command, _ in shown)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )

    pieces = done.stdout.split("\x1e")
    printed, status = pieces[:-1:2], pieces[1::2]
    assert len(status) == len(shown), done.stderr
    for (command, wanted), got in zip(shown, printed, strict=True):
        if wanted:
            pattern = ".*".join(map(re.escape, wanted.strip().split("…")))
            assert re.fullmatch(pattern, got.strip(), re.DOTALL), f"{command}\n{got}"
    # A failure is shown with its status, or is none.
    after = [following for _, (following, _) in pairwise(shown)] + [""]
    failed = [
        command
        for (command, _), code, then in zip(shown, status, after, strict=True)
        if code != "0" and then != "echo $?"
    ]
    assert failed == [], done.stderr


# --- links, promises, columns -----------------------------------------------------------


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    plain = (re.sub(r"[^\w\s-]", "", heading.lower()) for heading in headings)
    return {re.sub(r"\s", "-", heading.strip()) for heading in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    lost = []
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            lost.append(link)

    assert lost == []


def test_every_promise_ends_with_tests_that_exist() -> None:
    begin, _, _ = text("threat-model.md").partition("<!-- end of promises -->")
    promises = re.split(r"^\*\*\d+\.\*\*", begin, flags=re.MULTILINE)[1:]

    assert len(promises) > 15
    assert [p[:60] for p in promises if not _TEST_ID.search(p)] == []
    named = _TEST_ID.findall(begin)
    assert [f"{file}::{name}" for file, name in named if not _defined(file, name)] == []


def _defined(file: str, name: str) -> bool:
    path = ROOT / file
    return path.is_file() and f"def {name}(" in path.read_text(encoding="utf-8")


def test_every_promise_is_numbered_in_turn() -> None:
    numbers = re.findall(r"^\*\*(\d+)\.\*\*", text("threat-model.md"), re.MULTILINE)

    assert numbers == [str(number) for number in range(1, len(numbers) + 1)]


def test_tables_drawn_from_the_code_are_not_old() -> None:
    """Licences, reasons, and a class for every column of every table."""
    command = [sys.executable, "scripts/docs.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_pictures_are_small() -> None:
    pictures = list((DOCS / "images").glob("*.png"))

    assert {picture.name for picture in pictures} == {"phone.png", "station.png"}
    assert [p.name for p in pictures if p.stat().st_size > 120_000] == []
