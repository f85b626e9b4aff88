"""The playbook: a locality's rules as frozen values, read from TOML outside the domain.

Cases that run keep the numbers copied into their events; nothing here is read while replaying.
"""

from datetime import date
from typing import Literal

import msgspec

from whistle.domain.limit import Limit
from whistle.domain.working_time import Reading, Slots

Kind = Literal["daily", "key_task", "joint_enforcement", "emergency"]
ClockName = Literal["ack", "arrive", "feedback", "dispose"]
Approval = Literal["required", "afterwards"]


Receiver = Literal["alternate", "leader", "county"]
"""Whom a call goes on to: the stand-in (AB岗), the leader of the unit, the county's desk."""


class Ruled(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A limit with the line of the playbook it comes from."""

    limit: Limit
    rule: str  # e.g. "kinds.emergency.arrive", shown beside every clock it starts


class KindRules(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How one kind of whistle is approved and how fast it must be answered."""

    name: str
    approval: Approval
    limits: dict[ClockName, Limit] = {}
    unless_item: dict[ClockName, Limit] = {}  # binds only where the item sets no limit of its own
    decline_only_on_scene: bool = False  # 先报到后异议: arrive first, object afterwards
    blow_by: tuple[str, ...] = ()  # roles or persons of the town office; none: anybody there
    approve_by: tuple[str, ...] = ("leader",)
    confirm_within: Limit | None = None  # for a leader's word that is given afterwards


class Item(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One matter of the item catalogue (事项清单): who leads, who assists, how fast."""

    code: str
    name: str
    english: str
    kind: Kind
    lead: str  # a unit by code, alias or type
    assists: tuple[str, ...] = ()
    ground: str = "no-power"
    aliases: tuple[str, ...] = ()
    limits: dict[ClockName, Limit] = {}
    closed_when: str = ""  # the closing condition, on the whistle order's face
    basis: str = ""


class Rung(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One rung of the ladder after a breach: supervise at a level some time after the due time."""

    level: Literal["yellow", "red"]
    after: Limit | None = None  # none: at the breach itself


class Ladder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What happens before and after a breach, rung by rung."""

    warn_percent: int  # of the limit's length, before the due time; 0 = no warning
    rungs: tuple[Rung, ...] = ()


class DeliveryRung(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who is told next of a call that nobody of the unit has taken, some time after the blow."""

    to: Receiver
    after: Limit


class DeliveryRules(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What happens to a call for a unit that does not read the inbox."""

    rungs: tuple[DeliveryRung, ...] = ()
    unreachable_after: Limit | None = None


class PatrolRules(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a town expects of its patrols (巡查)."""

    stop_grace_minutes: int = 15  # a check-in later than this after its expected time is late


class Duplicates(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When a new report is held to be one that is known, or the return of an old problem."""

    open_days: int = 7  # an open incident reported at most this long ago may be the same
    again_days: int = 30  # a problem back within this time after it was closed is told as "again"
    alike_percent: int = 70  # how alike two places must be


SAME_AS_KNOWN = Duplicates()


class Playbook(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything a locality may set, as one frozen value with its digest for a name."""

    name: str
    version: str
    slots: Slots
    reading: Reading  # how "N working days" is counted
    grounds: dict[str, str]
    decline_reasons: dict[str, str]
    refuse_categories: dict[str, str]
    kinds: dict[Kind, KindRules]
    items: dict[str, Item]
    ladder: Ladder
    mark_max: int = 100  # the full mark a unit can be given for one whistle
    delivery: DeliveryRules = DeliveryRules()
    undo_minutes: int = 5  # so long whoever recorded an act may take it back alone
    patrol: PatrolRules = PatrolRules()
    effective_from: date | None = None  # the day it takes force; none: when it is adopted
    duplicates: Duplicates = SAME_AS_KNOWN
    digest: str = ""

    def item(self, text: str) -> Item | None:
        """The item that a person means by a code, name or alias."""
        wanted = text.strip().casefold()
        for item in self.items.values():
            names = (item.code, item.name, item.english, *item.aliases)
            if wanted in (name.casefold() for name in names):
                return item
        return None

    def near(self, code: str) -> frozenset[str]:
        """The items of the same heading as an item: their codes begin with the same two signs."""
        return frozenset(item for item in self.items if item[:2] == code[:2]) | {code}

    def limits(self, kind: Kind, item: Item | None) -> dict[ClockName, tuple[Ruled, ...]]:
        """All limits that bind a call, by clock: the kind's and the item's.

        The earliest deadline wins (时限就低, 荣成), which only the start instant can tell, since
        five working hours may end before or after one working day. A limit that the kind sets
        `unless_item` binds where the item has none for that clock (运城's list, else the 7 days of
        a general complaint: R1, S22).
        """
        rules = self.kinds[kind]
        bound: dict[ClockName, tuple[Ruled, ...]] = {}

        def bind(clock: ClockName, limit: Limit, where: str) -> None:
            ruled = Ruled(limit=limit, rule=f"{where}.{clock}")
            bound[clock] = (*bound.get(clock, ()), ruled)

        for clock, limit in rules.limits.items():
            bind(clock, limit, f"kinds.{kind}")
        if item is not None:
            for clock, limit in item.limits.items():
                bind(clock, limit, f"items.{item.code}")
        for clock, limit in rules.unless_item.items():
            if item is None or clock not in item.limits:
                bind(clock, limit, f"kinds.{kind}.unless_item")
        return bound
