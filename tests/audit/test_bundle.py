"""Iris takes the proof away: what an office really did, judged on a machine of her own."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Person, Place
from attest.bundle.archive import Archive
from attest.bundle.asked import Asked, Report
from attest.bundle.parts import Desk
from attest.bundle.verify import verify
from attest.errors import LogInconsistent
from attest.log.note import sign_note
from attest.log.proof import Checkpoint as Head
from attest.log.strict64 import decode64
from attest.log.trust import Trust
from audit.bundling import bundle_of
from audit.models import Export
from ledger.guarding import lowered
from ledger.models import AccessSubject, Checkpoint, Leaf, Opening, Outbox
from ledger.sequencer import tree
from ledger.services.sequence import sequence
from ledger.signer import publish
from tests.attest.bundle.town import codes, members
from tests.audit.office import REASON, ask, content_of, take, taken, trips_of
from tests.conftest import NOON
from tests.settlement.desk import EVENING, batch_of, confirmed, ordered, pay, travelled
from trips.models import Trip
from vault import keyring

LATER = datetime(2027, 6, 1, tzinfo=UTC)


@pytest.fixture
def trust() -> Trust:
    """What the office printed for her, once, before any of this."""
    out = StringIO()
    call_command("ledger_trust", stdout=out)
    return Trust.parse(out.getvalue())


@pytest.fixture
def payable(ada: Person, bora: Person, site: Place) -> Trip:
    return confirmed(ada, bora, site)


@pytest.fixture
def paid(felix: Person, payable: Trip) -> Trip:
    pay(felix, batch_of(felix, payable))
    return Trip.objects.get(pk=payable.pk)


def judged(raw: bytes, trust: Trust, **said: Any) -> Report:
    return verify(Archive(BytesIO(raw)), Asked(trust=trust, now=LATER, **said))


def failures(report: Report) -> list[str]:
    return [one.en for one in report.findings if one.severity == "fail"]


def leaves() -> list[dict[str, Any]]:
    placed = Leaf.objects.order_by("index").values_list("entry", flat=True)
    waiting = Outbox.objects.order_by("pk").values_list("entry", flat=True)
    return [json.loads(bytes(entry)) for entry in (*placed, *waiting)]


def test_what_an_office_did_verifies_far_from_it(iris: Person, paid: Trip, trust: Trust) -> None:
    raw = taken(iris, form="zip")
    report = judged(raw, trust)

    assert failures(report) == []
    said = report.as_dict()
    assert (said["exit"], said["total"]) == (0, 20_000)
    assert said["origin"] == "localhost:8000/log"
    assert said["range"][1] - said["range"][0] == said["rows"]
    assert codes(report, "warn") <= {"anchor.none", "time.silence", "time.step"}


def test_the_sum_is_computed_again_from_the_rules_inside(
    iris: Person, paid: Trip, trust: Trust
) -> None:
    files = members(taken(iris, form="zip"))

    assert b'"kr-changwon"' in files["rules/kr-changwon@2023-05-31.toml"]
    announced = [leaf["name"] for leaf in leaves() if leaf.get("what") == "rule-set"]
    assert len(announced) == len(set(announced)) == len([n for n in files if n.endswith(".toml")])
    assert b",20000,20000," in files["data/lines.csv"]


def test_rules_are_announced_once_however_often_is_settled(
    felix: Person, ada: Person, bora: Person, site: Place, paid: Trip
) -> None:
    before = len(leaves())
    other = confirmed(ada, bora, site, starts_at=NOON + timedelta(days=1))
    pay(felix, batch_of(felix, other))

    assert len([leaf for leaf in leaves()[before:] if leaf.get("what") == "rule-set"]) == 0


def test_only_what_was_searched_is_open_the_rest_is_sealed_whole(
    iris: Person, ada: Person, mallory: Person, bora: Person, site: Place, trust: Trust
) -> None:
    travelled(ordered(ada, bora, site))
    confirmed(mallory, bora, site)
    raw = taken(iris, form="zip", filters={"person": "ada"})
    report, text = judged(raw, trust), members(raw)["data/leaves.jsonl"].decode()

    assert failures(report) == []
    assert report.counts.sealed > 0
    assert '"name":"ada"' in text
    assert "mallory" not in text
    assert mallory.ref not in text


def test_no_precise_position_is_in_it(iris: Person, paid: Trip, trust: Trust) -> None:
    files = members(taken(iris, form="zip"))

    assert b"lat_e6" not in files["data/leaves.jsonl"]
    assert judged(taken(iris, form="zip"), trust).counts.withheld > 0


def test_everybody_in_it_reads_of_it_and_the_log_knows(
    iris: Person, ada: Person, paid: Trip
) -> None:
    raw = taken(iris, form="zip")

    look = AccessSubject.objects.get(person=ada, access__action="export")
    assert (look.access.reason, look.access.purpose) == (REASON, "regular-audit")
    asked, done = [leaf for leaf in leaves() if leaf["t"] == "export"]
    files = members(raw)
    request = json.loads(files["request.json"])
    assert (asked["from"], asked["to"]) == (request["from"], request["to"])
    assert asked["nonce"] == done["nonce"] == request["nonce"]
    assert decode64(done["manifest"]) == sha256(files["tagmanifest-sha256.txt"]).digest()
    export = Export.objects.get()
    assert (export.state, export.sha256) == ("ready", sha256(raw).hexdigest())


def test_taken_twice_it_is_the_same_file_and_one_leaf(iris: Person, paid: Trip) -> None:
    export = ask(iris, form="zip").json()["id"]
    first = content_of(take(iris, export))
    second = content_of(take(iris, export))

    assert first == second
    assert [leaf["phase"] for leaf in leaves() if leaf["t"] == "export"] == ["request", "done"]


def test_it_is_named_after_log_range_and_request(iris: Person, paid: Trip) -> None:
    answer = take(iris, ask(iris, form="zip").json()["id"])
    content_of(answer)

    export = Export.objects.get()
    name = f"{export.start}-{export.stop}-{export.size}-{export.nonce[:8]}.zip"
    assert answer["Content-Type"] == "application/zip"
    wanted = f'attachment; filename="tripseal-localhost-8000-log-{name}"'
    assert answer["Content-Disposition"] == wanted
    assert answer["Cache-Control"] == "no-store"


def test_trips_without_a_leaf_make_no_bundle(iris: Person, ada: Person, bora: Person) -> None:
    trips_of(ada, bora, 2)
    answer = ask(iris, form="zip")

    assert (answer.status_code, answer.json()["code"]) == (400, "export.refused")
    assert not Export.objects.exists()


def test_more_leaves_than_one_bundle_holds_are_refused(
    iris: Person, paid: Trip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.bundling.MOST_LEAVES", 3)

    assert ask(iris, form="zip").json()["code"] == "export.refused"


def test_a_bundle_asks_as_often_for_many_leaves_as_for_few(
    iris: Person, ada: Person, bora: Person, site: Place, paid: Trip
) -> None:
    def asked() -> int:
        export = Export.objects.get(uid=ask(iris, form="zip").json()["id"])
        with CaptureQueriesContext(connection) as queries:
            bundle_of(export, shelf=Desk())
        return len([q for q in queries if "ledger_tile" not in q["sql"]])

    few = asked()
    for day in (1, 2, 3):
        travelled(ordered(ada, bora, site, starts_at=NOON + timedelta(days=day)))

    assert asked() <= few + 2


# -- against the database itself ---------------------------------------------------------


@pytest.fixture
def forged(paid: Trip) -> Leaf:
    """Somebody with the database adds a won, and rebuilds nothing yet."""
    sequence(now=EVENING)
    return Leaf.objects.get(leaf_hash=bytes(paid.settlements.get().leaf_hash))


def test_a_leaf_exchanged_in_the_database_is_found(
    iris: Person, forged: Leaf, trust: Trust
) -> None:
    entry = bytes(forged.entry).replace(b'"count":', b'"count": ')
    with lowered():
        Leaf.objects.filter(pk=forged.pk).update(entry=entry)

    assert take(iris, ask(iris, form="zip").json()["id"]).status_code == 404
    assert Export.objects.get().state == "failed"


def test_another_count_in_the_database_is_found(iris: Person, forged: Leaf, trust: Trust) -> None:
    old = b'"count":%d' % json.loads(bytes(forged.entry))["count"]
    entry = bytes(forged.entry).replace(old, b'"count":99')
    with lowered():
        Leaf.objects.filter(pk=forged.pk).update(entry=entry)

    found = codes(judged(taken(iris, form="zip"), trust))
    assert {"proof.range_root", "trip.settlement_count"} <= found


def test_an_opening_exchanged_for_another_does_not_even_open(iris: Person, forged: Leaf) -> None:
    row = Opening.objects.get(leaf_hash=bytes(forged.leaf_hash), group="biz")
    other = Opening.objects.filter(group="biz").exclude(pk=row.pk).first()
    assert other
    Opening.objects.filter(pk=row.pk).update(nonce=other.nonce, sealed=other.sealed, dek=other.dek)

    assert take(iris, ask(iris, form="zip").json()["id"]).status_code == 404
    assert (Export.objects.get().state, Export.objects.get().why) == ("failed", "sealed.broken")


def test_an_opening_deleted_is_called_erased_and_no_erasure_covers_it(
    iris: Person, forged: Leaf, trust: Trust
) -> None:
    Opening.objects.filter(leaf_hash=bytes(forged.leaf_hash), group="biz").delete()

    report = judged(taken(iris, form="zip"), trust)
    assert codes(report) == {"erasure.range"}


def test_a_leaf_deleted_in_the_database_makes_no_bundle_that_holds(
    iris: Person, forged: Leaf, trust: Trust
) -> None:
    export = ask(iris, form="zip").json()["id"]
    with lowered():
        Leaf.objects.filter(pk=forged.pk - 1).delete()

    report = judged(content_of(take(iris, export)), trust)
    assert "proof.shape" in codes(report)


def test_a_history_rewritten_with_the_stolen_keys_is_found_by_a_kept_checkpoint(
    iris: Person, paid: Trip, trust: Trust
) -> None:
    sequence(now=EVENING)
    kept = Checkpoint.objects.order_by("-size")[0].note
    head = Head.parse(kept.partition("\n\n")[0] + "\n")
    other = sign_note(Head(head.origin, head.size, bytes(32)).text(), keyring.log_signers())
    raw = taken(iris, form="zip")

    assert codes(judged(raw, trust, since=kept)) == {"checkpoint.inconsistent"}
    assert codes(judged(raw, trust, since=other)) == {"checkpoint.inconsistent"}


def test_a_smaller_log_is_never_signed(paid: Trip) -> None:
    size = sequence(now=EVENING)
    with pytest.raises(LogInconsistent):
        publish(tree(size - 1), origin="localhost:8000/log", root=bytes(32), now=LATER)
