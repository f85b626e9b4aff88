"""The rulebook: a town is founded once; playbooks and calendars come into force by adoption."""

from datetime import date

import msgspec
import pytest

from tests.story import Story
from tests.town import CALENDAR, PLAYBOOK, at
from whistle.domain.calendar import Calendar, Notice
from whistle.domain.message import Order
from whistle.domain.refusal import NotAllowed
from whistle.domain.rulebook import (
    RULEBOOK,
    AdoptCalendar,
    AdoptPlaybook,
    CalendarAdopted,
    FoundTown,
    PlaybookAdopted,
    PlaybookAnnounced,
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


IN_FORCE = PlaybookAdopted(at=at("08:00"), digest=PLAYBOOK.digest, playbook=PLAYBOOK)
NEW_YEAR = at("2027-01-01 00:00")
DATED = msgspec.structs.replace(NEXT, effective_from=date(2027, 1, 1))
ANNOUNCED = PlaybookAnnounced(at=NINE, digest=NEXT.digest, playbook=DATED, on=NEW_YEAR)


def test_a_playbook_of_a_day_to_come_waits_and_takes_force_at_its_midnight() -> None:
    story = Story(RULEBOOK).given(FOUNDED, IN_FORCE).when(AdoptPlaybook(playbook=DATED))
    story.then(ANNOUNCED)
    assert (story.state.playbook, RULEBOOK.next_due(story.state)) == (PLAYBOOK.digest, NEW_YEAR)
    story.hear(NEW_YEAR).then()
    story.hear(NEW_YEAR + 1)
    story.then(PlaybookAdopted(at=NEW_YEAR, digest=NEXT.digest, playbook=DATED))
    assert (story.state.playbook, RULEBOOK.next_due(story.state)) == (NEXT.digest, None)
    story.hear(NEW_YEAR + 2).then()


def test_a_day_that_was_named_wins_over_the_files_own() -> None:
    story = Story(RULEBOOK).given(FOUNDED, IN_FORCE)
    story.when(AdoptPlaybook(playbook=DATED, on=at("2026-11-01 08:00")))
    assert RULEBOOK.next_due(story.state) == at("2026-11-01 08:00")


def test_announcing_the_same_again_changes_nothing() -> None:
    story = Story(RULEBOOK).given(FOUNDED, IN_FORCE, ANNOUNCED)
    story.when(AdoptPlaybook(playbook=DATED)).then()


def test_several_to_come_take_force_in_the_order_of_their_days() -> None:
    later = msgspec.structs.replace(NEXT, version="3", digest="r" * 64)
    story = Story(RULEBOOK).given(FOUNDED, IN_FORCE)
    story.when(AdoptPlaybook(playbook=later, on=at("2027-02-01 00:00")))
    story.when(AdoptPlaybook(playbook=NEXT, on=NEW_YEAR)).hear(at("2027-03-01 00:00"))
    assert [event.digest for event in story.told if isinstance(event, PlaybookAdopted)] == [
        PLAYBOOK.digest, NEXT.digest, later.digest,
    ]  # fmt: skip


def test_a_town_is_never_without_rules_and_a_past_day_is_now() -> None:
    story = Story(RULEBOOK).given(FOUNDED).when(AdoptPlaybook(playbook=DATED))
    story.then_topics("rulebook.playbook_adopted/1")
    old = msgspec.structs.replace(PLAYBOOK, digest="s" * 64, effective_from=date(2026, 1, 1))
    story.when(AdoptPlaybook(playbook=old)).then_topics("rulebook.playbook_adopted/1")
