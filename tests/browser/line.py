"""The line between one phone and the server, which can be cut.

The browser's own switch for it does not reach a service worker that outlives its page: such a
worker goes on speaking with the server, and a page that should open alone comes from there.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from playwright.sync_api import BrowserContext, Page

_lines: WeakKeyDictionary[BrowserContext, Line] = WeakKeyDictionary()


@dataclass(slots=True, eq=False)
class Line:
    """Takes a browser's requests as its proxy does, and hands the bytes on as they are."""

    house: tuple[str | None, int | None]
    door: socket.socket
    whole: bool = True
    _ends: set[socket.socket] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    @property
    def proxy(self) -> Any:
        # Told to take it to this machine too, and past it for hosts with a dot: what the
        # browser asks of its maker is not for our server.
        port = self.door.getsockname()[1]
        return {"server": f"http://127.0.0.1:{port}", "bypass": "<-loopback>,*.*"}

    def cut(self) -> None:
        with self._lock:
            self.whole = False
            for end in self._ends:
                with suppress(OSError):  # hung up by itself
                    end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self.whole = True

    def serve(self) -> None:
        with suppress(OSError):  # the door was closed: the phone is put away
            while True:
                Thread(target=self._through, args=[self.door.accept()[0]], daemon=True).start()

    def _through(self, phone: socket.socket) -> None:
        # Either end may hang up at any byte, and a cut does.
        with suppress(OSError), phone, socket.socket() as server, self._kept(phone, server):
            server.connect(self.house)
            said = phone.recv(65536)
            if said.startswith(b"CONNECT "):  # as the tests' own requests begin
                phone.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            else:
                server.sendall(said)
            back = Thread(target=_pump, args=[server, phone], daemon=True)
            back.start()
            _pump(phone, server)
            back.join()

    @contextmanager
    def _kept(self, *ends: socket.socket) -> Iterator[None]:
        """Where a cut finds them; where it has come already, they hang up."""
        with self._lock:
            if not self.whole:
                raise ConnectionResetError
            self._ends.update(ends)
        try:
            yield
        finally:
            with self._lock:
                self._ends.difference_update(ends)


def _pump(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while said := one.recv(65536):
            other.sendall(said)
    with suppress(OSError):
        other.shutdown(socket.SHUT_WR)


@contextmanager
def line_to(origin: str) -> Iterator[Line]:
    house = urlsplit(origin)
    with socket.create_server(("127.0.0.1", 0), backlog=64) as door:
        line = Line(("127.0.0.1", house.port), door)
        Thread(target=line.serve, daemon=True).start()
        try:
            yield line
        finally:
            line.cut()
            # A thread that waits in accept is not woken by closing alone.
            door.shutdown(socket.SHUT_RDWR)


def hangs_on(context: BrowserContext, line: Line) -> None:
    _lines[context] = line


def cut(page: Page) -> None:
    """As in a tunnel: the browser is told, and not a byte comes through."""
    _lines[page.context].cut()
    page.context.set_offline(True)


def mended(page: Page) -> None:
    _lines[page.context].mend()
    page.context.set_offline(False)
