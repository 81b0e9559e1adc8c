"""A body is bounded before it is read."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import APIException, ParseError

from accounts.models import Person
from config.bodies import BodyTooLarge, BoundedJSONParser
from tests.conftest import phone_of

LIMIT = 262_144


def read(raw: bytes) -> Any:
    return BoundedJSONParser().parse(BytesIO(raw))


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"{'a': 1}",
        b"NaN",
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b"\xff\xfe{}",
        '{"가": 1}'.encode("cp949"),
        '{"a": 1}'.encode("utf-16"),
        b"\xef\xbb\xbf{}",
        nested(17),
        nested(60_000),
        b'{"a":' * 17 + b"1" + b"}" * 17,
    ],
)
def test_what_is_no_json_is_refused(raw: bytes) -> None:
    with pytest.raises(ParseError) as refused:
        read(raw)
    assert refused.value.detail.code == "body.not-json"  # type: ignore[union-attr]  # one sentence


@pytest.mark.parametrize("raw", [b"{}", b"[]", b"1", b'"x"', b"null", nested(16)])
def test_what_is_json_is_read(raw: bytes) -> None:
    assert read(raw) == json.loads(raw)


def test_a_body_is_as_large_as_the_limit_and_no_larger() -> None:
    assert read(b"[" + b" " * (LIMIT - 2) + b"]") == []
    with pytest.raises(BodyTooLarge):
        read(b"[" + b" " * (LIMIT - 1) + b"]")


def test_no_more_is_read_than_shows_that_it_is_too_much() -> None:
    endless = BytesIO(b" " * 3 * LIMIT)

    with pytest.raises(BodyTooLarge):
        BoundedJSONParser().parse(endless)
    assert endless.tell() == LIMIT + 1


@given(noise=st.binary(max_size=200))
def test_noise_is_json_or_refused(noise: bytes) -> None:
    try:
        read(noise)
    except APIException as refused:
        assert refused.status_code == 400  # noqa: PT017 -- either answer is right, no other is


def test_a_form_too_large_is_refused_before_a_view_sees_it(felix: Person) -> None:
    body, form = "number=" + "x" * 300_000, "application/x-www-form-urlencoded"

    answer = phone_of(felix).post("/settlement/scan/", body, content_type=form)

    assert answer.status_code == 413


def test_more_fields_than_any_form_has_are_refused(db: None) -> None:
    body = "&".join(f"f{n}=1" for n in range(201))

    answer = Client().post("/login/", body, content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 400
