"""docs/reference/playbook.md: the keys of a playbook file, of a unit register and of a calendar."""

from typing import get_args

from whistle import playbooks
from whistle.domain.playbook import Approval, ClockName, Kind
from whistle.domain.working_time import Reading
from whistle.playbook_file import read_playbook
from whistle.town_file import ROLES

_KEYS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "The file": (
        ("name", "text, required", "what the playbook is called"),
        ("version", "text, required", "its version; any text, shown beside the digest"),
        ("slots", "text, required", "working slots of a working day: `08:00-12:00,14:00-18:00`"),
        ("reading", "{readings}, required", ("how `5wd` is counted: whole days from the next day on, "
         "due at close of business, or 5 times 8 working hours")),
        ("mark_max", "1 to 1000, default 100", "the full mark for one whistle"),
        ("undo_minutes", "0 to 1440, default 5", "so long a recorder takes an act back alone"),
        ("effective_from", "a day, such as 2027-01-01", "when it takes force; left out: when it is adopted"),
        ("[grounds]", "table of texts, required", "why the town may blow (吹哨依据): short name = text"),
        ("[decline_reasons]", "table of texts, required", "why a unit may decline (退单理由)"),
        ("[refuse_categories]", "table of texts, required",
         "why an incident is explained and not handled (不予受理)"),
        ("[kinds.KIND]", "four tables, required", "one each for {kinds}"),
        ("[items.CODE]", "tables, at least one", "the item catalogue (事项清单)"),
        ("[ladder]", "table, required", "warnings and supervision (催办、督办)"),
        ("[delivery]", "table", "calls to units that are reached by phone only (送达)"),
        ("[patrol]", "table", "what is expected of patrols (巡查)"),
        ("[duplicates]", "table", "when a report is held to be one that is known (重复件)"),
    ),
    "`[kinds.KIND]`, a kind of whistle 哨的种类": (
        ("name", "text, required", "its name in Chinese"),
        ("approval", "{approvals}, required",
         "`required`: the leader approves before it sounds; `afterwards`: it sounds at once"),
        ("limits", "table CLOCK = LIMIT",
         "bind every whistle of the kind, beside its item's; `ack` is a must for every kind, `arrive` for `emergency`"),
        ("unless_item", "table CLOCK = LIMIT", "bind where the item sets no limit for that clock"),
        ("decline_only_on_scene", "true or false, default false",
         "先报到后异议: a unit declines only after it has reported in"),
        ("blow_by", "list of roles or persons", "who of the town office may blow it; left out: anybody there"),
        ("approve_by", "list of roles or persons, default leader", "who approves it, or confirms it afterwards"),
        ("confirm_within", "LIMIT", ("how soon a leader confirms what sounded at once, or what was typed for him "
         "on the phone; after it the town is marked, never a unit")),
    ),
    "`[delivery]`, calls to units without an inbox 送达": (
        ("rungs", "list of `{{ to = RECEIVER, after = LIMIT }}`",
         "whom the town calls next, counted from the blow: `alternate` (AB岗), `leader`, `county`"),
        ("unreachable_after", "LIMIT", "from then the unit counts as unreachable, and never as late"),
    ),
    "`[items.CODE]`, a matter 事项": (
        ("name", "text, required", "its name in Chinese"),
        ("english", "text, required", "small letters and hyphens: what `blow -e` takes"),
        ("aliases", "list of texts", "other names; none may be used twice in a playbook"),
        ("kind", "{kinds}, required", "the kind of whistle it calls for"),
        ("ground", "a name of `[grounds]`, default `no-power`", "why the town may blow for it"),
        ("lead", "text, required", "牵头: the type of the unit that leads, else a name of one"),
        ("assists", "list of texts", "协办: those that assist"),
        ("limits", "table CLOCK = LIMIT", "the item's own; `dispose` is a must unless its kind has one"),
        ("closed_when", "text", "the closing condition, for people"),
        ("basis", "text", "the law or list behind it"),
    ),
    "`[ladder]`, before and after a breach": (
        ("warn_percent", "0 to 99, required", "warn when so much of the limit is left; 0 = no warning"),
        ("rungs", 'list of `{{ level = "yellow" | "red", after = LIMIT }}`',
         "supervise at this level so long after the due time; without `after`, at the due time"),
    ),
    "`[patrol]`, patrols 巡查": (
        ("stop_grace_minutes", "0 to 1440, default 15", "a check-in later than this after its planned time is late"),
    ),
    "`[duplicates]`, known already or here again 重复件": (
        ("open_days", "0 to 366, default 7", "an open incident reported at most so long ago may be the same"),
        ("again_days", "0 to 3660, default 30", "back so soon after it was closed: told as again (反弹)"),
        ("alike_percent", "1 to 100, default 70", "how alike two places must be: pairs of neighbouring signs in common"),
    ),
}  # fmt: skip

