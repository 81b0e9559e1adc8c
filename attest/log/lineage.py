"""How the keys of one role follow one another: who signs now, who did before, and up to where.

An end is told by a *mark*: for the keys of the log and those under exports it is how many leaves
the log has, for those under log receipts the time a receipt names, in microseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

from attest.errors import KeysUnusable, NoteRefused

from .note import Kind, VerifyingKey


@dataclass(frozen=True, slots=True)
class Retired:
    """A key that another has followed: *until* is the last mark at which it has a say."""

    key: VerifyingKey
    until: int


@dataclass(frozen=True, slots=True)
class Lineage:
    """*now* signs; each of *retired* did before. What comes later counts for what was earlier."""

    now: tuple[VerifyingKey, ...]
    retired: tuple[Retired, ...] = ()

    @property
    def every(self) -> tuple[VerifyingKey, ...]:
        return (*self.now, *(one.key for one in self.retired))

    def at(self, mark: int) -> tuple[VerifyingKey, ...]:
        """Whose turn it is at *mark*: of each kind the first that was not yet retired."""
        held: dict[Kind, VerifyingKey] = {}
        for one in sorted(self.retired, key=lambda one: one.until):
            if mark <= one.until:
                held.setdefault(one.key.kind, one.key)
        return tuple(dict.fromkeys(held.get(key.kind, key) for key in self.now))

    def standing(self, mark: int) -> tuple[VerifyingKey, ...]:
        """Who may have signed what is of *mark*: whose turn it was, and whoever came after.

        What was asked for under one key may be signed under its heir; never the other way.
        """
        return (*self.now, *(one.key for one in self.retired if mark <= one.until))

    def followed(self, old: VerifyingKey, new: VerifyingKey, *, mark: int) -> Self:
        """Who signs knowing that *new* took the place of *old* at *mark*.

        Said again it changes nothing: the first time is when the key went. ``NoteRefused`` where
        *old* had no say there any more: whoever kept or stole it names no second heir.
        """
        if Retired(old, mark) in self.retired:
            return self
        if any(one.until < mark for one in self._said_of(old, new)):
            return self
        if old not in self.now or new in {one.key for one in self.retired}:
            raise NoteRefused("no_log_key")
        heirs = dict.fromkeys(new if key == old else key for key in self.now)
        return replace(self, now=tuple(heirs), retired=(*self.retired, Retired(old, mark)))

    def traced(self, old: VerifyingKey, new: VerifyingKey, *, mark: int) -> Self:
        """The same, looking back: whoever believes the heir learns whose place it took.

        Told of the newest first; of one said twice the first counts. What leads to no key
        believed adds nothing.
        """
        if later := [one for one in self._said_of(old, new) if mark < one.until]:
            others = (one for one in self.retired if one not in later)
            return replace(self, retired=(Retired(old, mark), *others))
        first = self.at(0)
        if new not in first or old in first:
            return self
        return replace(self, retired=(Retired(old, mark), *self.retired))

    def expect_whole(self) -> None:
        """``KeysUnusable`` where it leaves open who signed when, or with which key."""
        ends = {(one.key.kind, one.until) for one in self.retired}
        # Two of one kind that end at one mark would leave the order of them open.
        if len(ends) != len(self.retired) or any(one.until < 1 for one in self.retired):
            raise KeysUnusable("a key that was retired has an end of its own")
        if not {kind for kind, _ in ends} <= {key.kind for key in self.now}:
            raise KeysUnusable("a key that was retired has an heir")
        expect_distinct(self.every)

    def _said_of(self, old: VerifyingKey, new: VerifyingKey) -> list[Retired]:
        """Where *old* went to this heir, and to no other, as far as is known."""
        went = (one for one in self.retired if one.key == old)
        return [one for one in went if new in self.at(one.until + 1)]


def expect_distinct(keys: Iterable[VerifyingKey]) -> None:
    materials = [key.material for key in keys]
    if len(set(materials)) != len(materials):
        raise KeysUnusable("one key under two names")
