"""Playbooks as people write them: TOML, a table a kind, a table an item (see default.toml)."""

import hashlib
import re
from typing import Final, get_args

import msgspec

from whistle.domain.limit import Limit, UnreadableError, parse_limit
from whistle.domain.playbook import (
    SAME_AS_KNOWN,
    Approval,
    ClockName,
    DeliveryRules,
    DeliveryRung,
    Duplicates,
    Item,
    Kind,
    KindRules,
    Ladder,
    PatrolRules,
    Playbook,
    Receiver,
    Rung,
)
from whistle.domain.refusal import _
from whistle.domain.working_time import Reading, Slots, parse_slots
from whistle.toml_faults import Fault, Faults, FaultyFile, Table, folded, parse

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
CLOCKS: Final[tuple[ClockName, ...]] = get_args(ClockName)
_APPROVALS: Final[tuple[Approval, ...]] = get_args(Approval)
_READINGS: Final[tuple[Reading, ...]] = get_args(Reading)
_RECEIVERS: Final[tuple[Receiver, ...]] = get_args(Receiver)
_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)

_REQUIRED: Final[dict[Kind, tuple[ClockName, ...]]] = {
    "daily": ("ack",),
    "key_task": ("ack",),
    "joint_enforcement": ("ack",),
    "emergency": ("ack", "arrive"),
}
"""A whistle nobody must answer is none; in an emergency somebody must come."""


class FaultyPlaybook(FaultyFile):
    """A playbook that cannot be used, with all its faults at once (rule `playbook.file`)."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(_("This playbook cannot be used:\n{faults}"), "playbook.file", faults)


def read_playbook(text: str) -> Playbook:
    """The playbook that a TOML text describes, with its digest.

    Raises FaultyPlaybook with every fault it has.
    """
    faults = Faults(text)
    playbook = described(faults, parse(text, FaultyPlaybook))
    if faults.found:
        raise FaultyPlaybook(faults.in_order())
    return playbook


def described(faults: Faults, entries: object) -> Playbook:
    """As `read_playbook`, of tables that were parsed before; what is wrong stays with `faults`."""
    playbook = _Reader(Table(faults, "", entries)).playbook()
    return msgspec.structs.replace(playbook, digest=digest_of(playbook))


def digest_of(playbook: Playbook) -> str:
    """SHA-256, in hex, of the playbook's canonical JSON without its digest.

    It is of the rules, not of how they were written down: comments and order do not change it.
    """
    bare = msgspec.structs.replace(playbook, digest="")
    return hashlib.sha256(msgspec.json.encode(bare, order="sorted")).hexdigest()


class _Reader:
    """Goes through a playbook's tables once; the faults stay with the tables."""

    def __init__(self, top: Table) -> None:
        self._top = top
        self._grounds = top.words("grounds")
        self._named: dict[str, str] = {}  # a name of an item, casefolded -> the item's key
        self._clocks: dict[Kind, set[str]] = {}  # the clocks that a kind sets, readable or not

    def playbook(self) -> Playbook:
        top = self._top
        playbook = Playbook(
            name=top.text("name"),
            version=top.text("version"),
            slots=self._slots(),
            reading=top.choice("reading", _READINGS),
            grounds=self._grounds,
            decline_reasons=top.words("decline_reasons"),
            refuse_categories=top.words("refuse_categories"),
            kinds=self._kinds(),
            items=self._items(),
            ladder=self._ladder(top.table("ladder")),
            mark_max=top.number("mark_max", 1, 1000, default=100),
            delivery=_delivery(top.table("delivery")),
            undo_minutes=top.number("undo_minutes", 0, 1440, default=5),
            patrol=_patrol(top.table("patrol")) if "patrol" in top else PatrolRules(),
            effective_from=top.day("effective_from"),
            duplicates=_duplicates(top.table("duplicates")),
        )
        top.nothing_else()
        return playbook

    def _slots(self) -> Slots:
        text = self._top.text("slots")
        try:
            return parse_slots(text) if text else ()
        except UnreadableError as error:
            self._top.say("slots", error.text, **error.words)
            return ()

    def _kinds(self) -> dict[Kind, KindRules]:
        inside = self._top.table("kinds")
        kinds = {kind: self._kind(kind, inside.table(kind)) for kind in KINDS if kind in inside}
        for kind in KINDS:
            if kind not in inside:
                inside.say(kind, _("missing; a playbook has rules for each of the four kinds"))
        for name in inside.keys:
            if name not in KINDS:
                inside.say(name, _("no such kind; there are {known}"), known=", ".join(KINDS))
        return kinds

    def _kind(self, kind: Kind, table: Table) -> KindRules:
        rules = KindRules(
            name=table.text("name"),
            approval=table.choice("approval", _APPROVALS),
            limits=_limits(table, "limits"),
            unless_item=_limits(table, "unless_item"),
            decline_only_on_scene=table.flag("decline_only_on_scene"),
            blow_by=table.texts("blow_by"),
            approve_by=table.texts("approve_by") or ("leader",),
            confirm_within=_limit(table, "confirm_within") if "confirm_within" in table else None,
        )
        self._clocks[kind] = {*table.table("limits").keys, *table.table("unless_item").keys}
        for clock in _REQUIRED[kind]:
            if clock not in self._clocks[kind]:
                table.say(f"limits.{clock}", _("missing; this kind cannot do without the clock"))
        table.nothing_else()
        return rules

    def _items(self) -> dict[str, Item]:
        read = [self._item(key, table) for key, table in self._top.tables("items")]
        if not read:
            self._top.say("items", _("missing; a playbook has at least one item"))
        return {item.code: item for item in read}

    def _item(self, key: str, table: Table) -> Item:
        item = Item(
            code=folded(key),
            name=folded(table.text("name")),
            english=table.text("english"),
            kind=table.choice("kind", KINDS),
            ground=table.text("ground", default="no-power"),
            lead=table.text("lead"),
            assists=table.texts("assists"),
            aliases=table.texts("aliases"),
            limits=_limits(table, "limits"),
            closed_when=table.text("closed_when", default=""),
            basis=table.text("basis", default=""),
        )
        self._check(item, table)
        for where, name in [
            ("", item.code),
            ("name", item.name),
            ("english", item.english),
            *(("aliases", alias) for alias in item.aliases),
        ]:
            other = self._named.setdefault(name.casefold(), key)
            if name and other != key:
                table.say(where, _("{name} already names item {other}"), name=name, other=other)
        table.nothing_else()
        return item

    def _check(self, item: Item, table: Table) -> None:
        if item.english and not _SLUG.fullmatch(item.english):
            table.say("english", _("write small letters and hyphens, such as gas-leak"))
        for assist in item.assists:
            if assist == item.lead or item.assists.count(assist) > 1:
                table.say("assists", _("{unit} is called twice"), unit=assist)
        if self._grounds and item.ground not in self._grounds:
            text = _("{ground} is not one of the grounds: {known}")
            known = ", ".join(self._grounds)
            table.say("ground", text, ground=item.ground, known=known)
        # the order states its handling limit on its face (接诉即办条例 art. 13, S2)
        if "dispose" not in {
            *table.table("limits").keys,
            *self._clocks.get(item.kind, ("dispose",)),
        }:
            text = _("missing; neither the item nor its kind says how long handling may take")
            table.say("limits.dispose", text)

    def _ladder(self, table: Table) -> Ladder:
        rungs = tuple(_rung(row) for row in table.rows("rungs"))
        ladder = Ladder(warn_percent=table.number("warn_percent", 0, 99), rungs=rungs)
        table.nothing_else()
        return ladder


