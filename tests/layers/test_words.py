"""Layers on words and categories: Keras' numbers, adapt, files, and where they may be
called."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wubu
from reference.load import Case, cases
from wubu import Sequential, layers
from wubu.data import Dataset
from wubu.errors import (
    ArgumentError,
    DataError,
    DTypeError,
    ShapeError,
    StateError,
    WubuError,
)
from wubu.layers import (
    CategoryEncoding,
    Discretization,
    HashedCrossing,
    Hashing,
    Input,
    IntegerLookup,
    StringLookup,
    TextVectorization,
)
from wubu.layers.fingerprints import fingerprints

CASES = cases("words")
# What is compiled alike in another case, and takes a while.
ALIKE = {"farmhash", "integers_mask", "integers_salted"}
INSIDE = [
    c
    for c in CASES
    if c.name not in ("StringLookup", "TextVectorization")
    and c.label not in ALIKE
    and not isinstance(np.array(c.properties["inputs"][0]).flat[0], str)
]


def made(case: Case, **options: Any) -> Any:
    layer = getattr(layers, case.name)(**case.arguments, **options)
    if case.properties["adapt"] is not None:
        layer.adapt(case.properties["adapt"])
    return layer


def inputs_of(case: Case) -> Any:
    given = case.properties["inputs"]
    if case.name == "HashedCrossing":
        return tuple(map(np.array, given))
    return np.array(given)


def assert_as_in_keras(case: Case, found: Any) -> None:
    wanted = case.properties["output"]
    array = found if isinstance(found, np.ndarray) else found.numpy()
    assert list(array.shape) == case.properties["shape"]
    if array.dtype == object:  # words, looked up by their indices
        assert array.tolist() == wanted
    else:
        np.testing.assert_allclose(array, wanted, rtol=1e-6, atol=1e-7)


# -- numbers of Keras -----------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=str)
def test_numbers_are_those_of_keras(case: Case) -> None:
    layer = made(case)
    found = layer(inputs_of(case))
    assert_as_in_keras(case, found)
    if "vocabulary" in case.properties:
        assert layer.get_vocabulary() == case.properties["vocabulary"]
        assert layer.vocabulary_size() == len(case.properties["vocabulary"])
    if "bin_boundaries" in case.properties:
        np.testing.assert_allclose(
            layer.bin_boundaries, case.properties["bin_boundaries"], 1e-6
        )
    if not isinstance(found, np.ndarray):
        mode = case.arguments.get("output_mode")
        whole = "int32" if case.name == "Discretization" else "int64"
        encoded = mode not in (None, "int") or case.name == "CategoryEncoding"
        assert found.dtype == ("float32" if encoded else whole)


@pytest.mark.parametrize("executor", ["numpy", "native"])
@pytest.mark.parametrize("case", INSIDE, ids=str)
def test_compiled_numbers_are_those_of_keras(case: Case, executor: str) -> None:
    assert len(INSIDE) >= 20
    found = wubu.jit(made(case), executor=executor)(inputs_of(case))
    assert_as_in_keras(case, found)


@pytest.mark.parametrize("case", cases("hash"), ids=str)
def test_hashes_are_those_of_tensorflow(case: Case) -> None:
    strings = [text.encode() for text in case.properties["inputs"]]
    found = fingerprints(strings, case.call["key"]) % case.call["buckets"]
    assert found.tolist() == case.properties["output"]


def test_siphash_of_its_authors() -> None:
    """The example of appendix A of the paper."""
    key = [0x0706050403020100, 0x0F0E0D0C0B0A0908]
    assert fingerprints([bytes(range(15))], key).tolist() == [0xA129CA6149BE45E5]


# -- adapt ----------------------------------------------------------------------------

WORDS = np.array([["cat", "dog", "cat"], ["emu", "", "dog"], ["cat", "fox", "gnu"]] * 4)
TEXTS = np.array([" ".join(row) for row in WORDS], dtype=object)
NUMBERS = np.random.default_rng(0).integers(0, 9, (12, 3))
REAL = np.random.default_rng(0).normal(size=(12, 3))

ADAPTED: list[tuple[Callable[[], Any], np.ndarray]] = [
    (lambda: StringLookup(output_mode="tf_idf"), WORDS),
    (lambda: IntegerLookup(max_tokens=6, output_mode="tf_idf"), NUMBERS),
    (lambda: TextVectorization(output_mode="tf_idf"), TEXTS),
    (lambda: TextVectorization(ngrams=2), TEXTS),
    (lambda: Discretization(num_bins=4), REAL),
]
each_adapted = pytest.mark.parametrize(
    ("make", "data"), ADAPTED, ids=["words", "integers", "texts", "ngrams", "bins"]
)


@each_adapted
@pytest.mark.parametrize(
    "batches",
    [
        lambda x: [x[:5], x[5:]],
        lambda x: ((x[i : i + 4], None) for i in range(0, 12, 4)),
        lambda x: (
            Dataset.from_tensor_slices((x, np.zeros(12))).shuffle(seed=1).batch(5)
        ),
        lambda x: Dataset.from_tensor_slices(x),
        lambda x: x.tolist(),
    ],
    ids=["list", "pairs", "dataset", "samples", "lists"],
)
def test_adapt_on_batches_is_adapt_on_all(
    make: Callable[[], Any], data: np.ndarray, batches: Callable[[Any], Any]
) -> None:
    whole, parts = make(), make()
    whole.adapt(data)
    parts.adapt(batches(data))
    assert layers.serialize(parts)["config"] | {"name": 0} == layers.serialize(whole)[
        "config"
    ] | {"name": 0}
    np.testing.assert_array_equal(parts(data).numpy(), whole(data).numpy())


@each_adapted
def test_adapt_begins_anew_and_stops_after_steps(
    make: Callable[[], Any], data: np.ndarray
) -> None:
    wanted, found = make(), make()
    wanted.adapt(data[:6])
    found.adapt(data[6:])
    found.adapt([data[:3], data[3:6], data[6:]], steps=2)
    np.testing.assert_array_equal(found(data).numpy(), wanted(data).numpy())


def test_compiled_code_notices_another_vocabulary() -> None:
    lookup = IntegerLookup(vocabulary=[5, 6])
    compiled = wubu.jit(lambda x: lookup(x))
    assert compiled(np.array([6])).tolist() == [2]
    lookup.set_vocabulary([6, 5])
    assert compiled(np.array([6])).tolist() == [1]
    bins = Discretization(num_bins=2)
    bins.adapt([0.0, 1.0])
    counted = wubu.jit(lambda x: bins(x))
    before = counted(np.array([5.0])).tolist()
    bins.adapt([8.0, 9.0])
    assert (before, counted(np.array([5.0])).tolist()) == ([1], [0])


def test_a_model_notices_another_vocabulary() -> None:
    lookup = IntegerLookup(vocabulary=[5, 6], output_mode="one_hot")
    model = Sequential([Input((1,), dtype="int64"), lookup])
    x = np.array([[6], [5]])
    assert model.predict(x).tolist() == [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
    lookup.set_vocabulary([6, 5])
    assert model.predict(x).tolist() == [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]


# -- files ----------------------------------------------------------------------------


@each_adapted
def test_a_description_holds_what_adapt_found(
    make: Callable[[], Any], data: np.ndarray
) -> None:
    layer = make()
    layer.adapt(data)
    twin = layers.deserialize(layers.serialize(layer))
    assert layers.serialize(twin) == layers.serialize(layer)
    np.testing.assert_array_equal(twin(data).numpy(), layer(data).numpy())


def test_a_model_file_holds_vocabulary_and_boundaries(tmp_path: Path) -> None:
    words, real = Input((3,), dtype="int64"), Input((2,))
    lookup = IntegerLookup(output_mode="int", mask_token=0)
    lookup.adapt(NUMBERS)
    bins = Discretization(num_bins=3, output_mode="one_hot")
    bins.adapt(REAL)
    counts = CategoryEncoding(lookup.vocabulary_size(), "count")(lookup(words))
    joined = layers.Concatenate()([counts, layers.Flatten()(bins(real))])
    model = wubu.Model([words, real], layers.Dense(2)(joined))
    x = [NUMBERS, REAL[:, :2].astype("float32")]
    wanted = model.predict(x)
    model.save(tmp_path / "model.wubu")
    loaded = wubu.saving.load_model(tmp_path / "model.wubu")
    np.testing.assert_array_equal(loaded.predict(x), wanted)


def test_a_vocabulary_comes_from_a_text_file_but_not_by_a_description(
    tmp_path: Path,
) -> None:
    path = tmp_path / "words.txt"
    path.write_text("dog\r\nZürich\n\n", encoding="utf-8")
    layer = StringLookup(vocabulary=path)
    assert layer(["Zürich", "dog", "cat"]).tolist() == [2, 1, 0]
    config = layer.get_config()
    assert config["vocabulary"] == ["[UNK]", "dog", "Zürich"]
    with pytest.raises(ArgumentError, match="no path of a file"):
        StringLookup.from_config({**config, "vocabulary": str(path)})
    numbers = tmp_path / "numbers.txt"
    numbers.write_text("7\n-3\n", encoding="utf-8")
    assert IntegerLookup(vocabulary=str(numbers))([-3, 7]).tolist() == [2, 1]


# -- functions of one's own -----------------------------------------------------------


@wubu.saving.register("test_words")
def without_e_and_o(texts: np.ndarray) -> np.ndarray:
    return np.char.replace(np.char.replace(texts, "e", ""), "o", "")


@wubu.saving.register("test_words")
def at_commas(texts: np.ndarray) -> list[list[str]]:
    return [text.split(",") for text in texts]


def test_functions_standardize_and_split() -> None:
    layer = TextVectorization(standardize=without_e_and_o, split=at_commas)
    layer.adapt(["tea,bee", "toe"])
    assert layer.get_vocabulary() == ["", "[UNK]", "ta", "t", "b"]
    assert layer([["tee"], ["bob,to"]]).tolist() == [[3, 0], [1, 3]]
    twin = layers.deserialize(layers.serialize(layer))
    assert twin.standardize is without_e_and_o
    assert twin(["tee"]).tolist() == [[3]]


# -- details --------------------------------------------------------------------------


def test_weights_of_counts() -> None:
    layer = CategoryEncoding(3, output_mode="count")
    weights = [[0.5, 1.0], [2.0, 4.0]]
    found = layer([[0, 2], [1, 1]], count_weights=weights)
    assert found.tolist() == [[0.5, 0.0, 1.0], [0.0, 6.0, 0.0]]
    with pytest.raises(ArgumentError, match="count_weights are for counting"):
        CategoryEncoding(3)([[0, 2]], count_weights=[[1.0, 1.0]])


def test_indices_outside_count_nowhere() -> None:
    layer = CategoryEncoding(3, output_mode="count")
    assert layer([[0, -1, 3, 0]]).tolist() == [[2.0, 0.0, 0.0]]
    assert CategoryEncoding(3)(1).tolist() == [0.0, 1.0, 0.0]  # a single number


def test_places_of_higher_rank_are_kept() -> None:
    x = np.arange(8).reshape(2, 2, 2) % 3
    counts = CategoryEncoding(3, output_mode="count")(x).numpy()
    wanted = [[np.bincount(row, minlength=3) for row in part] for part in x]
    np.testing.assert_array_equal(counts, wanted)


def test_bins_of_odd_numbers() -> None:
    layer = Discretization([0.0, 1.0])
    x = [-np.inf, np.inf, np.nan, 1.0, np.nextafter(np.float32(1), 0)]
    assert layer(np.array(x, "float32")).tolist() == [0, 2, 2, 2, 1]
    large = 2**24  # float32 does not tell it from its neighbour
    assert Discretization([large + 1.0])([large, large + 1]).tolist() == [0, 1]


def test_a_bytes_text_is_decoded() -> None:
    layer = StringLookup(vocabulary=["é"], encoding="latin-1")
    assert layer([b"\xe9", "é"]).tolist() == [1, 1]


def test_several_texts_in_one_sample_stay_whole() -> None:
    layer = TextVectorization(split=None, vocabulary=["one two", "three"])
    assert layer([["One two", "three"], ["two", "three"]]).tolist() == [[2, 3], [1, 3]]
    assert layer(["three", "two"]).tolist() == [3, 1]


@pytest.mark.parametrize(
    ("fail", "words"),
    [
        (lambda: StringLookup(sparse=True, output_mode="count"), "sparse tensors"),
        (lambda: TextVectorization(ragged=True), "ragged tensors"),
        (lambda: StringLookup(output_mode="both"), "unknown output_mode"),
        (lambda: StringLookup(vocabulary=["a", "b", "a"]), "more than once"),
        (lambda: StringLookup(vocabulary=["a", ""], mask_token=""), "of its own"),
        (lambda: StringLookup(vocabulary=list("abc"), max_tokens=3), "larger than"),
        (lambda: StringLookup(vocabulary=[]), "at least one term"),
        (lambda: StringLookup(vocabulary=["a"])([3]), "no string"),
        (lambda: StringLookup(vocabulary=["a"])([["a"], ["b", "c"]]), "no string"),
        (lambda: StringLookup()(["a"]), "no vocabulary yet"),
        (lambda: StringLookup(output_mode="count")(["a"]), "no vocabulary yet"),
        (lambda: StringLookup().adapt([]), "no term"),
        (lambda: StringLookup(vocabulary=["a"]).adapt(["b"]), "was given"),
        (
            lambda: StringLookup(vocabulary=["a"], num_oov_indices=0)(["b"]),
            "not in the vocabulary",
        ),
        (
            lambda: IntegerLookup(vocabulary=[1], num_oov_indices=0)([2]),
            "not in the vocabulary",
        ),
        (lambda: IntegerLookup(vocabulary=["a"]), "is an integer"),
        (lambda: IntegerLookup(vocabulary=[1], salt=3), "salt is for hashing"),
        (lambda: IntegerLookup(pad_to_max_tokens=True), "needs max_tokens"),
        (lambda: IntegerLookup(invert=True, output_mode="count"), "invert"),
        (lambda: IntegerLookup(vocabulary=[1], output_mode="tf_idf"), "idf_weights"),
        (lambda: TextVectorization(vocabulary=["a"])([["a", "b"]]), "stand one in"),
        (lambda: TextVectorization(standardize="upper"), "unknown standardize"),
        (
            lambda: TextVectorization(output_mode="count", output_sequence_length=3),
            "number of indices",
        ),
        (lambda: CategoryEncoding(), "how many categories"),
        (lambda: Discretization([0.0], num_bins=2), "either"),
        (lambda: Discretization([1.0, 0.0]), "increase"),
        (lambda: Discretization(num_bins=2)([1.0]), "not known yet"),
        (lambda: Discretization([0.0]).adapt([1.0]), "were given"),
        (lambda: Hashing(3, mask_value="a")([1]), "is a string"),
        (lambda: Hashing(3, salt=[1, 2, 3]), "salt"),
        (lambda: Hashing(3, dtype="float32"), "dtype"),
        (lambda: HashedCrossing(3)([np.ones(2, int)]), "crossed"),
        (lambda: HashedCrossing(3)((["a"], np.ones((1, 2), int))), "one shape"),
        (lambda: HashedCrossing(3)((["a"], [1.0])), "strings or integers"),
    ],
)
def test_mistakes_are_named(fail: Callable[[], Any], words: str) -> None:
    kinds = ArgumentError, DataError, DTypeError, ShapeError, StateError
    with pytest.raises(WubuError, match=words) as caught:
        fail()
    assert isinstance(caught.value, kinds)
