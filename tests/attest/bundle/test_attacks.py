"""Every attack of log.md §14, each found by its code, and the two limits, found by none."""

from __future__ import annotations

import csv
import json
import warnings
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import openpyxl
import pytest

from attest.bundle.archive import Archive
from attest.bundle.content import Support
from attest.bundle.sheets import saved_csv_rows, xlsx_rows
from attest.errors import BundleUnusable
from attest.log.leaf import Leaf, build, canonical, leaf_hash, parse_canonical
from attest.log.lineage import Retired
from attest.log.note import Kind, SigningKey, sign_note
from attest.log.proof import Checkpoint, Receipt
from attest.log.signing import Ed25519Signer
from attest.log.strict64 import encode64
from attest.log.tiles import bundle as framed
from attest.log.tiles import unbundle
from attest.log.trust import Trust
from tests.attest.log.vectors import ecdsa, ed25519, key

from .town import (
    NONCE,
    ORIGIN,
    Town,
    both_keys,
    codes,
    judged,
    members,
    repacked,
    resealed,
    rotation_of,
    rule_files,
    trust,
    written,
)

Change = Callable[[bytes], bytes]


def changed(raw: bytes, name: str, change: Change) -> bytes:
    """One file exchanged; manifests and signature made anew by the thief of the export key."""
    files = members(raw)
    return resealed(files | {name: change(files[name])})


def jsonl(raw: bytes, number: int, change: Callable[[dict[str, Any]], Any]) -> bytes:
    """One line of the truth rewritten; None takes it away."""

    def rewrite(text: bytes) -> bytes:
        lines = text.splitlines()
        said = change(parse_canonical(lines[number]))
        lines[number : number + 1] = [canonical(said)] if said else []
        return b"".join(line + b"\n" for line in lines)

    return changed(raw, "data/leaves.jsonl", rewrite)


def entries(raw: bytes, change: Callable[[list[bytes]], list[bytes]]) -> bytes:
    return changed(raw, "proof/entries.bin", lambda old: framed(change(list(unbundle(old)))))


def rewritten(town: Town, index: int, old: bytes, new: bytes) -> None:
    """History changed in the database, the tree rebuilt over it."""
    leaf = town.leaves[index]
    entry = leaf.entry.replace(old, new)
    assert entry != leaf.entry
    town.leaves[index] = Leaf(entry, leaf_hash(entry), leaf.openings)


def look(town: Town) -> int:
    return next(n for n, leaf in enumerate(town.leaves) if b'"access"' in leaf.entry)


def touch(town: Town) -> int:
    return next(n for n, leaf in enumerate(town.leaves) if b'"checkin"' in leaf.entry)


def settlement(town: Town) -> int:
    return next(n for n, leaf in enumerate(town.leaves) if b'"settlement"' in leaf.entry)


# -- the log -----------------------------------------------------------------------------


def test_a_row_altered(town: Town) -> None:
    at = look(town)

    def alter(all_: list[bytes]) -> list[bytes]:
        all_[at] = all_[at].replace(b'"count":1', b'"count":2')
        return all_

    found = judged(entries(town.bundle(), alter))
    assert "proof.range_root" in codes(found)
    assert any("서명된 뿌리" in one["ko"] for one in found.as_dict()["findings"])


def test_a_row_altered_and_the_tree_rebuilt_without_the_keys(town: Town) -> None:
    rewritten(town, look(town), b'"count":1', b'"count":2')
    town.signers = (ed25519("stranger_same_name"), ecdsa("log_ecdsa"))

    assert "note.no_log_key" in codes(judged(town.bundle()))


def test_the_same_signed_with_stolen_keys_against_a_kept_checkpoint(town: Town) -> None:
    kept = town.note(20)
    rewritten(town, look(town), b'"count":1', b'"count":2')
    raw = town.bundle()

    assert codes(judged(raw)) == set()
    assert codes(judged(raw, since=kept)) == {"checkpoint.inconsistent"}


def test_the_same_where_the_bundle_begins_later_and_proves_nothing(town: Town) -> None:
    kept = town.note(20)
    rewritten(town, look(town), b'"count":1', b'"count":2')

    assert "checkpoint.inconsistent" in codes(judged(town.bundle(19, 22, since=20), since=kept))
    assert "checkpoint.inconsistent" in codes(judged(town.bundle(19, 22), since=kept))


