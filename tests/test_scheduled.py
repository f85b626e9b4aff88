"""A whistle set for later and a word awaited, through the engine: any schedule of ticks will do.

What fell due is said under its nominal time whoever listened. The units' clocks are another thing:
they start when the call could be read, which is when somebody listened.
"""

from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests import places
from tests.office import Office
from tests.town import CLERK, LEADER, PLAYBOOK, TOWN, at
from whistle.domain.limit import parse_limit
from whistle.domain.moment import Instant
from whistle.domain.rulebook import AdoptPlaybook
from whistle.domain.whistle.approval import ApproveWhistle
from whistle.domain.whistle.changes import CameDue, ConfirmationOverdue, WhistleWithdrawn
from whistle.domain.whistle.changing import WithdrawWhistle
from whistle.domain.whistle.events import CallDelivered, WhistleBlown
from whistle.domain.whistle.issue import BlowWhistle

NINE, THREE, NIGHT = at("09:00"), at("15:00"), at("23:00")
strict = {
    kind: msgspec.structs.replace(rules, confirm_within=parse_limit("2eh"))
    for kind, rules in PLAYBOOK.kinds.items()
}
STRICT = msgspec.structs.replace(PLAYBOOK, kinds=strict, digest="t" * 64)
INSTANTS = st.one_of(
    st.sampled_from([due + step for due in (at("11:00"), THREE) for step in (-1, 0, 1)]),
    st.integers(NINE, NIGHT),
)


def office_at(founded: Path, shelf: Path) -> Office:
    """An incident of street vending, a whistle set for three, approved by phone at nine."""
    path = shelf / "scheduled.db"
    path.unlink(missing_ok=True)
    places.copy(founded, path)
    office = Office(path, NINE)
    office.ask(("rulebook", AdoptPlaybook(playbook=STRICT)))
    office.report("i1", "street-vending")
    office.ask(("w1", BlowWhistle(incident="i1", on=THREE)), by=CLERK)
    office.ask(("w1", ApproveWhistle(by="李镇长")), by=CLERK)
    return office


def said(office: Office) -> set[tuple[str, Instant]]:
    """What the clock said, by its nominal time."""
    kinds = (CameDue, ConfirmationOverdue)
    return {(e.event.topic, e.event.at) for e in office.told() if isinstance(e.event, kinds)}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ticks=st.lists(INSTANTS, max_size=4).map(sorted))
@example(ticks=[])
@example(ticks=[THREE, THREE + 1])
def test_any_schedule_of_ticks_says_the_same_and_sounds_once(
    founded: Path, tmp_path: Path, ticks: list[Instant]
) -> None:
    office = office_at(founded, tmp_path)
    for now in (*ticks, NIGHT):
        office.clock.now = now
        office.engine.tick()
    assert said(office) == {
        ("whistle.confirmation_overdue/1", at("11:00")),
        ("whistle.came_due/1", THREE),
    }
    heard = min(tick for tick in (*ticks, NIGHT) if tick > THREE)
    sounded = [each.event for each in office.told() if isinstance(each.event, WhistleBlown)]
    delivered = [each.event for each in office.told() if isinstance(each.event, CallDelivered)]
    assert [(event.at, event.approved_by) for event in sounded] == [(heard, "李镇长")]
    assert {event.at for event in delivered} == {heard}, "the units' clocks start there"
    assert office.engine.tick() == []
    office.close()


@pytest.mark.parametrize(("when", "sounds"), [(THREE - 1, False), (THREE, False)])
def test_until_its_very_time_it_can_be_withdrawn(
    founded: Path, tmp_path: Path, when: Instant, sounds: bool
) -> None:
    office = office_at(founded, tmp_path)
    office.clock.now = when
    office.ask(("w1", WithdrawWhistle(reason="改期")))
    office.clock.now = NIGHT
    office.engine.tick()
    told = [each.event for each in office.told()]
    assert any(isinstance(event, WhistleBlown) for event in told) is sounds
    assert sum(isinstance(event, WhistleWithdrawn) for event in told) == 1
    office.close()


def test_the_leader_who_confirms_in_time_leaves_no_mark(founded: Path, tmp_path: Path) -> None:
    office = office_at(founded, tmp_path)
    office.clock.now = at("10:59")
    office.ask(("w1", ApproveWhistle()), by=LEADER)
    office.clock.now = NIGHT
    office.engine.tick()
    assert said(office) == {("whistle.came_due/1", THREE)}
    office.close()


def test_the_mark_stands_on_the_towns_own_numbered_record(founded: Path, tmp_path: Path) -> None:
    office = office_at(founded, tmp_path)
    office.clock.now = NIGHT
    office.engine.tick()
    (units,) = office.rows(
        "SELECT units FROM record WHERE topic = ?",
        "whistle.confirmation_overdue/1",
    )
    assert units[0].startswith(f"{TOWN}:")
    office.close()
