"""Descriptions and weights made to do harm, with checksums that are right."""

from __future__ import annotations

import json
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saving.hostile import members_of, rewritten, without
from wubu import Model, Sequential, layers
from wubu.core.configurable import Configurable, serialize
from wubu.errors import FileFormatError
from wubu.saving import load_model, load_weights, register, save_model
from wubu.saving.tensors import from_bytes, to_bytes

MEGABYTE = 2**20


def small_model() -> Any:
    model = Sequential(
        [
            layers.Input((2,)),
            layers.Dense(3, activation="relu", name="body"),
            layers.Dropout(0.5, name="drop"),
            layers.Dense(1, name="head"),
        ],
        name="small",
    )
    model.compile("adam", "mse", metrics=["mae"])
    model.optimizer.build(model.trainable_variables)
    return model


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save_model(small_model(), tmp_path / "model.wubu")
    return tmp_path / "model.wubu"


def refused(path: Path, *words: str, member: str = "") -> str:
    """The text of the error, once it is sure that little memory was asked for."""
    tracemalloc.start()
    try:
        with pytest.raises(FileFormatError) as caught:
            load_model(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 50 * MEGABYTE
    assert str(path) in str(caught.value.where)
    assert str(caught.value.where).endswith(member)
    text = str(caught.value)
    for word in words:
        assert word in text, text
    return text


def first_layer(config: Any) -> Any:
    return described(config["model"], "layers>Dense")


def described(data: Any, name: str) -> Any:
    """The first description of an object of this class."""
    stack = [data]
    while stack:
        item = stack.pop(0)
        if isinstance(item, dict) and item.get("class") == name:
            return item
        if isinstance(item, dict | list):
            stack += item.values() if isinstance(item, dict) else item
    raise AssertionError(f"no {name}")


def with_layer(**arguments: Any) -> Callable[[Any], None]:
    return lambda config: first_layer(config)["config"].update(arguments)


# --- Classes -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mine>Layer", ['"mine>Layer"', '@wubu.saving.register("mine")']),
        ("layers>Nothing", ['nothing is registered under "layers>Nothing"']),
        ("os>system", ["os>system"]),
        ("builtins>eval", ["builtins>eval"]),
        ("__main__", ["nothing is registered"]),
        ("activations>relu", ["is nothing a model can be made of"]),
        ("constraints>Any", ["constraints"]),
        (7, ["a class is given by its name"]),
        (["layers>Dense"], ["a class is given by its name"]),
        (None, ["a class is given by its name"]),
    ],
)
def test_only_registered_classes_are_made(
    path: Path, name: Any, words: list[str]
) -> None:
    rewritten(path, lambda config: first_layer(config).update({"class": name}))
    refused(path, *words)


