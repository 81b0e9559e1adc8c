"""Rule sets: TOML text in, resolved settings out (travel-expenses.md §4).

A set is ``id@version``. For a day the newest version that holds is picked; its settings
are its parent's, then what it extends, then its own, key by key. Texts are handed in.
A setting of the wrong shape, or one nobody knows, refuses the whole text: money is
not computed from a misspelt rule.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256

from attest.errors import ClaimRefused, Fault

from . import words
from .claim import FUELS, ITEMS

Table = dict[str, dict[str, object]]
AMOUNT_LIMIT = 1_000_000_000


def canonical(value: object) -> bytes:
    """JSON in its one form: sorted keys, no spaces, UTF-8."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


# -- the settings there are ------------------------------------------------------------

Check = Callable[[object], bool]


def _whole(low: int, high: int = AMOUNT_LIMIT) -> Check:
    return lambda said: type(said) is int and low <= said <= high


def _word(*listed: str) -> Check:
    return lambda said: said in listed and isinstance(said, str)


def _flag(said: object) -> bool:
    return isinstance(said, bool)


def _efficiency(said: object) -> bool:
    form = r"(0|[1-9][0-9]{0,4})(\.[0-9]{1,6})?"
    return isinstance(said, str) and bool(re.fullmatch(form, said) and float(said) > 0)


def _text(said: object) -> bool:
    return isinstance(said, str) and 1 <= len(said) <= 500


def _steps(said: object) -> bool:
    """Rising "up to day n" with a percent, and last the percent beyond (n = 0)."""
    pair = [_whole(0), _whole(0, 100)]
    if not (isinstance(said, list) and said):
        return False
    for step in said:
        if not (isinstance(step, list) and len(step) == 2):
            return False
        if not all(check(part) for check, part in zip(pair, step, strict=True)):
            return False
    days = [step[0] for step in said]
    return days[-1] == 0 and 0 not in days[:-1] and days[:-1] == sorted(set(days[:-1]))


AMOUNT, PERCENT = _whole(0), _whole(0, 100)

SETTINGS: dict[str, dict[str, Check]] = {
    "in_area": {
        "full_seconds": AMOUNT,
        "full": AMOUNT,
        "half": AMOUNT,
        "car_deduction": AMOUNT,
        "day_cap": AMOUNT,
        "distance_m": AMOUNT,
        "distance_reading": _word("round_trip", "one_way"),
        "near_round_trip_m": AMOUNT,
        "near_rule": _word("actual", "flat"),
        "near_capped": _flag,
        "hired_driver": _word("none", "minus"),
        "under_one_hour": _word("pay", "flag"),
    },
    "daily": {
        "amount": AMOUNT,
        "car_numerator": AMOUNT,
        "car_denominator": _whole(1),
        "stay_steps": _steps,
    },
    "meals": {"amount": AMOUNT, "first_grade_amount": AMOUNT},
    "lodging": {
        "seoul": AMOUNT,
        "metropolitan": AMOUNT,
        "other": AMOUNT,
        "gwangju_class": _word("seoul", "metropolitan", "other"),
        "first_grade_capped": _flag,
        "excess_percent": PERCENT,
        "excess_days": AMOUNT,
        "relatives": AMOUNT,
        "shared_extra": AMOUNT,
        "shared_first_grade_base": AMOUNT,
    },
    "fuel": dict.fromkeys(FUELS, _efficiency),
    "evidence": {"required": _flag},
    "settlement": {"days": AMOUNT, "late": _word("warn", "refuse")},
    "clawback": {"multiplier": AMOUNT},
    "rounding": {"trip_step": _whole(1), "meal_step": _whole(1)},
    "standing": {"full_days": AMOUNT, "divisor": _whole(1)},
    "hours": {"basis": _word("claimed", "evidenced")},
    "reduction": dict.fromkeys(ITEMS, PERCENT),
    "cites": {f"R{n}": _text for n in range(45)},
}


