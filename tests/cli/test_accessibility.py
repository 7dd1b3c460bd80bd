"""The check of pages for everybody's use can fail, each part of it."""

from __future__ import annotations

import pytest

from tests.accessibility import troubles

GOOD_PAGE = (
    '<html lang="en"><title>t</title><a href="#main">skip</a><style>:root { --paper: #ffffff;'
    " --panel: #ffffff; --wash: #ffffff; --ink: #000000; --soft: #000000; --link: #000000;"
    " --bad: #000000; --good: #000000; --odd: #000000; --serve: #000000;"
    " --down: #000000; --frozen: #000000; --cut: #000000; } :root { --ink: #111111; }</style>"
    '<main id="main"><h1>a</h1><h2>b</h2></main></html>'
)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (' lang="en"', "", "the language is not said"),
        ("<title>t</title>", "", "there is no title"),
        ('<a href="#main">skip</a>', "", "the first link does not skip"),
        ("<h2>b</h2>", "<h3>b</h3>", "heading 3 (b) after heading 1"),
        ("<h2>b</h2>", "<h1>b</h1>", "not one h1"),
        ("<h2>b</h2>", "<svg></svg>", "a drawing without a name"),
        ("<h2>b</h2>", "<table><td>1</td></table>", "a table without a caption"),
        ("<h2>b</h2>", '<p tabindex="3">b</p>', "the tabindex 3"),
        ("<h2>b</h2>", '<p id="main">b</p>', "2 elements have the id main"),
        ("<h2>b</h2>", '<a href="#gone">b</a>', "nothing has the id gone"),
        ("<h2>b</h2>", "<nav></nav>", "a nav without a name"),
        ("--soft: #000000", "--soft: #999999", "light: soft on paper is 2.85 to 1"),
        ("--ink: #111111", "--ink: #dddddd", "dark: ink on paper is 1.36 to 1"),
    ],
)
def test_the_check_can_fail(old: str, new: str, said: str) -> None:
    assert troubles(GOOD_PAGE) == []
    assert any(said in t for t in troubles(GOOD_PAGE.replace(old, new, 1)))
