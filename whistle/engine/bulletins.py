"""The month's bulletin from a log: proved and folded in one pass, like every assessment."""

from collections.abc import Iterator
from typing import NamedTuple, get_args

from whistle import codec
from whistle.domain import bulletin_notes, bulletin_town
from whistle.domain.bulletin import Units, units
from whistle.domain.bulletin_town import TownMonth, town
from whistle.domain.correction import Corrected, Told, effective
from whistle.domain.message import Event
from whistle.domain.moment import Instant
from whistle.domain.month import Month
from whistle.domain.recording import Delay
from whistle.domain.taken_back import TakenBack
from whistle.domain.whistle.changes import ConfirmationAwaited
from whistle.domain.whistle.events import CallDelivered
from whistle.domain.whistle.told_events import ActTold, ToldConfirmed, ToldRuled
from whistle.engine.assessing import Assessed, ProvedLog, assessed, gather
from whistle.engine.shares import Placed, Question
from whistle.workers import Workers

_HEARD = {
    *get_args(bulletin_notes.NOTING),
    *get_args(bulletin_town.TELLING),
    ConfirmationAwaited,
    ActTold,
    Corrected,
    TakenBack,
    ToldConfirmed,
    ToldRuled,
}
HEARD = frozenset(topic for topic, kind in codec.EVENTS.items() if kind in _HEARD)
"""The topics that a bulletin is made of, beside what the ledger reads."""


class Provisional(NamedTuple):
    """A clock that was counted without its year's calendar."""

    stream: str
    unit: str
    clock: str
    due: Instant


class Bulletin(NamedTuple):
    """A month as the record tells it."""

    month: Month
    found: Assessed
    units: Units
    town: TownMonth
    delays: tuple[Delay, ...]  # of what was typed in the month
    provisional: tuple[Provisional, ...]
    imported: int  # assignments of other systems whistled in the month: in no figure


def bulletin(log: ProvedLog, month: Month, workers: Workers | None = None) -> Bulletin:
    """Prove the whole log and tell a month of it; Broken when it does not prove itself.

    What happened after the month is left out, so that a month that is over stays as it is; what was
    found out later about what happened in it (corrections, acts taken back, rulings, withdrawals)
    counts.
    """
    gathered = gather(log, Question(until=month.end - 1, heard=HEARD), workers)
    told = _as_it_counts(gathered.share.heard)
    found = assessed(gathered)
    noted = bulletin_notes.notes(month, told, found.kept_out)
    rows = found.assignments()
    live = [row for row in rows if not row.key[0] and row.key[1:] not in noted.withdrawn]
    typed = {e.acts[0] for _, e in told if isinstance(e, ActTold) and month.holds(e.at)}
    return Bulletin(
        month,
        found,
        units(month, live, noted.notes, found.stands_at),
        town(month, told),
        tuple(each for each in found.delays if each.seq in typed),
        tuple(_provisional(month, told)),
        sum(bool(row.key[0]) and month.holds(row.whistled) for row in rows),
    )


def _as_it_counts(heard: list[Placed]) -> list[tuple[str, Event]]:
    """What was heard, each with its stream: mistakes set right, and nothing taken back."""
    streams = {each.seq: each.stream for each in heard}
    told = [Told(each.seq, each.event) for each in sorted(heard)]
    return [(streams[each.seq], each.event) for each in effective(told)]


def _provisional(month: Month, told: list[tuple[str, Event]]) -> Iterator[Provisional]:
    """The clocks of the month that a score of it would have to wait for (DESIGN D10)."""
    for stream, event in told:
        match event:
            case CallDelivered(unit=unit, clocks=clocks, at=at):
                for each in clocks:
                    if each.provisional and (month.holds(at) or month.holds(each.due)):
                        yield Provisional(stream, unit, each.clock, each.due)
            case ConfirmationAwaited(unit=unit, due=due, provisional=True, at=at) if (
                due is not None
            ):
                if month.holds(at) or month.holds(due):
                    yield Provisional(stream, unit, "confirm", due)
            case _:
                pass
