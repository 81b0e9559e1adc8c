"""Time-stamp tokens (RFC 3161), judged by ``openssl ts``; the core reads no ASN.1 of others."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

_TIME = re.compile(
    r"^Time stamp: (\w{3} +\d{1,2} \d{2}:\d{2}:\d{2}(?:\.\d+)? \d{4}) GMT$", re.MULTILINE
)


def judge_of(authorities: Sequence[Path]) -> Callable[[bytes, bytes], datetime | None] | None:
    """Says when a token was given, by any of *authorities*; none where nobody can judge."""
    program = shutil.which("openssl")
    if program is None or not authorities:
        return None
    found: str = program

    def stamped(token: bytes, text: bytes) -> datetime | None:
        with TemporaryDirectory() as folder:
            body, reply = Path(folder, "body"), Path(folder, "reply.tsr")
            body.write_bytes(text)
            reply.write_bytes(token)
            asked = [found, "ts", "-verify", "-data", str(body), "-in", str(reply), "-CAfile"]
            if all(_run([*asked, str(ca)])[0] for ca in authorities):
                return None
            return _time_of(_run([found, "ts", "-reply", "-in", str(reply), "-text"])[1])

    return stamped


def _time_of(told: str) -> datetime | None:
    if not (match := _TIME.search(told)):
        return None
    text = re.sub(r"\.\d+", "", match[1])
    return datetime.strptime(" ".join(text.split()), "%b %d %H:%M:%S %Y").replace(tzinfo=UTC)


def _run(command: Sequence[str]) -> tuple[int, str]:
    done = subprocess.run(  # noqa: S603 -- a program we name, files we wrote
        command, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout
