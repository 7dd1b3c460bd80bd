"""A run as a test that pytest runs: it fails as long as the run breaks the property, and passes
once the rules refuse a step of it or the property holds on all of it. Sits above `runs`.
"""

from __future__ import annotations

from pathlib import Path
from pprint import pformat

from models.language.model import Property
from specs.runs import Run

_TEXT = '''"""{number} {name}: {sentence}

A run of {steps} steps broke it. This test fails while it still does, and passes once a step of the
run is refused, or the property holds on all of it. Written by ccr.
"""

from __future__ import annotations

import pytest

from models.language.model import Instance
from models.plain.reader import Step
from specs.runs import BadRun, Run, confirm
{imports}

INSTANCE = Instance(
    {members},
    {parameters},
)
STEPS = (
{lines}
)


def test_this_run_does_not_break_{name}() -> None:
    prop = MODEL.numbered("{number}")
    assert prop is not None, "the property {number} is gone"
    try:
        found = confirm(MODEL, Run(INSTANCE, STEPS), prop)
    except BadRun:
        return  # the rules refuse a step of it: the run cannot happen any more
    if found is not None:
        step = STEPS[found.step - 1].rule if found.step else "the initial state"
        pytest.fail(f"{number} {name} is broken at step {{found.step}}, by {{step}}")
'''


def regression(prop: Property, run: Run, model_file: Path | None) -> str:
    """The test file. `model_file` is where the model is defined, None for the CCR model."""
    imports = "from specs.catalogue import CCR as MODEL"
    if model_file is not None:
        imports = f'import runpy\n\nMODEL = runpy.run_path({str(model_file.resolve())!r})["MODEL"]'
    members = pformat({k: tuple(v) for k, v in run.instance.members.items()})
    return _TEXT.format(
        number=prop.number, name=prop.name, sentence=prop.sentence, steps=len(run),
        imports=imports, members=members, parameters=pformat(dict(run.instance.parameters)),
        lines="\n".join(f"    Step({s.rule!r}, {dict(s.args)!r})," for s in run.steps),
    )  # fmt: skip
