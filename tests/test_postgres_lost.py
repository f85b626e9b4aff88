"""A connection that breaks costs nothing: an order is recorded once, and gets its own reply.

H3, P6: what breaks is the answer to COMMIT (the order is recorded, and nobody was told), or the
order itself on its way (nothing is recorded). In both the person sees one success.
"""

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import psycopg
import pytest

from tests.office import Office
from tests.postgres import Server, database_of
from tests.proxy import Loss, Proxy
from tests.town import at
from whistle.domain.incident.intake import AcceptIncident, ReportIncident
from whistle.domain.refusal import Refused
from whistle.engine.importing import Importing, import_events
from whistle.log import persistence
from whistle.log.port import Lost

NINE = at("09:00")
REPORT = ("i1", ReportIncident(item="gas-leak", place="草桥路12号"))


@pytest.fixture(autouse=True)
def _no_naps() -> Iterator[None]:
    with patch.object(persistence, "NAPS_S", (0.0, 0.0, 0.0)):
        yield


@pytest.fixture
def proxy(postgres: Server) -> Iterator[Proxy]:
    made = Proxy(postgres)
    yield made
    made.close()


@pytest.fixture
def office(postgres: Server, founded_there: str, proxy: Proxy) -> Iterator[Office]:
    url = postgres.fresh(founded_there)
    opened = Office(proxy.url(url), NINE)
    yield opened
    opened.close()
    postgres.drop(url)


@pytest.mark.parametrize("what", ["answer", "question"])
@pytest.mark.parametrize("times", [1, 3])
def test_an_order_whose_commit_is_cut_off_is_recorded_once(
    office: Office, proxy: Proxy, what: Loss, times: int
) -> None:
    before = office.log.size()
    proxy.lose(what=what, times=times)
    reply = office.ask(REPORT, key="k")
    assert proxy.lost == times
    assert not reply.replayed, "the person gave it once"
    assert office.topics(before) == ["incident.reported/1"]
    assert [event.seq for event in reply.events] == [before + 1]
    again = office.ask(REPORT, key="k")
    assert again.replayed
    assert (again.events, again.id, again.stage) == (reply.events, reply.id, reply.stage)
    assert office.log.verify().ok


@pytest.mark.parametrize("words", [b"BEGIN", b"INSERT INTO ledger", b"UPDATE ledger_head"])
@pytest.mark.parametrize("what", ["answer", "question"])
def test_an_order_that_is_cut_off_before_its_commit_is_given_again(
    office: Office, proxy: Proxy, words: bytes, what: Loss
) -> None:
    before = office.log.size()
    proxy.lose(words, what)
    assert office.ask(REPORT).stage == "reported"
    assert proxy.lost == 1
    assert office.topics(before) == ["incident.reported/1"]


def test_without_looking_for_the_reply_it_would_have_been_a_failure(
    office: Office, proxy: Proxy
) -> None:
    before = office.log.size()
    proxy.lose()
    with patch.object(persistence, "NAPS_S", ()), pytest.raises(Lost):
        office.ask(REPORT)
    assert office.topics(before) == ["incident.reported/1"]


def test_a_connection_that_never_holds_is_told_and_tried_for_a_bounded_time(
    office: Office, proxy: Proxy
) -> None:
    before = office.log.size()
    proxy.lose(b"BEGIN", "question", times=99)
    with pytest.raises(Lost, match="cannot be used"):
        office.ask(REPORT)
    proxy.lose(b"BEGIN", "question", times=1)
    assert proxy.lost < 20
    assert office.ask(REPORT).stage == "reported"
    assert len(office.topics(before)) == 1


def test_a_refused_order_is_put_on_record_once(office: Office, proxy: Proxy) -> None:
    office.report()
    proxy.lose()
    with pytest.raises(Refused):
        office.ask(("i1", AcceptIncident()))
    assert proxy.lost == 1
    with office.log.reading() as reader:
        assert [each.verb for each in reader.attempts()] == ["act"]


def test_an_import_that_is_cut_off_records_each_line_once(
    office: Office, proxy: Proxy, tmp_path: Path
) -> None:
    before = office.log.size()
    lines = tmp_path / "lines.jsonl"
    lines.write_text(
        "".join(
            f'{{"event_id": "{n}", "kind": "whistled", "incident": "x{n}", "unit": "E01", '
            '"at": "2026-10-14T09:00:00+08:00"}\n'
            for n in range(3)
        )
    )
    proxy.lose()
    asked = Importing("sf", office.asked(REPORT).actor, NINE)
    report = import_events(office.log, lines, asked, frozenset())
    assert (proxy.lost, report.recorded, report.replayed) == (1, 3, 0)
    assert len(office.topics(before)) == 3


def test_a_connection_that_died_while_nobody_used_it_is_changed_for_another(
    office: Office, postgres: Server
) -> None:
    assert office.log.size()
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as tool:
        tool.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            (database_of(office.log.place),),
        )
    assert office.log.size()
    assert office.ask(REPORT).stage == "reported"
