"""The reply to an act: the first one for ever, under a key, after a kill, for a rehearsal none."""

import subprocess
import sys
from pathlib import Path
from typing import get_args
from uuid import UUID, uuid5

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.office import Office
from tests.pen import stamp
from tests.town import at
from whistle.domain.incident.intake import AcceptIncident, ReportIncident
from whistle.domain.message import Order
from whistle.domain.playbook import ClockName
from whistle.domain.refusal import Conflict, Refused
from whistle.domain.whistle.call import Arrive, Finish
from whistle.engine.asked import command_id
from whistle.engine.reply import ClockMoved, NextStep, RecordedEvent, Reply, decode
from whistle.log.reply_form import CLOCKS

SEQS = st.integers(1, 2**40)
INSTANTS = st.integers(0, 2**52)
HOUSE = Path(__file__).resolve().parent.parent
REPORT = ReportIncident(item="gas-leak", place="草桥路12号")
ACCEPT = AcceptIncident()
FINISH_BOTH = [("rq", Arrive), ("xf", Arrive), ("rq", Finish), ("xf", Finish)]


def attempts(office: Office) -> list[tuple[object, ...]]:
    return office.rows("SELECT actor_unit, verb, name, rule FROM attempts ORDER BY id")


def test_a_reply_says_what_was_recorded_which_clocks_run_and_who_is_next(office: Office) -> None:
    reply = office.blow()
    assert (reply.id, reply.stream, reply.version) == ("W-WY26-00001", "w1", 3)
    assert [(event.seq, event.topic) for event in reply.events] == [
        (13, "whistle.blown/1"),
        (14, "whistle.call_delivered/1"),
        (15, "whistle.call_delivered/1"),
        (16, "incident.whistle_noted/1"),
    ]
    assert ClockMoved("W-WY26-00001/rq", "arrive", "start", at("09:30")) in reply.clocks
    assert NextStep("xf", "ack", "W-WY26-00001/xf", at("09:05")) in reply.next


def test_a_repeat_returns_the_first_reply_and_does_nothing(office: Office) -> None:
    order: tuple[str, Order] = ("i1", REPORT)
    first = office.ask(order, key="k1")
    size = office.log.size()
    office.ask(("i1", ACCEPT))
    office.clock.now = at("2028-01-01 00:00")
    again = office.ask(("i9", REPORT), key="k1")  # a retry makes its stream anew
    assert (first.replayed, again.replayed) == (False, True)
    assert (again.id, again.stream, again.version, again.stage, again.events) == (
        first.id,
        first.stream,
        first.version,
        first.stage,
        first.events,
    )
    assert again.next == first.next
    assert office.log.size() == size + 1


def test_the_same_key_with_another_body_is_a_conflict(office: Office) -> None:
    office.ask(("i1", REPORT), key="k1")
    size = office.log.size()
    with pytest.raises(Conflict) as conflict:
        office.ask(("i1", REPORT), key="k1", words=["report", "elsewhere"])
    assert conflict.value.rule == "command.other_body"
    assert office.log.size() == size


def test_a_key_is_the_units_own(office: Office) -> None:
    first = office.ask(("i1", REPORT), key="k1")
    other = office.ask(("i2", REPORT), by="jj", key="k1")
    assert (first.id, other.id, other.replayed) == ("I-WY26-00001", "I-WY26-00002", False)


def test_a_key_makes_the_same_id_everywhere_and_none_makes_a_new_one() -> None:
    store = "0f4e3c1a-9d57-4f0e-8a43-6f2b7a1c5d90"
    assert command_id(store, "jj", "k1") == uuid5(UUID(store), "jj\0k1").bytes
    assert command_id(store, "jj", None) != command_id(store, "jj", None)
    # a unit and a key that run together are still two
    assert command_id(store, "jj", "k") != command_id(store, "j", "jk")


def test_a_rehearsal_writes_nothing_and_takes_no_number(office: Office) -> None:
    before, replies = office.told(), office.rows("SELECT * FROM replies")
    shown = office.ask(("i1", REPORT), key="k1", dry_run=True)
    assert (shown.id, len(shown.events)) == ("I-WY26-00001", 1)
    assert office.told() == before
    assert office.rows("SELECT * FROM series") == []
    assert office.rows("SELECT * FROM replies") == replies
    real = office.ask(("i7", REPORT), key="k1")
    assert (real.id, real.replayed) == ("I-WY26-00001", False)


