"""A scan, a batch, a settlement as shown: the same to a page and to a program.

Nothing of a code is here before its signature held and its row was found; a coordinate
never is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language

from accounts.models import Person
from accounts.saying import moment
from accounts.step_up import encoded
from attest.allowance import part_of
from settlement import words
from settlement.models import (
    Batch,
    BatchRow,
    Genuine,
    Hold,
    Payable,
    Settlement,
    Verification,
)
from settlement.paying import Answer, Sum
from settlement.services.verify import Seen
from trips.made import made_words
from trips.models import Assessment, CheckIn, Kind, State, Trip, Verdict
from trips.selectors import newest_assessment, standing, verdict_of

# Text, now or once the reader's language is known.
Said = str | Promise


def scan(seen: Seen, *, said: str = "") -> dict[str, Any]:
    """*said* is what a clerk typed; the sentence about a slip of it depends on it."""
    row = seen.row
    shown = {
        "id": row.uid,
        "at": row.at,
        "source": row.source,
        "code": row.code,
        "genuine": _genuine(seen, said),
        "payable": _payable(seen),
    }
    if seen.touch is None or seen.trip is None or seen.answer is None:
        return shown
    return shown | _found(seen, seen.touch, seen.trip, seen.answer)


# -- the two bands --------------------------------------------------------------------


def _band(
    code: str, question: Said, answer: Said, reason: Said = "", **cure: str
) -> dict[str, Any]:
    sign, mark, tone = words.MARKS[code]
    return {
        "code": code,
        "sign": sign,
        "mark": mark,
        "tone": tone,
        "question": str(question),
        "answer": str(answer),
        "reason": str(reason),
        "cure": cure.get("cure", ""),
        "url": cure.get("url", ""),
    }


def _genuine(seen: Seen, said: str) -> dict[str, Any]:
    row = seen.row
    answer: Said = words.GENUINE[row.genuine]
    reason: Said = ""
    cure: Said = ""
    if row.genuine == Genuine.GENUINE and seen.touch and seen.trip:
        issuer = seen.trip.traveller.organisation.name
        at = seen.whole.sealed_at if seen.whole else seen.touch.recorded_at
        issued = {"issuer": issuer, "time": moment(at)}
        reason = words.ISSUED % issued
        if seen.whole:
            reason = words.ISSUED_WHOLE % (issued | {"count": seen.whole.count})
    elif row.genuine == Genuine.BY_NUMBER:
        reason = words.NOT_READ
    elif row.source == Verification.Source.TYPED and seen.touch is None:
        answer, reason = words.NOT_FOUND, _slip(row.code, said)
    elif row.genuine == Genuine.UNVERIFIABLE:
        reason, cure = _refused(row.code), words.CURE_NUMBER
        if row.code == "trip_mismatch":
            cure = words.CURE_NEWEST
    elif row.genuine == Genuine.NOT_OURS:
        if row.code == "wrong_host":
            answer = words.FOREIGN
        reason, cure = _refused(row.code), words.CURE_OTHER
    return _band(row.genuine, words.QUESTION_GENUINE, answer, reason, cure=str(cure))


def _refused(code: str) -> str:
    return str(words.REFUSED.get(code, words.REFUSED["decrypt_failed"]))


def _slip(code: str, said: str) -> Said:
    if code in {"no_record", "trip_mismatch"}:
        return _refused(code)
    return words.NUMBER_U if "U" in said.upper() else words.NUMBER_WRONG


def _payable(seen: Seen) -> dict[str, Any]:
    row, trip, judged = seen.row, seen.trip, seen.answer
    question, answer = words.QUESTION_PAYABLE, words.PAYABLE[row.payable]
    if trip is None or judged is None:
        return _band(row.payable, question, answer) | {"won": None}
    reason, cure, url = _why(trip, judged, row.clerk)
    shown = _band(row.payable, question, answer, reason, cure=str(cure), url=url)
    won = judged.settlement.total if judged.settlement else judged.sum.won
    return shown | {"won": won}


def _why(trip: Trip, judged: Answer, clerk: Person) -> tuple[Said, Said, str]:
    """The first reason, the way on, and where it leads."""
    exceptions = reverse("settlement:exceptions") + f"?trip={trip.number}"
    match judged.payable:
        case Payable.PAYABLE if clerk.pk in {trip.traveller_id, trip.approver_id}:
            return words.OWN_TRIP, "", ""
        case Payable.PAYABLE:
            return "", words.CURE_BATCH, ""
        case Payable.ZERO:
            return _first_why(judged.sum), words.CURE_BATCH, ""
        case Payable.SUPPLEMENT:
            missing = ", ".join(in_words(m) for m in missing_of(trip))
            return missing, words.CURE_ITEM, exceptions
        case Payable.APPROVAL:
            name = trip.approver.name if trip.approver else ""
            return (
                trip.get_state_display(),
                f"{words.CURE_APPROVER}: {name}" if name else "",
                "",
            )
        case Payable.EXCEPTION:
            return _held_by(judged), words.CURE_EXCEPTION, exceptions
        case Payable.REVIEW:
            return "", words.CURE_EXCEPTION, exceptions
        case Payable.SETTLED if judged.settlement:
            paid = judged.settlement
            by = words.SETTLED_BY % {
                "date": moment(paid.settled_at),
                "clerk": paid.clerk.name,
            }
            return (
                by,
                words.CURE_SETTLEMENT,
                reverse("settlement:settlement", args=[paid.uid]),
            )
        case Payable.RECORD:
            return words.OTHER_PROOF, "", ""
    return "", "", ""


def _first_why(total: Sum) -> str:
    lines = total.own.get("lines", [])
    return in_words(lines[0]["why"]) if lines else ""


def _held_by(judged: Answer) -> str:
    """Our own sentence if there is one, else the engine's, in the reader's language."""
    if judged.code not in words.REASONS and judged.sum.faults:
        return in_words(judged.sum.faults[0])
    return words.reason(judged.code)


# -- what was found -------------------------------------------------------------------


def _found(seen: Seen, touch: CheckIn, trip: Trip, judged: Answer) -> dict[str, Any]:
    total = judged.sum
    return {
        "check_in": _touch(touch),
        "whole": {"count": seen.whole.count, "number": seen.whole.spoken} if seen.whole else None,
        "person": _who(trip.traveller),
        "trip": _trip(trip),
        "verdict": _verdict(trip, touch),
        "lines": [line(one) for one in _lines(judged)],
        "total": judged.settlement.total if judged.settlement else total.won,
        "warnings": warnings_of(judged),
        "faults": [
            {"code": one["code"], "path": one["path"], "text": _fault(one)} for one in total.faults
        ],
        "earlier": [{"at": row.at, "clerk": row.clerk.name} for row in seen.earlier],
        "settlement": _paid(judged.settlement),
    }


def warnings_of(judged: Answer) -> list[dict[str, Any]]:
    """What the engine says a person should look at before paying."""
    return [
        {"code": one["code"], "level": one["level"], "text": in_words(one)}
        for one in judged.sum.own.get("warnings", [])
    ]


def _touch(touch: CheckIn) -> dict[str, Any]:
    """When and where in words. The position itself stays sealed."""
    return {
        "kind": touch.kind,
        "kind_word": str(Kind(touch.kind).label),
        "recorded_at": touch.recorded_at,
        "made": made_words(touch),
        "place": touch.place_words,
        "planned_m": touch.planned_m,
        "number": touch.spoken,
    }


def _who(person: Person) -> dict[str, Any]:
    return {"name": person.name, "department": person.department.name}


def _trip(trip: Trip) -> dict[str, Any]:
    return {
        "id": trip.uid,
        "number": trip.number,
        "state": trip.state,
        "state_word": str(State(trip.state).label),
        "files_url": reverse("settlement:files", args=[trip.uid]) if vars(trip)["filed"] else "",
        "destination": ", ".join(stop.text for stop in trip.stops.all()) or trip.purpose,
        "starts_at": trip.starts_at,
        "ends_at": trip.ends_at,
    }


def _verdict(trip: Trip, touch: CheckIn) -> dict[str, Any]:
    own = next((one for one in trip.check_ins.all() if one.pk == touch.pk), touch)
    judged = newest_assessment(own)
    return {
        "code": judged.verdict,
        "word": str(Verdict(judged.verdict).label),
        "of_trip": verdict_of(trip),
        "reasons": [
            {
                "code": one["code"],
                "kind": one["kind"],
                "points": one["points"],
                "text": in_words(one),
            }
            for one in judged.reasons
        ],
        "missing": [{"code": one["code"], "text": in_words(one)} for one in missing_of(trip)],
    }


def sheet(trip: Trip, judged: Answer) -> dict[str, Any]:
    """One trip laid open beside its exception: touches with reasons, lines, faults."""
    return {
        "person": _who(trip.traveller),
        "trip": _trip(trip),
        "touches": [_verdict(trip, touch) | _touch(touch) for touch in standing(trip)],
        "payable": words.PAYABLE[judged.payable],
        "lines": [line(one) for one in _lines(judged)],
        "total": judged.settlement.total if judged.settlement else judged.sum.won,
        "faults": [_fault(one) for one in judged.sum.faults],
        "warnings": warnings_of(judged),
    }


def missing_of(trip: Trip) -> list[dict[str, Any]]:
    """What would do, as the first touch that still lacks something says it."""
    judged: Iterable[Assessment] = (newest_assessment(touch) for touch in standing(trip))
    return next((list(one.missing) for one in judged if one.missing), [])


def _lines(judged: Answer) -> Sequence[Mapping[str, Any]]:
    return lines_of(judged.settlement) if judged.settlement else judged.sum.own.get("lines", [])


def _fault(fault: Mapping[str, str]) -> str:
    known = words.REASONS.get(fault["code"])
    return str(known) if known else in_words(fault)


def _paid(paid: Settlement | None) -> dict[str, Any] | None:
    if paid is None:
        return None
    return {
        "id": paid.uid,
        "settled_at": paid.settled_at,
        "clerk": paid.clerk.name,
        "total": paid.total,
        "url": reverse("settlement:settlement", args=[paid.uid]),
    }


# -- money ----------------------------------------------------------------------------


def line(said: Mapping[str, Any]) -> dict[str, Any]:
    """A line of the engine: what, how much, why, by which article of which rule set."""
    return {
        "item": said["item"],
        "item_word": words.item(said["item"]),
        "won": said["amount"],
        "status": said["status"],
        "rule": said["rule"],
        "why": in_words(said["why"]),
        "law": list(said["cites"]),
        "rule_set": said["rule_set"],
    }


def lines_of(paid: Settlement) -> list[dict[str, Any]]:
    """The lines as they were paid, with their articles: from the kept result."""
    own = part_of(paid.result, str(paid.trip.uid))
    return list(own["lines"]) if own else []


def settlement(paid: Settlement) -> dict[str, Any]:
    return {
        "id": paid.uid,
        "trip": {
            "id": paid.trip.uid,
            "number": paid.trip.number,
            "state": paid.trip.state,
        },
        "batch": paid.batch.uid,
        "clerk": paid.clerk.name,
        "approver": paid.approver.name,
        "traveller": paid.traveller.name,
        "settled_at": paid.settled_at,
        "voided_at": paid.voided_at,
        "total": paid.total,
        "lines": [line(one) for one in lines_of(paid)],
        "rule_digest": paid.rule_digest,
        "leaf_hash": bytes(paid.leaf_hash).hex(),
    }


# -- batches --------------------------------------------------------------------------


def batch_row(batch: Batch) -> dict[str, Any]:
    return {
        "id": batch.uid,
        "clerk": batch.clerk.name,
        "state": batch.state,
        "state_word": batch.get_state_display(),
        "count": batch.rows,
        "total": batch.total,
        "opened_at": batch.opened_at,
        "settled_at": batch.settled_at,
    }


def batch(batch: Batch, rows: Iterable[BatchRow], paid: Iterable[Settlement]) -> dict[str, Any]:
    """With its rows by trip number, and the hash a step-up must sign. Names nobody."""
    by_trip = {one.trip_id: one for one in paid}
    return batch_row(batch) | {
        "hash": encoded(bytes(batch.hash)) if batch.hash else "",
        "rows": [
            {
                "trip": row.trip.uid,
                "number": row.trip.number,
                "won": row.won,
                "refused": row.refused,
                "settlement": by_trip[row.trip_id].uid if row.trip_id in by_trip else None,
            }
            for row in rows
        ],
    }


def hold(held: Hold) -> dict[str, Any]:
    """By trip number; whom it is about is shown once it is opened, and the diary knows."""
    return {
        "id": held.uid,
        "trip": {"id": held.trip.uid, "number": held.trip.number},
        "reason_code": held.reason_code,
        "reason": words.reason(held.reason_code),
        "note": held.note,
        "state": held.state,
        "blocking": held.blocking,
        "resolution_code": held.resolution_code,
        "at": held.at,
        "resolved_at": held.resolved_at,
    }


# -- sentences ------------------------------------------------------------------------


def in_words(said: Mapping[str, str]) -> str:
    """A sentence of the core, which comes in both languages."""
    tongue = "ko" if (get_language() or settings.LANGUAGE_CODE).startswith("ko") else "en"
    return said.get(f"why_{tongue}") or said[tongue]
