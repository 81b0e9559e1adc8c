"""Pages of the trips room (ux.md §2)."""

from __future__ import annotations

from django.urls import path

from trips.web import (
    appeals,
    approvals,
    away,
    costs,
    devices,
    imports,
    logged,
    paper,
    planning,
    receipt,
    today,
    trips,
    weights,
)

app_name = "trips"
urlpatterns = [
    path("", today.today, name="today"),
    path("touch/", today.touch, name="touch"),
    path("offline/", away.offline, name="offline"),
    path("offline/outbox/", away.outbox_offline, name="outbox-offline"),
    path("me/outbox/", away.outbox, name="outbox"),
    path("me/outbox/removal/", away.removal, name="outbox-removal"),
    path("trips/", trips.trips, name="trips"),
    path("trips/new/", planning.new, name="new"),
    path("trips/<uuid:uid>/", trips.trip, name="trip"),
    path("trips/<uuid:uid>/edit/", planning.edit, name="edit"),
    path("trips/<uuid:uid>/request/", trips.lay_before, name="request"),
    path("trips/<uuid:uid>/cancel/", trips.call_off, name="cancel"),
    path("trips/<uuid:uid>/receipt/", receipt.receipt, name="receipt"),
    path("trips/<uuid:uid>/print/", paper.paper, name="print"),
    path("trips/<uuid:uid>/add/", trips.add, name="add"),
    path("trips/<uuid:uid>/costs/", costs.costs, name="costs"),
    path("trips/<uuid:uid>/correct/", trips.amend, name="correct"),
    path("touches/<uuid:uid>/take-back/", receipt.take_back, name="take-back"),
    path("trips/<uuid:uid>/appeal/", appeals.make, name="appeal"),
    path("appeals/", appeals.appeals, name="appeals"),
    path("appeals/<uuid:uid>/", appeals.hearing, name="hearing"),
    path("touches/<uuid:uid>/log/", logged.logged, name="logged"),
    path("approvals/", approvals.approvals, name="approvals"),
    path("approvals/<uuid:uid>/undo/", approvals.undo, name="approval-undo"),
    path("approvals/<uuid:uid>/", approvals.approval, name="approval"),
    path("manage/devices/", devices.devices, name="devices"),
    path("manage/devices/<uuid:uid>/", devices.device, name="device"),
    path("manage/devices/<uuid:uid>/approval/", devices.approval, name="device-approval"),
    path("manage/devices/<uuid:uid>/loss/", devices.loss, name="device-loss"),
    path("manage/imports/trips/", imports.imports, name="imports"),
    path("manage/weights/", weights.versions, name="weights"),
    path("manage/weights/text/", weights.text, name="weights-text"),
    path("manage/weights/<uuid:uid>/", weights.version, name="weight-set"),
    path("manage/weights/<uuid:uid>/trial/", weights.trial, name="weights-trial"),
    path("manage/weights/<uuid:uid>/release/", weights.release, name="weights-release"),
    path("V", receipt.landing, name="landing"),
    path("v", receipt.landing),
]
