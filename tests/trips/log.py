"""What the log has heard, in the order in which it heard it."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection

from ledger.models import Leaf, Outbox


def leaves() -> list[dict[str, Any]]:
    """Every leaf of a deed, in the tree or on its way there; keys and passkeys left aside."""
    placed = Leaf.objects.exclude(outbox_id=None).order_by("outbox_id")
    waiting = Outbox.objects.order_by("pk")
    rows = [*placed.values_list("entry", flat=True), *waiting.values_list("entry", flat=True)]
    said = [json.loads(bytes(entry)) for entry in rows]
    return [leaf for leaf in said if leaf["t"] != "config-change"]


def types(since: int = 0) -> list[str]:
    return [leaf["t"] for leaf in leaves()[since:]]


def line_of(log_id: str) -> list[dict[str, Any]]:
    """The leaves of one trip."""
    return [leaf for leaf in leaves() if leaf.get("trip") == log_id]


def rows() -> dict[str, int]:
    """How many rows every table of ours has: equal before and after means nothing was written."""
    tables = sorted(connection.introspection.django_table_names())
    counts = ", ".join(f'(SELECT COUNT(*) FROM "{table}")' for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}")
        return dict(zip(tables, cursor.fetchone(), strict=True))
