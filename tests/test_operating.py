"""What operators see: a journal of orders, figures, health; nothing of it names a person."""

import json
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import HTTPError, URLError

import pytest
from msgspec import structs

from tests import places
from tests.shell import HOUSE, Shell
from tests.test_startup import WRITES
from whistle import clock, operating
from whistle.domain.moment import DAY
from whistle.domain.refusal import Refused, Unreachable
from whistle.engine.watched import OrderTold

TOLD = OrderTold("arrive", "done", "c", "s", "i", "PS", "", 2, 19, 100, 600_000, 1_000)
MARKS = ("MARKNAME", "MARKPLACE", "MARKNOTE", "MARKWHY", "MARKITEM", "MARKKEY")
PRIVATE_DAY = """
whistle org person add PS MARKNAME --role clerk
whistle report street-vending "MARKPLACE 5" -m MARKNOTE
whistle accept 1 -m MARKNOTE --as TZ/MARKNAME
whistle blow -e gas-leak "MARKPLACE 7" -m MARKNOTE --key MARKKEY
whistle ack 1 -t 25m -m MARKNOTE --as PS
whistle arrive 1 --behalf FR --told phone --speaker 值班员 --at -0s -m MARKNOTE
whistle correct 29 --set note=MARKNOTE --why MARKWHY
whistle arrive 1 -m MARKNOTE --as PS
whistle act 1 warn -m MARKNOTE --as PS
whistle finish 1 -m MARKNOTE --as PS
"""
TURNED_AWAY = """
whistle blow MARKNAME --as PS/MARKNAME
whistle refuse 1 --category not-ours -m MARKNOTE
whistle arrive MARKPLACE --as PS
whistle report MARKITEM MARKPLACE
whistle approve 1 -m MARKNOTE --as PS/MARKNAME
whistle finish 1 -m MARKNOTE --as UM --why MARKWHY
whistle close 2 -m MARKNOTE
"""


@pytest.fixture
def desk(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path).founded()
    shell.env["WHISTLE_SLOW_MS"] = "600000"  # a busy machine makes no order slow
    return shell


def lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_command_says_nothing_and_pays_nothing_unless_it_is_asked(desk: Shell) -> None:
    assert desk("report", "gas-leak", "here").err == b""
    script = "import sys; from cli import run; run(sys.argv[1:]); print(*sys.modules)"
    done = desk.python("-c", script, "report", "gas-leak", "there")
    assert {"structlog", "prometheus_client", "multiprocessing"} & {*done.stdout.split()} == set()


def test_the_journal_tells_each_order_with_the_ids_of_the_record(desk: Shell) -> None:
    said = desk("blow", "-e", "gas-leak", "here", "--json", WHISTLE_LOG="json")
    (told,) = lines(said.told)
    assert said.envelope["status"] == "done", "standard output is the answer's alone"
    (seq,) = [each["seq"] for each in said.facts["events"]][-1:]
    found = lines(desk("events", "list", "--jsonl").text)[seq - 1]
    assert (told["event"], told["verb"], told["outcome"]) == ("order", "blow", "done")
    assert (told["command"], told["incident"]) == (found["command_id"], found["correlation_id"])
    assert (told["last_seq"], told["events"]) == (seq, len(said.facts["events"]))
    assert all(told[f"{part}_us"] >= 0 for part in ("queue", "decide", "commit"))


def test_what_is_turned_away_is_told_by_its_rule(desk: Shell) -> None:
    desk("report", "gas-leak", "here")
    said = desk("verify", "1", "pass", WHISTLE_LOG="json")
    (told,) = lines(said.told.splitlines()[0])
    assert (told["outcome"], told["level"]) == ("refused", "warning")
    assert told["rule"] == desk.json("audit", "attempts").facts[-1]["rule"]
    again = desk("report", "gas-leak", "k", "--key", "k", WHISTLE_LOG="json")
    assert lines(again.told)[0]["outcome"] == "done"
    tried = desk("report", "gas-leak", "there", "--dry-run", "--log-level", "debug")
    assert "rehearsed" in tried.told


