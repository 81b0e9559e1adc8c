"""Sheets of people, and work of more than a second."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from accounts.models.people import Organisation, Person
from vault.ids import uuid7
from vault.sealed import Box, KeyName, seal
from vault.sealed.files import FileBox


class PeopleImport(models.Model):
    """A sheet of people that was previewed and waits to be applied; applied once."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    uploaded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    sheet = models.BinaryField()  # sealed; emptied once applied
    digest = models.BinaryField(max_length=32)
    applied_at = models.DateTimeField(null=True, blank=True)

    def put_sheet(self, raw: bytes) -> None:
        key = KeyName(self.uploaded_by.ref, "-", "id")
        self.sheet = seal(raw, key=key, table="accounts_peopleimport", row=self.uid, field="sheet")

    def box(self) -> Box:
        return Box("accounts_peopleimport", self.uid, "sheet", bytes(self.sheet))


class Job(models.Model):
    """Work of more than a second, done by the worker while its page may be left.

    Its deed and its end are one transaction: whatever cuts the work off, either all of the deed
    is there and the job is done, or nothing is and the job is interrupted.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("job", "waiting")
        RUNNING = "running", pgettext_lazy("job", "running")
        DONE = "done", pgettext_lazy("job", "done")
        FAILED = "failed", pgettext_lazy("job", "failed")

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    owner = models.ForeignKey(Person, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    about = models.JSONField()
    # What was brought, sealed; let go of as soon as the job has ended.
    brought = models.BinaryField(default=b"")
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)
    code = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()
    # Until then nobody else thinks it abandoned.
    held_until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["id"],
                condition=Q(state__in=["waiting", "running"]),
                name="jobs_not_yet_ended",
            ),
        ]

    def put_brought(self, raw: bytes) -> None:
        key = KeyName(self.owner.ref, "-", "id")
        self.brought = seal(raw, key=key, table="accounts_job", row=self.uid, field="brought")

    def open_brought(self) -> bytes:
        return Box("accounts_job", self.uid, "brought", bytes(self.brought)).open()

    @property
    def file(self) -> FileBox:
        """What it made to be taken away, if it made a file."""
        return FileBox("accounts_job", self.uid, "made")
