from __future__ import annotations

import pytest

from attest import cbor, cose
from attest.documents import read_keyset, read_status, sign_keyset, sign_status
from attest.errors import KeysUnusable, TokenRefused
from attest.keys import KeySet, RecipientKey, Use, VerifyKey, signed
from attest.token import open_token

from .token_vectors import (
    CLAIMS,
    DOCUMENTS,
    HOST,
    NOW,
    OPENING,
    ROOT,
    ROOT_SEALING,
    SEALING,
    TOKEN,
    opener,
)

KEYSET, STATUS = (bytes.fromhex(DOCUMENTS[name]["hex"]) for name in ("keyset", "status"))
ROOT_KEY = ROOT_SEALING.sign[0]
STATUS_KEY = SEALING.signer(use=Use.STATUS, at=NOW)
IDS = [bytes.fromhex(cti) for cti in DOCUMENTS["status"]["ids"]]


def keyset(document: bytes = KEYSET, now: int = NOW, **limits: int) -> KeySet:
    return read_keyset(document, root=ROOT, host=HOST, now=now, **limits)


def refused(document: bytes, now: int = NOW, **limits: int) -> tuple[str, str]:
    reader = read_keyset_of if document[:9] == KEYSET[:9] else read_status_of
    with pytest.raises(TokenRefused) as no:
        reader(document, now, **limits)
    return no.value.why, no.value.at


def read_keyset_of(document: bytes, now: int, **limits: int) -> None:
    keyset(document, now, **limits)


def read_status_of(document: bytes, now: int, **limits: int) -> None:
    read_status(document, keyset=OPENING.verify, host=HOST, now=now, **limits)


def by_root(said: object) -> bytes:
    return signed(cbor.write(said), signer=ROOT_KEY, aad=cose.bound("keyset", HOST, b""))


def by_status(said: object) -> bytes:
    return signed(cbor.write(said), signer=STATUS_KEY, aad=cose.bound("status", HOST, b""))


def test_the_keyset_of_the_vectors_reads_and_is_written_the_same() -> None:
    keys = keyset()
    assert (keys.seq, keys.iat) == (DOCUMENTS["keyset"]["seq"], DOCUMENTS["keyset"]["iat"])
    everybody: list[RecipientKey | VerifyKey] = [*keys.seal_to, *keys.verify]
    assert len(everybody) == DOCUMENTS["keyset"]["count"]

    again = sign_keyset(everybody, root=ROOT_KEY, host=HOST, seq=7, at=keys.iat or 0)
    assert again == KEYSET


def test_the_status_list_of_the_vectors_reads_and_is_written_the_same() -> None:
    status = read_status(STATUS, keyset=keyset(), host=HOST, now=NOW)
    assert all(cti in status for cti in IDS)
    assert bytes(8) not in status
    assert bytes.fromhex("00000000000000c3") not in status

    again = sign_status(reversed(IDS), signer=STATUS_KEY, host=HOST, seq=41, at=status.iat)
    assert again == STATUS


def test_an_empty_status_list_revokes_nothing() -> None:
    document = sign_status([], signer=STATUS_KEY, host=HOST, seq=1, at=NOW)
    status = read_status(document, keyset=OPENING.verify, host=HOST, now=NOW)
    said = open_token(TOKEN, opener=opener(), now=NOW, status=status).claims
    assert said == CLAIMS


def test_a_token_opens_with_the_keys_the_root_vouches_for() -> None:
    assert open_token(TOKEN, opener=opener(keyset()), now=NOW).claims == CLAIMS


def test_a_withdrawal_in_the_keyset_is_kept() -> None:
    (leaked,) = [key for key in keyset().verify if key.kid.hex() == "4304"]
    assert leaked.window.holds(1_793_404_799)
    assert not leaked.window.holds(1_793_404_800)


@pytest.mark.parametrize("document", [KEYSET, STATUS], ids=["keyset", "status"])
def test_a_document_with_any_one_byte_changed_is_refused(document: bytes) -> None:
    for at in range(0, len(document), 3):
        changed = bytearray(document)
        changed[at] ^= 1
        with pytest.raises(TokenRefused):
            read_keyset_of(bytes(changed), NOW)
        with pytest.raises(TokenRefused):
            read_status_of(bytes(changed), NOW)


def test_an_old_document_gives_no_verdict() -> None:
    age = NOW - DOCUMENTS["keyset"]["iat"]
    assert keyset(max_age_s=age, least_seq=7).seq == 7
    assert refused(KEYSET, max_age_s=age - 1) == ("stale_keys", "keyset")
    assert refused(KEYSET, least_seq=8) == ("stale_keys", "keyset")
    assert refused(STATUS, max_age_s=1) == ("stale_status", "status")
    assert refused(STATUS, least_seq=42) == ("stale_status", "status")