def test_a_registered_class_of_another_room_is_no_layer(path: Path) -> None:
    optimizer = {"class": "optimizers>Adam", "config": {}}

    def change(config: Any) -> None:
        found = first_layer(config)
        found.clear()
        found.update(optimizer)

    rewritten(path, change)
    refused(path, "cannot be made")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c: c.update(model={"class": "layers>Flatten", "config": {}}), "model"),
        (lambda c: c.update(model={"class": "losses>MeanSquaredError", "config": {}}),
         "the file describes no model"),
        (lambda c: c.update(model=None), "this describes no model"),
        (lambda c: c.update(model=[c["model"]]), "this describes no model"),
        (lambda c: without(c, "layers"), "this describes no model"),
        (lambda c: {**c, "code": "import os"}, "this describes no model"),
        (lambda c: [c], "this describes no model"),
        (lambda c: None or [], "this describes no model"),
        (lambda c: c.update(layers=[]), "not those the file lists"),
        (lambda c: c.update(layers=None), "cannot be made"),
        (lambda c: c["layers"][0].update(name="a/b"), "no name of a layer"),
        (lambda c: c["layers"][0].update(name=None), "no name of a layer"),
        (lambda c: c.update(fixed=7), "cannot be made"),
        (lambda c: b'"text"', "this describes no model"),
        (lambda c: b"", "no JSON"),
    ],
)  # fmt: skip
def test_descriptions_that_do_not_hold_together(
    path: Path, change: Callable[[Any], Any], words: str
) -> None:
    rewritten(path, change)
    refused(path, words)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("optimizer", None),
        ("optimizer", "nothing"),
        ("optimizer", {"class": "layers>Flatten", "config": {}}),
        ("loss", {"class": "layers>Flatten", "config": {}}),
        ("loss", {"class": "metrics>Mean", "config": {}}),
        ("loss", {"function": "nowhere>f"}),
        ("loss", "no_such_loss"),
        ("loss", "layers>Dense"),
        ("metrics", [{"class": "losses>MeanSquaredError", "config": {}}]),
        ("metrics", ["no_such_metric"]),
        ("metrics", 7),
        ("run_eagerly", {"no": "form"}),
        ("steps_per_execution", "many"),
    ],
)
def test_compile_takes_only_what_is_of_the_right_kind(
    path: Path, argument: str, value: Any
) -> None:
    rewritten(path, lambda c: c["compile"]["arguments"].update({argument: value}))
    refused(path)
    assert load_model(path, compile=False).optimizer is None


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c["compile"].update(updated=["nowhere/kernel"]),
        lambda c: c["compile"].update(updated=["head/kernel"]),
        lambda c: c["compile"].update(undecayed=["nowhere"]),
        lambda c: c.update(compile=[]),
        lambda c: c.update(compile={}),
    ],
)
def test_state_that_does_not_fit_the_optimizer(path: Path, change: Any) -> None:
    rewritten(path, change)
    refused(path)


# --- Memory and time -----------------------------------------------------------------


@pytest.mark.parametrize("units", [4, 10**6, 10**12, 10**30, -1, 0, 1.5, "3", None])
def test_absurd_numbers_are_refused_before_memory_is_asked_for(
    path: Path, units: Any
) -> None:
    rewritten(path, with_layer(units=units))
    text = refused(path)
    if units in (4, 10**6, 10**12):
        assert "asks for a weight that is not in the file" in text
        assert f"(2, {units})" in text


def test_absurd_inputs_are_refused_before_memory_is_asked_for(path: Path) -> None:
    def change(config: Any) -> None:
        text = json.dumps(config).replace("[null, 2]", f"[null, {10**12}]")
        config.clear()
        config.update(json.loads(text))

    rewritten(path, change)
    refused(path, "asks for a weight that is not in the file", f"({10**12}, 3)")


@pytest.mark.parametrize(
    "dtype", ["O", "S1000000000", "f4,(100000,100000)f4", "complex64", 7, "datetime64"]
)
def test_arrays_are_of_numbers(path: Path, dtype: Any) -> None:
    array = {"array": [0, 0, 0], "dtype": dtype}
    constant = {"class": "initializers>Constant", "config": {"value": array}}
    rewritten(path, with_layer(bias_initializer=constant))
    refused(path)


def test_a_model_in_a_model_in_a_model_is_refused_unmade(path: Path) -> None:
    x = layers.Input((2,))
    inner: Any = Model(x, layers.Activation("relu")(x), name="m")
    for depth in range(3):
        start = layers.Input((2,), name=f"i{depth}")
        inner = Model(start, inner(inner(start)), name=f"m{depth}")
    save_model(inner, path)
    assert load_model(path).count_params() == 0

    def change(config: Any) -> None:
        template = json.dumps(config["model"])
        for _ in range(5):
            outer = json.loads(template)
            innermost = described(outer, "layers>Activation")
            config["model"]["config"]["name"] = innermost["config"].get("name")
            innermost.update(config["model"])
            config["model"] = outer

    rewritten(path, change)
    refused(path, "too large to be real", "calls of layers")


