"""What import-linter cannot see, told as sentences."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from django.template.loader import get_template

from attest import errors

ROOT = Path(__file__).resolve().parent.parent
DOORS = {"__main__.py", "commands"}  # the command line alone meets the world
CORE = sorted(p for p in ROOT.glob("attest/**/*.py") if not DOORS & set(p.parts))
SERVICES = sorted(p for p in ROOT.glob("*/services/*.py") if p.stem != "__init__")
TEMPLATES = sorted(ROOT.glob("templates/**/*.html"))

HANGUL = re.compile("[ㄱ-ㆎ가-힣]")
# A style, a handler, a script without the nonce of its page, a script in an address.
INLINE = re.compile(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\snonce=)|javascript:", re.IGNORECASE)
# What the scanner of a page hides from translators: another spelling, or a text in pieces.
UNHEARD = re.compile(r"{%-?\s*(?:trans|blocktrans)\s|{%\s*translate\s+(?![\"'])|{{\s*_\(")
_COMMENT = re.compile(r"{#.*?#}|{%\s*comment.*?endcomment\s*%}", re.DOTALL)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def said(path: Path) -> str:
    """A template as far as a reader gets it."""
    return _COMMENT.sub("", path.read_text(encoding="utf-8"))


def verbs(path: Path) -> list[ast.FunctionDef]:
    functions = [node for node in parsed(path).body if isinstance(node, ast.FunctionDef)]
    return [function for function in functions if not function.name.startswith("_")]


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from (f"{module}.{alias.name}" for alias in node.names)


def family(kind: type[errors.Refusal]) -> set[type[errors.Refusal]]:
    return {kind, *chain.from_iterable(map(family, kind.__subclasses__()))}


def drawn() -> Iterator[tuple[str, str]]:
    """Each refusal of the drawing, and the one it hangs from."""
    _, tree, _ = (errors.__doc__ or "").split("\n\n", 2)
    above: dict[int, str] = {0: tree.split("\n", 1)[0]}
    for line in tree.splitlines()[1:]:
        limb, kind = re.findall(r"^(.*── )(\w+)", line)[0]
        depth = len(limb) // 4
        above[depth] = kind
        yield kind, above[depth - 1]


def test_there_is_something_to_look_at() -> None:
    assert len(CORE) > 20
    assert len(SERVICES) > 30
    assert len(TEMPLATES) > 40


@pytest.mark.parametrize("path", CORE, ids=name)
def test_the_core_reads_no_clock_and_opens_no_file(path: Path) -> None:
    calls = [node.func for node in ast.walk(parsed(path)) if isinstance(node, ast.Call)]
    asked = {getattr(call, "attr", getattr(call, "id", "")) for call in calls}
    assert not asked & {"now", "today", "utcnow", "time_ns", "urandom", "token_bytes", "uuid4"}
    # The bare word only: a member of an archive that was handed in may be opened.
    assert "open" not in {call.id for call in calls if isinstance(call, ast.Name)}


@pytest.mark.parametrize("path", SERVICES, ids=name)
def test_a_service_is_one_verb(path: Path) -> None:
    assert [verb.name for verb in verbs(path)] == [path.stem]


@pytest.mark.parametrize("path", SERVICES, ids=name)
def test_a_service_names_all_it_is_given_but_its_subject(path: Path) -> None:
    (verb,) = verbs(path)
    given = verb.args
    assert len(given.posonlyargs + given.args) <= 1
    assert (given.vararg, given.kwarg) == (None, None)


@pytest.mark.parametrize("path", SERVICES, ids=name)
def test_a_service_takes_no_flag(path: Path) -> None:
    (verb,) = verbs(path)
    kinds = [ast.unparse(one.annotation) for one in verb.args.kwonlyargs if one.annotation]
    assert "bool" not in kinds


@pytest.mark.parametrize("path", SERVICES, ids=name)
def test_a_service_knows_no_sibling_and_no_http(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    known = [module for module in imported(path) if module.startswith((f"{room}.services", "."))]
    assert known == []
    assert [module for module in imported(path) if module.startswith("django.http")] == []


@pytest.mark.parametrize("path", SERVICES, ids=name)
def test_a_service_is_handed_its_clock(path: Path) -> None:
    calls = [
        ast.unparse(node.func) for node in ast.walk(parsed(path)) if isinstance(node, ast.Call)
    ]
    assert not {"timezone.now", "datetime.now", "date.today", "time"} & set(calls)


def test_the_drawn_tree_is_every_refusal_under_its_own_parent() -> None:
    kinds = family(errors.Refusal) - {errors.Refusal}
    assert sorted(drawn()) == sorted((kind.__name__, kind.__mro__[1].__name__) for kind in kinds)


def test_every_refusal_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in family(errors.Refusal)]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_has_no_inline_style_handler_or_bare_script(path: Path) -> None:
    assert INLINE.findall(said(path)) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_can_be_read_and_all_it_uses_is_there(path: Path) -> None:
    get_template(str(path.relative_to(ROOT / "templates")))


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_says_its_words_where_a_translator_hears_them(path: Path) -> None:
    assert UNHEARD.findall(said(path)) == []
    # The one word that is the same in every language.
    assert HANGUL.findall(said(path).replace("한국어", "")) == []
