"""What went wrong, as an answer: a sentence, the rule, the next step, and the right exit code."""

import click

from projections.desk.answer import Answer, Diagnostic, Status
from projections.desk.words import fault
from whistle.domain.refusal import Broken, Conflict, NotAllowed, NotFound, Refused, WhistleError

_STATUS: tuple[tuple[type[WhistleError], Status], ...] = (
    (NotAllowed, "not_allowed"),
    (Refused, "refused"),
    (NotFound, "not_found"),
    (Conflict, "conflict"),
    (Broken, "integrity"),
    (WhistleError, "error"),
)


def of_engine(error: WhistleError) -> Answer:
    """The answer to a refusal or failure of the engine."""
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    message, hint = fault(error)
    shown = Diagnostic(message=message, rule=error.rule, hint=hint)
    return Answer(status=status, diagnostics=[shown])


def of_usage(error: click.ClickException) -> Answer:
    """The answer to a command line that cannot be understood."""
    context = getattr(error, "ctx", None)
    hint = f"{context.command_path} --help" if context else "whistle --help"
    return Answer(
        status="usage", diagnostics=[Diagnostic(message=error.format_message(), hint=hint)]
    )
