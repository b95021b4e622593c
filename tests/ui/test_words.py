"""Text and numbers on pages."""

import pytest

from dl_techniques.ui.words import amount, plain


def test_markup_is_shown_as_it_is():
    assert plain("a_b [c] $x$") == r"a\_b \[c\] \$x\$"
    assert plain("`x_1`") == r"\`x\_1\`"


def test_code_stays_code():
    assert plain("`kernel_size` is 3_0", code=True) == r"`kernel_size` is 3\_0"
    assert plain("half ` open_", code=True) == r"half \` open\_"


@pytest.mark.parametrize(
    ("number", "text"),
    [(7, "7 "), (1234, "1.23 k"), (28_589_128, "28.6 M"), (2e9, "2 G")],
)
def test_amounts_have_letters(number, text):
    assert amount(number) == text
