"""A connection to the server, as the log speaks on it: few messages, each statement planned once.

The driver's own way is made for any program: it looks at every value, keeps a state for every
statement, and takes three times the processor time that an order of ours has for all of it. What
the log says is known beforehand, so it is handed to libpq as it is.
"""

from collections.abc import Generator, Sequence
from itertools import count
from typing import Any, Final

import psycopg
from psycopg import generators, pq
from psycopg.adapt import Transformer

from whistle.log.postgres_values import Value

_KNOWN_MAX: Final = 100  # statements that the server knows by name, on one connection
_NUMBERS: Final = count(1)
_BINARY: Final = pq.Format.BINARY
_GOOD: Final = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK, pq.ExecStatus.EMPTY_QUERY)
_STATE: Final = pq.TransactionStatus

Asked = tuple[str, tuple[int, ...], Sequence[Value]]
"""A statement with its values and their types; no types: the server finds them out."""
Rows = list[tuple[Any, ...]]
_Piped = Generator[Any, Any, list[pq.abc.PGresult]]


class Wire:
    """A connection, and the statements that its server knows by name."""

    def __init__(self, raw: psycopg.Connection[Any]) -> None:
        self.raw = raw
        self._libpq = raw.pgconn
        self._names: dict[tuple[str, tuple[int, ...]], bytes] = {}
        self._said = set[str]()

    @property
    def state(self) -> pq.TransactionStatus:
        """Whether a transaction is open on it, or something worse."""
        return _STATE(self._libpq.transaction_status)

    @property
    def sound(self) -> bool:
        """Whether it can be kept for the next who needs one."""
        return self.state == _STATE.IDLE and not self._libpq.pipeline_status

    @property
    def usable(self) -> bool:
        """Whether the server still listens at its other end, as far as is known."""
        return self._libpq.status == pq.ConnStatus.OK

    def say(self, words: str) -> Rows:
        """Run statements without values, in one exchange; the rows of the last."""
        self._libpq.send_query(words.encode())
        *_before, last = self.raw.wait(generators.execute(self._libpq))
        return self._rows(last)

    def named(self, name: str, statement: str) -> str:
        """What tells the server a statement by a name, before it is first said; else nothing."""
        if name in self._said:
            return ""
        self._said.add(name)
        return f"PREPARE {name} AS {statement};"

    def ask(self, statements: Sequence[Asked], end: str = "") -> Rows:
        """Run statements in one exchange; the rows of the last.

        After the first that is refused the server runs none any more. `end` has no values.
        """
        libpq = self._libpq
        libpq.enter_pipeline_mode()
        new = [self._send(*each) for each in statements]
        if end:
            libpq.send_query_params(end.encode(), None)
        libpq.pipeline_sync()
        results = self.raw.wait(self._heard())
        libpq.exit_pipeline_mode()
        told, rows = iter(results), Rows()
        for key in new:
            if key is not None:  # the server was told its name first
                self._rows(next(told))
                self._names[key[0], key[1]] = key[2]
            rows = self._rows(next(told))
        for each in told:
            rows = self._rows(each)
        return rows

    def _send(
        self, statement: str, types: tuple[int, ...], values: Sequence[Value]
    ) -> tuple[str, tuple[int, ...], bytes] | None:
        """Send a statement by its name; when it has none yet, which it gets."""
        key, libpq, formats = (statement, types), self._libpq, [_BINARY] * len(values)
        name = self._names.get(key)
        new = None
        if name is None:
            if len(self._names) >= _KNOWN_MAX:
                libpq.send_query_params(statement.encode(), values, types or None, formats, _BINARY)
                return None
            name = b"whistle_%d" % next(_NUMBERS)
            libpq.send_prepare(name, statement.encode(), types or None)
            new = (*key, name)
        libpq.send_query_prepared(name, values, formats, _BINARY)
        return new

    def _heard(self) -> _Piped:
        """What the server says, until it has nothing more to say."""
        yield from generators.send(self._libpq)
        results: list[pq.abc.PGresult] = []
        while True:
            told = yield from generators.fetch_many(self._libpq)
            if told and told[0].status == pq.ExecStatus.PIPELINE_SYNC:
                return results
            results += told

    def _rows(self, result: pq.abc.PGresult) -> Rows:
        if result.status not in _GOOD:
            if result.error_field(pq.DiagnosticField.SQLSTATE):
                raise psycopg.errors.error_from_result(result)
            raise psycopg.OperationalError(result.get_error_message())
        if not result.ntuples:
            return []
        reading = Transformer(self.raw)
        reading.set_pgresult(result)
        return reading.load_rows(0, result.ntuples, tuple)

    def undo(self) -> None:
        """Roll back what is open; a connection that cannot is of no more use."""
        if self.state in (_STATE.INTRANS, _STATE.INERROR) and not self._libpq.pipeline_status:
            self.say("ROLLBACK")
