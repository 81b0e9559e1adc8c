"""What is published about keys, under ``/api/v1/``: open to all."""

from __future__ import annotations

from django.urls import path

from ledger.api.documents import KeySetView, StatusListView

urlpatterns = [
    path("keyset", KeySetView.as_view(), name="keyset"),
    path("status-list", StatusListView.as_view(), name="status-list"),
]
