"""``scripts/crash.sh HOW_OFTEN``: an installation is killed under load; what is left of it.

    phones ──→ application (gunicorn, two workers) ──→ PostgreSQL, which writes durably
                                                        ↑ sequencer

Each in turn is ended by SIGKILL: the sequencer, a worker, a connection's backend, the whole
database, the whole application. Phones ask on until they are answered. In the end all that
was acknowledged must be there once, in its order, in a log that holds every head ever shown.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Callable
from random import Random
from time import monotonic, sleep

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connections  # noqa: E402 -- the rows need their settings first
from django.utils import timezone  # noqa: E402

from bench import town  # noqa: E402
from ledger.models import Outbox  # noqa: E402
from trips.models import CheckIn  # noqa: E402

from .aftermath import faults  # noqa: E402
from .load import Load  # noqa: E402
from .servants import Database, Servant, application, children_of, kill, sequencer  # noqa: E402

VICTIMS = ("sequencer", "worker", "backend", "database", "application")
TOUCHES_EACH = 12
# Somebody must have been answered since the last kill, or nothing was killed at work.
_ANSWERED_WITHIN_S = 90.0
_DRAINED_WITHIN_S = 120.0


def main(kills: int) -> int:
    dice = Random(kills)
    lines = _prepared(kills * TOUCHES_EACH, dice)
    connections.close_all()
    start = monotonic()
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen(256)
        database, servants = Database(), [sequencer(), application(door)]
        load = Load(lines, door.getsockname()[1])
        load.begin()
        try:
            dead = _kill(kills, dice, database, servants, load)
            load.end()
            _drain()
        finally:
            for servant in servants:
                servant.end()
    return _told(dead, load, monotonic() - start)


def _prepared(count: int, dice: Random) -> list[str]:
    now = timezone.now()
    here = town.built(travellers=max(8, count // 8), clerks=0, now=now)
    return list(town.touches(here, count, dice=dice, now=now))


def _kill(
    kills: int, dice: Random, database: Database, servants: list[Servant], load: Load
) -> dict[str, int]:
    dead = dict.fromkeys(VICTIMS, 0)
    sequencing, serving = servants
    for number in range(kills):
        _await_an_answer(load, servants)
        sleep(dice.uniform(0.05, 0.6))
        match victim := VICTIMS[number % len(VICTIMS)]:
            case "sequencer":
                sequencing.kill()
            case "worker":
                kill(_one(dice, lambda: children_of(serving.process.pid)))
            case "backend":
                kill(_one(dice, lambda: list(database.backends())))
            case "database":
                database.kill()
            case "application":
                serving.kill()
        dead[victim] += 1
        for servant in servants:
            servant.revive()
    _await_an_answer(load, servants)
    return dead


def _one(dice: Random, living: Callable[[], list[int]]) -> int:
    """One of them; after another death it may take a moment until there are any."""
    late = monotonic() + _ANSWERED_WITHIN_S
    while not (found := living()):
        if monotonic() > late:
            raise SystemExit("nobody is left to be killed")
        sleep(0.02)
    return dice.choice(found)


def _await_an_answer(load: Load, servants: list[Servant]) -> None:
    known, late = load.acknowledged, monotonic() + _ANSWERED_WITHIN_S
    while load.acknowledged == known:
        if monotonic() > late:
            raise SystemExit("nobody is answered any more")
        sleep(0.02)
        for servant in servants:
            servant.revive()


def _drain() -> None:
    late = monotonic() + _DRAINED_WITHIN_S
    while Outbox.objects.exists():
        if monotonic() > late:
            break
        sleep(0.2)


def _told(dead: dict[str, int], load: Load, seconds: float) -> int:
    found = list(faults(load.heard))
    heard = load.heard
    figures = {
        "kills": dead,
        "seconds": round(seconds),
        "acknowledged": len(heard.answers),
        "asked again and told the same": heard.repeated,
        "kept without an answer": CheckIn.objects.count() - len(heard.answers),
        "heads seen": len(heard.heads),
        "lines cut": heard.cut,
        "statuses": dict(sorted(heard.statuses.items())),
        "faults": len(found),
    }
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")
    for fault in found[:20]:
        sys.stdout.write(f"FAULT: {fault}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
