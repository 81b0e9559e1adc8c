"""One table at the door: which refusal is which status. Its words, in the reader's language."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig
from django.db import Error, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from accounts.limits import TooMany
from attest import errors
from settlement.sheets.words import CellFault
from trips import witness_words
from trips.file_words import PAPERS, PICTURE, UPLOADS
from trips.move_words import of_move
from vault.ids import uuid7

log = logging.getLogger(__name__)

# LogInconsistent, SealBroken and KeysUnusable are absent on purpose: they must wake
# somebody, not reply. So are TokenRefused, an answer of every scan, and LeafMalformed,
# NoteRefused, ProofRefused, BundleUnusable and WipeWaits: of those the log, its readers and
# the daily job speak, no door does.
STATUS: dict[type[errors.Refusal], int] = {
    errors.RecordMalformed: 400,
    errors.FactsRefused: 400,
    errors.ClaimRefused: 400,
    errors.ImportRefused: 400,
    errors.SheetRefused: 400,
    errors.UploadRefused: 400,
    errors.PaperRefused: 409,
    errors.ExportRefused: 400,
    errors.PushRefused: 400,
    errors.StepUpRefused: 403,
    errors.NotYours: 403,
    errors.KeyNotBound: 403,
    errors.IdReused: 409,
    errors.MoveRefused: 409,
    errors.SiteCodeRefused: 409,
    errors.HostAskRefused: 409,
    errors.DutiesClash: 409,
    errors.BatchChanged: 409,
    errors.AlreadySettled: 409,
    errors.MonthClosed: 409,
    errors.NotPayable: 409,
    errors.LeaseRefused: 409,
    errors.WeightsRefused: 409,
    errors.RulesRefused: 409,
    errors.KeyGone: 410,
    errors.KeysAway: 503,
    errors.NotPublished: 503,
}

WORDS: dict[type[errors.Refusal], Any] = {
    errors.RecordMalformed: gettext_lazy("The record of this touch cannot be read."),
    errors.FactsRefused: gettext_lazy("The facts of this touch cannot be judged."),
    errors.ClaimRefused: gettext_lazy("This trip cannot be computed yet."),
    errors.ImportRefused: gettext_lazy("This sheet cannot be read."),
    errors.SheetRefused: gettext_lazy("This sheet cannot be read."),
    errors.UploadRefused: PICTURE,
    errors.PaperRefused: gettext_lazy("This cannot be put to the trip."),
    errors.ExportRefused: gettext_lazy("This export cannot be made."),
    errors.StepUpRefused: gettext_lazy("Please confirm with your passkey once more."),
    errors.NotYours: gettext_lazy("This is not yours to decide."),
    errors.KeyNotBound: gettext_lazy(
        "A finance clerk, auditor or administrator uses a passkey that stays on one device."
    ),
    errors.IdReused: gettext_lazy("Another record has this number."),
    errors.MoveRefused: gettext_lazy("The trip is no longer in the state this needs."),
    errors.SiteCodeRefused: gettext_lazy("This code does not count for this trip."),
    errors.HostAskRefused: gettext_lazy("This cannot be answered any more."),
    errors.PushRefused: gettext_lazy("Notices cannot be sent to this browser."),
    errors.DutiesClash: gettext_lazy("Nobody may hold both of these duties."),
    errors.BatchChanged: gettext_lazy("The batch has changed. Please look at it again."),
    errors.AlreadySettled: gettext_lazy("This trip is already settled."),
    errors.MonthClosed: gettext_lazy("This month is closed."),
    errors.NotPayable: gettext_lazy("This trip cannot be paid as it stands."),
    errors.WeightsRefused: gettext_lazy("These weights cannot be taken."),
    errors.RulesRefused: gettext_lazy("This rule set cannot be taken."),
    errors.LeaseRefused: gettext_lazy("This office lends no keys to its desks."),
    errors.KeyGone: gettext_lazy("This was erased when its time was over."),
    errors.KeysAway: gettext_lazy("The keys for this are not at hand here. Please try later."),
    errors.NotPublished: gettext_lazy("This has not been published yet."),
}

# How the framework begins its own sentences, and what is said instead.
_FOREIGN = ("Method ", "Unsupported ", "You do not ", "Multipart ", "Could not ")
_INSTEAD: dict[type[exceptions.APIException], Any] = {
    exceptions.MethodNotAllowed: gettext_lazy("This address does not take that."),
    exceptions.UnsupportedMediaType: gettext_lazy("A body of this kind is not taken here."),
    exceptions.NotAcceptable: gettext_lazy("Nothing of this kind is given out here."),
    exceptions.PermissionDenied: gettext_lazy("This is not yours to do."),
    exceptions.ParseError: gettext_lazy("Some fields are not as needed."),
}
_CODES = {400: "request.shape", 401: "session.over", 403: "role.lacking", 404: "not-found"}
_CODES |= {
    405: "request.method",
    413: "body.too-large",
    415: "request.media-type",
    429: "rate.limit",
}


def reply(exc: Exception, context: dict[str, Any]) -> Response | None:
    """The answer of the API to a refusal: ``{code, detail}`` and its status."""
    if isinstance(exc, errors.Refusal) and (status := STATUS.get(type(exc))):
        return Response(_said(exc), status=status, headers=_later(status))
    if isinstance(exc, OperationalError | InterfaceError):
        _note(exc)
        later = {"code": "busy", "detail": _("Please try again in a moment.")}
        return Response(later, status=503, headers={"Retry-After": "5"})
    if isinstance(exc, ObjectDoesNotExist):
        exc = Http404()
    answer = exception_handler(exc, context)
    if answer is not None:
        if isinstance(exc, exceptions.NotAuthenticated):
            # Without a scheme to name, the framework says 403: as if signing in were no help.
            answer.status_code = 401
        answer.data = _plain(exc, answer.status_code, answer.data)
    return answer


def _later(status: int) -> dict[str, str]:
    """Who comes at a bad time is told when to come again."""
    return {"Retry-After": "60"} if status == 503 else {}


def _said(exc: errors.Refusal) -> dict[str, Any]:
    said: dict[str, Any] = {"code": exc.code, "detail": str(WORDS.get(type(exc), exc.code))}
    if isinstance(exc, errors.ClaimRefused):
        said["faults"] = [
            {"code": f.code, "path": f.path, "ko": f.ko, "en": f.en} for f in exc.faults
        ]
    elif isinstance(exc, errors.UploadRefused):
        said["code"] = f"upload.{exc.why}"
        said["detail"] = str(UPLOADS.get(exc.why, said["detail"]))
    elif isinstance(exc, errors.PaperRefused):
        said["code"] = f"paper.{exc.why}"
        said["detail"] = str(PAPERS.get(exc.why, said["detail"]))
    elif isinstance(exc, errors.MoveRefused | errors.DutiesClash):
        said |= of_move(exc)
    elif isinstance(exc, errors.SiteCodeRefused):
        said |= witness_words.of_site_code(exc)
    elif isinstance(exc, errors.HostAskRefused):
        said |= witness_words.of_host_ask(exc)
    elif isinstance(exc, errors.ImportRefused):
        said["code"] = str(exc)
    elif isinstance(exc, errors.SheetRefused):
        said["code"] = exc.why
        said["cells"] = [cell.as_dict() for cell in exc.cells if isinstance(cell, CellFault)]
    return said


def _plain(exc: Exception, status: int, data: Any) -> dict[str, Any]:
    if isinstance(exc, Http404 | exceptions.NotFound):
        return {"code": "not-found", "detail": _("Not found, or not yours to see.")}
    if isinstance(exc, exceptions.ValidationError):
        return {
            "code": "request.shape",
            "detail": _("Some fields are not as needed."),
            "fields": data,
        }
    if status == 401:
        return {"code": "session.over", "detail": _("Please sign in.")}
    code = _CODES.get(status, "refused")
    if isinstance(exc, exceptions.APIException) and isinstance(exc.detail, exceptions.ErrorDetail):
        own = exc.detail.code or ""
        return {"code": own if "." in own else code, "detail": _sentence(exc, exc.detail)}
    return {"code": code, "detail": _("This is not yours to do.")}


def _sentence(exc: exceptions.APIException, detail: exceptions.ErrorDetail) -> str:
    """Our own words as they are; for the framework's, which know no Korean, words of ours."""
    foreign = "." not in (detail.code or "") and str(detail).startswith(_FOREIGN)
    return str(_INSTEAD.get(type(exc), detail)) if foreign else str(detail)


