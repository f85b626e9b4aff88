"""What a view cannot take: tried again by the program of today, or left out by the town's word."""

from pathlib import Path

import pytest

from projections import coordinate
from projections.catch_up import Views
from tests.played import Played
from tests.poison import poison
from tests.shell import Shell, evening_at
from tests.story import Story
from tests.town import LEADER, TOWN, at
from whistle.domain.refusal import NotAllowed, Refused
from whistle.domain.skipping import STREAM, VIEW, RuleSkip, SkipRuled
from whistle.domain.whistle.call import Acknowledge, Arrive, Finish
from whistle.domain.whistle.events import Arrived

OUT = RuleSkip(view="coordinate", seq=57, skip=True, why="told twice")
IN = RuleSkip(view="coordinate", seq=57, skip=False, why="the program has learnt to")


def test_only_the_town_says_what_a_view_leaves_out_and_it_says_why() -> None:
    Story(VIEW).when(OUT, by="jj").then_refused("view.town_only", NotAllowed)
    blank = RuleSkip(view="coordinate", seq=57, skip=True, why=" ")
    Story(VIEW).when(blank).then_refused("view.why", Refused)


def test_the_last_word_on_an_event_stands() -> None:
    ruled = SkipRuled(at=at("09:00"), view="coordinate", seq=57, skip=True, why="told twice")
    story = Story(VIEW).when(IN).then_refused("view.skip_stands")
    story.when(OUT, by=LEADER).then(ruled)
    story.when(OUT).then_refused("view.skip_stands")
    story.when(IN).then_topics("view.skip_ruled/1")
    story.when(OUT).then_topics("view.skip_ruled/1")


def stages(views: Views) -> dict[str, str]:
    """Where the call of 消防 stands in each whistle."""
    return {row.whistle: row.stage for row in coordinate.calls(views, unit="xf")}