def test_a_rehearsed_refusal_is_no_attempt(office: Office) -> None:
    office.report()
    with pytest.raises(Refused):
        office.ask(("i1", ACCEPT), dry_run=True)
    assert attempts(office) == []


@pytest.mark.sqlite("the killed program opens a file; see test_postgres_lost.py")
def test_a_reply_that_was_lost_with_the_process_is_given_again(office: Office) -> None:
    # H3: killed between commit and reply
    program = (
        "import os, signal, sys; from pathlib import Path; from tests.killed import send; "
        "from tests.office import Office; office = Office(Path(sys.argv[1])); "
        "send(office, 'k1'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    before = office.log.size()
    done = subprocess.run([sys.executable, "-c", program, str(office.path)], cwd=HOUSE, check=False)
    assert done.returncode == -9
    assert office.log.size() == before + 1
    again = office.ask(("elsewhere", REPORT), key="k1")
    assert (again.replayed, again.id, again.stream) == (True, "I-WY26-00001", "stream-k1")
    assert [event.seq for event in again.events] == [before + 1]
    assert office.log.size() == before + 1


@pytest.mark.sqlite("the killed program opens a file; see test_postgres_lost.py")
def test_twenty_killed_writers_lose_and_double_nothing(office: Office) -> None:
    # P1, P6: acknowledged is durable, and a retry finds the first reply
    program = [sys.executable, "-m", "tests.killed", str(office.path), "20"]
    done = subprocess.run(program, cwd=HOUSE, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    names = [
        getattr(each.event, "name", "") for each in office.told() if each.stream[:6] == "stream"
    ]
    assert names == [f"I-WY26-{number:05d}" for number in range(1, len(names) + 1)]


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAMES = st.one_of(TEXTS, st.just("W-WY26-00001"), TEXTS.map(lambda end: f"W-WY26-00001/{end}"))
STEPS = st.builds(NextStep, TEXTS, TEXTS, NAMES, st.none() | INSTANTS, st.none() | SEQS)
MOVED = st.builds(
    ClockMoved, NAMES, st.sampled_from(CLOCKS), st.sampled_from(["start", "stop"]), INSTANTS,
    st.booleans(),
)  # fmt: skip


@given(
    st.builds(
        Reply,
        id=NAMES,
        stream=TEXTS,
        version=SEQS,
        stage=TEXTS,
        events=st.lists(SEQS, unique=True).map(
            lambda seqs: tuple(RecordedEvent(seq, f"t.{seq}/1") for seq in sorted(seqs))
        ),
        clocks=st.lists(MOVED, max_size=5).map(tuple),
        next=st.lists(STEPS, max_size=5).map(tuple),
        unfilled=st.lists(TEXTS, max_size=2).map(tuple),
    )
)
def test_the_reply_given_again_is_to_the_byte_the_first(reply: Reply) -> None:
    again = decode(reply.encode(), lambda seqs: [f"t.{seq}/1" for seq in seqs])
    first = msgspec.structs.replace(again, replayed=False)
    assert msgspec.json.encode(first) == msgspec.json.encode(reply)


def test_a_reply_that_an_earlier_program_kept_as_json_is_read(office: Office) -> None:
    body = (HOUSE / "tests" / "data" / "replies" / "blow-0.1.json").read_bytes()
    stamped = stamp()
    with office.log.writing() as txn:
        txn.keep_reply(stamped, body)
    kept = office.engine.repeated(stamped.command_id, stamped.command_digest)
    assert kept is not None
    assert (kept.id, kept.replayed, kept.events[0].topic) == (
        "W-WY26-00001",
        True,
        "whistle.blown/1",
    )
    assert kept.clocks[0] == ClockMoved("W-WY26-00001/rq", "ack", "start", at("09:05"))


def test_every_clock_has_its_place_in_kept_replies() -> None:
    assert get_args(ClockName) == CLOCKS


def test_a_kept_reply_takes_little_room(office: Office) -> None:
    # 12 clocks started, 3 steps: as JSON it took 1,997 bytes
    office.blow()
    ((size,),) = office.rows("SELECT MAX(LENGTH(body)) FROM replies")
    assert size < 400
