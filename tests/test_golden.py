"""One example of every event ever stored, byte for byte: what was recorded can be read for ever.

The files were written by hand from the definitions, with every field that an event has. They are
never edited: an event that changes its shape gets a new topic, a new file and an upcaster. A field
that came later, with a default, is shown by a file beside the first, as
`history.recorded-1.dues.json`.
"""

from pathlib import Path

import msgspec
import pytest

from whistle import codec
from whistle.codec import EVENTS, UPCASTERS

GOLDEN = Path(__file__).parent / "golden"
FILES = sorted(GOLDEN.glob("*.json"))


def topic_of(path: Path) -> str:
    """`whistle.arrived-1.json` -> `whistle.arrived/1`, `history.recorded-1.dues.json` alike."""
    name, _dash, version = path.stem.rpartition("-")
    return f"{name}/{version.partition('.')[0]}"


def stored(path: Path) -> bytes:
    """The bytes as they stand in a row: without the newline that ends a text file."""
    return path.read_bytes().removesuffix(b"\n")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_was_stored_is_read_and_stored_again_as_it_was(path: Path) -> None:
    topic = topic_of(path)
    event = codec.decode(topic, stored(path))
    if topic not in UPCASTERS:
        assert (event.topic, codec.encode(event)) == (topic, stored(path))


@pytest.mark.parametrize("topic", sorted(EVENTS))
def test_an_example_shows_every_field(topic: str) -> None:
    examples = [msgspec.json.decode(stored(path)) for path in FILES if topic_of(path) == topic]
    assert set().union(*examples) == set(EVENTS[topic].__struct_fields__)
