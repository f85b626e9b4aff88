"""The rule pack, unit register and calendar that come with the program, as TOML texts."""


def text(name: str) -> str:
    """A shipped file whole, e.g. `default.toml`. Raises FileNotFoundError for any other name."""
    from importlib.resources import files  # here, because only init reads a shipped file

    return files(__name__).joinpath(name).read_text(encoding="utf-8")


def ticket_maps() -> list[str]:
    """The shipped maps of live tickets, by file name."""
    from importlib.resources import files

    found = (each.name for each in (files(__name__) / "maps").iterdir())
    return sorted(name for name in found if name.endswith(".toml"))
