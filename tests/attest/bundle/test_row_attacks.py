"""Attacks of log.md §14 on rows, trips and money, each found by its code."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest

from attest.log.leaf import canonical, parse_canonical
from attest.log.strict64 import encode64

from .attacking import changed, entries, jsonl, rewritten, settlement, touch
from .town import (
    ORIGIN,
    Town,
    codes,
    judged,
    members,
    repacked,
    rule_files,
)

# -- rows --------------------------------------------------------------------------------


def test_an_exported_row_deleted(town: Town) -> None:
    raw = jsonl(town.bundle(), 13, lambda _: None)

    found = judged(raw)
    assert {"row.missing"} <= codes(found)
    (one,) = [one for one in found.findings if one.code == "row.missing"]
    assert (one.leaf, one.row) == (13, 14)
    assert "14행(기록 13)" in one.ko
    assert "row 14 (leaf 13)" in one.en


def test_a_row_deleted_together_with_its_entry(town: Town) -> None:
    raw = jsonl(town.bundle(), 13, lambda _: None)
    raw = entries(raw, lambda all_: all_[:13] + all_[14:])

    assert "proof.shape" in codes(judged(raw))


def test_a_row_twice_and_rows_in_another_order(town: Town) -> None:
    def twice(old: bytes) -> bytes:
        return old + old.splitlines()[-1] + b"\n"

    def turned(old: bytes) -> bytes:
        lines = old.splitlines()
        lines[3], lines[4] = lines[4], lines[3]
        return b"".join(line + b"\n" for line in lines)

    raw = town.bundle()
    assert "row.surplus" in codes(judged(changed(raw, "data/leaves.jsonl", twice)))
    assert "row.order" in codes(judged(changed(raw, "data/leaves.jsonl", turned)))


@pytest.mark.parametrize("group", ["id", "biz", "loc"])
def test_what_is_shown_is_not_what_was_committed(town: Town, group: str) -> None:
    at = touch(town)

    def alter(said: dict[str, Any]) -> dict[str, Any]:
        value = said["open"][group]["value"]
        value["kind" if group == "biz" else "lat_e6" if group == "loc" else "person"] = 7
        return said

    found = judged(jsonl(town.bundle(), at, alter))
    assert "row.opening" in codes(found)
    (one,) = [one for one in found.findings if one.code == "row.opening"]
    assert (one.leaf, one.column) == (at, group)


def test_another_salt_is_another_value(town: Town) -> None:
    def alter(said: dict[str, Any]) -> dict[str, Any]:
        said["open"]["biz"]["salt"] = "00" * 32
        return said

    assert "row.opening" in codes(judged(jsonl(town.bundle(), touch(town), alter)))


def test_a_group_left_out(town: Town) -> None:
    def alter(said: dict[str, Any]) -> dict[str, Any]:
        del said["open"]["biz"]
        return said

    assert "row.format" in codes(judged(jsonl(town.bundle(), touch(town), alter)))


def test_a_location_called_erased_without_an_erasure(town: Town) -> None:
    def hide(said: dict[str, Any]) -> dict[str, Any]:
        del said["open"]["loc"]
        said["shut"]["loc"] = "erased"
        return said

    assert "erasure.range" in codes(judged(jsonl(town.bundle(), touch(town), hide)))
    town.erase("id", 0, 22)
    town.erased.clear()
    assert "erasure.group" in codes(judged(jsonl(town.bundle(), touch(town), hide)))


def test_a_group_hidden_that_was_asked_for(town: Town) -> None:
    def hide(said: dict[str, Any]) -> dict[str, Any]:
        del said["open"]["loc"]
        said["shut"]["loc"] = "withheld"
        return said

    assert "row.withheld_unexplained" in codes(judged(jsonl(town.bundle(), touch(town), hide)))


def test_what_the_log_says_is_erased_but_shown(town: Town) -> None:
    town.erase("loc", 0, 22)
    town.erased.clear()

    assert codes(judged(town.bundle())) == {"row.erased_but_shown"}


def test_erased_before_its_time(town: Town) -> None:
    town.erase("loc", 0, 22, reason="retention")
    rules = {f"{name}.toml": raw for name, raw in rule_files().items()}
    rules["retention.json"] = canonical({"loc_days": 60})

    assert codes(judged(town.bundle(rules=rules))) == {"erasure.too_early"}
    rules["retention.json"] = canonical({"loc_days": 0})
    again = {**members(town.bundle(rules=rules))}
    assert "erasure.too_early" not in codes(judged(repacked(again)))


# -- trips -------------------------------------------------------------------------------


def test_a_trip_half_sealed(town: Town) -> None:
    def seal(said: dict[str, Any]) -> dict[str, Any]:
        said["shut"] = dict.fromkeys(said["open"], "sealed")
        said["open"] = {}
        return said

    assert "trip.half_sealed" in codes(judged(jsonl(town.bundle(), touch(town), seal)))


def test_a_leaf_after_the_settlement(town: Town) -> None:
    town.touch(next(iter(town.trips)))

    assert codes(judged(town.bundle())) == {"trip.after_close"}


def test_a_trip_settled_twice(town: Town) -> None:
    town.settle(next(iter(town.trips)))

    assert codes(judged(town.bundle())) == {"trip.after_close"}


def test_settled_again_after_it_was_taken_back_is_no_attack(town: Town) -> None:
    trip = next(iter(town.trips))
    paid = town.trips[trip].paid
    assert paid is not None
    town.void(trip, paid)
    town.settle(trip)

    report = judged(town.bundle())
    assert codes(report, "fail", "warn") == set()
    assert report.counts.total == 40_000


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b'"count":4', b'"count":3', "trip.settlement_count"),
        (b'"n":4', b'"n":5', "trip.gap"),
    ],
)
def test_a_settlement_that_counts_otherwise(town: Town, old: bytes, new: bytes, code: str) -> None:
    rewritten(town, settlement(town), old, new)

    assert code in codes(judged(town.bundle()))


@pytest.mark.parametrize(
    ("field", "code"),
    [("digest", "trip.settlement_digest"), ("pc", "trip.chain")],
)
def test_a_settlement_that_covers_other_leaves(town: Town, field: str, code: str) -> None:
    at = settlement(town)
    said = parse_canonical(town.leaves[at].entry)
    rewritten(town, at, said[field].encode(), encode64(bytes(32)).encode())

    assert code in codes(judged(town.bundle()))


def test_an_approval_of_another_leaf(town: Town) -> None:
    at = settlement(town) - 1
    said = parse_canonical(town.leaves[at].entry)
    rewritten(town, at, said["ofh"].encode(), encode64(bytes(32)).encode())

    assert "trip.target" in codes(judged(town.bundle()))


# -- money -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"total": 99_000}, "money.total"),
        ({"lines": []}, "money.line"),
        ({"rule_digest": "0" * 64}, "money.line"),
        ({"own": "another"}, "money.line"),
        ({"facts": {"contract": "allowance/1"}}, "money.line"),
        ({"facts": {}}, "money.line"),
    ],
)
def test_a_sum_that_the_rules_do_not_come_to(wrong: dict[str, Any], code: str) -> None:
    town = Town()
    town.found()
    town.whole_trip(**wrong)

    assert code in codes(judged(town.bundle()))


def _lines(town: Town) -> Any:
    opened = town.leaves[settlement(town)].openings["biz"]
    return parse_canonical(opened[32:])["lines"]


def test_a_line_one_won_too_high(town: Town) -> None:
    trip = town.open()
    lines = json.loads(json.dumps(_lines(town)))
    lines[0]["amount"] += 1
    town.touch(trip)
    town.settle(trip, lines=lines)

    found = judged(town.bundle())
    assert codes(found) == {"money.line"}
    (one,) = [one for one in found.findings if one.code == "money.line"]
    assert one.column == "lines[1]"
    assert "20001" in str(one.found)


def test_a_rule_set_missing_in_the_bundle(town: Town) -> None:
    rules = {f"{k}.toml": v for k, v in rule_files().items() if not k.startswith("kr-national")}

    assert codes(judged(town.bundle(rules=rules))) == {"money.rule_set_missing"}


def test_a_rule_file_that_was_never_announced(town: Town) -> None:
    rules = {f"{k}.toml": v + b"\n# generous\n" for k, v in rule_files().items()}

    assert codes(judged(town.bundle(rules=rules))) == {"money.rule_set_unannounced"}


def test_a_rule_set_announced_only_after_it_was_used() -> None:
    town = Town()
    town.config("log-start", ORIGIN)
    town.whole_trip()
    late = Town(town.dice, town.leaves, town.trips, town.owner, town.erased, town.now)
    late.found()

    assert "money.rule_set_unannounced" in codes(judged(late.bundle()))


def test_a_rule_set_not_yet_in_force() -> None:
    town = Town()
    for name, raw in rule_files().items():
        town.config("rule-set", name, sha256(raw).digest(), from_="2026-12-01")
    town.whole_trip()

    assert codes(judged(town.bundle())) == {"money.rule_set_date"}
