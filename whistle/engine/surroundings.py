"""Reading, in the order's own transaction, what its decision must know from elsewhere."""

import msgspec

from whistle import codec
from whistle.domain.calendar import Calendar
from whistle.domain.correction import effective
from whistle.domain.message import Order
from whistle.domain.moment import local
from whistle.domain.playbook import Ladder, Playbook
from whistle.domain.rulebook import TownFounded
from whistle.domain.surroundings import IncidentBrief, Surroundings, WhistleBrief
from whistle.engine.asked import Asked
from whistle.engine.loaded import Known, Rules
from whistle.log.port import Txn

_playbooks = msgspec.json.Decoder(Playbook)
_calendars = msgspec.json.Decoder(Calendar)
_towns = msgspec.json.Decoder(TownFounded)

NO_PLAYBOOK = Playbook(
    name="",
    version="",
    slots=(),
    reading="next-day",
    grounds={},
    decline_reasons={},
    refuse_categories={},
    kinds={},
    items={},
    ladder=Ladder(warn_percent=0),
)
"""What is in force before a town adopts its first playbook: nothing."""


class Around:
    """The surroundings of one act; what cannot change within it is read once."""

    def __init__(self, txn: Txn, asked: Asked, known: Known) -> None:
        self._txn = txn
        self._asked = asked
        self.rules = known.rules or self._read()

    def _read(self) -> Rules:
        playbook = self._txn.adopted("playbook")
        calendar = self._txn.adopted("calendar")
        town = self._txn.adopted("town")
        return Rules(
            playbook=codec.read(_playbooks, playbook[1]) if playbook else NO_PLAYBOOK,
            calendar=codec.read(_calendars, calendar[1]) if calendar else Calendar(),
            calendar_digest=calendar[0] if calendar else "",
            units=self._txn.units(),
            town=codec.read(_towns, town[1]).code if town else "",
        )

    def founding(self) -> None:
        """Read everything anew: the act changes the rules or the register itself."""
        self.rules = self._read()

    def of(self, order: Order) -> Surroundings:
        """What the decision on an order may know."""
        needs = order.needs()
        return Surroundings(
            at=self._asked.received_at,
            actor=self._asked.actor,
            playbook=self.rules.playbook,
            calendar=self.rules.calendar,
            calendar_digest=self.rules.calendar_digest,
            units=self.rules.units,
            next_names=self._names(order),
            incident=self._brief(needs.incident) if needs.incident else None,
            claimed=self._asked.happened_at,
            whistle=self._whistle(needs.whistle) if needs.whistle else None,
            beside=() if needs.command_of is None else tuple(self._txn.beside(needs.command_of)),
            duplicate=self._brief(needs.duplicate) if needs.duplicate else None,
        )

    def _brief(self, stream: str) -> IncidentBrief | None:
        named = self._txn.of_stream(stream)
        if named is None or named.kind != "incident":
            return None
        case = self._txn.of_case(stream)
        return IncidentBrief(
            stream=stream,
            name=named.name or "",
            stage=named.stage,
            item=named.item or "",
            place=named.place or "",
            whistle_waits=any(each.stage == "requested" for each in case),
            sounding=any(each.stage == "sounding" for each in case),
            merged_into=self._merged_into(stream) if named.stage == "closed" else "",
        )

    def _whistle(self, stream: str) -> WhistleBrief | None:
        named = self._txn.of_stream(stream)
        if named is None or named.kind != "whistle":
            return None
        incident = self._txn.of_stream(named.correlation or "")
        return WhistleBrief(
            stream=stream,
            name=named.name or "",
            stage=named.stage,
            incident=named.correlation or "",
            incident_name=(incident.name if incident else None) or "",
            called=tuple(self._txn.called(stream)),
        )

    def _merged_into(self, stream: str) -> str:
        from whistle.domain.incident.events import IncidentMerged

        merged = (told.event for told in effective(self._txn.stream(stream)))
        return next((each.into_name for each in merged if isinstance(each, IncidentMerged)), "")

    def _names(self, order: Order) -> dict[str, str]:
        return {order.series: self._name(order.series)} if order.series else {}

    def _name(self, letter: str) -> str:
        """The next name of a kind: gap-free per kind, town and year in the store's zone."""
        series = self.series(letter)
        return f"{series}-{self._txn.next_number(series):05d}"

    def series(self, letter: str) -> str:
        """The series of a kind's names this year, e.g. W-WY26."""
        return f"{letter}-{self.rules.town}{local(self._asked.received_at).year % 100:02d}"
