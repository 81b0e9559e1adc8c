"""T2, T3 and T4: what the log costs eight writers, and how fast leaves are given their places.

    plain   touch and assessment                                     one transaction of pgbench
    logged  the same, the trip's line locked and moved on, the leaf
            in the outbox, and its openings; the sequencer runs beside

One PostgreSQL that writes durably. T3 sends touches at a set pace and asks how long the slowest
took; T4 holds the sequencer's own time beside the plain inserts.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from random import Random
from statistics import quantiles
from threading import Event, Thread
from time import perf_counter, sleep

from django.db import connection
from django.utils import timezone

from bench import inserts, town
from bench.rates import CONNECTIONS, DATA, sequenced
from bench.report import machine, note, tell
from ledger.models import Checkpoint, Leaf, Outbox
from ledger.services.sequence import sequence
from trips.models import CheckIn

ROUNDS, SECONDS = 5, 4
PACE, PACED_S = 500, 60
MAX, SEQUENCED = 0.65, 5.0
P99_MS, P99_OVER_PLAIN, INTERVALS, INTERVAL_S = 25.0, 2.5, 2.0, 0.5
BACKLOG = 20_000
_DRAINED_WITHIN_S = 300.0


def main() -> None:
    here = town.built(travellers=1, clerks=0, now=timezone.now())
    touch = town.touched(here, here.residents[0], Random(1), timezone.now())
    inserts.lines(touch)
    scripts = {name: DATA / f"{name}.sql" for name in ("plain", "logged")}
    scripts["plain"].write_text(inserts.plain(touch))
    scripts["logged"].write_text(inserts.logged(touch))
    sys.stdout.write(f"T2 to T4 writers, {CONNECTIONS} at a time: {machine()}\n")
    most(scripts)
    paced(scripts)
    placed(scripts)


def most(scripts: dict[str, Path]) -> None:
    """T2: as many as there can be."""
    ratios, alone = [], []
    for _ in range(ROUNDS):
        plain = tps(scripts["plain"])
        alone.append(tps(scripts["logged"]) / plain)
        with sequenced():
            ratios.append(tps(scripts["logged"]) / plain)
        drained()
    tell("T2 writers with log / without", ratios, limit=MAX)
    note("T2 the same, leaves placed afterwards", alone)


def paced(scripts: dict[str, Path]) -> None:
    """T3: so many a second, for a minute."""
    drained()
    plain = p99_ms(scripts["plain"], seconds=PACED_S // 4)
    before = newest()
    with sequenced(), watched() as seen:
        logged = p99_ms(scripts["logged"], seconds=PACED_S)
        sleep(4 * INTERVAL_S)
    allowed = max(P99_MS, P99_OVER_PLAIN * plain)
    tell(f"T3 p99 in ms, {PACE} a second", [logged], limit=round(allowed, 1), at_least=False)
    note("T3 the same without log", [plain])
    p99 = quantiles(waits(before, seen), n=100)[98] / INTERVAL_S
    tell("T3 insert to signed, p99 in intervals", [p99], limit=INTERVALS, at_least=False)


def placed(scripts: dict[str, Path]) -> None:
    """T4: what waits is placed and signed, by one sequencer alone."""
    drained()
    ratios = []
    for _ in range(ROUNDS):
        plain = tps(scripts["plain"])
        pgbench(scripts["logged"], "-t", str(BACKLOG // CONNECTIONS))
        waiting, start = Outbox.objects.count(), perf_counter()
        sequence(now=timezone.now())
        ratios.append(waiting / (perf_counter() - start) / plain)
    tell("T4 leaves placed / plain inserts", ratios, limit=SEQUENCED)


def drained() -> None:
    late = perf_counter() + _DRAINED_WITHIN_S
    while Outbox.objects.exists():
        sequence(now=timezone.now())
        if perf_counter() > late:
            raise SystemExit("the sequencer does not keep up")


def newest() -> int:
    row = Checkpoint.objects.order_by("-size").first()
    return row.size if row else 0


@contextmanager
def watched() -> Iterator[dict[int, datetime]]:
    """When each head was first seen by somebody who looks twenty times a second."""
    seen, over = dict[int, datetime](), Event()

    def look() -> None:
        while not over.wait(0.05):
            seen.setdefault(newest(), timezone.now())
        connection.close()

    watcher = Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def waits(size: int, seen: dict[int, datetime]) -> list[float]:
    """Seconds from each insert until a head over its leaf was seen, for leaves from *size* on."""
    found: list[float] = []
    for head in sorted(seen):
        rows = Leaf.objects.filter(index__gte=size, index__lt=head).exclude(outbox_id=None)
        hashes = list(rows.values_list("leaf_hash", flat=True))
        for at in range(0, len(hashes), 1_000):
            touched = CheckIn.objects.filter(leaf_hash__in=hashes[at : at + 1_000])
            times = touched.values_list("recorded_at", flat=True)
            found += [(seen[head] - one).total_seconds() for one in times]
        size = max(size, head)
    return found


def tps(script: Path) -> float:
    found = re.search(r"tps = ([0-9.]+)", pgbench(script, "-T", str(SECONDS)))
    if not found:
        raise SystemExit("pgbench told no rate")
    return float(found[1])


def p99_ms(script: Path, *, seconds: int) -> float:
    """From when a touch was due to when it was answered: who waited for a line counts as well."""
    logs = DATA / "latency"
    pgbench(script, "-T", str(seconds), "--rate", str(PACE), "-l", "--log-prefix", str(logs))
    files = list(DATA.glob("latency.*"))
    told = [line.split() for file in files for line in file.read_text().splitlines()]
    for file in files:
        file.unlink()
    return quantiles([int(words[2]) / 1_000 for words in told], n=100)[98]


def pgbench(script: Path, *words: str) -> str:
    command = [os.environ["PGBENCH"], "-n", "-M", "prepared", "-c", str(CONNECTIONS), "-j", "2"]
    command += ["-f", str(script), *words, os.environ["TRIPSEAL_DATABASE_URL"]]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
