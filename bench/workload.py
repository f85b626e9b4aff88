"""The workload of every contest: a year of joint enforcement, the same for each contestant.

Whistle i is blown 630 s after whistle i - 1 and calls 3 of 40 units; each signs, arrives and
finishes, a tenth of them late, and the town evaluates them: 11 orders, about ten whistles open at
once, in the order of their own time. Deterministic, standard library only: peers run it in
environments of their own.
"""

import hashlib
import heapq
import json
from collections.abc import Iterable, Iterator
from random import Random
from typing import Any, NamedTuple

BEGINS_S = 1_735_660_800  # 2025-01-01 00:00 at +08:00
APART_S = 630
UNITS = tuple(f"U{number:02d}" for number in range(40))
TOWNS = tuple(f"town-{number:02d}" for number in range(12))
KINDS = ("gas-leak", "street-vending", "illegal-build", "fly-tipping", "fire-lane", "noise")
CALLED = 3
RESULTS = ("fixed", "handed-over", "no-fault")


class Act(NamedTuple):
    """One order of the workload, and the event that it comes to."""

    at_s: int
    whistle: int
    verb: str  # blow, ack, arrive, finish, evaluate
    unit: str  # empty for the town's own
    body: dict[str, Any]

    @property
    def json(self) -> bytes:
        """The event as the peers store it: 111 bytes on the average."""
        return json.dumps(self.body, separators=(",", ":")).encode()


class Line(NamedTuple):
    """What became of one unit's call: seconds since the whistle, where there is an answer."""

    whistle: int
    unit: str
    ack_s: int | None
    arrive_s: int | None
    finish_s: int | None


def acts_of(whistle: int) -> list[Act]:
    """The 11 orders of one whistle, in the order of their time."""
    chance = Random(whistle)  # noqa: S311  # a workload, no secret
    begun, name = BEGINS_S + whistle * APART_S, f"{whistle:032x}"
    units = chance.sample(UNITS, CALLED)
    acts = []

    def act(after_s: int, verb: str, unit: str = "", **more: Any) -> None:
        at_s = begun + after_s
        said = {"whistle": name, **({"unit": unit} if unit else {}), **more, "at": at_s * 1000}
        acts.append(Act(at_s, whistle, verb, unit, said))

    town, kind = chance.choice(TOWNS), chance.choice(KINDS)
    place = f"{chance.randrange(1, 400)} Caoqiao Rd"
    act(0, "blow", town=town, kind=kind, place=place, units=units, by="duty-officer")
    last = 0
    for unit in units:
        late = chance.randrange(10) == 0
        ack = chance.randrange(20, 220)
        arrive = ack + (chance.randrange(1200, 2400) if late else chance.randrange(180, 1140))
        finish = arrive + (chance.randrange(2400, 9000) if late else chance.randrange(300, 1440))
        by = f"person-{unit}-{chance.randrange(9)}"
        act(ack, "ack", unit, by=by)
        act(arrive, "arrive", unit, by=by)
        act(finish, "finish", unit, by=by, result=chance.choice(RESULTS))
        last = max(last, finish)
    scores = {unit: chance.randrange(1, 6) for unit in units}
    act(last + chance.randrange(600, 7200), "evaluate", by="duty-officer", scores=scores)
    return sorted(acts, key=lambda each: each.at_s)


def acts() -> Iterator[Act]:
    """All orders without end, in the order of their time; those of a whistle keep their own."""
    waiting: list[tuple[int, int, int, Act]] = []
    whistle = 0
    while True:
        while not waiting or BEGINS_S + whistle * APART_S <= waiting[0][0]:
            for nth, act in enumerate(acts_of(whistle)):
                heapq.heappush(waiting, (act.at_s, whistle, nth, act))
            whistle += 1
        yield heapq.heappop(waiting)[3]


def ledger(done: Iterable[Act]) -> list[Line]:
    """What the orders come to: the answer that each contestant must give from what it stored."""
    begun: dict[int, int] = {}
    told: dict[tuple[int, str], dict[str, int]] = {}
    for act in done:
        if act.verb == "blow":
            begun[act.whistle] = act.at_s
            told.update({(act.whistle, unit): {} for unit in act.body["units"]})
        elif act.unit:
            told[act.whistle, act.unit][act.verb] = act.at_s - begun[act.whistle]
    return [
        Line(*whose, said.get("ack"), said.get("arrive"), said.get("finish"))
        for whose, said in told.items()
    ]


def digest(lines: Iterable[Line]) -> str:
    """A ledger in 16 signs, whatever the order of its lines."""
    text = "\n".join(sorted(repr(tuple(line)) for line in lines))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
