"""What `--set` and `--sweep` take besides parameters: a field that a command sets as it is told,
and how many members there are of a sort. Must not import a prover or the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ccr_es.errors import BadConfig, CcrError
from cli.frame.base import settings
from cli.frame.pairs import pairs_of_numbers
from cli.session.presets import PRESETS
from cli.session.subject import subject
from models.language.model import Instance
from models.language.settings import near, parameter_for, settings_of, with_setting

if TYPE_CHECKING:
    from specs.report import Report


def pinned(texts: Iterable[str]) -> tuple[list[str], list[str]]:
    """`NAME=...` for what is set or swept, a setting made a parameter, which the subject of this
    call has from now on; and what is to be said of it.
    """
    found, notes = [], []
    for text in texts:
        name, equals, rest = text.partition("=")
        here = subject()
        known = settings_of(here.model)
        name = next((n for n in known if parameter_for(n) == name), name)
        if name in known:
            rules = " and ".join(dict.fromkeys(s.rule for s in known[name]))
            made = with_setting(here.model, name)
            first, _ = made.schema.parameters[parameter_for(name)]
            notes.append(f"{name} is set by {rules}; until then it is {first}")
            settings().subject = replace(here, model=made, base=here.base or here)
            name = parameter_for(name)
        found.append(f"{name}{equals}{rest}")
    return found, notes


def parameters_of(preset: str | None, changed: Sequence[str]) -> Mapping[str, int] | None:
    """None: any that obey the inequalities. Raises `BadConfig` for a preset or name not there."""
    if preset is None and not changed:
        return None
    if preset is not None and preset not in PRESETS:
        raise BadConfig(f"there is no preset {preset}", f"There are {', '.join(PRESETS)}")
    found = {**PRESETS.get(preset or "", {}), **pairs_of_numbers(changed)}
    for name in found:
        if name not in subject().model.schema.parameters:
            raise unknown_name(name, BadConfig)
    return found


def unknown_name(name: str, error: type[CcrError]) -> CcrError:
    """The error for a name that is no parameter, setting or sort: it names the near ones."""
    meant = near(subject().model, name)
    hint = f"Nearest: {', '.join(meant)}" if meant else "This model has none"
    return error(f"there is no parameter or setting {name}", hint)


def released(report: Report) -> Report:
    """The report with its runs as those of the model itself, which the subject is again."""
    here = subject()
    if here.base is None:
        return report
    known = here.base.model.schema.parameters
    settings().subject = here.base
    runs = {}
    for number, run in report.runs.items():
        kept = {n: v for n, v in run.instance.parameters.items() if n in known}
        runs[number] = replace(run, instance=Instance(run.instance.members, kept))
    return replace(report, runs=runs)