# -- one set, as written ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RuleSet:
    id: str
    version: str
    valid_from: date
    valid_to: date | None
    parent: str | None
    extends: str | None
    unverified: frozenset[str]
    own: Table

    @property
    def name(self) -> str:
        return f"{self.id}@{self.version}"

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


def _unreadable(detail: str) -> ClaimRefused:
    return ClaimRefused([words.fault("rules.text", "", detail)])


def _rule_set(text: str) -> RuleSet:
    try:
        said = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as wrong:
        raise _unreadable(str(wrong)) from wrong
    about = said.pop("rule_set", None)
    if not isinstance(about, dict):
        raise _unreadable("[rule_set]")
    _check_about(about)
    return RuleSet(
        id=about["id"],
        version=about["version"],
        valid_from=about["valid_from"],
        valid_to=about.get("valid_to"),
        parent=about.get("parent"),
        extends=about.get("extends"),
        unverified=frozenset(about.get("unverified", [])),
        own=_checked(said, about["id"]),
    )


def _is_date(said: object) -> bool:
    return isinstance(said, date) and not isinstance(said, datetime)


def _matches(form: str) -> Check:
    return lambda said: isinstance(said, str) and bool(re.fullmatch(form, said))


def _names(said: object) -> bool:
    return isinstance(said, list) and all(isinstance(name, str) for name in said)


def _settings(said: object) -> bool:
    """Names like ``in_area.full``: a misspelt one would leave a setting unmarked."""
    known = {f"{table}.{key}" for table, keys in SETTINGS.items() for key in keys}
    return isinstance(said, list) and all(isinstance(n, str) and n in known for n in said)


def _version(said: object) -> bool:
    if not _matches(_VERSION)(said):
        return False
    try:
        date.fromisoformat(str(said))
    except ValueError:
        return False
    return True


_ID, _VERSION = r"[^@\s]{1,64}", r"\d{4}-\d{2}-\d{2}"
_ABOUT: dict[str, Check] = {
    "id": _matches(_ID),
    "version": _version,
    "valid_from": _is_date,
    "valid_to": _is_date,
    "parent": _matches(_ID),
    "extends": _matches(f"{_ID}@{_VERSION}"),
    "corrects": lambda said: isinstance(said, str),
    "title": lambda said: _text(said) or isinstance(said, dict),
    "source": lambda said: _text(said) or _names(said),
    "unverified": _settings,
}


def _check_about(about: dict[str, object]) -> None:
    for name in ("id", "version", "valid_from"):
        if name not in about:
            raise _unreadable(f"rule_set.{name}")
    for name, said in about.items():
        if name not in _ABOUT or not _ABOUT[name](said):
            raise _unreadable(f"rule_set.{name}")
    since, until = about["valid_from"], about.get("valid_to")
    if isinstance(since, date) and isinstance(until, date) and until <= since:
        raise _unreadable("rule_set.valid_to")


def _checked(said: dict[str, object], name: str) -> Table:
    own: Table = {}
    for table, settings in said.items():
        if table not in SETTINGS or not isinstance(settings, dict):
            raise _unreadable(f"{name}: {table}")
        for key, value in settings.items():
            if key not in SETTINGS[table] or not SETTINGS[table][key](value):
                raise _unreadable(f"{name}: {table}.{key}")
        own[table] = settings
    return own


# -- all of them, and one resolved for a day -------------------------------------------


@dataclass(frozen=True, slots=True)
class Rules:
    """A rule set resolved for one day: each setting, and the set it came from."""

    chain: tuple[str, ...]
    table: Table
    origins: Mapping[str, str]
    unverified: frozenset[str]
    digest: str
    # What ``table`` holds, by the whole name of a setting: asked several times for every line.
    settings: Mapping[str, object]


