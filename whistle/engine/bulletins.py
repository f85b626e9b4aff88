"""The month's bulletin from a log: proved and read in one pass, like every assessment."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, get_args

from whistle import codec
from whistle.domain import bulletin_notes, bulletin_town
from whistle.domain.bulletin import Units, of_month, units
from whistle.domain.bulletin_notes import Note, notes
from whistle.domain.bulletin_town import Town, TownMonth
from whistle.domain.correction import Corrected, Told, effective
from whistle.domain.ledger import Assignment
from whistle.domain.moment import Instant
from whistle.domain.month import Month
from whistle.domain.recording import Delay
from whistle.domain.taken_back import TakenBack
from whistle.domain.whistle.changes import ConfirmationAwaited
from whistle.domain.whistle.events import CallDelivered
from whistle.domain.whistle.told_events import ActTold, ToldConfirmed, ToldRuled
from whistle.engine.assessing import Assessed, ProvedLog, Verified, gather
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

    seq: int  # of the event that set it
    call: str  # the whistle's name
    unit: str
    clock: str
    due: Instant


class Bulletin(NamedTuple):
    """A month as the record tells it."""

    month: Month
    verified: Verified
    stands_at: Instant | None
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
    found, told = gather(log, Question(until=month.end - 1, heard=HEARD), workers), _Told(month)
    for part in found.parts():
        told.take(part)
    return Bulletin(
        month,
        found.verified,
        found.stands_at,
        units(month, told.rows, told.notes, found.stands_at),
        told.town.month(),
        tuple(told.delays),
        tuple(sorted(told.provisional)),
        told.imported,
    )


class _Told:
    """What is told of a month, some whole cases of the log at a time; nothing else is kept."""

    def __init__(self, month: Month) -> None:
        self._month = month
        self.town = Town(month)
        self.rows: list[Assignment] = []
        self.notes: list[Note] = []
        self.delays: list[Delay] = []
        self.provisional: list[Provisional] = []
        self.imported = 0

    def take(self, part: Assessed) -> None:
        """Take some whole cases."""
        month, placed = self._month, _as_it_counts(part.heard)
        told = [(each.stream, each.event) for each in placed]
        noted = notes(month, told, part.kept_out)
        self.notes += noted.notes
        self.town.take(told)
        for row in part.assignments():
            if row.key[0]:
                self.imported += month.holds(row.whistled)
            elif row.key[1:] not in noted.withdrawn and of_month(row, month):
                self.rows.append(row)
        typed = {e.acts[0] for _, e in told if isinstance(e, ActTold) and month.holds(e.at)}
        self.delays += [each for each in part.delays if each.seq in typed]
        self.provisional += _provisional(month, placed, part.names)


def _as_it_counts(heard: Sequence[Placed]) -> list[Placed]:
    """What was heard: mistakes set right, and nothing taken back."""
    streams = {each.seq: each.stream for each in heard}
    told = [Told(each.seq, each.event) for each in heard]
    return [Placed(each.seq, streams[each.seq], each.event) for each in effective(told)]


def _provisional(
    month: Month, told: Iterable[Placed], names: Mapping[str, str]
) -> Iterator[Provisional]:
    """The clocks of the month that a score of it would have to wait for (decision 0009)."""
    for seq, stream, event in told:
        call = names.get(stream, stream)
        match event:
            case CallDelivered(unit=unit, clocks=clocks, at=at):
                for each in clocks:
                    if each.provisional and (month.holds(at) or month.holds(each.due)):
                        yield Provisional(seq, call, unit, each.clock, each.due)
            case ConfirmationAwaited(unit=unit, due=due, provisional=True, at=at) if (
                due is not None
            ):
                if month.holds(at) or month.holds(due):
                    yield Provisional(seq, call, unit, "confirm", due)
            case _:
                pass
