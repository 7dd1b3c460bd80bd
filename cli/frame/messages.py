"""The catalogue of messages: every error a user can cause, by its code, read off the errors
themselves.

`ccr explain CCR120` shows an entry. There is no second list: an entry is an error class's
docstring. Sits above `ccr_es.errors`; imported only when something went wrong or is to be
explained.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from importlib import import_module

from cli.session.refusals import coloured
from models.language.misuse import ModelError

_WHERE = (
    "ccr_es.errors",
    "ccr_es.errors_audit",
    "ccr_es.observations.errors",
    "cli.frame.errors",
)


@dataclass(frozen=True)
class Message:
    """One entry: its code, the exit code it leads to, what it means and what to do."""

    code: str
    exit_code: int
    name: str
    about: str


def catalogue() -> dict[str, Message]:
    """Every message by its code, in order of the codes."""
    for module in _WHERE:
        import_module(module)
    from ccr_es.errors import CcrError

    found: dict[str, Message] = {}
    waiting: list[type[CcrError]] = [CcrError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        code = kind.__dict__.get("code")
        if code:
            about = inspect.cleandoc(kind.__doc__ or "")
            found[code] = Message(code, kind.exit_code, kind.__name__, about)
    return dict(sorted(found.items()))


def code_and_exit(error: Exception) -> tuple[str, int]:
    """The message code and the exit code of a known error."""
    from ccr_es.errors import CcrError

    if isinstance(error, CcrError):
        return error.code, error.exit_code
    return "", 2


def described(error: Exception) -> str | None:
    """The line (or, for a refusal, the lines) to print for `error`; None if it is not one a user
    can cause.
    """
    from ccr_es.errors import CcrError

    if isinstance(error, CcrError):
        details: tuple[str, ...] = getattr(error, "details", ())
        return "\n".join([coloured(f"ccr: {error.code}: ", str(error)), *details])
    if isinstance(error, ModelError):
        return coloured("ccr: ", str(error))
    return None
