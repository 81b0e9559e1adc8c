"""What somebody sent is looked at by a child that is cut off in time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Generator
from contextlib import suppress
from ctypes.util import find_library
from pathlib import Path
from threading import Timer
from typing import Any

CHILD = Path(__file__).with_name("looking_child.py")
# The child has five seconds of the processor; on a busy machine these last longer.
WAIT_S = 20
# A line holds at most one page, drawn; a child somebody took over may not fill our memory.
_LONGEST = 4 * 1_048_576


def has_second_reader() -> bool:
    """Whether this machine has zbar, beside the reader that comes with the product."""
    return find_library("zbar") is not None


def told(content: bytes, *what: str) -> Generator[dict[str, Any], None, None]:
    """What the child writes until it ends or is ended; whole lines alone."""
    with subprocess.Popen(  # noqa: S603 -- our own file, by the interpreter that runs us
        [sys.executable, "-I", str(CHILD), *what],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
    ) as child:
        late = Timer(WAIT_S, child.kill)
        late.start()
        try:
            # It hears all before it says anything. One that died meanwhile says nothing.
            with suppress(BrokenPipeError):
                child.stdin.write(content)  # type: ignore[union-attr]  # a pipe, as asked for
                child.stdin.close()  # type: ignore[union-attr]
            while (line := child.stdout.readline(_LONGEST)).endswith(b"\n"):  # type: ignore[union-attr]
                yield json.loads(line)
        finally:
            late.cancel()
            child.kill()
