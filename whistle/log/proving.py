"""A store's whole record proved, alone or shared among workers; loaded by who proves.

An order needs nothing of it: `store_log` hands on to these functions when they are asked for.
"""

from collections.abc import Callable, Generator
from contextlib import closing, suppress
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from whistle.domain.refusal import Broken
from whistle.log import kept, registers
from whistle.log.head import head_of
from whistle.log.reader import SQLReader
from whistle.log.rows import SELECT
from whistle.log.stretch import STRETCH
from whistle.log.verify import Found, G, Proof, Taking, Verdict, nothing, unsealed
from whistle.workers import ALONE, Workers, chosen

if TYPE_CHECKING:
    from whistle.log.store_log import StoreLog


def proved_on(reader: SQLReader) -> Verdict:
    """Prove a whole record in the transaction of a reader; Broken when it does not hold."""
    proof = Proof(reader.identity())
    nothing(_rows(reader, proof))
    kept.prove(reader)
    return Verdict(ok=True, size=proof.tree.size, root=proof.tree.root.hex())


def _rows(reader: SQLReader, proof: Proof) -> Generator[Any, None, None]:
    claimed = head_of(reader)
    yield from proof.proved(reader.scan(f"{SELECT} ORDER BY seq"), reader.before)
    proof.ends_at(claimed, unsealed(reader, proof.tree.size))
    registers.prove(reader, proof.unit_numbers)


def proved_rows(log: "StoreLog") -> Generator[Any, None, None]:
    """Every row of a log, each proved before it is handed on."""
    return _rows_of(log, _proof(log))


def _proof(log: "StoreLog") -> Proof:
    """A proof that knows the epochs of now: one may have begun since the store was opened."""
    with log.reading() as reader:
        log.identity = reader.identity()
    return Proof(log.identity)


def _rows_of(log: "StoreLog", proof: Proof) -> Generator[Any, None, None]:
    with log.reading() as reader:
        yield from _rows(reader, proof)


def proved(
    log: "StoreLog", taking: Taking[Any], gathering: Callable[[], G], workers: Workers | None
) -> Found[G]:
    """Prove the whole record and gather what is taken from its rows, stretch by stretch."""
    workers = workers or chosen(None, log.size())
    if workers.count > 1:
        from whistle.log import spread  # other processes are paid for by who uses them

        with suppress(spread.Unproved):  # what is wrong is told below
            return spread.proved([log], workers, taking, gathering)[0]
    proof, gathered = _proof(log), gathering()
    with closing(_rows_of(log, proof)) as rows:
        for first in rows:
            gathered.append(taking(chain([first], islice(rows, STRETCH - 1))))
    return Found(proof.tree.size, proof.tree.root, gathered)


def verdict(log: "StoreLog", workers: Workers | None) -> Verdict:
    """Recompute everything and say what was found; several workers find what one finds."""
    try:
        size, root = _verified(log, workers or chosen(None, log.size()))
    except Broken as broken:
        size, root = _claimed(log)
        first_bad = broken.words.get("first_bad", broken.words.get("seq"))
        return Verdict(
            ok=False,
            size=size,
            root=root,
            first_bad_seq=first_bad if isinstance(first_bad, int) else None,
            reason=str(broken),
        )
    return Verdict(ok=True, size=size, root=root)


def _verified(log: "StoreLog", workers: Workers) -> tuple[int, str]:
    if workers.count > 1:
        from whistle.log import spread

        with suppress(spread.Unproved):
            (whole,) = spread.proved([log], workers, nothing, list[None], replies=True)
            return whole.size, whole.root.hex()
    found = proved(log, nothing, list[None], ALONE)
    with log.reading() as reader:
        kept.prove(reader)
    return found.size, found.root.hex()


def _claimed(log: "StoreLog") -> tuple[int, str]:
    """What the head of a broken record claims, as far as it can be read."""
    try:
        return log.size(), log.root().hex()
    except Broken:
        return 0, ""
