"""Keys that sign for a person, and a fresh signature for one deed."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Person
from vault.ids import uuid7


class Device(models.Model):
    """A key that signs for a person: a passkey, or a browser's own key."""

    class Kind(models.TextChoices):
        PASSKEY = "passkey", _("passkey")
        DEVICE_KEY = "device_key", _("device key")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        LIVE = "live", _("live")
        RETIRED = "retired", _("retired")
        REVOKED = "revoked", _("revoked")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="devices")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=50)
    credential_id = models.BinaryField(null=True, unique=True)
    public_key = models.BinaryField(unique=True)  # SPKI DER
    digest = models.BinaryField(max_length=12)  # first 12 bytes of its SHA-256: the token's device
    synced = models.BooleanField(default=False)
    state = models.CharField(max_length=7, choices=State.choices, default=State.LIVE)
    enrolled_at = models.DateTimeField()
    # Since when it signs nothing that counts: revoked, or retired for a newer key.
    revoked_at = models.DateTimeField(null=True, blank=True)
    # The key of the same browser that retires once this one is live.
    replaces = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")

    @property
    def key_id(self) -> bytes:
        """How a proof names a device key."""
        return bytes(self.digest)


class StepUp(models.Model):
    """A fresh signature asked for one deed over one batch. It can be used once."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    action = models.CharField(max_length=30)
    batch_hash = models.BinaryField(max_length=32)
    nonce = models.BinaryField(max_length=32, unique=True)
    issued_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
