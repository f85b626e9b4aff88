"""`whistle completion SHELL`: the script of a shell; and what the script asks at every Tab."""

from collections.abc import Sequence
from typing import Any, cast

import click

from projections.desk.answer import Answer
from projections.desk.completing import OPEN, SOUNDING, Live, candidates
from projections.desk.desk import Desk
from projections.desk.hoist import CHINESE, WITH_VALUE
from projections.desk.nouns import Noun, Root
from whistle.domain.refusal import WhistleError, _
from whistle.domain.surroundings import UnitEntry
from whistle.log.port import Named

BASH = """\
# whistle completion for bash. Put into ~/.bashrc:  eval "$(whistle completion bash)"
_whistle() {
    local IFS=$'\\n'
    COMPREPLY=($(whistle completion words -- "$COMP_CWORD" "${COMP_WORDS[@]}" 2>/dev/null))
    if [ "${#COMPREPLY[@]}" -eq 1 ] && [[ "${COMPREPLY[0]}" == *" "* ]]; then
        COMPREPLY=("$(printf '%q' "${COMPREPLY[0]}")")
    fi
}
complete -o default -F _whistle whistle
"""
ZSH = """\
#compdef whistle
# whistle completion for zsh. Put into ~/.zshrc, after compinit:  eval "$(whistle completion zsh)"
_whistle() {
    local -a found
    found=("${(@f)$(whistle completion words -- "$((CURRENT - 1))" "${words[@]}" 2>/dev/null)}")
    if [[ -n "${found[1]}" ]]; then
        compadd -U -V whistle -- "${found[@]}"
    else
        _files
    fi
}
compdef _whistle whistle
"""
FISH = """\
# whistle completion for fish. Into ~/.config/fish/config.fish:  whistle completion fish | source
function __whistle_words
    set -l before (commandline -opc)
    whistle completion words -- (count $before) $before (commandline -ct) 2>/dev/null
end
complete -c whistle -f -a '(__whistle_words)'
"""
SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}


@click.group(cls=Noun, chinese={})
def completion() -> None:
    """Tab completion for a shell: verbs, options, and the names that are legal now.

    Example: eval "$(whistle completion bash)"
    """


def _script(shell: str) -> click.Command:
    def tell() -> Answer:
        return Answer(raw=SCRIPTS[shell].encode())

    return click.Command(shell, callback=tell, help=_("Print the script; its first line says how."))


for _shell in SCRIPTS:
    completion.add_command(_script(_shell))


@completion.command("words", hidden=True)
@click.argument("at", type=int)
@click.argument("line", nargs=-1)
@click.pass_context
def words(context: click.Context, at: int, line: tuple[str, ...]) -> Answer:
    """Say what may stand at word AT of LINE, a candidate a line."""
    root = cast("Root", context.find_root().command)
    before, typed = [*line[1:at]], line[at] if at < len(line) else ""
    desk = Desk({**context.find_root().params, **_chosen(before)})
    found = candidates(root, before, typed, Live(_Asking(desk)))
    return Answer(raw="".join(f"{each}\n" for each in found).encode())


def _chosen(before: Sequence[str]) -> dict[str, str]:
    """The globals on the line that say which store it is and who speaks."""
    waiting, chosen = iter(before), {}
    for word in waiting:
        name, equals, value = word.partition("=")
        name = CHINESE.get(name, name)
        if name in WITH_VALUE:
            given = value if equals else next(waiting, "")
            chosen[{"--as": "speaker"}.get(name, name.lstrip("-").replace("-", "_"))] = given
    return chosen


class _Asking:
    """The desk asked for names; a store that is not there, or not whole, answers nothing."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def __call__(self, question: str, *of: Any) -> list[str]:
        try:
            found: list[str] = getattr(self, question)(*of)
        except (WhistleError, OSError, click.ClickException, StopIteration, KeyError):
            return []
        return found

    def units(self) -> list[str]:
        return [name for each in self.desk.units.values() for name in _every_name(each)]

    def called(self, stages: Sequence[str], named: Sequence[str]) -> list[str]:
        with self.desk.reading() as reader:
            sounding = reader.waiting("whistle", ["sounding"])
            meant = [each for each in sounding if {_number(each), each.name} & {*named}]
            codes = {
                code: None
                for each in meant or sounding
                for code, stage in reader.called(each.stream).items()
                if stage in stages
            }
        return [name for code in codes for name in _every_name(self.desk.units[code])]

    def items(self) -> list[str]:
        items = self.desk.playbook.items.values() if self.desk.playbook else ()
        return [name for each in items for name in (each.english, each.name, *each.aliases) if name]

    def listed(self, name: str) -> list[str]:
        texts: dict[str, str] = getattr(self.desk.playbook, name, {})
        return [*texts, *texts.values()]

    def incidents(self, of: Sequence[str]) -> list[str]:
        with self.desk.reading() as reader:
            return _both(reader.waiting("incident", of))

    def calls(self, of: Sequence[str]) -> list[str]:
        unit = self.desk.units[self.desk.actor.speaks_for]
        with self.desk.reading() as reader:
            if not unit.commander:
                return _both(reader.calls(unit.code, of))
            sounding = reader.waiting("whistle", ["sounding"])
            return [
                f"{number}/{code}"
                for each in sounding
                for number in [_number(each)]
                for code, stage in reader.called(each.stream).items()
                if stage in of
            ]

    def everything(self) -> list[str]:
        with self.desk.reading() as reader:
            named = reader.waiting("incident", [*OPEN, "closed"])
            named += reader.waiting("whistle", ["requested", "sounding", "ended", *SOUNDING])
        return [each.name for each in named if each.name]


def _every_name(unit: UnitEntry) -> list[str]:
    names = (*unit.aliases, unit.name, unit.code, unit.initials)
    return [name for name in names if name]


def _both(named: Sequence[Named]) -> list[str]:
    """Numbers first: they are what people type; full names for who begins with the letter."""
    return [*(_number(each) for each in named), *(each.name for each in named if each.name)]


def _number(named: Named) -> str:
    return (named.name or "").rpartition("-")[2].lstrip("0")
