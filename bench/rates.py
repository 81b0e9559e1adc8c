"""Touches and scans a second, against a bare view of the same server and against pgbench.

    warm ─→ [prepare ─→ hello · check-in · verify · pgbench] × rounds ─→ ratios

One PostgreSQL that writes durably, one gunicorn, eight connections; the sequencer runs
beside it, as in production, and takes its share of touches and of pgbench's rows alike. All are
asked over eight connections from the same two cores; requests are signed before they are sent.
Compare ratios of one run, never rates of two.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from time import sleep
from urllib.request import Request, urlopen

from django.utils import timezone

from bench import inserts, town
from bench.report import machine, note, tell

ROUNDS, TOUCHES, SCANS, HELLOS, SECONDS = 3, 300, 300, 6_000, 4
MOST_S, PACED_S = 7, 10
P95_MS = {"touch": 40.0, "scan": 25.0}
THREADS, CONNECTIONS, PORT = 2, 8, 8_077
HOST = "localhost:8000"
DATA = Path(os.environ["TRIPSEAL_DATA"])


@dataclass(frozen=True, slots=True)
class Told:
    """*rate* a second; *cost* is the seconds of processor that one took of server and database."""

    rate: float
    cost: float
    p95_ms: float = 0.0


def main() -> None:
    with served() as server, sequenced():
        measure(server)


def measure(server: int) -> None:
    dice = Random(20_261_123)
    here = town.built(travellers=600, clerks=20, now=timezone.now())
    # Its copies are sealed for another row, as a forger's would be: who travels on has none.
    touch = town.touched(here, here.residents.pop(), dice, timezone.now())
    script = DATA / "touch.sql"
    script.write_text(inserts.script(touch))
    hello = [town.line("GET", "/livez", "", "")] * HELLOS
    prepared = {"touch": (town.touches, TOUCHES), "scan": (town.scans, SCANS)}
    told: dict[str, list[Told]] = {name: [] for name in ("hello", *prepared, "pgbench")}
    # The first round only warms: like pgbench after its first transaction, a server that has
    # run for a minute finds its statements planned on every connection.
    for number in range(ROUNDS + 1):
        ready = timezone.now()
        asked = {n: list(made(here, k, dice=dice, now=ready)) for n, (made, k) in prepared.items()}
        seen = {name: load(server, lines) for name, lines in ({"hello": hello} | asked).items()}
        seen["pgbench"] = pgbench(script)
        for name, one in seen.items() if number else ():
            told[name].append(one)
    sys.stdout.write(f"rates a second, {CONNECTIONS} connections: {machine()}\n")
    for name, all_of_it in told.items():
        sys.stdout.write(f"  {name:<8} {' '.join(f'{one.rate:8.1f}' for one in all_of_it)}\n")
    for name, ours, theirs in (
        ("check-in / pgbench", "touch", "pgbench"),
        ("verify / hello", "scan", "hello"),
    ):
        pairs = list(zip(told[ours], told[theirs], strict=True))
        tell(name, [a.rate / b.rate for a, b in pairs], limit=0.10, at_least=True)
        note(f"{name}, by processor time", [b.cost / a.cost for a, b in pairs])
    for name, (made, count) in prepared.items():
        half = median(one.rate for one in told[name]) / 2
        lines = list(made(here, min(count, int(half * PACED_S)), dice=dice, now=timezone.now()))
        p95 = load(server, lines, rate=half).p95_ms
        limit = P95_MS[name]
        tell(f"{name} p95 in ms at half of capacity", [p95], limit=limit, at_least=False)


@contextmanager
def beside(*command: str) -> Iterator[int]:
    process = subprocess.Popen(command)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


@contextmanager
def served() -> Iterator[int]:
    """The number of the server's process."""
    gunicorn = str(Path(sys.executable).with_name("gunicorn"))
    bind = f"127.0.0.1:{PORT}"
    shape = ("--workers", "2", "--threads", "4", "--no-control-socket", "--log-level", "warning")
    with beside(gunicorn, "config.wsgi", "--bind", bind, *shape) as server:
        _await(f"http://{bind}/livez")
        yield server


@contextmanager
def sequenced() -> Iterator[None]:
    with beside(sys.executable, "manage.py", "ledger_sequence"):
        yield


def _await(url: str) -> None:
    for _ in range(100):
        try:
            urlopen(Request(url, headers={"Host": HOST}), timeout=30).close()  # noqa: S310 -- loopback
        except OSError:
            sleep(0.2)
        else:
            return
    raise SystemExit("the server did not start")


def load(server: int, requests: Iterable[str], *, rate: float = 0.0) -> Told:
    """Send each request once, *rate* of them a second or as fast as they are answered.

    A refusal stops the run.
    """
    file = DATA / "requests"
    file.write_text("".join(requests))
    said = {"LOAD": str(file), "LOAD_THREADS": str(THREADS), "LOAD_HOST": HOST}
    said["LOAD_RATE"] = str(rate)
    seconds = PACED_S * 2 if rate else MOST_S
    command = ["wrk", "-t", str(THREADS), "-c", str(CONNECTIONS), "-d", f"{seconds}s"]
    command += ["--timeout", "30s", "--latency", "-s", "bench/load.lua", f"http://127.0.0.1:{PORT}"]
    before = spent(server) + spent(_postmaster())
    out = subprocess.run(
        command, check=True, capture_output=True, text=True, env=os.environ | said
    ).stdout
    took = spent(server) + spent(_postmaster()) - before
    found = re.search(r"LOAD (\d+) (\d+) (\d+) (\d+) ?(.*)", out)
    if not found or int(found[2]):
        raise SystemExit(f"a request was refused: {found[5] if found else out}")
    answered = int(found[1])
    return Told(answered / (int(found[3]) / 1e6), took / answered, int(found[4]) / 1e3)


def pgbench(script: Path) -> Told:
    command = [os.environ["PGBENCH"], "-n", "-M", "prepared", "-c", str(CONNECTIONS), "-j", "2"]
    command += ["-T", str(SECONDS), "-f", str(script), os.environ["TRIPSEAL_DATABASE_URL"]]
    before = _ended() + spent(_postmaster())
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    took = _ended() + spent(_postmaster()) - before
    rate, count = re.search(r"tps = ([0-9.]+)", out), re.search(r"actually processed: (\d+)", out)
    if not rate or not count:
        raise SystemExit(out)
    return Told(float(rate[1]), took / int(count[1]))


def spent(root: int) -> float:
    """Seconds of processor of the process *root* and of all below it, those that ended too."""
    parents, seconds = {}, {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = file.read_text().rpartition(")")[2].split()
        except OSError:
            # It ended as we looked.
            continue
        number = int(file.parent.name)
        parents[number] = int(fields[1])
        seconds[number] = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    below = {root}
    while more := {one for one, parent in parents.items() if parent in below} - below:
        below |= more
    return sum(seconds.get(one, 0.0) for one in below)


def _ended() -> float:
    """Seconds of processor of the commands that ran and ended."""
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _postmaster() -> int:
    """The first process of the database that ``scripts/postgres.sh`` brought up."""
    file = Path(os.environ["TEST_POSTGRES_HOME"], "data/postmaster.pid")
    return int(file.read_text().split()[0])


if __name__ == "__main__":
    main()
