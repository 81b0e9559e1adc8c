"""How often what could not be handed over is tried again."""

from __future__ import annotations

from datetime import timedelta

# How long after the first, second … try the next one comes; after the last it is given up.
WAITS = (
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
)