def test_an_order_that_took_long_is_told_once_more_with_its_parts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    journal = operating.watcher(operating.asked({"WHISTLE_LOG": "json", "WHISTLE_SLOW_MS": "600"}))
    assert journal is not None
    journal.order(TOLD)
    journal.order(structs.replace(TOLD, decide_us=598_000))
    order, slow, quick = lines(capsys.readouterr().err)
    assert [order["event"], slow["event"], quick["event"]] == ["order", "slow order", "order"]
    assert slow["level"] == "warning"
    assert (slow["took_ms"], slow["decide_ms"], slow["commit_ms"]) == (601, 600, 1)


def test_a_file_takes_the_journal_of_many_commands(desk: Shell) -> None:
    file = desk.folder / "journal.jsonl"
    env = {"WHISTLE_LOG": "json", "WHISTLE_LOG_FILE": str(file)}
    for place in ("here", "there"):
        assert "order" not in desk("report", "gas-leak", place, **env).told
    assert [each["verb"] for each in lines(file.read_text("utf-8"))] == ["report", "report"]
    nowhere = desk("report", "gas-leak", "x", WHISTLE_LOG="json", WHISTLE_LOG_FILE="/no/where")
    assert (nowhere.code, "journal" in nowhere.told) == (10, True)


def test_the_environment_is_read_or_refused() -> None:
    assert operating.asked({}) is None
    assert operating.asked({"WHISTLE_LOG": "off"}) is None
    assert operating.asked({}, level="debug") == operating.Telling("console", "debug")
    assert operating.asked({"WHISTLE_LOG": "json"}, form="text") == operating.Telling("console")
    wanted = operating.asked({"WHISTLE_LOG": "json", "WHISTLE_LOG_LEVEL": "error"})
    assert wanted == operating.Telling("json", "error")
    for odd in ("WHISTLE_LOG", "WHISTLE_LOG_LEVEL", "WHISTLE_SLOW_MS"):
        with pytest.raises(Refused):
            operating.asked({"WHISTLE_LOG": "json", odd: "loud"})


class View(NamedTuple):
    """How a view stands."""

    name: str
    behind: int
    parked: tuple[object, ...]


VIEWS = (View("command", 3, ()), View("ledger", 0, ("one",)))


@pytest.fixture
def metrics(desk: Shell) -> Iterator[Any]:
    kind = pytest.importorskip("whistle.operating.metrics", exc_type=ImportError)
    desk.line("whistle blow -e gas-leak 'Caoqiao Rd'")
    log = places.opened(desk.store)
    yield kind.Metrics(log, lambda: desk.now + 30 * DAY, lambda: VIEWS)
    log.close()


def test_the_figures_are_those_that_prometheus_reads(metrics: Any) -> None:
    from prometheus_client.parser import text_string_to_metric_families

    metrics.order(TOLD)
    metrics.order(structs.replace(TOLD, outcome="refused", rule="call.not_called"))
    families = text_string_to_metric_families(metrics.exposition().decode())
    found = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }
    assert found["whistle_orders_total", "arrive", "done"] == 1
    assert found["whistle_refusals_total", "call.not_called"] == 1
    assert found["whistle_order_seconds_count", "queue"] == 2
    assert found["whistle_order_seconds_bucket", "0.5", "decide"] == 0
    assert found["whistle_log_events",] == metrics.standing().events
    assert found["whistle_clocks_due",] >= 1, "a month later every clock has something to say"
    assert found["whistle_view_lag_events", "command"] == 3
    assert found["whistle_view_parked_events", "ledger"] == 1
    assert found["whistle_store_up",] == 1


def test_a_page_for_figures_and_one_for_health_on_this_machine_alone(metrics: Any) -> None:
    from whistle.operating.endpoint import Endpoint

    with Endpoint(metrics, 0) as endpoint:
        text = get(endpoint.port, "/metrics")
        assert (text.status, b"whistle_log_events" in text.body) == (200, True)
        sick = get(endpoint.port, "/healthz")
        assert (sick.status, json.loads(sick.body)["parked"]) == (503, 1)
        metrics._views = tuple
        well = get(endpoint.port, "/healthz")
        assert (well.status, json.loads(well.body)["ok"]) == (200, True)
        assert get(endpoint.port, "/etc/passwd").status == 404
        with pytest.raises(Unreachable):
            Endpoint(metrics, endpoint.port)


