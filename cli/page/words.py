"""Text made inert: whatever a record holds, on the page it is only text. Sits at the bottom of
`cli.page`.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable

_ODD = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff]"
)
"""Controls, marks that turn the direction of text or hide it, halves of characters."""


def esc(value: object) -> str:
    """A value as the text of an element or an attribute; what cannot be seen is spelled out."""
    text = _ODD.sub(lambda m: f"\\u{ord(m[0]):04x}", str(value))
    return html.escape(text, quote=True)


def embedded(value: object) -> str:
    """A value as JSON that no string in it can end the element of."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def rows(headings: Iterable[str], found: Iterable[Iterable[str]], about: str) -> str:
    """A table; headings are plain text, cells are HTML that was made inert before."""
    head = "".join(f'<th scope="col">{esc(h)}</th>' for h in headings)
    body = "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in row)}</tr>" for row in found)
    return (
        f'<div class="wide" role="region" aria-label="{esc(about)}" tabindex="0">'
        f'<table><caption class="aside">{esc(about)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def facts(found: Iterable[tuple[str, str]]) -> str:
    """Names and values; names are plain text, values HTML that was made inert before."""
    items = "".join(f"<div><dt>{esc(n)}</dt><dd>{v}</dd></div>" for n, v in found)
    return f'<dl class="facts">{items}</dl>'


def code(value: object) -> str:
    """A value in the type of commands and fields."""
    return f"<code>{esc(value)}</code>"


def count(number: int, one: str, many: str = "") -> str:
    """`1 event`, `12 events`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
