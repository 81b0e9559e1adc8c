"""Rows of the log (log.md §7), of the access diary, and of what is published about keys.

deed ── Outbox ──(sequencer)── Leaf ── Tile ── Head ── Checkpoint
          └── Opening: salt and value of each commitment, sealed

rotation ── Published: the KeySet          withdrawal ── Revoked ── Published: the status list
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from vault.ids import uuid7
from vault.sealed import Box


class Outbox(models.Model):
    """A leaf that was committed with its deed and waits for its place in the tree."""

    entry = models.BinaryField(max_length=4096)
    leaf_hash = models.BinaryField(max_length=32, unique=True)
    at = models.DateTimeField()


class Leaf(models.Model):
    index = models.BigIntegerField(primary_key=True)
    entry = models.BinaryField(max_length=4096)
    leaf_hash = models.BinaryField(max_length=32, unique=True)
    # Empty for what the sequencer itself put in: log start, heartbeat, clock step.
    outbox_id = models.BigIntegerField(null=True, unique=True)


class Tile(models.Model):
    level = models.SmallIntegerField()
    n = models.BigIntegerField()
    data = models.BinaryField(max_length=8192)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["level", "n"], name="a_tile_stands_once"),
        ]


class Head(models.Model):
    """One row: how far the tree has grown."""

    size = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    latest_at = models.DateTimeField()
    beat_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(pk=1), name="the_log_has_one_head"),
        ]


class Checkpoint(models.Model):
    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=32)
    note = models.TextField()
    signed_at = models.DateTimeField()


class Witness(models.Model):
    """Somebody outside who cosigns heads; whom auditors believe stands in their own files."""

    name = models.CharField(max_length=200, primary_key=True)
    vkey = models.CharField(max_length=400, unique=True)
    active = models.BooleanField(default=True)
    # SHA-256 of what it shows to read the log and to hand its lines in; empty: nothing.
    token = models.BinaryField(max_length=32, default=b"")


class Anchor(models.Model):
    """Somebody outside saw a head, and when.

    *blob*: the line of a witness, or a time-stamp token over the head's text; of a copy that
    was sent, the text itself.
    """

    class Kind(models.TextChoices):
        WITNESS = "witness"
        STAMP = "rfc3161"
        MAIL = "mail"
        SYSLOG = "syslog"

    # A copy is an anchor only in the hands of whoever keeps it.
    INDEPENDENT: ClassVar = (Kind.WITNESS, Kind.STAMP)

    size = models.BigIntegerField()
    kind = models.CharField(max_length=20, choices=Kind.choices)
    blob = models.BinaryField(max_length=65536)
    digest = models.BinaryField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["size", "kind", "digest"], name="an_anchor_is_kept_once"
            ),
        ]


class Opening(models.Model):
    """What a commitment hides: ``salt ‖ canonical value``, under a key that can be destroyed."""

    leaf_hash = models.BinaryField(max_length=32)
    group = models.CharField(max_length=3)
    dek = models.CharField(max_length=60)
    nonce = models.BinaryField(max_length=12)
    sealed = models.BinaryField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["leaf_hash", "group"], name="a_group_opens_once"),
        ]


class Doomed(models.Model):
    """A data key that sealed what was erased. It goes once nothing else needs it."""

    key = models.CharField(max_length=60, unique=True)
    since = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True)
    # The database's own files were cleaned of what it had sealed.
    wiped_at = models.DateTimeField(null=True)


class Landmark(models.Model):
    """A leaf that a bundle must find again however far off: a rule, a rotation, an erasure."""

    leaf_hash = models.BinaryField(max_length=32, unique=True)
    t = models.CharField(max_length=14)
    name = models.CharField(max_length=100, blank=True)
    sha256 = models.BinaryField(max_length=32)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            # Asked for with every head that is signed.
            models.Index(fields=["t"], condition=Q(t="key-rotation"), name="landmark_rotation"),
        ]


class TripHead(models.Model):
    """The last leaf of a trip; its lock keeps the leaves of one trip in a row."""

    trip = models.CharField(max_length=33, primary_key=True)
    n = models.IntegerField()
    leaf_hash = models.BinaryField(max_length=32)
    # Every leaf hash of the trip in order: a settlement's digest covers them all.
    hashes = models.BinaryField()


class Access(models.Model):
    """The diary: somebody looked at others' data. Written before the data is shown."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    role = models.CharField(max_length=13)
    source = models.BinaryField()
    method = models.CharField(max_length=6)
    action = models.CharField(max_length=40)
    purpose = models.CharField(max_length=40)
    reason = models.CharField(max_length=500, blank=True)
    reference = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField(db_index=True)
    # Its leaf: when the entry goes, so does what the leaf's commitment hides.
    leaf_hash = models.BinaryField(max_length=32)

    def source_box(self) -> Box:
        return Box("ledger_access", self.uid, "source", bytes(self.source))


class AccessSubject(models.Model):
    """One person who was looked at."""

    access = models.ForeignKey(Access, models.PROTECT, related_name="subjects")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="looks")
    # How close the look was: times only, the place in words, or the position itself.
    depth = models.CharField(max_length=8, default="times")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["access", "person"], name="a_look_counts_once_a_person"
            ),
        ]


class Objection(models.Model):
    """Somebody says that a look at them was not right; an administrator answers."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    # It goes with the entry it is about.
    look = models.OneToOneField(AccessSubject, models.CASCADE, related_name="objection")
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()
    answer = models.CharField(max_length=500, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)


class Published(models.Model):
    """A signed document for everybody (token.md §5), the same from every server."""

    class Kind(models.TextChoices):
        KEYSET = "keyset"
        STATUS = "status"

    kind = models.CharField(max_length=6, primary_key=True, choices=Kind.choices)
    seq = models.BigIntegerField()
    signed_at = models.DateTimeField()
    sha256 = models.BinaryField(max_length=32)
    document = models.BinaryField()


class Revoked(models.Model):
    """The id of a receipt that was withdrawn; it leaves once no receipt as old is honoured."""

    cti = models.BinaryField(max_length=8, unique=True)
    until = models.DateTimeField(db_index=True)
    # Not yet on a signed list.
    waiting = models.BooleanField(default=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["waiting"], condition=Q(waiting=True), name="revoked_waiting"),
        ]
