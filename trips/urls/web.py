"""Pages of the trips room (ux.md §2)."""

from __future__ import annotations

from django.urls import path

from trips.web import (
    approvals,
    costs,
    hosts,
    imports,
    paper,
    planning,
    receipt,
    site_codes,
    sites,
    today,
    trips,
)

app_name = "trips"
urlpatterns = [
    path("", today.today, name="today"),
    path("touch/", today.touch, name="touch"),
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
    path("approvals/", approvals.approvals, name="approvals"),
    path("approvals/<uuid:uid>/", approvals.approval, name="approval"),
    path("manage/imports/trips/", imports.imports, name="imports"),
    path("trips/<uuid:uid>/site-code/", site_codes.site_code, name="site-code"),
    path("trips/<uuid:uid>/host/", hosts.host_ask, name="host-ask"),
    path("colleagues/", hosts.colleagues, name="colleagues"),
    path("manage/sites/", sites.sites, name="sites"),
    path("manage/sites/<uuid:uid>/", sites.site, name="site"),
    path("site/<uuid:uid>/display/", sites.display, name="display"),
    path("host", hosts.host, name="host"),
    path("t", site_codes.tag, name="tag"),
    path("V", receipt.landing, name="landing"),
    path("v", receipt.landing),
]
