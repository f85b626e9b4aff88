"""Orders about what is on record already: decided on the history, not on what it comes to."""

from collections.abc import Sequence

from whistle.domain.correction import Correct, RecordOrder, Told, correct
from whistle.domain.message import Event
from whistle.domain.surroundings import Surroundings
from whistle.domain.taken_back import TakeBack, TakeBackToo
from whistle.domain.taking_back import take_back
from whistle.domain.whistle import hearing
from whistle.domain.whistle.hearing import ToldOrder


def decide(history: Sequence[Told], order: RecordOrder, around: Surroundings) -> list[Event]:
    """What follows from an order about a stream's record; each kind has a place of its own."""
    match order:
        case Correct():
            return [correct(history, order, around)]
        case TakeBack() | TakeBackToo():
            return take_back(order, around)
        case ToldOrder():
            return hearing.decide(history, order, around)
        case _:
            raise TypeError(f"nobody decides {type(order).__name__}")