def test_two_roots_of_one_size(town: Town) -> None:
    raw = town.bundle()
    kept = town.note()
    rewritten(town, look(town), b'"count":1', b'"count":2')
    forked = town.note()

    assert codes(judged(raw, since=kept)) == set()
    assert codes(judged(raw, since=forked)) == {"checkpoint.fork"}


def test_the_same_at_a_first_audit_lacks_the_quorum(town: Town) -> None:
    rewritten(town, look(town), b'"count":1', b'"count":2')

    assert codes(judged(town.bundle(witness=False))) == {"note.quorum"}


def test_a_row_deleted_and_the_tree_rebuilt(town: Town) -> None:
    kept, at = town.note(), touch(town)
    town.leaves.pop(at)
    town.owner.pop(at)
    raw = town.bundle()

    assert {"trip.gap", "trip.target"} & codes(judged(raw))
    assert codes(judged(raw, since=kept)) & {"checkpoint.fork", "checkpoint.inconsistent"}


def test_a_leaf_of_an_old_date_added_at_the_end(town: Town) -> None:
    town.now -= timedelta(days=3)
    town.open()

    assert "time.back" in codes(judged(town.bundle(witness=False), trust=trust(quorum="none")))


def test_a_leaf_dated_after_a_witness_had_seen_it(town: Town) -> None:
    town.bundle()
    seen = town.now - timedelta(hours=1)
    raw = town.bundle()
    files = members(raw) | {"proof/checkpoint": town.note(witness=seen).encode()}

    assert "time.after_anchor" in codes(judged(resealed(files)))


def test_a_leaf_from_tomorrow(town: Town) -> None:
    raw = town.bundle()

    assert "time.future" in codes(judged(raw, now=town.now - timedelta(minutes=30)))


def test_rolled_back_to_an_older_backup(town: Town) -> None:
    raw = town.bundle()
    town.look()

    assert codes(judged(raw, since=town.note())) == {"checkpoint.rollback"}


def test_a_cosignature_copied_from_another_checkpoint(town: Town) -> None:
    other = town.note(9, witness=town.now).splitlines()[-1]
    raw = town.bundle(witness=False)
    copied = changed(raw, "proof/checkpoint", lambda note: note + other.encode() + b"\n")

    assert "note.bad_signature" in codes(judged(copied))


def test_a_leading_zero_in_the_size(town: Town) -> None:
    root = town.tree().root()
    text = Checkpoint(ORIGIN, 23, root).text().replace("\n23\n", "\n023\n")
    note = sign_note(text, town.signers)
    raw = changed(town.bundle(), "proof/checkpoint", lambda _: note.encode())

    assert "checkpoint.malformed" in codes(judged(raw))


def test_the_checkpoint_of_another_log(town: Town) -> None:
    text = Checkpoint("other.example.go.kr/log", 23, town.tree().root()).text()
    note = sign_note(text, town.signers)
    raw = changed(town.bundle(), "proof/checkpoint", lambda _: note.encode())

    assert {"checkpoint.origin"} <= codes(judged(raw))


def test_a_hash_too_many_and_one_too_few(town: Town) -> None:
    def more(old: bytes) -> bytes:
        said = json.loads(old)
        said["right"].append(encode64(bytes(32)))
        return canonical(said)

    def less(old: bytes) -> bytes:
        said = json.loads(old)
        said["left"].pop()
        return canonical(said)

    assert "proof.surplus" in codes(judged(changed(town.bundle(), "proof/range.json", more)))
    raw = town.bundle(12, 22)
    assert "proof.shape" in codes(judged(changed(raw, "proof/range.json", less)))


def test_a_support_leaf_with_another_proof(town: Town) -> None:
    def swap(old: bytes) -> bytes:
        lines = [parse_canonical(line) for line in old.splitlines()]
        lines[-1]["proof"] = lines[-1]["proof"][::-1]
        return b"".join(canonical(line) + b"\n" for line in lines)

    assert "proof.support" in codes(judged(changed(town.bundle(), "proof/support.jsonl", swap)))