def test_a_store_that_is_gone_is_told_by_both_pages(metrics: Any) -> None:
    from whistle.operating.endpoint import health

    class Gone:
        def reading(self) -> Any:
            raise Unreachable("gone", rule="store.unreachable")

    metrics._log = Gone()
    assert b"whistle_store_up 0.0" in metrics.exposition()
    found = health(metrics)
    assert (found.ok, found.fault) == (False, "store.unreachable")


def test_who_keeps_the_views_warm_tells_how_they_stand(desk: Shell) -> None:
    pytest.importorskip("prometheus_client", reason="the extra: pip install whistle[metrics]")
    desk.line("whistle report gas-leak here")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["-m", "cli", "projection", "run", "--for", "60s", "--metrics", str(port)]
    runs = subprocess.Popen([sys.executable, *words], env=desk.whole_env, cwd=HOUSE)
    try:
        while True:
            with suppress(URLError):
                text = get(port, "/metrics").body.decode()
                if 'whistle_view_lag_events{view="timeline"} 0.0' in text:
                    break
            assert runs.poll() is None
            time.sleep(0.05)
        well = get(port, "/healthz")
        assert (well.status, json.loads(well.body)["behind"]) == (200, 0)
    finally:
        runs.terminate()
        assert runs.wait(30) == 0


class Page(NamedTuple):
    """An answer over HTTP."""

    status: int
    body: bytes


def get(port: int, path: str) -> Page:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return Page(answer.status, answer.read())
    except HTTPError as error:
        with error:
            return Page(error.code, error.read())


def test_nothing_that_a_person_typed_is_told_on_a_whole_day(desk: Shell) -> None:
    """Names, places, notes, reasons and keys are marked; no mark may come out anywhere."""
    pytest.importorskip("prometheus_client", reason="the extra: pip install whistle[metrics]")
    from whistle.operating.metrics import Metrics

    file = desk.folder / "journal.jsonl"
    env = {
        "WHISTLE_LOG": "json", "WHISTLE_LOG_FILE": str(file), "WHISTLE_LOG_LEVEL": "debug",
        "WHISTLE_SLOW_MS": "0",
    }  # fmt: skip
    log = places.opened(desk.store)
    metrics = Metrics(log, clock.now)
    for line in PRIVATE_DAY.strip().splitlines():
        desk.line(line, **env)
    codes = [desk(*line.split()[1:], **env).code for line in TURNED_AWAY.strip().splitlines()]
    assert sum(code != 0 for code in codes) > 4
    text = file.read_text("utf-8")
    told = lines(text)
    outcomes = {each["outcome"] for each in told if each["event"] == "order"}
    assert {"done", "refused"} <= outcomes
    for each in told:
        if each["event"] == "order":
            fields = {name: each.get(name, "") for name in OrderTold.__struct_fields__}
            metrics.order(OrderTold(**fields))
    kept = str(desk.rows("events", "state")) + str(desk.rows("attempts", "*"))
    assert {mark for mark in MARKS if mark in kept} >= {"MARKNAME", "MARKPLACE", "MARKNOTE"}
    everything = text + metrics.exposition().decode()
    assert re.findall("MARK[A-Z]*", everything) == []
    log.close()


def test_every_line_of_a_working_day_is_told(desk: Shell) -> None:
    file = desk.folder / "journal.jsonl"
    env = {"WHISTLE_LOG": "json", "WHISTLE_LOG_FILE": str(file), "PYTHONHASHSEED": "0"}
    day = WRITES.strip().splitlines()[1:6]
    for line in day:
        desk.line(f"whistle {line}", **env)
    assert [each["outcome"] for each in lines(file.read_text("utf-8"))].count("done") >= len(day)
    assert "structlog" in sys.modules
