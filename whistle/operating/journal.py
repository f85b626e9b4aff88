"""The journal: a line for each order, with the ids by which it is found again.

A line's fields are those of `OrderTold`. `incident` and `command` are the same in all lines that
belong together, and in `events list` (correlation_id, command_id).
"""

import os
import sys
from contextlib import suppress
from typing import Any

import structlog
from msgspec import structs

from whistle.domain.refusal import Unreachable, _
from whistle.engine.watched import OrderTold
from whistle.operating import LEVELS, Telling

QUIET = {"done": "info", "replayed": "info", "rehearsed": "debug", "refused": "warning"}
"""The level at which each outcome is told; what is not named here is an error."""

SILENT = frozenset({"notallowed", "notfound", "conflict"})  # told as a refusal is


class Journal:
    """Tells each order on its channel, and once more if it was slow."""

    def __init__(self, telling: Telling) -> None:
        """Open the channel; Unreachable when the file cannot be written."""
        self._slow_us = telling.slow_us
        self._log = logger(telling)

    def order(self, told: OrderTold) -> None:
        """Take note of an order."""
        fields = {name: value for name, value in structs.asdict(told).items() if value != ""}
        level = "warning" if told.outcome in SILENT else QUIET.get(told.outcome, "error")
        getattr(self._log, level)("order", **fields)
        if told.took_us >= self._slow_us:
            self._log.warning(
                "slow order",
                verb=told.verb,
                command=told.command,
                took_ms=told.took_us // 1000,
                queue_ms=told.queue_us // 1000,
                decide_ms=told.decide_us // 1000,
                commit_ms=told.commit_us // 1000,
            )


def logger(telling: Telling) -> Any:
    """A logger of structlog on the channel, that leaves the rest of the process's alone."""
    shape = (
        structlog.processors.JSONRenderer(ensure_ascii=True)
        if telling.form == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    return structlog.wrap_logger(
        _Lines(telling.file),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            shape,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            10 * (1 + LEVELS.index(telling.level))  # as the standard library counts them
        ),
    )


class _Lines:
    """Lines on standard error, or appended to a file: each whole, though many programs write.

    The file is opened for each, so that it may be moved away at any time. A line that cannot be
    written is lost, and nothing else: the order it tells of is recorded.
    """

    def __init__(self, file: str) -> None:
        self._file = file
        if file:
            try:
                self._append(b"")
            except OSError as error:
                raise Unreachable(
                    _("The journal cannot be written at {path}: {fault}."),
                    rule="settings.log",
                    path=file,
                    fault=error.strerror or str(error),
                ) from error

    def msg(self, line: str) -> None:
        """Write a line."""
        with suppress(OSError, ValueError):
            if self._file:
                self._append(f"{line}\n".encode())
            elif sys.stderr is not None:
                sys.stderr.write(f"{line}\n")
                sys.stderr.flush()

    debug = info = warning = error = msg

    def _append(self, octets: bytes) -> None:
        opened = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            os.write(opened, octets)
        finally:
            os.close(opened)