def test_a_tile_swapped_gives_another_root(town: Town) -> None:
    tree, other = town.tree(20), town.tree(20)
    assert tree.root() == other.root()
    rewritten(town, look(town), b'"count":1', b'"count":2')

    assert town.tree(20).root() != tree.root()


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


# -- keys, request -----------------------------------------------------------------------


def test_a_key_that_was_never_announced(town: Town) -> None:
    stranger = ed25519("stranger_same_name").verifying.vkey
    raw = changed(town.bundle(), "keys/log", lambda old: old + stranger.encode() + b"\n")

    assert codes(judged(raw)) == {"key.unannounced"}


def test_a_rotation_by_a_stranger(town: Town) -> None:
    rotation = town.rotate()
    at = len(town.leaves) - 1
    said = parse_canonical(rotation.entry)
    lines = said["note"].split("\n")
    said["note"] = "\n".join([*lines[:-2], lines[-2][:-8] + "AAAAAAA=", ""])
    entry = canonical(said)
    town.leaves[at] = Leaf(entry, leaf_hash(entry), rotation.openings)

    assert {"key.rotation_signature"} <= codes(judged(town.bundle()))


def test_a_head_behind_a_rotation_that_the_old_key_signed(town: Town) -> None:
    town.rotate()
    town.signers, town.before = both_keys(), []

    # The rotation is a leaf, so whoever stole the key has to show it.
    assert codes(judged(town.bundle())) == {"note.no_log_key"}


def test_an_old_key_hides_the_rotation_from_whoever_knows_of_it(town: Town) -> None:
    at = len(town.leaves)
    heir = town.heir(Kind.ED25519).verifying
    knowing = trust(log=(heir, key("log_ecdsa")), retired=(Retired(key("log"), at),))
    town.whole_trip()

    assert "note.no_log_key" in codes(judged(town.bundle(), trust=knowing))


def test_a_rotation_that_the_old_key_did_not_sign(town: Town) -> None:
    honest = town.rotate()
    stranger = ed25519("stranger_same_name")
    said = parse_canonical(honest.entry)
    text = said["note"].partition("\n\n")[0] + "\n"
    said["note"] = sign_note(text, [stranger, town.signers[0]])
    town.leaves[-1] = Leaf(canonical(said), leaf_hash(canonical(said)), honest.openings)

    assert "key.rotation_signature" in codes(judged(town.bundle()))


def test_a_rotation_from_a_key_nobody_knew(town: Town) -> None:
    stranger, heir = ed25519("stranger_same_name"), town.heir(Kind.ED25519)
    same_name = Ed25519Signer(ORIGIN, stranger.key)
    town.put(rotation_of(same_name, heir, town.now))

    assert codes(judged(town.bundle())) == {"key.unannounced"}


def test_a_stolen_old_key_names_no_second_heir(town: Town) -> None:
    old = town.signers[0]
    town.rotate()
    thief = town.heir(Kind.ED25519)
    town.put(rotation_of(old, thief, town.now))

    assert codes(judged(town.bundle())) == {"key.unannounced"}


def test_a_key_that_went_does_not_come_back(town: Town) -> None:
    old = town.signers[0]
    town.rotate()
    town.put(rotation_of(town.signers[0], old, town.now))

    assert codes(judged(town.bundle())) == {"key.unannounced"}


# -- keys of exports and receipts that went ----------------------------------------------


def test_an_export_key_signs_nothing_behind_its_rotation(town: Town) -> None:
    stolen = town.exporter
    town.rotate_exporter()
    now = exports_since(town, town.exporter)
    town.exporter = stolen

    # By the file of before, which the rotation inside leads on, and by that of now.
    raw = town.bundle()
    assert codes(judged(raw)) == codes(judged(raw, trust=now)) == {"sign.key_ended"}


def exports_since(town: Town, heir: SigningKey) -> Trust:
    """An auditor's file that knows of a rotation of the export key."""
    at = next(n for n, leaf in enumerate(town.leaves) if b'"role":"export"' in leaf.entry)
    return trust(export=(heir.verifying,), export_retired=(Retired(key("export"), at),))


