"""Whom the rows of a sheet name: found by their numbers, once for the whole sheet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from accounts.models import Organisation, Person, number_index

# SQLite takes only so many values in one question.
_CHUNK = 500

T = TypeVar("T")


def people_numbered(organisation: Organisation, numbers: Iterable[str]) -> dict[str, Person]:
    """Active people by their number, found without opening one."""
    indexes = {number_index(organisation, number): number for number in numbers}
    rows = Person.objects.filter(organisation=organisation, is_active=True)
    rows = rows.select_related("organisation", "department", "workplace")
    found = {}
    for some in chunks(list(indexes)):
        for person in rows.filter(number_index__in=some):
            found[indexes[bytes(person.number_index)]] = person
    return found


def chunks(values: list[T]) -> Iterable[list[T]]:
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))