@pytest.mark.parametrize(
    ("function", "constants"),
    [
        ("ones", {"0": [10**6, 10**6]}),
        ("pad", {"0": [[1.0]], "1": [[0, 10**6], [0, 10**6]]}),
        ("arange", {"0": 0, "1": 1e12, "2": 1}),
        ("one_hot", {"0": [1], "1": 10**12}),
    ],
)
def test_operations_make_no_huge_arrays(
    path: Path, function: str, constants: Any
) -> None:
    x = layers.Input((2,))
    save_model(Model(x, x * 2.0), path)

    def change(config: Any) -> None:
        text = json.dumps(config)
        before = text.index('"constants"')
        end = text.index("}", before) + 1
        pairs = [[int(key), value] for key, value in constants.items()]
        new = f'"constants": {json.dumps({"dict": pairs})}'
        text = text[:before] + new + text[end:]
        config.clear()
        config.update(json.loads(text.replace('"multiply"', f'"{function}"')))

    rewritten(path, change)
    refused(path, "too large to be real", "elements in constants")


# --- Weights -------------------------------------------------------------------------


def changed_weights(change: Callable[[dict], Any]) -> Callable[[bytes], bytes]:
    def apply(content: bytes) -> bytes:
        arrays = from_bytes(content, "")
        change(arrays)
        return to_bytes(arrays)

    return apply


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda a: a.pop("head/bias"), ["not in the file", '"head/bias"']),
        (lambda a: a.update(extra=np.zeros(2)), ["not in the model", '"extra"']),
        (lambda a: a.update({f"e{i}": np.zeros(2) for i in range(9)}), ["and 6 more"]),
        (lambda a: a.update({"optimizer/x": np.zeros(2)}), ['"optimizer/x"']),
        (lambda a: a.update({"head/bias": np.zeros(1)}), ["float32"]),
        (lambda a: a.update({"head/bias": np.zeros((1, 1), np.float32)}), ["(1,)"]),
        (lambda a: a.update({"new/bias": a.pop("head/bias")}), ['"new/bias"']),
    ],
)  # fmt: skip
def test_weights_that_do_not_fit_the_architecture(
    path: Path, change: Any, words: list[str]
) -> None:
    rewritten(path, weights=changed_weights(change))
    with pytest.raises(FileFormatError) as caught:
        load_model(path)
    for word in words:
        assert word in str(caught.value)


def header(entries: Any, data: bytes = b"") -> bytes:
    text = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
    return struct.pack("<Q", len(text)) + text + data


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff" * 8,
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", 99_999_999) + b"{}",
        header(b"{"),
        header(b"[]"),
        header({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}),
        header({"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}}, bytes(4)),
        header({"a": {"dtype": "F32", "shape": [9], "data_offsets": [0, 4]}}, bytes(4)),
        header({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}, bytes(8)),
        header({"a": {"dtype": "F99", "shape": [1], "data_offsets": [0, 4]}}, bytes(4)),
        header({"a": {"dtype": "BF16", "shape": [1], "data_offsets": [0, 2]}}, b"00"),
        header({"a": {"dtype": "F32", "shape": [2**62, 4], "data_offsets": [0, 0]}}),
        header({"a": {"dtype": "I8", "shape": [-1], "data_offsets": [0, 4]}}, bytes(4)),
        header({
            "a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
            "b": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
        }, bytes(4)),
        header({
            "a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
            "b": {"dtype": "F32", "shape": [1], "data_offsets": [8, 12]},
        }, bytes(12)),
        header(b'{"a":' * 5000 + b"1" + b"}" * 5000),
        header({"__metadata__": {"a": 1}}),
    ],
)  # fmt: skip
def test_headers_that_lie(path: Path, content: bytes) -> None:
    rewritten(path, weights=lambda _: content)
    refused(path, member="weights.safetensors")
    with pytest.raises(FileFormatError):
        load_weights(small_model(), path)
    (path.parent / "alone").write_bytes(content)
    with pytest.raises(FileFormatError):
        load_weights(small_model(), path.parent / "alone")


# --- Anything at all -----------------------------------------------------------------

made: list[str] = []


@register("tests.saving")
class Witness(Configurable):
    """Something that nobody asked for."""

    def __init__(self, note: str = "") -> None:
        made.append(note)


