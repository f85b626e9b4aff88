"""The rules of the house that a linter cannot know."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from whistle.codec import EVENTS
from whistle.domain.message import Event

HOUSE = Path(__file__).resolve().parent.parent
GOLDEN = HOUSE / "tests" / "golden"
PRODUCT = [HOUSE / "cli.py", *HOUSE.glob("whistle/**/*.py"), *HOUSE.glob("projections/**/*.py")]
WORKSHOP = [
    HOUSE / "dev.py",
    *(
        path
        for folder in ("bench", "bundle", "docs", "tests")
        for path in HOUSE.glob(f"{folder}/**/*.py")
    ),
]

LINES_PER_FILE_MAX = 300
ONE_FILE = {"whistle/outsider/verify.py": 500}  # an outsider gets one file to read, and no other
LINES_PER_FUNCTION_MAX = 40
CLOCK = HOUSE / "whistle" / "clock.py"  # the one file that asks what time it is
CLOCK_READ = re.compile(
    r"\b(datetime|date)\.(now|utcnow|today)\b|\btime\.(time|time_ns|localtime|gmtime)\b|func\.now\b"
)
CLOCK_SQL = re.compile(r"current_(timestamp|time|date)\b|\bgetdate\(|'now'", re.IGNORECASE)
SAYS_NOTHING = {"manager", "service", "util", "helper", "data", "info"}
TOPIC = re.compile(r"[a-z]+\.[a-z]+(_[a-z]+)*/[1-9]\d*")

Function = ast.FunctionDef | ast.AsyncFunctionDef
Named = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def trees(files: list[Path]) -> Iterator[tuple[str, ast.Module]]:
    for path in files:
        yield str(path.relative_to(HOUSE)), ast.parse(path.read_text(encoding="utf-8"))


def named(tree: ast.Module) -> Iterator[Function | ast.ClassDef]:
    return (node for node in ast.walk(tree) if isinstance(node, Named))


def words(name: str) -> set[str]:
    """`taskManager_v2`, `TaskManagers` -> {task, manager, ...}: lower case and singular."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    return {part.lower().removesuffix("s") for part in parts} | {part.lower() for part in parts}


def kinds(base: type[Event] = Event) -> Iterator[type[Event]]:
    for kind in base.__subclasses__():
        yield kind
        yield from kinds(kind)


def of_the_house() -> list[type[Event]]:
    """Every event class that the product defines; tests may define their own."""
    return [kind for kind in kinds() if kind.__module__.startswith("whistle.")]


def test_a_file_fits_in_one_sitting() -> None:
    sizes = {path: path.read_text(encoding="utf-8").count("\n") for path in PRODUCT + WORKSHOP}
    assert {
        str(path): size
        for path, size in sizes.items()
        if size > ONE_FILE.get(str(path.relative_to(HOUSE)), LINES_PER_FILE_MAX)
    } == {}


def test_a_function_fits_on_one_screen() -> None:
    long = [
        f"{path}:{node.lineno} {node.name}"
        for path, tree in trees(PRODUCT + WORKSHOP)
        for node in named(tree)
        if not isinstance(node, ast.ClassDef)
        and (node.end_lineno or 0) - node.lineno >= LINES_PER_FUNCTION_MAX
    ]
    assert long == []


def test_only_the_edge_reads_the_clock() -> None:
    files = [path for path in PRODUCT if path != CLOCK]
    asked = []
    for path, tree in trees(files):
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and CLOCK_READ.search(ast.unparse(node)):
                asked.append(f"{path}:{node.lineno} {ast.unparse(node)}")
            if isinstance(node, ast.ImportFrom) and node.module == "time":
                taken = {alias.name for alias in node.names}
                if taken & {"time", "time_ns", "localtime", "gmtime"}:
                    asked.append(f"{path}:{node.lineno} {ast.unparse(node)}")
    assert asked == []


def test_no_statement_asks_the_database_for_the_time() -> None:
    asked = [
        f"{path}:{node.lineno} {node.value[:60]}"
        for path, tree in trees(PRODUCT)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if CLOCK_SQL.search(node.value)
    ]
    assert asked == []


