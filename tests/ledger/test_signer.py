"""The signer on its own: what it refuses, whoever asks, and how it is asked."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.conf import settings as given
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.utils import timezone

from attest.errors import KeysAway, LogInconsistent, NoteRefused
from attest.log.note import sign_note
from attest.log.proof import Checkpoint as Signed
from attest.log.strict64 import encode64
from ledger.guarding import lowered
from ledger.models import Checkpoint, Leaf, Outbox
from ledger.sequencer import tree
from ledger.services import serve_signer as serving
from ledger.services.adopt_head import adopt_head
from ledger.services.check_log import check_log
from ledger.services.sequence import sequence
from ledger.services.serve_signer import serve_signer
from ledger.services.tell_log_keys import tell_log_keys
from ledger.signer import Asked, sign, trust
from tests.conftest import NOON
from vault import keyring

from .deeds import expect_a_whole_log, said, setting

ROOT = Path(__file__).resolve().parents[2]
LATER = NOON + timedelta(minutes=10)
pytestmark = pytest.mark.django_db


def head_file() -> Path:
    return Path(given.HEAD_FILE)


def head_of(size: int) -> Signed:
    return Signed(given.LOG_ORIGIN, size, tree(size).root())


def asked(size: int, *, since: int = 0, published: int = 0) -> Asked:
    proof = tree(size).consistency(since) if 0 < since < size else ()
    return Asked(head_of(size).text(), proof, published)


@pytest.fixture
def grown() -> int:
    """A log of some leaves whose signer stands in the middle of it."""
    for _ in range(4):
        setting()
    sequence(now=LATER)
    size = Leaf.objects.count()
    head_file().unlink()
    sign(asked(3), now=LATER)
    return size


# -- the rules ---------------------------------------------------------------------------


def wrong(size: int) -> dict[str, Asked]:
    """Against a signer that stands at 3."""
    honest = asked(size, since=3, published=3)
    return {
        "smaller": asked(2),
        "no proof": replace(honest, proof=()),
        "surplus": replace(honest, proof=(*honest.proof, bytes(32))),
        "another proof": replace(honest, proof=asked(size, since=2).proof),
        "fork": Asked(Signed(given.LOG_ORIGIN, 3, bytes(32)).text(), (), 3),
        "origin": replace(honest, text=replace(head_of(size), origin="elsewhere/log").text()),
        "receipt": replace(honest, text="tripseal/receipt/v1\nx\n"),
        "nothing": replace(honest, text=""),
    }


def test_it_signs_what_follows_and_remembers_it(grown: int) -> None:
    note = sign(asked(grown, since=3), now=LATER)

    assert head_file().read_text() == note
    assert note == Checkpoint.objects.get().note
    assert sign(asked(grown), now=LATER) == note


@pytest.mark.parametrize(
    ("ask", "why"),
    [
        ("smaller", "from 3 to 2 leaves"),
        ("no proof", "do not follow from 3"),
        ("surplus", "do not follow from 3"),
        ("another proof", "do not follow from 3"),
        ("fork", "do not follow from 3"),
        ("origin", "another log"),
        ("receipt", "no checkpoint"),
        ("nothing", "no checkpoint"),
    ],
)
def test_it_refuses_and_forgets_nothing(grown: int, ask: str, why: str) -> None:
    before = head_file().read_bytes()

    with pytest.raises(LogInconsistent, match=why):
        sign(wrong(grown)[ask], now=LATER)

    assert head_file().read_bytes() == before


def test_its_memory_of_time_is_no_row_of_the_database(grown: int) -> None:
    with lowered():
        Checkpoint.objects.all().delete()

    with pytest.raises(LogInconsistent, match="clock"):
        sign(asked(grown, since=3), now=LATER - timedelta(seconds=2, microseconds=1))
    assert sign(asked(grown, since=3), now=LATER - timedelta(seconds=2))


def test_without_its_head_file_it_believes_whoever_says_that_heads_were_signed(grown: int) -> None:
    head_file().unlink()

    with pytest.raises(LogInconsistent, match="head file is gone"):
        sign(asked(grown, published=1), now=LATER)
    assert not head_file().exists()


# -- in its own process ------------------------------------------------------------------


@pytest.fixture
def way(tmp_path: Path) -> Path:
    """A socket's address has to be short."""
    return Path(os.path.relpath(tmp_path / "s"))


