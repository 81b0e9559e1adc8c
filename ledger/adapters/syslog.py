"""A line for the security desk's log host (RFC 5424), by UDP or the machine's own socket."""

from __future__ import annotations

import socket
from datetime import datetime

# Facility 13, log audit; severity 5, notice.
_PRIORITY = 13 * 8 + 5


def tell(where: str, text: str, *, at: datetime) -> None:
    """*where*: ``HOST:PORT``, or the path of a socket. ``OSError`` where it cannot be sent."""
    line = f"<{_PRIORITY}>1 {at.isoformat()} {socket.gethostname()} tripseal - - - {text}"
    if where.startswith("/"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way:
            way.connect(where)
            way.send(line.encode())
        return
    host, _, port = where.rpartition(":")
    if not host or not port.isdigit():
        raise OSError(f"{where}: HOST:PORT, or a path")
    family, kind, *_, address = socket.getaddrinfo(host, int(port), type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind) as way:
        way.sendto(line.encode(), address)
