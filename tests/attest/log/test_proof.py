from __future__ import annotations

from base64 import b64decode
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from attest.errors import KeysUnusable, NoteRefused, ProofRefused
from attest.log import merkle
from attest.log.leaf import leaf_hash, read_time
from attest.log.note import SigningKey, sign_note
from attest.log.proof import (
    Checkpoint,
    Receipt,
    TlogProof,
    open_checkpoint,
    open_receipt,
    verify_proof,
    witnessed_checkpoint,
)
from attest.log.trust import Group, Rotation, Trust, open_rotation, read_number

from .vectors import cosigner, ecdsa, ed25519, hashes, key, load, trust

NOTES = load("notes")
PAPERS = load("papers")
SIGNERS: list[SigningKey] = [ed25519("log"), ecdsa("log_ecdsa")]
W1, W2, W3 = (replace(key("witness"), name=f"audit.example.go.kr/w{n}") for n in (1, 2, 3))
FILE = f"""# who is believed
log {key("log").vkey} https://tripseal.example.go.kr/log
\tlog\t{key("log_ecdsa").vkey}

witness w1 {key("witness").vkey}
group audit any w1
quorum audit
#! receipt {key("receipt").vkey}
#! receipt {key("receipt_ecdsa").vkey}
  #! export {key("export").vkey}
#! tsa agency.pem
#! max-anchor-age 24h
"""


def named(case: dict[str, Any]) -> str:
    return str(case.get("name", case.get("why")))


def code_of(case: dict[str, Any]) -> str:
    return str(case["code"]).removeprefix("note.")


def papers(name: str) -> TlogProof:
    return TlogProof.parse(PAPERS[name]["file"])


@pytest.mark.parametrize("case", NOTES["good"], ids=named)
def test_a_published_checkpoint_opens_and_is_written_back(case: dict[str, Any]) -> None:
    checkpoint = open_checkpoint(case["note"], trust())

    assert (checkpoint.origin, checkpoint.size) == (trust().origin, case["size"])
    assert case["note"].startswith(checkpoint.text() + "\n")


@pytest.mark.parametrize("case", load("tree")["roots"], ids=lambda c: str(c["size"]))
def test_what_is_signed_is_what_is_opened(case: dict[str, Any]) -> None:
    checkpoint = Checkpoint(trust().origin, case["size"], bytes.fromhex(case["root_hex"]))

    assert open_checkpoint(sign_note(checkpoint.text(), SIGNERS), trust()) == checkpoint


@pytest.mark.parametrize("case", NOTES["bad"], ids=named)
def test_a_published_bad_checkpoint_is_refused_for_its_reason(
    case: dict[str, Any],
) -> None:
    with pytest.raises(NoteRefused) as no:
        open_checkpoint(case["note"], trust())

    assert no.value.why == code_of(case)


def test_a_quorum_is_asked_of_every_checkpoint() -> None:
    strict = replace(trust(), quorum="w1")

    checkpoint, note = witnessed_checkpoint(NOTES["good"][0]["note"], strict)
    assert (checkpoint.size, note.signatures[-1].time) == (1000, 1763856000)
    with pytest.raises(NoteRefused, match="quorum"):
        open_checkpoint(NOTES["good"][1]["note"], strict)


@pytest.mark.parametrize("name", ["tlog_proof", "tlog_proof_size_1"])
def test_a_published_proof_holds_and_is_written_back(name: str) -> None:
    case = PAPERS[name]
    proof = papers(name)

    checkpoint, _ = verify_proof(proof, leaf_hash(case["entry"].encode()), trust())
    assert (checkpoint.size, proof.index) == (case["size"], case["index"])
    assert proof.text() == case["file"]


def test_extra_words_come_back_and_change_nothing() -> None:
    proof = replace(papers("tlog_proof"), extra=b"anything")
    hashed = leaf_hash(PAPERS["tlog_proof"]["entry"].encode())

    assert proof.text().splitlines()[1] == "extra YW55dGhpbmc="
    assert TlogProof.parse(proof.text()) == proof
    verify_proof(proof, hashed, trust())


