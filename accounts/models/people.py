"""Who there is: the office, its departments and places, and its people."""

from __future__ import annotations

from collections.abc import Iterator
from secrets import choice, token_hex
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone

from vault.ids import uuid7
from vault.sealed import Box, KeyName, blind_index, seal

# Without the letters people mishear: an alias may be read out over the telephone.
_ALIAS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def new_alias() -> str:
    return "".join(choice(_ALIAS) for _ in range(9))


def new_ref() -> str:
    return "p" + token_hex(4)


class Organisation(models.Model):
    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    name = models.CharField(max_length=100, unique=True)
    rule_set = models.CharField(max_length=40, default="kr-national")
    settings = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.name

    @property
    def ref(self) -> str:
        """The subject of what belongs to the office, not to a person."""
        return f"org-{self.pk}"


class Department(models.Model):
    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="departments")
    name = models.CharField(max_length=100)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    approver = models.ForeignKey("Person", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organisation", "name"], name="a_department_is_named_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Place(models.Model):
    """Somewhere people go. The same ``compound`` means the same site."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="places")
    name = models.CharField(max_length=100)
    unit = models.CharField(max_length=5)
    town = models.CharField(max_length=50, blank=True)
    island = models.CharField(max_length=64, blank=True)
    compound = models.CharField(max_length=64, blank=True)
    point = models.BinaryField(null=True)
    radius_m = models.PositiveIntegerField(default=200)
    site_equipped = models.BooleanField(default=False)
    # Trips to it need a site code or somebody there who confirms them (evidence.md §4.4).
    needs_witness = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organisation", "name"], name="a_place_is_named_once"),
        ]

    def __str__(self) -> str:
        return self.name

    def box(self) -> Box | None:
        if self.point is None:
            return None
        return Box("accounts_place", self.uid, "point", bytes(self.point))

    def put_point(self, plain: bytes) -> None:
        key = KeyName(self.organisation.ref, "-", "loc")
        self.point = seal(plain, key=key, table="accounts_place", row=self.uid, field="point")


class People(BaseUserManager["Person"]):
    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(ref=username)

    def numbered(self, organisation: Organisation, number: str) -> Person | None:
        """Who carries this employee number here; looked up without a plain column."""
        index = number_index(organisation, number)
        return self.filter(organisation=organisation, number_index=index).first()


def number_index(organisation: Organisation, number: str) -> bytes:
    return blind_index("employee-number", f"{organisation.pk}:{number.strip().upper()}")


class Person(AbstractBaseUser):
    """One account, one person. The employee number lies sealed beside its blind index."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    ref = models.CharField(max_length=9, unique=True, default=new_ref, editable=False)
    alias = models.CharField(max_length=9, unique=True, default=new_alias, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="people")
    department = models.ForeignKey(Department, models.PROTECT, related_name="people")
    workplace = models.ForeignKey(Place, models.PROTECT, related_name="+")
    name = models.CharField(max_length=50)
    number_index = models.BinaryField(max_length=32)
    number_sealed = models.BinaryField()
    grade = models.PositiveSmallIntegerField(default=2)
    dedicated_car = models.BooleanField(default=False)
    hired_driver = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=2, blank=True)
    theme = models.CharField(max_length=5, blank=True)
    text_size = models.PositiveSmallIntegerField(default=1)
    # Up to when they have read who looked at them.
    diary_read_at = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "ref"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    # The grants in force, where they were read with the person.
    grants_read: frozenset[int] | None = None

    objects: ClassVar[People] = People()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organisation", "number_index"],
                name="one_account_is_one_person",
            ),
            models.CheckConstraint(condition=Q(grade__in=[1, 2]), name="grade_is_one_or_two"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_session_auth_hash(self) -> str:
        """What a session stands on, and falls with: the password and the grants in force.

        So a change of role ends it, also one that nobody made at that moment: a grant that
        begins or ends on its day. One given again is another grant.
        """
        return f"{super().get_session_auth_hash()} {self._standing()}"

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        standing = self._standing()
        return (f"{proof} {standing}" for proof in super().get_session_auth_fallback_hash())

    def _standing(self) -> list[int]:
        grants = self.grants_read
        if grants is None:
            grants = frozenset(grant.pk for grant in self.grants.live(timezone.now()).only("pk"))
        return sorted(grants)

    def put_number(self, number: str) -> None:
        plain = number.strip().upper()
        self.number_index = number_index(self.organisation, plain)
        key = KeyName(self.ref, "-", "id")
        self.number_sealed = seal(
            plain.encode(),
            key=key,
            table="accounts_person",
            row=self.uid,
            field="number",
        )

    def number_box(self) -> Box:
        return Box("accounts_person", self.uid, "number", bytes(self.number_sealed))