def test_a_stolen_export_key_hides_the_rotation_from_whoever_knows_of_it(town: Town) -> None:
    town.rotate_exporter()
    known = exports_since(town, town.exporter)
    town.exporter = ed25519("export")
    content = town.content(0, 20)
    support = [one for one in content.support if b"key-rotation" not in one.entry]
    raw = written(replace(content, support=support))

    assert codes(judged(raw, trust=known)) == {"sign.key_ended"}
    # With the file of before there is nothing to see: it is handed out anew for that.
    assert codes(judged(raw)) == set()


def test_an_old_bundle_that_a_stolen_export_key_made_again(town: Town) -> None:
    """What was asked for before the rotation can be cut anew, and no leaf of it be altered."""
    files = members(town.bundle())
    town.rotate_exporter()
    lines = files["data/leaves.jsonl"].replace("도로".encode(), "교량".encode())
    raw = resealed(files | {"data/leaves.jsonl": lines}, by="export")

    assert "row.opening" in codes(judged(raw, trust=exports_since(town, town.exporter)))


def test_a_head_of_another_size_makes_no_old_export_key_young(town: Town) -> None:
    stolen = town.exporter
    before = len(town.leaves)
    town.rotate_exporter()
    town.exporter = stolen
    content = town.content()
    raw = written(replace(content, checkpoint=town.note(before, witness=town.now)))

    assert {"proof.range_root"} <= codes(judged(raw))


def test_a_stolen_export_key_names_no_second_heir(town: Town) -> None:
    old = town.exporter
    town.rotate_exporter()
    thief = town.heir(Kind.ED25519, old.verifying.name)
    town.put(rotation_of(old, thief, town.now, role="export"))
    town.exporter = thief

    assert codes(judged(town.bundle())) == {"key.unannounced", "sign.dsse_bad"}


def test_a_rotation_of_exports_that_the_old_key_did_not_sign(town: Town) -> None:
    thief, stranger = (town.heir(Kind.ED25519, key("export").name) for _ in range(2))
    rotation = rotation_of(stranger, thief, town.now, role="export")
    text = rotation.note.partition("\n\n")[0].replace(stranger.verifying.vkey, key("export").vkey)
    town.put(replace(rotation, note=sign_note(text + "\n", [stranger, thief])))
    town.exporter = thief

    found = codes(judged(town.bundle()))
    assert {"key.rotation_signature", "sign.dsse_bad"} <= found


def test_a_rotation_of_exports_that_stands_in_no_log(town: Town) -> None:
    """Whoever stole the key shows a rotation to one of their own beside an honest log."""
    thief = town.heir(Kind.ED25519, key("export").name)
    stolen, at = town.exporter, town.now
    town.exporter = thief
    content = town.content(0, 20)
    leaf = build(
        rotation_of(stolen, thief, at, role="export"), at=at, salts={"id": town.dice.bytes()}
    )
    forged = Support(len(town.leaves) - 1, leaf.entry, content.support[-1].proof)
    support = [one for one in content.support if one.index != forged.index]
    raw = written(replace(content, support=[*support, forged]))

    assert "proof.support" in codes(judged(raw))


def test_a_rotation_of_log_keys_that_calls_itself_one_of_exports(town: Town) -> None:
    heir = town.heir(Kind.ED25519)
    town.put(rotation_of(town.signers[0], heir, town.now, role="export"))

    assert codes(judged(town.bundle())) == {"key.unannounced"}


def test_a_log_receipt_that_old_keys_signed_behind_their_end(town: Town) -> None:
    old = town.promisers
    leaf = town.touch(town.open())
    town.rotate_promisers()
    late, honest = town.now + timedelta(seconds=11), town.promise(leaf)
    town.promisers = old
    forged = sign_note(Receipt(ORIGIN, sha256(b"no such leaf").digest(), late).text(), old)

    report = judged(town.bundle(), receipts={"forged": forged, "honest": honest})
    assert codes(report) == {"receipt.key_ended"}


