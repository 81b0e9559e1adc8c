"""Phones that touch and touch again until they are answered, and somebody who keeps heads."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from threading import Event, Lock, Thread
from time import sleep
from typing import Any

PHONES = 4
HOST = "localhost:8000"
_PATIENCE_S = 20


@dataclass(slots=True)
class Heard:
    """All that anybody outside was told. *order* is what each phone heard, one after the other."""

    answers: dict[str, str] = field(default_factory=dict)
    order: list[list[str]] = field(default_factory=lambda: [[] for _ in range(PHONES)])
    repeated: int = 0
    heads: dict[int, str] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    cut: int = 0
    faults: list[str] = field(default_factory=list)


class Load:
    def __init__(self, lines: list[str], port: int) -> None:
        self.heard, self._port = Heard(), port
        self._lines, self._lock, self._over = iter(lines), Lock(), Event()
        # Heads are shown to whoever is signed in.
        self._cookie = lines[0].split("\t")[2]
        self._threads = [Thread(target=self._phone, args=(n,), daemon=True) for n in range(PHONES)]
        self._threads.append(Thread(target=self._keep_heads, daemon=True))

    def begin(self) -> None:
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """No new touch from now on; who waits for an answer asks on."""
        self._over.set()

    @property
    def is_over(self) -> bool:
        """Whether every phone has its answer."""
        return not any(thread.is_alive() for thread in self._threads)

    @property
    def acknowledged(self) -> int:
        return len(self.heard.answers) + self.heard.repeated

    def _phone(self, number: int) -> None:
        mine: list[str] = []
        for line in self._next(mine):
            _, path, cookie, token, body = line.rstrip("\n").split("\t")
            headers = {
                "Host": HOST,
                "Cookie": cookie,
                "X-CSRFToken": token,
                "Content-Type": "application/json",
            }
            if said := self._answered(path, headers, body):
                self._note(number, json.loads(body)["id"], said)
                mine.append(line)

    def _next(self, mine: list[str]) -> Iterator[str]:
        """Touches as long as there are any; after that the same ones again."""
        turn = 0
        while not self._over.is_set():
            with self._lock:
                line = next(self._lines, None)
            if line is None and not mine:
                return
            turn += 1
            yield mine[turn % len(mine)] if line is None else line

    def _answered(self, path: str, headers: dict[str, str], body: str) -> dict[str, Any] | None:
        """The same words again until there is an answer: none where one phone asks too often."""
        while True:
            status, said = self._asked("POST", path, headers, body)
            if status in {200, 201}:
                answer: dict[str, Any] = json.loads(said)
                return answer
            if status == 429:
                sleep(0.05)
                return None
            if status not in {0, 503}:
                with self._lock:
                    self.heard.faults.append(f"{status}: {said[:200]!r}")
                return None
            sleep(0.05)

    def _asked(
        self, method: str, path: str, headers: dict[str, str], body: str
    ) -> tuple[int, bytes]:
        """Status 0 where the line was cut before the whole answer came."""
        line = HTTPConnection("127.0.0.1", self._port, timeout=_PATIENCE_S)
        try:
            line.request(method, path, body or None, headers)
            answer = line.getresponse()
            content = answer.read()
        except (OSError, HTTPException):
            with self._lock:
                self.heard.cut += 1
            return 0, b""
        finally:
            line.close()
        with self._lock:
            self.heard.statuses[answer.status] += 1
        return answer.status, content

    def _note(self, phone: int, name: str, said: dict[str, Any]) -> None:
        number = said["token"]["spoken"]
        with self._lock:
            known = self.heard.answers.setdefault(name, number)
            if name in self.heard.order[phone]:
                self.heard.repeated += 1
            else:
                self.heard.order[phone].append(name)
        if known != number:
            self.heard.faults.append(f"touch {name} was answered by two numbers")

    def _keep_heads(self) -> None:
        while not self._over.is_set():
            headers = {"Host": HOST, "Cookie": self._cookie}
            status, note = self._asked("GET", "/log/checkpoint", headers, "")
            if status == 200:
                _, size, root, *_ = note.decode().split("\n")
                if self.heard.heads.setdefault(int(size), root) != root:
                    self.heard.faults.append(f"two heads of {size} leaves")
            sleep(0.1)
