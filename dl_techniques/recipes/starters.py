"""The named experiments of the repository, as starting points."""

from pathlib import Path
from typing import NamedTuple

from dl_techniques.recipes.io import loads
from dl_techniques.recipes.schema import Recipe

FOLDER = Path(__file__).parents[2] / "experiments"


class Example(NamedTuple):
    """One named experiment.

    Attributes:
        slug: The file's name without its ending.
        title: One line.
        text: What to expect and why.
        recipe: What is run.
    """

    slug: str
    title: str
    text: str
    recipe: Recipe


def examples(folder: Path | None = None) -> tuple[Example, ...]:
    """Returns the experiments by file name; none where the folder is missing.

    The comment at a file's head is its title (first line) and text.
    """
    paths = sorted((folder or FOLDER).glob("*.yaml"))
    return tuple(_read(path) for path in paths)


def _read(path: Path) -> Example:
    source = path.read_text(encoding="utf-8")
    head = []
    for line in source.splitlines():
        if not line.startswith("#"):
            break
        head.append(line.removeprefix("#").strip())
    title = head[0] if head else path.stem
    return Example(path.stem, title, " ".join(head[1:]), loads(source))
