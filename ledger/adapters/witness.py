"""A witness that serves: C2SP tlog-witness, ``POST <url>/add-checkpoint``."""

from __future__ import annotations

from ledger.adapters.web import post


def add_checkpoint(url: str, request: str) -> tuple[int, str]:
    """Status and text of its answer; ``OSError`` where it gives none."""
    address = f"{url.rstrip('/')}/add-checkpoint"
    status, content = post(address, request.encode(), kind="text/plain; charset=utf-8")
    try:
        return status, content.decode()
    except UnicodeDecodeError as wrong:
        raise OSError(f"{address}: not text") from wrong