def test_no_single_bit_of_a_proof_or_its_leaf_can_turn() -> None:
    case = PAPERS["tlog_proof"]
    whole, hashed = case["file"].encode(), leaf_hash(case["entry"].encode())
    witness = whole.rindex("— ".encode())

    for bit in range(8 * witness):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises((ProofRefused, NoteRefused, UnicodeDecodeError)):
            verify_proof(TlogProof.parse(flipped.decode()), hashed, trust())
    for bit in range(256):
        other = (int.from_bytes(hashed, "big") ^ 1 << bit).to_bytes(32, "big")
        with pytest.raises(ProofRefused, match="inclusion"):
            verify_proof(papers("tlog_proof"), other, trust())


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"index": 301}, "inclusion"),
        ({"index": 1000}, "shape"),
        ({"hashes": ()}, "shape"),
        ({"hashes": (*papers("tlog_proof").hashes, bytes(32))}, "surplus"),
    ],
)
def test_a_changed_proof_is_refused(change: dict[str, Any], why: str) -> None:
    hashed = leaf_hash(PAPERS["tlog_proof"]["entry"].encode())

    with pytest.raises(ProofRefused, match=why):
        verify_proof(replace(papers("tlog_proof"), **change), hashed, trust())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("@v1", "@v2"),
        ("index 300", "index 0300"),
        ("index 300", "index +300"),
        ("index 300", "index ٣"),
        ("index 300", "Index 300"),
        ("index 300\n", ""),
        ("index 300", "index 300\nindex 300"),
        ("index 300", "extra \nextra \nindex 300"),
        ("index 300", "extra AAB=\nindex 300"),
        ("index 300", "index 9223372036854775808"),
        ("wMoR", "wMo"),
        ("0oMU=\n", "0oMV=\n"),
        ("0oMU=\n", "0oMU= \n"),
        ("0oMU=\n", "0oMU=\r\n"),
    ],
)
def test_a_proof_of_another_form_is_refused(old: str, new: str) -> None:
    text = PAPERS["tlog_proof"]["file"]
    assert old in text

    with pytest.raises(ProofRefused, match="shape"):
        TlogProof.parse(text.replace(old, new, 1))


def test_a_proof_under_a_stolen_checkpoint_text_is_refused() -> None:
    forged = Checkpoint(trust().origin, 1000, hashes()[0])
    proof = replace(papers("tlog_proof"), checkpoint=sign_note(forged.text(), SIGNERS))

    with pytest.raises(ProofRefused, match="inclusion"):
        verify_proof(proof, hashes()[300], trust())


def test_the_published_receipt_opens_and_is_written_back() -> None:
    note = PAPERS["receipt"]["file"]
    receipt = open_receipt(note, trust())
    checkin = next(one for one in load("leaves")["leaves"] if one["name"] == "checkin")

    assert receipt.leaf_hash.hex() == checkin["leaf_hash"]
    assert receipt.merge_by - receipt.at == timedelta(hours=1)
    assert sign_note(receipt.text(), [ed25519("receipt"), ecdsa("receipt_ecdsa")]) == note


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("02:17:53", "02:17:54"),
        ("receipt/v1", "receipt/v2"),
        ("tripseal.example", "other.example"),
        ("123456Z", "123Z"),
        ("5tWz", "5tW"),
    ],
)
def test_a_receipt_with_other_words_is_refused_though_signed(old: str, new: str) -> None:
    text = open_receipt(PAPERS["receipt"]["file"], trust()).text().replace(old, new)
    note = sign_note(text, [ed25519("receipt"), ecdsa("receipt_ecdsa")])

    with pytest.raises(NoteRefused, match="malformed"):
        open_receipt(note, trust())


def test_a_receipt_is_not_signed_by_the_log_keys() -> None:
    receipt = Receipt(trust().origin, bytes(32), read_time("2026-11-23T01:17:53.123456Z"))

    with pytest.raises(NoteRefused, match="no_log_key"):
        open_receipt(sign_note(receipt.text(), SIGNERS), trust())


def test_a_receipt_is_no_checkpoint() -> None:
    receipt = Receipt(trust().origin, bytes(32), read_time("2026-11-23T01:17:53.123456Z"))

    with pytest.raises(NoteRefused, match=r"checkpoint\.malformed"):
        open_checkpoint(sign_note(receipt.text(), SIGNERS), trust())


def test_the_published_rotation_opens_and_is_written_back() -> None:
    note = PAPERS["key_rotation"]["file"]
    rotation = open_rotation(note, trust())

    assert (rotation.old, rotation.new) == (key("log"), key("log_next"))
    assert sign_note(rotation.text(), [ed25519("log"), ed25519("log_next")]) == note


@pytest.mark.parametrize("case", PAPERS["key_rotation_bad"], ids=named)
def test_a_published_bad_rotation_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(NoteRefused):
        open_rotation(case["file"], trust())


