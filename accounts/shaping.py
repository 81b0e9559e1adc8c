"""What was sent, read by a shape that is made once."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.serializers import CharField, Serializer
from rest_framework.validators import ProhibitSurrogateCharactersValidator


class LongText(CharField):
    """Text of thousands of letters, looked at whole: the framework would ask each of them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        each = ProhibitSurrogateCharactersValidator
        self.validators = [one for one in self.validators if not isinstance(one, each)]
        self.validators.append(_no_half_letters)


def _no_half_letters(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        ProhibitSurrogateCharactersValidator()(text)


def read(shape: Serializer[Any], said: Any) -> dict[str, Any]:
    """The values of *said*, or the framework's refusal.

    *shape* serves every request of every thread: to make its fields anew costs more than to read
    by them. What is refused is read once more by a shape of its own, which words the refusal.
    """
    try:
        found: dict[str, Any] = shape.run_validation(said)
    except ValidationError:
        own = type(shape)(data=said)
        own.is_valid(raise_exception=True)
        found = own.validated_data
    return found
