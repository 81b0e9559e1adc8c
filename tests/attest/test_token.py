from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives import hpke as library
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from hypothesis import given
from hypothesis import strategies as some

from attest import cose, digits, hpke
from attest.claims import Claims, Location, TripClaims, encode, trip_digest
from attest.curves import P256_ORDER, p256_private
from attest.documents import read_keyset, read_status
from attest.errors import TokenRefused
from attest.keys import Use
from attest.token import (
    check_members,
    digits_of,
    inspect_text,
    open_text,
    open_token,
    public_of,
    read_spoken,
    seal,
    spoken,
    text_of,
)

from .token_forge import inner, wrapped
from .token_vectors import (
    ATTACKS,
    COMPACT,
    HOST,
    NOW,
    OPENING,
    ROOT,
    SAMPLE,
    TOKEN,
    VALID,
    claims_of,
    load,
    named,
    opener,
    sealer,
)

CLAIMS = claims_of(SAMPLE["seal"])
IDS = some.from_regex(r"[A-Z0-9][A-Z0-9._-]{0,19}", fullmatch=True)
CTIS = some.binary(min_size=8, max_size=8).filter(any)
IATS = some.integers(1_788_220_800, 1_796_601_600)


def why(text: str, **more: Any) -> str:
    with pytest.raises(TokenRefused) as no:
        open_text(text, opener=opener(), now=NOW, **more)
    return no.value.why


def degrees(most: float) -> some.SearchStrategy[float]:
    # A minus zero is refused, and has its own test.
    return some.floats(-most, most, width=32).map(lambda number: number + 0.0)


locations = some.builds(Location, degrees(90), degrees(180), some.integers(0, 65_535))
check_ins = some.builds(
    Claims,
    IDS,
    IATS,
    CTIS,
    IDS,
    some.integers(1, 3),
    some.binary(min_size=12, max_size=12),
    some.none() | locations,
    some.integers(0, 15),
)
trips = some.builds(
    TripClaims,
    IDS,
    IATS,
    CTIS,
    IDS,
    some.integers(1, 999),
    some.binary(min_size=32, max_size=32),
)


@pytest.mark.parametrize("vector", VALID, ids=named)
def test_sealing_gives_every_byte_of_the_vectors(vector: dict[str, Any]) -> None:
    seals = sealer(vector["signer"], vector["to"], vector["host"])
    claims = claims_of(vector["seal"])

    token = seal(claims, sealer=seals, seed=bytes.fromhex(vector["seed_hex"]))

    assert encode(claims).hex() == vector["claims_hex"]
    assert seals.sign_aad.hex() == vector["aad_sign_hex"]
    assert token.hex() == vector["token_hex"]
    assert text_of(token, vector["host"]) == vector["text"]
    assert vector["text"].endswith("/V#" + digits_of(token))


def test_the_worked_example_of_the_specification_holds_step_by_step() -> None:
    seals, sign1 = sealer(), bytes.fromhex(SAMPLE["sign1_hex"])
    said = cose.read_sign1(sign1, at="inner")
    to_be_signed = cose.to_sign(said.protected, seals.sign_aad, said.payload)
    ikm = sha256(b"TripSeal ikm 1\0" + bytes.fromhex(SAMPLE["seed_hex"]) + sign1)
    ek, agree = hpke.HPKE_7.derive(ikm.digest())
    key, nonce = hpke.HPKE_7.schedule(
        agree(seals.to.public), ek, seals.to.public, hpke.HPKE_7.context
    )

    told = sha256(to_be_signed).hexdigest()
    assert told == "17dc6696f282349f470a5192388fbc031c11adc1b02bba7cb654e373bc90ce35"
    assert ikm.hexdigest() == "ea1bc8ec9914e3c5d2e718549c8a234674867ed00912ded31ac84a6b3ce181bf"
    assert key.hex() == "328b085835683fd782aa94e6c7ba34ed9ffd5c2295beef16290a07b16aa61106"
    assert nonce.hex() == "d0e5ad1d8a7560952810fea0"
    assert (
        seals.seal_aad.hex()
        == "8368456e63727970743048a201182d04424f015823" + SAMPLE["aad_seal_hex"]
    )
    assert (len(to_be_signed), len(sign1), len(TOKEN), len(SAMPLE["text"])) == (144, 160, 257, 651)


LARGEST = Claims(
    sub="E" * 20,
    iat=1_796_601_600,
    cti=b"\xff" * 8,
    trip="T" * 20,
    kind=3,
    device=b"\xff" * 12,
    location=Location(-33.3, 151.7, 65_535),
    flags=15,
)