@dataclass(slots=True)
class Ask:
    """What one line asks of the rules. It remembers, so that the line can say so."""

    rules: Rules
    keys: set[str] = field(default_factory=set)

    def number(self, key: str) -> int:
        value = self._value(key)
        return value if isinstance(value, int) else 0

    def word(self, key: str) -> str:
        return str(self._value(key))

    def flag(self, key: str) -> bool:
        return self._value(key) is True

    def steps(self, key: str) -> list[list[int]]:
        value = self._value(key)
        return value if isinstance(value, list) else []

    def _value(self, key: str) -> object:
        settings = self.rules.settings
        if key not in settings:
            raise _unreadable(f"{self.rules.chain[0]}: {key}")
        self.keys.add(key)
        return settings[key]

    @property
    def unverified(self) -> tuple[str, ...]:
        return tuple(sorted(self.keys & self.rules.unverified))


class RuleSets:
    """Rule sets by name. A later text replaces an earlier one of the same name."""

    def __init__(self, sets: Iterable[RuleSet]) -> None:
        self._sets = {one.name: one for one in sets}
        self._resolved: dict[tuple[str, date], Rules] = {}

    def pick(self, name: str, day: date) -> RuleSet:
        """The newest version of *name* that holds on *day*."""
        versions = [one for one in self._sets.values() if one.id == name]
        if not versions:
            raise ClaimRefused([words.fault("rules.unknown", "", name)])
        holding = [one for one in versions if one.holds_on(day)]
        if not holding:
            raise ClaimRefused([words.fault("rules.no_version", "", f"{name}, {day}")])
        return max(holding, key=lambda one: one.version)

    def on(self, name: str, day: date) -> Rules:
        """The settings of *name* on *day*, resolved."""
        if (name, day) not in self._resolved:
            self._resolved[name, day] = self._resolve(name, day)
        return self._resolved[name, day]

    def _resolve(self, name: str, day: date) -> Rules:
        chain = self._chain(name, day)
        table: Table = {}
        origins: dict[str, str] = {}
        unverified: set[str] = set()
        # The farthest ancestor first: what is nearer wins.
        for member in reversed(chain):
            for layer in reversed(self._layers(member)):
                unverified |= layer.unverified
                for group, settings in layer.own.items():
                    table.setdefault(group, {}).update(settings)
                    origins |= {f"{group}.{key}": member.name for key in settings}
        digest = sha256(canonical(table)).hexdigest()
        names = tuple(member.name for member in chain)
        settings = {
            f"{group}.{key}": value for group in table for key, value in table[group].items()
        }
        return Rules(names, table, origins, frozenset(unverified), digest, settings)

    def _chain(self, name: str, day: date) -> list[RuleSet]:
        chain: list[RuleSet] = []
        above: str | None = name
        while above is not None:
            member = self.pick(above, day)
            if member in chain:
                raise ClaimRefused([words.fault("rules.cycle", "", member.name)])
            chain.append(member)
            # What a set extends hands down its parent too, unless one nearer is named.
            layers = self._layers(member)
            above = next((layer.parent for layer in layers if layer.parent), None)
        return chain

    def _layers(self, member: RuleSet) -> list[RuleSet]:
        """*member* and what it extends, nearest first."""
        layers = [member]
        while (name := layers[-1].extends) is not None:
            if name not in self._sets:
                raise ClaimRefused([words.fault("rules.unknown", "", name)])
            if self._sets[name] in layers:
                raise ClaimRefused([words.fault("rules.cycle", "", name)])
            layers.append(self._sets[name])
        return layers


def read_sets(texts: Iterable[str]) -> RuleSets:
    """The rule sets of TOML *texts*, one a text; ``rules.text`` if one is none."""
    faults: list[Fault] = []
    sets = []
    for text in texts:
        try:
            sets.append(_rule_set(text))
        except ClaimRefused as refusal:
            faults.extend(refusal.faults)
    if faults:
        raise ClaimRefused(faults)
    return RuleSets(sets)
