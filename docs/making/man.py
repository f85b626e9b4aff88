"""The manual pages, docs/reference/man/whistle*.1: one for the program, one for each verb.

roff with the man(7) macros, made from the same texts as --help; `man -l` shows a file as it lies.
"""

import re
from collections.abc import Iterator, Mapping

import click

from cli import SECTIONS, root
from docs.making.verbs import arguments_of, told_by
from projections.desk.answer import EXIT
from projections.desk.manual import EXITS
from projections.desk.nouns import Noun, Verb
from projections.desk.words import speak
from whistle import __version__


def texts() -> Mapping[str, str]:
    """Every page by its file name, in English."""
    speak("en")
    pages = {"whistle.1": "".join(_program())}
    for verbs in SECTIONS.values():
        for name, verb in verbs.items():
            pages[f"whistle-{name}.1"] = "".join(_verb(name, verb))
    return pages


def escaped(text: str) -> str:
    r"""A text that roff shows as it is: no escape, no request, a hyphen that can be copied."""
    safe = text.replace("\\", r"\e").replace("-", r"\-").replace("'", r"\(aq")
    return re.sub(r"^\.", r"\&.", safe, flags=re.MULTILINE)


def _head(name: str, about: str) -> str:
    return (
        f'.TH {name.upper()} 1 "" "whistle {__version__}" "Whistle"\n'
        f".SH NAME\n{escaped(name)} \\- {escaped(about.rstrip('.'))}\n"
    )


def _program() -> Iterator[str]:
    yield _head("whistle", "a town blows, departments report in, and the record can be proved")
    yield ".SH SYNOPSIS\n.B whistle\n[\\fIoptions\\fR] [\\fIverb\\fR [\\fIarguments\\fR]]\n"
    yield ".SH DESCRIPTION\nWithout a verb: what waits on you. Verbs have Chinese names too.\n"
    for section, verbs in SECTIONS.items():
        yield f".SS {escaped(section)}\n"
        for name, verb in verbs.items():
            names = " ".join((f"\\fB{escaped(name)}\\fR", *verb.chinese))
            yield f".TP\n{names}\n{escaped(verb.purpose)}\n"
    yield f".SH OPTIONS\n{_options(root)}"
    yield ".SH EXIT STATUS\n"
    for status, meaning in EXITS.items():
        yield f".TP\n.B {EXIT[status]}\n{escaped(meaning)}\n"
    yield ".PP\nOf a verb that reads lines (\\-): the highest of its lines.\n"
    yield ".SH SEE ALSO\n"
    every = [name for verbs in SECTIONS.values() for name in verbs]
    yield ",\n".join(f".BR whistle\\-{escaped(name)} (1)" for name in every).replace(",\n", " ,\n")
    yield "\n"


def _verb(name: str, verb: Verb) -> Iterator[str]:
    command = root.get_command(click.Context(root), name)
    if command is None:
        raise LookupError(name)
    yield _head(f"whistle-{name}", verb.purpose)
    yield from _command(command, f"whistle {name}")
    if verb.chinese:
        yield ".SH NAMES IN CHINESE\n"
        yield ", ".join(f"whistle {each}" for each in verb.chinese) + "\n"
    yield ".SH SEE ALSO\n.BR whistle (1)\n"


def _command(command: click.Command, words: str) -> Iterator[str]:
    about, examples = told_by(command)
    if isinstance(command, Noun):
        yield f".SH DESCRIPTION\n{escaped(about)}\n.SH SUBCOMMANDS\n"
        for name, chinese in command.names().items():
            inner = command.commands.get(name)
            if inner is not None and not inner.hidden:
                yield from _inner(inner, " ".join((words, name)), chinese)
        return
    usage = " ".join(arguments_of(command))
    yield f".SH SYNOPSIS\n.B {escaped(words)}\n[\\fIoptions\\fR] {escaped(usage)}\n"
    yield f".SH DESCRIPTION\n{escaped(about)}\n"
    if options := _options(command):
        yield f".SH OPTIONS\n{options}"
    if examples:
        shown = "\n".join(escaped(each) for each in examples)
        yield f".SH EXAMPLES\n.nf\n{shown}\n.fi\n"


def _inner(command: click.Command, words: str, chinese: list[str]) -> Iterator[str]:
    about, examples = told_by(command)
    usage = " ".join((words, *([] if isinstance(command, Noun) else arguments_of(command))))
    yield f".SS {escaped(usage)}\n{escaped(about)}\n"
    if chinese:
        yield f".PP\nIn Chinese: {', '.join(chinese)}\n"
    yield _options(command)
    if examples:
        shown = "\n".join(escaped(each) for each in examples)
        yield f".PP\n.nf\n{shown}\n.fi\n"
    if isinstance(command, Noun):
        for name, names in command.names().items():
            if (deeper := command.commands.get(name)) is not None:
                yield from _inner(deeper, f"{words} {name}", names)


def _options(command: click.Command) -> str:
    context = click.Context(command)
    rows = []
    for each in command.params:
        if isinstance(each, click.Option) and not each.hidden:
            names = ", ".join(f"\\fB{escaped(name)}\\fR" for name in each.opts)
            value = "" if each.is_flag else f" \\fI{escaped(each.make_metavar(context))}\\fR"
            text = " ".join((each.help or "").split())
            rows.append(f".TP\n{names}{value}\n{escaped(text)}\n")
    return "".join(rows)