@pytest.mark.parametrize(("serial", "most"), [("01", 282), ("02", 249)])
def test_no_token_is_larger_than_the_specification_says(serial: str, most: int) -> None:
    trip = TripClaims(LARGEST.sub, LARGEST.iat, LARGEST.cti, LARGEST.trip, 999, b"\xff" * 32)
    check_in = seal(LARGEST, sealer=sealer("43" + serial, "4f" + serial), seed=bytes(32))
    whole = seal(trip, sealer=sealer("54" + serial, "4f" + serial), seed=bytes(32))

    assert len(check_in) <= len(whole) == most


@pytest.mark.parametrize("vector", VALID, ids=named)
def test_every_vector_opens_to_what_was_sealed(vector: dict[str, Any]) -> None:
    opens = opener(host=vector["host"])
    opened = open_text(vector["text"], opener=opens, now=vector["now"])

    assert opened.claims == claims_of(vector["seal"])
    assert opened.purpose == vector["open"]["purpose"]
    assert opened.signed_by.hex() == vector["open"]["kids"]["sign"]
    assert opened.opened_by.hex() == vector["open"]["kids"]["open"]
    assert spoken(vector["host"], opened.claims.cti) == vector["open"]["spoken"]


def answer(case: dict[str, Any]) -> str:
    host, now, keyset, status = case["host"], case["now"], OPENING.verify, None
    try:
        if "keyset_hex" in case:
            document = bytes.fromhex(case["keyset_hex"])
            keyset = read_keyset(document, root=ROOT, host=host, now=now)
        if "status_hex" in case:
            document = bytes.fromhex(case["status_hex"])
            status = read_status(document, keyset=keyset, host=host, now=now)
        open_text(case["text"], opener=opener(keyset, host), now=now, status=status)
    except TokenRefused as no:
        return no.why
    return "ok"


@pytest.mark.parametrize("case", ATTACKS, ids=named)
def test_every_attack_gets_the_answer_it_deserves(case: dict[str, Any]) -> None:
    assert answer(case) == case["expect"]


@pytest.mark.parametrize("vector", [SAMPLE, COMPACT], ids=named)
def test_a_token_with_any_one_bit_flipped_is_refused(vector: dict[str, Any]) -> None:
    token, opens = bytes.fromhex(vector["token_hex"]), opener()
    assert open_token(token, opener=opens, now=NOW).claims == claims_of(vector["seal"])

    for bit in range(8 * len(token)):
        flipped = bytearray(token)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(TokenRefused):
            open_token(bytes(flipped), opener=opens, now=NOW)


@given(check_ins, some.binary(min_size=32, max_size=32))
def test_what_was_sealed_opens(claims: Claims, seed: bytes) -> None:
    token = seal(claims, sealer=sealer(), seed=seed)
    assert open_token(token, opener=opener(), now=claims.iat).claims == claims


@given(trips)
def test_a_trip_that_was_sealed_opens(claims: TripClaims) -> None:
    token = seal(claims, sealer=sealer("5402", "4f02"), seed=bytes(32))
    opened = open_token(token, opener=opener(), now=claims.iat)
    assert (opened.claims, opened.purpose) == (claims, Use.TRIP)


@given(some.binary(max_size=400))
def test_noise_is_refused_and_nothing_worse(noise: bytes) -> None:
    with pytest.raises(TokenRefused):
        open_token(noise, opener=opener(), now=NOW)


@given(some.text(max_size=1_100) | some.text("0123456789", max_size=1_100))
def test_a_noisy_text_is_refused_and_nothing_worse(noise: str) -> None:
    with pytest.raises(TokenRefused):
        open_text(noise, opener=opener(), now=NOW)
    with pytest.raises(TokenRefused):
        inspect_text(noise)


@given(some.integers(0, len(TOKEN) - 1), some.binary(max_size=40), some.integers(0, 40))
def test_a_spliced_token_is_refused(at: int, other: bytes, less: int) -> None:
    spliced = TOKEN[:at] + other + TOKEN[at + less :]
    if spliced != TOKEN:
        with pytest.raises(TokenRefused):
            open_token(spliced, opener=opener(), now=NOW)


def read(token: bytes) -> bytes | str:
    """The one spelling of what *token* says, or where it was refused."""
    try:
        return encode(open_token(token, opener=opener(), now=NOW).claims)
    except TokenRefused as no:
        return no.at


