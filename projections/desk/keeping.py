"""`whistle projection run`: every view kept warm, until it is ended or its time is up."""

import gc
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import click

from projections.desk import times
from projections.desk.answer import Answer
from projections.desk.desk import Desk
from projections.desk.reading import as_they_stand
from projections.desk.view_standing import shown
from projections.desk.words import fault, plain, say
from whistle.domain.moment import SECOND
from whistle.domain.refusal import Unreachable, WhistleError, _

if TYPE_CHECKING:
    from types import FrameType

    from projections.catch_up import Status
    from projections.running import Round, Runner
    from projections.store import Parked

REMIND_S = 3600.0  # so often a store that stays out of reach is told again


def keep_warm(desk: Desk, *, once: bool, for_text: str | None, port: int | None = None) -> Answer:
    """Keep every view of the store warm; the answer tells where they stand at the end.

    With a port its figures and its health are served there meanwhile.
    """
    from projections.running import Runner

    gc.enable()  # the program turns it off for runs that last a moment
    for_s = times.span(for_text) / SECOND if for_text else float("inf")
    with as_they_stand(desk) as views:
        runner = Runner(desk.log, views)
        teller = Teller(desk, quiet=once)
        with _ending(runner), _served(desk, teller, port):
            for made in runner.rounds(0.0 if once else for_s):
                teller.hear(made)
                if once and made.fault is not None:
                    raise made.fault
            answer = shown(desk, views)
        if not sys.stdout.isatty():
            answer.lines = []  # a line in a mail of cron is an alarm
        if runner.stopped:
            answer.status = "done"
        return answer


@contextmanager
def _served(desk: Desk, teller: "Teller", port: int | None) -> Iterator[None]:
    """Figures and health on a port of the loopback, from a reading of the store of their own."""
    if port is None:
        yield
        return
    try:
        from whistle.operating.endpoint import Endpoint
        from whistle.operating.metrics import Metrics
    except ImportError as error:
        raise Unreachable(
            _("Figures are given through a package that is not installed here."),
            rule="metrics.package",
            hint="pip install 'whistle[metrics]'",
        ) from error
    with (
        closing(desk.log.opener()) as log,
        Endpoint(Metrics(log, desk.now, lambda: teller.status), port),
    ):
        yield


@contextmanager
def _ending(runner: "Runner") -> Iterator[None]:
    """Let SIGTERM end the run after the batch under way; Ctrl-C ends it at once."""

    def stop(_signal: int, _frame: "FrameType | None") -> None:
        runner.stop()

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class Teller:
    """Tells operators what a round came to: alarms in sentences, the rest to who asks for it."""

    def __init__(self, desk: Desk, *, quiet: bool) -> None:
        self._desk = desk
        self._quiet = quiet  # the answer, which follows at once, says it all
        self._log: Any = None
        if (telling := desk.telling) is not None:
            from whistle.operating.journal import logger  # structlog, only when it is asked for

            self._log = logger(telling)
        self._lost_at: float | None = None
        self.status: tuple[Status, ...] = ()  # where the views stood after the last round

    def hear(self, made: "Round") -> None:
        """Tell what is new."""
        if made.fault is not None:
            self._lost(made.fault)
            return
        if self._lost_at is not None:
            self._lost_at = None
            self._alarm(say(_("The views are kept again.")))
        self.status = made.status
        for view, parked in made.parked:
            self._parked(view, parked)
        if self._log:
            now = self._desk.now()
            for each in made.status:
                lag_s = each.behind_s(now)
                self._log.info("view", view=each.name, behind=each.behind, behind_s=lag_s)

    def _lost(self, error: WhistleError) -> None:
        now = time.monotonic()
        if self._lost_at is None or now - self._lost_at > REMIND_S:
            self._lost_at = now
            self._alarm(*fault(error))

    def _parked(self, view: str, parked: "Parked") -> None:
        told = _("View {view} cannot take event {seq}, and its case stands still: {because}")
        sentence = say(told, view=view, seq=parked.seq, because=parked.because)
        self._alarm(sentence, "whistle projection status")
        if self._log:
            self._log.error("event parked", view=view, seq=parked.seq, case=parked.case_id)

    def _alarm(self, sentence: str, hint: str = "") -> None:
        if not self._quiet:
            for line in (sentence, f"  → {hint}") if hint else (sentence,):
                click.echo(plain(line), err=True)
