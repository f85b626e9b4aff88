"""The library's own contract tests, run against our recorder over our datastore.

Their benchmarks, which assert nothing and print figures, are left out.
"""

import importlib
import sys
import types
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from eventsourcing.persistence import StoredEvent

from whistle.log import postgres_recorder
from whistle.log.recorder import Datastore, Recorder


def _library_tests() -> types.ModuleType:
    """The library's test cases; a cipher that they import and these do not use may be absent."""
    name = "eventsourcing.cipher"
    absent = types.ModuleType(name)
    vars(absent)["AESCipher"] = type("AESCipher", (), {})
    known = sys.modules.setdefault(name, absent)
    try:
        return importlib.import_module("eventsourcing.tests.persistence")
    finally:
        if known is absent:
            del sys.modules[name]


CASES = _library_tests()


class OurRecorder:
    """What every case needs: a recorder of ours over a file, and ids of the type we use."""

    recorder_class: type[Recorder] = Recorder

    @pytest.fixture(autouse=True)
    def _place(self, tmp_path: Path) -> None:
        self.path = tmp_path / "recorder.db"

    def new_originator_id(self) -> str:
        return str(uuid4())

    def create_recorder(self) -> Recorder:
        self.datastore = Datastore(str(self.path))
        recorder = self.recorder_class(self.datastore)
        recorder.create_table()
        return recorder

    def test_performance(self) -> None:
        """A benchmark of the library; ours stand in bench/."""

    def test_concurrent_throughput(self) -> None:
        """Another benchmark."""


class WithoutPositions(Recorder):
    """The library expects that a recorder of streams alone does not tell positions; ours does."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        super().insert_events(stored_events, **kwargs)


class OnPostgres:
    """The same over a database of its own; positions follow one another under the lock."""

    recorder_class: type[postgres_recorder.Recorder] = postgres_recorder.Recorder

    @pytest.fixture(autouse=True)
    def _database(self, database: str) -> Iterator[None]:
        self.url = database
        self.datastores: list[postgres_recorder.Datastore] = []
        yield
        for datastore in self.datastores:
            datastore.close()

    def new_originator_id(self) -> str:
        return str(uuid4())

    def create_recorder(self) -> postgres_recorder.Recorder:
        self.datastores.append(postgres_recorder.Datastore(self.url))
        recorder = self.recorder_class(self.datastores[-1])
        recorder.create_table()
        return recorder

    def test_performance(self) -> None:
        """A benchmark of the library."""

    def test_concurrent_throughput(self) -> None:
        """Another benchmark."""


class PostgresWithoutPositions(postgres_recorder.Recorder):
    """As the library has it for a recorder of streams alone."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        super().insert_events(stored_events, **kwargs)


class TestAggregateRecorder(OurRecorder, CASES.AggregateRecorderTestCase):  # type: ignore[name-defined,misc]  # found at run time
    """Streams: what goes in comes out, no version twice, whole batches or nothing."""

    recorder_class = WithoutPositions


class TestApplicationRecorder(OurRecorder, CASES.ApplicationRecorderTestCase):  # type: ignore[name-defined,misc]  # found at run time
    """The one sequence of all events, also under many threads that write at once."""


class TestNonInterleavingNotificationIDs(
    OurRecorder,
    CASES.NonInterleavingNotificationIDsBaseCase,  # type: ignore[name-defined,misc]  # found at run time
):
    """Two batches at once stand one after the other, never mixed."""


class TestPostgresAggregateRecorder(OnPostgres, CASES.AggregateRecorderTestCase):  # type: ignore[name-defined,misc]  # found at run time
    """Streams on PostgreSQL."""

    recorder_class = PostgresWithoutPositions


class TestPostgresApplicationRecorder(OnPostgres, CASES.ApplicationRecorderTestCase):  # type: ignore[name-defined,misc]  # found at run time
    """The one sequence on PostgreSQL, with the library's own subscription to it."""


class TestPostgresNonInterleavingNotificationIDs(
    OnPostgres,
    CASES.NonInterleavingNotificationIDsBaseCase,  # type: ignore[name-defined,misc]  # found at run time
):
    """Two batches at once on PostgreSQL."""
