"""The rows of this room: the trip, its touches, what was brought, who was there, what is asked."""

from __future__ import annotations

from trips.models.answers import Appeal, Correction, Decision
from trips.models.papers import MOST_PAPERS, OfficeRecord, Paper, Photo, Upload
from trips.models.standing import StandingAllowance
from trips.models.touch import (
    Assessment,
    Challenge,
    CheckIn,
    Item,
    Kind,
    Renewed,
    TripToken,
    Verdict,
    WeightSet,
    new_nonce,
)
from trips.models.trip import (
    COSTS_OPEN,
    MOVES,
    Companion,
    Distance,
    FuelPrice,
    Serial,
    State,
    Trip,
    TripStop,
    Vehicle,
    new_log_id,
)
from trips.models.witnesses import HostAsk, HostLetter, NfcTag, SharedPhone, Site, SiteTry

__all__ = [
    "COSTS_OPEN",
    "MOST_PAPERS",
    "MOVES",
    "Appeal",
    "Assessment",
    "Challenge",
    "CheckIn",
    "Companion",
    "Correction",
    "Decision",
    "Distance",
    "FuelPrice",
    "HostAsk",
    "HostLetter",
    "Item",
    "Kind",
    "NfcTag",
    "OfficeRecord",
    "Paper",
    "Photo",
    "Renewed",
    "Serial",
    "SharedPhone",
    "Site",
    "SiteTry",
    "StandingAllowance",
    "State",
    "Trip",
    "TripStop",
    "TripToken",
    "Upload",
    "Vehicle",
    "Verdict",
    "WeightSet",
    "new_log_id",
    "new_nonce",
]
