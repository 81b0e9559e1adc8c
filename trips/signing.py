"""Who signed a touch, and how the question stands that they answered."""

from __future__ import annotations

from accounts import device_keys, passkeys
from accounts.models import Device, Person
from attest.record import Record, signing_challenge
from trips.delivery import Delivery
from trips.envelope import Envelope
from trips.facts import Asked, Signer, seconds_since
from trips.models import Challenge
from vault.together import claim


def asked_of(
    person: Person, record: Record, row: Challenge | None, signer: Signer, delivery: Delivery
) -> Asked:
    """How the challenge of *record* stands; a fresh one waits for the touch that uses it up."""
    if row is None:
        return Asked("unknown", 0, 1)
    age = seconds_since(row.issued_at, now=delivery.answered)
    trips = row.trip is None or row.trip.uid == record.trip
    if row.person_id != person.pk or not trips or not _on_its_device(row, signer):
        return Asked("foreign", age, row.life_s)
    if row.used_at is not None:
        return Asked("reused", age, row.life_s)
    row.used_at = delivery.received
    return Asked("fresh", age, row.life_s)


def use_up(row: Challenge | None, asked: Asked) -> None:
    """Only one touch finds it fresh: who was overtaken begins anew."""
    if row is not None and asked.state == "fresh":
        claim(row, "used_at")


def _on_its_device(row: Challenge, signer: Signer) -> bool:
    """Held for one phone, another phone's key does not answer it.

    A passkey may answer for the key of its browser: it asks for the person each time.
    """
    device = signer.assertion.device if signer.assertion else None
    if row.device is None or device is None or device.pk == row.device_id:
        return True
    return signer.kind == "passkey" and row.device.kind == Device.Kind.DEVICE_KEY


def signer_of(person: Person, envelope: Envelope, row: Challenge | None) -> Signer:
    """Who signed *envelope*, over the nonce of the challenge it names."""
    kind = str(envelope.proof["kind"])
    if kind == "none":
        return Signer(kind)
    challenge = signing_challenge(envelope.text, bytes(row.nonce) if row else b"")
    if kind == "device_key":
        key = device_keys.Proof.read(envelope.proof)
        return Signer(kind, device_keys.verify(key, person=person, challenge=challenge))
    proof = passkeys.Proof.read(envelope.proof)
    return Signer(kind, passkeys.verify(proof, person=person, challenge=challenge))
