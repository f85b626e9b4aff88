"""Who or what was meant: by pinyin initials, by a part of the name, by a slip of the keyboard."""

import difflib
from collections.abc import Iterable, Mapping

from projections.desk.words import folded, say, together
from whistle.domain.initials import initials
from whistle.domain.playbook import Playbook
from whistle.domain.refusal import _
from whistle.domain.surroundings import UnitEntry

NEAR_MAX = 3


def nearest(typed: str, known: Mapping[str, Iterable[str]], cutoff: float = 0.5) -> list[str]:
    """The known things that come nearest, each by the name it is shown under; the best first.

    `known` has all names of each thing by the one that is shown.
    """
    wanted = folded(typed).casefold()
    if not wanted:
        return []
    shown = {folded(name).casefold(): thing for thing, names in known.items() for name in names}
    begun = [name for name in shown if name.startswith(wanted)] if len(wanted) > 1 else []
    letters = [(initials(name), name) for name in shown if wanted.isascii()]
    spelled = [name for spelt, name in letters if spelt == wanted]
    if len(wanted) > 1:
        spelled += [name for spelt, name in letters if spelt.startswith(wanted)]
    part = [name for name in shown if wanted in name and not wanted.isascii()]
    close = difflib.get_close_matches(wanted, shown, n=NEAR_MAX, cutoff=cutoff)
    close.sort(key=lambda name: sorted(name) != sorted(wanted))  # akc is ack before it is act
    found = dict.fromkeys(shown[name] for name in (*spelled, *part, *begun, *close))
    return list(found)[:NEAR_MAX]


def meant(typed: str, known: Mapping[str, Iterable[str]], cutoff: float = 0.5) -> str:
    """The question that names them, or nothing."""
    found = nearest(typed, known, cutoff)
    return say(_("Did you mean {names}?"), names=together(found)) if found else ""


def near_unit(typed: str, units: Iterable[UnitEntry]) -> str:
    """The question that names the units, or nothing."""
    names = {name: (name,) for each in units for name in (each.name, *each.aliases)}
    return meant(typed, names, 0.4)


def near_item(typed: str, playbook: Playbook) -> str:
    """The question that names the items, or nothing: who types English is answered in it."""
    names: dict[str, tuple[str, ...]] = {}
    for each in playbook.items.values():
        names[each.name] = (each.name, *each.aliases)
        names[each.english] = (each.english,) if each.english else ()
    return meant(typed, names, 0.6 if typed.isascii() else 0.4)
