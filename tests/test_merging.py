"""One problem told twice is merged: the tickets go on together, and nothing is counted twice."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.story import Story
from tests.test_incident import ACCEPTED, BLOWN, CALLED_BACK, PASSED, WAY_TO, reported
from tests.town import around, at
from whistle import codec
from whistle.domain.incident import INCIDENT
from whistle.domain.incident.events import (
    CalledBack,
    Channel,
    IncidentMerged,
    IncidentReported,
    MergedIn,
    Source,
)
from whistle.domain.incident.intake import AcceptIncident
from whistle.domain.incident.merging import MergeIncident, TakeIn
from whistle.domain.incident.outcome import CallReporterBack, CloseIncident, ReopenIncident
from whistle.domain.message import Event
from whistle.domain.policies import Reaction, react
from whistle.domain.refusal import NotAllowed, NotFound, WhistleError
from whistle.domain.surroundings import IncidentBrief

NINE = at("09:00")
OTHER = IncidentBrief(
    stream="i9", name="I-WY26-00009", stage="accepted", item="0502", place="草桥路"
)
MERGE = MergeIncident(duplicate="i1", into="i9")
MERGED = IncidentMerged(at=NINE, into="i9", into_name="I-WY26-00009")
OWN = Source(name="I-WY26-00001", channel="12345")
TICKET = Source(name="I-WY26-00002", channel="12345", ticket="HL-7781")
GRID = Source(name="I-WY26-00003", channel="grid", ticket="WG-15")
PETITION = Source(name="I-WY26-00004", channel="petition", ticket="XF-3")


def other(**known: object) -> IncidentBrief:
    """The incident that goes on, in another state."""
    fields = {"stream": "i9", "name": "I-WY26-00009", "stage": "accepted", "item": "0502",
              "place": "草桥路", **known}  # fmt: skip
    return IncidentBrief(**fields)  # type: ignore[arg-type]  # a test names real fields


@pytest.mark.parametrize(
    ("stage", "rule"),
    [
        ("reported", ""),
        ("accepted", ""),
        ("in_hand", ""),
        ("verified", "incident.verified"),
        ("called_back", "incident.called_back"),
        ("closed", "incident.closed"),
    ],
)
def test_what_is_still_to_be_done_can_be_merged_away(stage: str, rule: str) -> None:
    story = Story(INCIDENT).given(*WAY_TO[stage]).when(MERGE, incident=OTHER)
    if rule:
        story.then_refused(rule)
    else:
        story.then(MERGED)
        assert (story.state.stage, story.state.way) == ("closed", "merged")
        assert (story.state.outcome, story.state.merged_into) == ("merged", "I-WY26-00009")


@pytest.mark.parametrize(
    ("given", "into", "rule", "hint"),
    [
        ((BLOWN,), other(), "merge.sounding", "whistle incident merge I-WY26-00009 I-WY26-00001"),
        ((BLOWN,), other(sounding=True), "merge.both_sound", "whistle show I-WY26-00001"),
        ((), other(stage="closed"), "merge.closed", "whistle reopen I-WY26-00009"),
    ],
)
def test_a_merge_that_cannot_be_names_what_can(
    given: tuple[Event, ...], into: IncidentBrief, rule: str, hint: str
) -> None:
    story = Story(INCIDENT).given(reported(), ACCEPTED, *given)
    with pytest.raises(WhistleError) as refused:
        INCIDENT.decide(story.state, MERGE, around(incident=into))
    assert refused.value.rule == rule
    assert hint in refused.value.hint.format(**refused.value.words)


def test_a_draft_that_waits_for_the_leader_is_turned_down_first() -> None:
    waits = other(stream="i1", name="I-WY26-00001", whistle_waits=True)
    story = Story(INCIDENT).given(reported(), ACCEPTED)
    story.when(MERGE, incident=OTHER, duplicate=waits).then_refused("merge.waits")


def test_nothing_is_merged_into_itself_or_into_what_is_not_there() -> None:
    story = Story(INCIDENT).given(reported(), ACCEPTED)
    itself = MergeIncident(duplicate="i1", into="i1")
    story.when(itself, incident=other(stream="i1")).then_refused("merge.itself")
    story.when(MERGE, incident=None).then_refused("", NotFound)
    story.when(MERGE, by="jj", incident=OTHER).then_refused("town.only", NotAllowed)


def test_a_merged_incident_takes_no_order_any_more() -> None:
    story = Story(INCIDENT).given(reported(), ACCEPTED, MERGED)
    for order in (AcceptIncident(), ReopenIncident(reason="x"), CloseIncident(), MERGE):
        story.when(order, incident=OTHER).then_refused("incident.merged")
    taken = TakeIn(duplicate="i5", sources=(TICKET,))
    story.when(taken).then_refused("incident.merged")


def test_a_merge_hands_every_source_ticket_on() -> None:
    state = Story(INCIDENT).given(reported(), MergedIn(at=NINE, duplicate="i2", sources=(TICKET,)))
    taken = TakeIn(duplicate="i1", sources=(OWN, TICKET))
    assert react(INCIDENT, MERGED, "i1", state.state) == [Reaction("i9", taken)]
    story = Story(INCIDENT).given(reported("patrol"), ACCEPTED)
    story.when(TakeIn(duplicate="i2", sources=(TICKET, GRID)), by="jj")
    story.then(MergedIn(at=NINE, duplicate="i2", sources=(TICKET, GRID)))


def test_every_reporter_is_called_back_before_the_incident_closes() -> None:
    merged = MergedIn(at=NINE, duplicate="i2", sources=(TICKET, GRID, PETITION))
    story = Story(INCIDENT).given(*WAY_TO["in_hand"], merged, PASSED)
    story.when(CallReporterBack(result="satisfied")).then_refused("callback.which")
    story.when(CallReporterBack(result="satisfied", source="HL-7781"))
    story.then(CalledBack(at=NINE, result="satisfied", source="I-WY26-00002"))
    story.when(CloseIncident()).then_refused("incident.verified")
    story.when(CallReporterBack(result="unreached", source="I-WY26-00004"))
    story.when(CallReporterBack(result="fairly", source="I-WY26-00004"))
    assert [each.name for each in story.state.uncalled] == ["I-WY26-00001"]
    story.when(CallReporterBack(result="satisfied")).then(CalledBack(at=NINE, result="satisfied"))
    assert story.state.stage == "called_back"
    story.when(CloseIncident()).then_topics("incident.closed/1")


def test_a_ticket_that_comes_late_opens_the_calling_back_again() -> None:
    story = Story(INCIDENT).given(*WAY_TO["verified"], CALLED_BACK)
    assert story.state.stage == "called_back"
    story.given(MergedIn(at=NINE, duplicate="i3", sources=(GRID,)))
    assert story.state.stage == "called_back", "nobody is behind a grid ticket"
    story.given(MergedIn(at=NINE, duplicate="i2", sources=(TICKET,)))
    assert (story.state.stage, story.state.uncalled) == ("verified", (TICKET,))


def test_who_was_called_before_a_reopening_is_called_again() -> None:
    story = Story(INCIDENT).given(*WAY_TO["closed"]).when(ReopenIncident(reason="又漏气"))
    assert [each.name for each in story.state.uncalled] == ["I-WY26-00001"]


def test_a_call_back_recorded_before_there_were_merges_is_read() -> None:
    old = b'{"result":"fairly","note":"x","at":1792026000000000}'
    assert codec.decode("incident.called_back/1", old) == CalledBack(
        at=1792026000000000, result="fairly", note="x"
    )


@dataclass
class Cases:
    """Several incidents, and the policies between them."""

    told: dict[str, list[Event]] = field(default_factory=dict)

    def report(self, channel: Channel) -> None:
        number = len(self.told) + 1
        event = IncidentReported(
            at=NINE, name=f"I-WY26-{number:05d}", item="0502", place="草桥路",
            channel=channel, source_ticket=f"T-{number}",
        )  # fmt: skip
        self.told[f"i{number}"] = [event]

    def merge(self, duplicate: str, into: str) -> None:
        """As the engine does it: a refusal leaves everything as it was."""
        one, two = self.story(duplicate), self.story(into)
        brief = other(stream=into, name=two.state.name, stage=two.state.stage)
        order = MergeIncident(duplicate=duplicate, into=into)
        try:
            (event,) = INCIDENT.decide(one.state, order, around(incident=brief))
        except WhistleError:
            return
        self.told[duplicate].append(event)
        (reaction,) = react(INCIDENT, event, duplicate, self.story(duplicate).state)
        taken = INCIDENT.decide(two.state, reaction.order, around())
        self.told[reaction.stream].extend(taken)

    def story(self, stream: str) -> Story:
        return Story(INCIDENT).given(*self.told[stream])


@given(
    channels=st.lists(st.sampled_from(["12345", "grid", "petition"]), min_size=2, max_size=6),
    merges=st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), max_size=12),
)
def test_however_incidents_are_merged_no_ticket_is_lost_or_doubled(
    channels: list[Channel], merges: list[tuple[int, int]]
) -> None:
    cases = Cases()
    for channel in channels:
        cases.report(channel)
    for duplicate, into in merges:
        if max(duplicate, into) <= len(channels):
            cases.merge(f"i{duplicate}", f"i{into}")
    states = [cases.story(stream).state for stream in cases.told]
    assert len(states) == len(channels), "an incident that was merged is still on record"
    alive = [state for state in states if not state.merged_into]
    tickets = [source.ticket for state in alive for source in state.sources]
    assert sorted(tickets) == sorted(f"T-{number}" for number in range(1, len(channels) + 1))
    waiting = [source.channel for state in alive for source in state.uncalled]
    assert len(waiting) == sum(channel in ("12345", "petition") for channel in channels)
