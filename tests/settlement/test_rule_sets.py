"""The office's own rules: written by one, released by another, never for days that are paid."""

from __future__ import annotations

import json
import tomllib
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Grant, Organisation, Person, Place, Role
from accounts.step_up import Answer
from attest.errors import ClaimRefused, RulesRefused
from attest.log.leaf import read_leaf
from ledger.models import Outbox
from settlement.announcing import rule_files
from settlement.drafting import RELEASE, changes, release_hash
from settlement.models import RuleSet, Settlement
from settlement.paying import for_judging, judge
from settlement.services.draft_rules import draft_rules
from settlement.services.propose_rules import propose_rules
from settlement.services.release_rules import release_rules
from settlement.services.try_rules import try_rules
from tests.conftest import NOON, phone_of
from tests.settlement.desk import EVENING, batch_of, confirmed, ordered, pay, sign, travelled
from trips import rules
from trips.models import Trip
from trips.services.confirm import confirm

REASON = "시험시 여비 조례 개정"
FIRST = "2026-12-01"
RICHER = f"""# 시험시
[rule_set]
id = "kr-changwon"
version = "{FIRST}"
valid_from = {FIRST}
extends = "kr-changwon@2023-05-31"

[in_area]
full = 30000
day_cap = 30000
"""


@pytest.fixture
def oscar(iris: Person) -> Person:
    """A second administrator."""
    Grant.objects.create(person=iris, role=Role.ADMINISTRATOR, since=NOON - timedelta(days=1))
    return iris


@pytest.fixture
def proposed(olga: Person) -> RuleSet:
    return propose_rules(draft_rules(RICHER, by=olga, reason=REASON, now=NOON), by=olga, now=NOON)


def signed(by: Person, row: RuleSet) -> Answer:
    return Answer.read(sign(by, release_hash(row), action=RELEASE))


def released(row: RuleSet, by: Person, at: Any = EVENING) -> RuleSet:
    done = release_rules(row, by=by, signed=signed(by, row), now=at)
    # As when the deed is committed, which it never is in a test.
    rules.forget()
    return done


def sum_of(trip: Trip) -> int | None:
    return judge(for_judging(Trip.objects.all()).get(pk=trip.pk)).sum.won


def trip_on(day: str, ada: Person, bora: Person, site: Place) -> Trip:
    starts = NOON.replace(month=int(day[5:7]), day=int(day[8:]))
    trip = travelled(ordered(ada, bora, site, starts_at=starts))
    return confirm(trip, approver=bora, now=starts + timedelta(hours=6))


def test_what_is_written_or_proposed_changes_no_sum(
    proposed: RuleSet, ada: Person, bora: Person, site: Place
) -> None:
    assert sum_of(trip_on(FIRST, ada, bora, site)) == 20_000


def test_released_rules_pay_days_from_theirs_on_and_not_before(
    proposed: RuleSet, oscar: Person, ada: Person, bora: Person, site: Place
) -> None:
    released(proposed, oscar)

    assert sum_of(trip_on("2026-11-30", ada, bora, site)) == 20_000
    assert sum_of(trip_on(FIRST, ada, bora, site)) == 30_000


def test_the_release_is_in_the_log_and_its_file_in_every_bundle(
    proposed: RuleSet, oscar: Person
) -> None:
    released(proposed, oscar)

    leaf = read_leaf(bytes(Outbox.objects.latest("pk").entry))
    assert (leaf["t"], leaf["what"]) == ("config-change", "rule-set")
    assert (leaf["name"], leaf["from"]) == (f"kr-changwon@{FIRST}", FIRST)
    assert rule_files()[f"kr-changwon@{FIRST}"] == RICHER.encode()


def test_nobody_releases_what_they_wrote(proposed: RuleSet, olga: Person) -> None:
    with pytest.raises(RulesRefused, match="own"):
        released(proposed, olga)
    with pytest.raises(IntegrityError), transaction.atomic():
        RuleSet.objects.filter(pk=proposed.pk).update(state="released", released_by=olga)
    with pytest.raises(IntegrityError), transaction.atomic():
        RuleSet.objects.filter(pk=proposed.pk).update(state="released")


