"""A door before the server, as a proxy is, behind which another version can be laid."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

_OWN_LINE = {"connection", "transfer-encoding", "content-length"}


@dataclass(slots=True)
class Door:
    """*origin* is where browsers knock.

    *newer*: the service worker is of another version; *away*: nobody is at home behind it;
    *cut*: there is no way to it.
    """

    origin: str
    newer: bool = False
    away: bool = False
    cut: bool = False


@contextmanager
def before(server: str) -> Iterator[Door]:
    house = urlsplit(server).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._pass_on(b"")

        def do_POST(self) -> None:
            self._pass_on(self.rfile.read(int(self.headers.get("Content-Length", 0))))

        def _pass_on(self, body: bytes) -> None:
            if door.cut:
                self.close_connection = True
                return
            if door.away:
                self.send_error(502)
                return
            said = {
                name: value.replace(door.origin, server) for name, value in self.headers.items()
            }
            said |= {"Host": house, "Connection": "close"}
            inside = HTTPConnection(house, timeout=20)
            inside.request(self.command, self.path, body, said)
            answer = inside.getresponse()
            content = answer.read()
            if self.path == "/sw.js" and door.newer:
                content = re.sub(rb'("version": ")[0-9a-f]+', rb"\1newer", content)
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _OWN_LINE:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            inside.close()

        def log_message(self, *said: object) -> None:
            """The server inside keeps the record."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        listening.daemon_threads = True
        door = Door(f"http://localhost:{listening.server_port}")
        Thread(target=listening.serve_forever, daemon=True).start()
        try:
            yield door
        finally:
            listening.shutdown()
