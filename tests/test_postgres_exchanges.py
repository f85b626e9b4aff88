"""How often an order waits for the server: what answers nothing goes along with what does."""

from collections.abc import Sequence

import pytest

from tests.office import Office
from whistle.domain.refusal import Refused, WhistleError
from whistle.domain.whistle.call import Acknowledge, Arrive, Finish
from whistle.engine import Reply
from whistle.log.postgres_cursor import answers
from whistle.log.postgres_wire import Asked, Rows, Wire


@pytest.fixture
def office(office_there: Office) -> Office:
    return office_there


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The statements of every exchange with the server, by whoever sends them."""
    told: list[list[str]] = []
    ask, say = Wire.ask, Wire.say

    def asking(wire: Wire, statements: Sequence[Asked], end: str = "") -> Rows:
        told.append([*(each[0] for each in statements), end])
        return ask(wire, statements, end)

    def saying(wire: Wire, words: str) -> Rows:
        told.append([words])
        return say(wire, words)

    monkeypatch.setattr(Wire, "ask", asking)
    monkeypatch.setattr(Wire, "say", saying)
    return told


def test_an_act_of_a_unit_takes_two_exchanges_and_one_statement_to_write_it(
    office: Office, sent: list[list[str]]
) -> None:
    # the lock, the head and the repeat that it may be; then all that is written
    office.blow()
    office.ask(("w1", Acknowledge(unit="rq")), by="rq")
    office.blow("w2", "i2")
    sent.clear()
    office.ask(("w2", Acknowledge(unit="rq")), by="rq")
    opening, writing = sent
    assert "pg_advisory_xact_lock" in opening[0]
    assert "PREPARE" not in opening[0], "the server has it by its name"
    written, end = writing
    for table in ("events", "ledger", "commands", "replies", "calls", "unit_series"):
        assert f"INSERT INTO {table} " in written
    assert end == "COMMIT"


def test_what_is_written_is_there_for_who_reads_on_in_the_same_write(office: Office) -> None:
    with office.log.writing() as txn:
        txn.take_number("i:town:26", 7)
        assert txn.next_number("i:town:26") == 8


def test_what_the_server_refuses_on_the_way_is_committed_by_nobody(office: Office) -> None:
    before = office.rows("SELECT * FROM series")
    with pytest.raises(Exception, match="refused the write"), office.log.writing() as txn:
        txn.take_number("i:town:26", 7)
        txn.cursor.execute("INSERT INTO store VALUES (1, 'another', 1, 1)")
        txn.take_number("i:town:26", 8)
    assert office.rows("SELECT * FROM series") == before
    assert office.blow().id == "W-WY26-00001", "the connection is as good as before"


def test_of_several_acts_one_that_is_refused_undoes_itself_and_not_the_others(
    office: Office,
) -> None:
    refused = Refused("No.")
    with office.log.writing() as txn:
        with txn.part() as part:
            part.take_number("i:town:26", 7)
        with pytest.raises(Refused), txn.part() as part:
            part.take_number("i:town:26", 9)
            assert part.next_number("i:town:26") == 10, "the server has heard of it"
            raise refused
        with pytest.raises(Refused), txn.part() as part:
            part.take_number("i:town:26", 11)  # and of this it has not
            raise refused
        assert txn.next_number("i:town:26") == 8
        with txn.part() as part:
            part.take_number("u:town:26", 1)
    assert office.rows("SELECT series, last FROM series WHERE series LIKE '%:town:26'") == [
        ("i:town:26", 7),
        ("u:town:26", 1),
    ]


def test_what_the_server_has_against_one_of_several_acts_is_committed_for_none(
    office: Office,
) -> None:
    # each is asked for again alone then: whistle/engine/together.py
    before = office.rows("SELECT * FROM series")
    with pytest.raises(Exception, match="refused the write"), office.log.writing() as txn:
        with txn.part() as part:
            part.take_number("i:town:26", 7)
        with txn.part() as part:
            part.cursor.execute("INSERT INTO store VALUES (1, 'another', 1, 1)")
    assert office.rows("SELECT * FROM series") == before


def test_several_acts_take_two_exchanges_together(office: Office, sent: list[list[str]]) -> None:
    for nr in (1, 2):
        office.blow(f"w{nr}", f"i{nr}")
    for order in (Acknowledge(unit="rq"), Arrive(unit="rq")):  # their topics have numbers now
        office.ask(("w1", order), by="rq")
    sent.clear()
    acts = [("w1", Acknowledge(unit="xf"), "xf"), ("w2", Acknowledge(unit="xf"), "xf")]
    acts += [("w2", Acknowledge(unit="rq"), "rq"), ("w1", Acknowledge(unit="nobody"), "xf")]
    said = office.engine.obey_together(
        [office.asked((stream, order), by=unit) for stream, order, unit in acts]
    )
    assert [type(each) for each in said[:3]] == [Reply] * 3
    assert isinstance(said[3], WhistleError)
    assert len(sent) == 2
    assert [sum("INTO events" in each for each in exchange) for exchange in sent] == [0, 1]
    assert office.log.verify().ok


def test_a_refusal_costs_no_write(office: Office, sent: list[list[str]]) -> None:
    office.blow()
    office.ask(("w1", Acknowledge(unit="rq")), by="rq")
    office.ask(("w1", Arrive(unit="rq")), by="rq")
    sent.clear()
    with pytest.raises(Refused):
        office.ask(("w1", Finish(unit="xf")), by="rq")
    assert not any("INTO events" in each for exchange in sent for each in exchange)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("SELECT 1", True),
        ("\nINSERT INTO series VALUES (?, ?)", False),
        ("UPDATE ledger_head SET size = ?", False),
        ("INSERT INTO events SELECT 1 RETURNING position", True),
        ("SAVEPOINT part", False),
        ("RELEASE part", False),
        ("ROLLBACK TO part", True),
        ("SHOW fsync", True),
    ],
)
def test_only_what_answers_nothing_waits(statement: str, told: bool) -> None:
    assert answers(statement) is told
