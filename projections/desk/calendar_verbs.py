"""`whistle calendar`: working days, working time and due times by the calendar in force."""

from typing import Any

import click

from projections.desk import calendar as questions
from projections.desk import times
from projections.desk.answer import Answer
from projections.desk.desk import Desk
from projections.desk.incident_acts import pass_desk
from projections.desk.words import say
from whistle.domain import moment
from whistle.domain.calendar import Calendar
from whistle.domain.refusal import _
from whistle.domain.working_time import STANDARD_SLOTS

slots = click.option("--slots", default=STANDARD_SLOTS, show_default=True,
                     help="The working slots of a day.")  # fmt: skip


def _calendar(desk: Desk) -> Calendar:
    import msgspec

    desk.town  # noqa: B018 - a store without a town says so first
    with desk.reading() as reader:
        adopted = reader.adopted("calendar")
    return msgspec.json.decode(adopted[1], type=Calendar) if adopted else Calendar()


@click.group()
def calendar() -> None:
    """Working days, working time and due times."""


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
@click.option("--reading", default="next-day", show_default=True, help="next-day or hours.")
@pass_desk
def due(desk: Desk, start: str, limit: str, slots: str, reading: Any) -> Answer:
    """When is LIMIT over that starts at FROM? 4wh 30wm (working), 2eh 1ed (continuous), 5wd, 15nd.

    Example: whistle calendar due 2026-02-14T17:00:00+08:00 4wh
    """
    found = questions.due_(_calendar(desk), start, limit, slots, reading)
    shown = times.shown(moment.parse(found["due"]), desk.zone)
    return Answer(data=found, lines=[say(_("due {due}"), due=shown)])
