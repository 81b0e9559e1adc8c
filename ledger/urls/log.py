"""The log's own addresses, outside ``/api/v1/`` (log.md §8)."""

from __future__ import annotations

from django.urls import path

from ledger.api.proof import CheckpointView, ProofView

app_name = "ledger"
urlpatterns = [
    path("checkpoint", CheckpointView.as_view(), name="checkpoint"),
    path("proof", ProofView.as_view(), name="proof"),
]
