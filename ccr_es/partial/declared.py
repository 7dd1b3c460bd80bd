"""What the source of a partial record declares about it: by the options of a call, or in the record
itself, by attributes of its first line (`declaration` describes them). Pure data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.language.model import Model
from models.language.rule import Rule
from models.plain.layout import Layout, Value

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

Where the cluster goes by another model (ModelAdopted), that line brings it along as the export
does, data.model and data.model_data; lines before it are judged by the one, lines after it by the
other, and a kind may be declared that only one of them has.

Parts of one record (`ccrpart` says whose) begin with the same creation. Their lines belong together
by data.number; without numbers, every order is tried that the rules allow, each part's own order,
and its clock: data.time is then by a clock that may be wrong, by the same all the time.

With {PARTIES} one of the first two may stand, not both. --not-logged and --complete go before
what the record says. `ccr log export --node` and `--without` write these attributes.
"""


def declaration() -> str:
    """How a record declares what it lacks, for people who write one."""
    return _DECLARATION


@dataclass(frozen=True)
class Declared:
    """What the source declares: the kinds that it does not log (all others it logs completely) or,
    if `complete` is given, those that it logs completely (all others may be missing); the parties
    of which it logs everything all the same, the fields that it does not know.

    A kind is a rule's name or number, or its event. `width_max` is how many states may be possible
    at once.
    """

    not_logged: frozenset[str] = frozenset()
    width_max: int = WIDTH_MAX
    parties: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()
    complete: frozenset[str] | None = None

    def rules(self, model: Model, layout: Layout) -> list[Rule]:
        """The rules of a model that somebody may have followed unseen."""
        named = {rule.name for n in self._named if isinstance(rule := model.numbered(n), Rule)}
        seen = self.complete is not None
        found = [r for r in model.rules.values() if (r.name in named) != seen]
        return [r for r in found if not self._told_by_all(r, layout)]

    def _told_by_all(self, rule: Rule, layout: Layout) -> bool:
        """Whether everybody who may follow a rule has everything logged."""
        sort = rule.actor.on
        if sort is None:
            return OUTSIDE in self.parties
        return not sort.open and self.parties.issuperset(layout.members(sort))

    def strange(self, model: Model) -> frozenset[str]:
        """What it names that is no kind of event of a model."""
        return frozenset(n for n in self._named if not isinstance(model.numbered(n), Rule))

    @property
    def _named(self) -> frozenset[str]:
        return self.not_logged if self.complete is None else self.complete

    def logs(self, rule: Rule, args: Mapping[str, Value]) -> bool:
        """Whether whose step this is has everything logged."""
        return party_of(rule, args) in self.parties


def party_of(rule: Rule, args: Mapping[str, Value]) -> str:
    """The member whose services take a step, or `outside`."""
    return OUTSIDE if rule.actor.on is None else str(args.get(rule.params[0][0], OUTSIDE))


def declared_in(attributes: Mapping[str, Any], width_max: int) -> Declared | None:
    """What a record's first line declares; None if it declares nothing. Raises
    `PartialMalformed`.
    """
    told = {n: _names(attributes[n]) for n in (NOT_LOGGED, COMPLETE, PARTIES) if n in attributes}
    if not told:
        return None
    if NOT_LOGGED in told and COMPLETE in told:
        raise PartialMalformed(f"line 1 has both {NOT_LOGGED} and {COMPLETE}")
    missing = frozenset(told.get(NOT_LOGGED, ()))
    complete = None if NOT_LOGGED in told else frozenset(told.get(COMPLETE, ()))
    if told.get(COMPLETE) == ["all"]:
        complete = None
    unknown = frozenset(_names(attributes.get(UNKNOWN_FIELDS, "")))
    return Declared(missing, width_max, frozenset(told.get(PARTIES, ())), unknown, complete)


def _names(text: Any) -> list[str]:
    return [name.strip() for name in str(text).split(",") if name.strip()]