@contextmanager
def signer_at(path: Path, settings: Any) -> Iterator[None]:
    """The signer behind its socket, its clock at LATER; who asks holds no log key."""
    with serve_signer(path, clock=lambda: LATER) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        settings.SIGNER = str(path)
        try:
            yield
        finally:
            settings.SIGNER = ""
            server.shutdown()
            thread.join()


@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both halves share a process here: the public keys are those of the folder."""
    keys = tuple(one.verifying for one in keyring.log_signers())
    monkeypatch.setattr(keyring, "log_keys", lambda: keys)


def test_the_log_goes_on_through_the_socket(way: Path, settings: Any, public: None) -> None:
    setting()
    with signer_at(way, settings):
        first = sequence(now=LATER)
        setting()
        second = sequence(now=LATER)
        assert check_log() == ""
    assert first < second
    assert [row.size for row in Checkpoint.objects.order_by("size")] == [first, second]
    expect_a_whole_log()


def test_a_refusal_comes_back_in_its_words(way: Path, settings: Any, public: None) -> None:
    setting()
    sequence(now=LATER)
    with signer_at(way, settings):
        setting()
        head_file().rename(head_file().with_name("mislaid"))

        with pytest.raises(LogInconsistent, match="the head file is gone"):
            sequence(now=LATER)
        assert check_log() == "the head file is gone while checkpoints exist"


def test_where_nobody_answers_deeds_go_on_and_the_log_says_so(
    way: Path, settings: Any, public: None
) -> None:
    setting()
    with signer_at(way, settings):
        sequence(now=LATER)
    settings.SIGNER = str(way)

    setting()
    with pytest.raises(KeysAway):
        sequence(now=LATER)
    assert check_log() == "the signer does not answer"
    settings.SIGNER = ""
    with signer_at(way, settings):
        sequence(now=LATER)
    assert not Outbox.objects.exists()
    expect_a_whole_log()


@pytest.mark.parametrize(
    "line",
    [
        b"", b"\n", b"[]\n", b"{}\n", b"\xff\n", b'{"deed":"keys"}\n', b"[" * 60_000 + b"\n",
        b'{"deed":"sign","text":1,"proof":[],"published":0}\n',
        b'{"deed":"sign","text":"","proof":[1],"published":0}\n',
        b'{"deed":"sign","text":"","proof":["AA"],"published":0}\n',
        b'{"deed":"head","more":1}\n',
    ],
)  # fmt: skip
def test_whatever_is_said_to_it_the_next_one_is_answered(
    way: Path, settings: Any, public: None, line: bytes
) -> None:
    setting()
    sequence(now=LATER)
    with signer_at(way, settings):
        with socket.socket(socket.AF_UNIX) as mouth:
            mouth.connect(str(way))
            mouth.sendall(line)
            mouth.shutdown(socket.SHUT_WR)
            told = json.loads(mouth.makefile("rb").readline())
        assert set(told) == {"refused"}
        assert check_log() == ""


@dataclass(frozen=True)
class Liar:
    """A signer's socket that somebody else answers."""

    note: str

    def ask_head(self, _path: str) -> str:
        return ""

    def ask_sign(self, _path: str, **_said: Any) -> str:
        return self.note


