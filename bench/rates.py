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
from pathlib import Path
from random import Random
from time import sleep
from urllib.request import Request, urlopen

from django.utils import timezone

from bench import inserts, town
from bench.report import machine, tell

ROUNDS, TOUCHES, SCANS, HELLOS, SECONDS = 3, 300, 300, 6_000, 4
THREADS, CONNECTIONS, PORT = 2, 8, 8_077
HOST = "localhost:8000"
DATA = Path(os.environ["TRIPSEAL_DATA"])


def main() -> None:
    with served(), sequenced():
        measure()


def measure() -> None:
    dice = Random(20_261_123)
    here = town.built(travellers=200, clerks=20, now=timezone.now())
    # Its copies are sealed for another row, as a forger's would be: who travels on has none.
    touch = town.touched(here, here.residents.pop(), dice, timezone.now())
    script = DATA / "touch.sql"
    script.write_text(inserts.script(touch))
    rates: dict[str, list[float]] = {name: [] for name in ("hello", "touch", "scan", "pgbench")}
    # The first round only warms: like pgbench after its first transaction, a server that has
    # run for a minute finds its statements planned on every connection.
    for number in range(ROUNDS + 1):
        ready = timezone.now()
        touches = list(town.touches(here, TOUCHES, dice=dice, now=ready))
        scans = list(town.scans(here, SCANS, dice=dice, now=ready))
        hello = [town.line("GET", "/livez", "", "")] * HELLOS
        told = {"hello": load(hello), "touch": load(touches), "scan": load(scans)}
        told["pgbench"] = pgbench(script)
        for name, rate in told.items() if number else ():
            rates[name].append(rate)
    sys.stdout.write(f"rates a second, {CONNECTIONS} connections: {machine()}\n")
    for name, said in rates.items():
        sys.stdout.write(f"  {name:<8} {' '.join(f'{rate:8.1f}' for rate in said)}\n")
    tell("check-in / pgbench", over(rates, "touch", "pgbench"), limit=0.10, at_least=True)
    tell("verify / hello", over(rates, "scan", "hello"), limit=0.10, at_least=True)


def over(rates: dict[str, list[float]], one: str, other: str) -> list[float]:
    return [a / b for a, b in zip(rates[one], rates[other], strict=True)]


@contextmanager
def beside(*command: str) -> Iterator[None]:
    process = subprocess.Popen(command)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


@contextmanager
def served() -> Iterator[None]:
    gunicorn = str(Path(sys.executable).with_name("gunicorn"))
    bind = f"127.0.0.1:{PORT}"
    shape = ("--workers", "2", "--threads", "4", "--no-control-socket", "--log-level", "warning")
    with beside(gunicorn, "config.wsgi", "--bind", bind, *shape):
        _await(f"http://{bind}/livez")
        yield


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


def load(requests: Iterable[str]) -> float:
    """Send each request once, and say how many were answered a second. A refusal stops the run."""
    file = DATA / "requests"
    file.write_text("".join(requests))
    said = {"LOAD": str(file), "LOAD_THREADS": str(THREADS), "LOAD_HOST": HOST}
    command = ["wrk", "-t", str(THREADS), "-c", str(CONNECTIONS), "-d", "7s", "--timeout", "30s"]
    command += ["-s", "bench/load.lua", f"http://127.0.0.1:{PORT}"]
    out = subprocess.run(
        command, check=True, capture_output=True, text=True, env=os.environ | said
    ).stdout
    found = re.search(r"LOAD (\d+) (\d+) (\d+) ?(.*)", out)
    if not found or int(found[2]):
        raise SystemExit(f"a request was refused: {found[4] if found else out}")
    return int(found[1]) / (int(found[3]) / 1e6)


def pgbench(script: Path) -> float:
    command = [os.environ["PGBENCH"], "-n", "-M", "prepared", "-c", str(CONNECTIONS), "-j", "2"]
    command += ["-T", str(SECONDS), "-f", str(script), os.environ["TRIPSEAL_DATABASE_URL"]]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"tps = ([0-9.]+)", out)
    if not found:
        raise SystemExit(out)
    return float(found[1])


if __name__ == "__main__":
    main()
