from pathlib import Path

from tests.visualization.cases import CASES

DOCS = Path(__file__).parents[2] / "docs"


def test_gallery_shows_every_figure_in_few_bytes():
    text = (DOCS / "gallery.md").read_text(encoding="utf-8")
    for case in CASES:
        assert f"`{case.draw.__name__}(" in text
        assert f"(images/gallery/{case.name}.png)" in text
        assert (DOCS / "images" / "gallery" / f"{case.name}.png").exists()
    pictures = (DOCS / "images").rglob("*.png")
    assert sum(p.stat().st_size for p in pictures) < 1_500_000
