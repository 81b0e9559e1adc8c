"""Rule sets: picked by day, resolved by key, refused when they cannot be read."""

from __future__ import annotations

import json
from datetime import date, timedelta
from hashlib import sha256

import pytest

from attest.allowance import RuleSets, canonical, read_sets
from attest.commands.shipped import shipped
from attest.errors import ClaimRefused

from .claims import claim, computed, of_trip, office, rules, trip

# Published versions never change: a correction is a new version.
PUBLISHED = {
    "kr-changwon@2018-11-01": "e32de5b271574566c5ba70aa1be64262",
    "kr-changwon@2023-05-31": "21e9d75990444a48f9e2cd4ac6fcfbda",
    "kr-gwangsan@2023-05-17": "57cf30caed831ad16845c40b91fee503",
    "kr-gyeongnam@2018-11-01": "6957b49adef195ccb6a6b3333b2daa1d",
    "kr-national@2018-11-01": "71188931557a1aff373dd156f36c03d0",
    "kr-national@2021-12-09": "2b0d02b17acb28c6a832af2b902075a1",
    "kr-national@2023-01-18": "4e2c07d3bf7b5254fba80a3702f1da76",
    "kr-national@2023-03-02": "49ce571871b364a1ebea0b6edc2ffcb0",
    "kr-national@2026-07-01": "7d198c39065f24bb828053e2930bc895",
}


def made(name: str, more: str = "", body: str = "") -> str:
    """A set from 2020 on."""
    return f"""{body}
[rule_set]
id = "{name}"
version = "2020-01-01"
valid_from = 2020-01-01
{more}
"""


def refused(*texts: str) -> list[str]:
    with pytest.raises(ClaimRefused) as refusal:
        read_sets(texts)
    return [fault.code for fault in refusal.value.faults]


def unresolved(sets: RuleSets, name: str, day: date = date(2026, 10, 6)) -> list[str]:
    with pytest.raises(ClaimRefused) as refusal:
        sets.on(name, day)
    return [fault.code for fault in refusal.value.faults]


@pytest.mark.parametrize(
    ("name", "version", "before"),
    [
        ("kr-national", "2018-11-01", None),
        ("kr-national", "2021-12-09", "2018-11-01"),
        ("kr-national", "2023-01-18", "2021-12-09"),
        ("kr-national", "2023-03-02", "2023-01-18"),
        ("kr-national", "2026-07-01", "2023-03-02"),
        ("kr-gyeongnam", "2018-11-01", None),
        ("kr-changwon", "2018-11-01", None),
        ("kr-changwon", "2023-05-31", "2018-11-01"),
        ("kr-gwangsan", "2023-05-17", None),
    ],
)
def test_a_version_holds_from_its_day_on(name: str, version: str, before: str | None) -> None:
    first = date.fromisoformat(version)
    eve = first - timedelta(days=1)

    assert rules().pick(name, first).version == version
    if before is None:
        assert unresolved(rules(), name, eve) == ["rules.no_version"]
    else:
        assert rules().pick(name, eve).version == before


def test_the_start_in_korea_picks_the_version_for_the_whole_trip() -> None:
    def chain(starts_at: str) -> tuple[str, ...]:
        said = trip(starts_at=starts_at, ends_at="2026-07-02T12:00:00+09:00")
        return computed(claim(said)).trips[0].rules.chain

    assert chain("2026-06-30T14:59:59Z") == ("kr-national@2023-03-02",)
    assert chain("2026-06-30T15:00:00Z") == ("kr-national@2026-07-01",)


@pytest.mark.parametrize(
    ("name", "day", "key", "value"),
    [
        ("kr-national", "2021-12-08", "clawback.multiplier", 2),
        ("kr-national", "2021-12-09", "clawback.multiplier", 5),
        ("kr-national", "2023-01-17", "fuel.gasoline", "13.30"),
        ("kr-national", "2023-01-18", "fuel.gasoline", "11.97"),
        ("kr-national", "2023-03-01", "lodging.seoul", 70_000),
        ("kr-national", "2026-10-06", "lodging.seoul", 100_000),
        ("kr-changwon", "2023-05-30", "lodging.seoul", 70_000),
        ("kr-changwon", "2023-05-31", "lodging.seoul", 100_000),
        ("kr-changwon", "2023-05-30", "meals.amount", 25_000),
        ("kr-gwangsan", "2026-10-06", "in_area.hired_driver", "minus"),
        ("kr-gyeongnam", "2026-10-06", "settlement.days", 0),
        ("kr-gyeongnam", "2026-10-06", "settlement.late", "warn"),
    ],
)
def test_a_setting_is_its_own_or_inherited_by_the_same_day(
    name: str, day: str, key: str, value: object
) -> None:
    table, _, setting = key.partition(".")

    assert rules().on(name, date.fromisoformat(day)).table[table][setting] == value


def test_a_citation_of_the_new_version_joins_those_of_the_set() -> None:
    cites = rules().on("kr-changwon", date(2026, 10, 6)).table["cites"]

    assert sorted(cites) == ["R1", "R9"]


def test_unverified_lists_add_up() -> None:
    found = rules().on("kr-gyeongnam", date(2026, 10, 6)).unverified

    assert {"lodging.seoul", "in_area.distance_reading"} <= found


def test_the_digest_is_over_the_resolved_table() -> None:
    done = of_trip().trips[0].rules

    assert done.digest == sha256(canonical(done.table)).hexdigest()
    assert "rule_set" not in done.table
    assert json.loads(canonical(done.table)) == done.table


