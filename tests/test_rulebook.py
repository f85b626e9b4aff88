"""The rulebook: a town is founded once; playbooks and calendars come into force by adoption."""

import msgspec
import pytest

from tests.story import Story
from tests.town import CALENDAR, PLAYBOOK, at
from whistle.domain.aggregates import RULEBOOK
from whistle.domain.calendar import Calendar, Notice
from whistle.domain.message import Order
from whistle.domain.refusal import NotAllowed
from whistle.domain.rulebook import (
    AdoptCalendar,
    AdoptPlaybook,
    CalendarAdopted,
    FoundTown,
    PlaybookAdopted,
    TownFounded,
)

NINE = at("09:00")
FOUNDED = TownFounded(at=at("08:00"), name="泽安镇", code="WY")
NEXT = msgspec.structs.replace(PLAYBOOK, version="2", digest="q" * 64)


def test_a_town_is_founded_with_its_code_in_capitals() -> None:
    Story(RULEBOOK).when(FoundTown(name="泽安镇", code="wy")).then(
        TownFounded(at=NINE, name="泽安镇", code="WY")
    )


@pytest.mark.parametrize("code", ["", "泽安", "W-Y", "W Y", "ABCDEFGHI"])
def test_a_town_code_can_stand_in_a_name(code: str) -> None:
    story = Story(RULEBOOK).when(FoundTown(name="泽安镇", code=code))
    story.then_refused("rulebook.town_code")


def test_a_store_is_one_towns() -> None:
    story = Story(RULEBOOK).given(FOUNDED).when(FoundTown(name="别镇", code="BZ"))
    story.then_refused("rulebook.founded")


def test_a_playbook_comes_into_force_whole() -> None:
    story = Story(RULEBOOK).given(FOUNDED).when(AdoptPlaybook(playbook=PLAYBOOK))
    story.then(PlaybookAdopted(at=NINE, digest=PLAYBOOK.digest, playbook=PLAYBOOK))


def test_a_calendar_comes_into_force_whole() -> None:
    story = Story(RULEBOOK).given(FOUNDED).when(AdoptCalendar(calendar=CALENDAR))
    story.then(CalendarAdopted(at=NINE, digest=CALENDAR.digest, calendar=CALENDAR))


@pytest.mark.parametrize(
    "order", [AdoptPlaybook(playbook=PLAYBOOK), AdoptCalendar(calendar=CALENDAR)]
)
def test_adopting_what_is_in_force_changes_nothing(order: Order) -> None:
    story = Story(RULEBOOK).given(FOUNDED).when(order)
    story.when(order).then()


def test_the_last_adopted_is_in_force() -> None:
    later = Calendar((*CALENDAR.notices, Notice(2028, ())))
    story = Story(RULEBOOK).given(FOUNDED)
    for order in (
        AdoptPlaybook(playbook=PLAYBOOK),
        AdoptPlaybook(playbook=NEXT),
        AdoptCalendar(calendar=CALENDAR),
        AdoptCalendar(calendar=later),
    ):
        story.when(order)
    assert (story.state.playbook, story.state.calendar) == (NEXT.digest, later.digest)
    story.when(AdoptPlaybook(playbook=PLAYBOOK)).then_topics("rulebook.playbook_adopted/1")


@pytest.mark.parametrize(
    "order",
    [
        AdoptPlaybook(playbook=PLAYBOOK),
        AdoptCalendar(calendar=CALENDAR),
        FoundTown(name="别镇", code="BZ"),
    ],
    ids=lambda order: type(order).__name__,
)
def test_only_the_town_office_adopts_rules(order: Order) -> None:
    story = Story(RULEBOOK).given(FOUNDED).when(order, by="jj")
    story.then_refused("rulebook.keeper", NotAllowed)
