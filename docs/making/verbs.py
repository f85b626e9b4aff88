"""docs/reference/verbs.md: every verb with its Chinese names, options and examples."""

import re
from collections.abc import Iterator

import click

from cli import SECTIONS, root
from projections.desk.nouns import Noun, Verb
from projections.desk.words import speak

HEAD = """# Verbs

One verb per order, one noun per view. Chinese names and English ones are the same verb. A name in
capitals is yours to fill in; `[…]` may be left out; `...` may be repeated. In place of a full name such
as `I-WY26-00042` its number is enough, and with no name the only open candidate is taken
(`whistle help names`). How times are written: `whistle help time`.

[Exit codes](exit-codes.md) and the [JSON](json.md) that `--json` prints have pages of their own.

"""

OPTIONS_HEAD = "| option | meaning |\n|---|---|\n"


def page() -> str:
    """The page, in English whatever the language of the desk."""
    speak("en")
    parts = [HEAD, _contents(), "## Options of every verb\n\n", GLOBALS, _options(root), "\n"]
    for section, verbs in SECTIONS.items():
        parts.append(f"## {section}\n\n")
        for name, verb in verbs.items():
            parts.extend(_verb(name, verb))
    return "".join(parts).rstrip() + "\n"


GLOBALS = (
    "They stand before the verb or after it. What stands in brackets is the environment's name.\n\n"
)


def _contents() -> str:
    rows = ["| verb | 中文 | for |\n|---|---|---|\n"]
    for verbs in SECTIONS.values():
        for name, verb in verbs.items():
            rows.append(f"| [`{name}`](#{name}) | {' '.join(verb.chinese)} | {verb.purpose} |\n")
    return "".join([*rows, "\n"])


def _verb(name: str, verb: Verb) -> Iterator[str]:
    command = root.get_command(click.Context(root), name)
    if command is None:
        raise LookupError(name)
    yield f"### {name}\n\n"
    if verb.chinese:
        yield "中文: " + ", ".join(f"`whistle {each}`" for each in verb.chinese) + "\n\n"
    yield from _command(command, f"whistle {name}")


def _command(command: click.Command, words: str) -> Iterator[str]:
    about, examples = told_by(command)
    yield f"{about}\n\n"
    if isinstance(command, click.Group):
        called = command.names() if isinstance(command, Noun) else {}
        for name, inner in sorted(command.commands.items()):
            if inner.hidden:
                continue
            yield f"#### {words} {name}\n\n"
            if chinese := called.get(name):
                yield "中文: " + ", ".join(f"`{each}`" for each in chinese) + "\n\n"
            yield from _command(inner, f"{words} {name}")
        return
    usage = " ".join([words, *arguments_of(command)])
    yield "```text\n" + "\n".join([usage, *(f"  e.g. {each}" for each in examples)]) + "\n```\n\n"
    if options := _options(command):
        yield options + "\n"


def told_by(command: click.Command) -> tuple[str, list[str]]:
    """What a verb says about itself, and its examples."""
    paragraphs = re.split(r"\n\s*\n", (command.help or "").strip())
    about, examples = [], []
    for paragraph in paragraphs:
        text = " ".join(paragraph.split())
        if match := re.match(r"Examples?:\s*", text):
            examples.extend(re.split(r"\s+·\s+(?=whistle )", text[match.end() :]))
        else:
            about.append(text)
    return "\n\n".join(about), examples


def arguments_of(command: click.Command) -> list[str]:
    """What a command takes, as its usage writes it."""
    context = click.Context(command)
    arguments = [each for each in command.params if isinstance(each, click.Argument)]
    return [each.make_metavar(context) for each in arguments]


def _options(command: click.Command) -> str:
    context = click.Context(command)
    rows = [
        f"| {_names(each, context)} | {_meaning(each)} |\n"
        for each in command.params
        if isinstance(each, click.Option) and not each.hidden
    ]
    return OPTIONS_HEAD + "".join(rows) if rows else ""


def _names(option: click.Option, context: click.Context) -> str:
    value = "" if option.is_flag else f" {option.make_metavar(context)}"
    names = ", ".join(f"`{name}`" for name in [*option.opts, *option.secondary_opts])
    return f"{names}{value and f' `{value.strip()}`'}".replace("|", "\\|")


def _meaning(option: click.Option) -> str:
    words = [" ".join((option.help or "").split())]
    if option.required:
        words.append("Required.")
    if option.multiple:
        words.append("May be repeated.")
    shown = isinstance(option.default, str | int) and not isinstance(option.default, bool)
    if option.show_default and shown and not option.is_flag:
        words.append(f"Default: `{option.default}`.")
    return " ".join(word for word in words if word).replace("|", "\\|")
