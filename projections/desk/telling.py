"""What happens, told on standard error for operators: nothing unless --log-level asks for it.

No personal text is told: verbs, names, numbers and how long it took.
"""

import logging
import sys
from typing import Any

import structlog


def logger(level: str, form: str | None) -> Any:
    """A logger that writes to standard error: for people, or one JSON object a line."""
    shape = (
        structlog.processors.JSONRenderer(ensure_ascii=True)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            shape,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    return structlog.get_logger("whistle")
