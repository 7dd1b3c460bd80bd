"""What the source of a partial record declares about it. Pure data."""

from __future__ import annotations

from dataclasses import dataclass

from models.language.model import Model
from models.language.rule import Rule

WIDTH_MAX = 256


@dataclass(frozen=True)
class Declared:
    """What the source declares: the rules that it does not log (all others it logs completely).

    `width_max` is how many states may be possible at once.
    """

    not_logged: frozenset[str] = frozenset()
    width_max: int = WIDTH_MAX

    def rules(self, model: Model) -> list[Rule]:
        """The rules that may have happened unseen."""
        return [r for r in model.rules.values() if r.name in self.not_logged]
