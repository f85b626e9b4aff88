"""One verb for many lines of standard input: `whistle ack - < names`.

A line is the words that would stand in place of the `-`, as a shell reads them, or a JSON object of
arguments. Each is a command of its own: its own transaction, its own answer, its own key.
"""

import json
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any, NamedTuple

import click
import msgspec

from projections.desk.answer import EXIT, Answer, Diagnostic, Status
from projections.desk.hoist import WITH_VALUE, hoisted
from projections.desk.nouns import Root
from projections.desk.words import say, word
from whistle.domain.refusal import _

PARTS: Mapping[str, tuple[str, ...]] = {
    "verify": ("incident", "verdict"),
    "callback": ("incident", "result"),
    "act": ("call", "act"),
    "blow": ("incident", "item", "place"),
}
"""What stands in a verb's one list of words, in its order, for a JSON object to name."""

STATUSES: Mapping[str, str] = {
    "done": _("done"),
    "found": _("found"),
    "refused": _("refused"),
    "not_allowed": _("not allowed"),
    "not_found": _("not found"),
    "conflict": _("conflict"),
    "integrity": _("not proved"),
    "pending": _("pending"),
    "queued": _("queued"),
    "usage": _("not understood"),
    "error": _("failed"),
}
"""What an exit code means, in a word."""


class Job(NamedTuple):
    """A line of a batch: where it stood, what it said, and the command line it makes."""

    number: int
    text: str
    words: list[str]
    fault: str = ""


class Outcome(NamedTuple):
    """What became of a line."""

    job: Job
    answer: Answer | None
    code: int

    @property
    def status(self) -> Status:
        """The answer's status, or that of a run that was broken off."""
        return self.answer.status if self.answer else "error"

    def facts(self) -> dict[str, Any]:
        """The line as an object of --jsonl."""
        told = self.answer or Answer(status="error")
        return {
            "line": self.job.number,
            "input": self.job.text,
            "status": told.status,
            "exit": self.code,
            "data": told.data,
            "diagnostics": told.diagnostics,
        }

    def shown(self) -> list[str]:
        """The line for people: its number, its status, and what was recorded or why not."""
        told = self.answer or Answer(status="error")
        said = " ".join(told.told).replace("  → ", "→ ") if self.code else ""
        first = said or next(iter(told.lines), "") or " ".join(told.ids)
        return [f"{self.job.number}  {word(STATUSES, told.status)}  {first}".rstrip()]


def wanted(given: Sequence[str], root: Root, verbs: Mapping[str, Any]) -> int | None:
    """Where the `-` of an everyday verb stands among the hoisted words; None if there is none."""
    skip = verb = False
    for at, each in enumerate(given):
        if skip:
            skip = False
        elif each in WITH_VALUE:
            skip = True
        elif each == "--":
            return None
        elif verb and each == "-":
            return at
        elif not verb and not each.startswith("-"):
            verb = True
            if root.aliases.get(each, each) not in verbs:
                return None
    return None


def jobs(given: Sequence[str], at: int, root: Root, source: IO[bytes]) -> Iterator[Job]:
    """The command lines that standard input makes of this one; empty lines and # are passed by."""
    number = 0
    while True:
        number += 1
        try:
            line = source.readline()
        except OSError as error:  # a folder, or a disk that fails: told as the last line's fault
            yield Job(
                number, "", [], say(_("Standard input cannot be read: {fault}."), fault=error)
            )
            return
        if not line:
            return
        text = _read(line).strip()
        if not text or text.startswith("#"):
            continue
        try:
            words = _object(text, given, root) if text.startswith("{") else shlex.split(text)
        except ValueError as error:
            yield Job(number, text, [], say(_("This line cannot be read: {fault}."), fault=error))
            continue
        yield Job(number, text, _keyed(hoisted([*given[:at], *words, *given[at + 1 :]]), number))


def _read(line: bytes) -> str:
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return line.decode("gb18030", "replace")


def _keyed(words: list[str], number: int) -> list[str]:
    """The words with a key of the line's own, if the batch has a key."""
    for at, each in enumerate(words):
        if each == "--key" and at + 1 < len(words):
            return [*words[: at + 1], f"{words[at + 1]}/{number}", *words[at + 2 :]]
        if each.startswith("--key="):
            return [*words[:at], f"{each}/{number}", *words[at + 1 :]]
        if each == "--":
            break
    return words


def _object(text: str, given: Sequence[str], root: Root) -> list[str]:
    """The words that an object of arguments stands for; ValueError names what is wrong with it."""
    facts = json.loads(text)
    if not isinstance(facts, dict):
        raise ValueError(say(_("it is no object")))
    verb, command = _verb(given, root)
    placed = PARTS.get(verb) or tuple(
        (each.name or "").removesuffix("s")
        for each in command.params
        if isinstance(each, click.Argument)
    )
    own = _options(command.params)
    options = own | _options(root.params)
    behind = [str(each) for name in placed if name in facts for each in _many(facts.pop(name))]
    before: list[str] = []
    for name, value in facts.items():
        if name not in options:
            known = ", ".join((*placed, *own))
            text = say(_("{name} is no argument of {verb}; these are: {known}"), name=name,
                       verb=verb, known=known)  # fmt: skip
            raise ValueError(text)
        for each in _many(value):
            before += [options[name]] if each is True else [options[name], str(each)]
    return [*before, *(["--", *behind] if any(each.startswith("-") for each in behind) else behind)]


def _verb(given: Sequence[str], root: Root) -> tuple[str, click.Command]:
    context = click.Context(root)
    name = next(each for each in given if root.aliases.get(each, each) in root.verbs)
    command = root.get_command(context, name)
    if command is None:
        raise ValueError(name)
    return root.aliases.get(name, name), command


def _options(params: Sequence[click.Parameter]) -> dict[str, str]:
    """The options that an object may name, by each of their names without dashes."""
    return {
        name.lstrip("-"): each.opts[0] if name not in each.opts else name
        for each in params
        if isinstance(each, click.Option)
        for name in (*each.opts, each.name or "")
    }


def _many(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [] if value is None or value is False else [value]


def failed(job: Job) -> Outcome:
    """What becomes of a line that cannot be read."""
    answer = Answer(status="usage", diagnostics=[Diagnostic(message=job.fault)])
    return Outcome(job, answer, answer.exit_code)


def told(outcome: Outcome, *, as_object: bool, quiet: bool) -> Answer:
    """A line's outcome to be handed out at once; under -q its names, and faults beside them."""
    if as_object:
        return Answer(raw=msgspec.json.encode(outcome.facts()) + b"\n")
    lines = outcome.shown()
    faulty = quiet and outcome.code
    faults = [Diagnostic(message=line) for line in lines] if faulty else []
    ids = outcome.answer.ids if outcome.answer else ()
    return Answer(lines=lines, ids=ids, diagnostics=faults)


def whole(outcomes: Sequence[Outcome]) -> bytes:
    """The one object of --json for a batch: the worst status, and every line."""
    worst: Status = max((each.status for each in outcomes), key=EXIT.__getitem__, default="done")
    results = [each.facts() for each in outcomes]
    return msgspec.json.encode(
        {"version": 1, "status": worst, "data": {"results": results}, "diagnostics": []}
    )


def source() -> IO[bytes]:
    """Standard input as bytes; a run may have been started without one."""
    return sys.stdin.buffer