def test_a_draft_is_not_released_and_a_released_one_is_final(olga: Person, oscar: Person) -> None:
    row = draft_rules(RICHER, by=olga, reason=REASON, now=NOON)
    with pytest.raises(RulesRefused, match="frozen"):
        released(row, oscar)
    row = released(propose_rules(row, by=olga, now=NOON), oscar)
    with pytest.raises(RulesRefused, match="frozen"):
        released(row, oscar)
    with pytest.raises(RulesRefused, match="frozen"):
        propose_rules(row, by=olga, now=NOON)
    with pytest.raises(RulesRefused, match="frozen"):
        draft_rules(RICHER, by=olga, reason=REASON, now=NOON, instead=row)


def test_only_its_writer_changes_a_draft(olga: Person, oscar: Person) -> None:
    row = draft_rules(RICHER, by=olga, reason=REASON, now=NOON)
    poorer = RICHER.replace("full = 30000", "full = 10000")
    with pytest.raises(RulesRefused, match="own"):
        draft_rules(poorer, by=oscar, reason=REASON, now=NOON, instead=row)
    with pytest.raises(RulesRefused, match="own"):
        propose_rules(row, by=oscar, now=NOON)
    again = draft_rules(poorer, by=olga, reason=REASON, now=NOON, instead=row)
    assert (again.pk, tomllib.loads(again.toml)["in_area"]["full"]) == (row.pk, 10_000)


@pytest.mark.parametrize("day", ["2026-11-23", "2020-01-01"])
def test_rules_for_a_day_that_has_begun_are_too_early(
    day: str, olga: Person, oscar: Person
) -> None:
    text = RICHER.replace(FIRST, day)
    row = propose_rules(draft_rules(text, by=olga, reason=REASON, now=NOON), by=olga, now=NOON)
    with pytest.raises(RulesRefused, match="early"):
        released(row, oscar)


def test_a_trip_paid_into_its_days_holds_it_off(
    proposed: RuleSet, oscar: Person, felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    later = trip_on(FIRST, ada, bora, site)
    pay(felix, batch_of(felix, later))
    with pytest.raises(RulesRefused, match="early"):
        released(proposed, oscar)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (RICHER + "#" * 65_536, "size"),
        (RICHER.replace('id = "kr-changwon"', 'id = "kr-elsewhere"'), "elsewhere"),
    ],
)
def test_a_set_the_office_would_not_read_is_refused(text: str, why: str, olga: Person) -> None:
    with pytest.raises(RulesRefused, match=why):
        draft_rules(text, by=olga, reason=REASON, now=NOON)


@pytest.mark.parametrize(
    "text",
    [
        "[rule_set",
        "",
        RICHER.replace("full = 30000", "full = -1"),
        RICHER.replace("full = 30000", "fulll = 1"),
        RICHER.replace("kr-changwon@2023-05-31", "kr-changwon@1999-01-01"),
        RICHER.replace(f"valid_from = {FIRST}", "valid_from = tomorrow"),
    ],
)
def test_a_text_that_is_no_rule_set_is_told_its_faults(text: str, olga: Person) -> None:
    with pytest.raises(ClaimRefused) as refused:
        draft_rules(text, by=olga, reason=REASON, now=NOON)
    assert all(fault.ko and fault.en for fault in refused.value.faults)
    assert not RuleSet.objects.exists()


def test_a_name_is_given_once(olga: Person, proposed: RuleSet) -> None:
    with pytest.raises(RulesRefused, match="taken"):
        draft_rules(RICHER, by=olga, reason=REASON, now=NOON)


def test_a_released_text_changed_in_the_database_stops_every_sum(
    proposed: RuleSet, oscar: Person, ada: Person, bora: Person, site: Place
) -> None:
    released(proposed, oscar)
    trip = trip_on(FIRST, ada, bora, site)
    RuleSet.objects.update(toml=RICHER.replace("30000", "90000"))
    rules.forget()

    with pytest.raises(RulesRefused, match="altered"):
        sum_of(trip)


