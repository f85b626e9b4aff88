"""Numbers that name a person: no text of a report may hold one, for the record cannot be cleaned.

A mobile telephone number of the mainland (工信部 numbering: 1, 3 to 9, nine more) and an identity
number (GB 11643: 17 digits and a check sign). Decision 0012 has the rule.
"""

import re

from whistle.domain.refusal import Refused, _

_MOBILE = r"(?<!\d)1[3-9]\d{9}(?!\d)"
_IDENTITY = r"(?<!\d)\d{17}[\dXx](?!\d)"
_LONG_ENOUGH = 11


def names_a_person(text: str) -> bool:
    """Whether a telephone or identity number stands in a text."""
    if sum(map(str.isdecimal, text)) < _LONG_ENOUGH:  # nearly always: no pattern is compiled
        return False
    return re.search(_MOBILE, text) is not None or re.search(_IDENTITY, text) is not None


def check_impersonal(*texts: str) -> None:
    """Refused when a text of a report holds such a number."""
    if any(map(names_a_person, texts)):
        raise Refused(
            _("A telephone or identity number stands in it, and the record could never lose it."),
            rule="report.personal",
            hint=_("leave it out: the platform's ticket (--ticket) leads back to who reported"),
        )
