"""What fuel cost on a day, from the imported list alone: nobody types it, nothing is guessed.

A way driven in one's own car asks for the price of its day (R26). Where the list has none, the
claim has none, and the engine refuses it; once the list has it the trip is computed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from attest.errors import ClaimRefused, Fault
from trips.models import FuelPrice

ABSENT: Final = "claim.fuel-price-absent"
_TYPED = ("유가는 가져온 목록에서 읽습니다", "the price of fuel is read from the imported list")


def priced(costs: Mapping[str, Any], *, office: int) -> dict[str, Any]:
    """*costs* as they were told, each way by road with the price of its day, if it is known."""
    fares = costs.get("fares")
    asked = [fare for fare in fares if _by_road(fare)] if isinstance(fares, list) else []
    if not asked:
        return dict(costs)
    days = {str(fare["date"]) for fare in asked}
    rows = FuelPrice.objects.filter(organisation=office, day__in=list(filter(_is_day, days)))
    known = {(str(row.day), row.fuel): f"{row.won:f}" for row in rows}
    return dict(costs) | {"fares": [_with_price(fare, known) for fare in costs["fares"]]}


def _by_road(fare: Any) -> bool:
    return isinstance(fare, Mapping) and "fuel" in fare and "date" in fare


def _with_price(fare: Any, known: Mapping[tuple[str, str], str]) -> Any:
    if not _by_road(fare):
        return fare
    bare = {name: value for name, value in fare.items() if name != "fuel_price"}
    price = known.get((str(fare["date"]), str(fare["fuel"])))
    return bare | ({"fuel_price": price} if price else {})


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def refuse_typed(fares: object) -> None:
    """A price that somebody typed is none."""
    rides = fares if isinstance(fares, list) else []
    faults = [
        Fault("costs.fuel_price", f"trips[0].fares[{n}].fuel_price", *_TYPED)
        for n, ride in enumerate(rides)
        if isinstance(ride, Mapping) and "fuel_price" in ride
    ]
    if faults:
        raise ClaimRefused(faults)


def without_absent(faults: Iterable[Fault]) -> list[Fault]:
    """The faults of what was told: that a price is not in the list yet is none of them."""
    return [fault for fault in faults if not _is_absent(fault)]


def code_of(faults: Sequence[Fault]) -> str:
    """The first fault's code; where it is a price that is not in the list, so it is said."""
    return ABSENT if _is_absent(faults[0]) else faults[0].code


def _is_absent(fault: Fault) -> bool:
    return fault.code == "facts.missing" and fault.path.endswith(".fuel_price")
