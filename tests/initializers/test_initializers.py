"""Initializers: Keras' values and spreads, seeds, names, files."""

from __future__ import annotations

import inspect
import json
import math

import numpy as np
import pytest

import wubu
from reference.load import Case, cases, signatures
from wubu import initializers
from wubu.errors import ArgumentError, ShapeError, UnknownNameError
from wubu.initializers import compute_fans

CASES = cases("initializer")
EXACT = [case for case in CASES if case.outputs]
ORTHOGONAL = [
    case for case in CASES if "orthogonal" in case.properties.get("formula", {})
]
DRAWN = [case for case in CASES if case not in EXACT and case not in ORTHOGONAL]
NAMES = [
    name
    for name, value in vars(initializers).items()
    if inspect.isclass(value) and f"initializers.{name}" in signatures()
    if name == value.__name__ not in ("Initializer", "Identity")
]
RANDOM = [n for n in NAMES if n not in ("Zeros", "Ones", "Constant")]


def make(case: Case) -> wubu.Tensor:
    cls = getattr(initializers, case.name)
    seed = {"seed": 5} if case in DRAWN or case in ORTHOGONAL else {}
    return cls(**case.arguments, **seed)(tuple(case.call["shape"]))


def test_cases_are_all_of_a_known_kind() -> None:
    assert len(EXACT) >= 3
    assert len(ORTHOGONAL) == 4
    assert len(DRAWN) > 20


@pytest.mark.parametrize("case", EXACT, ids=str)
def test_values_are_keras(case: Case) -> None:
    np.testing.assert_array_equal(make(case).numpy(), case.outputs["0"].astype("f4"))


@pytest.mark.parametrize("case", DRAWN, ids=str)
def test_spread_is_keras(case: Case) -> None:
    """Mean and deviation within 5 standard errors of the formula; limits kept."""
    formula = case.properties["formula"]
    x = make(case).numpy().astype("f8")
    n = x.size
    assert abs(x.mean() - formula["mean"]) < 5 * formula["std"] / math.sqrt(n)
    # The error of a deviation is at most std / sqrt(2 (n - 1)) for these, none of
    # which has heavier tails than the normal distribution.
    assert abs(x.std() - formula["std"]) < 5 * formula["std"] / math.sqrt(2 * (n - 1))
    if "lower" in formula:
        width = formula["upper"] - formula["lower"]
        assert x.min() >= formula["lower"] - 1e-6 * width
        assert x.max() <= formula["upper"] + 1e-6 * width
        assert x.max() - x.min() > 0.95 * width


@pytest.mark.parametrize(
    "case", [c for c in DRAWN if "fan_in" in c.properties["formula"]], ids=str
)
def test_fans_are_keras(case: Case) -> None:
    formula = case.properties["formula"]
    shape = tuple(case.call["shape"])
    assert compute_fans(shape) == (formula["fan_in"], formula["fan_out"])


@pytest.mark.parametrize("case", ORTHOGONAL, ids=str)
def test_orthogonal_matrices(case: Case) -> None:
    q = make(case).numpy().astype("f8")
    q = q.reshape(-1, q.shape[-1])
    gain = case.properties["formula"]["gain"]
    square = q.T @ q if q.shape[0] >= q.shape[1] else q @ q.T
    np.testing.assert_allclose(square, gain**2 * np.eye(len(square)), atol=1e-6)


def test_orthogonal_matrices_are_rotations_in_every_direction() -> None:
    """With the sign fix the mean of an entry is 0; without it, diagonals lean."""
    drawn = [initializers.Orthogonal(seed=i)((3, 3)).numpy() for i in range(300)]
    assert np.abs(np.mean(drawn, axis=0)).max() < 5 / math.sqrt(3 * 300)


# -- seeds ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", RANDOM)
def test_an_integer_seed_gives_always_the_same(name: str) -> None:
    cls = getattr(initializers, name)
    one, other = cls(seed=3), cls(seed=3)
    first = one((6, 4)).numpy()
    np.testing.assert_array_equal(first, one((6, 4)).numpy())
    np.testing.assert_array_equal(first, other((6, 4)).numpy())
    assert (first != cls(seed=4)((6, 4)).numpy()).any()


@pytest.mark.parametrize("name", RANDOM)
def test_without_a_seed_every_call_differs_and_set_random_seed_repeats(
    name: str,
) -> None:
    def draw() -> list[np.ndarray]:
        wubu.set_random_seed(1)
        one, other = (getattr(initializers, name)() for _ in range(2))
        return [one((6, 4)).numpy(), one((6, 4)).numpy(), other((6, 4)).numpy()]

    a, b, c = draw()
    assert (a != b).any()
    assert (a != c).any()
    for x, y in zip((a, b, c), draw(), strict=True):
        np.testing.assert_array_equal(x, y)


def test_a_seed_is_an_integer() -> None:
    with pytest.raises(ArgumentError, match="a seed is"):
        initializers.HeNormal(seed="one")


