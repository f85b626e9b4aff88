"""The column maps that come with the program, as TOML texts."""


def text(name: str) -> str:
    """A shipped map whole, e.g. `sf-fire`. Raises FileNotFoundError for any other name."""
    from importlib.resources import files  # here, because only an import of a table reads a map

    if name not in names():
        raise FileNotFoundError(name)
    return files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")


def names() -> list[str]:
    """The names of the shipped maps."""
    from importlib.resources import files

    found = (each.name for each in files(__name__).iterdir())
    return sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml"))
