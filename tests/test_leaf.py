"""The leaf of an event and the root of the tree, against answers computed elsewhere."""

import base64
import hashlib
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import independent_leaf as independent
from tests.office import Office
from whistle.log.leaf import Sealed, leaf, leaves
from whistle.log.rows import listed
from whistle.log.tree import Frontier

HERE = Path(__file__).parent / "data" / "leaf"
GOLDEN = json.loads((HERE / "golden.json").read_text(encoding="utf-8"))
TREES = json.loads((HERE / "rfc6962.json").read_text(encoding="utf-8"))["trees"]


def sealed(fields: dict[str, Any]) -> Sealed:
    """An event of the golden vector as the log holds it."""
    return Sealed(**{**fields, "state": fields["state"].encode()})


def grown(made: list[bytes]) -> Frontier:
    """A tree that grew leaf by leaf."""
    tree = Frontier()
    for each in made:
        tree.add(each)
    return tree


def test_the_golden_vector_is_what_the_second_script_prints() -> None:
    assert independent.vector() == GOLDEN


def test_a_leaf_is_what_the_second_script_says() -> None:
    events = [sealed(fields) for fields in GOLDEN["events"]]
    assert [leaf(event).hex() for event in events] == GOLDEN["leaves"]


def test_leaves_made_together_are_the_same() -> None:
    events = [sealed(fields) for fields in GOLDEN["events"]]
    together = [each.hex() for each in leaves([*events, *events])]
    assert together == GOLDEN["leaves"] * 2


@pytest.mark.parametrize("size", range(10))
def test_a_root_is_what_the_second_script_says(size: int) -> None:
    tree = grown([bytes.fromhex(each) for each in GOLDEN["leaves"][:size]])
    assert tree.root.hex() == GOLDEN["roots"][size]


@pytest.mark.parametrize("known", TREES, ids=lambda known: str(known["size"]))
def test_a_root_is_what_rfc_6962_says(known: dict[str, Any]) -> None:
    made = [hashlib.sha256(b"\x00" + entry.encode()).digest() for entry in known["entries"]]
    assert base64.b64encode(grown(made).root).decode() == known["root_b64"]


@given(size=st.integers(0, 70), cut=st.integers(0, 70))
def test_a_tree_goes_on_from_its_frontier_alone(size: int, cut: int) -> None:
    made = [hashlib.sha256(bytes([each])).digest() for each in range(size)]
    first = grown(made[:cut])
    again = Frontier(first.size, first.hashes)
    for each in made[cut:]:
        again.add(each)
    assert (again.size, again.root) == (size, independent.root_of(made))


@pytest.mark.parametrize(
    ("size", "hashes"),
    [(1, b""), (0, bytes(32)), (3, bytes(32)), (2, bytes(64)), (1, bytes(33)), (-1, bytes(32))],
)
def test_a_frontier_fits_its_size(size: int, hashes: bytes) -> None:
    with pytest.raises(ValueError, match=str(size)):
        Frontier(size, hashes)


@given(st.data())
def test_no_two_events_share_a_leaf(drawn: st.DataObject) -> None:
    # what is absent, what is empty and where one field ends are all told apart
    fields = dict(GOLDEN["events"][0])
    names = [name for name in independent.ORDER if isinstance(fields[name], str | None)]
    values = st.none() | st.text("01;:\u4e00", max_size=3)
    one, other = (
        {**fields, **drawn.draw(st.fixed_dictionaries(dict.fromkeys(names[-6:-1], values)))}
        for _ in range(2)
    )
    assert (leaf(sealed(one)) == leaf(sealed(other))) is (one == other)
    assert leaf(sealed(one)) == independent.leaf_of(one)


def test_what_the_engine_recorded_has_the_leaves_the_second_script_says(office: Office) -> None:
    # an outsider needs only the listing: the state is hashed byte for byte, the rest is printed
    office.blow()
    made = []
    for row in office.log.rows():
        shown = listed(row, office.log.identity)
        event = {**shown, "state": bytes(row[17]).decode()}
        made.append(independent.leaf_of(event))
        assert made[-1].hex() == shown["leaf"]
    assert independent.root_of(made) == office.log.root()


def test_recorded_at_orders_the_vector() -> None:
    times = [event["recorded_at"] for event in GOLDEN["events"]]
    assert all(before < after for before, after in pairwise(times))