def test_a_replayed_export(town: Town) -> None:
    raw = town.bundle()
    request = json.loads(members(raw)["request.json"])

    assert codes(judged(raw, nonce=NONCE, request=request)) == set()
    assert codes(judged(raw, nonce="n" + "00" * 16)) == {"request.nonce"}
    assert codes(judged(raw, request=request | {"nonce": "other"})) == {"request.replayed"}
    assert codes(judged(raw, request=request | {"purpose": "x"})) == {"request.mismatch"}


def test_a_request_that_was_never_logged(town: Town) -> None:
    def drop(old: bytes) -> bytes:
        return b"".join(line + b"\n" for line in old.splitlines() if NONCE.encode() not in line)

    raw = changed(town.bundle(), "proof/support.jsonl", drop)
    assert codes(judged(raw)) == {"request.not_logged"}


@pytest.mark.parametrize(
    "said", [{"purpose": "complaint"}, {"scope": {}}, {"groups": ["biz"]}, {"requested_at": "x"}]
)
def test_another_request_than_the_logged_one(town: Town, said: dict[str, Any]) -> None:
    raw = changed(town.bundle(), "request.json", lambda old: canonical(parse_canonical(old) | said))

    assert "request.mismatch" in codes(judged(raw))


def test_another_range_than_the_requested_one(town: Town) -> None:
    raw = changed(
        town.bundle(), "request.json", lambda old: canonical(parse_canonical(old) | {"to": 9})
    )

    assert {"request.range"} <= codes(judged(raw))


# -- packaging ---------------------------------------------------------------------------


def test_a_cell_edited_with_and_without_new_manifests(town: Town) -> None:
    def raise_(old: bytes) -> bytes:
        return old.replace(b",20000,20000,", b",20000,90000,", 1)

    files = members(town.bundle())
    files["data/lines.csv"] = raise_(files["data/lines.csv"])
    plain = judged(repacked(files))
    again = judged(resealed(files))
    stranger = judged(resealed(files, by="log"))

    assert codes(plain) == {"bag.digest", "table.cell"}
    assert codes(again) == {"table.cell"}
    assert codes(stranger) == {"table.cell", "sign.dsse_bad"}
    (one,) = [one for one in again.findings if one.code == "table.cell"]
    assert (one.file, one.row, one.column) == ("data/lines.csv", 2, "total")
    assert (one.expected, one.found) == (20_000, "90000")


def test_files_missing_unlisted_and_unsigned(town: Town) -> None:
    files = members(town.bundle())
    without = {name: raw for name, raw in files.items() if name != "data/leaves.csv"}
    unsigned = {name: raw for name, raw in files.items() if name != "export.dsse.json"}

    assert codes(judged(repacked(without))) == {"bag.missing_file"}
    assert codes(judged(repacked(files | {"data/run.exe": b"MZ"}))) == {"bag.unlisted_file"}
    assert codes(judged(repacked(files | {"extra.txt": b"x"}))) == {"bag.unlisted_file"}
    assert codes(judged(repacked(unsigned))) == {"sign.dsse_missing"}


def test_the_signature_of_another_bundle(town: Town) -> None:
    other = members(town.bundle(0, 9))["export.dsse.json"]
    files = members(town.bundle()) | {"export.dsse.json": other}

    assert {"sign.dsse_subject", "request.mismatch"} <= codes(judged(repacked(files)))


@pytest.mark.parametrize("raw", [b"x", b"\xff\n", b"0" * 64 + b" data\n", b"x  y\n" * 2])
def test_a_manifest_nobody_can_read(town: Town, raw: bytes) -> None:
    files = members(town.bundle()) | {"manifest-sha256.txt": raw}

    assert "bag.format" in codes(judged(repacked(files)))


