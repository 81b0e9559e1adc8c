"""Whether the database still refuses to change the past of the log (log.md §7)."""

from __future__ import annotations

from ledger.guarding import lacking

MOST = 3


def check_guards() -> str:
    """Empty, or ``log.guard-missing`` and the names of those that are gone or are others now.

    Hygiene, not proof: what they guard is shown whole by its heads, so nobody is turned away.
    """
    gone = lacking()
    more = f" and {len(gone) - MOST} more" if len(gone) > MOST else ""
    return f"log.guard-missing: {', '.join(gone[:MOST])}{more}" if gone else ""
