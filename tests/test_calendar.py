"""The calendar: which days are worked, and how a year's notice is read."""

import csv
import hashlib
from datetime import date
from pathlib import Path

import msgspec
import pytest

from whistle.calendar_file import FaultyCalendar, read_calendar
from whistle.domain.calendar import Calendar, Holiday, NoCalendar, Notice, weekend_rule

HERE = Path(__file__).parent
SHIPPED = HERE.parent / "whistle" / "playbooks" / "calendar_cn.toml"
OUTSIDE = HERE / "data" / "calendar" / "cn_workdays_2004_2026.csv"

SPRING = Holiday("春节", date(2026, 2, 15), date(2026, 2, 23), (date(2026, 2, 14),))


@pytest.fixture(scope="module")
def china() -> Calendar:
    return read_calendar(SHIPPED.read_text(encoding="utf-8"))


def outside_days() -> list[dict[str, str]]:
    with OUTSIDE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_day_of_23_years_is_worked_or_not_as_the_state_council_said(china: Calendar) -> None:
    days = outside_days()
    assert len(days) == 8401
    wrong = [
        row["date"]
        for row in days
        if china.is_workday(date.fromisoformat(row["date"])) != (row["is_workday"] == "1")
    ]
    assert wrong == []


def test_every_rest_day_and_working_weekend_bears_the_name_of_its_holiday(china: Calendar) -> None:
    named = [row for row in outside_days() if row["holiday_name"]]
    wrong = {
        row["date"]
        for row in named
        if china.name_of(date.fromisoformat(row["date"])) != row["holiday_name"]
    }
    # the extension notice of 2020 says work resumes that Monday: an ordinary working day
    assert wrong == {"2020-02-03"}
    assert china.name_of(date(2026, 3, 10)) is None


def test_the_working_days_between_two_dates_are_those_of_the_list(china: Calendar) -> None:
    days = [(date.fromisoformat(row["date"]), row["is_workday"] == "1") for row in outside_days()]
    for first, end in ((0, 8400), (3, 3), (364, 366), (700, 703), (2000, 3000), (8000, 8400)):
        expected = sum(worked for _day, worked in days[first:end])
        assert china.workdays(days[first][0], days[end][0]) == expected
    assert china.workdays(date(2026, 12, 31), date(2027, 1, 1)) == 1  # 2027 itself is not touched
    assert china.workdays(date(2026, 3, 10), date(2026, 3, 9)) == 0


def test_the_nth_working_day_after_a_day_is_that_of_the_list(china: Calendar) -> None:
    days = [(date.fromisoformat(row["date"]), row["is_workday"] == "1") for row in outside_days()]
    worked = [day for day, is_worked in days if is_worked]
    for start in (date(2004, 1, 1), date(2025, 12, 31), date(2026, 2, 14), date(2026, 2, 18)):
        later = [day for day in worked if day > start]
        for nth in (1, 2, 20, len(later)):
            assert china.workday_after(start, nth) == later[nth - 1]
        if start.year == 2026:
            with pytest.raises(NoCalendar):
                china.workday_after(start, len(later) + 1)


@pytest.mark.parametrize("day", [date(2027, 1, 4), date(2003, 12, 31)])
def test_a_year_without_notice_is_refused_and_the_command_that_loads_it_named(
    china: Calendar, day: date
) -> None:
    for question in (china.is_workday, china.name_of):
        with pytest.raises(NoCalendar) as refusal:
            question(day)
        assert refusal.value.rule == "calendar.year"
        assert str(day.year) in str(refusal.value)
        assert "whistle calendar import" in refusal.value.hint


def test_the_weekend_rule_answers_any_year_and_keeps_the_notices_it_knows(china: Calendar) -> None:
    for calendar in (weekend_rule(), weekend_rule(china)):
        assert calendar.is_workday(date(2027, 1, 4))
        assert not calendar.is_workday(date(2027, 1, 9))
        assert calendar.name_of(date(2027, 1, 9)) is None
    assert weekend_rule().is_workday(date(2026, 2, 16))
    assert not weekend_rule(china).is_workday(date(2026, 2, 16))
    assert weekend_rule(china).digest != china.digest


