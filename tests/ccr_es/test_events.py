"""Events: a class per rule, topics of their own, canonical bytes that anyone can hash."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

from ccr_es.errors import (
    BadArgument,
    EventMalformed,
    ForeignSchema,
    ModelMissing,
    ModelUnreadable,
    UnknownEvent,
)
from ccr_es.record.book import Book, model_bytes, model_from_bytes
from ccr_es.record.codec import Codec
from ccr_es.record.events import NO_HASH, OF_THE_CLUSTER, Event, Recorded, seal
from ccr_es.record.upcast import SCHEMA_VERSION
from models.language.canonical import fingerprint
from models.plain.reader import Step
from tests.models.teaching import BROKEN, MODEL

CODEC = Codec(MODEL, fingerprint(MODEL))
STEP = Step("start_serving", {"n": "A", "renewed": 7})


def event(step: Step = STEP, **changes: object) -> Event[object]:
    """An event of `step`, with the rest of the envelope filled in."""
    envelope: dict[str, object] = {
        "actor": "lock service on A",
        "caused_by": 2,
        "cluster": "exch",
        "number": 3,
        "previous": NO_HASH,
        "reason": "",
        "row": "node.A",
        "time": 7,
        "version": 1,
    }
    return CODEC.new(step, **{**envelope, **changes})


def test_there_is_one_class_per_rule_named_by_its_event() -> None:
    for rule in MODEL.rules.values():
        made = CODEC.class_of(rule.event)
        assert made.__name__ == rule.event
        assert issubclass(made, Event)
        assert made.__doc__ == rule.title
        assert made is CODEC.class_of(rule.event)


def test_a_topic_is_the_events_name_and_never_a_module_path() -> None:
    names = [*OF_THE_CLUSTER, *(r.event for r in MODEL.rules.values())]
    assert CODEC.topics == [f"ccr:{name}" for name in names]
    assert vars(CODEC.class_of("ServingStarted"))["TOPIC"] == "ccr:ServingStarted"
    assert event().topic == "ccr:ServingStarted"


def test_two_models_in_one_process_have_classes_of_their_own() -> None:
    other = Codec(BROKEN, fingerprint(BROKEN))
    assert other.class_of("LockClaimed") is not CODEC.class_of("LockClaimed")


def test_the_bytes_are_sorted_json_without_white_space() -> None:
    state = seal(event(reason="naïve \n \u2028 ✓")).state
    data = json.loads(state)
    plain = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert state == plain.encode()
    assert seal(event()).hash == sha256(seal(event()).state).hexdigest()


def test_every_field_of_the_envelope_is_in_the_bytes() -> None:
    said = json.loads(seal(event()).state)
    assert set(said) == {
        *("actor", "args", "caused_by", "cluster", "event", "model", "number", "previous"),
        *("reason", "row", "rule", "rule_number", "schema", "time", "version"),
    }
    assert (said["rule"], said["rule_number"]) == ("start_serving", 11)
    assert said["model"] == fingerprint(MODEL)


def test_an_event_comes_back_as_it_went() -> None:
    for rule, args in (
        ("crash", {"n": "A"}),
        ("tick", {"dt": 2**53 - 1}),
        ("start_serving", {"n": "B", "renewed": -(2**53) + 1}),
    ):
        made = event(Step(rule, dict(args)))
        found = CODEC.decode(made.topic, seal(made).state, "event 3")
        assert found == made
        assert found.step == Step(rule, dict(args))


def test_a_number_that_not_every_reader_keeps_is_refused() -> None:
    with pytest.raises(BadArgument, match="dt=9007199254740992 is too large to record"):
        event(Step("tick", {"dt": 2**53}))


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (b'"schema":%d' % SCHEMA_VERSION, b'"schema":%d' % (SCHEMA_VERSION + 1), ForeignSchema),
        (b'"schema":%d' % SCHEMA_VERSION, b'"schema":0', EventMalformed),
        (b'"schema":%d' % SCHEMA_VERSION, b'"schema":"two"', EventMalformed),
        (b'"schema":%d' % SCHEMA_VERSION, b'"schema":1', EventMalformed),
        (b'"renewed":7', b'"renewed":"7"', EventMalformed),
        (b'"renewed":7', b'"renewed":7.5', EventMalformed),
        (b'"renewed":7', b'"renewed":7,"more":1', EventMalformed),
        (b'"number":3', b'"number":3,"note":1', EventMalformed),
        (b'"actor"', b'"\xff"', EventMalformed),
        (b"{", b"[", EventMalformed),
    ],
)
def test_bytes_that_are_no_event_are_refused(
    before: bytes, after: bytes, kind: type[Exception]
) -> None:
    made = event()
    state = seal(made).state
    assert before in state
    with pytest.raises(kind, match="event 3"):
        CODEC.decode(made.topic, state.replace(before, after, 1), "event 3")


def test_an_event_that_the_model_does_not_have_is_unknown() -> None:
    with pytest.raises(UnknownEvent, match="event 3: the model has no event NodePainted"):
        CODEC.decode("ccr:NodePainted", seal(event()).state, "event 3")


def test_a_book_reads_each_event_by_its_own_model() -> None:
    book = Book()
    book.add(MODEL)
    book.add(BROKEN)
    other = Codec(BROKEN, fingerprint(BROKEN))
    for codec in (CODEC, other, CODEC):
        envelope = {"actor": "x", "caused_by": None, "cluster": "c", "number": 1, "reason": ""}
        rest = {"previous": NO_HASH, "row": "node.A", "time": 0, "version": 1}
        made = codec.new(Step("crash", {"n": "A"}), **envelope, **rest)
        found = book.read(made.topic, seal(made).state, "event 1")
        assert found.model == codec.fingerprint
        assert type(found) is book.codec(codec.fingerprint).class_of("NodeCrashed")


def test_a_model_comes_back_from_its_data_and_must_have_its_fingerprint() -> None:
    kept = model_bytes(MODEL)
    assert fingerprint(model_from_bytes(kept, fingerprint(MODEL))) == fingerprint(MODEL)
    with pytest.raises(ModelUnreadable, match="has the fingerprint"):
        model_from_bytes(kept, fingerprint(BROKEN))
    for broken in (b"", b"{}", b"[1]", kept[:-5], kept.replace(b'"rules"', b'"roles"')):
        with pytest.raises(ModelUnreadable, match="cannot be read back"):
            model_from_bytes(broken, fingerprint(MODEL))


def test_a_model_that_is_not_kept_is_missed_by_name() -> None:
    with pytest.raises(ModelMissing, match=f"the model {fingerprint(MODEL)[:12]} is not kept"):
        Book().read("ccr:ServingStarted", seal(event()).state, "event 3")


def test_a_recorded_event_is_named_as_the_library_names_it() -> None:
    recorded = seal(event())
    assert isinstance(recorded, Recorded)
    assert (recorded.originator_id, recorded.originator_version) == ("exch/node.A", 1)
