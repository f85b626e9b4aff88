"""A server's clock that steps, stands still or trembles: the order holds, and it decides nothing.

A town whose clock misbehaves lives through the same day as its twin with a true one. A leap of less
than thirty days cannot be told from a rest, and is not among the steps.
"""

import random
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import Often
from tests.played import CALLED, LEADER, Played
from tests.town import TOWN, at
from whistle.domain.clock_anomaly import ClockAnomaly, ClockSettled
from whistle.domain.incident.intake import AcceptIncident, ReportIncident
from whistle.domain.message import Order
from whistle.domain.moment import DAY, HOUR, MINUTE, SECOND, Instant
from whistle.domain.suspect import CAUGHT_UP, Suspicion
from whistle.domain.whistle.approval import ApproveWhistle
from whistle.domain.whistle.call import Acknowledge, Arrive, Finish
from whistle.domain.whistle.issue import BlowWhistle
from whistle.engine.assessing import assess

STEPS: tuple[Instant, ...] = (-DAY, -HOUR, -6 * SECOND, 31 * DAY, 365 * DAY)
TREMBLING = 2 * SECOND
CASES = 8
RIGHT = 60  # readings of the clock


class Given(NamedTuple):
    """An order that was given in both towns, at the true time."""

    at: Instant
    by: str
    stream: str
    order: Order


def day(chance: random.Random, begun: Instant) -> list[Given]:
    """A day of whistles and of what their units do, some of it late."""
    told = []
    for case in range(CASES):
        when, incident, whistle = begun + case * 20 * MINUTE, f"i{case}", f"w{case}"
        told += [
            Given(when, TOWN, incident, ReportIncident("gas-leak", "榆苑路")),
            Given(when + SECOND, TOWN, incident, AcceptIncident()),
            Given(when + 2 * SECOND, TOWN, whistle, BlowWhistle(incident)),
            Given(when + 3 * SECOND, LEADER, whistle, ApproveWhistle()),
        ]
        for unit in CALLED:
            for kind in (Acknowledge, Arrive, Finish):
                when += chance.randrange(40 * MINUTE)
                told.append(Given(when, unit, whistle, kind(unit=unit)))
    return sorted(told, key=lambda each: each.at)


class Clock:
    """A clock that is right for a while; then its error changes by steps, or it stands still."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._right = RIGHT
        self._error = self._shown = 0

    def at(self, true: Instant) -> Instant:
        """What it shows."""
        if self._right:
            self._right -= 1
            return true
        match self._chance.randrange(20):
            case 0:
                self._error += self._chance.choice(STEPS)
            case 1:
                return self._shown or true
        trembling = self._chance.randrange(TREMBLING)
        self._shown = true + self._error + trembling
        return self._shown


def lived(path: Path, acts: list[Given], clock: Clock | None) -> tuple[Played, list[bool]]:
    """A town in which it was all done, by this clock or the true one, and what was allowed."""
    town, allowed = Played(path), []
    for act in acts:
        shown = clock.at(act.at) if clock else act.at
        town.now = shown - MINUTE  # which it adds
        allowed.append(town.order(act.by, act.stream, act.order))
        town.engine.tick()
    return town, allowed


def suspicion(town: Played) -> Suspicion:
    """Which events a doubtful clock stamped, as the record tells it."""
    found = Suspicion()
    for each in town.log.page(0, 10_000):
        if isinstance(each.event, ClockAnomaly | ClockSettled):
            found.hear(each.seq, each.event)
        found.stamped(each.seq, each.recorded_at, each.received_at)
    return found


def verdicts(town: Played) -> dict[tuple[str, str], tuple[bool, bool]]:
    """Of each call that counts: whether it was answered and reached in time."""
    found = assess(town.log)
    return {
        (str(row.key[1]), row.unit): tuple(  # type: ignore[misc]  # two of them
            when is not None and when <= row.dues.get(metric, when)
            for metric, when in (("ack", row.acknowledged), ("arrive", row.arrived))
        )
        for row in found.assignments()
    }


class Twins(NamedTuple):
    """The same acts by a true clock, and by one that misbehaves."""

    true: Played
    town: Played
    refused: list[Given]  # in the second town alone

    def misjudged(self) -> list[tuple[str, str]]:
        """Calls that count in the second town, and otherwise than in the first."""
        right = verdicts(self.true)
        return [call for call, said in verdicts(self.town).items() if said != right[call]]


def twins(folder: Path, seed: str) -> Twins:
    chance = random.Random(seed)  # noqa: S311 - a game, no secret
    acts = day(chance, begun=at("10:00"))
    true, right = lived(folder / f"{seed}-true.db", acts, None)
    town, allowed = lived(folder / f"{seed}.db", acts, Clock(chance))
    return Twins(
        true, town, [act for act, one, two in zip(acts, right, allowed, strict=True) if one != two]
    )


@pytest.mark.parametrize("part", range(3))
def test_whatever_the_clock_does_the_order_holds_and_no_deadline_is_decided_by_it(
    tmp_path: Path, often: Often, part: int
) -> None:
    # P20
    counted = 0
    for run in range(often(1, 4, 80)):
        pair = twins(tmp_path, f"{part}-{run}")
        record = pair.town.log.page(0, 10_000)
        assert all(one.recorded_at < next_.recorded_at for one, next_ in pairwise(record))
        doubted = suspicion(pair.town)
        behind = [each for each in record if each.recorded_at - each.received_at > CAUGHT_UP]
        assert [each.seq for each in behind if doubted.of(each.seq) is None] == []
        assert pair.town.log.verify().ok
        assert pair.refused == [], "nothing is refused for the clock"
        assert pair.misjudged() == []
        assert len(verdicts(pair.true)) == 2 * CASES, "by the true clock every call counts"
        counted += len(verdicts(pair.town))
    assert counted > 0, "a clock is not doubted before it misbehaves"


def test_the_suite_notices_a_clock_that_nobody_doubts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Suspicion, "of", lambda _self, _seq: None)
    assert any(twins(tmp_path, f"0-{run}").misjudged() for run in range(9))
