"""`whistle calendar`: working days, working time and due times by the calendar in force."""

from pathlib import Path
from typing import Any

import click

from projections.desk import calendar as questions
from projections.desk import replies, times
from projections.desk.answer import Answer
from projections.desk.desk import Desk, pass_desk
from projections.desk.founding import read
from projections.desk.nouns import Noun
from projections.desk.words import say
from whistle import codec
from whistle.domain import moment
from whistle.domain.calendar import Calendar
from whistle.domain.refusal import _
from whistle.domain.rulebook import STREAM as RULEBOOK
from whistle.domain.rulebook import AdoptCalendar
from whistle.domain.working_time import STANDARD_SLOTS
from whistle.engine import Given

slots = click.option("--slots", "--时段", default=STANDARD_SLOTS, show_default=True,
                     help="The working slots of a day.")  # fmt: skip


def _calendar(desk: Desk) -> Calendar:
    import msgspec

    desk.check_town()
    with desk.reading() as reader:
        adopted = reader.adopted("calendar")
    return codec.read(msgspec.json.Decoder(Calendar), adopted[1]) if adopted else Calendar()


@click.group(cls=Noun, chinese={"导入": "import", "查日": "day", "时长": "between", "到期": "due"})
def calendar() -> None:
    """Working days, working time and due times."""


@calendar.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@pass_desk
def import_(desk: Desk, file: Path) -> Answer:
    """Put the years of calendar FILE (TOML) in force beside those that are.

    Example: whistle calendar import 2027.toml
    """
    from whistle.calendar_file import read_calendar

    loaded = read_calendar(read(file))
    order = AdoptCalendar(calendar=_calendar(desk).with_years(loaded))
    made = desk.ask("calendar import", [Given(RULEBOOK, order)], name=str(file))
    told = replies.answer(desk, [made], rehearsed=desk.options["dry_run"])
    years = " ".join(str(notice.year) for notice in loaded.notices)
    return Answer(
        data=told.data,
        lines=[say(_("In force now: {years}"), years=years), *told.lines[1:]],
    )


@calendar.command("day")
@click.argument("date")
@pass_desk
def day(desk: Desk, date: str) -> Answer:
    """Is DATE worked?

    Example: whistle calendar day 2026-02-14
    """
    found = questions.day(_calendar(desk), date)
    text = _("{date} is worked {name}") if found["workday"] else _("{date} is a day of rest {name}")
    return Answer(data=found, lines=[say(text, date=date, name=found["name"] or "").rstrip()])


@calendar.command("between")
@click.argument("a")
@click.argument("b")
@slots
@pass_desk
def between(desk: Desk, a: str, b: str, slots: str) -> Answer:
    """How much working time lies in [A, B)?

    Example: whistle calendar between 2026-02-13T17:00:00+08:00 2026-02-14T10:00:00+08:00
    """
    found = questions.between_(_calendar(desk), a, b, slots)
    hours, seconds = divmod(found["seconds"], 3600)
    line = say(_("{seconds} s of working time ({hours} h {minutes} min)"),
               seconds=found["seconds"], hours=hours, minutes=seconds // 60)  # fmt: skip
    return Answer(data=found, lines=[line])


@calendar.command("due")
@click.argument("start", metavar="FROM")
@click.argument("limit")
@slots
@click.option(
    "--reading", "--读法", default="next-day", show_default=True, help="next-day or hours."
)
@pass_desk
def due(desk: Desk, start: str, limit: str, slots: str, reading: Any) -> Answer:
    """When is LIMIT over that starts at FROM? 4wh 30wm (working), 2eh 1ed (continuous), 5wd, 15nd.

    Example: whistle calendar due 2026-02-14T17:00:00+08:00 4wh
    """
    found = questions.due_(_calendar(desk), start, limit, slots, reading)
    shown = times.shown(moment.parse(found["due"]), desk.zone)
    return Answer(data=found, lines=[say(_("due {due}"), due=shown)])