class RefusalMiddleware:
    """Pages meet the same refusals: shown in words, with one way on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exc: Exception) -> HttpResponse | None:
        if isinstance(exc, RequestDataTooBig):
            return shown(request, "body.too-large", _("This is too large to send."), 413)
        if isinstance(exc, OperationalError | InterfaceError):
            return busy(request, exc)
        if isinstance(exc, TooMany):
            answer = shown(request, "rate.limit", str(exc.detail), exc.status_code)
            answer.headers["Retry-After"] = str(exc.wait)
            return answer
        if isinstance(exc, errors.Refusal) and (status := STATUS.get(type(exc))):
            said = _said(exc)
            answer = shown(request, said["code"], said["detail"], status)
            for name, value in _later(status).items():
                answer.headers[name] = value
            return answer
        return None


def shown(request: HttpRequest, code: str, detail: str, status: int) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse({"code": code, "detail": detail}, status=status)
    return render(request, "refused.html", {"code": code, "sentence": detail}, status=status)


def busy(request: HttpRequest, cause: Error) -> HttpResponse:
    """The database is away. Plain words: a page would ask it who reads."""
    _note(cause)
    sentence = _("Please try again in a moment.")
    answer = (
        JsonResponse({"code": "busy", "detail": sentence})
        if request.path.startswith("/api/")
        else HttpResponse(f"{sentence}\n", content_type="text/plain; charset=utf-8")
    )
    answer.status_code, answer.headers["Retry-After"] = 503, "5"
    return answer


def _note(exc: Error) -> None:
    """For the administrator: a deadlock, a time-out and a lost line are not one thing.

    By the database's own code alone; its sentences may quote a row.
    """
    cause = exc.__cause__ or exc
    code = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None)
    log.warning("busy: %s %s", type(cause).__name__, code or "without a code")


def unreadable(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What is refused before any view: a body over the limit, a host that is not ours."""
    if isinstance(exception, RequestDataTooBig):
        return shown(request, "body.too-large", _("This is too large to send."), 413)
    # Plain words: what a page needs may not be there yet when a host name is refused.
    return HttpResponse("request.shape\n", status=400, content_type="text/plain")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    del exception
    if request.path.startswith("/api/"):
        return shown(request, "role.lacking", _("This is not yours to do."), 403)
    return render(request, "403.html", status=403)


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    del reason
    return shown(request, "request.forged", _("Please reload the page and try again."), 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    del exception
    if request.path.startswith("/api/"):
        return shown(request, "not-found", _("Not found, or not yours to see."), 404)
    return render(request, "404.html", status=404)


def fault(request: HttpRequest) -> HttpResponse:
    """Our own fault: a number to quote, never a trace or a value."""
    # What happens before any view, who reads for one, is no less the database's fault.
    cause = sys.exc_info()[1]
    if isinstance(cause, OperationalError | InterfaceError):
        return busy(request, cause)
    incident = uuid7().hex[-12:]
    log.error("incident %s", incident)
    if request.path.startswith("/api/"):
        detail = _("Our fault; nothing you typed is lost. Error %(incident)s") % {
            "incident": incident
        }
        return JsonResponse({"code": "fault", "detail": detail}, status=500)
    return render(request, "500.html", {"incident": incident}, status=500)
