"""Working time: between two instants, and until a limit is used up."""

import json
from pathlib import Path
from typing import Any, cast

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.desk import calendar as desk
from whistle.calendar_file import read_calendar
from whistle.domain import moment
from whistle.domain.calendar import NoCalendar, weekend_rule
from whistle.domain.limit import Limit, Unit, UnreadableError, parse_limit
from whistle.domain.moment import DAY, HOUR, MINUTE, SECOND, Instant
from whistle.domain.working_time import (
    STANDARD_SLOTS,
    Reading,
    between,
    due,
    parse_slots,
    worked,
)

HERE = Path(__file__).parent
CHINA = read_calendar(
    (HERE.parent / "whistle" / "playbooks" / "calendar_cn.toml").read_text(encoding="utf-8")
)
OUTSIDE = json.loads((HERE / "data" / "calendar" / "cases.json").read_text(encoding="utf-8"))
SLOTS = parse_slots(STANDARD_SLOTS)


def china(text: str) -> str:
    """A time with the offset that the outside cases leave out."""
    return text if "+" in text else text + "+08:00"


def ask(case: dict[str, Any]) -> bool | int | str | None:
    """What the desk answers to an outside case."""
    slots = ",".join(OUTSIDE["schedules"].get(case.get("schedule", "A")))
    match case["kind"]:
        case "is_workday":
            return desk.day(CHINA, case["date"])["workday"]
        case "working_seconds":
            a, b = china(case["start"]), china(case["end"])
            return desk.between_(CHINA, a, b, slots)["seconds"]
        case _:
            limit = f"{case['minutes']}wm" if "minutes" in case else f"{case['days']}wd"
            return desk.due_(CHINA, china(case["start"]), limit, slots)["due"]


@pytest.mark.parametrize("case", OUTSIDE["cases"], ids=lambda case: f"{case['id']}-{case['why']}")
def test_an_outside_case_gets_its_outside_answer(case: dict[str, Any]) -> None:
    expected = case["expected"]
    if expected == "ERROR:no_calendar_data":
        with pytest.raises(NoCalendar):
            ask(case)
    elif expected == "ERROR:end_before_start":
        with pytest.raises(click.UsageError):
            ask(case)
    elif case["kind"].startswith(("add", "due")):
        assert ask(case) == moment.rfc3339(moment.parse(china(expected)))
    else:
        assert ask(case) == expected


def test_there_are_sixty_outside_cases() -> None:
    assert len(OUTSIDE["cases"]) == 60


# domain rules 4.3, computed with the real calendar: 2 urgent hours, 4 working hours, 1 working day
# in both readings, 5 working days of 8 hours, 15 natural days rolled as 民法典 203 says
COLUMNS: tuple[tuple[str, Reading], ...] = (
    ("2eh", "next-day"),
    ("4wh", "next-day"),
    ("1wd", "hours"),
    ("1wd", "next-day"),
    ("5wd", "hours"),
    ("15nd", "next-day"),
)
ROWS = """
2026-02-13T16:30 | 02-13T18:30 | 02-14T10:30 | 02-14T16:30 | 02-14T18:00 | 02-27T16:30 | 02-28T18:00
2026-02-14T17:00 | 02-14T19:00 | 02-24T11:00 | 02-24T17:00 | 02-24T18:00 | 02-28T17:00 | 03-02T18:00
2026-02-23T09:00 | 02-23T11:00 | 02-24T12:00 | 02-24T18:00 | 02-24T18:00 | 02-28T18:00 | 03-10T18:00
2026-09-30T17:50 | 09-30T19:50 | 10-08T11:50 | 10-08T17:50 | 10-08T18:00 | 10-13T17:50 | 10-15T18:00
2025-09-28T10:00 | 09-28T12:00 | 09-28T16:00 | 09-29T10:00 | 09-29T18:00 | 10-11T10:00 | 10-13T18:00
2026-01-30T13:00 | 01-30T15:00 | 01-30T18:00 | 02-02T12:00 | 02-02T18:00 | 02-06T12:00 | 02-14T18:00
2026-05-08T17:30 | 05-08T19:30 | 05-09T11:30 | 05-09T17:30 | 05-09T18:00 | 05-14T17:30 | 05-25T18:00
"""
VECTORS: list[tuple[str, str, Reading, str]] = [
    (start, *column, f"{start[:4]}-{answer}")
    for start, *answers in (row.split(" | ") for row in ROWS.strip().splitlines())
    for column, answer in zip(COLUMNS, answers, strict=True)
]
NINETY_DAYS: list[tuple[str, str, Reading, str]] = [
    ("2026-02-13T16:30", "90nd", "next-day", "2026-05-14T18:00"),
    ("2026-09-30T17:50", "90nd", "next-day", "2026-12-29T18:00"),
    ("2026-01-30T13:00", "90nd", "next-day", "2026-04-30T18:00"),
]


