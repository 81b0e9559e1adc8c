"""Every address of the clerk's and the auditor's room, and of none: who may come in.

The table is compared with the address map itself: a door that stands in one of them
alone is a red test.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver

ROOMS = ("settlement.", "audit.", "config.", "django.views.i18n", "drf_spectacular.")
NOBODYS = UUID(int=7)
MONTH = "2026-10"

CLERK, AUDITOR, ADMINISTRATOR = "clerk", "auditor", "administrator"
# Each finds the work they asked for.
EITHER = "clerk or administrator"
ANYBODY, OWNER = "anybody", "owner"
# Everybody finds their own there; auditors and administrators keep positions back.
MINE, HOLDER = "mine", "holder"


@dataclass(frozen=True, slots=True)
class Door:
    """One address with its methods. *who* comes in; OWNER: who is in no role sees their own."""

    route: str
    who: str
    methods: tuple[str, ...]

    @property
    def address(self) -> str:
        route = self.route.replace("<uuid:uid>", str(NOBODYS)).replace("<str:month>", MONTH)
        return "/" + route.replace("<month:name>", "2026-11").replace(
            "<str:sheet>", "summary"
        ).replace("<slug:kind>", "absences")

    @property
    def is_api(self) -> bool:
        return self.route.startswith(("api/", "log/"))


def _doors(who: str, **by_route: str) -> Iterator[Door]:
    for route, methods in by_route.items():
        yield Door(route, who, tuple(methods.split()))


DOORS = [
    *_doors(EITHER, **{"settlement/work/<uuid:uid>/": "get"}),
    *_doors(
        CLERK,
        **{
            "settlement/": "get",
            "settlement/scan/": "get post",
            "settlement/scan/offline/": "get",
            "settlement/batches/": "get post",
            "settlement/batches/<uuid:uid>/": "get post",
            "settlement/batches/<uuid:uid>/settlement/": "post",
            "settlement/batches/<uuid:uid>/second/": "post",
            "settlement/batches/<uuid:uid>/drop/": "post",
            "settlement/work/<uuid:uid>/file/": "get",
            "settlement/exceptions/<uuid:uid>/question/": "post",
            "settlement/settlements/<uuid:uid>/": "get post",
            "settlement/months/": "get",
            "settlement/months/<month:name>/": "get",
            "settlement/months/<month:name>/import/": "post",
            "settlement/months/<month:name>/rows/": "post",
            "settlement/months/<month:name>/rows/<uuid:uid>/": "get post",
            "settlement/months/<month:name>/batch/": "post",
            "settlement/months/<month:name>/payments/": "post",
            "settlement/months/<month:name>/closing/": "post",
            "settlement/months/<month:name>/reopening/": "post",
            "settlement/months/<month:name>/sheets/<str:sheet>": "get",
            "settlement/months/<month:name>/statement/": "get",
            "settlement/months/<month:name>/dates/": "get post",
            "settlement/settlements/<uuid:uid>/claim/": "get",
            "settlement/months/<month:name>/check/": "post",
            "settlement/months/<month:name>/standing/": "post",
            "settlement/records/<slug:kind>/": "get post",
            "settlement/payments/": "get post",
            "settlement/clawbacks/": "get",
            "settlement/clawbacks/<uuid:uid>/recovery/": "post",
            "settlement/trips/<uuid:uid>/files/": "get",
            "settlement/exceptions/": "get",
            "settlement/exceptions/<uuid:uid>/": "get post",
            "settlement/exceptions/<uuid:uid>/return/": "post",
            "settlement/exceptions/<uuid:uid>/review/": "post",
            "settlement/exceptions/<uuid:uid>/change/": "post",
            "settlement/exceptions/<uuid:uid>/no-trip/": "post",
            "settlement/trips/<uuid:uid>/exception/": "post",
            "api/v1/verifications": "get post",
            "api/v1/verifications/files": "post",
            "api/v1/desk-leases": "post",
            "api/v1/batches": "get post",
            "api/v1/batches/<uuid:uid>": "get patch delete",
            "api/v1/batches/<uuid:uid>/settlement": "post",
            "api/v1/batches/<uuid:uid>/second": "post",
            "api/v1/fuel-prices/imports": "post",
            "api/v1/settlements/<uuid:uid>/void": "post",
            "api/v1/months/<month:name>": "get",
            "api/v1/months/<month:name>/imports": "post",
            "api/v1/months/<month:name>/closing": "post",
            "api/v1/months/<month:name>/reopening": "post",
            "api/v1/months/<month:name>/dates": "get post",
            "api/v1/months/<month:name>/sheets/<str:sheet>": "get",
            "api/v1/payments/imports": "post",
            "api/v1/vehicle-logs/imports": "post",
            "api/v1/absences/imports": "post",
            "api/v1/clawbacks": "get",
            "api/v1/holds": "get",
            "api/v1/holds/<uuid:uid>/resolution": "post",
        },
    ),
    *_doors(
        ADMINISTRATOR,
        **{
            "manage/desks/": "get post",
            "manage/weights/rules/": "get",
            "manage/rules/": "get post",
            "manage/rules/<uuid:uid>/": "get post",
            "manage/rules/<uuid:uid>/text/": "get",
            "manage/rules/<uuid:uid>/what-if/": "post",
            "manage/rules/<uuid:uid>/proposal/": "post",
            "manage/rules/<uuid:uid>/release/": "post",
            "api/v1/rule-sets": "get post",
            "api/v1/rule-sets/<uuid:uid>/what-ifs": "post",
            "api/v1/rule-sets/<uuid:uid>/release": "post",
        },
    ),
    *_doors(
        OWNER,
        **{
            "api/v1/settlements/<uuid:uid>": "get",
            "api/v1/holds/<uuid:uid>/messages": "post",
            "trips/<uuid:uid>/questions/": "get",
            "questions/<uuid:uid>/answer/": "post",
        },
    ),
    *_doors(MINE, **{"me/data/": "get", "me/data/file/": "get", "api/v1/me/records": "get"}),
    *_doors(
        HOLDER,
        **{
            "audit/holds/": "get post",
            "audit/holds/<uuid:uid>/agreement/": "post",
            "audit/holds/<uuid:uid>/lifting/": "post",
        },
    ),
    *_doors(
        AUDITOR,
        **{
            "audit/": "get",
            "audit/trips/": "get post",
            "audit/trips/<uuid:uid>/": "get",
            "audit/trips/<uuid:uid>/verdicts/": "post",
            "audit/office-records/": "get post",
            "api/v1/office-records/imports": "post",
            "audit/reviews/": "get",
            "audit/reviews/<str:month>/": "get post",
            "audit/hosts/": "get",
            "audit/anchors/": "get post",
            "audit/exports/": "get",
            "audit/exports/new/": "get post",
            "audit/exports/<uuid:uid>/": "get",
            "audit/exports/<uuid:uid>/cancellation/": "post",
            "audit/exports/<uuid:uid>/second/": "post",
            "audit/exports/<uuid:uid>/file/": "get",
            "api/v1/searches": "post",
            "api/v1/exports": "get post",
            "api/v1/exports/statements": "post",
            "api/v1/exports/<uuid:uid>": "get",
            "api/v1/exports/<uuid:uid>/cancellation": "post",
            "api/v1/exports/<uuid:uid>/second": "post",
            "api/v1/exports/<uuid:uid>/file": "get",
            "log/tile/entries/<path:name>": "get",
            "log/witness-request": "get",
        },
    ),
    *_doors(
        ANYBODY,
        **{
            "livez": "get",
            "readyz": "get",
            "sw.js": "get",
            "manifest.webmanifest": "get",
            "help/": "get",
            "privacy/": "get",
            "accessibility/": "get",
            "i18n/setlang/": "post",
            "api/schema/": "get",
            "api/docs/": "get",
        },
    ),
]


def addresses() -> dict[str, Any]:
    """Every route of these rooms as the address map has it, with its view."""
    return {
        route: view
        for route, view in _walk(get_resolver(), "")
        if getattr(view, "view_class", getattr(view, "cls", view)).__module__.startswith(ROOMS)
    }


def _walk(node: URLResolver, before: str) -> Iterator[tuple[str, Any]]:
    for inner in node.url_patterns:
        route = before + str(inner.pattern)
        if isinstance(inner, URLPattern):
            yield route, inner.callback
        else:
            yield from _walk(inner, route)