def test_a_document_from_tomorrow_is_refused() -> None:
    iat: int = DOCUMENTS["keyset"]["iat"]
    assert keyset(now=iat - 60).iat == iat
    assert refused(KEYSET, now=iat - 61) == ("not_yet_valid", "keyset")


def test_a_document_outside_its_signers_window_is_refused() -> None:
    late = STATUS_KEY.window.naf + 1
    said = {1: HOST, 6: late, -65540: {1: 1, 2: b""}}
    assert refused(by_status(said), now=late) == ("key_not_valid", "status")


def test_a_document_that_names_another_host_is_refused() -> None:
    said = {1: "other.kr", 6: NOW, -65540: {1: 1, 2: b""}}
    assert refused(by_status(said)) == ("wrong_host", "status")


def test_a_check_in_key_signs_no_status_list() -> None:
    signer = SEALING.sign[0]
    payload = cbor.write({1: HOST, 6: NOW, -65540: {1: 1, 2: b""}})
    forged = signed(payload, signer=signer, aad=cose.bound("status", HOST, b""))
    assert refused(forged) == ("unknown_key", "status")
    with pytest.raises(KeysUnusable):
        sign_status([], signer=signer, host=HOST, seq=1, at=NOW)


def test_nothing_is_signed_that_nobody_could_read() -> None:
    keys = [*OPENING.verify.verify]
    for wrong, seq in (([], 1), (keys, 0), (keys + keys[:1], 1)):
        with pytest.raises(TokenRefused, match="malformed"):
            sign_keyset(wrong, root=ROOT_KEY, host=HOST, seq=seq, at=NOW)
    with pytest.raises(TokenRefused, match="malformed"):
        sign_status([], signer=STATUS_KEY, host=HOST, seq=0, at=NOW)
    with pytest.raises(KeysUnusable):
        sign_keyset(keys, root=ROOT_KEY, host="Other.KR", seq=1, at=NOW)


def test_only_a_root_key_vouches_for_keys() -> None:
    with pytest.raises(KeysUnusable):
        read_keyset(KEYSET, root=OPENING.verify.verify[0], host=HOST, now=NOW)


@pytest.mark.parametrize(
    "said",
    [
        {1: HOST, 6: NOW, -65540: {1: 0, 2: b""}},
        {1: HOST, 6: NOW, -65540: {1: 1, 2: bytes(7)}},
        {1: HOST, 6: NOW, -65540: {1: 1, 2: bytes(16)}},
        {1: HOST, 6: NOW, -65540: {1: 1, 2: b"b" * 8 + b"a" * 8}},
        {1: HOST, 6: NOW, -65540: {1: 1, 2: ""}},
        {1: HOST, 6: NOW, -65540: {1: 1}},
        {1: HOST, 6: -1, -65540: {1: 1, 2: b""}},
        {1: HOST, 6: NOW, -65540: {1: 1, 2: b""}, 7: 1},
        [],
    ],
)
def test_a_list_of_another_shape_is_malformed(said: object) -> None:
    assert refused(by_status(said)) == ("malformed", "status")


RECORD = {
    1: 2,
    2: b"C\x01",
    3: -7,
    -1: 1,
    -2: OPENING.verify.verify[0].public[1:33],
    -3: OPENING.verify.verify[0].public[33:],
    -65537: 1,
    -65538: 0,
    -65539: 9,
    -65540: 5,
}


def told(record: object) -> bytes:
    return by_root({1: HOST, 6: NOW, -65539: {1: 1, 2: [record]}})


def test_the_plain_record_is_one() -> None:
    assert keyset(told(RECORD)).verify[0].public == OPENING.verify.verify[0].public


@pytest.mark.parametrize(
    "other",
    [
        {-4: bytes(32)},
        {1: 1},
        {1: 2.0},
        {2: b"T\x01"},
        {2: b"C\x00"},
        {2: b"C"},
        {3: 45},
        {3: -19},
        {3: -7.0},
        {-1: 6},
        {-2: bytes(32)},
        {-2: bytes(31)},
        {-65537: 2},
        {-65537: 5},
        {-65537: 1.0},
        {-65538: -1},
        {-65538: 10},
        {-65539: "9"},
        {-65541: "1"},
    ],
    ids=str,
)
def test_a_record_that_pins_something_else_is_malformed(other: dict[int, object]) -> None:
    assert refused(told(RECORD | other)) == ("malformed", "keyset")


@pytest.mark.parametrize("label", RECORD)
def test_a_record_that_lacks_a_label_is_malformed(label: int) -> None:
    less = {name: value for name, value in RECORD.items() if name != label}
    assert refused(told(less)) == ("malformed", "keyset")


def test_a_keyset_without_keys_is_malformed() -> None:
    empty = by_root({1: HOST, 6: NOW, -65539: {1: 1, 2: []}})
    assert refused(empty) == ("malformed", "keyset")
