"""`whistle doctor`: is all well? One page, on a sound store, a broken one, and on none."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import cast

import click
import msgspec

from projections.desk import health_machine, health_record, health_store
from projections.desk.answer import Answer
from projections.desk.desk import Desk, pass_desk
from projections.desk.findings import Finding, State, alarm
from projections.desk.terminal import wide
from projections.desk.tones import Toned
from projections.desk.words import fault, say
from whistle.domain.refusal import NotFound, WhistleError, _
from whistle.log.faults import MISTYPED
from whistle.log.sqlite import SQLiteLog
from whistle.log.store_log import StoreLog

Look = Callable[[Desk, StoreLog], Finding]

STATES: dict[State, tuple[str, str]] = {
    "ok": (_("ok"), ""),
    "look": (_("look"), "soon"),
    "alarm": (_("ALARM"), "late"),
}

CHECKS: dict[str, str] = {
    "store": _("store"),
    "durable": _("durability"),
    "record": _("record"),
    "size": _("size"),
    "disk": _("disk"),
    "wal": _("write-ahead log"),
    "copy": _("last copy"),
    "archive": _("archive"),
    "left": _("left over"),
    "clock": _("clock"),
    "timer": _("timer"),
    "views": _("views"),
    "playbook": _("playbook"),
    "calendar": _("calendar"),
    "identities": _("identities"),
    "hashes": _("hashes"),
    "terminal": _("terminal"),
    "versions": _("versions"),
}


@click.command()
@pass_desk
def doctor(desk: Desk) -> Answer:
    """Is all well? Store, disk, copies, clock, views, rules, calendar: a line each, and what to do.

    Nothing is recorded and no clock speaks. Exit code 1 when a line says ALARM.

    Example: whistle doctor --json
    """
    found = [*_of_store(desk), *health_machine.findings(desk)]
    states = [each.state for each in found]
    return Answer(
        data={
            "healthy": "alarm" not in states,
            "alarms": states.count("alarm"),
            "looks": states.count("look"),
            "findings": [msgspec.to_builtins(each) for each in found],
        },
        lines=_page(found),
        status="found" if "alarm" in states else "done",
    )


def _of_store(desk: Desk) -> Iterator[Finding]:
    """What can be said of the store; where it cannot be opened, why."""
    try:
        log = desk.log
    except WhistleError as error:
        sentence, hint = fault(error)
        yield alarm("store", sentence, hint, there=not isinstance(error, NotFound))
        return
    looks: dict[str, Look] = {**_where(log), **health_record.LOOKS}
    for check, look_at in looks.items():
        yield _looked(check, look_at, desk, log)


def _where(log: StoreLog) -> dict[str, Look]:
    """What is looked at of the file that a store lies in, or of its server."""
    if isinstance(log, SQLiteLog):
        return {check: partial(_of_file, look_at) for check, look_at in health_store.LOOKS.items()}
    from projections.desk import health_server

    return {**health_server.LOOKS}


def _of_file(look_at: Callable[[Desk, SQLiteLog], Finding], desk: Desk, log: StoreLog) -> Finding:
    return look_at(desk, cast("SQLiteLog", log))


def _looked(check: str, look_at: Look, desk: Desk, log: StoreLog) -> Finding:
    """One check; what it cannot read is a finding too, and the others go on."""
    try:
        return look_at(desk, log)
    except (WhistleError, msgspec.MsgspecError, OSError, *MISTYPED) as error:
        if isinstance(error, WhistleError):
            sentence, hint = fault(error)
        else:
            sentence, hint = str(error), ""
        return alarm(check, sentence, hint or "whistle audit verify")


def _page(found: Sequence[Finding]) -> list[str]:
    states = {each: say(text) for each, (text, _tone) in STATES.items()}
    checks = {each.check: say(CHECKS[each.check]) for each in found}
    first, second = (max(map(wide, names.values())) for names in (states, checks))
    lines: list[str] = []
    for each in found:
        state, check = states[each.state], checks[each.check]
        head = f"{state}{' ' * (first - wide(state))}  {check}{' ' * (second - wide(check))}"
        lines.append(Toned(f"{head}  {each.says}", STATES[each.state][1]))
        if each.next:
            lines.append(f"{' ' * (first + second + 4)}→ {each.next}")
    return lines
