"""Weights: a draft judges nothing; two administrators, a day to come, and old verdicts stay."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import Grant, Organisation, Person, Role
from accounts.step_up import Answer
from attest.commands.shipped import NEWEST_WEIGHTS, weights_text
from attest.errors import BatchChanged, WeightsRefused
from attest.evidence import assess, facts_from
from attest.log.leaf import read_leaf
from ledger.models import Access, AccessSubject, Outbox
from ledger.services.disclose import Reader
from tests.clock import Clock
from tests.conftest import NOON
from tests.settlement.desk import sign
from tests.trips.touches import Phone, facts_in
from trips import weighing
from trips.models import Trip, WeightSet
from trips.services.draft_weights import draft_weights
from trips.services.release_weights import release_weights
from trips.services.try_weights import try_weights

REASON = "현장 코드가 있는 곳이 늘었습니다"
TOMORROW = NOON + timedelta(hours=12)  # midnight in Seoul


def changed(version: str = "2026.12-1", **points: int) -> str:
    """The shipped file with another version, and other points where told."""
    said = json.loads(weights_text())
    said["weights_version"] = version
    for code, value in points.items():
        said["support"][code.replace("__", ".").replace("_", "-")]["points"] = value
    return json.dumps(said, ensure_ascii=False)


HARDER = changed(where__inside_fine=10)


@pytest.fixture
def oscar(bora: Person) -> Person:
    """A second administrator, who approves too."""
    Grant.objects.create(person=bora, role=Role.ADMINISTRATOR, since=NOON - timedelta(days=1))
    return bora


@pytest.fixture
def draft(olga: Person) -> WeightSet:
    return draft_weights(HARDER, by=olga, reason=REASON, now=NOON)


def signed(by: Person, row: WeightSet, since: Any = TOMORROW) -> Answer:
    said = sign(by, weighing.release_hash(row, since), action=weighing.RELEASE)
    return Answer.read(said)


def released(row: WeightSet, by: Person, clock: Clock) -> WeightSet:
    return release_weights(row, by=by, signed=signed(by, row), since=TOMORROW, now=clock())


def test_a_draft_judges_nothing(draft: WeightSet, phone: Phone, trip: Trip) -> None:
    touch = phone.touched(trip)

    assert touch.assessments.get().weights_version == NEWEST_WEIGHTS


def test_a_released_version_judges_from_its_day_on_and_not_before(
    draft: WeightSet, oscar: Person, phone: Phone, trip: Trip, clock: Clock
) -> None:
    released(draft, oscar, clock)
    before = phone.touched(trip).assessments.get()
    clock.later(hours=12)
    phone.sign_in()
    after = phone.touched(trip, "stop").assessments.get()

    assert (before.weights_version, after.weights_version) == (NEWEST_WEIGHTS, "2026.12-1")
    assert after.support < before.support


def test_its_release_is_in_the_log_with_its_bytes(
    draft: WeightSet, oscar: Person, clock: Clock
) -> None:
    released(draft, oscar, clock)

    leaf = read_leaf(bytes(Outbox.objects.latest("pk").entry))
    assert (leaf["t"], leaf["what"], leaf["name"]) == ("config-change", "weights", "2026.12-1")
    assert leaf["from"] == "2026-11-23T15:00:00.000000Z"


def test_an_old_verdict_is_computed_again_bit_for_bit(
    draft: WeightSet, oscar: Person, phone: Phone, trip: Trip, clock: Clock
) -> None:
    released(draft, oscar, clock)
    clock.later(hours=12)
    phone.sign_in()
    row = phone.touched(trip).assessments.get()

    judged = assess(facts_from(facts_in(row)), weighing.by_version(row.weights_version))

    assert row.weights_version == "2026.12-1"
    assert json.loads(judged.as_json()) | {"families": 0} == {
        "v": 1,
        "weights_version": row.weights_version,
        "verdict": row.verdict,
        "support": row.support,
        "concern": row.concern,
        "reasons": row.reasons,
        "missing_mode": row.missing_mode or None,
        "missing": row.missing,
        "families": 0,
    }


def test_nobody_releases_what_they_wrote(draft: WeightSet, olga: Person, clock: Clock) -> None:
    with pytest.raises(WeightsRefused, match="own"):
        released(draft, olga, clock)

    with pytest.raises(IntegrityError), transaction.atomic():
        WeightSet.objects.filter(pk=draft.pk).update(released_by=olga, since=TOMORROW)
    assert weighing.version_at(TOMORROW) == NEWEST_WEIGHTS


@pytest.mark.parametrize("early", [timedelta(0), weighing.NOTICE - timedelta(seconds=1)])
def test_it_cannot_begin_before_every_process_knows(
    early: timedelta, draft: WeightSet, oscar: Person
) -> None:
    since = NOON + early
    with pytest.raises(WeightsRefused, match="soon"):
        release_weights(draft, by=oscar, signed=signed(oscar, draft, since), since=since, now=NOON)
    since = NOON + weighing.NOTICE
    release_weights(draft, by=oscar, signed=signed(oscar, draft, since), since=since, now=NOON)


def test_what_was_signed_for_one_day_holds_for_no_other(draft: WeightSet, oscar: Person) -> None:
    later = TOMORROW + timedelta(days=1)
    with pytest.raises(BatchChanged):
        release_weights(draft, by=oscar, signed=signed(oscar, draft), since=later, now=NOON)
    draft.refresh_from_db()
    assert draft.since is None


def test_a_release_is_final(draft: WeightSet, oscar: Person, clock: Clock) -> None:
    released(draft, oscar, clock)
    with pytest.raises(WeightsRefused, match="released"):
        released(draft, oscar, clock)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "shape"),
        ("[]", "shape"),
        (weights_text(), "taken"),
        (changed("next"), "version"),
        (changed("2026.12-1\n"), "version"),
        (changed().replace('"env.desktop"', '"env.laptop"'), "rules"),
        (changed(where__inside_fine=101), "shape"),
        (changed() + " " * weighing.BYTES_LIMIT, "shape"),
    ],
)
def test_a_file_that_does_not_hold_together_is_refused(text: str, why: str, olga: Person) -> None:
    with pytest.raises(WeightsRefused) as refused:
        draft_weights(text, by=olga, reason=REASON, now=NOON)

    assert refused.value.why == why
    assert not WeightSet.objects.exists()


def test_a_text_changed_in_the_database_judges_nothing(
    draft: WeightSet, oscar: Person, clock: Clock
) -> None:
    released(draft, oscar, clock)
    WeightSet.objects.update(text=changed(where__inside_fine=33))

    with pytest.raises(WeightsRefused, match="altered"):
        weighing.stored("2026.12-1")


def test_a_draft_is_tried_over_touches_and_they_read_of_it(
    draft: WeightSet, olga: Person, hall: Organisation, phone: Phone, trip: Trip, clock: Clock
) -> None:
    phone.touched(trip)
    clock.later(minutes=10)

    found = try_weights(
        draft, office=hall, reader=Reader(olga, "administrator"), days=30, now=clock()
    )

    assert found.weighed == 1
    assert found.changed == 1
    assert found.rules["where.inside-fine", -15] == 1
    assert AccessSubject.objects.get(access__action="weights.trial").person == phone.person
    assert Access.objects.get(action="weights.trial").purpose == "weights"


def test_what_is_older_or_withdrawn_is_not_tried(
    draft: WeightSet, olga: Person, hall: Organisation, phone: Phone, trip: Trip, clock: Clock
) -> None:
    phone.take_back(phone.touched(trip))
    clock.later(days=40)

    reader = Reader(olga, "administrator")
    assert try_weights(draft, office=hall, reader=reader, days=30, now=clock()).weighed == 0
    assert not Access.objects.exists()


def door(person: Person) -> Client:
    client = Client()
    client.force_login(person, backend="accounts.backends.NumberBackend")
    return client


def upload(client: Client, text: str, reason: str = REASON) -> Any:
    file = SimpleUploadedFile("weights.json", text.encode())
    return client.post("/manage/weights/", {"file": file, "reason": reason})


def test_the_whole_way_by_its_pages(
    olga: Person, oscar: Person, phone: Phone, trip: Trip, clock: Clock
) -> None:
    phone.touched(trip)
    writer, releaser = door(olga), door(oscar)
    start = writer.get("/manage/weights/text/")
    assert json.loads(start.content)["weights_version"] == NEWEST_WEIGHTS
    assert upload(writer, HARDER).status_code == 302
    row = WeightSet.objects.get()
    here = f"/manage/weights/{row.uid}/"
    page = writer.get(here).content.decode()
    assert "where.inside-fine.points" in page.replace("support.", "")
    assert "step-up" not in page.partition("<main")[2].replace("js/elements/step-up", "")
    tried = writer.post(f"{here}trial/").content.decode()
    assert "where.inside-fine" in tried
    day = TOMORROW.date() + timedelta(days=1)
    answer = sign(oscar, weighing.release_hash(row, TOMORROW), action=weighing.RELEASE)
    releaser.post(f"{here}release/", {"since": str(day), "step_up": json.dumps(answer)})
    row.refresh_from_db()
    assert (row.released_by, row.since) == (oscar, TOMORROW)


def test_a_bad_file_and_a_bare_reason_are_told_and_kept_nowhere(olga: Person) -> None:
    assert upload(door(olga), "{").status_code == 400
    assert upload(door(olga), HARDER, reason="짧다").status_code == 400
    assert not WeightSet.objects.exists()


def test_who_does_not_administer_sees_none_of_it(draft: WeightSet, iris: Person) -> None:
    client = door(iris)
    for page in ("", "text/", f"{draft.uid}/"):
        assert client.get(f"/manage/weights/{page}").status_code == 403
    for deed in ("trial", "release"):
        assert client.post(f"/manage/weights/{draft.uid}/{deed}/").status_code == 403