def ill_at(town: Played, views: Views, patch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Two whistles that are finished; the view stumbled over the arrival at the first."""
    ill, sound = (town.blow(town.report(), "xf") for _ in range(2))
    poison(patch, lambda told: told.stream == ill)
    for whistle in (ill, sound):
        for order in (Acknowledge(unit="xf"), Arrive(unit="xf"), Finish(unit="xf")):
            town.call(whistle, order)
            views.catch_up()
    assert stages(views) == {ill: "acknowledged", sound: "finished"}
    return ill, sound


def same_as_made_anew(views: Views) -> bool:
    """Whether following has led to the rows that making the views anew leads to."""
    return [each.name for each in views.rebuild() if each.changed] == []


def test_a_case_is_tried_again_by_the_program_of_today(
    town: Played, views: Views, monkeypatch: pytest.MonkeyPatch
) -> None:
    ill, sound = ill_at(town, views, monkeypatch)
    assert views.retry("coordinate")[0].seq == town.seq_of(ill, Arrived)
    assert stages(views) == {ill: "acknowledged", sound: "finished"}
    monkeypatch.undo()
    assert stages(views)[ill] == "acknowledged"  # nobody has asked for it yet
    assert views.retry("coordinate", 10**9) == []
    assert views.parked()["coordinate"]
    assert views.retry("coordinate", town.seq_of(ill, Arrived)) == []
    assert views.parked() == {}
    assert stages(views) == {ill: "finished", sound: "finished"}
    assert same_as_made_anew(views)


def skip(town: Played, ill: str, *, out: bool = True, why: str = "told twice") -> bool:
    """The town's word on the arrival that the view stumbled over."""
    seq = town.seq_of(ill, Arrived)
    return town.order(TOWN, STREAM, RuleSkip(view="coordinate", seq=seq, skip=out, why=why))


def test_what_is_left_out_lets_its_case_go_on_and_stays_left_out_when_the_view_is_made_anew(
    town: Played, views: Views, monkeypatch: pytest.MonkeyPatch
) -> None:
    ill, _sound = ill_at(town, views, monkeypatch)
    assert skip(town, ill)
    assert stages(views)[ill] == "finished"
    assert views.parked() == {}
    (row,) = (each for each in coordinate.calls(views, unit="xf") if each.whistle == ill)
    assert row.arrived_at is None
    assert same_as_made_anew(views)
    monkeypatch.undo()
    assert same_as_made_anew(views)  # a program that could take it leaves it out too
    assert skip(town, ill, out=False)
    (row,) = (each for each in coordinate.calls(views, unit="xf") if each.whistle == ill)
    assert row.arrived_at is not None
    assert same_as_made_anew(views)


def test_a_correction_of_a_case_does_not_bring_back_what_was_left_out(
    town: Played, views: Views, monkeypatch: pytest.MonkeyPatch
) -> None:
    ill, _sound = ill_at(town, views, monkeypatch)
    assert skip(town, ill)
    monkeypatch.undo()
    views.catch_up()
    finished = town.told(ill)[-1]
    assert town.correct(ill, finished.seq, at=finished.event.at - 1)
    (row,) = (each for each in coordinate.calls(views, unit="xf") if each.whistle == ill)
    assert (row.arrived_at, row.finished_at) == (None, finished.event.at - 1)
    assert same_as_made_anew(views)


def test_what_no_program_can_read_may_be_left_out_too(
    town: Played, views: Views, monkeypatch: pytest.MonkeyPatch
) -> None:
    from whistle import codec

    ill = town.blow(town.report(), "xf")
    for order in (Acknowledge(unit="xf"), Arrive(unit="xf"), Finish(unit="xf")):
        town.call(ill, order)
    seq = town.seq_of(ill, Arrived)
    assert skip(town, ill)
    known = {topic: kind for topic, kind in codec.EVENTS.items() if topic != Arrived.topic}
    monkeypatch.setattr("whistle.codec.EVENTS", known)
    monkeypatch.setattr("whistle.codec._decoders", {})
    views.catch_up()
    parked = views.parked()
    assert "coordinate" not in parked
    assert parked["command"][0].seq == seq
    assert stages(views)[ill] == "finished"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A town on a desk, one case of which stands still in the coordinate view."""
    shell = evening_at(tmp_path)
    unit = next(row["unit"] for row in shell.json("inbox", "--all").facts if row["verb"] == "ack")
    with monkeypatch.context() as patch:
        poison(patch, lambda _told: True)
        shell.json("arrive", "1", "--as", unit)
        shell.json("view", "coordinate")
    return shell


def parked_seq(desk: Shell) -> int:
    """The event that stops the case."""
    (view,) = (v for v in desk.json("projection", "status", code=1).facts if v["parked"])
    seq: int = view["parked"][0]["seq"]
    return seq


def test_what_is_parked_is_told_with_the_two_ways_out_of_it(desk: Shell) -> None:
    said, seq = desk("projection", "status"), parked_seq(desk)
    assert said.code == 1
    assert f"coordinate cannot take event {seq}: ValueError: no room for it" in said.told
    assert f"whistle projection skip coordinate {seq}" in said.told
    assert "(coordinate)" in desk().told  # a bare whistle says that a case stands still


def test_it_is_tried_again_from_the_desk(desk: Shell) -> None:
    seq = parked_seq(desk)
    assert desk("projection", "retry", "command", "--seq", str(seq)).code == 3
    desk.json("投影", "重试", "coordinate", "--序号", str(seq))
    desk.json("projection", "status")
    assert "Nothing is parked." in desk("projection", "retry").text


def test_it_is_left_out_from_the_desk_and_who_said_so_is_shown_for_ever(
    desk: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    seq = str(parked_seq(desk))
    poison(monkeypatch, lambda _told: True)
    desk.json("projection", "skip", "coordinate", seq, code=2)
    desk.json("projection", "skip", "coordinate", "1", "--why", "no", code=3)
    desk.json("projection", "skip", "coordinate", seq, "--why", "no", "--as", "jj", code=4)
    why = ("--why", "told twice by the old platform")
    assert desk.json("projection", "skip", "coordinate", seq, *why).rules == []
    desk.json("projection", "rebuild", "coordinate")
    desk.throw_views_away()
    desk.json("projection", "run", "--once")
    said = desk("projection", "status")
    assert said.code == 0
    assert (
        f"coordinate leaves out event {seq}: told twice by the old platform (综合执法" in said.text
    )
    assert desk.json("audit", "verify").facts["ok"]