def bare(names: list[str], **said: Any) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as archive, warnings.catch_warnings():
        # Python itself is surprised by a name twice.
        warnings.simplefilter("ignore")
        for name in names:
            info = ZipInfo("x")
            info.filename = name
            info.compress_type = said.get("compress", ZIP_STORED)
            info.external_attr = said.get("mode", 0o100644) << 16
            info.extra = said.get("extra", b"")
            archive.writestr(info, said.get("content", b"x"))
        archive.comment = said.get("comment", b"")
    return out.getvalue()


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (bare(["a/b", "a/b"]), "zip.duplicate_name"),
        (bare(["a/b", "a/B"]), "zip.duplicate_name"),
        (bare(["a/../b"]), "zip.unsafe_name"),
        (bare(["/a/b"]), "zip.unsafe_name"),
        (bare(["a\\b/c"]), "zip.unsafe_name"),
        (bare(["C:/a"]), "zip.unsafe_name"),
        (bare(["a/b", "c/d"]), "zip.unsafe_name"),
        (bare(["b"]), "zip.unsafe_name"),
        (bare(["a/가"]), "zip.unsafe_name"),
        (bare(["a/"]), "zip.unsafe_name"),
        (bare(["a/b"], mode=0o120777), "zip.unsafe_name"),
        (bare(["a/b"], extra=b"\x01\x00\x00\x00"), "zip.header_mismatch"),
        (bare(["a/b"], comment=b"x"), "zip.stray_bytes"),
        (b"MZ" + bare(["a/b"]), "zip.stray_bytes"),
        (bare(["a/b"]) + b"x", "zip.stray_bytes"),
        (bare(["a/b"], content=bytes(1 << 20), compress=ZIP_DEFLATED), "zip.too_large"),
        (bare([]), "zip.unreadable"),
        (b"", "zip.unreadable"),
        (b"PK\x05\x06", "zip.unreadable"),
        (bare(["a/b"])[:-30], "zip.unreadable"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_archive_that_two_readers_could_see_differently(raw: bytes, code: str) -> None:
    with pytest.raises(BundleUnusable) as no:
        Archive(BytesIO(raw))
    assert no.value.why == code


@pytest.mark.parametrize(("at", "code"), [(6, "encrypted"), (26, ""), (14, ""), (8, "")])
def test_a_local_header_that_says_something_else(town: Town, at: int, code: str) -> None:
    raw = bytearray(town.bundle())
    raw[at] ^= 1

    with pytest.raises(BundleUnusable) as no:
        Archive(BytesIO(bytes(raw)))
    assert no.value.why == "zip.header_mismatch"


def test_every_flipped_bit_is_found_or_makes_it_unreadable() -> None:
    town = Town()
    town.found()
    town.whole_trip()
    raw = town.bundle()
    for bit in range(0, 8 * len(raw), len(raw) // 5):
        flipped = bytearray(raw)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            report = judged(bytes(flipped))
        except BundleUnusable:
            continue
        assert report.exit != 0, bit


# -- copies of the auditor ---------------------------------------------------------------


def copy_of(raw: bytes, edit: Callable[[Any], None]) -> dict[str, Any]:
    """The workbook, opened, edited and saved by another program."""
    book = openpyxl.load_workbook(BytesIO(members(raw)["data/leaves.xlsx"]))
    edit(book)
    out = BytesIO()
    book.save(out)
    out.seek(0)
    return {"mine.xlsx": xlsx_rows(out, what="mine.xlsx")}


def test_a_workbook_sorted_and_filtered_by_the_auditor_still_agrees(town: Town) -> None:
    def sort(book: Any) -> None:
        sheet = book["기록"]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
        kept = [row for row in reversed(rows) if row[1] != "approval"]
        sheet.delete_rows(3, len(rows))
        for row in kept:
            sheet.append(row)
        sheet.delete_cols(3)
        book["정산"].cell(1, 20).value = "내 메모"

    raw = town.bundle()
    report = judged(raw, tables=copy_of(raw, sort))
    assert codes(report, "fail", "warn") == set()


def test_a_sum_changed_in_the_copy_is_named_by_sheet_and_row(town: Town) -> None:
    def raise_(book: Any) -> None:
        book["정산"]["K4"] = 90_000

    raw = town.bundle()
    report = judged(raw, tables=copy_of(raw, raise_))
    (one,) = [one for one in report.findings if one.code == "table.cell"]
    assert (one.file, one.sheet, one.row, one.column) == ("mine.xlsx", "정산", 4, "total")
    assert one.ko.startswith("mine.xlsx ‘정산’ 시트 4행(기록 ")
    assert "sheet ‘정산’ row 4" in one.en


@pytest.mark.parametrize("formula", ["=1+1", '=HYPERLINK("http://evil.example")'])
@pytest.mark.parametrize("sheet", ["기록", "정산", "안내"])
def test_a_formula_in_the_copy(town: Town, formula: str, sheet: str) -> None:
    def put(book: Any) -> None:
        book[sheet]["B3" if sheet != "안내" else "A3"] = formula

    raw = town.bundle()
    assert codes(judged(raw, tables=copy_of(raw, put))) == {"table.formula"}


def test_a_row_that_is_in_no_log(town: Town) -> None:
    def add(book: Any) -> None:
        book["기록"].append([999, "checkin"])

    raw = town.bundle()
    assert codes(judged(raw, tables=copy_of(raw, add))) == {"table.rows"}


def test_a_row_copied_twice(town: Town) -> None:
    def add(book: Any) -> None:
        book["기록"].append([cell.value for cell in book["기록"][5]])

    raw = town.bundle()
    assert codes(judged(raw, tables=copy_of(raw, add))) == {"table.rows"}


def resaved(raw: bytes, edit: Callable[[list[list[str]]], None], encoding: str) -> dict[str, Any]:
    text = members(raw)["data/leaves.csv"].decode("utf-8-sig")
    rows = list(csv.reader(StringIO(text, newline="")))
    edit(rows)
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return {"mine.csv": saved_csv_rows(out.getvalue().encode(encoding), what="mine.csv")}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_a_csv_saved_again_without_quotes_still_agrees(town: Town, encoding: str) -> None:
    raw = town.bundle()

    report = judged(raw, tables=resaved(raw, _turned, encoding))
    assert codes(report, "fail", "warn") == set()


def _turned(rows: list[list[str]]) -> None:
    rows[1:] = rows[:0:-1]


@pytest.mark.parametrize(
    ("column", "change"),
    [
        ("at_kst", lambda _: "2026-10-05 9:36"),
        ("at_kst", lambda _: "2026/10/05 오전 9:36:00"),
        ("at_kst", lambda _: "46300.4"),
        ("lat_e6", lambda _: "35,253,647"),
        ("lat_e6", lambda _: "3.52536E+07"),
        ("lat_e6", lambda _: "35253647.0"),
        ("verdict", lambda old: f" {old} "),
    ],
)
def test_a_value_a_spreadsheet_rewrote_is_called_that(
    town: Town, column: str, change: Callable[[str], str]
) -> None:
    def rewrite(rows: list[list[str]]) -> None:
        at = rows[0].index(column)
        rows[12][at] = change(rows[12][at])

    raw = town.bundle()
    report = judged(raw, tables=resaved(raw, rewrite, "utf-8"))
    assert (codes(report), codes(report, "warn")) == (set(), {"table.reformatted"})


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("at_kst", "2026-10-05 9:34"),
        ("at_kst", "46300.4979166667"),
        ("lat_e6", "35,253,648"),
        ("lat_e6", "3.52537E+07"),
        ("lat_e6", ""),
        ("verdict", "REVIEW"),
        ("leaf_hash", "x00"),
    ],
)
def test_another_value_is_not_excused(town: Town, column: str, text: str) -> None:
    def rewrite(rows: list[list[str]]) -> None:
        rows[12][rows[0].index(column)] = text

    raw = town.bundle()
    assert codes(judged(raw, tables=resaved(raw, rewrite, "utf-8"))) == {"table.cell"}


