"""A rule set as somebody writes it: read whole, tried in its place, compared with what holds."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any

from accounts.models import Organisation
from attest.allowance import read_sets
from attest.errors import RulesRefused
from attest.values import KST
from settlement.models import RuleSet
from trips.rules import rule_sets, rule_texts

BYTES_LIMIT = 65_536
# Later than any process keeps the rules it read.
NOTICE = timedelta(minutes=10)
# The deed a second administrator signs.
RELEASE = "release-rules"


@dataclass(frozen=True, slots=True)
class About:
    """What a text says of itself."""

    name: str
    valid_from: date


def checked(text: str, *, office: Organisation) -> About:
    """*text* as a draft of *office*.

    ``ClaimRefused`` with every fault of the text; ``RulesRefused``: ``size``, or ``elsewhere``
    where the rules of *office* would not read it.
    """
    if len(text.encode()) > BYTES_LIMIT:
        raise RulesRefused("size")
    read_sets([text])
    said = tomllib.loads(text)["rule_set"]
    about = About(f"{said['id']}@{said['version']}", said["valid_from"])
    together = read_sets([*rule_texts(), text])
    chain = together.on(office.rule_set, about.valid_from).chain
    if about.name not in chain:
        raise RulesRefused("elsewhere")
    return about


def taken(name: str, *, by: RuleSet | None = None) -> bool:
    """Whether a shipped or another written set has this name."""
    shelf = {f"{s['id']}@{s['version']}" for s in map(_about, rule_texts())}
    others = RuleSet.objects.filter(name=name)
    if by is not None:
        others = others.exclude(pk=by.pk)
    return name in shelf or others.exists()


def _about(text: str) -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads(text)["rule_set"]
    return found


def begins(row: RuleSet) -> datetime:
    return datetime.combine(row.valid_from, time(), KST)


def release_hash(row: RuleSet) -> bytes:
    """What the second administrator signs: this very text, under this name."""
    return sha256(f"tripseal/rules/1\0{row.name}\0".encode() + bytes(row.sha256)).digest()


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that differs; *before* or *after* is empty where there is none."""

    where: str
    before: str
    after: str


def changes(row: RuleSet, *, office: Organisation) -> list[Change]:
    """Every setting that is another on its first day than on the day before, as *office* reads it.

    Settings a set hands down from its parent, or from what it extends, count as its own.
    """
    eve = row.valid_from - timedelta(days=1)
    together = read_sets([*rule_texts(), row.toml])
    old = dict(_flat(rule_sets().on(office.rule_set, eve).table))
    new = dict(_flat(together.on(office.rule_set, row.valid_from).table))
    names = [*old, *(name for name in new if name not in old)]
    return [
        Change(name, old.get(name, ""), new.get(name, ""))
        for name in names
        if old.get(name) != new.get(name)
    ]


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(inner, f"{path}.{name}" if path else name)
    else:
        yield path, json.dumps(value, ensure_ascii=False)
