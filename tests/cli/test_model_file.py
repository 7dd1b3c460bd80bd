"""Model files: a variant of CCR or a model from nothing, through the command line; errors point at
their line.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from models.ccr.phrases import leased
from models.language.misuse import BadRule, MixedSorts, ModelError
from models.language.model import ALWAYS
from models.language.schema import field_of
from models.language.terms import Bool, Term
from models.language.variant import Variant
from specs.catalogue import CCR
from tests.cli.calling import HOME, call, document, good

EXAMPLES = HOME / "specs" / "examples"
LIGHT = str(EXAMPLES / "traffic_light.py")
WINDOW = str(EXAMPLES / "change_window.py")

HEAD = """\
from models.ccr.phrases import leased
from models.ccr.vocabulary import CLUSTER, Node
from models.language.rule import Body
from models.language.terms import Int
from models.language.variant import Variant
from specs.catalogue import CCR

mine = Variant(CCR, "mine")
"""
BAD = [
    ("a syntax error", "mine.default(", 9, "SyntaxError"),
    ("a failed import", "import nonsense", 9, "No module named 'nonsense'"),
    ("a name that is not there", "\nmine.drop(RULE, 'x')", 10, "NameError"),
    ("an unknown rule", "mine.drop('claim_lok', 'x')", 9, "did you mean claim_lock"),
    ("an unknown guard", "mine.drop('claim_lock', 'share answer')", 9, "'share answers'"),
    ("an unknown parameter", "mine.default(headstart=1)", 9, "'head_start'"),
    (
        "`or` between terms",
        "mine.guard('bring_online', 'x',\n  lambda s, n: s.node[n].paused or s.node[n].stopped)",
        10,
        "write a | b",
    ),
    (
        "a wrong key",
        "def g(s, n):\n    return leased(s, 3)\n\nmine.guard('bring_online', 'x', g)",
        10,
        "keyed by Node",
    ),
    (
        "a guard that is a number",
        "mine.guard('tick', 'x', lambda s, dt: dt)",
        9,
        "a guard is a Bool",
    ),
    (
        "a guard that reads what its actor cannot know",
        "mine.guard('bring_online', 'x', lambda s: s.witness.epoch > 1)",
        9,
        "does not own",
    ),
    (
        "a rule that is refused",
        "\n@mine.rule(901, trigger='command', actor=CLUSTER)\ndef spare(s, n: Node):\n"
        "    '''A rule.'''\n    return Body('Spared', sets={s.witness.renewal: 1})",
        10,
        "without comparing first",
    ),
    (
        "a rule whose number is taken",
        "\n@mine.rule(1, trigger='command', actor=CLUSTER)\ndef spare(s, n: Node):\n"
        "    '''A rule.'''\n    return Body('Spared', sets={s.node[n].paused: True})",
        10,
        "R001 tick has that number",
    ),
    (
        "a consequence with an argument that nothing says",
        "\n@mine.rule(901, trigger='consequence', actor=CLUSTER)\ndef spare(s, n: Node, k: Int):\n"
        "    '''A rule.'''\n    return Body('Spared', sets={s.node[n].stored: k})\n\n"
        "MODEL = mine.model",
        10,
        "nothing says what k is",
    ),
    ("an exit", "raise SystemExit('enough')", 9, "enough"),
]


@pytest.fixture(autouse=True)
def _somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("what", "text", "line", "said"), BAD, ids=[b[0] for b in BAD])
def test_an_error_in_a_model_file_points_at_its_line(
    what: str, text: str, line: int, said: str
) -> None:
    Path("mine.py").write_text(HEAD + text + "\n")
    result = call("verify", "--model", "mine.py", "P01")
    assert result.exit_code == 4, what
    assert result.stderr.startswith(f"ccr: CCR210: mine.py:{line}: "), result.stderr
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("x = 1\n", "CCR211", "defines no MODEL"),
        ("MODEL = 3\n", "CCR211", "is a int"),
        ("from specs.catalogue import CCR as MODEL\nINSTANCE = 1\n", "CCR211", "INSTANCE is a int"),
        (
            "from specs.catalogue import CCR as MODEL\nfrom models.language.model import Instance\n"
            "INSTANCE = Instance({})\n",
            "CCR210",
            "names no members",
        ),
    ],
)
def test_a_file_without_a_model_is_told_from_one_with_an_error(
    text: str, code: str, said: str
) -> None:
    Path("mine.py").write_text(text)
    result = call("verify", "--model", "mine.py", "--list")
    assert (result.exit_code, code in result.stderr, said in result.stderr) == (4, True, True)


def test_a_file_that_is_not_there_or_not_text_is_one_line() -> None:
    Path("mine.py").write_bytes(b"\xff\xfe")
    for name in ("gone.py", "mine.py", "."):
        result = call("explain", "--model", name, "P01")
        assert result.exit_code == 4
        assert result.stderr.startswith(f"ccr: CCR210: {name}: ")


def test_a_small_model_from_nothing_is_verified_explained_and_listed() -> None:
    found = document("verify", "--model", LIGHT)
    assert [p["verdict"] for p in found["properties"]] == ["holds"] * 3
    assert "TurnedGreen" in good("explain", "--model", LIGHT, "turn_green")
    assert "never_two_open" in good("verify", "--model", LIGHT, "--list")
    assert call("verify", "--model", LIGHT, "P01").exit_code == 2


def test_a_small_model_without_its_guard_is_refuted_and_its_run_audited() -> None:
    text = (EXAMPLES / "traffic_light.py").read_text()
    guard = '        given={"the crossing is clear": s.light[peer(x)].colour == Colour.RED},\n'
    assert guard in text
    Path("broken.py").write_text(text.replace(guard, ""))
    result = call("verify", "--model", "broken.py", "P1", "--save", "runs")
    assert result.exit_code == 1
    assert "broken by a run of 2 steps" in result.stdout
    judged = document("audit", "--model", "broken.py", "runs/P1.ndjson", exit_code=1)
    assert [(f["event"], f["property"]) for f in judged["findings"]] == [(2, "P1 never_two_open")]
    sound = document("audit", "--model", LIGHT, "runs/P1.ndjson", exit_code=1)
    assert sound["findings"][0]["guard"] == "the crossing is clear"


def test_a_run_of_a_model_from_nothing_becomes_a_log_like_any_other() -> None:
    call("verify", "--model", LIGHT, "S1", "--save", "runs")
    good("log", "import", "--model", LIGHT, "runs/S1.ndjson")
    assert document("audit", "--model", LIGHT)["verdict"] == "holds"


@pytest.mark.slow
def test_the_documented_variant_is_proved_and_its_broken_promise_is_shown() -> None:
    result = call("verify", "--model", WINDOW, "X01", "X02", "X03")
    assert result.exit_code == 1
    for words in ("X01  holds", "X02  violated", "X03  holds", "WindowClosed"):
        assert words in result.stdout


def test_the_documented_variant_keeps_ccr_as_it_is_and_explains_its_own() -> None:
    assert "change window is open" in good("explain", "--model", WINDOW, "request_move")
    assert "change window is open" not in good("explain", "request_move")
    assert call("explain", "open_window").exit_code == 2


def test_a_variant_drops_replaces_and_adds() -> None:
    mine = Variant(CCR, "mine")
    mine.drop("bring_online", "node[n].cms is OFFLINE")
    mine.guard("bring_online", "lease is valid", lambda s, n: ~leased(s, n))
    mine.effect("wipe_share", lambda s: {s.witness.incarnation: 7})
    mine.default(head_start=1)
    mine.parameter("patience", 5, "ms")
    mine.assume("patient", mine.state.p.patience >= 1)
    mine.no_longer_assume("some record is tracked")
    mine.without("P03", "fail_cms")
    model = mine.model
    assert "node[n].cms is OFFLINE" not in model.rule("bring_online").guards
    assert repr(model.rule("bring_online").given["lease is valid"]).startswith("not")
    assert "7" in [repr(v) for _, v in model.rule("wipe_share").sets]
    assert model.schema.parameters["head_start"][0] == 1
    assert CCR.schema.parameters["head_start"][0] == 10_000
    assert model.numbered("P03") is None
    assert "fail_cms" not in model.rules
    assert {"patient"} == set(model.constraints) - set(CCR.constraints)


def refused(make: object, kind: type[ModelError], words: str) -> None:
    """Calling `make` on a fresh variant raises this."""
    assert callable(make)
    with pytest.raises(kind, match=words):
        make(Variant(CCR, "mine"))


def test_a_variant_refuses_what_cannot_be() -> None:
    volatile = field_of(Bool, False, owner="x", durable=False)
    refused(lambda v: v.field("node", "extra", volatile), BadRule, "not durable")
    refused(lambda v: v.field("node", "view", field_of(Bool, False, owner="x")), BadRule, "already")
    refused(lambda v: v.field("nod", "a", volatile), BadRule, "'node'")
    refused(lambda v: v.default(dial="x"), MixedSorts, "whole number")
    refused(lambda v: v.guard("tick", "x", lambda s: True), MixedSorts, "a guard is a Bool")
    refused(lambda v: v.guard("tick", "x", lambda s: s.now > 1, where="sets"), BadRule, "not under")
    refused(lambda v: v.effect("tick", lambda s: 3), BadRule, "field: value")
    refused(
        lambda v: v.effect("bring_online", lambda s, n: {s.node[n].cms: s.node[n].cms}),
        BadRule,
        "drop that guard first",
    )
    refused(lambda v: v.without("P999"), BadRule, "no rule or property")

    def again(v: Variant) -> None:
        @v.promise("P01", kind=ALWAYS)
        def twice(s: object) -> Term:
            """Again."""
            return CCR.state.now >= 0

    refused(again, BadRule, r"test_model_file.py:\d+: twice: property number P01 is used twice")
