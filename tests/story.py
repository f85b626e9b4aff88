"""Given what happened, when an order is given, then this follows, or it is refused by a rule."""

from functools import reduce
from typing import Any

import pytest

from tests.town import around
from whistle.domain.aggregate import Aggregate
from whistle.domain.message import Event, Order
from whistle.domain.moment import Instant
from whistle.domain.refusal import WhistleError


class Story:
    """One aggregate in the town of the tests; what it holds at the end is `state`."""

    def __init__(self, aggregate: Aggregate) -> None:
        self.aggregate = aggregate
        self.told: list[Event] = []
        self._answer: list[Event] | WhistleError | None = None

    @property
    def state(self) -> Any:
        """What the events so far make of the aggregate."""
        return reduce(self.aggregate.evolve, self.told, self.aggregate.start)

    def given(self, *events: Event) -> "Story":
        """This happened."""
        self.told += events
        return self

    def when(
        self, order: Order, by: str = "town", at: Instant | None = None, **known: Any
    ) -> "Story":
        """Somebody asks for this; what it led to has happened, unless it was refused."""
        try:
            events = self.aggregate.decide(self.state, order, around(by, at, **known))
        except WhistleError as refusal:
            str(refusal), refusal.hint.format(**refusal.words)  # a sentence can always be made
            self._answer = refusal
        else:
            self._answer = events
            self.told += events
        return self

    def hear(self, at: Instant) -> "Story":
        """The clock is heard, and what follows by itself happens."""
        self._answer = list(self.aggregate.owed(self.state, at))
        self.told += self._answer
        settled = self.aggregate.settle(self.state, at)
        self._answer = [*self._answer, *settled]
        self.told += settled
        return self

    def then(self, *events: Event) -> "Story":
        """Exactly this follows."""
        assert self._answer == list(events)
        return self

    def then_topics(self, *topics: str) -> "Story":
        """Events under these topics follow, whatever they say."""
        assert isinstance(self._answer, list), self._answer
        assert [event.topic for event in self._answer] == list(topics)
        return self

    def then_refused(self, rule: str, kind: type[WhistleError] = WhistleError) -> "Story":
        """It is refused by this rule, and nothing has happened."""
        if not isinstance(self._answer, kind):
            pytest.fail(f"not refused as {kind.__name__}: {self._answer}")
        assert self._answer.rule == rule
        return self