def test_a_calendar_survives_json_with_the_same_digest(china: Calendar) -> None:
    stored = msgspec.json.encode(china)
    again = msgspec.json.decode(stored, type=Calendar)
    assert again == china
    assert again.digest == china.digest
    assert len(stored) < 12_000


def test_the_digest_is_of_the_days_not_of_how_they_were_written_down() -> None:
    calendar = Calendar(notices=(Notice(2026, (SPRING,)),))
    split = (
        Holiday("春节", date(2026, 2, 18), date(2026, 2, 23)),
        Holiday("春节", date(2026, 2, 15), date(2026, 2, 17), (date(2026, 2, 14),)),
    )
    lines = ["whistle-calendar/v1 +08:00 refuse", "year 2026", "2026-02-14 work 春节"]
    lines += [f"2026-02-{day} rest 春节" for day in range(15, 24)]
    by_hand = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    assert calendar.digest == by_hand
    assert Calendar(notices=(Notice(2026, split),)).digest == by_hand
    assert Calendar(notices=(Notice(2026, split[:1]),)).digest != by_hand


def test_a_new_year_is_read_from_a_file_in_the_words_of_its_notice() -> None:
    text = '[year]\n2027 = [ { name = "元旦", from = 2026-12-31, to = 2027-01-02 } ]'
    calendar = read_calendar(text)
    assert not calendar.is_workday(date(2027, 1, 1))
    with pytest.raises(NoCalendar):  # the December before belongs to a year that is not loaded
        calendar.is_workday(date(2026, 12, 31))


FAULTY = """\
colour = "red"
[year]
2026 = [
  { name = "元旦", from = 2026-01-01, to = 2026-01-03, work = [2026-01-04] },
  { name = "", from = 2026-02-23, to = 2026-02-15 },       # { a brace in a comment
  { name = "{清明}", from = "2026-04-04", too = 2026-04-06 },
  { name = "劳动节", from = 2026-05-01, to = 2026-05-05, work = [2026-05-08, 2026-05-03] },
  { name = "五一", from = 2026-05-05, to = 2026-05-05, work = 2026-05-09 },
  { name = "国庆节", from = 2026-10-01T08:00:00, to = 2025-10-07 },
  "中秋节",
]
2027 = []
twenty = [ { name = "元旦", from = 2020-01-01, to = 2020-01-01 } ]
"""


def test_all_faults_of_a_file_are_told_at_once_each_with_its_line_and_key() -> None:
    with pytest.raises(FaultyCalendar) as refusal:
        read_calendar(FAULTY)
    told = [(fault.line, fault.key) for fault in refusal.value.faults]
    assert told == [
        (0, "colour"),
        (0, "year.2026[7]"),  # not a table: it has no line of its own to be found by
        (5, "year.2026[2].name"),
        (5, "year.2026[2].to"),
        (6, "year.2026[3].too"),
        (6, "year.2026[3].from"),
        (6, "year.2026[3].to"),
        (7, "year.2026[4].work"),
        (7, "year.2026[4].work"),
        (8, "year.2026[5].work"),
        (8, "year.2026[5]"),
        (9, "year.2026[6].from"),
        (9, "year.2026[6].to"),
        (12, "year.2027"),
        (13, "year.twenty"),
    ]
    assert "line 7, year.2026[4].work: 2026-05-08 is a weekday" in str(refusal.value)
    assert "2026-05-05 is named already, by year.2026[4] 劳动节" in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "place"),
    [("[year]\n2027 = [,", "line 2"), ("", "year"), ("year = 2026", "year"), ("x=1", "x")],
)
def test_a_file_that_is_no_calendar_at_all_says_where(text: str, place: str) -> None:
    with pytest.raises(FaultyCalendar, match=place) as refusal:
        read_calendar(text)
    assert refusal.value.rule == "calendar.file"
