"""Every bit of thousands of tokens, flipped alone: ``python -m tests.fuzz.whole [HOW_MANY]``.

So of the token as it is scanned, of the message behind its decryption, and of the claims behind
their signature; those alone may read, as something else in the one spelling it has. Every
beginning and every end of each token as well, and every other spelling of it.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from random import Random
from time import monotonic

from attest import cose
from attest.claims import encode, read_check_in
from attest.errors import TokenRefused
from attest.token import laid_open, open_message, open_token
from tests.attest.token_vectors import NOW

from .bending import respelt
from .test_bent_tokens import OPENER, flips, tokens

Deed = Callable[[bytes], object]


def main(count: int) -> None:
    tried: Counter[str] = Counter()
    start = monotonic()
    for token, _ in tokens(Random(20_261_127), count):
        for what, deed, others in bent(token):
            for other in others:
                tried[what] += 1
                with suppress(TokenRefused):
                    deed(other)
                    raise SystemExit(f"{what}, and it opened: {other.hex()}")
    told = {"tokens": count, **tried, "seconds": round(monotonic() - start)}
    sys.stdout.write(json.dumps(told) + "\n")


def bent(token: bytes) -> Iterator[tuple[str, Deed, Iterator[bytes]]]:
    lock, sign1 = laid_open(token, opener=OPENER)
    payload = cose.read_sign1(sign1, at="inner").payload

    def whole(other: bytes) -> object:
        return open_token(other, opener=OPENER, now=NOW)

    def message(other: bytes) -> object:
        return open_message(other, opener=OPENER, lock=lock, now=NOW)

    yield "tokens with a bit flipped", whole, (other for _, other in flips(token))
    yield "messages with a bit flipped", message, (other for _, other in flips(sign1))
    yield "claims with a bit flipped", otherwise_spelt, (other for _, other in flips(payload))
    cuts = ((token[:at], token[at:]) for at in range(1, len(token)))
    yield "beginnings and ends", whole, (part for both in cuts for part in both)
    yield "other spellings", whole, respelt(token)


def otherwise_spelt(payload: bytes) -> None:
    """Refused as well where it reads and is what our own writer writes."""
    if encode(read_check_in(payload)) == payload:
        raise TokenRefused("malformed", at="claims")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 2_000)
