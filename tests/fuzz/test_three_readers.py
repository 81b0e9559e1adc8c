"""Three readers of one format give one answer, also to what nobody would write.

Ours in Python, the desk's in JavaScript, and the independent one: tokens, messages sealed to us,
claims signed by the rightful key, and both documents signed by theirs, bent in thousands of ways.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from attest import cbor, cose, digits
from attest.documents import read_keyset, read_status
from attest.errors import TokenRefused
from attest.keys import SealingKey, Use, signed
from attest.token import open_text
from tests.attest.token_forge import inner, wrapped
from tests.attest.token_vectors import (
    DOCUMENTS,
    HOST,
    NOW,
    OPENING,
    ROOT,
    ROOT_SEALING,
    SEALING,
    VALID,
    opener,
)

from .bending import bent, respelt

OF_EACH = 400
OPENER = opener()
HERE = [
    one
    for one in VALID
    if (one["host"], one["now"], one["profile"], one["to"]) == (HOST, NOW, "default", "4f01")
]
READER = Path(__file__).parents[1] / "interop" / "bent.js"


def cases(dice: Random) -> Iterator[dict[str, str]]:
    tokens, messages, payloads = (
        [bytes.fromhex(one[name]) for one in HERE]
        for name in ("token_hex", "sign1_hex", "claims_hex")
    )
    for token in _bent(tokens, dice):
        yield {"kind": "token", "text": digits.write(token)}
    yield from ({"kind": "token", "text": text} for text in _texts(digits.write(tokens[0])))
    for message in _bent(messages, dice):
        yield {"kind": "token", "text": digits.write(wrapped(message))}
    for payload in _bent(payloads, dice):
        yield {"kind": "token", "text": digits.write(inner(payload))}
    for kind, key in (
        ("keyset", ROOT_SEALING.sign[0]),
        ("status", SEALING.signer(use=Use.STATUS, at=NOW)),
    ):
        whole = bytes.fromhex(DOCUMENTS[kind]["hex"])
        for payload in _bent([cose.read_sign1(whole, at=kind).payload], dice):
            yield {"kind": kind, "hex": _by(key, payload, kind).hex()}


def _bent(whole: list[bytes], dice: Random) -> Iterator[bytes]:
    yield from whole
    for one in whole[:2]:
        yield from respelt(one)
    for _ in range(OF_EACH):
        yield bent(dice.choice(whole), dice, whole)


def _texts(said: str) -> list[str]:
    """Links and digits as scanners, mails and forgers might spell them."""
    small, large = f"https://{HOST}/V#", f"HTTPS://{HOST.upper()}/V#"
    heads = ["", small, large, small.upper(), large.lower(), small.replace("V", "v")]
    heads += [f"http://{HOST}/V#", f"https://{HOST}./V#", f"https://{HOST}:443/V#", "https:///V#"]
    heads += [f"HTTPS://{HOST}/V#", f"https://{HOST.upper()}/V#", "https://other.kr/V#", "#", " "]
    heads += [f"https://{'a' * 48}/V#", f"https://{'a' * 49}/V#", f"{small}{small}", f"{small}0"]
    tails = ["", "\n", "\r", "\0", " ", "\u2028", "0", "#", "%31", "\uff11", "\u0661", "0" * 400]
    return [head + said + tail for head in heads for tail in tails]


def _by(key: SealingKey, payload: bytes, use: str) -> bytes:
    return signed(payload, signer=key, aad=cose.bound(use, HOST, b""))


def ours(case: dict[str, str]) -> str:
    try:
        match case["kind"]:
            case "token":
                open_text(case["text"], opener=OPENER, now=NOW)
            case "keyset":
                read_keyset(bytes.fromhex(case["hex"]), root=ROOT, host=HOST, now=NOW)
            case _:
                document = bytes.fromhex(case["hex"])
                read_status(document, keyset=OPENING.verify, host=HOST, now=NOW)
    except TokenRefused as refused:
        return refused.why
    return "ok"


def theirs(asked: list[dict[str, str]], tmp_path: Path) -> list[dict[str, str]]:
    file = tmp_path / "cases.json"
    file.write_text(json.dumps({"host": HOST, "now": NOW, "cases": asked}))
    done = subprocess.run(["node", READER, file], capture_output=True, text=True, check=True)
    said: list[dict[str, str]] = json.loads(done.stdout)
    return said


def test_three_readers_give_one_answer_to_whatever_is_bent(tmp_path: Path) -> None:
    asked = list(cases(Random(20_261_127)))
    said = theirs(asked, tmp_path)

    differ = [
        (case, mine, other)
        for case, mine, other in zip(asked, map(ours, asked), said, strict=True)
        if set(other.values()) != {mine}
    ]

    assert differ == []
    seen = Counter(one["desk"] for one in said)
    assert min(seen[code] for code in ("ok", "malformed", "bad_signature", "decrypt_failed")) > 0


RECORD: dict[int, Any] = {
    1: 2, 2: b"C\x09", 3: -7, -1: 1,
    -2: OPENING.verify.verify[0].public[1:33], -3: OPENING.verify.verify[0].public[33:],
    -65537: 1, -65538: 0, -65539: 4_102_444_800, -65540: 1,
}  # fmt: skip
OTHERS = [
    "",
    "1",
    "2",
    "check-in",
    b"",
    b"\x01",
    [],
    [1],
    {},
    {1: 1},
    0,
    5,
    -1,
    1.0,
    1.5,
    2.0,
    2**60,
]


def test_three_readers_give_one_answer_to_a_record_of_any_types(tmp_path: Path) -> None:
    root = ROOT_SEALING.sign[0]
    asked = [{"kind": "keyset", "hex": _by(root, _keyset(RECORD), "keyset").hex()}]
    for label in RECORD:
        asked += [
            {"kind": "keyset", "hex": _by(root, _keyset(RECORD | {label: other}), "keyset").hex()}
            for other in OTHERS
        ]
    said = theirs(asked, tmp_path)

    answers = [ours(case) for case in asked]
    assert answers[0] == "ok"
    assert [set(one.values()) for one in said] == [{mine} for mine in answers]


def _keyset(record: dict[int, Any]) -> bytes:
    return cbor.write({1: HOST, 6: NOW, -65539: {1: 1, 2: [record]}})
