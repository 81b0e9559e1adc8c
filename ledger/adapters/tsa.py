"""Time stamps (RFC 3161) by ``openssl ts``: the request as a file, the token as a file.

How they travel is the office's: over the network where the authority answers there (RFC 3161
§3.4), else by a form, by mail, by a client of its own.
"""

from __future__ import annotations

import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from attest.commands.stamps import judge_of
from attest.errors import KeysUnusable
from ledger.adapters.web import post


def query(text: str) -> bytes:
    """A request for a stamp over SHA-256 of *text*, asking for the authority's certificate."""
    if (program := shutil.which("openssl")) is None:
        raise KeysUnusable("openssl is not installed")
    with TemporaryDirectory() as folder:
        body, out = Path(folder, "body"), Path(folder, "query.tsq")
        body.write_text(text, encoding="utf-8")
        asked = ["ts", "-query", "-data", str(body), "-sha256", "-cert", "-out", str(out)]
        subprocess.run(  # noqa: S603 -- a program we name, files we wrote
            [program, *asked], check=True, capture_output=True
        )
        return out.read_bytes()


def asked(url: str, request: bytes) -> bytes:
    """The authority's reply to *request*, not yet judged; ``OSError`` where it gives none."""
    status, reply = post(url, request, kind="application/timestamp-query")
    if status != 200:
        raise OSError(f"{url}: {status}")
    return reply


def stamped_at(token: bytes, text: str, *, authority: Path) -> datetime | None:
    """When *authority* (PEM) says it saw *text*; nothing where the token does not hold."""
    judge = judge_of([authority])
    if judge is None:
        raise KeysUnusable("openssl is not installed")
    return judge(token, text.encode())
