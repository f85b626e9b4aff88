"""The store was put back to an earlier state: told in the record itself, where a new epoch begins.

An epoch is a run of the record that nobody has cut short. Every leaf carries its epoch, and an
epoch's number is never used again for the same store: so what was recorded after the copy was made
and what is recorded after it was put back cannot be taken for one another, by nobody.
"""

from typing import ClassVar

import msgspec

from whistle.domain.message import Event
from whistle.domain.moment import Instant

STREAM = "store"


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers of a series that were given to what is lost, and will be given again."""

    series: str  # such as W-WY26
    first: int
    last: int

    def __str__(self) -> str:
        first = f"{self.series}-{self.first:05d}"
        return first if self.first == self.last else f"{first}…{self.last:05d}"


class StoreRestored(Event, frozen=True):
    """The store was put back to an earlier state, and a new epoch of its record begins."""

    topic: ClassVar[str] = "store.restored/1"
    epoch: int  # that begins with the event after `kept`
    kept: int  # how many events of before are still there
    root: str  # of their tree, in hex
    lost: int | None = None  # events recorded after that, and gone; none where nobody can tell
    lost_from: Instant | None = None  # when the first of them was recorded
    lost_root: str | None = None  # of the tree that held them, in hex: it proves the file set aside
    again: tuple[Again, ...] = ()
    reason: str = ""
