"""Addresses of people under ``/api/v1/``."""

from __future__ import annotations

from django.urls import path

from accounts.api.consents import ConsentsView
from accounts.api.devices import (
    ApprovalView,
    DeviceOptionsView,
    DevicesView,
    DeviceView,
    RevocationView,
)
from accounts.api.grants import GrantsView
from accounts.api.jobs import JobView
from accounts.api.me import AccessesView, MeView, SettingsView
from accounts.api.people import ApplicationView, PeopleImportsView, PeopleView
from accounts.api.push_addresses import PushAddressesView, PushEndView
from accounts.api.step_ups import StepUpsView

urlpatterns = [
    path("me", MeView.as_view(), name="me"),
    path("me/settings", SettingsView.as_view(), name="settings"),
    path("me/accesses", AccessesView.as_view(), name="accesses"),
    path("consents", ConsentsView.as_view(), name="consents"),
    path("devices", DevicesView.as_view(), name="devices"),
    path("devices/options", DeviceOptionsView.as_view(), name="device-options"),
    path("devices/<uuid:uid>", DeviceView.as_view(), name="device"),
    path(
        "devices/<uuid:uid>/revocation",
        RevocationView.as_view(),
        name="device-revocation",
    ),
    path("devices/<uuid:uid>/approval", ApprovalView.as_view(), name="device-approval"),
    path("push-addresses", PushAddressesView.as_view(), name="push-addresses"),
    path("push-addresses/end", PushEndView.as_view(), name="push-end"),
    path("step-ups", StepUpsView.as_view(), name="step-ups"),
    path("people", PeopleView.as_view(), name="people"),
    path("people/imports", PeopleImportsView.as_view(), name="people-imports"),
    path(
        "people/imports/<uuid:uid>/application",
        ApplicationView.as_view(),
        name="people-import-application",
    ),
    path("grants", GrantsView.as_view(), name="grants"),
    path("jobs/<uuid:uid>", JobView.as_view(), name="job"),
]
