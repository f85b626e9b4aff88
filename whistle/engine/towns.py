"""Several towns' records assessed together: each proved by itself, their rows side by side.

Codes are a town's own affair: two towns may each have a `jj`, and may have imported the numbers of
one source. Here a unit is written TOWN:CODE, and so is a source: nothing of one town is ever taken
for another's. A town is in the picture once: two records of one are refused.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain
from operator import attrgetter
from typing import NamedTuple

import msgspec

from whistle.domain.facts import AssignmentKey
from whistle.domain.ledger import Assignment, Extra
from whistle.domain.moment import Instant
from whistle.domain.reaching import Unreached
from whistle.domain.recording import Delay
from whistle.domain.refusal import Broken, Refused, _
from whistle.engine.assessing import share_of
from whistle.engine.cases import Assessed, KeptOut
from whistle.engine.gathering import Gathered, gathered
from whistle.engine.shares import Question, Share
from whistle.log import spread
from whistle.log.verify import Found, Taking
from whistle.workers import ALONE, Workers


class Record(NamedTuple):
    """A town's record that is to be assessed with others."""

    town: str  # its code
    log: spread.Shared


class Position(msgspec.Struct, frozen=True):
    """How far one of several records was proved, and the root that it gives."""

    town: str
    store_id: str
    epoch: int
    size: int
    root: str


class Town(NamedTuple):
    """One of several records, assessed."""

    position: Position
    found: Assessed


class Towns:
    """Several records as one assessment: what it says does not depend on their order."""

    def __init__(self, towns: Iterable[Town]) -> None:
        ordered = sorted(towns, key=lambda each: each.position.town)
        self.positions = [each.position for each in ordered]
        self.towns = {each.position.town: each.found for each in ordered}
        self.names: dict[str, str] = {}
        self.kept_out: dict[AssignmentKey, KeptOut] = {}
        self._groups: dict[AssignmentKey, str] = {}
        for town, found in self.towns.items():
            self.names |= found.names
            self.kept_out |= {_key(town, key): why for key, why in found.kept_out.items()}
            self._groups |= {_key(town, key): value for key, value in found.groups.items()}

    def assignments(self) -> list[Assignment]:
        """The rows that count, by key."""
        return self._rows(lambda found: found.assignments())

    def unwhistled(self) -> list[Assignment]:
        """The rows kept and counted nowhere."""
        return self._rows(lambda found: found.unwhistled())

    def _rows(self, of: Callable[[Assessed], list[Assignment]]) -> list[Assignment]:
        each = (map(partial(_row, town), of(found)) for town, found in self.towns.items())
        return sorted(chain.from_iterable(each), key=attrgetter("key"))

    def extras(self) -> list[Extra]:
        """The facts that do not count."""
        return [
            extra._replace(unit=extra.unit and f"{town}:{extra.unit}")
            for town, found in self.towns.items()
            for extra in found.extras()
        ]

    def group_of(self, row: Assignment) -> str | None:
        """The value of the asked attribute."""
        return self._groups.get(row.key)

    def stands_at(self, row: Assignment) -> Instant | None:
        """The instant at which the record of a row's town stands."""
        return self.towns[row.unit.partition(":")[0]].stands_at

    @property
    def delays(self) -> tuple[Delay, ...]:
        """How late claimed times that count were typed."""
        return tuple(
            each._replace(recorder=f"{town}:{each.recorder}", unit=f"{town}:{each.unit}")
            for town, found in self.towns.items()
            for each in found.delays
        )

    @property
    def unreached(self) -> tuple[Unreached, ...]:
        """Calls that nobody of the unit has taken."""
        return tuple(
            each._replace(unit=f"{town}:{each.unit}")
            for town, found in self.towns.items()
            for each in found.unreached
        )


class GatheredTowns:
    """Several records, proved; their cases lie aside, each town's by themselves."""

    def __init__(self, towns: Iterable[tuple[Position, Gathered]]) -> None:
        self._towns = sorted(towns, key=lambda each: each[0].town)
        self.positions = [position for position, _found in self._towns]

    def parts(self) -> Iterator[Towns]:
        """Some whole cases at a time, town by town."""
        for position, found in self._towns:
            for part in found.parts():
                yield Towns([Town(position, part)])

    def whole(self) -> Towns:
        """All cases of all towns at once, in as much memory as that takes."""
        return Towns(Town(position, found.whole()) for position, found in self._towns)


def assess_towns(records: Sequence[Record], asked: Question, workers: Workers) -> Towns:
    """Prove and assess several records at once; as `gather_towns`."""
    return gather_towns(records, asked, workers).whole()


def gather_towns(records: Sequence[Record], asked: Question, workers: Workers) -> GatheredTowns:
    """Prove several records and gather what is asked of them, their parts shared among the workers.

    Raises Refused when two are of one town, Broken when one of them does not prove itself.
    """
    for town, count in Counter(record.town for record in records).items():
        if count > 1:
            raise Refused(
                _("Two of these records are of the town {town}: its units would count twice."),
                rule="assess.town_twice",
                hint=_("give each town's store once"),
                town=town,
            )
    found = _proved(records, asked, workers)
    return GatheredTowns(
        (_position(record, each), gathered(each))
        for record, each in zip(records, found, strict=True)
    )


def _position(record: Record, found: Found[Gathered]) -> Position:
    identity = record.log.identity
    return Position(record.town, identity.store_id, identity.epoch, found.size, found.root.hex())


def _proved(records: Sequence[Record], asked: Question, workers: Workers) -> list[Found[Gathered]]:
    taking, gathering = partial(share_of, asked), partial(Gathered, asked)
    if workers.count > 1:
        with suppress(spread.Unproved):  # which of them is broken, and where, is told below
            return spread.proved([record.log for record in records], workers, taking, gathering)
    return [_proved_alone(record, taking, gathering) for record in records]


def _proved_alone(
    record: Record, taking: Taking[Share], gathering: Callable[[], Gathered]
) -> Found[Gathered]:
    try:
        return record.log.proved(taking, gathering, ALONE)
    except Broken as broken:
        raise Broken(
            _("The record of {town}: {reason}."),
            rule=broken.rule,
            hint=broken.hint,
            town=record.town,
            reason=str(broken),
        ) from broken


def _row(town: str, row: Assignment) -> Assignment:
    """A row among those of other towns; a live one's label has its town in it."""
    return msgspec.structs.replace(
        row,
        key=_key(town, row.key),
        incident=(_source(town, row.incident[0]), row.incident[1]),
        unit=f"{town}:{row.unit}",
        label=f"{town}:{row.label}" if row.key[0] else row.label,
    )


def _key(town: str, key: AssignmentKey) -> AssignmentKey:
    source, subject, unit = key
    return _source(town, source), subject, f"{town}:{unit}"


def _source(town: str, source: str) -> str:
    """A source among those of other towns; a live stream is nobody else's, and has none."""
    return source and f"{town}:{source}"