_CLOCKS: dict[ClockName, str] = {
    "ack": "sign for the whistle 签收; stopped by `ack`, or by coming",
    "arrive": "report in on the spot 报到; stopped by `arrive`",
    "feedback": "first act reported 首次反馈; stopped by `act` or `finish`",
    "dispose": "handled 办结; stopped by `finish`",
}

_HEAD = """# The playbook file

TOML in UTF-8. `whistle playbook check FILE` tells every fault at once, each with its line and key;
`whistle init --playbook FILE` puts it in force. The shipped one, `whistle/playbooks/default.toml`, is
commented line by line: copy it and change the copy ([how](../howto/own-playbook.md)). Keys that are not
listed here are faults.

Lists of the codes in force: `whistle playbook show`, `whistle item list`.

"""

_LIMITS = """## CLOCK

Every clock starts when the whistle reaches the unit. Where several limits bind one clock, the earliest
due time counts (时限就低).

| clock | what it waits for |
|---|---|
{clocks}
## LIMIT

A number and a unit.

| unit | 中文 | counted |
|---|---|---|
| `wm` `wh` | 工作分钟 工作时 | only in the slots of working days |
| `wd` | 工作日 | working days, by `reading` |
| `em` `eh` `ed` | 分钟 紧急工作时 紧急工作日 | continuously, nights and holidays too |
| `nd` | 自然日 | whole calendar days |

`whistle calendar due 2026-02-14T17:00:00+08:00 4wh` tries one out.

## The unit register

`whistle init --units FILE`, a TOML table `[units.CODE]` for each unit; the shipped one is
`whistle/playbooks/units.toml`. A code has up to 16 letters, digits, hyphens or underscores. No two units share a
code, name, alias or initials, and none goes by a type of other units.

| key | type | meaning |
|---|---|---|
| `name` | text, required | the unit's full name |
| `type` | text, required | what items call; a type with one unit finds it by itself |
| `aliases` | list of texts | other names people type, the everyday one first |
| `initials` | small letters | pinyin initials (`jj` for 交警); else those of the first alias, or of the name |
| `commander` | true or false, default false | true for the one unit that blows, releases and verifies |
| `reached` | `inbox` or `phone`, default inbox | whether a call can be read there at once, or somebody must be told |
| `persons` | table NAME = ROLE | who acts for it; roles: {roles} |

"""

_DEFAULT = """## The shipped pack

`{name}` {version}: {items} items. Limits by kind:

| kind | approval | limits | unless the item has its own |
|---|---|---|---|
"""


def page() -> str:
    """The page."""
    parts = [_HEAD]
    words = {
        "kinds": _either(get_args(Kind)),
        "approvals": _either(get_args(Approval)),
        "readings": _either(get_args(Reading)),
    }
    for title, rows in _KEYS.items():
        parts.append(f"## {title}\n\n| key | type | meaning |\n|---|---|---|\n")
        for key, kind, meaning in rows:
            cells = (f"`{key}`", kind.format(**words), meaning.format(**words))
            parts.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n")
        parts.append("\n")
    clocks = "".join(f"| `{name}` | {_CLOCKS[name]} |\n" for name in get_args(ClockName))
    parts.append(_LIMITS.format(clocks=clocks, roles=_either(ROLES)))
    parts.extend(_shipped())
    return "".join(parts).rstrip() + "\n"


def _either(words: tuple[str, ...]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _shipped() -> list[str]:
    pack = read_playbook(playbooks.text("default.toml"))
    parts = [_DEFAULT.format(name=pack.name, version=pack.version, items=len(pack.items))]
    for code, rules in pack.kinds.items():
        limits, unless = (
            ", ".join(f"{clock} {limit}" for clock, limit in found.items()) or "–"
            for found in (rules.limits, rules.unless_item)
        )
        parts.append(f"| `{code}` {rules.name} | {rules.approval} | {limits} | {unless} |\n")
    return parts
