"""Lists as offices keep them, .csv and .xlsx: units, persons and items of a town.

A table becomes the same keys and values that a TOML file would have, so that one set of rules
judges both; what is wrong is told with file, row and column.
"""
