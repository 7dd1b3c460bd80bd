"""What the source of a partial record declares about it: by the options of a call, or in the record
itself, by attributes of its first line (`declaration` describes them). Pure data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.language.model import Model
from models.language.rule import Rule
from models.plain.layout import Value

from ..errors_audit import PartialMalformed

WIDTH_MAX = 256
NOT_LOGGED, COMPLETE = "ccrnotlogged", "ccrcomplete"
PARTIES, UNKNOWN_FIELDS = "ccrparties", "ccrunknown"
OUTSIDE = "outside"
"""The party of what no member's services do: commands of the world, faults, time."""


_DECLARATION = f"""\
A partial record is what `ccr log export` writes, with lines or fields left out. Its first line is
the creation of the cluster, whole; of the other lines only `type` is needed. By these attributes
of the first line (text, names parted by commas) it says what may be concluded from silence:

  {NOT_LOGGED}  kinds that are not logged: R202, claim_lock or WitnessClaimed
  {COMPLETE}   kinds of which every event is there, or `all`; any other may be missing
  {PARTIES}    nodes (and `outside`: commands, faults, time) of which everything is there,
                whatever its kind; alone, it says that anything of others may be missing
  {UNKNOWN_FIELDS}    fields that are not known: `time`, `number`, `args`, `args.n`; a value that
                stands there all the same is passed over

With {PARTIES} one of the first two may stand, not both. --not-logged and --complete go before
what the record says. `ccr log export --node` and `--without` write these attributes.
"""


def declaration() -> str:
    """How a record declares what it lacks, for people who write one."""
    return _DECLARATION


@dataclass(frozen=True)
class Declared:
    """What the source declares: the rules that it does not log (all others it logs completely), the
    parties of which it logs everything all the same, the fields that it does not know.

    `width_max` is how many states may be possible at once.
    """

    not_logged: frozenset[str] = frozenset()
    width_max: int = WIDTH_MAX
    parties: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()

    def rules(self, model: Model) -> list[Rule]:
        """The rules that may have happened unseen."""
        found = [r for r in model.rules.values() if r.name in self.not_logged]
        return [r for r in found if r.actor.on is not None or OUTSIDE not in self.parties]

    def logs(self, rule: Rule, args: Mapping[str, Value]) -> bool:
        """Whether whose step this is has everything logged."""
        return party_of(rule, args) in self.parties


def party_of(rule: Rule, args: Mapping[str, Value]) -> str:
    """The member whose services take a step, or `outside`."""
    return OUTSIDE if rule.actor.on is None else str(args.get(rule.params[0][0], OUTSIDE))


def declared_in(attributes: Mapping[str, Any], model: Model, width_max: int) -> Declared | None:
    """What a record's first line declares; None if it declares nothing.

    Raises `PartialMalformed` for a kind that the model has not.
    """
    told = {n: _names(attributes[n]) for n in (NOT_LOGGED, COMPLETE, PARTIES) if n in attributes}
    if not told:
        return None
    if NOT_LOGGED in told and COMPLETE in told:
        raise PartialMalformed(f"line 1 has both {NOT_LOGGED} and {COMPLETE}")
    if NOT_LOGGED in told:
        missing = _rules(told[NOT_LOGGED], model)
    elif told.get(COMPLETE) == ["all"]:
        missing = frozenset()
    else:
        missing = frozenset(model.rules) - _rules(told.get(COMPLETE, []), model)
    unknown = frozenset(_names(attributes.get(UNKNOWN_FIELDS, "")))
    return Declared(missing, width_max, frozenset(told.get(PARTIES, ())), unknown)


def _names(text: Any) -> list[str]:
    return [name.strip() for name in str(text).split(",") if name.strip()]


def _rules(names: list[str], model: Model) -> frozenset[str]:
    found = set()
    for name in names:
        rule = model.numbered(name)
        if not isinstance(rule, Rule):
            raise PartialMalformed(f"line 1 declares {name!r}, no kind of event of the model"[:200])
        found.add(rule.name)
    return frozenset(found)
