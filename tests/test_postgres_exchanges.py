"""How often an order waits for the server: what answers nothing goes along with what does."""

from collections.abc import Iterator, Sequence

import psycopg
import pytest

from tests.office import Office
from tests.postgres import Server
from tests.town import at
from whistle.domain.refusal import Refused
from whistle.domain.whistle.call import Acknowledge, Arrive, Finish
from whistle.log.postgres_cursor import answers
from whistle.log.postgres_wire import Asked, Rows, Wire


@pytest.fixture
def office(postgres: Server, founded_there: str) -> Iterator[Office]:
    url = postgres.fresh(founded_there)
    opened = Office(url, at("09:00"))
    yield opened
    opened.close()
    postgres.drop(url)


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


def test_an_act_that_the_store_refuses_undoes_itself_and_not_the_others(office: Office) -> None:
    with office.log.writing() as txn:
        with txn.part() as part:
            part.take_number("i:town:26", 7)
        with pytest.raises(psycopg.errors.UniqueViolation), txn.part() as part:
            part.take_number("i:town:26", 9)
            part.cursor.execute("INSERT INTO store VALUES (1, 'another', 1, 1)")
        assert txn.next_number("i:town:26") == 8
    assert office.rows("SELECT last FROM series WHERE series = 'i:town:26'") == [(7,)]


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
        ("RELEASE part", True),
        ("SHOW fsync", True),
    ],
)
def test_only_what_answers_nothing_waits(statement: str, told: bool) -> None:
    assert answers(statement) is told
