"""A phone in software: it asks, signs and sends as the page does; every word can be set wrong."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self
from uuid import UUID

from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Person
from accounts.passkeys import unb64
from attest.record import canonical, signing_challenge
from tests.authenticator import SoftAuthenticator
from tests.conftest import phone_of
from trips.models import Assessment, CheckIn, Trip
from vault.ids import uuid7

CHALLENGES = "/api/v1/check-ins/challenges"
CHECK_INS = "/api/v1/check-ins"

# Inside the site, and with digits that stand nowhere else by chance.
LAT_E7, LON_E7 = 352_537_519, 1_286_404_273


@dataclass(frozen=True, slots=True)
class Phone:
    person: Person
    key: SoftAuthenticator
    api: APIClient

    @classmethod
    def of(cls, person: Person, **said: Any) -> Self:
        """Enrolled long enough ago to be no news."""
        key = SoftAuthenticator(person, **said).enrol(now=timezone.now() - timedelta(days=20))
        return cls(person, key, phone_of(person))

    def sign_in(self) -> None:
        """Once more, after the session was over."""
        self.api.force_login(self.person, backend="accounts.backends.NumberBackend")

    def ask(self, trip: Trip | None) -> dict[str, Any]:
        """A fresh challenge."""
        body = {"trip": str(trip.uid) if trip else None}
        answer = self.api.post(CHALLENGES, body, format="json")
        return dict(answer.json()["challenges"][0])

    def envelope(self, trip: Trip | None, **said: Any) -> dict[str, Any]:
        """One press of the button, signed and not yet sent."""
        asked = said.pop("asked", None) or self.ask(trip)
        return self.sealed(record_of(trip, asked, **said), asked)

    def sealed(self, record: str, asked: dict[str, Any], **said: Any) -> dict[str, Any]:
        proof = self.key.sign(signing_challenge(record, unb64(asked["nonce"])), **said)
        return {"id": id_in(record), "record": record, "proof": proof}

    def send(self, envelope: dict[str, Any]) -> Any:
        return self.api.post(CHECK_INS, envelope, format="json")

    def post(
        self, path: str, body: bytes = b"", kind: str = "application/json", **said: Any
    ) -> Any:
        """Bytes as they are, whatever they are; *said* writes over what the server is told."""
        api: Any = self.api
        return api.generic("POST", path, body, content_type=kind, **said)

    def touch(self, trip: Trip | None, kind: str = "arrive", **said: Any) -> Any:
        return self.send(self.envelope(trip, kind=kind, **said))

    def touched(self, trip: Trip | None, kind: str = "arrive", **said: Any) -> CheckIn:
        """The row of a touch that was kept."""
        answer = self.touch(trip, kind, **said)
        assert answer.status_code == 201, answer.content
        return CheckIn.objects.get(uid=answer.json()["id"])

    def take_back(self, touch: CheckIn) -> Any:
        return self.api.post(f"{CHECK_INS}/{touch.uid}/withdrawal")


def now_ms() -> int:
    return int(timezone.now().timestamp() * 1000)


def record_of(trip: Trip | None, asked: dict[str, Any], **said: Any) -> str:
    """The canonical text; *said* writes over any of its fields."""
    value = {
        "at_ms": now_ms(),
        "challenge": asked["id"],
        "device": {"form": "phone", "utc_offset_min": 540, "motion": "seen"},
        "errors_between": 0,
        "fixes": fixes_of(),
        "id": str(uuid7()),
        "kind": "arrive",
        "mono_ms": None,
        "photo_sha256": None,
        "repair": False,
        "site": None,
        "state": "given",
        "trip": str(trip.uid) if trip else None,
        "v": 1,
    }
    return canonical(value | said)


def fixes_of(lat_e7: int = LAT_E7, lon_e7: int = LON_E7, *, count: int = 5) -> list[dict[str, Any]]:
    """A phone held in a hand: no two positions are the same, the second is the best."""
    at = now_ms()
    return [
        {
            "lat_e7": lat_e7 + 97 * step,
            "lon_e7": lon_e7 - 131 * step,
            "acc_cm": 1_240 + 310 * abs(step),
            "alt_cm": 4_820 + 60 * step,
            "altacc_cm": 900,
            "fix_ms": at - 4_000 + 1_000 * step,
            "seen_ms": at - 3_900 + 1_000 * step,
        }
        for step in range(-1, count - 1)
    ]


def without_position(state: str) -> dict[str, Any]:
    return {"state": state, "fixes": []}


def unsigned(trip: Trip | None, asked: dict[str, Any], **said: Any) -> dict[str, Any]:
    """What a browser sends that has no passkey."""
    record = record_of(trip, asked, **said)
    return {"id": id_in(record), "record": record, "proof": {"kind": "none"}}


def id_in(record: str) -> str:
    _, _, rest = record.partition('"id":"')
    return str(UUID(rest[:36]))


def codes(answer: Any) -> set[str]:
    return {reason["code"] for reason in answer.json()["reasons"]}


def facts_in(row: Assessment) -> dict[str, Any]:
    """What *row* was weighed by; it must not be erased."""
    box = row.box()
    assert box is not None
    facts: dict[str, Any] = json.loads(box.open())
    return facts