@pytest.mark.parametrize("raw", [b"", b"not a workbook", b"PK\x05\x06" + bytes(18)])
def test_noise_for_a_table_is_unusable_and_no_failure(town: Town, raw: bytes) -> None:
    report = judged(town.bundle(), tables={"x": xlsx_rows(BytesIO(raw), what="x")})

    assert report.exit == 2


def test_a_workbook_with_a_document_type_is_not_read(town: Town) -> None:
    out = BytesIO()
    with ZipFile(out, "w") as book:
        book.writestr("xl/_rels/workbook.xml.rels", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    out.seek(0)

    with pytest.raises(BundleUnusable):
        list(xlsx_rows(out, what="x"))


# -- receipts, and the two limits --------------------------------------------------------


def receipt(town: Town, leaf: Leaf) -> str:
    text = Receipt(ORIGIN, leaf.hash, town.now).text()
    return sign_note(text, [ed25519("receipt"), ecdsa("receipt_ecdsa")])


def tail_deleted(town: Town) -> tuple[Leaf, str]:
    trip = town.open()
    last = town.touch(trip)
    promised = receipt(town, last)
    town.leaves.pop()
    town.owner.pop()
    town.beat()
    return last, promised


def test_an_unfinished_tail_deleted_while_a_receipt_is_held(town: Town) -> None:
    _, promised = tail_deleted(town)
    report = judged(town.bundle(), receipts={"receipt.txt": promised})

    assert codes(report) == {"receipt.missing"}


def test_a_receipt_that_was_kept_is_no_finding(town: Town) -> None:
    last = town.touch(town.open())
    promised = receipt(town, last)
    report = judged(town.bundle(), receipts={"receipt.txt": promised})

    assert codes(report, "fail", "warn") == set()


def test_a_receipt_nobody_signed(town: Town) -> None:
    text = Receipt(ORIGIN, bytes(32), town.now).text()
    forged = sign_note(text, [ed25519("log"), ecdsa("log_ecdsa")])

    assert codes(judged(town.bundle(), receipts={"r": forged})) == {"receipt.bad_signature"}


def test_limit_one_the_tail_deleted_without_a_receipt_is_not_found(town: Town) -> None:
    tail_deleted(town)
    report = judged(town.bundle(witness=False), trust=trust(quorum="none"))

    assert report.exit == 0
    assert report.as_dict()["unanchored"] == report.as_dict()["size"]


def test_limit_two_rewritten_whole_with_all_keys_and_no_anchor_is_not_found(town: Town) -> None:
    rewritten(town, look(town), b'"count":1', b'"count":2')
    report = judged(town.bundle(witness=False), trust=trust(quorum="none"))

    assert (report.exit, codes(report, "warn")) == (0, {"anchor.none"})
    assert report.as_dict()["unanchored"] == report.as_dict()["size"]


def test_an_anchor_older_than_the_trust_file_allows(town: Town) -> None:
    report = judged(town.bundle(), trust=trust(max_anchor_age=timedelta(hours=24)))

    assert codes(report) == {"anchor.stale"}
    fresh = judged(town.bundle(), trust=trust(max_anchor_age=timedelta(hours=24)), now=town.now)
    assert "anchor.stale" not in codes(fresh)


def _lines(town: Town) -> Any:
    opened = town.leaves[settlement(town)].openings["biz"]
    return parse_canonical(opened[32:])["lines"]


def test_two_things_wrong_are_both_said(town: Town) -> None:
    raw = jsonl(town.bundle(), 13, lambda _: None)
    report = judged(raw, nonce="other")

    assert {"row.missing", "request.nonce"} <= codes(report)


def anchored(town: Town, size: int, note: str) -> bytes:
    """A bundle with an older head in it that a witness is said to have cosigned."""
    files = members(town.bundle(witness=False))
    hashes = "".join(f"{encode64(one)}\n" for one in town.tree().consistency(size))
    more = {
        f"proof/anchors/{size}.checkpoint.txt": note.encode(),
        f"proof/anchors/{size}.consistency.txt": hashes.encode(),
    }
    return resealed(files | more)


def test_an_older_head_a_witness_saw_is_an_anchor(town: Town) -> None:
    raw = anchored(town, 20, town.note(20, witness=town.now))
    report = judged(raw, trust=trust(quorum="none"))

    assert codes(report, "warn") == set()
    assert report.as_dict()["anchor"]["size"] == 20
    assert report.as_dict()["unanchored"] == 3


def test_an_older_head_of_another_history_is_no_anchor(town: Town) -> None:
    seen = town.note(20, witness=town.now)
    rewritten(town, look(town), b'"count":1', b'"count":2')
    report = judged(anchored(town, 20, seen), trust=trust(quorum="none"))

    assert codes(report) == {"checkpoint.inconsistent"}


def test_an_older_head_nobody_signed_is_no_anchor(town: Town) -> None:
    seen = town.note(20, witness=town.now).replace("AAA", "AAB", 1)
    report = judged(anchored(town, 20, seen), trust=trust(quorum="none"))

    assert "note.bad_signature" in codes(report)