@given(some.integers(0, 80), some.integers(1, 255))
def test_the_rightful_signer_cannot_sign_a_second_spelling(at: int, other: int) -> None:
    payload = bytearray(encode(CLAIMS))
    payload[at] ^= other

    said = read(inner(bytes(payload)))
    # If not refused: another value, then, and that in its one spelling.
    assert said in {"claims", "time"} or said == bytes(payload)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(("fa42164422", "f98000"), id="minus zero"),
        pytest.param(("fa42164422", "fb4042c8845a1cac08"), id="binary64"),
        pytest.param(("fa42164422", "1825"), id="an integer"),
        pytest.param(("fa42164422", "f97c00"), id="infinity"),
        pytest.param(("fa42164422", "f6"), id="null"),
        pytest.param(("1a6aa1f940", "c11a6aa1f940"), id="a tag"),
        pytest.param(("1a6aa1f940", "f5"), id="true"),
        pytest.param(("69453230323331313837", "49453230323331313837"), id="bytes"),
        pytest.param(("69453230323331313837", "69c3283230323331313837"[:20]), id="no UTF-8"),
        pytest.param(("480f1e2d3c4b5a6978", "480000000000000000"), id="zero cti"),
        pytest.param(("0201034c", "0204034c"), id="kind 4"),
        pytest.param(("a50269", "a5616169"), id="a text key"),
    ],
)
def test_a_claim_written_otherwise_is_malformed(wrong: tuple[str, str]) -> None:
    payload = encode(CLAIMS).hex()
    assert wrong[0] in payload
    token = inner(bytes.fromhex(payload.replace(*wrong)))

    with pytest.raises(TokenRefused) as no:
        open_token(token, opener=opener(), now=NOW)
    assert (no.value.why, no.value.at) == ("malformed", "claims")


def test_a_zero_flag_is_written_by_absence_alone() -> None:
    payload = encode(CLAIMS).hex().replace("3a00010000a3", "3a00010000a4") + "0400"
    with pytest.raises(TokenRefused, match="malformed"):
        open_token(inner(bytes.fromhex(payload)), opener=opener(), now=NOW)


def test_the_high_twin_of_a_signature_is_refused() -> None:
    said = cose.read_sign1(bytes.fromhex(SAMPLE["sign1_hex"]), at="inner")
    r, s = said.signature[:32], int.from_bytes(said.signature[32:], "big")
    twin = said._replace(signature=r + (P256_ORDER - s).to_bytes(32, "big"))

    with pytest.raises(TokenRefused) as no:
        open_token(wrapped(cose.write_sign1(twin)), opener=opener(), now=NOW)
    assert (no.value.why, no.value.at, no.value.kid) == ("malformed", "inner", "4301")


def test_a_status_key_signs_no_token() -> None:
    (status,) = [key for key in OPENING.verify.verify if key.use is Use.STATUS]
    said = cose.read_sign1(bytes.fromhex(SAMPLE["sign1_hex"]), at="inner")
    other = cose.write_sign1(said._replace(protected=status.header))

    with pytest.raises(TokenRefused) as no:
        open_token(wrapped(other), opener=opener(), now=NOW)
    assert (no.value.why, no.value.kid) == ("unknown_key", "5301")


def test_claims_of_one_purpose_are_not_sealed_by_a_key_for_the_other() -> None:
    with pytest.raises(TokenRefused, match="malformed"):
        seal(CLAIMS, sealer=sealer("5401"), seed=bytes(32))


@pytest.mark.parametrize("signer", ["4303", "4304"])
def test_a_key_out_of_its_window_or_withdrawn_does_not_seal(signer: str) -> None:
    said = SAMPLE["seal"] | {"iat": 1_793_404_800}
    with pytest.raises(TokenRefused, match="key_not_valid"):
        seal(claims_of(said), sealer=sealer(signer), seed=bytes(32))


def test_a_seed_used_twice_makes_another_key_for_other_claims() -> None:
    other = claims_of(SAMPLE["seal"] | {"kind": 2})
    first = seal(CLAIMS, sealer=sealer(), seed=bytes(32))
    second = seal(other, sealer=sealer(), seed=bytes(32))
    assert cose.read_encrypt0(first).ek != cose.read_encrypt0(second).ek


def test_another_host_in_the_link_is_told_apart_from_noise() -> None:
    assert why("HTTPS://OTHER.KR/V#" + digits_of(TOKEN)) == "wrong_host"
    assert why("HTTPS://trip.example.kr/V#" + digits_of(TOKEN)) == "malformed"
    assert why("https://trip.example.kr/v#" + digits_of(TOKEN)) == "malformed"
    assert why("x" + SAMPLE["text"]) == "malformed"
    assert why(SAMPLE["text"] + "\n") == "malformed"


@pytest.mark.parametrize("row", load("digits")["digits"], ids=lambda row: row["hex"])
def test_digits_are_those_of_the_vectors(row: dict[str, str]) -> None:
    assert digits.write(bytes.fromhex(row["hex"])) == row["digits"]
    assert digits.read(row["digits"]).hex() == row["hex"]


@pytest.mark.parametrize("text", load("digits")["refuse"])
def test_digits_with_no_bytes_behind_them_are_refused(text: str) -> None:
    with pytest.raises(TokenRefused, match="malformed"):
        digits.read(text)


@given(some.binary(min_size=1, max_size=320))
def test_digits_and_bytes_are_one_to_one(data: bytes) -> None:
    assert digits.read(digits.write(data)) == data


