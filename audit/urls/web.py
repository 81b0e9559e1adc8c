from __future__ import annotations

from django.urls import path

from audit.web.exports import ExportFileView, ExportsView, NewExportView
from audit.web.hosts import HostsView
from audit.web.trips import HomeView, TripsView, TripView

app_name = "audit"
urlpatterns = [
    path("audit/", HomeView.as_view(), name="home"),
    path("audit/trips/", TripsView.as_view(), name="trips"),
    path("audit/trips/<uuid:uid>/", TripView.as_view(), name="trip"),
    path("audit/hosts/", HostsView.as_view(), name="hosts"),
    path("audit/exports/", ExportsView.as_view(), name="exports"),
    path("audit/exports/new/", NewExportView.as_view(), name="new-export"),
    path("audit/exports/<uuid:uid>/file/", ExportFileView.as_view(), name="export-file"),
]
