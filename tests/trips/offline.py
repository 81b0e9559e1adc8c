"""A phone without a line: it keeps challenges, signs, queues and sends when the line is back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Device
from accounts.passkeys import unb64
from attest.record import signing_challenge
from tests.clock import Clock
from tests.device_key import SoftDeviceKey
from tests.trips.touches import CHALLENGES, CHECK_INS, Phone, facts_in, id_in, record_of
from trips.models import CheckIn, Trip
from vault.ids import uuid7

BATCHES = f"{CHECK_INS}/batches"


@dataclass(slots=True)
class Pocket:
    """*off_s*: how far the phone's clock is ahead. *device*: the key the challenges are for."""

    phone: Phone
    clock: Clock
    device: Device | None = None
    off_s: float = 0
    kept: list[dict[str, Any]] = field(default_factory=list)
    beacon: str = ""
    read_at: datetime | None = None

    def ask(self, trip: Trip | None, count: int = 5, *, held: bool = True) -> Any:
        body = {
            "trip": str(trip.uid) if trip else None,
            "count": count,
            "held": held,
            "device": str(self.device.uid) if self.device else None,
        }
        return self.phone.api.post(CHALLENGES, body, format="json")

    def stock(self, trip: Trip | None, count: int = 5, *, held: bool = True) -> None:
        """Before the line goes."""
        said = self.ask(trip, count, held=held).json()
        self.kept, self.beacon, self.read_at = said["challenges"], said["beacon"], self.clock()

    def clock_ms(self) -> int:
        return int((self.clock() + timedelta(seconds=self.off_s)).timestamp() * 1000)

    def mono_ms(self) -> int:
        assert self.read_at is not None
        return int((self.clock() - self.read_at).total_seconds() * 1000)

    def press(self, trip: Trip | None, kind: str = "arrive", **said: Any) -> dict[str, Any]:
        """Sign now, send later."""
        asked = said.pop("asked", None) or self.kept.pop(0)
        signer = said.pop("by", self.phone.key)
        record = record_of(trip, asked, kind=kind, **({"at_ms": self.clock_ms()} | said))
        proof = signer.sign(signing_challenge(record, unb64(asked["nonce"])))
        return {"id": id_in(record), "record": record, "proof": proof, "beacon": self.beacon}

    def send(self, *envelopes: dict[str, Any]) -> Any:
        """All that waited, in one batch."""
        queued = [{"sent_ms": self.clock_ms()} | one for one in envelopes]
        return self.phone.api.post(BATCHES, {"envelopes": queued}, format="json")

    def sent(self, *envelopes: dict[str, Any]) -> list[dict[str, Any]]:
        """The answers, each of which is a touch."""
        self.phone.sign_in()
        answers = self.send(*envelopes).json()["answers"]
        assert [one["refusal"] for one in answers] == [None] * len(envelopes)
        return [one["answer"] for one in answers]

    def kept_touch(self, envelope: dict[str, Any]) -> CheckIn:
        (answer,) = self.sent(envelope)
        return CheckIn.objects.get(uid=answer["id"])


def browser_of(phone: Phone, clock: Clock) -> SoftDeviceKey:
    """A device key of this phone's person, no news any more."""
    return SoftDeviceKey(phone.person).enrol(now=clock() - timedelta(days=20))


def fresh_id() -> str:
    return str(uuid7())


def reasons(answer: dict[str, Any]) -> set[str]:
    return {reason["code"] for reason in answer["reasons"]}


def weighed(touch: CheckIn) -> dict[str, Any]:
    """The facts it was weighed by last."""
    return facts_in(list(touch.assessments.all())[-1])
