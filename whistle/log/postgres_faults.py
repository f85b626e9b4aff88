"""What PostgreSQL complains of, as a sentence: damage, a refusal, a connection that broke."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
from eventsourcing.persistence import PersistenceError

from whistle import codec
from whistle.domain.refusal import Broken, Refused, Unreachable, WhistleError, _
from whistle.log.address import masked
from whistle.log.faults import broken
from whistle.log.port import Lost

DAMAGED: Final = ("XX", "42P01", "42703")
"""Damaged pages and indexes; and a table or column that is not there, as on the embedded store."""
GUARDED: Final = ("23", "P0001")
"""What a key, a check or a trigger of the record refused."""
GONE: Final = ("08", "57P", "25P03", "40P01", "40001")
"""The connection, or the transaction, was ended from without: nothing is wrong with the order."""


@contextmanager
def reaching() -> Iterator[None]:
    """Say in a sentence what the server would not do.

    Raises Lost where the same order may be given again, Broken for a damaged store and for a write
    that the record's guards refused, and Unreachable for everything else.
    """
    try:
        yield
    except PersistenceError as error:
        cause = error.__cause__
        raise told(cause if isinstance(cause, psycopg.Error) else error) from error
    except psycopg.Error as error:
        raise told(error) from error


def told(error: Exception) -> WhistleError:
    """The error as one of ours."""
    if isinstance(error, psycopg.DataError) and "NUL" in str(error):
        return Refused(codec.NUL_REFUSED, rule="text.nul")  # nothing of that name is on record
    fault, state = sentence(error), getattr(error, "sqlstate", None) or ""
    if state.startswith(DAMAGED):
        return broken(fault)
    if state.startswith(GUARDED):
        return Broken(
            _("The store refused the write: {fault}."), hint="whistle audit verify", fault=fault
        )
    if state.startswith(GONE) or (not state and isinstance(error, psycopg.OperationalError)):
        return Lost(_UNUSABLE, hint=_CHECK, fault=fault)
    if state == "55P03":
        return Unreachable(
            _("The store is busy: another order has held it for {seconds} s."),
            hint=_("give the order again; if it stays so, ask who runs the server"),
            seconds=LOCK_S,
        )
    return unreachable(fault)


def unreachable(fault: str) -> Unreachable:
    """The sentence for a server that cannot be reached, or will not let this account do it."""
    return Unreachable(_UNUSABLE, hint=_CHECK, fault=fault)


_UNUSABLE = _("The store cannot be used: {fault}.")
_CHECK = _("check that the server runs, and this account's rights there")

LOCK_S = 60
"""Longest wait for the lock of the log; who holds it longer without a word loses it."""


def sentence(error: Exception) -> str:
    """The first line of what the server or the driver says, without any password."""
    said = getattr(getattr(error, "diag", None), "message_primary", None) or str(error)
    first = said.strip().partition("\n")[0]
    return masked(first).rstrip(".")
