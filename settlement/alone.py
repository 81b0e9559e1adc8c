"""What a station takes along for the time without a line: keys to trust, and its words."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.conf import settings

from accounts.passkeys import b64
from attest.keys import VerifyKey
from settlement import words
from settlement.models import Payable
from trips.models import Kind

# As a token numbers them (token.md §2).
_KINDS = (Kind.ARRIVE, Kind.RETURN, Kind.STOP)


def taken_along(root: VerifyKey) -> dict[str, Any]:
    return {
        "host": settings.HOST,
        "root": {
            "kid": root.kid.hex(),
            "point": b64(root.public),
            "nbf": root.window.nbf,
            "naf": root.window.naf,
        },
        "genuine": {
            code: _band(code, mark, tone, said) for code, (mark, tone, said) in words.ALONE.items()
        },
        "payable": _band(Payable.WAITING, "wait", "info", words.PAYABLE[Payable.WAITING]),
        "why": {code: str(said) for code, said in (words.REFUSED | words.WHY_WAITING).items()},
        "foreign": str(words.FOREIGN),
        "ages": str(words.AGES),
        "never": str(words.NEVER),
        "unknown": str(words.UNKNOWN),
        "kinds": ["", *(str(kind.label) for kind in _KINDS)],
        "trip": str(words.WHOLE_TRIP),
    }


def fingerprint(root: VerifyKey) -> str:
    """Eight bytes in groups, to be compared by eye with what two administrators hold."""
    said = sha256(root.public).hexdigest()[:16]
    return " ".join(said[at : at + 4] for at in range(0, 16, 4))


def _band(code: str, mark: str, tone: str, said: Any) -> dict[str, str]:
    return {
        "code": code,
        "mark": mark,
        "tone": tone,
        "answer": str(said),
        "reason": "",
        "cure": "",
        "url": "",
    }
