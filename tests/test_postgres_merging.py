"""What one order writes goes to the server as one statement, and nobody can tell the difference."""

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.postgres import Server
from whistle.log.pending import _ENTER
from whistle.log.postgres_merging import merged
from whistle.log.postgres_values import BIGINT, BYTEA, TEXT, listed, typed

CALL = (
    "INSERT INTO calls VALUES (?, ?, ?) "
    "ON CONFLICT (stream, unit) DO UPDATE SET stage = excluded.stage"
)
REPLY = "INSERT INTO replies VALUES (?, ?)"
HEAD = "UPDATE ledger_head SET size = ?, clock_behind = ?"


def count(*waiting: tuple[str, tuple[object, ...]]) -> int:
    """As how many statements something goes."""
    return len(list(merged(waiting)))


def test_rows_of_several_tables_and_the_head_are_one_statement() -> None:
    waiting = [
        (CALL, ("w1", "rq", "called")),
        (CALL, ("w1", "xf", "called")),
        (REPLY, (1, b"{}")),
        (HEAD, (7, 0)),
    ]
    ((statement, types, values),) = merged(waiting)
    assert statement.count("INSERT INTO") == 2
    assert (types, len(values)) == ((), 3 + 2 + 2)


def test_a_row_that_is_written_twice_stands_as_it_was_written_last() -> None:
    waiting = [(CALL, ("w1", "rq", "called")), (CALL, ("w1", "rq", "left")), (HEAD, (7, 0))]
    ((_statement, _types, values),) = merged([*waiting, (HEAD, (8, 0))])
    assert values == [b"w1", b"rq", b"left", (8).to_bytes(8), (0).to_bytes(8)]


def test_a_row_that_keeps_a_part_of_what_was_there_comes_after_it() -> None:
    line = ("w1", "whistle", "W-1", 1, "i1", "sounding", None, None, None)
    assert count((_ENTER, line), (_ENTER, line)) == 2, "its kind stays as it was entered first"
    assert count((_ENTER, line), (_ENTER, ("w2", *line[1:]))) == 1


def test_what_has_another_form_keeps_its_place() -> None:
    assert count((REPLY, (1, b"")), ("DELETE FROM sites", ()), (REPLY, (2, b""))) == 3
    plain = "INSERT INTO calls VALUES (?, ?, ?)"
    assert count((CALL, ("w1", "rq", "called")), (plain, ("w2", "rq", "called"))) == 2


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
wholes = st.integers(-(2**63), 2**63 - 1)


@given(
    st.lists(st.tuples(st.none() | wholes, st.none() | texts, st.none() | st.binary()), min_size=1)
)
def test_every_value_comes_back_as_it_was(
    postgres: Server, rows: list[tuple[int | None, str | None, bytes | None]]
) -> None:
    numbers, words, octets = zip(*rows, strict=True)
    values = [listed(BIGINT, numbers), listed(TEXT, words), listed(BYTEA, octets)]
    statement = "SELECT * FROM unnest($1::bigint[], $2::text[], $3::bytea[])"
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as tool:
        libpq = tool.pgconn
        told = libpq.exec_params(statement.encode(), values, None, [1, 1, 1], 1)
        found = [
            tuple(None if (v := told.get_value(row, at)) is None else bytes(v) for at in range(3))
            for row in range(told.ntuples)
        ]
    assert found == [tuple(typed(row)[1]) for row in rows]


def test_what_the_server_could_not_hold_is_told_before_it_is_asked() -> None:
    with pytest.raises(psycopg.DataError, match="NUL"):
        typed(["a\0b"])
    with pytest.raises(psycopg.DataError, match="out of range"):
        typed([2**63])
