"""One act, one transaction: all of it or nothing, once, and with the first reply for ever."""

from pathlib import Path

import pytest

from tests.office import Office
from tests.town import LEADER, TOWN, actor, at
from whistle.domain.correction import Correct
from whistle.domain.incident.intake import AcceptIncident, RefuseIncident, ReportIncident
from whistle.domain.incident.outcome import CloseIncident, VerifyIncident
from whistle.domain.policies import Reaction
from whistle.domain.refusal import Conflict, NotAllowed, NotFound, Refused
from whistle.domain.whistle.approval import ApproveWhistle, TurnWhistleDown
from whistle.domain.whistle.call import Acknowledge, Act, Arrive, Decline, Finish
from whistle.domain.whistle.issue import BlowWhistle
from whistle.engine import Reply

HOUSE = Path(__file__).resolve().parent.parent
REPORT = ReportIncident(item="gas-leak", place="草桥路12号")
ACCEPT = AcceptIncident()
FINISH_BOTH = [("rq", Arrive), ("xf", Arrive), ("rq", Finish), ("xf", Finish)]


def attempts(office: Office) -> list[tuple[object, ...]]:
    return office.rows("SELECT actor_unit, verb, name, rule FROM attempts ORDER BY id")


def work_off(office: Office, whistle: str = "w1") -> None:
    """Both units come and finish."""
    for unit, act in FINISH_BOTH:
        office.ask((whistle, act(unit=unit)), by=unit)


def test_a_whistle_goes_from_report_to_close(office: Office) -> None:
    office.blow()
    work_off(office)
    office.ask(("i1", VerifyIncident(passed=True)))
    office.ask(("i1", CloseIncident()))
    assert office.topics()[-7:] == [
        "whistle.finished/1",
        "whistle.ended/1",
        "incident.whistle_end_noted/1",
        "incident.verification_passed/1",
        "whistle.released/1",
        "whistle.released/1",
        "incident.closed/1",
    ]
    assert office.log.verify().ok


def test_all_orders_of_an_act_stand_or_fall_together(office: Office) -> None:
    before = office.told()
    with pytest.raises(Refused) as refused:
        office.ask(("i1", REPORT), ("i1", ACCEPT), ("w1", BlowWhistle(incident="i1", ground="x")))
    assert refused.value.rule == "blow.ground"
    assert office.told() == before
    assert office.rows("SELECT * FROM names WHERE kind = 'incident'") == []
    assert office.rows("SELECT * FROM series") == []
    assert office.report().id == "I-WY26-00001"


