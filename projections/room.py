"""What a place for views must offer: a file beside the store, a schema of its database, memory."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import sqlalchemy as sa


class Room(Protocol):
    """A place where the views of one log may lie."""

    kept: bool
    """Whether what is written here is there for the next reader."""

    def reading(self, tables: Sequence[str] = ()) -> AbstractContextManager[sa.Connection]:
        """All views at one moment; the tables named stay in their places meanwhile."""

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """A write, which holds the one write lock from its beginning."""

    def locked(self) -> AbstractContextManager[None]:
        """The lock for what replaces views whole; who catches up does not take it."""

    def clear(self) -> None:
        """Throw away all that is here, whatever it is."""

    def damaged(self, error: sa.exc.DatabaseError) -> bool:
        """Whether views are not as they were written; busy, full, forbidden are other errors."""

    def close(self) -> None:
        """Let go of it."""
