"""``scripts/crash.sh HOW_OFTEN tests.crash.rotating``: every key is replaced while all work.

    phones, clerks ──→ application (gunicorn, two workers of four threads) ──→ PostgreSQL
    `manage.py keys rotate --at-once`, a process of its own, again and again

Nobody is refused, whichever moment they knock at; every receipt from before the first
rotation, and each one made between two, is genuine until the end, in either worker.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import cycle
from random import Random
from threading import Event, Lock, Thread
from time import monotonic, sleep
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connections  # noqa: E402 -- the rows need their settings first
from django.utils import timezone  # noqa: E402

from attest.token import inspect_text  # noqa: E402
from bench import town  # noqa: E402
from trips.receipt import receipt_of  # noqa: E402

from .load import HOST  # noqa: E402
from .servants import application, sequencer  # noqa: E402

PHONES, CLERKS, HANDS = 24, 12, 6
OLDER, TOUCHES_EACH = 12, 16
# A clerk scans 120 times a minute and no more; so fast all of them together may.
PACE_S = 60 / 110 / CLERKS
BETWEEN_S = 1.5
_PATIENCE_S, _STARTED_WITHIN_S = 30, 180


@dataclass(slots=True)
class Heard:
    """All that anybody was told. *made* are the codes of new receipts."""

    scans: Counter[str] = field(default_factory=Counter)
    touches: Counter[int] = field(default_factory=Counter)
    made: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)


def main(turns: int) -> int:
    dice, now = Random(turns), timezone.now()
    here = town.built(travellers=PHONES, clerks=CLERKS, now=now)
    older = [
        receipt_of(town.touched(here, resident, dice, now), reader=resident.person).text
        for resident in here.residents[:OLDER]
    ]
    touches = list(town.touches(here, TOUCHES_EACH * (turns + 1), dice=dice, now=now))
    cookies = [clerk.cookie for clerk in here.clerks]
    connections.close_all()
    heard, start = Heard(), monotonic()
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen(256)
        servants = [sequencer(), application(door)]
        load = Load(heard, door.getsockname()[1], older, cookies, touches)
        try:
            # How long it takes to start is not what is asked here.
            await_door(door.getsockname()[1])
            load.begin()
            for _ in range(turns):
                sleep(BETWEEN_S)
                rotate()
            sleep(BETWEEN_S)
            load.end()
            # Whichever key sealed them, and whichever worker is asked.
            for code in [*older, *heard.made, *older, *heard.made]:
                load.scan(code)
        finally:
            for servant in servants:
                servant.end()
    return told(heard, older, turns, monotonic() - start)


def await_door(port: int) -> None:
    knock = HTTPConnection("127.0.0.1", port, timeout=_STARTED_WITHIN_S)
    try:
        knock.request("GET", "/livez", headers={"Host": HOST})
        knock.getresponse().read()
    finally:
        knock.close()


def rotate() -> None:
    """As an operator does it, with the root at hand."""
    command = [sys.executable, "manage.py", "keys", "rotate", "--at-once"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


class Load:
    """Clerks who scan older receipts again and again, and phones that touch, as fast as may be."""

    def __init__(
        self, heard: Heard, port: int, older: list[str], clerks: list[str], touches: list[str]
    ) -> None:
        self._heard, self._port, self._over = heard, port, Event()
        self._older, self._clerks, self._touches = cycle(older), cycle(clerks), iter(touches)
        self._begun = monotonic()
        self._pace, self._next = Lock(), self._begun
        self._threads = [Thread(target=self._clerk, daemon=True) for _ in range(HANDS)]
        self._threads += [Thread(target=self._phone, daemon=True) for _ in range(2)]

    def begin(self) -> None:
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def scan(self, code: str) -> None:
        clerk = self._turn()
        body = json.dumps({"text": code, "source": "camera"})
        status, said = self._asked(town.line("POST", "/api/v1/verifications", clerk, body))
        answer = said["genuine"]["code"] if status == 200 else f"{status} {said.get('code')}"
        with self._heard.lock:
            self._heard.scans[answer] += 1

    def _turn(self) -> str:
        with self._pace:
            wait, self._next = self._next - monotonic(), max(self._next, monotonic()) + PACE_S
            clerk = next(self._clerks)
        sleep(max(0.0, wait))
        return clerk

    def _clerk(self) -> None:
        while not self._over.is_set():
            with self._heard.lock:
                code = next(self._older)
            self.scan(code)

    def _phone(self) -> None:
        while not self._over.is_set():
            with self._heard.lock:
                line = next(self._touches, None)
            if line is None:
                return
            status, said = self._asked(line)
            with self._heard.lock:
                self._heard.touches[status] += 1
                if status == 201:
                    self._heard.made.append(said["token"]["text"])
            sleep(0.25)

    def _asked(self, line: str) -> tuple[int, dict[str, Any]]:
        method, path, cookie, csrf, body = line.rstrip("\n").split("\t")
        headers = {"Host": HOST, "Cookie": cookie, "X-CSRFToken": csrf}
        headers["Content-Type"] = "application/json"
        knock = HTTPConnection("127.0.0.1", self._port, timeout=_PATIENCE_S)
        try:
            knock.request(method, path, body, headers)
            answer = knock.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, HTTPException, ValueError) as lost:
            with self._heard.lock:
                self._heard.faults.append(
                    f"no answer: {type(lost).__name__} at {monotonic() - self._begun:.0f} s"
                )
            return 0, {}
        finally:
            knock.close()


def told(heard: Heard, older: list[str], turns: int, seconds: float) -> int:
    sealed_to = Counter(inspect_text(code).kid.hex() for code in [*older, *heard.made])
    figures = {
        "rotations of every key": turns,
        "seconds": round(seconds),
        "verifications": dict(heard.scans),
        "touches": dict(heard.touches),
        "receipts by the key they were sealed to": dict(sorted(sealed_to.items())),
        "faults": len(heard.faults),
    }
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")
    good = set(heard.scans) == {"genuine"} and set(heard.touches) == {201} and not heard.faults
    # Otherwise no key came into use while anybody worked, and nothing was shown.
    seen = len(sealed_to) > turns // 2 and len(heard.made) > turns
    for fault in heard.faults[:20]:
        sys.stdout.write(f"FAULT: {fault}\n")
    return 0 if good and seen else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
