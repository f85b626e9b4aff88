"""Group commit: what several callers ask at once is as if they had asked one after the other."""

import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import places
from tests.office import Office
from tests.test_remembered import ACTS, Act, order
from tests.town import at
from whistle.domain.incident.intake import ReportIncident
from whistle.domain.refusal import Conflict, Refused, WhistleError
from whistle.domain.whistle.call import Acknowledge, Arrive
from whistle.engine import Asked, Engine, Reply
from whistle.engine.together import Together
from whistle.engine.watched import Course
from whistle.log.port import Txn
from whistle.log.store_log import StoreLog
from whistle.log.transaction import SQLTxn

REPORT = ReportIncident(item="gas-leak", place="草桥路12号")


def at_once(office: Office, several: list[Asked]) -> list[Reply | WhistleError]:
    """What each of as many callers hears, who all ask at the same moment."""
    together, ready = Together(office.engine), Barrier(len(several))

    def ask(asked: Asked) -> Reply | WhistleError:
        ready.wait(timeout=30)
        try:
            return together.obey(asked)
        except WhistleError as error:
            return error

    with ThreadPoolExecutor(len(several)) as callers:
        return list(callers.map(ask, several))


def test_a_refused_order_undoes_itself_alone_and_is_put_on_record(office: Office) -> None:
    office.blow()
    ack = office.asked(("w1", Acknowledge(unit="rq")), by="rq")
    wrong = office.asked(("w1", Acknowledge(unit="rq")), by="xf")
    arrive = office.asked(("w1", Arrive(unit="xf")), by="xf")
    said = office.engine.obey_together([ack, wrong, arrive])
    assert [type(each) for each in said] == [Reply, type(said[1]), Reply]
    assert isinstance(said[1], Refused)
    assert office.rows("SELECT actor_unit, rule FROM attempts") == [("xf", "call.own")]
    assert office.topics()[-3:] == [
        "whistle.acknowledged/1",
        "whistle.acknowledged/1",
        "whistle.arrived/1",
    ]
    assert office.log.verify().ok


def test_half_of_an_order_that_is_refused_leaves_nothing_among_the_others(office: Office) -> None:
    office.blow()
    twice = (("w1", Acknowledge(unit="rq")), ("w1", Acknowledge(unit="rq")))
    once = office.asked(("w1", Acknowledge(unit="rq")), by="rq")
    said = office.engine.obey_together([office.asked(*twice, by="rq"), once])
    assert isinstance(said[0], Refused)
    assert isinstance(said[1], Reply)
    assert office.topics().count("whistle.acknowledged/1") == 1
    assert office.log.verify().ok


def test_a_key_that_comes_twice_at_once_is_obeyed_once(office: Office) -> None:
    several = [office.asked(("i1", REPORT), key="k1") for _caller in range(2)]
    other = office.asked(("i1", REPORT), key="k1", words=["another"])
    first, again, conflict = office.engine.obey_together([*several, other])
    assert isinstance(first, Reply)
    assert isinstance(again, Reply)
    assert (first.id, first.replayed, again.id, again.replayed) == (first.id, False, first.id, True)
    assert isinstance(conflict, Conflict)


def test_a_rehearsal_among_others_writes_nothing(office: Office) -> None:
    shown, real = office.engine.obey_together(
        [
            office.asked(("i1", REPORT), dry_run=True),
            office.asked(("i2", REPORT)),
        ]
    )
    assert isinstance(shown, Reply)
    assert isinstance(real, Reply)
    assert (shown.id, real.id) == ("I-WY26-00001", "I-WY26-00001")
    assert office.topics()[-1:] == ["incident.reported/1"]


def test_a_fault_of_one_order_comes_up_where_it_was_asked_and_nowhere_else(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.blow()
    decided = Engine._obey

    def stumbling(self: Engine, txn: Txn, asked: Asked, course: Course) -> Reply:
        if asked.name == "stumble":
            raise ZeroDivisionError
        return decided(self, txn, asked, course)

    monkeypatch.setattr(Engine, "_obey", stumbling)
    asked = [office.asked((f"i{nr}", REPORT), name="stumble" * (nr == 3)) for nr in range(2, 8)]
    together = Together(office.engine)
    with ThreadPoolExecutor(len(asked)) as callers:
        calls = [callers.submit(together.obey, each) for each in asked]
    failed = [isinstance(call.exception(), ZeroDivisionError) for call in calls]
    assert failed == [nr == 3 for nr in range(2, 8)]
    assert office.topics().count("incident.reported/1") == 6
    assert office.log.verify().ok


@pytest.mark.sqlite("SQLite's own commit; a lost one of PostgreSQL is in test_postgres_lost.py")
def test_nobody_hears_that_it_is_done_before_it_is_durable(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def torn(_store: object, _cursor: object) -> None:
        raise OSError("the disk is gone")

    asked = [office.asked((f"i{nr}", REPORT)) for nr in range(4)]
    with monkeypatch.context() as broken:
        broken.setattr("whistle.log.recorder.Datastore._commit", torn)
        together = Together(office.engine)
        with ThreadPoolExecutor(4) as callers:
            calls = [callers.submit(together.obey, each) for each in asked]
        assert all(isinstance(call.exception(), OSError) for call in calls)
    assert "incident.reported/1" not in office.topics()
    assert all(isinstance(each, Reply) for each in at_once(office, asked))


def test_callers_that_come_at_once_share_commits(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits = 0
    kind = type(office.log)
    writing = kind.writing

    def counted(log: StoreLog, ids: Collection[bytes]) -> AbstractContextManager[SQLTxn]:
        nonlocal commits
        commits += 1
        time.sleep(0.05)  # the disk takes its time, and the others come meanwhile
        return writing(log, ids)

    monkeypatch.setattr(kind, "writing", counted)
    said = at_once(office, [office.asked((f"i{nr}", REPORT)) for nr in range(16)])
    assert sorted(each.id for each in said if isinstance(each, Reply)) == [
        f"I-WY26-{nr:05}" for nr in range(1, 17)
    ]
    assert commits < 8


def begun(founded: Path, folder: Path) -> Office:
    """An office in which two whistles sound."""
    path = folder / "town.db"
    places.copy(founded, path)
    office = Office(path, at("09:00"))
    office.blow()
    office.blow("w2", "i2")
    return office


@settings(max_examples=10)
@given(st.lists(ACTS, min_size=2, max_size=8, unique_by=lambda act: act[:3]))
def test_the_record_is_that_of_the_same_orders_one_by_one_in_some_order(
    founded: Path, tmp_path_factory: pytest.TempPathFactory, acts: list[Act]
) -> None:
    office = begun(founded, tmp_path_factory.mktemp("together"))
    alone = begun(founded, tmp_path_factory.mktemp("alone"))
    asked = [office.asked(order(act), by=act[2], key=f"k{nr}") for nr, act in enumerate(acts)]
    heard = at_once(office, asked)
    numbers = {each.command_id: nr for nr, each in enumerate(asked)}
    commands = office.rows("SELECT command_id FROM record GROUP BY command_id ORDER BY MIN(seq)")
    taken = [numbers[command] for (command,) in commands if command in numbers]
    for nr in taken:
        assert alone.ask(order(acts[nr]), by=acts[nr][2], key=f"k{nr}") == heard[nr]
    assert [each.event for each in alone.told()] == [each.event for each in office.told()]
    refused = [said for nr, said in enumerate(heard) if nr not in taken]
    assert all(isinstance(said, Refused) for said in refused)
    assert office.rows("SELECT COUNT(*) FROM attempts") == [(len(refused),)]
    assert office.log.verify().ok
    office.close()
    alone.close()
