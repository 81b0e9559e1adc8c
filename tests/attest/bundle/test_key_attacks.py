"""Attacks of log.md §14 with keys and requests, each found by its code."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from attest.bundle.content import Support
from attest.log.leaf import Leaf, build, canonical, leaf_hash, parse_canonical
from attest.log.lineage import Retired
from attest.log.note import Kind, SigningKey, sign_note
from attest.log.proof import Receipt
from attest.log.signing import Ed25519Signer
from attest.log.trust import Trust
from tests.attest.log.vectors import ed25519, key

from .attacking import changed
from .town import (
    NONCE,
    ORIGIN,
    Town,
    both_keys,
    codes,
    judged,
    members,
    resealed,
    rotation_of,
    trust,
    written,
)

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
