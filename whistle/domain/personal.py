"""Numbers that name a person: no text of a report may hold one, for the record cannot be cleaned.

A mobile telephone number of the mainland (工信部 numbering: 1, 3 to 9, nine more), one of a house
with its area code, and an identity number (GB 11643: 17 digits and a check sign); as people write
them: in full-width digits, with the country's code, in groups. Decision 0012 has the rule.
"""

import re
import unicodedata

from whistle.domain.refusal import Refused, _

_GAP = "[-. \u2010-\u2015]"
_NUMBERS = (
    rf"(?:(?:00)?86{_GAP}?)?1[3-9]\d(?:\d{{8}}|{_GAP}\d{{4}}{_GAP}\d{{4}}|\d{_GAP}\d{{3}}{_GAP}\d{{4}})",
    rf"0\d{{2,3}}\)?{_GAP}\d{{7,8}}|\(0\d{{2,3}}\)\d{{7,8}}",
    rf"\d{{6}}{_GAP}?\d{{8}}{_GAP}?\d{{3}}[\dXx]",
)
_PERSONAL = rf"(?<!\d)(?:{'|'.join(_NUMBERS)})(?!\d)"
_LONG_ENOUGH = 10


def names_a_person(text: str) -> bool:
    """Whether a telephone or identity number stands in a text."""
    if sum(map(str.isdecimal, text)) < _LONG_ENOUGH:  # nearly always: no pattern is compiled
        return False
    return re.search(_PERSONAL, unicodedata.normalize("NFKC", text)) is not None


def check_impersonal(*texts: str) -> None:
    """Refused when a text of a report holds such a number."""
    if any(map(names_a_person, texts)):
        raise Refused(
            _("A telephone or identity number stands in it, and the record could never lose it."),
            rule="report.personal",
            hint=_("leave it out: the platform's ticket (--ticket) leads back to who reported"),
        )