@pytest.mark.parametrize(("start", "limit", "reading", "expected"), VECTORS + NINETY_DAYS)
def test_a_limit_of_the_trade_is_due_when_the_cities_say(
    start: str, limit: str, reading: Reading, expected: str
) -> None:
    answer = desk.due_(CHINA, f"{start}:00+08:00", limit, reading=reading)
    assert answer == {"due": moment.rfc3339(moment.parse(f"{expected}:00+08:00"))}


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("30wm", "30wm"), ("8wh", "8wh"), ("5wd", "5wd"), ("15nd", "15nd"),
        ("3eh", "3eh"), ("2ed", "2ed"), ("30em", "30em"), (" 05 WD ", "5wd"),
        ("4工作时", "4wh"), ("5工作日", "5wd"), ("15自然日", "15nd"), ("30分钟", "30em"),
        ("２紧急工作时", "2eh"), ("1紧急工作日", "1ed"), ("5个工作日", "5wd"),
        ("紧急2小时", "2eh"), ("3紧急工作分钟", "3em"), ("30工作分钟", "30wm"),
    ],
)  # fmt: skip
def test_a_limit_is_read_in_either_language_and_written_in_one(
    written: str, canonical: str
) -> None:
    limit = parse_limit(written)
    assert str(limit) == canonical
    assert parse_limit(str(limit)) == limit


@pytest.mark.parametrize(
    "written",
    ["", "5", "wd", "0wd", "-5wd", "1.5wh", "5 weeks", "2小时", "3天", "5wd5", "9999999wd"],
)
def test_a_limit_that_could_mean_two_things_or_none_is_not_guessed(written: str) -> None:
    with pytest.raises(UnreadableError, match=r"\.$"):
        parse_limit(written)


@pytest.mark.parametrize(
    "written",
    ["", "8-12", "08:00-25:00", "22:00-06:00", "12:00-12:00", "08:00-12:00,11:00-18:00", "08:00"],
)
def test_slots_that_overlap_or_run_backwards_are_not_guessed(written: str) -> None:
    with pytest.raises(UnreadableError, match=r"\.$"):
        parse_slots(written)


def test_a_slot_may_end_at_midnight_and_its_day_is_due_there() -> None:
    slots = "00:00-02:00,22:00-24:00"
    assert parse_slots(slots) == ((0, 7200), (79200, 86400))
    answer = desk.due_(CHINA, "2026-03-09T23:00:00+08:00", "1wh", slots)
    assert answer == {"due": "2026-03-09T16:00:00.000000Z"}


def test_the_desk_names_the_holiday_a_day_rests_or_is_worked_for() -> None:
    assert desk.day(CHINA, "2026-02-14") == {"workday": True, "name": "春节"}
    assert desk.day(CHINA, "２０２６-02-15") == {"workday": False, "name": "春节"}
    assert desk.day(CHINA, "2026-03-10") == {"workday": True, "name": None}


@pytest.mark.parametrize("text", ["20260214", "2026-02-30", "2026-W07-6", "tomorrow", ""])
def test_a_day_that_cannot_be_read_is_wrong_usage(text: str) -> None:
    with pytest.raises(click.UsageError, match="is not a day"):
        desk.day(CHINA, text)


NOON = "2026-03-10T12:00:00+08:00"