def test_an_answer_that_was_altered_on_its_way_is_not_shown(
    settings: Any, public: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another head, honestly signed: what is stored is what was asked for."""
    setting()
    other = sign_note(Signed(given.LOG_ORIGIN, 9, bytes(32)).text(), keyring.log_signers())
    settings.SIGNER = "somewhere"
    monkeypatch.setattr("ledger.signer.signer_socket", Liar(other))

    with pytest.raises(LogInconsistent):
        sequence(now=LATER)
    assert not Checkpoint.objects.exists()


def test_the_socket_is_for_its_group_and_goes_with_the_signer(way: Path, settings: Any) -> None:
    with signer_at(way, settings):
        assert way.stat().st_mode & 0o777 == 0o660
    assert not way.exists()


def test_one_signer_keeps_a_head_file(way: Path, settings: Any) -> None:
    with signer_at(way, settings):
        settings.SIGNER = ""
        with (
            pytest.raises(LogInconsistent, match="another signer"),
            serve_signer(way.with_name("t"), clock=lambda: LATER),
        ):
            pass
        assert way.exists()


def test_a_socket_left_by_a_dead_one_is_taken_over(way: Path, settings: Any) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(way))
    with signer_at(way, settings):
        assert check_log() == ""


# -- starting ----------------------------------------------------------------------------


def start(way: Path) -> None:
    with serve_signer(way, clock=lambda: LATER):
        pass


def test_a_new_log_may_be_begun(way: Path) -> None:
    start(way)


def test_it_does_not_start_without_its_head_file(way: Path) -> None:
    setting()
    sequence(now=LATER)
    head_file().unlink()
    with pytest.raises(LogInconsistent, match="3 leaves were signed"):
        start(way)

    head_file().write_text("x")
    with pytest.raises(LogInconsistent, match="does not hold"):
        start(way)


def test_it_does_not_start_where_nobody_can_say_that_the_log_is_new(
    way: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise DatabaseError

    monkeypatch.setattr(serving, "newest_checkpoint", away)
    with pytest.raises(LogInconsistent, match="no database"):
        start(way)


def test_who_asks_is_not_who_signs(way: Path, settings: Any) -> None:
    settings.SIGNER = str(way)
    with pytest.raises(ImproperlyConfigured):
        start(way)


# -- adopting ----------------------------------------------------------------------------


@pytest.fixture
def lost(grown: int) -> str:
    """The newest head as somebody kept it; the head file is gone."""
    head_file().unlink()
    return Checkpoint.objects.get().note


def test_an_adopted_head_is_gone_on_from_and_stands_in_the_log(
    lost: str, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        adopt_head(lost, now=LATER)
    assert head_file().read_text() == lost

    sequence(now=LATER)
    told = [said(row) for row in Leaf.objects.all()]
    assert [one["what"] for one in told if one.get("name") == "head-adopted"] == ["setting"]
    expect_a_whole_log()


def test_nothing_is_adopted_over_a_head_file(grown: int) -> None:
    note = Checkpoint.objects.get().note
    with pytest.raises(LogInconsistent, match="there is a head file"):
        adopt_head(note, now=LATER)


@pytest.mark.parametrize("key", ["ed25519", "nobody"])
def test_a_head_is_adopted_only_with_both_signatures(lost: str, key: str) -> None:
    text, _, lines = lost.partition("\n\n")
    first = lines.splitlines(keepends=True)[0]
    note = f"{text}\n\n{first if key == 'ed25519' else ''}"
    with pytest.raises(NoteRefused):
        adopt_head(note, now=LATER)
    assert not head_file().exists()
    assert not Outbox.objects.exists()


def test_an_older_head_is_not_adopted(lost: str) -> None:
    older = sign_note(head_of(3).text(), keyring.log_signers())
    with pytest.raises(LogInconsistent, match="were signed, this checkpoint has 3"):
        adopt_head(older, now=LATER)


def test_of_two_roots_neither_is_adopted(lost: str) -> None:
    size = Checkpoint.objects.get().size
    forked = sign_note(Signed(given.LOG_ORIGIN, size, bytes(32)).text(), keyring.log_signers())
    with pytest.raises(LogInconsistent, match="two roots"):
        adopt_head(forked, now=LATER)


# -- the command, as its own system user starts it -----------------------------------------


@pytest.fixture
def apart(tmp_path: Path, key_folder: Path) -> dict[str, str]:
    """A folder with the two log keys and nothing else, and the variables of its service."""
    keys = tmp_path / "signer"
    keys.mkdir(mode=0o700)
    for name in keyring.LOG_PEMS:
        shutil.copy2(key_folder / name, keys / name)
    told = {"KEYS": keys, "DATA": tmp_path / "nothing", "HEAD_FILE": given.HEAD_FILE}
    env = {name: value for name, value in os.environ.items() if not name.startswith("TRIPSEAL_")}
    return env | {f"TRIPSEAL_{name}": str(value) for name, value in told.items()}


def command(env: dict[str, str], *argv: str) -> subprocess.Popen[str]:
    line = [sys.executable, "manage.py", "ledger_signer", *argv]
    pipe = subprocess.PIPE
    return subprocess.Popen(line, cwd=ROOT, env=env, stdout=pipe, stderr=pipe, text=True)


def test_with_its_two_keys_and_no_database_it_signs_and_survives_a_kill(
    apart: dict[str, str], way: Path, tmp_path: Path, settings: Any, public: None
) -> None:
    # The command knows the wall clock alone, and its memory is younger than noon.
    setting()
    sequence(now=timezone.now())
    for _ in range(2):
        running = command(apart, "--listen", str(way.resolve()))
        try:
            assert running.stdout
            assert running.stdout.readline().startswith("signing for")
            settings.SIGNER = str(way)
            setting()
            sequence(now=timezone.now())
            assert check_log() == ""
        finally:
            running.kill()
            running.communicate()
    assert Checkpoint.objects.count() == 3
    expect_a_whole_log()


def test_the_command_starts_no_second_history(apart: dict[str, str], way: Path) -> None:
    running = command(apart, "--listen", str(way.resolve()))
    _, told = running.communicate()

    assert running.returncode == 1
    assert "no head file, and no database" in told


def test_it_prints_what_the_others_believe(
    apart: dict[str, str], tmp_path: Path, settings: Any, key_folder: Path
) -> None:
    printed, _ = command(apart, "--public").communicate()
    assert printed == tell_log_keys()

    # The rest of the product, without the log's own keys.
    rest = tmp_path / "rest"
    shutil.copytree(key_folder, rest, ignore=shutil.ignore_patterns("log-*"))
    rest.chmod(0o700)
    (rest / keyring.LOG_VKEYS).write_text(printed)
    (rest / keyring.LOG_VKEYS).chmod(0o600)
    before = trust()
    settings.KEY_FOLDER, settings.SIGNER = rest, "somewhere"
    keyring.forget()
    keyring.check()
    assert trust() == before

    shutil.copy2(key_folder / keyring.LOG_PEMS[0], rest)
    keyring.forget()
    with pytest.raises(ImproperlyConfigured, match="no place here"):
        keyring.check()


@pytest.mark.parametrize("text", ["", "x\n", "{0}{0}", "{1}{0}", "{0}"])
def test_public_keys_that_are_not_both_stop_the_start(
    text: str, tmp_path: Path, settings: Any, key_folder: Path
) -> None:
    first, second = tell_log_keys().splitlines(keepends=True)
    rest = tmp_path / "rest"
    shutil.copytree(key_folder, rest, ignore=shutil.ignore_patterns("log-*"))
    (rest / keyring.LOG_VKEYS).write_text(text.format(first, second))
    (rest / keyring.LOG_VKEYS).chmod(0o600)
    settings.KEY_FOLDER, settings.SIGNER = rest, "somewhere"
    keyring.forget()
    with pytest.raises(ImproperlyConfigured, match=r"log-vkeys"):
        keyring.check()


def test_the_command_adopts_from_a_file(
    lost: str, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    kept = tmp_path / "kept.txt"
    kept.write_text(lost)
    with django_capture_on_commit_callbacks(execute=True):
        call_command("ledger_signer", adopt=kept)
    assert head_file().read_text() == lost
    with pytest.raises(CommandError, match="there is a head file"):
        call_command("ledger_signer", adopt=kept)


def test_a_proof_fits_into_one_line() -> None:
    """Of 2^62 leaves: 62 hashes, and a checkpoint of the longest name."""
    most = {"deed": "sign", "text": "x" * 500, "proof": [encode64(bytes(32))] * 130}
    assert len(json.dumps(most)) < 65_536