SPOKEN = load("spoken")


@pytest.mark.parametrize("row", SPOKEN["derive"], ids=lambda row: row["code"])
def test_a_spoken_code_is_that_of_the_vectors(row: dict[str, str]) -> None:
    assert spoken(row["host"], bytes.fromhex(row["cti"])) == row["code"]
    assert read_spoken(row["code"]) == row["code"]


@pytest.mark.parametrize("row", SPOKEN["read"], ids=lambda row: row["said"])
def test_a_code_may_be_said_in_many_ways(row: dict[str, str]) -> None:
    assert read_spoken(row["said"]) == row["code"]


@pytest.mark.parametrize("said", [*SPOKEN["refuse"], "kz82-f0s5-sqkı", "K" * 10_000])
def test_a_code_heard_wrong_is_refused(said: str) -> None:
    with pytest.raises(TokenRefused) as no:
        read_spoken(said)
    assert no.value.at == "spoken"


TRIP = next(vector for vector in VALID if vector["name"] == "default trip of four check-ins")
MEMBERS = [(member["iat"], bytes.fromhex(member["cti"])) for member in TRIP["members"]]


def test_a_trip_digest_does_not_depend_on_order() -> None:
    assert trip_digest(MEMBERS).hex() == TRIP["seal"]["digest"]
    assert trip_digest(reversed(MEMBERS)).hex() == TRIP["seal"]["digest"]


@pytest.mark.parametrize("members", [MEMBERS[:-1], [*MEMBERS[:-1], (1_789_028_800, b"8" * 8)]])
def test_a_trip_whose_check_ins_changed_does_not_match(
    members: list[tuple[int, bytes]],
) -> None:
    claims = claims_of(TRIP["seal"])
    assert isinstance(claims, TripClaims)
    check_members(claims, MEMBERS)

    with pytest.raises(TokenRefused, match="trip_mismatch"):
        check_members(claims, members)


@pytest.mark.parametrize("members", [[], MEMBERS * 250, [(1, b"8" * 8)], [(MEMBERS[0][0], b"")]])
def test_a_trip_of_no_such_members_has_no_digest(members: list[tuple[int, bytes]]) -> None:
    with pytest.raises(TokenRefused, match="malformed"):
        trip_digest(members)


@pytest.mark.parametrize(
    "spot", [(-0.0, 0.0, 1), (0.0, -1e-60, 1), (91.0, 0.0, 1), (float("nan"), 0.0, 1), (1, 0.0, 1)]
)
def test_a_location_nobody_could_open_is_not_born(spot: tuple[float, float, int]) -> None:
    with pytest.raises(TokenRefused, match="malformed"):
        Location(*spot)


def test_a_phones_own_numbers_are_rounded_for_it() -> None:
    assert Location.near(-0.0, -1e-60, 12.1) == Location(0.0, 0.0, 13)
    assert Location.near(37.5, 127.0, float("inf")).accuracy_m == 65_535


def test_a_coordinate_does_not_show() -> None:
    assert "37.5" not in repr(CLAIMS)
    assert "E20231187" not in repr(CLAIMS)


def test_the_outside_learns_only_five_words() -> None:
    assert public_of("bad_signature") == public_of("malformed") == "not_valid"
    assert public_of("revoked") == "withdrawn"
    assert public_of("expired") == "date"


def test_a_look_from_outside_shows_no_claim() -> None:
    seen = inspect_text(SAMPLE["text"])
    assert (seen.host, seen.size, seen.kid.hex()) == (HOST, 257, "4f01")
    assert seen.alg == 45
    assert seen.ek[0] == 4


@pytest.mark.parametrize("info", [b"", b"something agreed"])
def test_a_library_we_did_not_write_opens_our_hpke(info: bytes) -> None:
    mine = p256_private(bytes(range(1, 33)))
    public = OPENING.verify.verify[0].public  # the same test scalar
    suite = library.Suite(library.KEM.P256, library.KDF.HKDF_SHA256, library.AEAD.AES_256_GCM)

    ek, sealed = hpke.seal(hpke.HPKE_7, b"a touch", to=public, ikm=bytes(32), aad=b"", info=info)

    assert suite.decrypt(ek + sealed, mine, info) == b"a touch"


def test_what_a_library_we_did_not_write_sealed_opens() -> None:
    key = OPENING.open[1]
    suite = library.Suite(library.KEM.X25519, library.KDF.HKDF_SHA256, library.AEAD.AES_128_GCM)
    whole = suite.encrypt(b"a touch", X25519PublicKey.from_public_bytes(key.public))

    plain = hpke.unseal(
        hpke.HPKE_3, whole[32:], ek=whole[:32], agree=key.agree, public=key.public, aad=b""
    )

    assert plain == b"a touch"
