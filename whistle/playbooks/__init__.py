"""The rule pack, unit register and calendar that come with the program, as TOML texts."""


def text(name: str) -> str:
    """A shipped file whole, e.g. `default.toml`. Raises FileNotFoundError for any other name."""
    from importlib.resources import files  # here, because only init reads a shipped file

    return files(__name__).joinpath(name).read_text(encoding="utf-8")
