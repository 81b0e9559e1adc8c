"""The rows of this room: people, what they may do, what they sign with, what they hear."""

from __future__ import annotations

from accounts.models.browsers import KnownBrowser, SignIn
from accounts.models.consents import Consent
from accounts.models.devices import Device, StepUp
from accounts.models.messages import Notice, Post, Postbox, PushAddress
from accounts.models.people import (
    Department,
    Organisation,
    People,
    Person,
    Place,
    new_alias,
    new_ref,
    number_index,
)
from accounts.models.roles import ApprovalPair, Delegation, Grant, Role
from accounts.models.work import Job, PeopleImport

__all__ = [
    "ApprovalPair",
    "Consent",
    "Delegation",
    "Department",
    "Device",
    "Grant",
    "Job",
    "KnownBrowser",
    "Notice",
    "Organisation",
    "People",
    "PeopleImport",
    "Person",
    "Place",
    "Post",
    "Postbox",
    "PushAddress",
    "Role",
    "SignIn",
    "StepUp",
    "new_alias",
    "new_ref",
    "number_index",
]