def test_a_stranger_cannot_rotate_to_himself() -> None:
    at = read_time("2026-12-01T00:00:00.000000Z")
    theirs = Rotation(trust().origin, "log", key("stranger_same_name"), key("log_next"), at)
    note = sign_note(theirs.text(), [ed25519("stranger_same_name"), ed25519("log_next")])

    with pytest.raises(NoteRefused, match="no_log_key"):
        open_rotation(note, trust())
    with pytest.raises(KeysUnusable):
        replace(theirs, new=theirs.old)
    with pytest.raises(KeysUnusable):
        replace(theirs, new=key("log_ecdsa"))


@pytest.mark.parametrize("text", ["", "x\n", "\n" * 6])
def test_a_note_that_is_no_rotation_is_refused(text: str) -> None:
    with pytest.raises(NoteRefused, match="malformed"):
        open_rotation(f"{text}\n— name AAAAAAA=\n", trust())


def test_a_trust_file_is_read_and_written_back() -> None:
    read = Trust.parse(FILE)

    assert read == replace(
        trust(),
        groups=(Group("audit", 1, ("w1",)),),
        quorum="audit",
        tsa=("agency.pem",),
        max_anchor_age=timedelta(hours=24),
    )
    assert Trust.parse(read.text()) == read


@pytest.mark.parametrize(
    "text",
    [
        "",
        "quorum none\n",
        FILE.replace("quorum audit\n", ""),
        FILE + "quorum audit\n",
        FILE.replace("quorum audit", "quorum nobody"),
        FILE.replace("quorum audit", "quorum audit w1"),
        FILE.replace("any w1", "2 w1"),
        FILE.replace("any w1", "0 w1"),
        FILE.replace("any w1", "01 w1"),
        FILE.replace("any w1", "all"),
        FILE.replace("any w1", "any w1 w1"),
        FILE.replace("any w1", "any none"),
        FILE.replace("group audit", "group w1"),
        FILE.replace("group audit", "group none"),
        FILE.replace("quorum audit", "group more any w1\nquorum audit"),
        FILE.replace("group audit any w1\n", "") + "group audit any w1\n",
        FILE + f"log {key('log').vkey}\n",
        FILE + f"log {key('other_log').vkey}\n",
        FILE + f"log {key('witness').vkey}\n",
        FILE + f"witness w1 {key('witness').vkey}\n",
        FILE + f"witness w2 {key('witness').vkey}\n",
        FILE + f"witness w2 {key('log_next').vkey}\n",
        FILE + f"witness w2 {replace(key('witness'), material=key('log').material).vkey}\n",
        FILE + f"#! receipt {key('export').vkey}\n",
        FILE + f"#! export {key('witness').vkey}\n",
        FILE + "#! max-anchor-age 48h\n",
        FILE.replace("24h", "24"),
        FILE.replace("24h", "0h"),
        FILE.replace("agency.pem", "../agency.pem"),
        FILE + "#! unknown\n",
        FILE + "#!receipt x\n",
        FILE + "trust everybody\n",
        FILE + "log notakey\n",
        FILE.replace("\n", "\r\n"),
        FILE + "# \x00\n",
    ],
)
def test_half_a_policy_is_none(text: str) -> None:
    with pytest.raises(KeysUnusable):
        Trust.parse(text)


def test_groups_of_groups_count_each_witness_once() -> None:
    keys = {
        "a": key("witness"),
        "b": replace(key("witness"), material=key("other_log").material),
        "c": replace(key("witness"), material=key("stranger_same_name").material),
    }
    policy = replace(
        trust(),
        witnesses=keys,
        groups=(Group("two", 1, ("a", "b")), Group("all", 2, ("two", "c"))),
        quorum="all",
    )

    assert policy.has_quorum([keys["a"], keys["c"]])
    assert policy.has_quorum([keys["b"], keys["c"]])
    assert not policy.has_quorum([keys["a"], keys["b"]])
    assert not policy.has_quorum([])


def test_a_cosignature_made_now_counts_for_the_quorum() -> None:
    checkpoint = Checkpoint(trust().origin, 0, merkle.EMPTY)
    note = sign_note(checkpoint.text(), [*SIGNERS, cosigner(1_800_000_000)])

    assert open_checkpoint(note, replace(trust(), quorum="w1")) == checkpoint


@pytest.mark.parametrize("text", ["", "00", "-1", "+1", " 1", "1 ", "1_0", "٣", "1" * 20, "1\n"])
def test_a_number_has_one_spelling(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        read_number(text)


def test_the_largest_number_fits_a_database() -> None:
    assert read_number("9223372036854775807") == 2**63 - 1
    assert b64decode("") == b""
