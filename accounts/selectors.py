"""Reads about people; every question is asked by somebody."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import (
    Aggregate,
    BigIntegerField,
    BinaryField,
    CharField,
    DateTimeField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast, Concat

from accounts.models import (
    Consent,
    Delegation,
    Department,
    Device,
    Grant,
    Organisation,
    PeopleImport,
    Person,
    Place,
    Post,
    PushAddress,
    Role,
    SignIn,
)
from vault.prepared import Prepared

_GRANTED = Prepared(
    lambda person, at: Grant.objects.live(at).filter(person=person).only("role"),
    person=BigIntegerField(),
    at=DateTimeField(),
)
_CREDENTIAL = Prepared(
    lambda person, credential: Device.objects.filter(person=person, credential_id=credential),
    person=BigIntegerField(),
    credential=BinaryField(),
)
_KEYED = Prepared(
    lambda person, digest: Device.objects.filter(
        person=person, digest=digest, kind=Device.Kind.DEVICE_KEY
    ),
    person=BigIntegerField(),
    digest=BinaryField(),
)


def roles_of(person: Person, *, at: datetime) -> set[str]:
    """The roles *person* holds at *at*, asked once a request and kept with the person."""
    kept: set[str] | None = getattr(person, "_roles", None)
    if kept is None:
        kept = {grant.role for grant in _GRANTED(person=person.pk, at=at)}
        keep_roles(person, kept)
    return kept


class _Listed(Aggregate):
    """Words with commas between them."""

    function = "GROUP_CONCAT"
    template = "%(function)s(%(expressions)s, ',')"
    output_field = CharField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="STRING_AGG", **context)


def with_grants(people: QuerySet[Person], *, at: Any) -> QuerySet[Person]:
    """*people*, each with their ``granted``: the grants in force as ``7:traveller,9:clerk``."""
    live = Grant.objects.live(at).filter(person=OuterRef("pk")).order_by().values("person")
    said = Concat(Cast("pk", CharField()), Value(":"), "role")
    return people.annotate(granted=Subquery(live.annotate(all=_Listed(said)).values("all")))


def keep_grants(person: Person) -> Person:
    """Its ``granted`` was read with *person*: nobody asks for grants or roles again."""
    said: str = vars(person).pop("granted") or ""
    grants = [grant.split(":") for grant in said.split(",") if grant]
    person.grants_read = frozenset(int(number) for number, _ in grants)
    keep_roles(person, {role for _, role in grants})
    return person


def keep_roles(person: Person, roles: set[str]) -> None:
    """*roles* were read with *person*: nobody asks for them again."""
    person._roles = roles  # type: ignore[attr-defined]  # noqa: SLF001 -- a memo, not a column


def may_travel(person: Person, *, at: datetime) -> bool:
    return Role.TRAVELLER in roles_of(person, at=at)


def may_administer(person: Person, *, at: datetime) -> bool:
    return Role.ADMINISTRATOR in roles_of(person, at=at)


def may_settle_at_all(person: Person, *, at: datetime) -> bool:
    return Role.CLERK in roles_of(person, at=at)


def may_audit(person: Person, *, at: datetime) -> bool:
    return Role.AUDITOR in roles_of(person, at=at)


def organisation_by_name(name: str) -> Organisation | None:
    """The organisation to sign in at; the only one there is when none is named."""
    if name:
        return Organisation.objects.filter(name=name).first()
    found = list(Organisation.objects.all()[:2])
    return found[0] if len(found) == 1 else None


def organisation_names() -> list[str]:
    """Whose receipts these are: no secret, a stranger who scans one may read it."""
    return list(Organisation.objects.order_by("name").values_list("name", flat=True))


def people_visible_to(caller: Person) -> QuerySet[Person]:
    """An administrator sees the office; anybody else their own row."""
    people = Person.objects.filter(organisation=caller.organisation_id)
    return people.select_related("department", "workplace")


def colleagues_of(caller: Person) -> QuerySet[Person]:
    """Who may be named as companion or approver: active people of the same office."""
    return Person.objects.filter(organisation=caller.organisation_id, is_active=True).exclude(
        pk=caller.pk
    )


def approvers_for(caller: Person, *, at: datetime) -> QuerySet[Person]:
    live = Grant.objects.live(at).filter(role=Role.APPROVER).values("person")
    return colleagues_of(caller).filter(pk__in=live).order_by("name")


def places_visible_to(caller: Person) -> QuerySet[Place]:
    return Place.objects.filter(organisation=caller.organisation_id).order_by("name")


def people_administered_by(caller: Person, *, at: datetime) -> QuerySet[Person]:
    """Everybody of the office, for its administrators; nobody for anybody else."""
    people = people_visible_to(caller)
    return people if may_administer(caller, at=at) else people.none()


def departments_visible_to(caller: Person) -> QuerySet[Department]:
    return Department.objects.filter(organisation=caller.organisation_id).order_by("name")


def grants_of(person: Person) -> QuerySet[Grant]:
    """Newest first, with who granted them and where they hold."""
    grants = Grant.objects.filter(person=person).select_related("scope", "granted_by")
    return grants.order_by("-since", "-pk")


def grants_administered_by(caller: Person, *, at: datetime) -> QuerySet[Grant]:
    """Grants of others: nobody administers their own."""
    people = people_administered_by(caller, at=at).exclude(pk=caller.pk)
    return Grant.objects.filter(person__in=people).select_related("person", "scope")


def sheets_of(caller: Person, *, at: datetime) -> QuerySet[PeopleImport]:
    """The sheets this administrator previewed; another's numbers are not theirs to open."""
    kept = PeopleImport.objects.filter(uploaded_by=caller, organisation=caller.organisation_id)
    return kept if may_administer(caller, at=at) else kept.none()