def test_a_name_says_what_the_thing_is() -> None:
    places = PRODUCT + [path for path in WORKSHOP if "tests" not in path.parts]
    empty = [
        f"{path} {name}"
        for path, tree in trees(places)
        for name in [*Path(path).with_suffix("").parts, *(node.name for node in named(tree))]
        if words(name) & SAYS_NOTHING
    ]
    assert empty == []


@pytest.mark.parametrize("name", ["TaskManager", "whistle_utils", "HTTPService", "loadData"])
def test_an_empty_name_is_recognised(name: str) -> None:
    assert words(name) & SAYS_NOTHING


@pytest.mark.parametrize("name", ["metadata", "informed", "dateline", "serviceable"])
def test_a_word_that_only_contains_an_empty_one_is_fine(name: str) -> None:
    assert not words(name) & SAYS_NOTHING


def test_no_error_is_swallowed_whole() -> None:
    wide = [
        f"{path}:{node.lineno}"
        for path, tree in trees(PRODUCT + WORKSHOP)
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        if node.type is None or re.search(r"\b(Base)?Exception\b", ast.unparse(node.type))
    ]
    assert wide == []


def test_only_the_command_line_prints() -> None:
    printed = [
        f"{path}:{node.lineno}"
        for path, tree in trees([path for path in PRODUCT if path.name != "cli.py"])
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if node.func.id == "print"
    ]
    assert printed == []


def test_what_is_public_explains_itself() -> None:
    silent = [
        f"{path}:{getattr(node, 'lineno', 1)} {getattr(node, 'name', '')}"
        for path, tree in trees(PRODUCT)
        for node in [tree, *tree.body]
        if isinstance(node, (ast.Module, *Named))
        if not getattr(node, "name", "").startswith("_") and not ast.get_docstring(node)
    ]
    assert silent == []


def test_annotations_are_read_where_they_stand() -> None:
    # msgspec reads them at run time
    late = [
        path
        for path, tree in trees(PRODUCT + WORKSHOP)
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "__future__"
    ]
    assert late == []


def closed(function: Function) -> bool:
    """Whether every match of the function ends in assert_never, and it has such an end at all."""
    matches = [node for node in ast.walk(function) if isinstance(node, ast.Match)]
    ends = [match.cases[-1].body[-1] for match in matches] or [function.body[-1]]
    return all(ast.unparse(end).startswith("assert_never(") for end in ends)


def test_what_evolves_knows_every_event() -> None:
    open_ended = [
        f"{path}:{node.lineno} {node.name}"
        for path, tree in trees(PRODUCT)
        for node in named(tree)
        if not isinstance(node, ast.ClassDef)
        and node.name.strip("_").startswith("evolve")
        and not closed(node)
    ]
    assert open_ended == []


def test_every_event_is_in_the_codec_under_its_own_topic() -> None:
    told = [kind for kind in of_the_house() if kind.topic or not kind.__subclasses__()]
    assert Counter(kind.topic for kind in told) == Counter(list(EVENTS))
    assert [topic for topic, kind in EVENTS.items() if kind.topic != topic] == []


def test_a_topic_is_short_and_carries_its_version() -> None:
    assert [topic for topic in EVENTS if not TOPIC.fullmatch(topic)] == []


def test_an_event_says_in_one_sentence_what_happened() -> None:
    said = {kind.__name__: " ".join((kind.__doc__ or "").split()) for kind in EVENTS.values()}
    assert {n: text for n, text in said.items() if not re.fullmatch(r"[^.]+[.?]", text)} == {}


def test_an_event_is_kept_as_a_golden_file() -> None:
    wanted = [f"{topic.replace('/', '-')}.json" for topic in EVENTS]
    assert [name for name in wanted if not (GOLDEN / name).is_file()] == []


def test_a_golden_file_belongs_to_an_event() -> None:
    # an older version of a topic keeps its file for ever: history still has to be read
    names = {topic.partition("/")[0] for topic in EVENTS}
    assert [f.name for f in GOLDEN.iterdir() if f.stem.rpartition("-")[0] not in names] == []
