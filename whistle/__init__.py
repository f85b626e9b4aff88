"""Whistle: a town blows, the departments report in, and the record can be proved."""

__version__ = "0.1.0"
