"""A third party says when it saw the log: asked, kept once it holds, and judged in the bundle."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Person, Place
from attest.bundle.asked import Report
from attest.commands.stamps import judge_of
from attest.log.trust import Trust
from ledger.models import Anchor
from ledger.services.sequence import sequence
from tests.attest.bundle.town import codes, members, resealed
from tests.audit.authority import Authority
from tests.audit.office import taken
from tests.audit.test_bundle import failures, judged
from tests.settlement.desk import EVENING, batch_of, confirmed, pay


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.founded(tmp_path / "authority")


@pytest.fixture
def trust() -> Trust:
    out = StringIO()
    call_command("ledger_trust", stdout=out)
    return Trust.parse(out.getvalue())


@pytest.fixture
def history(felix: Person, ada: Person, bora: Person, site: Place) -> None:
    pay(felix, batch_of(felix, confirmed(ada, bora, site)))
    sequence(now=EVENING)


def told(*words: str) -> str:
    out = StringIO()
    call_command("ledger_anchor", *words, stdout=out)
    return out.getvalue()


def asked(tmp_path: Path) -> tuple[str, Path]:
    """Size and request of the newest head."""
    query = tmp_path / "head.tsq"
    return told("query", str(query)).split()[0], query


def kept(tmp_path: Path, authority: Authority) -> str:
    size, query = asked(tmp_path)
    token = authority.stamp(query)
    told("keep", size, str(token), "--authority", str(authority.root))
    return size


def with_stamps(raw: bytes, trust: Trust, authority: Authority) -> Report:
    return judged(raw, trust, stamped=judge_of([authority.root]))


def test_a_stamped_head_anchors_the_bundle(
    history: None, iris: Person, tmp_path: Path, authority: Authority, trust: Trust
) -> None:
    size = kept(tmp_path, authority)
    report = with_stamps(taken(iris, form="zip"), trust, authority)

    assert "anchor.tsa_bad" not in codes(report)
    assert report.anchor is not None
    assert (report.anchor.kind, report.anchor.size) == ("rfc3161", int(size))
    assert report.anchor.at is not None
    assert abs(report.anchor.at - datetime.now(UTC)) < timedelta(minutes=5)  # noqa: TID251 -- the authority's clock


def test_without_its_certificate_a_stamp_says_nothing(
    history: None, iris: Person, tmp_path: Path, authority: Authority, trust: Trust
) -> None:
    kept(tmp_path, authority)
    report = judged(taken(iris, form="zip"), trust)

    assert failures(report) == []
    assert codes(report, "warn") >= {"anchor.none"}


def test_the_stamp_of_another_authority_is_called_bad(
    history: None, iris: Person, tmp_path: Path, authority: Authority, trust: Trust
) -> None:
    kept(tmp_path, authority)
    other = Authority.founded(tmp_path / "other")

    assert "anchor.tsa_bad" in codes(with_stamps(taken(iris, form="zip"), trust, other))


def test_a_stamp_over_another_head_is_called_bad(
    history: None, iris: Person, tmp_path: Path, authority: Authority, trust: Trust
) -> None:
    kept(tmp_path, authority)
    files = members(taken(iris, form="zip"))
    (name,) = [name for name in files if name.endswith(".tsr")]
    size = files["proof/checkpoint"].split(b"\n")[1].decode()
    moved = files | {f"proof/anchors/{size}.rfc3161-9.tsr": files[name]}

    found = with_stamps(resealed(moved), replace(trust, export=()), authority)
    assert "anchor.tsa_bad" in codes(found)


@pytest.mark.parametrize("wrong", ["size", "authority", "noise"])
def test_only_what_holds_is_kept(
    history: None, tmp_path: Path, authority: Authority, wrong: str
) -> None:
    size, query = asked(tmp_path)
    token, root = authority.stamp(query), authority.root
    if wrong == "size":
        size = str(int(size) - 1)
    elif wrong == "authority":
        root = Authority.founded(tmp_path / "other").root
    else:
        token.write_bytes(b"noise")

    with pytest.raises(CommandError):
        told("keep", size, str(token), "--authority", str(root))
    assert not Anchor.objects.exists()


def test_kept_twice_it_is_one(history: None, tmp_path: Path, authority: Authority) -> None:
    size, query = asked(tmp_path)
    token = authority.stamp(query)
    for _ in range(2):
        told("keep", size, str(token), "--authority", str(authority.root))

    assert Anchor.objects.count() == 1


def test_before_the_first_head_there_is_nothing_to_stamp(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        asked(tmp_path)
