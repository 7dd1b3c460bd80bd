"""The nineteen candidate invariants of the domain, and its two of liveness: where each is promised.

A candidate that is not true as it was first written down stands here in its settled form, and why.
That a promise is proved for runs of any length is for `ccr verify` to say, which leaves none open;
that what is named here is in the catalogue, and of a kind that is proved, is checked here.
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import pytest

from cli.copies.copystate import PRECEDENCE, flags, summary
from models.ccr.vocabulary import Copy, View
from models.ccr.vocabulary_copies import Trouble
from models.language.model import ALWAYS, LEMMA, SOMETIMES, STEP
from specs.catalogue import CCR
from specs.catalogue.responses import RESPONSES

PROVED, BOUNDED, VIEWED = "proved", "bounded", "viewed"


class Candidate(NamedTuple):
    """What was wanted, which numbers promise it, how far, and why the wording differs."""

    wanted: str
    numbers: str
    rung: str = PROVED
    why: str = ""


CANDIDATES = {
    "I1": Candidate(
        "at most one node has the CMS online", "P01 P02",
        why="a node that lost its leases, or froze, may think that it is online: serving is online,"
        " alive and leased; a forced quorum rests on the operator's attestation",
    ),
    "I2": Candidate(
        "the CMS is online only with two votes, or by force", "P03 P85 P86",
        why="no majority is there at the instant a cable breaks: a lease that two of three gave"
        " stands for it, and two votes are needed to come online",
    ),
    "I3": Candidate("replayed <= inspected <= copied <= notified <= generated", "P11 P61"),
    "I4": Candidate(
        "inspected logs are contiguous from the checkpoint", "P40 P42 P87",
        why="positions are counters, so a gap is a log that is not there: every log above the"
        " checkpoint is, and each is the one after the last",
    ),
    "I5": Candidate("no open log is shipped", "P13"),
    "I6": Candidate("nothing is replayed that was not inspected", "P12 P120"),
    "I7": Candidate("the passive database is a prefix of the active one's history", "P14 P15"),
    "I8": Candidate(
        "a planned move loses no committed record", "P16 P17",
        why="of completed moves: what the source held when it was dismounted is in the target's"
        " database; a source that dies first leaves a failover",
    ),
    "I9": Candidate(
        "an automatic mount loses no more than the dial", "P18 P19 P126",
        why="the known loss: what the old active wrote after its last report nobody knows before"
        " its files are read",
    ),
    "I10": Candidate(
        "a lossy mount asks every hub until it accepts or the request expires",
        "P71 P72 P73 P83 P84 P149 P151",
    ),
    "I11": Candidate("no duplicate that a user sees", "P70 P75 P80 P82"),
    "I12": Candidate(
        "a deleted log is never needed again", "P40 P41 P42 P43 P44 P45 P47 P48 P62 P77 P78"
    ),
    "I13": Candidate(
        "incremental reseed only above the waypoint; else Failed until a full reseed",
        "P30 P32 P119 P122",
    ),
    "I14": Candidate(
        "the active database file holds nothing of the newest D generations", "P166",
        why="but for what an orderly shutdown flushed (RTM), and what was replayed before the"
        " stream forked: a passive copy holds nothing back",
    ),
    "I15": Candidate(
        "the board's epoch never decreases; who acts alone has the newest", "P04 P05 P06",
        why="per incarnation of the board, which may be wiped; two of {node, node, board} know the"
        " newest epoch, so that who takes the lock or writes the board has written it down",
    ),
    "I16": Candidate("a dumpster is bounded by size and age, oldest out first", "P74 P167"),
    "I17": Candidate(
        "a standby copy replays fifty logs and an age behind", "P60 P61 P63",
        why="but for what it was seeded with, or replayed before its stream forked",
    ),
    "I18": Candidate(
        "a suspended copy does nothing; to suspend and to resume are idempotent", "P31 P66 P138",
        why="to suspend a suspended copy, or to resume one that is not, is refused",
    ),
    "I19": Candidate(
        "the status is never Healthy while a copy initializes, diverged or has a gap",
        "P30 P91 P119", VIEWED,
        "the status is a view and no state: every combination of what it is made of is tried here",
    ),
    "returns": Candidate(
        "with a majority and no stop the CMS comes online", "P169 P170 P171 V01 V03 V05", PROVED,
        "that something is always due (V05), and how soon it is served, by a number that only falls"
        " (V01); assumed is that what is due is done",
    ),
    "rests": Candidate(
        "a copy ends Healthy or latched Failed, and does not flip", "P174 P175 P176 V02 P30",
        BOUNDED,
        "that Failed latches is proved (P30), and that a copy rests in time once the other node has"
        " mounted the storage group (P174 to P176); how long it takes until then is tried (V02)",
    ),
}  # fmt: skip
NUMBERED = [f"I{n}" for n in range(1, 20)]


def numbers(name: str) -> list[str]:
    """The numbers that promise a candidate."""
    return CANDIDATES[name].numbers.split()


def test_every_candidate_is_there() -> None:
    assert [n for n in CANDIDATES if n.startswith("I")] == NUMBERED


@pytest.mark.parametrize("name", CANDIDATES)
def test_a_candidate_is_promised_by_what_the_catalogue_has(name: str) -> None:
    kinds = {p.number: p.kind for p in CCR.properties}
    told = {r.number for r in RESPONSES}
    tried = {r.number for r in RESPONSES if not r.proved}
    for number in numbers(name):
        assert number in kinds or number in told, f"there is no {number}"
        assert kinds.get(number) not in (SOMETIMES, LEMMA), f"{number} promises nothing"
    proved = [n for n in numbers(name) if kinds.get(n) in (ALWAYS, STEP)]
    assert proved, "what is only tried rests on nothing"
    assert (CANDIDATES[name].rung == BOUNDED) == any(n in tried for n in numbers(name))


def test_a_property_that_cites_a_candidate_is_named_with_it() -> None:
    for p in CCR.properties:
        if p.source in CANDIDATES and p.kind in (ALWAYS, STEP):
            assert p.number in numbers(p.source), f"{p.label} is about {p.source}"


def test_only_a_copy_that_follows_whole_is_called_healthy() -> None:
    """I19, over all that the status is made of."""
    states, troubles, views = Copy.members, Trouble.members, View.members
    bools = (False, True)
    said = set()
    for role, trouble, view in product(states, troubles, views):
        for suspended, checking, leads, reachable in product(bools, repeat=4):
            state = {
                "copy.A.SG1.state": role, "copy.A.SG1.trouble": trouble, "node.A.view": view,
                "copy.A.SG1.suspended": suspended, "copy.A.SG1.checking": checking,
            }  # fmt: skip
            word = summary(flags(state, "A", "SG1", reachable=reachable, leads=leads))
            said.add(word)
            if word == "Healthy":
                assert role in ("HEALTHY", "ACTIVE")
                assert trouble == "NONE"
                assert reachable
                assert not suspended
                assert role == "ACTIVE" or not checking
                assert role == "HEALTHY" or leads
                assert view != "SEEKING"
    assert said == {"Healthy", *PRECEDENCE} - {"NotSupported", "NotConfigured", "Disabled"}
