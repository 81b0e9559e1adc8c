"""What the station says: two questions, their answers and cures (ux.md §7.2)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.saying import korean
from attest.allowance.cautions import CODES
from attest.allowance.words_findings import FINDINGS
from settlement.models import Genuine, Payable

# Sign, its drawing, and the tone of its band. The word always stands beside it.
MARKS: dict[str, tuple[str, str, str]] = {
    Genuine.GENUINE: ("○", "ok", "ok"),
    Genuine.BY_NUMBER: ("○", "ok", "ok"),
    Genuine.WITHDRAWN: ("△", "warn", "warn"),
    Genuine.UNVERIFIABLE: ("✕", "bad", "bad"),
    Genuine.NOT_OURS: ("✕", "bad", "bad"),
    Payable.PAYABLE: ("○", "ok", "ok"),
    Payable.ZERO: ("○", "ok", "ok"),
    Payable.SUPPLEMENT: ("△", "warn", "warn"),
    Payable.APPROVAL: ("△", "warn", "warn"),
    Payable.REVIEW: ("◇", "review", "warn"),
    Payable.EXCEPTION: ("◇", "review", "warn"),
    Payable.SETTLED: ("■", "settled", "info"),
    Payable.RECORD: ("✕", "bad", "bad"),
    Payable.WAITING: ("…", "wait", "info"),
}

QUESTION_GENUINE = _("Genuine?")
QUESTION_PAYABLE = _("Payable?")

# -- genuine --------------------------------------------------------------------------

GENUINE: dict[str, Any] = {
    Genuine.GENUINE: _("Yes, genuine"),
    Genuine.BY_NUMBER: _("Server record found by number"),
    Genuine.WITHDRAWN: _("Genuine, but withdrawn by the traveller"),
    Genuine.UNVERIFIABLE: _("Cannot be verified"),
    Genuine.NOT_OURS: _("Not a trip receipt"),
}
ISSUED = _("Issued by %(issuer)s %(time)s; signature and log agree")
ISSUED_WHOLE = _(
    "Issued by %(issuer)s %(time)s for the whole trip; touches: %(count)d; signatures and log agree"
)
NOT_READ = _("The QR was not read")
FOREIGN = _("Another body's code")
NOT_FOUND = _("No record found by number")

# What a clerk reads for each code of token.md §8; the codes themselves never change.
REFUSED: dict[str, Any] = {
    "malformed": _("This is not a trip receipt code"),
    "wrong_host": _("This code belongs to another body"),
    "unknown_key": _("Its key cannot be checked"),
    "decrypt_failed": _("This code cannot be checked"),
    "bad_signature": _("Forged or damaged code"),
    "key_not_valid": _("The time of its key is over"),
    "not_yet_valid": _("Its time does not fit"),
    "expired": _("Its time is over"),
    "revoked": _("This check-in was withdrawn"),
    "stale_keys": _("The list of keys is too old"),
    "stale_status": _("The list of withdrawals is too old"),
    "trip_mismatch": _("Does not fit the record of visits"),
    "no_record": _("The server holds no such record"),
}
NUMBER_U = _("U is not used")
NUMBER_WRONG = _("The number does not add up; please check its twelve letters")

# -- what a desk says by itself, without the server ------------------------------------

# Code: mark, tone, words. The server's own answer replaces it.
ALONE: dict[str, tuple[str, str, Any]] = {
    "provisional": ("warn", "warn", _("Provisional: looks genuine")),
    "withdrawn": ("warn", "warn", _("Provisional: genuine, but withdrawn by the traveller")),
    "unverifiable": ("bad", "bad", _("Provisional: cannot be verified")),
    "not-ours": ("bad", "bad", _("Provisional: not a trip receipt")),
    "waiting": ("wait", "info", _("Not checked yet; will be when the server answers")),
}
WHY_WAITING: dict[str, Any] = {
    "no_keys": _("This desk holds no list of keys yet"),
    "no_lease": _("This desk has no opening key"),
    "not_here": _("Its key was not lent to this desk"),
    "number": _("A number is looked up at the server"),
    "shown": _("A code of one minute is read by the server alone; ask for the receipt"),
}
AGES = _("Keys {k} · withdrawals {s}")
NEVER = _("none")
UNKNOWN = _("Whether it was withdrawn cannot be told")
WHOLE_TRIP = _("The whole trip")

CURE_NUMBER = _("Find by number")
CURE_NEWEST = _("Show the newest receipt of this trip")
CURE_OTHER = _("Show another code")

# -- payable --------------------------------------------------------------------------

PAYABLE: dict[str, Any] = {
    Payable.PAYABLE: _("Payable"),
    Payable.ZERO: _("Amount is 0 won"),
    Payable.SUPPLEMENT: _("Payable after one more item"),
    Payable.APPROVAL: _("Payable once approved"),
    Payable.REVIEW: _("Needs two people"),
    Payable.EXCEPTION: _("An exception must be resolved first"),
    Payable.SETTLED: _("Already settled"),
    Payable.RECORD: _("This record is not usable"),
    Payable.WAITING: _("Shown after the check"),
}
OTHER_PROOF = _("The trip can be settled on other proof")
SETTLED_BY = _("%(date)s, %(clerk)s")
OWN_TRIP = _("You travelled or approved this trip: another clerk settles it")

CURE_BATCH = _("Add to batch")
CURE_ITEM = _("Ask for it")
CURE_APPROVER = _("Tell the approver")
CURE_EXCEPTION = _("To the exceptions")
CURE_SETTLEMENT = _("See the settlement")

# -- why a payment is held ------------------------------------------------------------

REASONS: dict[str, Any] = {
    "claim.unapproved": _("Not approved yet"),
    "claim.no-receipt": _("No trip receipt"),
    "claim.record-invalid": _("Only unusable records"),
    "claim.settled-twice": _("Settled already"),
    "claim.correction-open": _("A correction is open"),
    "claim.appeal-open": _("An appeal is open"),
    "claim.person-unmatched": _("The person does not match"),
    "claim.day-changed": _("The sum of another trip of the day would change"),
    "claim.standing-changed": _("The standing allowance of its month would change"),
    "claim.facts-decided": _("Computed by what two clerks decided"),
    "claim.overlap": _("It overlaps another trip of the same person"),
    "claim.not-computed": _("Cannot be computed yet"),
    "claim.sent-back": _("Sent back to the traveller"),
    "claim.fuel-price-absent": _("The list of fuel prices has none for that day"),
    "claim.costs-untold": _("The traveller has not said what the trip cost"),
    "receipt.reused": _("A paper lies with another trip as well"),
    "hours_differ": _("Claimed and confirmed hours lead to two sums"),
    "distance_unknown": _("No distance is known"),
    "distance_band_2km": _("The distance is near the limit of 2 km"),
    "distance_band_12km": _("The distance is near the limit of 12 km"),
    "distance_reading": _("One way and both ways lead to two areas"),
    "distance_method": _("The distance is only declared, or a straight line"),
    "evidence.review": _("Needs review"),
    "evidence.supplement": _("One more item"),
    "evidence.invalid": _("Not usable as evidence"),
}
# A warning of the engine without a sentence of our own; its own stands in the note.
WARNED = _("The computation warns of something")
RESOLUTIONS: dict[str, Any] = {
    "item-added": _("The item came"),
    "corrected": _("Corrected"),
    "explained": _("Explained"),
    "other-proof": _("Accepted on other proof"),
    "returned": _("Returned to the traveller"),
    "duplicate-left-out": _("Told twice: left out"),
    "referred": _("Referred to the auditors"),
    "two-person-review": _("Reviewed by two clerks"),
    "amount-changed": _("Computed by other facts, as two clerks agreed"),
    "not-a-trip": _("No trip, as the traveller says"),
}

RULES: dict[str, Any] = {
    "size": _("At most 64 KiB are taken."),
    "taken": _("A version of this name is there already."),
    "elsewhere": _(
        "The rules of this office would not read this set: its id stands nowhere above."
    ),
    "altered": _("The text is not the one that was written. Nothing is computed by it."),
    "frozen": _("It is proposed or released already and changes no more."),
    "own": _("Another administrator has to do this."),
    "early": _("Its first day must come after today, and after every trip that was settled."),
}

# -- one trip in a batch that was left out --------------------------------------------

LEFT_OUT: dict[str, Any] = {
    "settlement.already": _("Settled already"),
    "settlement.not-payable": _("No longer payable"),
    "step-up.batch-changed": _("Its sum has changed"),
    "trip.move-refused": _("No longer in the state this needs"),
}
NOT_REACHED = _("Not reached yet. If nothing is at work on it, lay it into another batch")

# -- lines of money -------------------------------------------------------------------

ITEMS: dict[str, Any] = {
    "not_payable": _("Not payable"),
    "in_area_flat": _("In-area flat sum"),
    "in_area_car_deduction": _("Less for an official car"),
    "in_area_actual": _("In-area actual cost"),
    "in_area_day_cap": _("In-area cap of the day"),
    "fare": _("Fare"),
    "daily": _("Daily allowance"),
    "meals": _("Meals"),
    "lodging": _("Lodging"),
    "lodging_excess": _("Lodging over the cap"),
    "lodging_relatives": _("Night with relatives"),
    "lodging_shared": _("Shared room"),
    "other_payer": _("Paid by somebody else"),
    "reduction": _("Reduction by the office"),
    "rounding": _("Odd won"),
    "standing": _("Standing allowance"),
}


def reason(code: str) -> str:
    """The sentence of a reason; a code without one is said as it is, never left out."""
    if code in FINDINGS:
        said = FINDINGS[code][1]
        return said.ko if korean() else said.en
    if code in CODES and code not in REASONS:
        return str(WARNED)
    return str(REASONS.get(code, code))


def item(name: str) -> str:
    return str(ITEMS.get(name, name))
