"""Mappings in words: those that are shipped, one of them, and the language. Imports no z3."""

from __future__ import annotations

from typing import Any

from ccr_es.observations import mapping_language, mapping_named, shipped_mappings
from ccr_es.observations.mappings.language import RecordMapping
from cli.explain.wording import wrapped
from cli.frame.output import answer, document, strong, table

LANGUAGE = "mapping"


def list_mappings(as_json: bool) -> None:
    """Every shipped mapping."""
    found = shipped_mappings()
    if as_json:
        document("audit.mappings", {"mappings": [_body(m) for m in found]})
        return
    table(("mapping", "system", "form", "reads"), [_line(m) for m in found])


def _line(m: RecordMapping) -> tuple[str, str, str, str]:
    return m.name, m.system, m.form.form, m.about


def explain_mapping(what: str, as_json: bool) -> bool:
    """Print the language, or the mapping of this name; False if it is neither."""
    if what == LANGUAGE:
        text = mapping_language()
        if as_json:
            document("explain.mapping-language", {"markdown": text})
        else:
            answer(text.rstrip())
        return True
    if what not in {m.name for m in shipped_mappings()}:
        return False
    mapping = mapping_named(what)
    if as_json:
        document("explain.mapping", {**_body(mapping), "toml": mapping.text})
        return True
    answer(strong(f"{mapping.name}: {mapping.system}"))
    for line in wrapped(f"{mapping.about}; {len(mapping.kinds)} kinds of rows"):
        answer(line)
    answer()
    answer(mapping.text.rstrip())
    return True


def _body(m: RecordMapping) -> dict[str, Any]:
    return {
        "name": m.name,
        "system": m.system,
        "about": m.about,
        "form": m.form.form,
        "kinds": [str(k.kind) for k in m.kinds],
        "serving": sorted(m.serving),
        "transitions": {k: sorted(v) for k, v in m.transitions.items()},
    }