def test_what_if_names_the_trips_the_sum_and_the_reason(
    proposed: RuleSet, hall: Organisation, felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    trip = confirmed(ada, bora, site)
    pay(felix, batch_of(felix, trip))

    found = try_rules(proposed, office=hall, days=92, now=EVENING)

    assert (found.computed, found.changed, found.won, found.refused) == (1, 1, 10_000, 0)
    (row,) = found.rows
    assert (row.number, row.before, row.after) == (trip.number, 20_000, 30_000)
    assert "30,000" in row.lines[0]["why"]["ko"]
    assert Settlement.objects.get().total == 20_000


def test_what_changes_counts_what_is_handed_down(proposed: RuleSet, hall: Organisation) -> None:
    said = [(one.where, one.before, one.after) for one in changes(proposed, office=hall)]

    assert said == [("in_area.full", "20000", "30000"), ("in_area.day_cap", "20000", "30000")]


def api(person: Person, path: str = "", **body: Any) -> Any:
    return phone_of(person).post(f"/api/v1/rule-sets{path}", body, format="json")


def test_the_whole_way_over_the_api(olga: Person, oscar: Person) -> None:
    made = api(olga, toml=RICHER, reason=REASON, propose=True)
    assert (made.status_code, made.json()["state"]) == (201, "proposed")
    uid = made.json()["id"]
    assert api(olga, f"/{uid}/what-ifs").json()["computed"] == 0
    row = RuleSet.objects.get(uid=uid)
    refused = api(oscar, f"/{uid}/release", step_up={"id": uid, "proof": {}})
    assert refused.status_code == 400
    done = api(oscar, f"/{uid}/release", step_up=sign(oscar, release_hash(row), action=RELEASE))
    assert (done.status_code, done.json()["state"]) == (200, "released")
    listed = phone_of(oscar).get("/api/v1/rule-sets").json()["results"]
    assert [one["name"] for one in listed] == [f"kr-changwon@{FIRST}"]


def test_a_fault_is_told_over_the_api(olga: Person) -> None:
    answer = api(olga, toml="[rule_set", reason=REASON)

    assert (answer.status_code, answer.json()["code"]) == (400, "claim.refused")
    assert answer.json()["faults"][0]["code"] == "rules.text"


def test_the_whole_way_by_its_pages(olga: Person, oscar: Person) -> None:
    writer, other = phone_of(olga), phone_of(oscar)
    blank = writer.get("/manage/rules/").content.decode()
    assert "extends" in blank
    bad = writer.post("/manage/rules/", {"toml": "[x", "reason": REASON})
    assert bad.status_code == 400
    assert "[x" in bad.content.decode()
    text = RICHER.replace("\n", "\r\n")
    assert writer.post("/manage/rules/", {"toml": text, "reason": REASON}).status_code == 302
    row = RuleSet.objects.get()
    here = f"/manage/rules/{row.uid}/"
    assert row.toml == RICHER
    assert writer.get(f"{here}text/").content == RICHER.encode()
    assert "in_area.full" in writer.get(here).content.decode()
    assert writer.post(f"{here}what-if/").status_code == 200
    writer.post(f"{here}proposal/")
    assert f"{here}release/" not in writer.get(here).content.decode()
    assert f"{here}release/" in other.get(here).content.decode()
    step_up = json.dumps(sign(oscar, release_hash(row), action=RELEASE))
    other.post(f"{here}release/", {"step_up": step_up})
    row.refresh_from_db()
    assert row.state == "released"


def test_without_a_signature_nothing_is_released(proposed: RuleSet, oscar: Person) -> None:
    answer = phone_of(oscar).post(f"/manage/rules/{proposed.uid}/release/", {})

    assert answer.status_code == 403
    proposed.refresh_from_db()
    assert proposed.state == "proposed"
