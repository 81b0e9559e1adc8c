"""Addresses of the trips room under ``/api/v1/`` (01-model.md §7)."""

from __future__ import annotations

from django.urls import path, re_path

from trips.api.appeals import AppealsView
from trips.api.batches import BatchesView
from trips.api.check_ins import (
    ChallengesView,
    CheckInsView,
    CheckInView,
    WithdrawalView,
)
from trips.api.hosts import HostAnswersView, HostAsksView, HostQuestionsView
from trips.api.imports import ApplicationView, ImportsView
from trips.api.log_receipts import LogReceiptView
from trips.api.moves import (
    ApprovalsView,
    CancellationView,
    CorrectionDecisionView,
    CorrectionsView,
    CostsView,
    ItemsView,
    RequestView,
    VoidView,
)
from trips.api.papers import PapersView, PaperWithdrawalView
from trips.api.photos import PhotoView
from trips.api.places import PlaceSearchView, UnitsView
from trips.api.presentations import PresentationView
from trips.api.qr import QrPngView, QrSvgView, TripTokenView
from trips.api.receipts import ReceiptSearchView
from trips.api.site_codes import SiteCodeView, TouchItemsView
from trips.api.standing import (
    AllowanceApplicationView,
    AllowanceEndingView,
    AllowanceImportsView,
    AllowancesView,
)
from trips.api.trips import TripsView, TripView
from trips.api.uploads import UploadFileView, UploadsView

urlpatterns = [
    path("trips", TripsView.as_view(), name="trips"),
    path("trips/imports", ImportsView.as_view(), name="trip-imports"),
    re_path(
        r"^trips/imports/(?P<digest>[0-9a-f]{64})/application$",
        ApplicationView.as_view(),
        name="trip-import-application",
    ),
    path("trips/<uuid:uid>", TripView.as_view(), name="trip"),
    path("trips/<uuid:uid>/request", RequestView.as_view(), name="trip-request"),
    path("trips/<uuid:uid>/approvals", ApprovalsView.as_view(), name="trip-approvals"),
    path(
        "trips/<uuid:uid>/cancellation",
        CancellationView.as_view(),
        name="trip-cancellation",
    ),
    path("trips/<uuid:uid>/void", VoidView.as_view(), name="trip-void"),
    path(
        "trips/<uuid:uid>/corrections",
        CorrectionsView.as_view(),
        name="trip-corrections",
    ),
    path(
        "trips/<uuid:uid>/corrections/<uuid:correction>/decision",
        CorrectionDecisionView.as_view(),
        name="trip-correction-decision",
    ),
    path("trips/<uuid:uid>/appeals", AppealsView.as_view(), name="trip-appeals"),
    path("trips/<uuid:uid>/token", TripTokenView.as_view(), name="trip-token"),
    path("trips/<uuid:uid>/costs", CostsView.as_view(), name="trip-costs"),
    path("trips/<uuid:uid>/items", ItemsView.as_view(), name="trip-items"),
    path("trips/<uuid:uid>/papers", PapersView.as_view(), name="trip-papers"),
    path(
        "trips/<uuid:uid>/papers/<uuid:paper>/withdrawal",
        PaperWithdrawalView.as_view(),
        name="paper-withdrawal",
    ),
    path("standing-allowances", AllowancesView.as_view(), name="standing-allowances"),
    path(
        "standing-allowances/imports",
        AllowanceImportsView.as_view(),
        name="standing-allowance-imports",
    ),
    re_path(
        r"^standing-allowances/imports/(?P<digest>[0-9a-f]{64})/application$",
        AllowanceApplicationView.as_view(),
        name="standing-allowance-application",
    ),
    path(
        "standing-allowances/<uuid:uid>/ending",
        AllowanceEndingView.as_view(),
        name="standing-allowance-ending",
    ),
    path("uploads", UploadsView.as_view(), name="uploads"),
    path("uploads/<uuid:uid>/file", UploadFileView.as_view(), name="upload-file"),
    path("places/search", PlaceSearchView.as_view(), name="place-search"),
    path("units", UnitsView.as_view(), name="units"),
    path("receipts/search", ReceiptSearchView.as_view(), name="receipt-search"),
    path("check-ins", CheckInsView.as_view(), name="check-ins"),
    path("check-ins/batches", BatchesView.as_view(), name="check-in-batches"),
    path("check-ins/challenges", ChallengesView.as_view(), name="challenges"),
    path("check-ins/<uuid:uid>", CheckInView.as_view(), name="check-in"),
    path("check-ins/<uuid:uid>/withdrawal", WithdrawalView.as_view(), name="withdrawal"),
    path("check-ins/<uuid:uid>/photo", PhotoView.as_view(), name="photo"),
    path("check-ins/<uuid:uid>/items", TouchItemsView.as_view(), name="touch-items"),
    path("check-ins/<uuid:uid>/host-asks", HostAsksView.as_view(), name="host-asks"),
    path("check-ins/<uuid:uid>/presentation", PresentationView.as_view(), name="presentation"),
    path("host-questions", HostQuestionsView.as_view(), name="host-questions"),
    path("host-answers", HostAnswersView.as_view(), name="host-answers"),
    path("site-codes/<uuid:uid>", SiteCodeView.as_view(), name="site-code"),
    path("check-ins/<uuid:uid>/log-receipt", LogReceiptView.as_view(), name="log-receipt"),
    path("check-ins/<uuid:uid>/qr.svg", QrSvgView.as_view(), name="qr-svg"),
    path("check-ins/<uuid:uid>/qr.png", QrPngView.as_view(), name="qr-png"),
]
