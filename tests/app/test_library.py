"""The library page: components with their arguments, and the guides."""

from dl_techniques import catalog
from dl_techniques.ui.component_reference import KINDS, matching, row_of
from dl_techniques.ui.guides import inside_app


def texts(app):
    return " ".join(m.value for m in app.markdown)


def test_every_kind_is_listed_with_its_number(compute, page):
    app = page("library")
    assert len(app.expander) == len(catalog.entries("layer"))
    for kind in KINDS:
        app.pills(key="library-kind").set_value(kind).run()
        assert not app.exception
        assert len(app.expander) == len(catalog.entries(kind)), kind


def test_search_reads_names_ideas_and_papers(compute, page):
    app = page("library")
    app.text_input(key="library-search").set_value("band rms").run()
    found = [e.label for e in app.expander]
    assert found
    assert all("BandRMS" in label for label in found)
    assert not list(matching(catalog.entries("layer"), "no such thing", None))


def test_a_row_says_what_is_legal():
    rate = catalog.get("layer", "Dropout").argument("rate")
    row = row_of(rate)
    assert row["argument"] == "`rate`"
    assert row["is"] == rate.rule()


def test_guides_are_shown_and_point_to_each_other(compute, page):
    app = page("library", guide="analysis")
    assert "Agreement with other packages" in texts(app)
    assert "](library?guide=performance)" in texts(app)
    assert inside_app("[x](gallery.md) [y](models.md#small)") == (
        "[x](#) [y](library?guide=models)"
    )