def test_values_are_known_inside_a_compiled_function() -> None:
    """A layer may be built there; its weights are no part of the program."""

    @wubu.jit
    def build(x: wubu.Tensor) -> wubu.Tensor:
        w = initializers.GlorotUniform()((3, 2))
        assert not w.is_traced
        return x @ wubu.Variable(w)

    assert build(wubu.ones((4, 3))).shape == (4, 2)


# -- shapes and dtypes ----------------------------------------------------------------


@pytest.mark.parametrize("name", [*NAMES, "Identity"])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_shape_and_dtype(name: str, dtype: str) -> None:
    value = getattr(initializers, name)()((4, 3), dtype)
    assert value.shape == (4, 3)
    assert value.dtype == dtype
    assert np.isfinite(value.numpy()).all()


@pytest.mark.parametrize("shape", [(), (7,), (0, 3), 5])
def test_any_shape_will_do(shape: object) -> None:
    expected = (5,) if shape == 5 else shape
    assert initializers.GlorotUniform()(shape).shape == expected


def test_fans_of_named_axes() -> None:
    assert compute_fans((4, 5, 6), input_axes=(0,), output_axes=(1, 2)) == (4, 30)
    assert compute_fans((4, 5, 6), input_axes=0) == (20, 30)
    initializer = initializers.LecunUniform(seed=1, input_axes=0, output_axes=(1, 2))
    assert 0.7 < np.abs(initializer((3, 40, 20)).numpy()).max() <= 1  # sqrt(3 / 3)


def test_what_cannot_be_made_is_refused() -> None:
    with pytest.raises(ShapeError, match="identity"):
        initializers.Identity()((2, 2, 2))
    with pytest.raises(ShapeError, match="orthogonal"):
        initializers.Orthogonal()((3,))
    with pytest.raises(ShapeError, match="constant"):
        initializers.Constant([1.0, 2.0])((3,))
    with pytest.raises(ShapeError, match="lengths"):
        initializers.Zeros()((2, -1))
    with pytest.raises(ArgumentError, match="scale is positive"):
        initializers.VarianceScaling(scale=0)
    with pytest.raises(UnknownNameError, match="fan_inn"):
        initializers.VarianceScaling(mode="fan_inn")


# -- names and files ------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_arguments_are_keras(name: str) -> None:
    wanted = signatures()[f"initializers.{name}"]
    cls = getattr(initializers, name)
    if wanted[0]["kind"] == "var_positional":  # Keras says nothing
        assert cls().get_config() == {}
        return
    made = list(inspect.signature(cls.__init__).parameters.values())[1:]
    assert [(p.name, p.default) for p in made] == [
        (p["name"], p["default"]) for p in wanted
    ]


@pytest.mark.parametrize("name", [*NAMES, "Identity"])
def test_each_goes_into_a_file_and_back(name: str) -> None:
    cls = getattr(initializers, name)
    made = cls(seed=7) if name in RANDOM else cls()
    data = json.loads(json.dumps(initializers.serialize(made)))
    twin = initializers.deserialize(data)
    assert type(twin) is cls
    assert twin.get_config() == made.get_config()
    np.testing.assert_array_equal(twin((4, 3)).numpy(), made((4, 3)).numpy())


def test_get_takes_every_spelling() -> None:
    for spelling in ("glorot_uniform", "GlorotUniform", initializers.GlorotUniform):
        assert type(initializers.get(spelling)) is initializers.GlorotUniform
    made = initializers.Constant(2.0)
    assert initializers.get(made) is made
    assert type(initializers.get("zero")) is initializers.Zeros
    assert type(initializers.get("normal")) is initializers.RandomNormal
    assert initializers.get(None) is None
    assert initializers.he_normal is initializers.HeNormal
    for name in ("Identity", "Orthogonal"):  # which Keras once called otherwise
        cls = getattr(initializers, name)
        assert getattr(initializers, f"{name}Initializer") is cls
        assert type(initializers.get(f"{name}Initializer")) is cls


def test_what_keras_has_is_here() -> None:
    # A window of waves, for the layer STFTSpectrogram alone.
    absent = {"STFT", "STFTInitializer", "stft"}
    names = [n.split(".")[1] for n in signatures() if n.startswith("initializers.")]
    assert {n for n in names if not hasattr(initializers, n)} == absent


def test_get_takes_functions_and_arrays() -> None:
    def half(shape: tuple, dtype: object = None) -> np.ndarray:
        return np.full(shape, 0.5)

    assert initializers.get(half) is half
    assert initializers.get(np.arange(3.0))((3,)).tolist() == [0, 1, 2]


def test_unknown_names_suggest_the_nearest() -> None:
    with pytest.raises(UnknownNameError) as error:
        initializers.get("glorot_unifrom")
    assert error.value.fix == 'did you mean "GlorotUniform"?'


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("RandomNormal", {"stddev": -1}, "stddev is not negative"),
        ("TruncatedNormal", {"stddev": float("nan")}, "stddev is not negative"),
        ("RandomUniform", {"minval": 1, "maxval": 0}, "minval is the lower end"),
    ],
)
def test_distributions_that_are_none_are_refused(
    name: str, options: dict, words: str
) -> None:
    with pytest.raises(ArgumentError, match=words):
        getattr(initializers, name)(**options)
