"""Addresses of the log that auditors alone may read (log.md §8)."""

from __future__ import annotations

from django.urls import path

from audit.api.entries import EntriesView
from audit.api.witness_requests import WitnessRequestView

urlpatterns = [
    path("tile/entries/<path:name>", EntriesView.as_view(), name="log-entries"),
    path("witness-request", WitnessRequestView.as_view(), name="witness-request"),
]
