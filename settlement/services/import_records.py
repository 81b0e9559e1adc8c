"""Vehicle logs, absences or fuel prices come in, exactly as they were previewed."""

from __future__ import annotations

from django.db import transaction

from accounts.models import Person
from attest.errors import BatchChanged
from settlement.models import Absence, VehicleLog
from settlement.records import Records, records_in
from trips.models import FuelPrice


@transaction.atomic
def import_records(raw: bytes, *, kind: str, digest: bytes, clerk: Person) -> Records:
    found = records_in(raw, kind=kind, organisation=clerk.organisation)
    if found.digest != digest:
        raise BatchChanged("these records have changed since they were looked at")
    new = [line.record for line in found.lines if line.record]
    cars = [one for one in new if isinstance(one, VehicleLog)]
    VehicleLog.objects.bulk_create(cars, batch_size=500)
    away = [one for one in new if isinstance(one, Absence)]
    Absence.objects.bulk_create(away, batch_size=500)
    prices = [one for one in new if isinstance(one, FuelPrice)]
    FuelPrice.objects.bulk_create(prices, batch_size=500)
    return found
