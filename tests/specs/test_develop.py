"""The development entry: one line per open obligation, a summary, an exit code."""

from __future__ import annotations

import pytest

from specs.proof.develop import load, main, small_instance
from tests.models import teaching
from tests.specs import storage

MODEL, BROKEN = "tests.models.teaching:MODEL", "tests.models.teaching:BROKEN"


def test_a_sound_model_is_a_summary_and_zero(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([MODEL, "--uses"]) == 0
    out = capsys.readouterr().out
    assert "ok     P01 never_two_serving" in out
    assert "uses L01" in out
    assert "0 open" in out


def test_an_open_obligation_is_a_line_with_its_counterexample(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([BROKEN, "P01", "--cti", "--rule", "claim_lock", "--slow", "1"]) == 1
    out = capsys.readouterr().out
    assert "UNKNOWN" in out
    assert "step R010 claim_lock n=A" in out
    assert "slow" in out
    assert "L01" not in out


def test_settings_and_settling_are_taken(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([MODEL, "--set", "expiry=5999", "--settle"]) == 1
    assert "FAILS  L01" in capsys.readouterr().out
    assert main([MODEL, "--fixed"]) == 0


def test_an_unknown_property_is_named() -> None:
    with pytest.raises(SystemExit, match="teaching lock has no property P99"):
        main([MODEL, "P99"])


def test_an_instance_is_made_or_taken() -> None:
    assert small_instance(storage.MODEL).members == {"Node": ("A", "B"), "Group": ("Group1",)}
    assert load("tests.models.teaching:INSTANCE") is teaching.INSTANCE
    assert main([MODEL, "P02", "--instance", "tests.models.teaching:INSTANCE"]) == 0
