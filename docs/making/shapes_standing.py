"""What the duty desk answers: how the town stands, what is waited for, teams and patrols."""

from typing import get_args

from docs.making.shapes import (
    COUNT,
    FLAG,
    HASH,
    SHARE,
    TEXT,
    TIME,
    WHOLE,
    Schema,
    like,
    many,
    null_or,
    of,
)
from projections.deadlines import ClockRow
from projections.desk.overview import UNSETTLED
from projections.desk.watching import MATTERS
from projections.inspect import Counts
from whistle.codec import EVENTS
from whistle.domain import reached
from whistle.domain.patrol.coverage import Line
from whistle.domain.team.events import ForceMode

UNIT = {"unit": TEXT, "unit_name": TEXT}


def status() -> Schema:
    """`status`."""
    times = {"started_at": TIME, "due": TIME, "next_at": null_or(TIME)}
    clocks = many(like(ClockRow, **UNIT, **times))
    steps = dict.fromkeys(("steps", "overdue", "due_soon"), COUNT)
    waiting = of({**UNIT, **steps, "next_due": null_or(TIME)})
    return of(
        {
            "incidents": like(Counts),
            "open_whistles": COUNT,
            "overdue_clocks": COUNT,
            "due_soon": clocks,
            "overdue": clocks,
            "waiting_on": many(waiting),
            "unsettled": of(dict.fromkeys(UNSETTLED, COUNT)),
        }
    )


def handover() -> Schema:
    """`handover`; its digest covers since, size, incidents, owed and happened."""
    case = dict.fromkeys(("name", "stage", "item", "item_name", "place"), TEXT)
    owed = {**UNIT, "verb": TEXT, "name": TEXT, "event": null_or(WHOLE), "due": null_or(TIME)}
    event = {**_event(), "unit_name": null_or(TEXT), "found": TIME}
    return of(
        {
            "since": TIME,
            "until": TIME,
            "size": COUNT,
            "incidents": many(of({**case, "reported_at": null_or(TIME)})),
            "owed": many(of(owed)),
            "fell_due": many(of(event)),
            "happened": many(of(event)),
            "unconfirmed": many(TEXT),
            "digest": HASH,
        }
    )


def watched() -> Schema:
    """One line of `watch --jsonl`; name and unit are empty where there is none."""
    return of({**_event(), "topic": {"enum": [each for each in EVENTS if each in MATTERS]}})


def _event() -> dict[str, Schema]:
    return {"seq": WHOLE, "at": TIME, "topic": {"enum": list(EVENTS)}, "name": TEXT, **UNIT}


def waited() -> Schema:
    """`wait`: the state that ended it, all that were reached, all that cannot come any more."""
    kinds = (reached.OF_INCIDENT, reached.OF_WHISTLE, reached.OF_CALL, reached.OF_TEAM,
             reached.OF_PATROL)  # fmt: skip
    state: Schema = {"enum": list(dict.fromkeys(each for kind in kinds for each in kind))}
    return of(
        {"name": TEXT, "state": null_or(state), "reached": many(state), "barred": many(state)}
    )


def team() -> Schema:
    """`team show`."""
    squad = {**UNIT, "mode": {"enum": list(get_args(ForceMode))}, "expected": FLAG, "heads": COUNT,
             "present": COUNT, "since": null_or(TIME), "persons": many(TEXT),
             "missing": many(TEXT)}  # fmt: skip
    dispatch = {"nr": COUNT, "whistle": TEXT, "incident": TEXT, "units": many(TEXT),
                "dispatched": TIME, "ended": null_or(TIME), "broken_off": FLAG,
                "score": null_or(COUNT)}  # fmt: skip
    named = dict.fromkeys(("name", "stream", "stage", "title", "leader"), TEXT)
    return of(
        {
            **named,
            "kind": {"const": "team"},
            "version": COUNT,
            "leader_name": TEXT,
            "leader_person": TEXT,
            "heads": COUNT,
            "present": COUNT,
            "counted": null_or(TIME),
            "units": many(of(squad)),
            "dispatches": many(of(dispatch)),
        }
    )


def covered() -> Schema:
    """`patrol coverage`; a share is null where there is nothing to have a share of."""
    counts = dict.fromkeys((each for each in Line._fields if each != "key"), COUNT)
    line: dict[str, Schema] = {**counts, "coverage": null_or(SHARE), "attendance": null_or(SHARE)}
    return of(
        {
            "since": null_or(TIME),
            "until": null_or(TIME),
            "whole": of(line),
            "by_grid": many(of({"grid": TEXT, **line})),
            "by_unit": many(of({**UNIT, **line})),
        }
    )
