"""Liveness as bounded response: what should come about does, in time, and a model in which it does
not is found out.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.language.model import ALWAYS, STEP, Model
from models.language.terms import Int, lift
from models.plain.reader import Reader
from specs.catalogue import CCR, SMALL
from specs.catalogue.responses import RESPONSES, V01, V02, V12
from specs.runs import Run
from specs.simulation.response import Response, respond
from tests.cli.calling import call, document, good


def replayed(model: Model, run: Run | None) -> int:
    """How many states a run passes, each step allowed by the model."""
    assert run is not None
    return sum(1 for _ in run.states(Reader(model, run.instance)))


@pytest.mark.parametrize("response", RESPONSES, ids=lambda r: r.name)
@pytest.mark.seed("S-045", "S-143", "S-144")
def test_after_any_single_fault_it_comes_about_in_time(response: Response) -> None:
    found = respond(CCR, SMALL, response, 1)
    assert (found.run, found.late) == (None, "")
    assert found.situations > 30
    assert found.slowest is not None
    assert found.slowest.ms <= found.within
    assert (found.slowest.ms > 0) == (response is not V12)  # lost mail is there with the service


@pytest.mark.slow
@pytest.mark.parametrize("response", RESPONSES, ids=lambda r: r.name)
def test_after_any_two_faults_it_comes_about_in_time(response: Response) -> None:
    found = respond(CCR, SMALL, response, 2)
    assert (found.run, found.late) == (None, "")
    assert found.situations > 1_000


def test_a_service_that_no_node_brings_online_is_found_out() -> None:
    model = CCR.without_rule("bring_online")
    begin = ("power_on n=A", "power_on n=B", "wait 20000")
    found = respond(model, SMALL, replace(V01, begin=begin), 1)
    assert "not so" in found.late
    assert replayed(model, found.run) > 10


def test_a_bound_that_is_too_tight_is_found_out() -> None:
    found = respond(CCR, SMALL, replace(V01, within=lift(4_999, Int)), 1)
    assert found.late == "so only 5.0 s after the last repair"
    assert replayed(CCR, found.run) > 10


@pytest.mark.seed("S-121", "S-127")
def test_mail_that_no_hub_is_asked_for_is_found_out() -> None:
    found = respond(CCR.without_rule("accept_request"), SMALL, V12, 1)
    assert "not so" in found.late
    assert replayed(CCR.without_rule("accept_request"), found.run) > 10


def test_a_copy_that_never_comes_to_rest_is_found_out() -> None:
    model = CCR.without_rule("finish_incremental_reseed")
    found = respond(model, SMALL, V02, 1)
    assert "not so" in found.late
    assert replayed(model, found.run) > 10


@pytest.mark.seed("S-140")
def test_without_traffic_a_copy_that_diverged_waits_so_the_plain_wording_was_refuted() -> None:
    found = respond(CCR, SMALL, replace(V02, traffic=""), 1)
    assert "not so" in found.late
    assert replayed(CCR, found.run) > 10


def test_the_command_line_says_how_far_it_looked() -> None:
    found = document("verify", "--liveness", "V01", "--faults", "1")
    (one,) = found["responses"]
    assert (found["verdict"], one["verdict"], one["faults"]) == ("holds", "holds", 1)
    assert one["slowest_ms"] <= one["within_ms"] == 18_000
    shown = call("verify", "--liveness", "V01", "--faults", "1")
    assert "after every sequence of up to 1 faults" in shown.stdout
    assert "a bound, no proof" in shown.stdout


def test_a_response_that_is_not_there_is_named() -> None:
    result = call("verify", "--liveness", "P01")
    assert (result.exit_code, "There are V01, V02, V12" in result.stderr) == (2, True)


def test_explain_says_what_of_a_response_is_proved_and_what_is_a_bound() -> None:
    said = " ".join(good("explain", "V02").split())
    assert "sequence of up to two faults" in said
    assert "never called a proof" in said
    assert "It stays a bound as a whole" in said
    assert "response: bounded" in said
    proved = " ".join(good("explain", "V01").split())
    assert "Proved (P169, P170, P171, P172, P173, P177, P178, P179, P180)" in proved
    assert "Assumed is that after the last repair nothing fails" in proved
    assert "response: proved" in proved
    assert document("explain", "service_returns")["proved"][0] == "P169"


def test_what_is_proved_of_a_response_is_in_the_catalogue_and_says_so() -> None:
    kinds = {p.number: p.kind for p in CCR.properties}
    for response in RESPONSES:
        assert all(kinds[number] in (ALWAYS, STEP) for number in response.proved)
        assert all(number in response.why for number in response.proved)
        assert response.why
    assert [r.number for r in RESPONSES if r.proved] == ["V01"]


def test_a_response_that_is_a_bound_is_not_taken_for_a_property() -> None:
    result = call("verify", "V02")
    assert (result.exit_code, "ccr verify --liveness V02" in result.stderr) == (2, True)
