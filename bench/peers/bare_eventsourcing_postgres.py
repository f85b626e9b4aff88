"""The library under our log on PostgreSQL, as its own tutorial has it; see bare_eventsourcing."""

from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from bench.peers import bare_eventsourcing
from bench.postgres_limits import address


class Peer(bare_eventsourcing.Peer):
    """One database and the application on it."""

    def __init__(self, folder: Path) -> None:
        told = conninfo_to_dict(address(folder))
        self.town = bare_eventsourcing.Town(
            {
                "PERSISTENCE_MODULE": "eventsourcing.postgres",
                "POSTGRES_DBNAME": str(told["dbname"]),
                "POSTGRES_HOST": str(told["host"]),
                "POSTGRES_PORT": "5432",
                "POSTGRES_USER": str(told["user"]),
                "POSTGRES_PASSWORD": "none",  # asked for, though the server asks nobody
            }
        )

    def bytes(self) -> int:
        """Not asked for here."""
        return 0
