"""Which key signs how long a log: what a trust file says of it, and what leads it on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key

from attest.errors import KeysUnusable, NoteRefused
from attest.log.leaf import read_time
from attest.log.lineage import Retired
from attest.log.note import Kind, SigningKey, VerifyingKey, sign_note
from attest.log.proof import Checkpoint, Receipt, open_checkpoint, open_receipt
from attest.log.signing import EcdsaSigner, Ed25519Signer
from attest.log.trust import Rotation, Trust, open_rotation, signed_rotation

from .vectors import ecdsa, ed25519, key, trust

ORIGIN = trust().origin
AT = read_time("2026-11-23T01:17:53.123456Z")
OLD: list[SigningKey] = [ed25519("log"), ecdsa("log_ecdsa")]
NEW: list[SigningKey] = [ed25519("log_next"), ecdsa("log_ecdsa")]
LAST = Ed25519Signer(ORIGIN, ed25519("stranger_same_name").key)


def followed(old: SigningKey, new: SigningKey) -> Rotation:
    return Rotation(ORIGIN, "log", old.verifying, new.verifying, AT)


def knowing() -> Trust:
    """Leaf 100 is the first rotation, leaf 200 the second."""
    known = trust().followed(followed(OLD[0], NEW[0]), index=100)
    return known.followed(followed(NEW[0], LAST), index=200)


def note(size: int, signers: list[SigningKey]) -> str:
    return sign_note(Checkpoint(ORIGIN, size, bytes(32)).text(), signers)


@pytest.mark.parametrize(
    ("size", "signers"),
    [
        (1, OLD), (100, OLD), (101, NEW), (200, NEW),
        (201, [LAST, OLD[1]]), (1 << 40, [LAST, OLD[1]]),
    ],
)  # fmt: skip
def test_each_key_signs_up_to_its_own_rotation(size: int, signers: list[SigningKey]) -> None:
    every = (OLD, NEW, [LAST, OLD[1]])

    assert open_checkpoint(note(size, signers), knowing()).size == size
    for others in every:
        if others != signers:
            with pytest.raises(NoteRefused, match="no_log_key"):
                open_checkpoint(note(size, others), knowing())


def test_both_generations_under_one_head_are_as_good_as_the_right_one() -> None:
    assert open_checkpoint(note(101, [*OLD, NEW[0]]), knowing()).size == 101


def test_what_is_no_checkpoint_is_said_as_ever() -> None:
    with pytest.raises(NoteRefused, match="malformed"):
        open_checkpoint(sign_note("hello\n", [LAST, OLD[1]]), knowing())
    with pytest.raises(NoteRefused, match="no_log_key"):
        open_checkpoint(sign_note("hello\n", OLD), knowing())


def test_the_file_says_it_and_programs_of_others_know_the_keys_of_now() -> None:
    text = knowing().text()

    assert f"#! log-until 100 {key('log').vkey}\n" in text
    assert Trust.parse(text) == knowing()
    plain = "".join(line + "\n" for line in text.splitlines() if not line.startswith("#"))
    assert Trust.parse(plain).log == (LAST.verifying, key("log_ecdsa"))


@pytest.mark.parametrize(
    "line",
    [
        "#! log-until 100", "#! log-until x {0}", "#! log-until 0100 {0}", "#! log-until 0 {0}",
        "#! log-until -1 {0}", "#! log-until 100 {0} x", "#! log-until 100 {1}",
        "#! log-until 100 {2}", "#! log-until 100 {3}",
        "#! log-until 100 {0}\n#! log-until 200 {0}", "#! log-until 100 {0}\n#! log-until 100 {4}",
    ],
)  # fmt: skip
def test_half_a_history_of_keys_is_none(line: str) -> None:
    keys = [key(name).vkey for name in ("log_next", "log", "witness", "receipt")]
    said = line.format(*keys, LAST.verifying.vkey)

    with pytest.raises(KeysUnusable):
        Trust.parse(trust().text() + said + "\n")


def test_a_retired_kind_has_an_heir() -> None:
    with pytest.raises(KeysUnusable):
        Trust(log=(key("log"),), retired=(Retired(key("log_ecdsa"), 5),))


def test_told_twice_is_told_once() -> None:
    for index in (100, 101, 200, 300):
        assert knowing().followed(followed(OLD[0], NEW[0]), index=index) == knowing()
    assert knowing().followed(followed(NEW[0], LAST), index=201) == knowing()


@pytest.mark.parametrize(
    ("old", "new", "index"),
    [
        # A key that went: to another heir, come back, or before it is known to have gone.
        (OLD[0], LAST, 300), (OLD[0], LAST, 101), (NEW[0], OLD[0], 300), (LAST, OLD[0], 300),
        (LAST, NEW[0], 300), (OLD[0], NEW[0], 99), (NEW[0], LAST, 150),
    ],
)  # fmt: skip
def test_a_key_that_went_has_no_say_any_more(old: Any, new: Any, index: int) -> None:
    with pytest.raises(NoteRefused, match="no_log_key"):
        knowing().followed(followed(old, new), index=index)


@pytest.mark.parametrize("role", ["receipt", "export"])
def test_a_key_of_the_log_has_no_say_in_another_role(role: str) -> None:
    rotation = replace(followed(OLD[0], NEW[0]), role=role)

    with pytest.raises(NoteRefused, match="no_log_key"):
        trust().followed(rotation, index=100)
    # Whoever believes nobody in that role is led on to nobody.
    nobody = replace(trust(), receipt=(), export=())
    assert nobody.followed(rotation, index=100) == nobody


# -- receipts and exports ------------------------------------------------------------------

PAPERS: tuple[SigningKey, SigningKey] = ed25519("receipt"), ecdsa("receipt_ecdsa")
EXPORTER, NEXT = ed25519("export"), Ed25519Signer(key("export").name, ed25519("log_next").key)
SECOND = timedelta(seconds=1)


def heirs() -> tuple[SigningKey, SigningKey]:
    """Of both receipt keys: the same secrets as other keys have, under the name of receipts."""
    p256 = derive_private_key(7, SECP256R1())
    return Ed25519Signer(f"{ORIGIN}/receipt", ed25519("log_next").key), EcdsaSigner(
        f"{ORIGIN}/receipt", p256
    )


def papers_rotated() -> Trust:
    """Receipts since AT, exports since leaf 100."""
    known = trust()
    for old, new in zip(PAPERS, heirs(), strict=True):
        rotation = Rotation(ORIGIN, "receipt", old.verifying, new.verifying, AT)
        known = known.followed(rotation, index=77)
    rotation = Rotation(ORIGIN, "export", EXPORTER.verifying, NEXT.verifying, AT)
    return known.followed(rotation, index=100)


def receipt(at: datetime, signers: Sequence[SigningKey]) -> str:
    return sign_note(Receipt(ORIGIN, bytes(32), at).text(), signers)


def test_the_file_says_who_signed_receipts_and_exports_and_until_when() -> None:
    known, text = papers_rotated(), papers_rotated().text()

    assert f"#! receipt-until 2026-11-23T01:17:53.123456Z {key('receipt').vkey}\n" in text
    assert f"#! export-until 100 {key('export').vkey}\n" in text
    assert Trust.parse(text) == known
    assert (known.log, known.retired) == (trust().log, ())


@pytest.mark.parametrize(
    "line",
    [
        "#! export-until 100", "#! export-until 0 {0}", "#! export-until x {0}",
        "#! export-until 100 {1}", "#! export-until 2026-11-23T01:17:53.123456Z {0}",
        "#! receipt-until 100 {2}", "#! receipt-until 2026-11-23T01:17:53Z {2}",
        "#! receipt-until 2026-11-23T01:17:53.123456Z {0}", "#! receipt-until {2}",
        "#! export-until 100 {0}\n#! export-until 100 {3}", "#! until 100 {0}",
    ],
)  # fmt: skip
def test_half_a_history_of_papers_is_none(line: str) -> None:
    known = papers_rotated()
    stranger = replace(NEXT.verifying, material=LAST.verifying.material)
    keys = [stranger.vkey, known.export[0].vkey, PAPERS[0].verifying.vkey, key("export").vkey]
    plain = replace(known, export_retired=(), receipt_retired=()).text()

    with pytest.raises(KeysUnusable):
        Trust.parse(plain + line.format(*keys) + "\n")


def test_a_receipt_is_believed_by_the_keys_of_its_time_and_by_later_ones() -> None:
    old, new = PAPERS, heirs()
    for at, signers in (
        (AT, old), (AT - 400 * SECOND, old), (AT + 10 * SECOND, old),
        # Given again after the rotation; half of one and half of the other, as it happens.
        (AT - 400 * SECOND, new), (AT + SECOND, new), (AT, (old[0], new[1])), (AT, (*old, *new)),
    ):  # fmt: skip
        assert open_receipt(receipt(at, signers), papers_rotated()).at == at


def test_a_stolen_key_of_receipts_promises_nothing_behind_its_end() -> None:
    old, new = PAPERS, heirs()
    late = AT + 10 * SECOND + timedelta(microseconds=1)
    for signers in (old, (old[0], new[1]), (new[0], old[1])):
        with pytest.raises(NoteRefused, match="key_ended"):
            open_receipt(receipt(late, signers), papers_rotated())
    # By the file of before it does: that is why the new one is handed out.
    assert open_receipt(receipt(late, old), trust()).at == late


@pytest.mark.parametrize("at", [AT - SECOND, AT + 99 * SECOND])
def test_half_a_receipt_is_none_whichever_keys_signed(at: datetime) -> None:
    old, new = PAPERS, heirs()
    strangers: list[SigningKey] = [
        Ed25519Signer(f"{ORIGIN}/receipt", LAST.key),
        EcdsaSigner(f"{ORIGIN}/receipt", derive_private_key(9, SECP256R1())),
    ]
    for signers in ([old[0]], [new[1]], [old[0], new[0]], [old[0], strangers[1]], strangers):
        with pytest.raises(NoteRefused, match=r"no_log_key"):
            open_receipt(receipt(at, signers), papers_rotated())


def test_exports_are_those_of_the_key_of_their_head_or_of_a_later_one() -> None:
    exports = papers_rotated().lineage("export")

    assert {*exports.standing(100)} == {EXPORTER.verifying, NEXT.verifying}
    assert exports.standing(101) == (NEXT.verifying,)


@pytest.mark.parametrize("role", ["receipt", "export"])
def test_a_key_that_went_names_no_second_heir_in_any_role(role: str) -> None:
    old: SigningKey = PAPERS[0] if role == "receipt" else EXPORTER
    thief = Ed25519Signer(old.verifying.name, LAST.key)
    for at in (AT - SECOND, AT + SECOND):
        rotation = Rotation(ORIGIN, role, old.verifying, thief.verifying, at)
        for index in (50, 77, 300):
            with pytest.raises(NoteRefused, match="no_log_key"):
                papers_rotated().followed(rotation, index=index)
    # Said to be where it really went: that is known to be otherwise.
    rotation = Rotation(ORIGIN, role, old.verifying, thief.verifying, AT)
    assert papers_rotated().followed(rotation, index=100) == papers_rotated()


def test_looking_back_the_keys_under_papers_are_found_too() -> None:
    known = papers_rotated()
    back = replace(known, export_retired=(), receipt_retired=())
    receipts = (("receipt", *pair) for pair in zip(PAPERS, heirs(), strict=True))
    for role, old, new in (("export", EXPORTER, NEXT), *receipts):
        rotation = Rotation(ORIGIN, role, old.verifying, new.verifying, AT)
        back = back.traced(rotation, index=100)

    assert (back.export_retired, {*back.receipt_retired}) == (
        known.export_retired,
        {*known.receipt_retired},
    )


def test_a_role_nobody_knows_is_no_rotation() -> None:
    text = replace(followed(OLD[0], NEW[0]), role="witness").text()

    with pytest.raises(NoteRefused, match="malformed"):
        signed_rotation(sign_note(text, [OLD[0], NEW[0]]))


def test_whoever_believes_the_heir_learns_whose_place_it_took() -> None:
    now = replace(trust(), log=(LAST.verifying, key("log_ecdsa")))

    before = now.traced(followed(NEW[0], LAST), index=200)
    assert before.traced(followed(OLD[0], NEW[0]), index=100).log_at(1) == trust().log
    # To nobody believed there is nothing to add.
    assert now.traced(followed(OLD[0], NEW[0]), index=100) == now
    assert now.traced(replace(followed(NEW[0], LAST), role="export"), index=200) == now


@pytest.mark.parametrize("again", [(100, 150), (100, 300), (100, 150, 199, 300)])
def test_looking_back_the_first_leaf_of_a_rotation_said_twice_counts(again: tuple[int]) -> None:
    said = [(index, followed(OLD[0], NEW[0])) for index in again]
    said += [(index, followed(NEW[0], LAST)) for index in (200, 250)]
    back = replace(trust(), log=(LAST.verifying, key("log_ecdsa")))
    for index, rotation in sorted(said, key=lambda one: one[0], reverse=True):
        back = back.traced(rotation, index=index)

    assert (back.log, {*back.retired}) == (knowing().log, {*knowing().retired})
    # A second heir is none, looking back either.
    assert back.traced(followed(OLD[0], LAST), index=90) == back


@pytest.mark.parametrize("signers", [[OLD[0]], [NEW[0]], [LAST, NEW[0]], [OLD[0], LAST]])
def test_a_rotation_needs_both_signatures(signers: list[SigningKey]) -> None:
    text = followed(OLD[0], NEW[0]).text()

    for read in (signed_rotation, lambda said: open_rotation(said, trust())):
        with pytest.raises(NoteRefused, match="bad_signature"):
            read(sign_note(text, signers))


def test_kinds_are_followed_one_by_one() -> None:
    p256 = replace(key("log_ecdsa"), material=key("receipt_ecdsa").material)
    known = replace(knowing(), log=(LAST.verifying, p256))
    known = replace(known, retired=(*known.retired, Retired(key("log_ecdsa"), 150)))

    def at(size: int) -> tuple[VerifyingKey, ...]:
        return known.log_at(size)

    assert at(150) == (key("log_next"), key("log_ecdsa"))
    assert at(151) == (key("log_next"), p256)
    assert {one.kind for one in at(1)} == {Kind.ED25519, Kind.ECDSA_P256}
