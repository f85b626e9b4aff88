"""How large a store on a server is, part by part: what PostgreSQL itself counts."""

from whistle.log.reader import SQLReader
from whistle.log.sizes import PARTS, Sizes, part_of

_TABLES = """
SELECT c.relname, pg_table_size(c.oid), pg_indexes_size(c.oid) FROM pg_class c
WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
"""


def sizes(reader: SQLReader) -> Sizes:
    """Count the bytes of each part; together they are the store's tables, not the whole server."""
    parts = dict.fromkeys(PARTS, 0)
    for name, table, indexes in reader.scan(_TABLES):
        parts[part_of(name)] += table
        parts["indexes"] += indexes
    return Sizes(parts, "pages")
