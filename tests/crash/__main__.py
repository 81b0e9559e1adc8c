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
from ledger.services.sequence import sequence  # noqa: E402
from trips.models import CheckIn  # noqa: E402

from .aftermath import faults  # noqa: E402
from .load import Load  # noqa: E402
from .servants import Database, Servant, application, children_of, kill, sequencer  # noqa: E402

VICTIMS = ("sequencer", "worker", "backend", "database", "application")
TOUCHES_EACH = 12
# Somebody must have been answered since the last kill, or nothing was killed at work.
_PATIENCE_S = 180.0


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
            _await(lambda: load.is_over, servants, "a phone is not answered any more")
            _await(lambda: not Outbox.objects.exists(), servants, "leaves wait for ever")
        finally:
            for servant in servants:
                servant.end()
    # Ended between its two steps the sequencer leaves leaves unsigned: the next run signs.
    sequence(now=timezone.now())
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
        if (number + 1) % 10 == 0:
            sys.stderr.write(f"{number + 1} of {kills} killed, {load.acknowledged} answers\n")
        for servant in servants:
            servant.revive()
    _await_an_answer(load, servants)
    return dead


def _one(dice: Random, living: Callable[[], list[int]]) -> int:
    """One of them; after another death it may take a moment until there are any."""
    late = monotonic() + _PATIENCE_S
    while not (found := living()):
        if monotonic() > late:
            raise SystemExit("nobody is left to be killed")
        sleep(0.02)
    return dice.choice(found)


def _await_an_answer(load: Load, servants: list[Servant]) -> None:
    known = load.acknowledged
    _await(lambda: load.acknowledged != known, servants, "nobody is answered any more")


def _await(done: Callable[[], bool], servants: list[Servant], never: str) -> None:
    """Whoever died is started again meanwhile: a run comes to its end, one way or the other."""
    late = monotonic() + _PATIENCE_S
    while not done():
        if monotonic() > late:
            raise SystemExit(never)
        sleep(0.02)
        for servant in servants:
            servant.revive()


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
