"""Every refusal this product can make, as one tree.

Refusal
├── RecordMalformed     the phone's record cannot be read
├── FactsRefused        facts of a touch that cannot be weighed; why: evidence.md §3
├── ClaimRefused        a claim that cannot be computed; every fault it has
├── TokenRefused        the scanned text cannot be honoured; why: token.md §8
├── KeysUnusable        key material that must not be used
├── KeysAway            the keys for this are not at hand here, or not just now
├── NotPublished        a signed document that nobody has signed yet
├── LeafMalformed       not a leaf of this log
├── NoteRefused         a signed note that does not hold
├── ProofRefused        a proof that proves nothing
├── BundleUnusable      a bundle or table that cannot be read, so nothing is said
├── IdReused            one id, two different bodies
├── MoveRefused         a trip cannot make this move from where it stands
├── SiteCodeRefused     a code of a place that shows nothing about this touch
├── HostAskRefused      a host's answer that cannot be taken, or not now
├── PushRefused         an address that no notice may be handed to
├── NotYours            the deed belongs to somebody else
├── DutiesClash         nobody may hold both of these duties
├── KeyNotBound         a duty that goes with no passkey that can be synced
├── ImportRefused       a sheet of people or trips that cannot be read
├── SheetRefused        a workbook of the clerk's that cannot be read; its cells
├── UploadRefused       a picture or PDF that cannot be opened
├── PaperRefused        a paper or photo that cannot be put to this trip
├── WeightsRefused      a version of the weights that cannot be taken or released
├── RulesRefused        a rule set of the office that cannot be taken or released
├── LeaseRefused        an opening key that is not lent to a desk
├── StepUpRefused       the deed needs a fresh signature that was not there
├── BatchChanged        what was signed is no longer what stands
├── AlreadySettled      this trip has been paid
├── MonthClosed         what belongs to a closed month comes too late for it
├── NotPayable          this trip cannot be paid as it stands
├── ExportRefused       an export nobody may make like this
├── SealBroken          a sealed field does not belong where it lies
├── KeyGone             the data key of a sealed field was destroyed
├── WipeWaits           erased rows cannot be wiped from the database's files yet
└── LogInconsistent     the history disagrees with itself: stop

No branch says "weak evidence". A poor touch is recorded together with its
reasons; what it is worth is for a person to decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


class Refusal(Exception):
    """A "no" with a stable ``code``. The words may change; the code may not."""

    code: ClassVar[str] = "refused"


class RecordMalformed(Refusal):
    code = "record.malformed"


class FactsRefused(Refusal):
    """*why* is ``facts.…`` of evidence.md §3; *path* a JSON pointer, empty for the whole."""

    code = "facts.refused"

    def __init__(self, why: str, *, path: str = "") -> None:
        super().__init__(why)
        self.why, self.path = why, path


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a claim: *path* is like ``trips[0].fares[2].amount``."""

    code: str
    path: str
    ko: str
    en: str


class ClaimRefused(Refusal):
    """Every fault found, in reading order; codes and paths of travel-expenses.md §2."""

    code = "claim.refused"

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(", ".join(fault.code for fault in faults))
        self.faults = tuple(faults)


class TokenRefused(Refusal):
    """*why* is one of the codes of token.md §8; only ``code`` leaves the house."""

    code = "token.refused"

    def __init__(self, why: str, *, at: str, kid: str | None = None) -> None:
        super().__init__(why)
        self.why, self.at, self.kid = why, at, kid


class KeysUnusable(Refusal):
    code = "keys.unusable"


class KeysAway(Refusal):
    code = "keys.away"


class NotPublished(Refusal):
    code = "keys.not-published"


class LeafMalformed(Refusal):
    code = "leaf.malformed"


class NoteRefused(Refusal):
    """*why* is one of ``malformed bad_signature no_log_key quorum`` (log.md §12)."""

    code = "note.refused"

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class ProofRefused(Refusal):
    """*why* is one of ``shape inclusion consistency range_root surplus``."""

    code = "proof.refused"

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class BundleUnusable(Refusal):
    """*why* is a code of log.md §12 that ends with exit 2; *what* the file or member."""

    code = "bundle.unusable"

    def __init__(self, why: str, *, what: str = "") -> None:
        super().__init__(why)
        self.why, self.what = why, what


class IdReused(Refusal):
    code = "check-in.id-reused"


class MoveRefused(Refusal):
    """*why*, where there is one, is the exact code that leaves the house in place of this one."""

    code = "trip.move-refused"

    def __init__(self, said: str, *, why: str = "") -> None:
        super().__init__(said)
        self.why = why


class SiteCodeRefused(Refusal):
    """*why*: ``unread wrong elsewhere over resting batch``; *left* tries where they are counted."""

    code = "site-code.refused"

    def __init__(self, why: str, *, left: int | None = None) -> None:
        super().__init__(why)
        self.why, self.left = why, left


class HostAskRefused(Refusal):
    """*why*: ``unknown expired answered own closed many unnamed``."""

    code = "host-ask.refused"

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class PushRefused(Refusal):
    code = "push.address"


class NotYours(Refusal):
    code = "trip.not-yours"


class KeyNotBound(Refusal):
    code = "device.not-bound"


class DutiesClash(Refusal):
    """*why*, where there is one, is the exact code that leaves the house in place of this one."""

    code = "person.duties-clash"

    def __init__(self, said: str, *, why: str = "") -> None:
        super().__init__(said)
        self.why = why


class ImportRefused(Refusal):
    code = "import.refused"


class SheetRefused(Refusal):
    """*why* is ``sheet.…`` of travel-expenses.md §8; *cells* what is wrong with which."""

    code = "sheet.refused"

    def __init__(self, why: str, cells: Sequence[object] = ()) -> None:
        super().__init__(why)
        self.why, self.cells = why, tuple(cells)


class UploadRefused(Refusal):
    """*why*: ``too-large too-many-pixels heic not-a-picture quota``.

    Of a PDF also ``not-a-pdf locked too-many-pages too-heavy``.
    """

    code = "upload.refused"

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class PaperRefused(Refusal):
    """*why*: ``twice too-many used not-signed unsure``."""

    code = "paper.refused"

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class WeightsRefused(Refusal):
    """*why*: ``shape version rules taken unknown altered own released soon``."""

    code = "weights.refused"

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class RulesRefused(Refusal):
    """*why*: ``size taken elsewhere altered frozen own early``."""

    code = "rules.refused"

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class LeaseRefused(Refusal):
    code = "lease.refused"


class StepUpRefused(Refusal):
    code = "step-up.refused"


class BatchChanged(Refusal):
    code = "step-up.batch-changed"


class AlreadySettled(Refusal):
    code = "settlement.already"


class MonthClosed(Refusal):
    code = "month.closed"


class NotPayable(Refusal):
    code = "settlement.not-payable"


class ExportRefused(Refusal):
    code = "export.refused"


class SealBroken(Refusal):
    code = "sealed.broken"


class KeyGone(Refusal):
    code = "sealed.key-gone"


class WipeWaits(Refusal):
    code = "wipe.waits"


class LogInconsistent(Refusal):
    code = "log.inconsistent"