def devices_managed_by(caller: Person, *, at: datetime) -> QuerySet[Device]:
    """One's own, and for an administrator those of the office: a lost phone is told to a desk."""
    own = Q(person=caller)
    if may_administer(caller, at=at):
        own |= Q(person__organisation=caller.organisation_id)
    return Device.objects.filter(own).select_related("person")


def devices_administered_by(caller: Person, *, at: datetime) -> QuerySet[Device]:
    """Those of the whole office, for its administrators; none for anybody else."""
    office = Device.objects.filter(person__organisation=caller.organisation_id)
    office = office.select_related("person__department")
    return office if may_administer(caller, at=at) else office.none()


def device_of(person: Person, credential_id: bytes) -> Device | None:
    """What *person* enrolled under this credential, live or not."""
    return _CREDENTIAL.first(person=person.pk, credential=credential_id)


def device_keyed(person: Person, digest: bytes) -> Device | None:
    """The device key of *person* by this name, live or not."""
    return _KEYED.first(person=person.pk, digest=digest)


def live_device_of(person: Person, uid: UUID) -> Device | None:
    """A device that signs for *person* now."""
    return Device.objects.filter(person=person, uid=uid, state=Device.State.LIVE).first()


def live_passkeys_of(person: Person) -> list[Device]:
    """What can sign for this person now."""
    live = Device.objects.filter(person=person, kind=Device.Kind.PASSKEY, state=Device.State.LIVE)
    return list(live.exclude(credential_id=None))


def signs_in_by_passkey(person: Person) -> bool:
    """Whether a password alone no longer opens the door."""
    types = [Authenticator.Type.WEBAUTHN]
    return bool(Authenticator.objects.filter(user_id=person.pk, type__in=types).exists())


def device_at_the_door(credential_id: bytes) -> Device | None:
    """Whose passkey knocks; only one that stands, of somebody who still works here."""
    found = Device.objects.filter(
        credential_id=credential_id, state=Device.State.LIVE, person__is_active=True
    )
    return found.select_related("person__organisation").first()


def organisations_to_sign_in_at() -> list[str]:
    """Their names, where there is a choice; empty where there is none."""
    names = list(Organisation.objects.order_by("name").values_list("name", flat=True)[:200])
    return names if len(names) > 1 else []


def devices_of(person: Person) -> QuerySet[Device]:
    return Device.objects.filter(person=person).order_by("-enrolled_at")


def consent_of(person: Person, purpose: str) -> Consent | None:
    """The newest answer; none means never asked."""
    return Consent.objects.filter(person=person, purpose=purpose).order_by("-at", "-pk").first()


def consents_of(person: Person) -> QuerySet[Consent]:
    return Consent.objects.filter(person=person).order_by("-at", "-pk")


def posts_of(person: Person) -> QuerySet[Post]:
    """News for *person*, newest first."""
    return Post.objects.filter(person=person).order_by("-pk")


def posts_unread(person: Person) -> int:
    return Post.objects.filter(person=person, read_at=None).count()


def push_addresses_of(person: Person) -> QuerySet[PushAddress]:
    """The browsers that take notices for *person*."""
    return PushAddress.objects.filter(person=person)


def sign_ins_of(person: Person, *, at: datetime) -> QuerySet[SignIn]:
    """Where *person* is signed in now, the newest first."""
    rows = SignIn.objects.filter(person=person, session__expire_date__gt=at)
    return rows.order_by("-at", "-pk")


def may_stand_in(person: Person, approver: Person, *, at: datetime) -> bool:
    """Another approver of the same office who audits nothing."""
    if not approvers_for(approver, at=at).filter(pk=person.pk).exists():
        return False
    return not Grant.objects.live(at).filter(person=person, role=Role.AUDITOR).exists()


def stand_ins_for(caller: Person, *, at: datetime) -> QuerySet[Person]:
    auditors = Grant.objects.live(at).filter(role=Role.AUDITOR).values("person")
    return approvers_for(caller, at=at).exclude(pk__in=auditors)


def delegations_of(caller: Person, *, at: datetime) -> list[Delegation]:
    """Given or taken, running or still to come; soonest first."""
    either = Q(person=caller) | Q(to=caller)
    rows = Delegation.objects.filter(either, until__gt=at, ended_at=None)
    return list(rows.select_related("person", "to").order_by("since", "pk")[:50])


def delegations_given_by(caller: Person) -> QuerySet[Delegation]:
    return Delegation.objects.filter(person=caller).select_related("person", "to")
