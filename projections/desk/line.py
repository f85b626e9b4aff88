"""One command line on its way to its answer."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # help must not pay for the engine
    from projections.desk.answer import Answer
    from projections.desk.desk import Desk


class Line:
    """What was typed, and the desk that it was given to."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words
        self.desk: Desk | None = None


class Repeated(Exception):
    """The command was recorded before, under the same key.

    Raised because click would go on from the root to the verb, which looks up names anew.
    """

    def __init__(self, answer: "Answer") -> None:
        super().__init__()
        self.answer = answer