def test_another_setting_is_another_digest() -> None:
    same = of_trip(office("in_area = { full = 20000 }")).trips[0].rules
    other = of_trip(office("in_area = { full = 20001 }")).trips[0].rules

    assert same.digest == of_trip().trips[0].rules.digest
    assert other.digest != same.digest


def test_what_is_extended_is_fixed_and_is_not_in_the_chain() -> None:
    more = 'parent = "kr-national"\nextends = "kr-changwon@2018-11-01"'
    sets = read_sets([*shipped(), made("office", more)])
    done = sets.on("office", date(2026, 10, 6))

    assert done.chain == ("office@2020-01-01", "kr-national@2026-07-01")
    assert done.table["lodging"]["seoul"] == 70_000
    assert done.origins["lodging.seoul"] == "office@2020-01-01"
    assert done.origins["in_area.full"] == "kr-national@2026-07-01"


def test_the_parent_of_what_is_extended_is_handed_down() -> None:
    more = 'extends = "kr-changwon@2023-05-31"'
    done = read_sets([*shipped(), made("office", more)]).on("office", date(2026, 10, 6))

    assert done.chain == ("office@2020-01-01", "kr-national@2026-07-01")
    assert done.table["in_area"]["full"] == 20_000


def test_a_later_text_of_the_same_name_replaces_the_earlier() -> None:
    texts = [made("a", body="clawback = { multiplier = 1 }"), made("a")]

    assert read_sets(texts).on("a", date(2020, 1, 1)).table == {}


@pytest.mark.parametrize(
    ("day", "found"),
    [("2020-01-01", True), ("2020-12-31", True), ("2021-01-01", False)],
)
def test_a_version_ends_before_its_last_day(day: str, *, found: bool) -> None:
    sets = read_sets([made("a", "valid_to = 2021-01-01")])
    if found:
        assert sets.pick("a", date.fromisoformat(day)).name == "a@2020-01-01"
    else:
        assert unresolved(sets, "a", date.fromisoformat(day)) == ["rules.no_version"]


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        ([made("a", 'parent = "a"')], "rules.cycle"),
        ([made("a", 'parent = "b"'), made("b", 'parent = "a"')], "rules.cycle"),
        ([made("a", 'extends = "a@2020-01-01"')], "rules.cycle"),
        ([made("a", 'parent = "b"')], "rules.unknown"),
        ([made("a", 'extends = "b@2020-01-01"')], "rules.unknown"),
        ([made("b")], "rules.unknown"),
    ],
)
def test_what_cannot_be_resolved_is_refused(texts: list[str], code: str) -> None:
    assert unresolved(read_sets(texts), "a") == [code]


@pytest.mark.parametrize(
    "text",
    [
        "in_area = ",
        "[in_area]\nfull = 1",
        "rule_set = 1",
        '[rule_set]\nid = "a"\nversion = "2020-01-01"',
        '[rule_set]\nid = "a"\nversion = "1"\nvalid_from = 2020-01-01',
        made("a", 'valid_too = "2020-01-01"'),
        made("a", 'extends = "b"'),
        made("a", 'unverified = "in_area.full"'),
        made("a", 'unverified = ["in_area.fulll"]'),
        made("a", 'unverified = [["in_area.full"]]'),
        made("a", "valid_to = 2020-01-01"),
        made("a").replace('version = "2020-01-01"', 'version = "2020-02-30"'),
        made("a", body="money = { full = 1 }"),
        made("a", body="in_area = { fulll = 1 }"),
        made("a", body="in_area = { full = -1 }"),
        made("a", body="in_area = { full = 1.5 }"),
        made("a", body="in_area = { full = true }"),
        made("a", body='in_area = { full = "20000" }'),
        made("a", body='in_area = { near_rule = "never" }'),
        made("a", body="in_area = 1"),
        made("a", body='fuel = { gasoline = "0" }'),
        made("a", body="rounding = { trip_step = 0 }"),
        made("a", body="daily = { stay_steps = [[15, 100], [10, 90], [0, 70]] }"),
        made("a", body="daily = { stay_steps = [[15, 100]] }"),
        made("a", body="daily = { stay_steps = [[15, 100, 1], [0, 70]] }"),
    ],
)
def test_a_text_with_a_misspelt_or_impossible_rule_is_refused_whole(text: str) -> None:
    assert refused(made("fine"), text) == ["rules.text"]


def test_every_unreadable_text_is_named() -> None:
    assert refused("a =", made("fine"), "b =") == ["rules.text", "rules.text"]


def test_a_set_that_lacks_a_setting_pays_nothing_by_guess() -> None:
    sets = read_sets([made("bare")])

    with pytest.raises(ClaimRefused) as refusal:
        computed(claim(trip(), rule_set="bare"), sets)
    assert {fault.code for fault in refusal.value.faults} == {"rules.text"}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_version_never_changes(name: str) -> None:
    rule_set, _, version = name.partition("@")
    own = rules().pick(rule_set, date.fromisoformat(version)).own

    assert sha256(canonical(own)).hexdigest()[:32] == PUBLISHED[name]


def test_every_shipped_version_is_pinned() -> None:
    assert set(PUBLISHED) == {
        f"{name}@{version}"
        for name, version in [
            ("kr-changwon", "2018-11-01"),
            ("kr-changwon", "2023-05-31"),
            ("kr-gwangsan", "2023-05-17"),
            ("kr-gyeongnam", "2018-11-01"),
            ("kr-national", "2018-11-01"),
            ("kr-national", "2021-12-09"),
            ("kr-national", "2023-01-18"),
            ("kr-national", "2023-03-02"),
            ("kr-national", "2026-07-01"),
        ]
    }
    assert len(shipped()) == len(PUBLISHED)