def equal(model: Any, other: Any) -> bool:
    ours = {v.path: v.numpy() for v in model.variables}
    theirs = {v.path: v.numpy() for v in other.variables}
    same = ours.keys() == theirs.keys() and all(
        np.array_equal(ours[path], theirs[path]) for path in ours
    )
    return same and serialize(model) == serialize(other)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path, bytes]:
    folder = tmp_path_factory.mktemp("fuzz")
    model = small_model()
    save_model(model, folder / "model.wubu")
    return model, folder / "damaged", (folder / "model.wubu").read_bytes()


edits = st.lists(
    st.one_of(
        st.tuples(st.just("flip"), st.floats(0, 1), st.integers(0, 7)),
        st.tuples(st.just("cut"), st.floats(0, 1), st.integers(1, 300)),
        st.tuples(st.just("insert"), st.floats(0, 1), st.binary(min_size=1)),
        st.tuples(st.just("end"), st.floats(0, 1), st.none()),
    ),
    min_size=1,
    max_size=3,
)


def edited(data: bytes, changes: list[Any]) -> bytes:
    content = bytearray(data)
    for kind, place, what in changes:
        at = min(int(place * len(content)), len(content) - 1)
        if not content:
            break
        if kind == "flip":
            content[at] ^= 1 << what
        elif kind == "cut":
            del content[at : at + what]
        elif kind == "insert":
            content[at:at] = what
        else:
            del content[at:]
    return bytes(content)


@given(changes=edits)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_gives_an_error_or_the_same_model(
    saved: tuple[Any, Path, bytes], changes: Any
) -> None:
    model, path, data = saved
    path.write_bytes(edited(data, changes))
    try:
        found = load_model(path)
    except FileFormatError as error:
        assert str(path) in str(error.where)
        return
    assert equal(found, model)


@given(changes=edits)
def test_damaged_weights_give_an_error_or_leave_nothing_half_done(
    saved: tuple[Any, Path, bytes], changes: Any
) -> None:
    _, path, data = saved
    weights = members_from(data, path)["weights.safetensors"]
    path.write_bytes(edited(weights, changes))
    model = small_model()
    before = model.get_weights()
    try:
        load_weights(model, path)
    except FileFormatError:
        for old, new in zip(before, model.get_weights(), strict=True):
            np.testing.assert_array_equal(old, new)


def members_from(data: bytes, path: Path) -> dict[str, bytes]:
    path.write_bytes(data)
    return members_of(path)


values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-5, 5),
        st.sampled_from([10**12, -(10**9), 2**63, 0.5, 1e300, "", "relu", "a/b"]),
        st.sampled_from(["layers>Dense", "optimizers>Adam", "tests.saving>Witness"]),
        st.sampled_from(
            ["float32", "O", "mse", "head/kernel", "small", "unregistered>f"]
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["class", "config", "dict", "tuple", "function", "array"]),
            inner,
            max_size=2,
        ),
        st.builds(lambda c: {"class": "tests.saving>Witness", "config": c}, inner),
    ),
    max_leaves=5,
)


def places(data: Any) -> list[tuple[Any, Any]]:
    """Every container and key in a structure of JSON."""
    found: list[tuple[Any, Any]] = []
    stack = [data]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            found += [(item, key) for key in item]
            stack += item.values()
        elif isinstance(item, list):
            found += [(item, index) for index in range(len(item))]
            stack += item
    return found


@given(
    place=st.floats(0, 0.999), value=values, move=st.booleans(), to=st.floats(0, 0.999)
)
def test_any_other_description_gives_an_error_or_a_model(
    saved: tuple[Any, Path, bytes], place: float, value: Any, move: bool, to: float
) -> None:
    _, path, data = saved
    path.write_bytes(data)

    def change(config: Any) -> None:
        found = places(config)
        container, key = found[int(place * len(found))]
        if move:
            other, where = found[int(to * len(found))]
            value_there = json.loads(json.dumps(other[where]))
            container[key] = value_there
        else:
            container[key] = value

    rewritten(path, change)
    try:
        model = load_model(path)
    except FileFormatError as error:
        assert "config.json" in str(error.where) or "weights" in str(error.where)
        return
    assert [v.path for v in model.variables]
