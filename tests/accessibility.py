"""Whether a page can be used by everybody, as far as that can be read off its text: language,
title, headings in order, landmarks, names for pictures, tables and links, contrast in both colour
schemes.

What a browser's own checkers look for, for the elements that our pages are made of.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "img", "input", "link", "hr"}
TEXT = {
    "ink": ("paper", "panel", "wash"),
    "soft": ("paper", "panel", "wash"),
    "link": ("paper", "panel", "wash"),
    "bad": ("paper", "panel", "wash"),
    "good": ("paper",),
    "odd": ("paper",),
}
"""Colours of text, and what they stand on: WCAG 2.2 asks for 4.5 to 1."""
MARKS = dict.fromkeys(("serve", "down", "frozen", "cut"), ("paper",))
"""Colours of marks: 3 to 1."""


@dataclass
class Element:
    """An element with its attributes, children and text."""

    name: str
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def all(self) -> Iterator[Element]:
        """This one and every one below, in order."""
        yield self
        for child in self.children:
            yield from child.all()

    @property
    def words(self) -> str:
        """All text below."""
        return self.text + "".join(c.words for c in self.children)

    @property
    def hidden(self) -> bool:
        """Whether it says that it is only to be looked at."""
        return self.attributes.get("aria-hidden") == "true"


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {k: v or "" for k, v in attrs})
        self._open[-1].children.append(made)
        if tag not in VOID:
            self._open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].children.append(Element(tag, {k: v or "" for k, v in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if any(e.name == tag for e in self._open):
            while self._open.pop().name != tag:
                pass

    def handle_data(self, data: str) -> None:
        self._open[-1].text += data


def parsed(page: str) -> Element:
    """The page as a tree."""
    tree = _Tree()
    tree.feed(page)
    return tree.root


def troubles(page: str) -> list[str]:
    """Everything that is wrong."""
    elements = list(parsed(page).all())
    return [
        *_document(elements),
        *_headings(elements),
        *_names(elements),
        *_links(elements),
        *_contrast(page),
    ]


def _document(elements: list[Element]) -> Iterator[str]:
    found = Counter(e.name for e in elements)
    if not any(e.name == "html" and e.attributes.get("lang") for e in elements):
        yield "the language is not said"
    if not any(e.name == "title" and e.words.strip() for e in elements):
        yield "there is no title"
    if found["main"] != 1:
        yield f"{found['main']} main landmarks"
    first = next((e for e in elements if e.name == "a"), None)
    if first is None or first.attributes.get("href") != "#main":
        yield "the first link does not skip to the content"
    for e in elements:
        if e.name == "nav" and not e.attributes.get("aria-label"):
            yield "a nav without a name"
        if e.attributes.get("tabindex", "0") not in ("0", "-1"):
            yield f"a {e.name} with the tabindex {e.attributes['tabindex']}"


def _headings(elements: list[Element]) -> Iterator[str]:
    before = 0
    for e in elements:
        if re.fullmatch(r"h[1-6]", e.name):
            level = int(e.name[1])
            if level > before + 1:
                yield f"heading {level} ({e.words}) after heading {before}"
            if not e.words.strip():
                yield "an empty heading"
            before = level
    if sum(e.name == "h1" for e in elements) != 1:
        yield "not one h1"


def _names(elements: list[Element]) -> Iterator[str]:
    for e in elements:
        at = e.attributes
        if e.name == "svg" and not e.hidden:
            if at.get("role") != "img" or not at.get("aria-label"):
                yield "a drawing without a name"
        if e.name == "table":
            inside = [x.name for x in e.all()]
            if "caption" not in inside or "th" not in inside:
                yield "a table without a caption or headings"
        if e.name == "th" and not at.get("scope"):
            yield f"a heading of a table ({e.words}) without a scope"
        if at.get("role") == "region" and not at.get("aria-label"):
            yield "a region without a name"
        if e.name == "section" and not at.get("aria-labelledby"):
            yield "a section without a name"
        if e.name == "a" and not e.words.strip():
            yield "a link without words"


def _links(elements: list[Element]) -> Iterator[str]:
    counted = Counter(e.attributes["id"] for e in elements if "id" in e.attributes)
    for name, times in counted.items():
        if times > 1:
            yield f"{times} elements have the id {name}"
    for e in elements:
        href = e.attributes.get("href", "#")
        for name in (href[1:], e.attributes.get("aria-labelledby", "")):
            if name and name not in counted:
                yield f"nothing has the id {name}"


def schemes(page: str) -> list[dict[str, str]]:
    """The colours of the light and of the dark scheme, by name."""
    blocks = re.findall(r":root \{(.*?)\}", page, re.DOTALL)
    light, dark = (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", b)) for b in blocks[:2])
    return [light, {**light, **dark}]


def _contrast(page: str) -> Iterator[str]:
    for scheme, word in zip(schemes(page), ("light", "dark"), strict=True):
        for found, least in ((TEXT, 4.5), (MARKS, 3.0)):
            for name, below in found.items():
                for ground in below:
                    ratio = contrast(scheme, name, ground)
                    if ratio < least:
                        yield f"{word}: {name} on {ground} is {ratio:.2f} to 1"


def contrast(scheme: Mapping[str, str], one: str, other: str) -> float:
    """The ratio of WCAG for two colours of a scheme."""
    high, low = sorted((_luminance(scheme[n]) for n in (one, other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
