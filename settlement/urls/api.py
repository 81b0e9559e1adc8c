"""The clerk's addresses under ``/api/v1/``."""

from __future__ import annotations

from django.urls import path

from settlement.api.batches import BatchesView, BatchSecondView, BatchSettlementView, BatchView
from settlement.api.dates import MonthDatesView
from settlement.api.holds import HoldsView, MessagesView, ResolutionView
from settlement.api.leases import DeskLeasesView
from settlement.api.months import (
    MonthClosingView,
    MonthImportsView,
    MonthReopeningView,
    MonthSheetView,
    MonthView,
)
from settlement.api.payments import ClawbacksView, PaymentImportsView
from settlement.api.records import AbsencesView, FuelPricesView, VehicleLogsView
from settlement.api.rule_sets import ReleaseView, RuleSetsView, WhatIfView
from settlement.api.settlements import SettlementView, VoidView
from settlement.api.verifications import PicturesView, VerificationsView
from settlement.urls.converters import MONTH

urlpatterns = [
    path("verifications", VerificationsView.as_view(), name="verifications"),
    path("verifications/files", PicturesView.as_view(), name="verification-files"),
    path("desk-leases", DeskLeasesView.as_view(), name="desk-leases"),
    path("batches", BatchesView.as_view(), name="batches"),
    path("batches/<uuid:uid>", BatchView.as_view(), name="batch"),
    path(
        "batches/<uuid:uid>/settlement",
        BatchSettlementView.as_view(),
        name="batch-settlement",
    ),
    path("batches/<uuid:uid>/second", BatchSecondView.as_view(), name="batch-second"),
    path("settlements/<uuid:uid>", SettlementView.as_view(), name="settlement"),
    path("settlements/<uuid:uid>/void", VoidView.as_view(), name="settlement-void"),
    path("rule-sets", RuleSetsView.as_view(), name="rule-sets"),
    path("rule-sets/<uuid:uid>/what-ifs", WhatIfView.as_view(), name="rule-set-what-ifs"),
    path("rule-sets/<uuid:uid>/release", ReleaseView.as_view(), name="rule-set-release"),
    path("holds", HoldsView.as_view(), name="holds"),
    path("holds/<uuid:uid>/messages", MessagesView.as_view(), name="hold-messages"),
    path("holds/<uuid:uid>/resolution", ResolutionView.as_view(), name="hold-resolution"),
    path(f"months/{MONTH}", MonthView.as_view(), name="month"),
    path(f"months/{MONTH}/imports", MonthImportsView.as_view(), name="month-imports"),
    path(f"months/{MONTH}/closing", MonthClosingView.as_view(), name="month-closing"),
    path(f"months/{MONTH}/reopening", MonthReopeningView.as_view(), name="month-reopening"),
    path(f"months/{MONTH}/dates", MonthDatesView.as_view(), name="month-dates"),
    path(f"months/{MONTH}/sheets/<str:sheet>", MonthSheetView.as_view(), name="month-sheet"),
    path("payments/imports", PaymentImportsView.as_view(), name="payment-imports"),
    path("vehicle-logs/imports", VehicleLogsView.as_view(), name="vehicle-logs"),
    path("absences/imports", AbsencesView.as_view(), name="absences"),
    path("fuel-prices/imports", FuelPricesView.as_view(), name="fuel-prices"),
    path("clawbacks", ClawbacksView.as_view(), name="clawbacks"),
]
