"""The rows of the clerk's room, by what they are about."""

from __future__ import annotations

from settlement.models.holding import (
    Finding,
    Hold,
    HoldMessage,
    Revision,
)
from settlement.models.months import (
    Absence,
    Month,
    MonthMove,
    SheetImport,
    SheetRow,
    VehicleLog,
)
from settlement.models.paying import (
    Batch,
    BatchRow,
    Clawback,
    Line,
    MonthShift,
    Payment,
    Settlement,
)
from settlement.models.rules import (
    RuleSet,
)
from settlement.models.scanning import (
    DeskLease,
    Genuine,
    Payable,
    Verification,
)

__all__ = [
    "Absence",
    "Batch",
    "BatchRow",
    "Clawback",
    "DeskLease",
    "Finding",
    "Genuine",
    "Hold",
    "HoldMessage",
    "Line",
    "Month",
    "MonthMove",
    "MonthShift",
    "Payable",
    "Payment",
    "Revision",
    "RuleSet",
    "Settlement",
    "SheetImport",
    "SheetRow",
    "VehicleLog",
    "Verification",
]
