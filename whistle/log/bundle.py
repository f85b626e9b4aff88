"""A bundle of the whole record for somebody without Whistle, with the program that checks it."""

import zipfile
from itertools import islice
from pathlib import Path

import msgspec

from whistle import outsider
from whistle.domain.refusal import Refused, _
from whistle.log.rows import listed
from whistle.log.store_log import StoreLog

README = """\
The record of a town, whole: events.jsonl (an event a line, with every field its hash covers),
checkpoint.txt (how many events, and the root of their tree).

    python3 verify.py BUNDLE.zip --checkpoint HELD.txt --key KEY --unit CODE

BUNDLE.zip is this archive as it came. HELD.txt is a checkpoint that somebody kept elsewhere, KEY
the public key of who signs them; CODE lists one unit's own record, which has no gap. verify.py lies
in the archive for convenience: take it from a place that you trust.
"""
_MADE = (1980, 1, 1, 0, 0, 0)  # what a zip says when it says nothing: equal records, equal bundles


def write(log: StoreLog, size: int, checkpoint: str, target: Path) -> None:
    """Write the first `size` events with their checkpoint; Refused when something is there.

    It gets its name when it is whole.
    """
    if target.exists():
        raise Refused(
            _("There is something at {path} already."),
            rule="proof.exists",
            hint=_("name a file that does not exist"),
            path=str(target),
        )
    part = target.with_name(f"{target.name}.part")
    try:
        with zipfile.ZipFile(part, "w") as bundle:
            with bundle.open(_entry("events.jsonl"), "w", force_zip64=True) as file:
                for row in islice(log.rows(), size):
                    file.write(msgspec.json.encode(listed(row, log.identity)) + b"\n")
            bundle.writestr(_entry("checkpoint.txt"), checkpoint)
            bundle.writestr(_entry("verify.py"), outsider.program())
            bundle.writestr(_entry("README.txt"), README)
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _MADE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
