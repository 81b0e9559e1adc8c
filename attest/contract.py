"""Small readers that a closed contract is put together from.

A reader takes what JSON gave and returns a checked value, or says what does not fit and
where. One misfit is told, the first in the order the members are written down.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Reader = Callable[[object], Any]
# How a member is read, and what stands for it when it is absent.
Member = tuple[Reader, object]

_REQUIRED = object()


class Misfit(Exception):
    """*why* is one of the words below, *path* a JSON pointer to where."""

    def __init__(self, why: str, path: str = "") -> None:
        super().__init__(why)
        self.why, self.path = why, path


def need(reader: Reader) -> Member:
    return reader, _REQUIRED


def may(reader: Reader, *, default: object) -> Member:
    return reader, default


def closed(make: Callable[..., Any], /, **members: Member) -> Reader:
    """An object with these members and no other, handed to *make*."""

    def read(value: object) -> object:
        said = _members(value)
        if unknown := said.keys() - members.keys():
            raise Misfit("unknown-field", _step(min(map(str, unknown))))
        found, name = {}, ""
        try:
            for name, (reader, default) in members.items():
                found[name] = reader(said[name]) if name in said else _unsaid(default)
        except Misfit as no:
            raise Misfit(no.why, f"/{name}{no.path}") from None
        return make(**found)

    return read


def keyed(reader: Reader) -> Reader:
    """An object whose names are free, every value read the same way."""

    def read(value: object) -> dict[str, object]:
        return {name: _at(name, reader, one) for name, one in _members(value).items()}

    return read


def listed(reader: Reader, *, most: int) -> Reader:
    def read(value: object) -> tuple[object, ...]:
        if type(value) is not list:
            raise Misfit("wrong-type")
        if len(value) > most:
            raise Misfit("too-many")
        return tuple([_at(str(place), reader, one) for place, one in enumerate(value)])

    return read


def nullable(reader: Reader) -> Reader:
    def read(value: object) -> object:
        return None if value is None else reader(value)

    return read


def flag(value: object) -> bool:
    if value is True or value is False:
        return value
    raise Misfit("wrong-type")


def words(value: object) -> str:
    if type(value) is str:
        return value
    raise Misfit("wrong-type")


def one_of(*known: str) -> Reader:
    def read(value: object) -> str:
        if words(value) not in known:
            raise Misfit("wrong-value")
        return words(value)

    return read


def whole(least: int, most: int) -> Reader:
    """Written without fraction or exponent; ``true`` is not a number."""

    def read(value: object) -> int:
        if type(value) is not int:
            raise Misfit("wrong-type")
        if not least <= value <= most:
            raise Misfit("out-of-range")
        return value

    return read


def number(least: float, most: float) -> Reader:
    def read(value: object) -> float:
        if type(value) is not float and type(value) is not int:
            raise Misfit("wrong-type")
        # Said this way round, NaN is out of range as well.
        if not least <= value <= most:
            raise Misfit("out-of-range")
        return float(value)

    return read


def version(known: int) -> Reader:
    def read(value: object) -> int:
        if type(value) is not int:
            raise Misfit("wrong-type")
        if value != known:
            raise Misfit("wrong-version")
        return value

    return read


def _members(value: object) -> dict[str, object]:
    if type(value) is not dict:
        raise Misfit("wrong-type")
    return value


def _unsaid(default: object) -> object:
    if default is _REQUIRED:
        raise Misfit("missing")
    return default


def _at(name: str, reader: Reader, value: object) -> object:
    try:
        return reader(value)
    except Misfit as no:
        raise Misfit(no.why, _step(name) + no.path) from None


def _step(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")
