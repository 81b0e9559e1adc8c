"""The log's own addresses, outside ``/api/v1/`` (log.md §8)."""

from __future__ import annotations

from django.urls import path

from ledger.api.cosignatures import CosignaturesView
from ledger.api.proof import CheckpointView, ProofView
from ledger.api.tiles import TileView

app_name = "ledger"
urlpatterns = [
    path("checkpoint", CheckpointView.as_view(), name="checkpoint"),
    # Entries are for auditors alone, and stand in their room.
    path("tile/<path:name>", TileView.as_view(), name="tile"),
    path("cosignatures", CosignaturesView.as_view(), name="cosignatures"),
    path("proof", ProofView.as_view(), name="proof"),
]
