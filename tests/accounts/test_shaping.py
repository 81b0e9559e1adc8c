"""Long texts are looked at whole, and refused for the same as the framework's own."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.fields import CharField
from rest_framework.serializers import Serializer

from accounts.shaping import LongText


class Ours(Serializer[Any]):
    text = LongText(max_length=12)


class Theirs(Serializer[Any]):
    text = CharField(max_length=12)


@pytest.mark.parametrize(
    "text", ["둘", "a" * 12, "a" * 13, "", "half \ud83d", "\udc00", "nul \x00", "😀", 5, None]
)
def test_a_long_text_is_read_as_any_text_is(text: Any) -> None:
    ours, theirs = (shape(data={"text": text}) for shape in (Ours, Theirs))

    assert ours.is_valid() == theirs.is_valid()
    assert (ours.errors, ours.validated_data) == (theirs.errors, theirs.validated_data)
