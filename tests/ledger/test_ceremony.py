"""The ceremony of docs/operations.md, rehearsed: its commands are run as they stand there."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from attest.documents import read_keyset
from attest.keyfile import read_opening_keys, read_root, read_sealing_keys
from attest.keys import KeySet
from vault.keyring import PEMS

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "operations.md").read_text()
CREATE, ROTATE, LEAK = "Key ceremony", "Once a month: rotation", "A key leaked"
ROOT_FILE = "root-sealing-keys.json"
# Later than any of the windows begins, and long before one ends.
NOW = 1_800_000_000


def commands(section: str) -> list[str]:
    """What stands behind ``$`` in the ``sh`` blocks of *section*, lines that go on included."""
    (body,) = re.findall(rf"^### {section}\n(.*?)(?=^##)", PAGE, re.MULTILINE | re.DOTALL)
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", body, re.MULTILINE | re.DOTALL)
    return [
        said.strip()
        for block in blocks
        for said in re.split(r"^ *\$ ", block, flags=re.MULTILINE)[1:]
    ]


@dataclass(frozen=True, slots=True)
class Hall:
    """A machine and a medium, with nothing on either."""

    data: Path
    safe: Path

    @property
    def keys(self) -> Path:
        return self.data / "keys"

    def run(self, *lines: str) -> str:
        """What they print, one after the other; red where one of them fails."""
        script = "\n".join(line.replace("/media/safe", str(self.safe)) for line in lines)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=ROOT,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _environment(self) -> dict[str, str]:
        ours = {name: value for name, value in os.environ.items() if "TRIPSEAL" not in name}
        return ours | {
            "TRIPSEAL_DATA": str(self.data),
            "TRIPSEAL_ORIGIN": "https://trip.example.kr",
            "SAFE": str(self.safe),
        }

    def keyset(self) -> KeySet:
        """As the database has it, judged by the root that was handed out."""
        with sqlite3.connect(self.data / "db.sqlite3") as database:
            (document,) = database.execute(
                "SELECT document FROM ledger_published WHERE kind = 'keyset'"
            ).fetchone()
        database.close()
        root = read_root((self.keys / "root.json").read_text())
        now = NOW + 10 * 365 * 86_400
        return read_keyset(bytes(document), root=root, host="trip.example.kr", now=now)

    def leaves(self) -> list[str]:
        """Names of keys the log was told of, in their order."""
        with sqlite3.connect(self.data / "db.sqlite3") as database:
            rows = database.execute('SELECT entry FROM ledger_leaf ORDER BY "index"').fetchall()
            rows += database.execute("SELECT entry FROM ledger_outbox ORDER BY id").fetchall()
        database.close()
        said = [json.loads(entry) for (entry,) in rows]
        return [leaf["name"] for leaf in said if leaf.get("what") == "key"]


@pytest.fixture
def hall(tmp_path: Path) -> Hall:
    hall = Hall(tmp_path / "data", tmp_path / "safe")
    hall.data.mkdir(mode=0o700)
    hall.safe.mkdir()
    hall.run(".venv/bin/python manage.py migrate --verbosity 0")
    return hall


def test_the_ceremony_goes_as_it_is_written(hall: Hall) -> None:
    _created(hall)
    _rotated(hall)
    _leaked(hall)


def _created(hall: Hall) -> None:
    printed = hall.run(*commands(CREATE))

    # The root is on the medium and nowhere else; its public half stayed.
    assert not (hall.keys / ROOT_FILE).exists()
    (root,) = read_sealing_keys((hall.safe / ROOT_FILE).read_text()).sign
    assert read_root((hall.keys / "root.json").read_text()).public == root.public
    assert (hall.safe / ROOT_FILE).stat().st_mode & 0o777 == 0o600
    digest = sha256(root.public).hexdigest()
    assert digest in printed.replace(" ", "")
    # What was shown is what is published, and the auditors have the log's keys.
    shown = next(json.loads(line) for line in printed.splitlines() if line.startswith("{"))
    assert [key["kid"] for key in shown["keys"]] == ["4301", "4f01", "5301", "5401"]
    assert shown["seq"] == hall.keyset().seq
    assert printed.count("\nlog trip.example.kr/log+") == 2
    pems = [name.removesuffix(".pem") for name in PEMS]
    assert hall.leaves()[-1 - len(pems) :] == [*pems, "keyset"]


def _rotated(hall: Hall) -> None:
    before = hall.keyset()
    printed = hall.run(*commands(ROTATE))

    assert "none is due" in printed
    assert (hall.keyset().seq or 0) > (before.seq or 0)
    assert not (hall.keys / ROOT_FILE).exists()


def _leaked(hall: Hall) -> None:
    printed = hall.run(*commands(LEAK))

    assert "4301: withdrawn from" in printed
    keyset = hall.keyset()
    withdrawn = {key.kid.hex(): key.window.withdrawn is not None for key in keyset.verify}
    # 4302 came for the leaked one, the rest by the drill.
    assert withdrawn == {
        "4301": True,
        **dict.fromkeys(("4302", "4303", "5301", "5302", "5401", "5402"), False),
    }
    sealing = read_sealing_keys((hall.keys / "sealing-keys.json").read_text())
    assert "4301" not in {key.kid.hex() for key in sealing.sign}
    opening = read_opening_keys((hall.keys / "opening-keys.json").read_text())
    assert {key.kid.hex() for key in opening.open} == {"4f01", "4f02"}
    assert hall.leaves()[-10:] == [
        *("4301", "4302", "keyset"),
        *("4303", "5402", "5302", "4f02", "ticket", "site-code", "keyset"),
    ]
