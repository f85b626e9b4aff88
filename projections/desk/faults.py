"""What went wrong, as an answer: a sentence, the rule, the next step, and the right exit code."""

from collections.abc import Sequence

import click

from projections.desk.answer import Answer, Diagnostic, Status
from projections.desk.words import fault, say
from whistle.domain.refusal import (
    Broken,
    Conflict,
    NotAllowed,
    NotFound,
    Refused,
    WhistleError,
    _,
)
from whistle.toml_faults import Fault, FaultyFile

_STATUS: tuple[tuple[type[WhistleError], Status], ...] = (
    (NotAllowed, "not_allowed"),
    (Refused, "refused"),
    (NotFound, "not_found"),
    (Conflict, "conflict"),
    (Broken, "integrity"),
    (WhistleError, "error"),
)


def of_error(error: click.ClickException | WhistleError | OSError) -> Answer:
    """The answer to whatever ended a command line."""
    if isinstance(error, WhistleError):
        return of_engine(error)
    return of_disk(error) if isinstance(error, OSError) else of_usage(error)


def of_engine(error: WhistleError) -> Answer:
    """The answer to a refusal or failure of the engine."""
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    message, hint = fault(error)
    if isinstance(error, FaultyFile):
        message = say(error.text, faults="\n".join(of_file(error.faults)))
    *lines, last = message.split("\n")  # a faulty file's faults stand each on a line of its own
    shown = [Diagnostic(message=line, rule=error.rule) for line in lines]
    return Answer(
        status=status, diagnostics=[*shown, Diagnostic(message=last, rule=error.rule, hint=hint)]
    )


def of_disk(error: OSError) -> Answer:
    """The answer to a path that the system would not open, make or write."""
    fault = f"{error.strerror}: {error.filename}" if error.filename else str(error)
    return Answer(
        status="error",
        diagnostics=[
            Diagnostic(
                message=say(_("The store cannot be used: {fault}."), fault=fault),
                hint=say(_("free disk space or check the path and its rights")),
            )
        ],
    )


def of_file(faults: Sequence[Fault]) -> list[str]:
    """What is wrong with a file that a person wrote, a line for each fault."""
    told = []
    for each in faults:
        sentence = say(each.text).format(**each.words)
        told.append(say(_("{place}: {sentence}"), place=_place(each), sentence=sentence))
    return told


def _place(each: Fault) -> str:
    """Where a fault stands: file, line or row, key or column, as far as each is known."""
    if each.row:
        where = say(_("row {row}"), row=each.row)
    else:
        where = say(_("line {line}"), line=each.line) if each.line else ""
    return say(_(", ")).join(part for part in (each.file, where, each.key) if part)


def of_usage(error: click.ClickException) -> Answer:
    """The answer to a command line that cannot be understood."""
    context = getattr(error, "ctx", None)
    hint = f"{context.command_path} --help" if context else "whistle --help"
    return Answer(status="usage", diagnostics=[Diagnostic(message=_sentence(error), hint=hint)])


def _sentence(error: click.ClickException) -> str:
    if isinstance(error, click.MissingParameter) and error.param is not None:
        # click puts this one together from pieces and ends it with a full stop of its own
        return say(_("Missing: {what}."), what=error.param.get_error_hint(error.ctx))
    message = error.format_message()
    if isinstance(error, click.NoSuchCommand) and not error.possibilities and error.ctx:
        message = f"{message} {_meant(error.command_name, error.ctx)}".rstrip()
    return message.replace("。 ", "。")  # full-width signs bring their own space


def _meant(typed: str, context: click.Context) -> str:
    """The verbs that come nearest; click looks only among those it has loaded, which is none."""
    from projections.desk.nearest import meant

    group = context.command
    known = group.list_commands(context) if isinstance(group, click.Group) else ()
    # half of a word of two Chinese signs is one sign, and one sign is a slip of the input method
    return meant(typed, {name: (name,) for name in known}, 0.6 if typed.isascii() else 0.5)
