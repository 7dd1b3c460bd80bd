"""The page around its chapters: one document with its style and script inside, and a policy that
lets nothing else in.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files

from cli import __version__
from cli.page.words import esc

MARK = "<!doctype html><!-- ccr page -->"
"""How a page of ours begins: only such a file is written over."""
GOOD, BAD, ODD = "holds", "violated", "unknown"
TOLD = "told"
"""In place of a verdict, where nothing is judged."""
_SIGNS = {
    GOOD: '<circle cx="12" cy="12" r="10"/><path d="M7 12.5l3.5 3.5 6.5-8"/>',
    BAD: '<rect x="2" y="2" width="20" height="20" rx="2"/><path d="M7.5 7.5l9 9m0-9l-9 9"/>',
    ODD: '<path d="M12 1l11 11-11 11L1 12z"/><path d="M12 7v6m0 3v.5"/>',
}


@dataclass(frozen=True)
class Chapter:
    """A section of the page: its anchor, its heading, and HTML that was made inert before."""

    id: str
    title: str
    body: str


@dataclass(frozen=True)
class Part:
    """One audited record: the verdict in a word, a sentence about it, chapters."""

    verdict: str
    lead: str
    name: str
    chapters: Sequence[Chapter]
    word: str = ""
    """The verdict as it is said, if in another word."""
    brief: str = ""
    """What happened, in short: HTML below the lead."""


def sign(verdict: str) -> str:
    """The verdict's shape, beside the word that says it; nothing where nothing is judged."""
    if verdict not in _SIGNS:
        return ""
    shape = _SIGNS[verdict]
    return f'<svg class="sign" viewBox="0 0 24 24" aria-hidden="true">{shape}</svg>'


def page(kind: str, verdict: str, parts: Sequence[Part]) -> str:
    """The whole document. `kind` says what it is (`Audit`)."""
    style, script = _text("style.css"), _text("keys.js")
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)};"
        " base-uri 'none'; form-action 'none'"
    )
    title = f"{kind}: {', '.join(p.name for p in parts)}: {verdict}"
    several = len(parts) > 1
    body = "".join(_part(p, kind, several) for p in parts)
    if several:
        said = f"{kind} of {len(parts)} records"
        body = f"{_header(verdict, said, verdict, '', 'h1')}{body}"
    return (
        f'{MARK}\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{esc(policy)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f'<meta name="generator" content="ccr {esc(__version__)}">'
        f"<title>{esc(title)}</title><style>{style}</style></head><body>"
        '<a class="skip" href="#main">Skip to the content</a>'
        f'{_contents(parts)}<main id="main" tabindex="-1">{body}</main>'
        f"<footer><p>Made by ccr {esc(__version__)}. The page holds everything it shows; it asks"
        ' no other machine for anything.</p><p class="keys" hidden>Keys: <kbd>j</kbd> and'
        " <kbd>k</kbd> go to the next and the previous event or finding, <kbd>n</kbd> and"
        " <kbd>p</kbd> to findings only, <kbd>o</kbd> opens what is folded.</p></footer>"
        f"<script>{script}</script></body></html>\n"
    )


def _part(part: Part, kind: str, several: bool) -> str:
    said = f"{kind} of {part.name}"
    level, below = ("h2", "h3") if several else ("h1", "h2")
    sections = "".join(
        f'<section id="{esc(c.id)}" aria-labelledby="{esc(c.id)}-h">'
        f'<{below} id="{esc(c.id)}-h">{esc(c.title)}</{below}>{c.body}</section>'
        for c in part.chapters
    )
    head = _header(part.verdict, said, part.word or part.verdict, part.lead, level)
    return f"<article>{head}{part.brief}{sections}</article>"


def _header(verdict: str, said: str, word: str, lead: str, level: str) -> str:
    told = f'<p class="lead">{lead}</p>' if lead else ""
    return (
        f'<header class="verdict {esc(verdict)}"><p class="eyebrow">{esc(said)}</p>'
        f"<{level}>{sign(verdict)}<span>{esc(word)}</span></{level}>{told}</header>"
    )


def _contents(parts: Sequence[Part]) -> str:
    items = "".join(
        f'<li><a href="#{esc(c.id)}">{esc(c.title)}</a></li>' for p in parts for c in p.chapters
    )
    return f'<nav aria-label="Contents"><ul>{items}</ul></nav>'


def _text(name: str) -> str:
    return files("cli.page").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = base64.b64encode(sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
