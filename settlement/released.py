"""Rule sets the office made, as far as they were released. Their texts never change."""

from __future__ import annotations

from hashlib import sha256

from attest.errors import RulesRefused
from settlement.models import RuleSet


def released_texts() -> list[str]:
    """Oldest first. One that was changed in the database stops every sum: money is not guessed."""
    rows = RuleSet.objects.filter(state=RuleSet.State.RELEASED).order_by("pk")
    return [text_of(row) for row in rows]


def text_of(row: RuleSet) -> str:
    if sha256(row.toml.encode()).digest() != bytes(row.sha256):
        raise RulesRefused("altered")
    return row.toml
