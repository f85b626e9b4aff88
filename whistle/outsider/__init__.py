"""The program that outsiders check a bundle with: one file, which imports nothing of Whistle."""

from importlib import resources


def program() -> bytes:
    """The file verify.py, as it is put into a bundle."""
    return resources.files(__name__).joinpath("verify.py").read_bytes()
