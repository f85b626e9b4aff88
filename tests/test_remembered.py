"""What an engine remembers of the last act is true, or it is forgotten: two desks on one store."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import places
from tests.office import Office
from tests.town import PLAYBOOK, at
from whistle.domain.correction import Told
from whistle.domain.incident.intake import AcceptIncident, ReportIncident
from whistle.domain.message import Order
from whistle.domain.moment import MINUTE
from whistle.domain.refusal import Refused, WhistleError
from whistle.domain.rulebook import AdoptPlaybook
from whistle.domain.surroundings import UnitEntry
from whistle.domain.unit import AddPerson, RegisterUnit
from whistle.domain.whistle.call import Acknowledge, Arrive, Depart, Finish
from whistle.domain.whistle.issue import BlowWhistle
from whistle.engine import Reply
from whistle.log.transaction import SQLTxn
from whistle.log.turns import Turns

UNITS = ("rq", "xf")


@pytest.fixture
def other(office: Office) -> Office:
    """A second program at the same store, with a memory of its own."""
    return Office(office.address, at("09:00"))


def test_what_another_desk_recorded_meanwhile_is_decided_upon(
    office: Office, other: Office
) -> None:
    office.blow()
    other.ask(("w1", Acknowledge(unit="rq")), by="rq")
    with pytest.raises(Refused):
        office.ask(("w1", Acknowledge(unit="rq")), by="rq")
    office.ask(("w1", Arrive(unit="rq")), by="rq")
    assert other.ask(("w1", Finish(unit="rq")), by="rq").stage == "sounding"
    assert office.log.verify().ok


def test_what_another_desk_recorded_elsewhere_costs_no_reading(
    office: Office, other: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.blow()
    other.blow("w2", "i2")
    office.ask(("w1", Acknowledge(unit="rq")), by="rq")
    other.ask(("w2", Acknowledge(unit="rq")), by="rq")
    read: list[str] = []
    stream, units = SQLTxn.stream, SQLTxn.units

    def reading(txn: SQLTxn, name: str) -> list[Told]:
        read.append(name)
        return stream(txn, name)

    def asking(txn: SQLTxn) -> Mapping[str, UnitEntry]:
        read.append("units")
        return units(txn)

    monkeypatch.setattr(SQLTxn, "stream", reading)
    monkeypatch.setattr(SQLTxn, "units", asking)
    office.ask(("w1", Arrive(unit="rq")), by="rq")
    assert read == []
    other.ask(("w1", Acknowledge(unit="xf")), by="xf")
    assert read == ["w1"], "what was written to is read anew, and nothing else"
    assert office.log.verify().ok, "each unit's record goes on where the other desk left it"


def test_only_what_the_tree_proves_is_what_others_recorded(office: Office) -> None:
    office.blow()
    with office.log.writing() as txn:
        before = txn.head
    office.ask(("w1", Acknowledge(unit="rq")), by="rq")
    with office.log.writing() as txn:
        assert {each.stream for each in txn.grown(before) or ()} == {"w1"}
        size, frontier = before
        another = frontier[:-1] + bytes([frontier[-1] ^ 1])
        assert txn.grown((size, another)) is None, "the log was put back, and went on otherwise"
        assert txn.grown(txn.head) is None


def test_a_unit_and_a_rule_that_another_desk_brought_in_count_at_once(
    office: Office, other: Office
) -> None:
    office.report()
    other.ask(("unit-new", RegisterUnit(code="new", name="新所", type="NEW")))
    office.ask(("unit-new", AddPerson(unit="new", person="小王", role="officer")))
    assert office.ask(("w1", BlowWhistle(incident="i1", lead="new"))).stage == "sounding"
    later = msgspec.structs.replace(PLAYBOOK, version="2", digest="f" * 64, items={})
    other.ask(("rulebook", AdoptPlaybook(playbook=later)))
    with pytest.raises(WhistleError, match="gas-leak"):
        office.report("i2")


def test_a_refused_act_leaves_nothing_in_memory(office: Office) -> None:
    office.blow()
    with pytest.raises(Refused):  # the second half is refused, and the first with it
        acts = (("w1", Acknowledge(unit="rq")), ("w1", Acknowledge(unit="rq")))
        office.ask(*acts, by="rq")
    assert office.ask(("w1", Acknowledge(unit="rq")), by="rq").stage == "sounding"
    assert office.log.verify().ok


@pytest.mark.sqlite("SQLite's own commit; a lost one of PostgreSQL is in test_postgres_lost.py")
def test_an_act_that_the_disk_did_not_take_was_never_done(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.blow()

    def torn(_store: object, _cursor: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as broken, pytest.raises(WhistleError):
        broken.setattr("whistle.log.recorder.Datastore._commit", torn)
        office.ask(("w1", Acknowledge(unit="rq")), by="rq")
    assert office.ask(("w1", Acknowledge(unit="rq")), by="rq").stage == "sounding"
    assert office.topics().count("whistle.acknowledged/1") == 1
    assert office.log.verify().ok


Act = tuple[str, int, str, int]
ACTS = st.tuples(
    st.sampled_from(["ack", "depart", "arrive", "finish"]),
    st.integers(1, 2),
    st.sampled_from(UNITS),
    st.integers(0, 90),
)


def order(act: Act) -> tuple[str, Order]:
    verb, whistle, unit, _later = act
    kinds: dict[str, Order] = {
        "ack": Acknowledge(unit=unit),
        "depart": Depart(unit=unit),
        "arrive": Arrive(unit=unit),
        "finish": Finish(unit=unit),
    }
    return f"w{whistle}", kinds[verb]


def played(path: Path, acts: list[Act], desks: list[int], *, forgetful: bool) -> list[object]:
    """Replies and refusals in turn, then everything on record."""
    offices = [Office(path, at("09:00")) for _desk in range(3)]
    said: list[object] = []
    for nr, (act, desk) in enumerate(zip(acts, desks, strict=True)):
        office = Office(path, at("09:00")) if forgetful else offices[desk]
        office.clock.now = at("09:00") + sum(each[3] for each in acts[: nr + 1]) * MINUTE
        try:
            reply: Reply = office.ask(order(act), by=act[2], key=f"k{nr}")
            said.append(reply)
        except WhistleError as refusal:
            said.append(str(refusal))
        if forgetful:
            office.close()
    said += [(each.seq, each.stream, each.event) for each in offices[0].told()]
    assert offices[0].log.verify().ok
    for office in offices:
        office.close()
    return said


@settings(max_examples=12)
@given(st.lists(st.tuples(ACTS, st.integers(0, 2)), max_size=25))
def test_desks_that_remember_do_as_desks_that_read_everything_anew(
    tmp_path_factory: pytest.TempPathFactory, founded: Path, acts: list[tuple[Act, int]]
) -> None:
    stores = []
    for name in ("remembering", "forgetful"):
        path = tmp_path_factory.mktemp(name) / "town.db"
        places.copy(founded, path)
        office = Office(path, at("08:59"))
        office.blow()
        office.blow("w2", "i2")
        office.close()
        orders, desks = [act for act, _desk in acts], [desk for _act, desk in acts]
        stores.append(played(path, orders, desks, forgetful=name == "forgetful"))
    assert stores[0] == stores[1]


def test_what_an_act_has_said_is_read_by_its_own_later_questions(office: Office) -> None:
    report = ReportIncident(item="gas-leak", place="草桥路12号")
    acts = (("i1", report), ("i1", AcceptIncident()), ("w1", BlowWhistle(incident="i1")))
    assert office.ask(*acts).id == "W-WY26-00001"


@pytest.mark.sqlite("the queue is a file")
def test_a_queue_whose_file_was_removed_is_joined_where_the_others_wait(office: Office) -> None:
    office.report()
    queue = office.path.with_name(office.path.name + ".lock")
    queue.unlink()
    office.report("i2")
    waiting = Turns(queue, office.path)
    waiting.wait()
    waiting.end()
    waiting.close()
    assert queue.exists()
