"""Opening keys on loan: by an administrator's choice, to one desk, signed for and written down."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone

from accounts.models import Organisation, Person
from accounts.passkeys import b64, unb64
from attest import curves
from attest.log.leaf import read_leaf
from ledger.models import Access, Outbox
from settlement.lending import CHOICE, KEEP, LEASE, LEND, choice_hash, lease_hash
from settlement.models import DeskLease
from tests.conftest import phone_of
from tests.settlement.desk import sign

KEY = ec.derive_private_key(7, ec.SECP256R1())
POINT = curves.p256_point(KEY.public_key())
OTHER = curves.p256_point(ec.derive_private_key(8, ec.SECP256R1()).public_key())


@pytest.fixture
def lending(hall: Organisation) -> None:
    Organisation.objects.filter(pk=hall.pk).update(settings={"desk_keys": LEND})


def ask(clerk: Person, *, point: bytes = POINT, step_up: Any = None) -> Any:
    signed = step_up or sign(clerk, lease_hash(POINT), action=LEASE)
    body = {"desk": "창구 2", "point": b64(point), "step_up": signed}
    return phone_of(clerk).post("/api/v1/desk-leases", body, format="json")


def test_a_desk_borrows_for_three_days_and_it_is_written_down(lending: None, felix: Person) -> None:
    answer = ask(felix)

    assert answer.status_code == 201
    said, row = answer.json(), DeskLease.objects.get()
    assert [key["kid"] for key in said["keys"]] == ["4f01"]
    assert said["until"] == int(row.until.timestamp())
    assert row.until - row.at.replace(microsecond=0) == timedelta(hours=72)
    assert (row.clerk, row.desk, row.kids) == (felix, "창구 2", "4f01")
    assert bytes(row.digest) == sha256(POINT).digest()
    look = Access.objects.get()
    assert (look.actor, look.action, look.reference) == (felix, "desk-lease", str(row.uid))
    assert look.subjects.count() == 0
    leaf = read_leaf(bytes(Outbox.objects.latest("pk").entry))
    assert (leaf["t"], leaf["purpose"], leaf["count"]) == ("access", "settlement", 0)


def test_the_key_never_travels_bare(lending: None, felix: Person, key_folder: Any) -> None:
    answer = ask(felix)

    secret = (key_folder / "opening-keys.json").read_text().partition('"d": "')[2][:43]
    assert len(unb64(secret)) == 32
    assert secret not in answer.content.decode()
    for key in answer.json()["keys"]:
        assert unb64(secret) not in unb64(key["sealed"])


def test_an_office_that_never_chose_lends_nothing(felix: Person) -> None:
    answer = ask(felix)

    assert (answer.status_code, answer.json()["code"]) == (409, "lease.refused")
    assert not DeskLease.objects.exists()
    assert not Access.objects.exists()


def test_what_was_signed_for_one_desk_serves_no_other(lending: None, felix: Person) -> None:
    answer = ask(felix, point=OTHER)

    assert (answer.status_code, answer.json()["code"]) == (409, "step-up.batch-changed")
    assert not DeskLease.objects.exists()


def test_a_signature_serves_once(lending: None, felix: Person) -> None:
    signed = sign(felix, lease_hash(POINT), action=LEASE)
    assert ask(felix, step_up=signed).status_code == 201

    answer = ask(felix, step_up=signed)

    assert (answer.status_code, answer.json()["code"]) == (403, "step-up.refused")
    assert DeskLease.objects.count() == 1


def test_a_signature_for_another_deed_lends_nothing(lending: None, felix: Person) -> None:
    answer = ask(felix, step_up=sign(felix, lease_hash(POINT), action="settle"))

    assert answer.status_code == 403
    assert not DeskLease.objects.exists()


def test_a_point_off_the_curve_is_refused(lending: None, felix: Person) -> None:
    answer = ask(felix, point=b"\x04" + bytes(64))

    assert (answer.status_code, answer.json()["code"]) == (400, "record.malformed")


def test_a_desk_that_asks_and_asks_is_told_to_wait(lending: None, felix: Person) -> None:
    codes = [ask(felix, point=OTHER).status_code for _ in range(7)]

    assert codes == [409] * 6 + [429]


@pytest.mark.parametrize("name", ["mallory", "iris", "olga"])
def test_who_is_no_clerk_borrows_nothing(
    lending: None, name: str, request: pytest.FixtureRequest
) -> None:
    assert ask(request.getfixturevalue(name)).status_code == 403
    assert not DeskLease.objects.exists()


# --- the administrator's choice ----------------------------------------------------------------


def choose(by: Person, choice: str, *, action: str = CHOICE) -> Any:
    signed = sign(by, choice_hash(by.organisation, choice), action=action)
    return phone_of(by).post("/manage/desks/", {"step_up": _text(signed)})


def _text(signed: dict[str, Any]) -> str:
    return str(signed).replace("'", '"')


def test_an_administrator_lets_desks_borrow_and_ends_it(olga: Person, felix: Person) -> None:
    assert choose(olga, LEND).status_code == 302
    assert ask(felix).status_code == 201

    olga = Person.objects.get(pk=olga.pk)
    assert choose(olga, KEEP).status_code == 302
    felix = Person.objects.get(pk=felix.pk)
    assert ask(felix).json()["code"] == "lease.refused"


def test_a_choice_is_a_leaf_of_the_log(olga: Person) -> None:
    choose(olga, LEND)

    leaf = read_leaf(bytes(Outbox.objects.latest("pk").entry))
    assert (leaf["t"], leaf["what"], leaf["name"]) == ("config-change", "setting", "desk-keys-lend")


def test_a_page_that_is_old_changes_nothing_back(olga: Person, lending: None) -> None:
    olga = Person.objects.get(pk=olga.pk)

    assert choose(olga, LEND).status_code == 409
    assert Organisation.objects.get(pk=olga.organisation_id).settings == {"desk_keys": LEND}


def test_an_administrator_sees_who_borrowed(
    olga: Person, lending: None, felix: Person, django_assert_max_num_queries: Any
) -> None:
    ask(felix)
    DeskLease.objects.create(
        organisation=felix.organisation,
        clerk=felix,
        desk="옛 창구",
        digest=bytes(32),
        kids="4f01",
        at=timezone.now() - timedelta(days=9),
        until=timezone.now() - timedelta(days=6),
    )
    desk = phone_of(olga)

    with django_assert_max_num_queries(9):
        page = desk.get("/manage/desks/").content.decode()

    assert "창구 2" in page
    assert "옛 창구" in page
    assert felix.name in page