def _delivery(table: Table) -> DeliveryRules:
    rungs = []
    for row in table.rows("rungs"):
        to, after = row.choice("to", _RECEIVERS), _limit(row, "after")
        row.nothing_else()
        if after is not None:
            rungs.append(DeliveryRung(to=to, after=after))
    given_up = _limit(table, "unreachable_after") if "unreachable_after" in table else None
    table.nothing_else()
    return DeliveryRules(rungs=tuple(rungs), unreachable_after=given_up)


def _patrol(table: Table) -> PatrolRules:
    grace = table.number("stop_grace_minutes", 0, 1440, default=15)
    table.nothing_else()
    return PatrolRules(stop_grace_minutes=grace)


def _duplicates(table: Table) -> Duplicates:
    usual = SAME_AS_KNOWN
    read = Duplicates(
        open_days=table.number("open_days", 0, 366, default=usual.open_days),
        again_days=table.number("again_days", 0, 3660, default=usual.again_days),
        alike_percent=table.number("alike_percent", 1, 100, default=usual.alike_percent),
    )
    table.nothing_else()
    return usual if read == usual else read


def _rung(row: Table) -> Rung:
    after = _limit(row, "after") if "after" in row else None
    rung = Rung(level=row.choice("level", ("yellow", "red")), after=after)
    row.nothing_else()
    return rung


def _limits(table: Table, key: str) -> dict[ClockName, Limit]:
    inside = table.table(key)
    found = {clock: _limit(inside, clock) for clock in CLOCKS if clock in inside}
    for name in inside.keys:
        if name not in CLOCKS:
            inside.say(name, _("no such clock; there are {known}"), known=", ".join(CLOCKS))
    return {clock: limit for clock, limit in found.items() if limit is not None}


def _limit(table: Table, key: str) -> Limit | None:
    text = table.text(key)
    try:
        return parse_limit(text) if text else None
    except UnreadableError as error:
        table.say(key, error.text, **error.words)
        return None