def test_a_question_that_cannot_be_read_is_wrong_usage() -> None:
    with pytest.raises(click.UsageError, match="offset"):
        desk.between_(CHINA, "2026-03-10T12:00:00", NOON)
    with pytest.raises(click.UsageError, match="earlier one first"):
        desk.between_(CHINA, "2026-03-10T12:00:01+08:00", NOON)
    with pytest.raises(click.UsageError, match="not a limit"):
        desk.due_(CHINA, NOON, "soon")
    with pytest.raises(click.UsageError, match="not working slots"):
        desk.due_(CHINA, NOON, "5wd", "all day")
    with pytest.raises(click.UsageError, match="no reading"):
        desk.due_(CHINA, NOON, "5wd", reading=cast("Reading", "weeks"))
    with pytest.raises(click.UsageError, match="9999"):
        desk.due_(CHINA, "9999-12-31T12:00:00+08:00", "5ed")
    with pytest.raises(click.UsageError, match="9999"):
        desk.due_(weekend_rule(), "9999-12-31T12:00:00+08:00", "5wd")


def test_a_span_needs_the_calendar_only_of_the_days_it_touches() -> None:
    new_year = "2027-01-01T00:00:00+08:00"  # where 2027, which is not loaded, begins
    hour = desk.between_(CHINA, "2026-12-31T17:00:00+08:00", new_year)
    assert hour == {"seconds": 3600}
    assert desk.between_(CHINA, new_year, new_year) == {"seconds": 0}
    with pytest.raises(NoCalendar):
        desk.between_(CHINA, new_year, "2027-01-01T00:00:01+08:00")
    assert "due" in desk.due_(CHINA, new_year, "3eh")  # nights and holidays run too
    for limit in ("1wm", "1wd", "1nd"):
        with pytest.raises(NoCalendar):
            desk.due_(CHINA, new_year, limit)


def test_an_order_of_instants_is_the_callers_duty() -> None:
    with pytest.raises(ValueError, match="before"):
        worked(CHINA, SLOTS, 1, 0)


def test_a_microsecond_is_not_lost_on_the_way() -> None:
    start = moment.parse("2026-02-14T17:59:59.999999+08:00")
    assert due(CHINA, SLOTS, start, Limit(1, "wm")) == moment.parse(
        "2026-02-24T08:00:59.999999+08:00"
    )


FIRST = moment.parse("2004-01-01T00:00:00+08:00")
LAST = moment.parse("2026-06-30T00:00:00+08:00")
instants = st.integers(FIRST, LAST)
tables = st.sampled_from(
    [parse_slots(text) for text in (STANDARD_SLOTS, "09:00-17:00", "00:00-24:00", "08:30-12:00")]
)
Slots = tuple[tuple[int, int], ...]
SIZE: dict[Unit, int] = {"wm": MINUTE, "wh": HOUR, "wd": 8 * HOUR}
working_limits = st.builds(Limit, st.integers(1, 60), st.sampled_from(sorted(SIZE)))
limits = st.builds(
    Limit, st.integers(1, 60), st.sampled_from(["wm", "wh", "wd", "em", "eh", "ed", "nd"])
)


@given(instants, tables, working_limits)
def test_a_working_limit_is_due_when_exactly_that_much_was_worked(
    start: Instant, slots: Slots, limit: Limit
) -> None:
    end = due(CHINA, slots, start, limit, "hours")
    budget = limit.amount * SIZE[limit.unit]
    assert worked(CHINA, slots, start, end) == budget
    assert worked(CHINA, slots, start, end - 1) == budget - 1  # and not a microsecond earlier
    assert between(CHINA, slots, start, end) == budget // SECOND


@given(st.lists(instants, min_size=3, max_size=3), tables)
def test_working_time_adds_up(three: list[Instant], slots: Slots) -> None:
    a, b, c = sorted(three)
    whole = worked(CHINA, slots, a, c)
    assert whole == worked(CHINA, slots, a, b) + worked(CHINA, slots, b, c)
    assert 0 <= whole <= c - a


@given(instants, st.integers(0, 40 * DAY), limits, st.sampled_from(["next-day", "hours"]))
def test_who_starts_later_is_never_due_earlier(
    start: Instant, later: int, limit: Limit, reading: Reading
) -> None:
    first = due(CHINA, SLOTS, start, limit, reading)
    assert start < first <= due(CHINA, SLOTS, start + later, limit, reading)
