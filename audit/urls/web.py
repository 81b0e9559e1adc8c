from __future__ import annotations

from django.urls import path

from audit.web import records
from audit.web.anchors import AnchorsView
from audit.web.exports import (
    AgreeView,
    CancelView,
    ExportFileView,
    ExportsView,
    ExportView,
    NewExportView,
)
from audit.web.holds import HoldsView, HoldView
from audit.web.hosts import HostsView
from audit.web.office_records import OfficeRecordsView
from audit.web.reviews import ReviewsView, ReviewView
from audit.web.rules import RulesView
from audit.web.trips import HomeView, TripsView, TripView, VerdictsView

app_name = "audit"
urlpatterns = [
    path("me/data/", records.data, name="data"),
    path("me/data/file/", records.file, name="data-file"),
    path("audit/", HomeView.as_view(), name="home"),
    path("audit/trips/", TripsView.as_view(), name="trips"),
    path("audit/trips/<uuid:uid>/", TripView.as_view(), name="trip"),
    path("audit/trips/<uuid:uid>/verdicts/", VerdictsView.as_view(), name="verdicts"),
    path("manage/weights/rules/", RulesView.as_view(), name="rules"),
    path("audit/office-records/", OfficeRecordsView.as_view(), name="office-records"),
    path("audit/reviews/", ReviewsView.as_view(), name="reviews"),
    path("audit/reviews/<str:month>/", ReviewView.as_view(), name="review"),
    path("audit/anchors/", AnchorsView.as_view(), name="anchors"),
    path("audit/holds/", HoldsView.as_view(), name="holds"),
    path("audit/holds/<uuid:uid>/agreement/", HoldView.as_view(), {"deed": "agree"}, "hold-agree"),
    path("audit/holds/<uuid:uid>/lifting/", HoldView.as_view(), {"deed": "lift"}, "hold-lift"),
    path("audit/hosts/", HostsView.as_view(), name="hosts"),
    path("audit/exports/", ExportsView.as_view(), name="exports"),
    path("audit/exports/new/", NewExportView.as_view(), name="new-export"),
    path("audit/exports/<uuid:uid>/", ExportView.as_view(), name="export"),
    path("audit/exports/<uuid:uid>/cancellation/", CancelView.as_view(), name="export-cancel"),
    path("audit/exports/<uuid:uid>/second/", AgreeView.as_view(), name="export-agree"),
    path("audit/exports/<uuid:uid>/file/", ExportFileView.as_view(), name="export-file"),
]
