"""Verbs and nouns by their English and their Chinese names.

A noun is a group of subcommands with a table of their Chinese names beside it. One of these may
lead further down: under 单位, 添加 is `unit add`. The root loads a verb when it is used.
"""

import importlib
from collections.abc import Mapping
from typing import Any

import click

from projections.desk.helping import Page, translated
from projections.desk.words import folded, say


class Verb:
    """Where a verb lives, its Chinese names, and what it is for in one line.

    A plain class: help waits for no library, and a named tuple takes ten times as long to make.
    """

    def __init__(self, target: str, chinese: tuple[str, ...], purpose: str) -> None:
        self.target = target
        self.chinese = chinese
        self.purpose = purpose


class Noun(click.Group):
    """A group whose subcommands have Chinese names too: `chinese={"添加": "add"}`."""

    group_class = type  # a group within a noun is a noun

    def __init__(
        self, *given: Any, chinese: Mapping[str, str] | None = None, **options: Any
    ) -> None:
        super().__init__(*given, **options)
        self.chinese = dict(chinese or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every name that may be typed, the Chinese ones too: did-you-mean looks here."""
        return [*super().list_commands(ctx), *self.chinese]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The subcommand of a name in either language."""
        name = cmd_name if cmd_name in self.commands else folded(cmd_name)
        return self._at(self.chinese.get(name, name))

    def _at(self, path: str) -> click.Command | None:
        """The subcommand at the end of its words in English, e.g. `unit add`."""
        found: click.Command | None = self
        for word in path.split(" "):
            found = found.commands.get(word) if isinstance(found, click.Group) else None
        return found

    def names(self) -> dict[str, list[str]]:
        """The Chinese names of each subcommand, by its words in English."""
        named: dict[str, list[str]] = {name: [] for name in sorted(self.commands)}
        for chinese, words in self.chinese.items():
            named.setdefault(words, []).append(chinese)
        return named

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The subcommands with all their names, and the first sentence of each."""
        rows = []
        for words, chinese in self.names().items():
            command = self._at(words)
            if command is not None and not command.hidden:
                rows.append((" ".join((words, *chinese)), command.get_short_help_str(200)))
        with formatter.section(say("Commands")):
            formatter.write_dl(rows)


class Root(click.Group):
    """The verbs, loaded when they are used, in English and in Chinese."""

    context_class = Page

    def __init__(
        self, *given: Any, sections: Mapping[str, Mapping[str, Verb]] | None = None, **options: Any
    ) -> None:
        super().__init__(*given, **options)
        self.sections = sections or {}
        self.verbs = {
            name: verb for verbs in self.sections.values() for name, verb in verbs.items()
        }
        self.aliases = {each: name for name, verb in self.verbs.items() for each in verb.chinese}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every English name, and every Chinese one for did-you-mean."""
        return [*self.verbs, *self.aliases]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb of a name, imported now."""
        name = cmd_name if cmd_name in self.verbs else folded(cmd_name)
        verb = self.verbs.get(self.aliases.get(name, name))
        if verb is None:
            return None
        module, _colon, attribute = verb.target.partition(":")
        found: click.Command = getattr(
            importlib.import_module(f"projections.desk.{module}"), attribute
        )
        return translated(found)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The help page, in the language chosen for this run."""
        super(Root, translated(self)).format_help(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The verbs by who uses them, without importing one."""
        for section, verbs in self.sections.items():
            with formatter.section(say(section)):
                rows = [
                    (" ".join((name, *verb.chinese)), say(verb.purpose))
                    for name, verb in verbs.items()
                ]
                formatter.write_dl(rows)
