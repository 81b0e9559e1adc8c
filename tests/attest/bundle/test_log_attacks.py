"""Attacks of log.md §14 on the log, each found by its code; and the two limits, found by none."""

from __future__ import annotations

import json
from datetime import timedelta

from attest.log.leaf import Leaf, canonical, parse_canonical
from attest.log.note import sign_note
from attest.log.proof import Checkpoint, Receipt
from attest.log.strict64 import encode64
from tests.attest.log.vectors import ecdsa, ed25519

from .attacking import changed, entries, jsonl, look, rewritten, touch
from .town import (
    ORIGIN,
    Town,
    codes,
    judged,
    members,
    resealed,
    trust,
)

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
