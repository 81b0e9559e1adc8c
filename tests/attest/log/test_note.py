from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from attest.errors import KeysUnusable, NoteRefused
from attest.log import library_curves, note, plain_curves
from attest.log.note import (
    Kind,
    SigningKey,
    VerifyingKey,
    open_note,
    sign_note,
    signature_line,
)
from attest.log.signing import EcdsaSigner
from attest.log.strict64 import decode64, decode_hash

from .vectors import cosigner, ecdsa, ed25519, key, load

NOTES = load("notes")
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
LOG = (key("log"), key("log_ecdsa"))
ALL = (*LOG, key("witness"))
WHOLE: str = NOTES["good"][0]["note"]
TEXT, _, LINES = WHOLE.rpartition("\n\n")
TEXT += "\n"
ED, P256, WITNESS = LINES.splitlines()


@pytest.fixture(params=[library_curves, plain_curves], ids=["library", "integers"], autouse=True)
def curves(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it holds with the library, and on a machine without it."""
    monkeypatch.setattr(note, "curves", request.param)


def named(case: dict[str, Any]) -> str:
    return str(case["name"])


def note_of(*lines: str, text: str = TEXT) -> str:
    return text + "\n" + "".join(f"{line}\n" for line in lines)


def resigned(line: str, signature: bytes) -> str:
    """The line with its key id, and another signature behind it."""
    head, _, packed = line.rpartition(" ")
    return f"{head} {b64encode(b64decode(packed)[:4] + signature).decode()}"


def refused(note: str, why: str) -> None:
    with pytest.raises(NoteRefused) as no:
        open_note(note, ALL)
    assert no.value.why == why


@pytest.mark.parametrize("name", NOTES["keys"])
def test_a_key_is_written_and_read_as_published(name: str) -> None:
    said = NOTES["keys"][name]
    found = VerifyingKey.parse(said["vkey"])

    assert (found.name, found.id.hex()) == (said["name"], said["key_id"])
    assert found.material.hex() == said.get("public", said.get("spki_der"))
    assert f"0x{found.kind:02x}" == said["type"]
    assert found.vkey == said["vkey"]


@pytest.mark.parametrize(
    ("signer", "name"),
    [
        (ed25519("log"), "log"),
        (ecdsa("log_ecdsa"), "log_ecdsa"),
        (cosigner(0), "witness"),
        (ecdsa("receipt_ecdsa"), "receipt_ecdsa"),
    ],
)
def test_the_half_that_signs_shows_the_half_that_verifies(signer: SigningKey, name: str) -> None:
    assert signer.verifying == key(name)
    assert "key=" not in repr(signer)


@pytest.mark.parametrize("case", NOTES["good"], ids=named)
def test_a_published_note_opens(case: dict[str, Any]) -> None:
    opened = open_note(case["note"], ALL)

    assert opened.text.splitlines()[1] == str(case["size"])
    assert set(LOG) <= opened.signers


@pytest.mark.parametrize("case", NOTES["good"][:3], ids=named)
def test_signing_gives_the_published_bytes(case: dict[str, Any]) -> None:
    text = case["note"].rpartition("\n\n")[0] + "\n"
    time = open_note(case["note"], ALL).signatures[-1]
    signers: list[SigningKey] = [ed25519("log"), ecdsa("log_ecdsa")]
    if time.key.kind is Kind.COSIGNATURE:
        signers.append(cosigner(time.time))

    assert sign_note(text, signers) == case["note"]


@pytest.mark.parametrize(
    "case", [c for c in NOTES["bad"] if c["code"].startswith("note.")], ids=named
)
def test_a_published_bad_note_is_refused_for_its_reason(case: dict[str, Any]) -> None:
    refused(case["note"], case["code"].removeprefix("note."))


def test_no_single_bit_of_a_note_can_turn() -> None:
    whole = WHOLE.encode()

    for bit in range(8 * len(whole)):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            note = flipped.decode()
        except UnicodeDecodeError:
            continue
        # A witness's line under another name or key id is a stranger's line: ignored.
        try:
            opened = open_note(note, ALL)
        except NoteRefused:
            continue
        assert opened.text == TEXT
        assert opened.signers == set(LOG)
        assert bit // 8 >= whole.index(WITNESS.encode())


def test_a_note_with_a_stranger_more_is_the_same_note() -> None:
    stranger = signature_line(TEXT, ed25519("stranger_same_name")).rstrip("\n")

    assert open_note(note_of(stranger, ED, P256), ALL).signers == set(LOG)


def test_every_key_that_is_not_a_witness_must_have_signed() -> None:
    refused(note_of(ED), "no_log_key")
    refused(note_of(P256, WITNESS), "no_log_key")
    assert open_note(note_of(ED, P256), ALL).signers == set(LOG)


def test_witnesses_alone_vouch_for_nothing() -> None:
    with pytest.raises(NoteRefused, match="no_log_key"):
        open_note(WHOLE, [key("witness")])
    with pytest.raises(NoteRefused, match="no_log_key"):
        open_note(WHOLE, [])


def test_one_failing_line_of_a_known_key_refuses_the_note() -> None:
    refused(note_of(ED, P256, resigned(ED, bytes(64))), "bad_signature")
    refused(note_of(ED, P256, resigned(WITNESS, bytes(72))), "bad_signature")
    refused(note_of(ED, P256, resigned(WITNESS, bytes(3))), "bad_signature")
    refused(note_of(ED, resigned(P256, b"\x30\x00")), "bad_signature")


def test_a_cosignature_says_when_and_holds_at_no_other_time() -> None:
    signed = b64decode(WITNESS.split(" ")[2])[4:]
    time = int.from_bytes(signed[:8], "big")
    later = (time + 1).to_bytes(8, "big") + signed[8:]

    assert open_note(WHOLE, ALL).signatures[-1].time == time
    refused(note_of(ED, P256, resigned(WITNESS, later)), "bad_signature")
    with pytest.raises(ValueError, match="time"):
        _ = open_note(WHOLE, ALL).signatures[0].time


def test_either_s_of_an_ecdsa_signature_is_accepted() -> None:
    r, s = decode_dss_signature(b64decode(P256.split(" ")[2])[4:])
    other = resigned(P256, encode_dss_signature(r, ORDER - s))

    assert open_note(note_of(ED, other), ALL).signers == set(LOG)


def test_only_strict_der_is_a_signature() -> None:
    der = b64decode(P256.split(" ")[2])[4:]
    long_form = der[:1] + b"\x81" + der[1:]
    padded = bytes([0x30, der[1] + 1, 2, der[3] + 1, 0]) + der[4:]

    for forged in (long_form, padded, der + b"\x00", der[:-1], b""):
        refused(
            note_of(ED, resigned(P256, forged + bytes(1) * (not forged))),
            "bad_signature",
        )


@pytest.mark.parametrize(
    "note",
    [
        note_of(ED, P256) + "\n",
        note_of(ED, P256).replace("— ", "—  "),
        note_of(ED, P256).replace("\n— ", "\n—", 1),
        note_of(ED, P256, "— name AAAA"),
        note_of(ED, P256, "— name AAAAAA=="),
        note_of(ED, P256, "— na+me AAAAAAA="),
        note_of(ED, P256, "— na\u3000me AAAAAAA="),
        note_of(ED, P256, "— name AAAAAAB="),
        note_of(ED, P256, "— name AAAAAAA"),
        note_of(ED, P256, "— name AAAA AAA="),
        note_of(ED, P256, "more text"),
        note_of(ED, P256, "— name\ud800 AAAAAAA="),
        note_of(ED, P256, text=TEXT + "\x7f\n"),
        note_of(ED, P256, text=TEXT + "\x85\n"),
        note_of(ED, P256, *["— name AAAAAAA="] * 63),
        note_of(ED, P256, text="x" * 1_000_000 + "\n"),
        "\n\n",
        "",
    ],
    ids=str.__len__,
)
def test_a_note_of_another_form_is_refused(note: str) -> None:
    refused(note, "malformed")


def test_sixty_four_lines_are_read() -> None:
    note = note_of(*["— name AAAAAAA="] * 62, ED, P256)

    assert open_note(note, ALL).text == TEXT


def test_the_last_blank_line_parts_text_and_signatures() -> None:
    text = "one\n\ntwo\n"

    assert open_note(sign_note(text, [ed25519("log")]), [key("log")]).text == text


@pytest.mark.parametrize("text", ["no end", "", "a\n\n— x AAAAAAA=", "a\tb\n", "a\r\n"])
def test_nothing_is_signed_that_would_be_read_differently(text: str) -> None:
    with pytest.raises(NoteRefused, match="malformed"):
        sign_note(text, [ed25519("log")])


def test_a_note_is_signed_by_somebody() -> None:
    with pytest.raises(NoteRefused, match="malformed"):
        sign_note("text\n", [])


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "name",
        "name+66b16ec7",
        key("log").vkey.replace("66b16ec7", "66b16ec8"),
        key("log").vkey.replace("66b16ec7", "66B16EC7"),
        key("log").vkey.replace("tripseal", "tripsea1"),
        key("log").vkey + "=",
        key("log").vkey[:-4],
        key("log").vkey + "\n",
        "name+00000000+" + b64encode(bytes([6, *bytes(32)])).decode(),
        "name+00000000+",
    ],
)
def test_a_vkey_of_another_form_is_no_key(vkey: str) -> None:
    with pytest.raises(KeysUnusable):
        VerifyingKey.parse(vkey)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\nb", "a\x00", "\ud800"])
def test_a_key_has_a_name_that_fits_a_line(name: str) -> None:
    with pytest.raises(KeysUnusable):
        VerifyingKey(name, Kind.ED25519, key("log").material)


def test_only_p256_by_name_and_uncompressed_is_an_ecdsa_key() -> None:
    spki = key("log_ecdsa").material
    p384 = EcdsaSigner("name", ec.derive_private_key(7, ec.SECP384R1()))
    off_curve = spki[:-1] + bytes([spki[-1] ^ 1])

    for wrong in (
        spki[:-1],
        spki + b"\x00",
        off_curve,
        spki.replace(b"\x04", b"\x02"),
        b"",
    ):
        with pytest.raises(KeysUnusable):
            VerifyingKey("name", Kind.ECDSA_P256, wrong)
    with pytest.raises(KeysUnusable):
        _ = p384.verifying


@pytest.mark.parametrize("text", ["AAAAAAB=", "AAAAAAA", "AAAA\nAAA=", "AAAA====", "AA-_", "é==="])
def test_base64_has_one_spelling(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode64(text)


def test_a_hash_is_thirty_two_bytes() -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        decode_hash("AAAA")
