"""What the board, the lock and the epochs promise, judged by what is on record of them.

Sits above `witness` and `finding`.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations, pairwise, permutations

from ..kinds import Kind, lines_of, tag_text
from ..vocabulary import Observation, Record
from . import witness
from .clocks import Clocks, accepted_writes, board_falls, lead_text
from .finding import BROKEN, KEPT, NOTE, OPEN, Finding
from .serving import nearest
from .stretch import Stretch
from .witness import Hold


def board(record: Record, held: list[Hold]) -> list[Finding]:
    """The compare-and-set kept its promises: it raised the tag, refused a lower one, and was done
    under the lock.
    """
    accesses = record.of(Kind.BOARD_ACCESS)
    if not accesses:
        return []
    falls = board_falls(record)
    refused = [o for o in accesses if not o.accepted]
    odd = [o for o in refused if (o.proposed or ()) > (o.seen or ())]
    name, lines = "board_only_grows", lines_of(accesses)
    if falls:
        lines = lines_of(o for fall in falls for o in fall)
        text = "an accepted write did not raise the tag on the board"
        found = [Finding(name, BROKEN, text, lines)]
    else:
        text = f"each accepted write ({len(accesses) - len(refused)}) raised the tag"
        if refused and not odd:
            text += f", each refused one ({len(refused)}) would not have"
        found = [Finding(name, KEPT, text, lines)]
    if odd:
        text = "a write that would have raised the tag was refused; why is not on record"
        found.append(Finding("refused_without_need", NOTE, text, lines_of(odd)))
    bare = set(map(id, accepted_writes(record))) - {id(w) for h in held for w in h.writes}
    without = [w for w in accesses if id(w) in bare]
    if without:
        text = "an accepted write was made and the lock for it is not on record"
        need = f"when the lock was granted for line {without[0].line}"
        found.append(Finding("write_under_lock", OPEN, text, lines_of(without), needs=(need,)))
    elif len(refused) < len(accesses):
        text = "each accepted write was made while its party had the lock"
        lines = lines_of(o for h in held if h.writes for o in (h.granted, *h.writes))
        found.append(Finding("write_under_lock", KEPT, text, lines))
    return found


def lock(record: Record, held: list[Hold], clocks: Clocks) -> list[Finding]:
    """Two parties had the lock at once. Only holds of which both ends are on record can show
    that.
    """
    whole = tuple(
        Stretch(h.granted.party, True, h.granted, h.released)
        for h in held
        if h.released is not None
    )
    for one, other in combinations(record.parties, 2):
        for o in nearest(whole, clocks, one, other):
            if o.status(clocks) == "certain":
                lines = lines_of((o.a.start, o.a.end, o.b.start, o.b.end))
                text = f"two nodes had the lock at once: {o.a.words} and {o.b.words}"
                return [Finding("one_lock_holder", BROKEN, text, lines)]
    return []


def clocks_differ(clocks: Clocks) -> list[Finding]:
    """The clocks as they read contradict the tags: they cannot have shown the same time."""
    found = []
    for fast, slow in permutations(clocks.names, 2):
        most = clocks.most(fast, slow)
        if most is not None and most.widest < 0:
            text = f"{fast}'s clock was at least {lead_text(most.widest, slow)}: {most.because}"
            lines = lines_of(e for o in most.orders for e in (o.before, o.after))
            found.append(Finding("clocks_differ", NOTE, text, lines))
    return found


def gaps_left(record: Record) -> list[Finding]:
    """Changes of the tag that no line has."""
    found = []
    for gap in witness.gaps(record):
        tags = f"{tag_text(gap.before.proposed)} to {tag_text(gap.after.seen)}"
        text = f"the tag went from {tags} between two accepted writes"
        if gap.proposed is not None:
            text += f"; {gap.proposed.party} had proposed that"
        lines = lines_of((gap.before, gap.after, gap.proposed))
        found.append(Finding("unrecorded_write", NOTE, text, lines))
    return found


def same_epoch(record: Record) -> list[Finding]:
    """Epochs that two parties proposed: told apart by their tags, or not."""
    by_epoch: dict[int, list[Observation]] = defaultdict(list)
    for o in record.of(Kind.EPOCH_PROPOSED):
        by_epoch[o.epoch or 0].append(o)
    found = []
    for epoch, proposals in by_epoch.items():
        tags = {o.tag for o in proposals}
        if len({o.party for o in proposals}) > 1:
            who = " and ".join(f"{o.party} {tag_text(o.tag)}" for o in proposals[:2])
            how = "their tags tell them apart" if len(tags) > 1 else "their tags are the same"
            text = f"epoch {epoch} was proposed by {who}; {how}"
            status = NOTE if len(tags) > 1 else BROKEN
            found.append(Finding("epochs_have_one_proposer", status, text, lines_of(proposals)))
    return found


def forks(record: Record) -> list[Finding]:
    """Epochs that were ended at a position: each once, and later ones no lower."""
    found = sorted(record.of(Kind.EPOCH_FORKED), key=lambda o: (o.epoch or 0, o.sort_key))
    if not found:
        return []
    name, result = "epochs_fork_once", []
    for a, b in pairwise(found):
        if a.epoch == b.epoch and (a.party, a.position) != (b.party, b.position):
            text = f"epoch {a.epoch} was forked twice, by {a.party} and by {b.party}"
            result.append(Finding(name, BROKEN, text, (a.line, b.line)))
        elif a.position is not None and b.position is not None and b.position < a.position:
            text = f"epoch {b.epoch} ended at {b.position!s}, before it began at {a.position!s}"
            result.append(Finding(name, BROKEN, text, (a.line, b.line)))
    if not result:
        text = f"each epoch ({len(found)}) ended once, at a position after the one before"
        result.append(Finding(name, KEPT, text, lines_of(found)))
    return result
