"""Keys of 32 bytes that are renewed while everybody works: the one in use, and those before it.

    ticket.key               in use
    ticket-1790000000.key    was in use until then, in seconds since 1970

A server looks at the file in use each time, so that a renewal needs no restart.
"""

from __future__ import annotations

import re
from functools import lru_cache
from secrets import token_bytes

from django.core.exceptions import ImproperlyConfigured

from . import file, providers

_DAY = 86_400
# How long after its time a key still knows what it marked. A screen shows a new code every
# 30 seconds; a beacon may wait on a phone, and a receipt is good for 400 days.
STAYS_S = {"ticket": 400 * _DAY, "site-code": 3_600}
# A touch that comes late is judged by the keys of when it was made: so long these are kept.
_KEPT_S = 400 * _DAY
_SIZE = 32


def standing(name: str, *, at: int) -> tuple[bytes, ...]:
    """What may be marked with the key *name* at *at*: the one in use first."""
    newest, earlier = _read(name, providers.version(f"{name}.key"))
    return newest, *(key for until, key in earlier if at <= until + STAYS_S[name])


def in_use(name: str) -> bytes:
    return _read(name, providers.version(f"{name}.key"))[0]


def every(name: str) -> list[bytes]:
    newest, earlier = _read(name, providers.version(f"{name}.key"))
    return [newest, *(key for _, key in earlier)]


def renew(name: str, *, now: int) -> None:
    """A new key in use from now on; the one before it is known as long as ``STAYS_S`` says."""
    place = providers.folder()
    with file.alone(place):
        until = now
        while (place / f"{name}-{until}.key").exists():
            until += 1
        # Kept before it is replaced: nobody ever meets a mark of a key that is nowhere.
        file.write_key(place / f"{name}-{until}.key", file.read_key(place / f"{name}.key"))
        file.replace_key(place / f"{name}.key", token_bytes(_SIZE))
        for ended in _untils(name):
            if ended + _KEPT_S < now:
                (place / f"{name}-{ended}.key").unlink()
        file.settle(place)


def forget() -> None:
    _read.cache_clear()


@lru_cache(maxsize=2 * len(STAYS_S))
def _read(name: str, version: file.Version) -> tuple[bytes, tuple[tuple[int, bytes], ...]]:
    del version
    newest = _key(f"{name}.key")
    kept = {_key(f"{name}-{until}.key"): until for until in _untils(name)}
    # A renewal that was cut off leaves the key in use under both names.
    kept.pop(newest, None)
    return newest, tuple((until, key) for key, until in kept.items())


def _untils(name: str) -> list[int]:
    named = re.compile(rf"{name}-([0-9]+)\.key")
    return sorted(int(found[1]) for each in providers.names() if (found := named.fullmatch(each)))


def _key(name: str) -> bytes:
    key = providers.read(name)
    if len(key) != _SIZE:
        raise ImproperlyConfigured(f"{name}: a key is 32 bytes")
    return key