def test_a_fault_of_the_program_leaves_nothing_behind(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = office.told()

    def stumble(*_words: object) -> Reply:
        raise ZeroDivisionError

    with monkeypatch.context() as broken, pytest.raises(ZeroDivisionError):
        broken.setattr("whistle.engine.session.Session.reply", stumble)
        office.report()
    assert office.told() == before
    assert office.report().id == "I-WY26-00001"


def test_who_names_the_version_seen_is_told_when_somebody_was_first(office: Office) -> None:
    version = office.report().version
    refuse = RefuseIncident(category="not-ours", explanation="邻镇")
    office.ask(("w1", BlowWhistle(incident="i1")))
    with pytest.raises(Conflict):
        office.ask(("i1", refuse), expect=version)
    assert (
        office.ask(("i1", VerifyIncident(passed=False)), expect=version + 1).version == version + 2
    )


def test_a_new_stream_is_seen_at_version_nought(office: Office) -> None:
    assert office.ask(("i1", REPORT), expect=0).version == 1
    with pytest.raises(Conflict):
        office.ask(("i2", REPORT), expect=1)


def test_a_refused_order_is_on_record_as_an_attempt_and_does_not_bind_its_key(
    office: Office,
) -> None:
    office.blow()
    size = office.log.size()
    decline = Decline(unit="rq", reason="not-our-duty")
    with pytest.raises(Refused):
        office.ask(("w1", decline), by="rq", key="k1", name="W-WY26-00001")
    with pytest.raises(NotAllowed):
        office.ask(("w1", Acknowledge(unit="rq")), by="town>xf", key="k1")
    assert attempts(office) == [
        ("rq", "act", "W-WY26-00001", "kinds.emergency.decline_only_on_scene"),
        ("town", "act", "", "call.own"),
    ]
    assert office.log.size() == size
    office.ask(("w1", Arrive(unit="rq")), by="rq")
    assert office.ask(("w1", decline), by="rq", key="k1").replayed is False


def test_what_is_not_found_is_no_attempt(office: Office) -> None:
    with pytest.raises(NotFound):
        office.ask(("i1", ACCEPT))
    assert attempts(office) == []


def test_names_have_no_gap_per_kind_and_year_at_the_towns_wall_clock(office: Office) -> None:
    # midnight at +08:00 is 16:00 of the day before in UTC
    names = []
    for number, text in enumerate(
        ["2026-12-31 15:59", "2026-12-31 16:00", "2026-12-31 23:59:59", "2027-01-01 00:00"]
    ):
        office.clock.now = at(text)
        stream, whistle = f"i{number}", f"w{number}"
        names.append(
            (office.report(stream).id, office.ask((whistle, BlowWhistle(incident=stream))).id)
        )
    assert names == [
        ("I-WY26-00001", "W-WY26-00001"),
        ("I-WY26-00002", "W-WY26-00002"),
        ("I-WY26-00003", "W-WY26-00003"),
        ("I-WY27-00001", "W-WY27-00001"),
    ]


def test_an_act_received_before_midnight_has_the_old_years_name(office: Office) -> None:
    office.clock.now = at("2027-01-01 00:00:03")
    reply = office.ask(("i1", REPORT), received_at=at("2026-12-31 23:59:59"))
    assert reply.id == "I-WY26-00001"


def test_a_whistle_gets_its_number_when_it_sounds_and_not_when_it_is_asked_for(
    office: Office,
) -> None:
    for number in (1, 2):
        office.report(f"i{number}", item="street-vending")
        office.ask((f"w{number}", BlowWhistle(incident=f"i{number}")))
    assert office.ask(("w1", TurnWhistleDown(reason="先自办")), by=LEADER).id == "I-WY26-00001"
    assert office.ask(("w2", ApproveWhistle()), by=LEADER).id == "W-WY26-00001"


def test_a_refused_reaction_is_on_record_and_its_cause_stands(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.blow()

    def refuse(*_words: object) -> list[object]:
        raise Refused("not now", rule="incident.closed")

    # the rule that says no is put in by hand: today's rules allow every reaction
    monkeypatch.setattr("whistle.domain.incident.handling.decide", refuse)
    work_off(office)
    assert office.topics()[-3:] == [
        "whistle.finished/1",
        "whistle.ended/1",
        "policy.reaction_refused/1",
    ]
    *_rest, ended, told = office.told()
    assert (told.stream, told.causation_seq) == ("reactions", ended.seq)
    assert attempts(office) == []


def test_a_reaction_names_the_event_that_caused_it_and_the_incident(office: Office) -> None:
    office.blow()
    blown, *_delivered, noted = office.told()[-4:]
    assert (noted.topic, noted.causation_seq) == ("incident.whistle_noted/1", blown.seq)
    assert {each.correlation_id for each in office.told() if each.stream in ("i1", "w1")} == {"i1"}
    assert blown.causation_seq is None


def test_a_policy_that_answers_itself_stops_loudly_and_leaves_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = office.told()
    again = [Reaction("i1", REPORT)]  # refused each time, and each refusal is one more event
    monkeypatch.setattr("whistle.engine.session.react", lambda *_words: again * 300)
    with pytest.raises(RuntimeError, match="reactions"):
        office.ask(("i1", REPORT))
    assert office.told() == before


def test_everything_that_was_said_of_an_act_is_on_record(office: Office) -> None:
    office.blow()
    office.clock.now = at("09:02")
    asked = office.asked(
        ("w1", Acknowledge(unit="rq")),
        by="town/小周>rq",
        happened_at=at("09:01"),
        happened_why="现场无信号",
    )
    office.clock.now = at("09:03")
    office.engine.obey(asked)
    told, telling = office.told()[-2:]
    assert telling.topic == "whistle.told/1"
    assert (told.actor_unit, told.actor_person, told.behalf_unit) == (TOWN, "小周", "rq")
    assert (told.happened_at, told.happened_why) == (at("09:01"), "现场无信号")
    assert (told.received_at, told.recorded_at) == (at("09:02"), at("09:03"))
    assert actor("town/小周>rq").speaks_for == "rq"


def test_a_corrected_act_moves_the_clocks(office: Office) -> None:
    office.blow()
    office.clock.now = at("09:31")
    office.ask(("w1", Arrive(unit="rq")), by="rq")
    arrived = office.told()[-1].seq
    assert "whistle.overdue/1" in office.topics()
    office.clock.now = at("09:40")
    office.ask(("w1", Correct(seq=arrived, changes={"at": at("09:30")}, why="车载时钟")))
    assert office.topics()[-3:] == ["record.corrected/1"] + ["whistle.overdue_voided/1"] * 2
    voided = office.told()[-1].event
    assert getattr(voided, "due", None) == at("09:30")


def test_only_the_town_corrects(office: Office) -> None:
    office.blow()
    office.ask(("w1", Arrive(unit="rq")), by="rq")
    correct = Correct(seq=office.log.size(), changes={"note": "x"}, why="y")
    with pytest.raises(NotAllowed):
        office.ask(("w1", correct), by="rq")


def test_an_act_on_the_spot_is_one_event(office: Office) -> None:
    office.blow()
    office.ask(("w1", Arrive(unit="rq")), by="rq")
    assert [e.topic for e in office.ask(("w1", Act(unit="rq", act="关阀")), by="rq").events] == [
        "whistle.acted/1"
    ]


def test_what_the_clock_owed_stands_before_the_late_act(office: Office) -> None:
    office.blow()
    office.clock.now = at("09:06")
    reply = office.ask(("w1", Acknowledge(unit="rq")), by="rq")
    assert [event.topic for event in reply.events] == [
        "whistle.due_soon/1",
        "whistle.due_soon/1",
        "whistle.overdue/1",
        "whistle.supervised/1",
        "whistle.overdue/1",
        "whistle.supervised/1",
        "whistle.acknowledged/1",
    ]
