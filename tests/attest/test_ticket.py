"""A ticket is known again by who wrote it, for what it was written, and until it ends."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attest import ticket
from attest.errors import RecordMalformed

KEY, OTHER = bytes(range(32)), bytes(32)
AT = 1_795_402_800
SAID = {"v": 1, "device": None, "name": "가온시청"}


def read(text: str, *, purpose: str = "beacon", key: bytes = KEY, at: int = AT) -> dict[str, Any]:
    return ticket.read(text, purpose=purpose, keys=[key], at=at)


def issued(**said: Any) -> str:
    return ticket.issue(SAID | said, purpose="beacon", key=KEY)


def test_what_was_written_is_read_again() -> None:
    assert read(issued()) == SAID | {"purpose": "beacon"}


def test_it_is_written_as_the_document_says() -> None:
    body, mark = issued().split(".")

    raw = urlsafe_b64decode(body + "=" * (-len(body) % 4))
    assert raw == '{"device":null,"name":"가온시청","purpose":"beacon","v":1}'.encode()
    told = hmac.digest(KEY, b"tripseal/beacon/1\0" + raw, "sha256")
    assert mark == urlsafe_b64encode(told).rstrip(b"=").decode()


@pytest.mark.parametrize("said", [{"key": OTHER}, {"purpose": "host-ask"}])
def test_another_key_and_another_purpose_know_nothing_of_it(said: dict[str, Any]) -> None:
    with pytest.raises(RecordMalformed):
        read(issued(), **said)


def test_it_lasts_until_the_second_before_its_end() -> None:
    text = issued(exp=AT)

    assert read(text, at=AT - 1)["exp"] == AT
    with pytest.raises(RecordMalformed):
        read(text, at=AT)


@given(st.data())
def test_one_letter_changed_makes_it_nobodys(data: st.DataObject) -> None:
    text = issued()
    at = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("AQgw_-.z9=+/ ").filter(lambda c: c != text[at]))

    with pytest.raises(RecordMalformed):
        read(text[:at] + letter + text[at + 1 :])


@pytest.mark.parametrize("text", ["", ".", "a.b", "가.나", "A" * 5_000, issued() + "."])
def test_noise_is_no_ticket(text: str) -> None:
    with pytest.raises(RecordMalformed):
        read(text)
