"""In the browser: the files an auditor chose lie under ``/desk``, one folder an option."""

from __future__ import annotations

import json
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

sys.path.insert(0, "/attest.pyz")

from attest.bundle.words import LIMITS
from attest.commands.bundle import ANCHORED, SUMMARY, VERDICTS, run

DESK = Path("/desk")
DESK.mkdir()
# Findings name a table as the auditor does.
os.chdir(DESK)
KEPT = Path("/tmp/checkpoint")  # noqa: S108 -- a disk that is gone with the page
ONE = ("trust", "since", "request")


def judge(words: dict[str, str]) -> str:
    """What the command says, as JSON: its report, the words for it, the head to keep."""
    KEPT.unlink(missing_ok=True)
    told, wrong = StringIO(), StringIO()
    try:
        with redirect_stdout(told), redirect_stderr(wrong):
            run([*_argv(words), "--json", f"--save-checkpoint={KEPT}"])
    except SystemExit:
        return json.dumps({"report": {"verdict": "unusable", "exit": 2, "why": wrong.getvalue()}})
    kept = KEPT.read_text(encoding="utf-8") if KEPT.is_file() else ""
    said = {"verdicts": VERDICTS, "summary": SUMMARY, "anchored": ANCHORED, "limits": LIMITS}
    return json.dumps({"report": json.loads(told.getvalue()), "kept": kept, "words": said})


def _argv(words: dict[str, str]) -> list[str]:
    (bundle,) = _files("bundle")
    found = ["verify", f"./{bundle}"]
    for option in ONE:
        found += [f"--{option}={path}" for path in _files(option)]
    found += [f"--table={path}" for path in _files("tables")]
    if _files("receipts"):
        found.append("--receipts=receipts")
    for option in ("nonce", "require"):
        if words.get(option):
            found.append(f"--{option}={words[option]}")
    return [*found, "--strict"] if words.get("strict") else found


def _files(option: str) -> list[Path]:
    folder = Path(option)
    return sorted(folder.iterdir()) if folder.is_dir() else []
