"""The token keys line by line: which one does what, from when to when, and what comes next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256

from attest.keys import RecipientKey, SealingKey
from attest.values import KST
from ledger.models import Published
from ledger.selectors import published
from vault import keyring
from vault.keyring import providers


def list_keys(*, now: datetime) -> Iterator[str]:
    at, keys = int(now.timestamp()), keyring.sealing()
    yield f"suite {keyring.SUITE}, keys in: {providers.name()}"
    yield f"암호모듈: {keyring.VALIDATED_KO} ({keyring.VALIDATED})"
    every: list[SealingKey | RecipientKey] = [*keys.sign, *keys.seal_to]
    for key in sorted(every, key=lambda key: key.kid):
        yield f"{key.kid.hex()} {_use(key):<8} {_span(key)} {_state(key, at)}"
    if providers.holds(keyring.ROOT):
        root = keyring.root()
        yield f"root {root.kid.hex()}, SHA-256 of its point: {_print(root.public)}"
    keyset = published(Published.Kind.KEYSET)
    if keyset is None:
        yield "key set: none is signed yet"
    else:
        age = (now - keyset.signed_at).days
        yield f"key set: number {keyset.seq}, signed {age} days ago"


def _print(public: bytes) -> str:
    """In groups, to be read aloud and compared."""
    digits = sha256(public).hexdigest()
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def _use(key: SealingKey | RecipientKey) -> str:
    return str(key.use) if isinstance(key, SealingKey) else "open"


def _span(key: SealingKey | RecipientKey) -> str:
    first, last = (datetime.fromtimestamp(s, UTC) for s in (key.window.nbf, key.window.naf))
    return f"{first.astimezone(KST):%Y-%m-%d} – {last.astimezone(KST):%Y-%m-%d}"


def _state(key: SealingKey | RecipientKey, at: int) -> str:
    window = key.window
    if window.withdrawn is not None:
        return "withdrawn"
    if at < window.nbf:
        return "waits"
    return "open" if window.holds(at) else "ended"
