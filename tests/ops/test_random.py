"""Random numbers: Philox' published vectors, streams, distributions, compilation."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

import wubu
from wubu import random
from wubu.core.primitive import get_primitive
from wubu.ops.random import SeedGenerator, philox

ONES = 0xFFFFFFFF
# Random123's kat_vectors for philox4x32-10: counter, key, result.
KNOWN_ANSWERS = [
    (
        [0, 0, 0, 0],
        [0, 0],
        [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8],
    ),
    (
        [ONES] * 4,
        [ONES] * 2,
        [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD],
    ),
    (
        [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
        [0xA4093822, 0x299F31D0],
        [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
    ),
]
DRAWS = {
    "uniform": lambda shape, seed: random.uniform(shape, seed=seed),
    "uniform64": lambda shape, seed: random.uniform(shape, dtype="float64", seed=seed),
    "randint": lambda shape, seed: random.randint(shape, 0, 1000, seed=seed),
    "normal": lambda shape, seed: random.normal(shape, seed=seed),
    "truncated": lambda shape, seed: random.truncated_normal(shape, seed=seed),
    "bernoulli": lambda shape, seed: random.bernoulli(shape, 0.5, seed=seed),
    "dropout": lambda shape, seed: random.dropout(wubu.ones(shape), 0.5, seed=seed),
}


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN_ANSWERS)
def test_philox_gives_the_published_words(counter, key, expected):
    assert [int(word) for word in philox(counter, key)] == expected


def test_bits_are_laid_out_as_the_docstring_says():
    """Word i % 4 of counter (i // 4, sample, operation, step) is for element i."""
    state = np.array([5, 6, 7, 8], np.uint32)
    bits = get_primitive("random_bits")(state, shape=(3, 2, 5), num_bits=32).numpy()
    for sample, element in np.ndindex(3, 10):
        words = philox((element // 4, sample, 7, 8), (5, 6))
        assert bits.reshape(3, 10)[sample, element] == words[element % 4]
    top = get_primitive("random_bits")(state, shape=(3, 2, 5), num_bits=24).numpy()
    np.testing.assert_array_equal(top, bits >> 8)


def test_bits_shape_rule_and_refusal():
    bits = get_primitive("random_bits")
    state = np.zeros(4, np.uint32)
    for shape in [(), (0,), (3,), (2, 0, 3), (2, 3)]:
        found = bits(state, shape=shape, num_bits=32)
        assert (found.shape, found.dtype) == (shape, "uint32")
        params = {"shape": shape, "num_bits": 32}
        spec = bits.specs([wubu.tensor(state)], params)
        assert spec == [(shape, np.dtype("uint32"))]
    with pytest.raises(wubu.errors.ArgumentError, match="state of a SeedGenerator"):
        bits(np.zeros(3, np.uint32), shape=(), num_bits=8)


@pytest.mark.parametrize("name", DRAWS)
@given(batch=st.integers(1, 5), more=st.integers(1, 4))
def test_a_sample_does_not_depend_on_how_many_there_are(name, batch, more):
    few = DRAWS[name]((batch, 3, 2), 1).numpy()
    many = DRAWS[name]((batch + more, 3, 2), 1).numpy()
    np.testing.assert_array_equal(many[:batch], few)


@pytest.mark.parametrize("name", DRAWS)
def test_compiled_sequences_equal_eager_ones(name):
    def sequence(draw_once):
        return [draw_once().numpy() for _ in range(4)]

    wubu.set_random_seed(3)
    eager_source = SeedGenerator()
    eager = sequence(lambda: DRAWS[name]((2, 3), eager_source))
    wubu.set_random_seed(3)
    source = SeedGenerator()
    draw = wubu.jit(lambda: DRAWS[name]((2, 3), source), executor="numpy")
    compiled = sequence(draw)
    for a, b in zip(eager, compiled, strict=True):
        np.testing.assert_array_equal(a, b)
    assert any((a != b).any() for a, b in itertools.pairwise(eager))


def test_two_draws_in_one_compiled_call_differ():
    source = SeedGenerator(1)
    draw_two = wubu.jit(lambda: [random.uniform(8, seed=source) for _ in range(2)])
    a, b = draw_two()
    assert (a != b).numpy().any()


@pytest.mark.parametrize("name", DRAWS)
def test_an_integer_seed_always_gives_the_same_and_another_something_else(name):
    a, b, c = (DRAWS[name]((4, 8), seed).numpy() for seed in (1, 1, 2))
    np.testing.assert_array_equal(a, b)
    assert (a != c).any()


def test_setting_the_seed_starts_everything_again():
    compiled = wubu.jit(lambda: random.uniform(3))

    def draws():
        own = SeedGenerator()
        return [
            random.uniform(3).tolist(),
            compiled().tolist(),
            random.uniform(3, seed=own).tolist(),
            random.uniform(3).tolist(),
        ]

    wubu.set_random_seed(7)
    first = draws()
    wubu.set_random_seed(7)
    assert draws() == first
    wubu.set_random_seed(8)
    assert draws() != first
    assert len({str(values) for values in first}) == 4
    with pytest.raises(wubu.errors.ArgumentError, match="seed is an integer"):
        wubu.set_random_seed(0.5)


def test_a_seed_of_its_own_decides_what_a_generator_draws() -> None:
    """Whatever was made before, and whatever the seed of the process is."""
    a = SeedGenerator(5)
    wubu.set_random_seed(3)
    SeedGenerator()
    b = SeedGenerator(5)
    for _ in range(2):
        x, y = random.uniform(9, seed=a).numpy(), random.uniform(9, seed=b).numpy()
        np.testing.assert_array_equal(x, y)
    other = random.uniform(9, seed=SeedGenerator(6)).numpy()
    assert not np.isin(other, x).any()


@pytest.mark.parametrize("seed", [-1, 2**40, 2**64 - 1])
def test_any_integer_is_a_seed(seed):
    assert random.uniform(2, seed=seed).shape == (2,)
    assert random.uniform(2, seed=SeedGenerator(seed)).shape == (2,)


# -- distributions: fixed seeds, so that nothing is left to chance ---------------------

MANY = (200, 1000)


@pytest.mark.parametrize(
    ("dtype", "bits"), [("float16", 11), ("float32", 24), ("float64", 53)]
)
def test_uniform_numbers_fill_the_unit_interval_to_the_last_bit(dtype, bits):
    x = random.uniform(MANY, dtype=dtype, seed=1).numpy()
    assert x.dtype == dtype
    assert x.min() >= 0 and x.max() < 1
    whole = x.astype("float64") * 2.0**bits
    assert (whole == np.floor(whole)).all(), "multiples of the last bit"
    assert (whole % 2 == 1).mean() == pytest.approx(0.5, abs=0.01), "which is used"
    if dtype != "float16":
        assert scipy.stats.kstest(x.ravel(), "uniform").pvalue > 0.01


def test_uniform_never_reaches_its_upper_end():
    x = random.uniform(MANY, 1e6, 1e6 + 1, seed=1).numpy()
    assert x.min() >= 1e6 and x.max() < 1e6 + 1
    with pytest.raises(wubu.errors.ArgumentError, match="minval < maxval"):
        random.uniform(3, 1.0, 1.0)


def test_normal_numbers_are_normal():
    x = random.normal(MANY, dtype="float64", seed=1).numpy().ravel()
    assert scipy.stats.kstest(x, "norm").pvalue > 0.01
    shifted = random.normal(MANY, 3.0, 0.5, seed=2).numpy()
    assert shifted.mean() == pytest.approx(3, abs=0.01)
    assert shifted.std() == pytest.approx(0.5, abs=0.01)
    assert np.isfinite(shifted).all()


def test_truncated_normal_numbers_stay_within_two_deviations():
    x = random.truncated_normal(MANY, 1.0, 0.5, seed=1).numpy()
    assert x.min() >= 0.0 and x.max() <= 2.0
    standard = (x.astype("float64").ravel() - 1) / 0.5
    assert scipy.stats.kstest(standard, scipy.stats.truncnorm(-2, 2).cdf).pvalue > 0.01
    assert standard.std() == pytest.approx(0.8796, abs=0.005)


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8"])
def test_integers_are_evenly_distributed(dtype):
    x = random.randint(MANY, 2, 9, dtype, seed=1).numpy()
    assert x.dtype == dtype
    values, counts = np.unique(x, return_counts=True)
    assert values.tolist() == list(range(2, 9))
    assert scipy.stats.chisquare(counts).pvalue > 0.01
    assert random.uniform((3,), 0, 5, "int32", seed=1).dtype == "int32"
    with pytest.raises(wubu.errors.ArgumentError, match="minval < maxval"):
        random.randint(3, 5, 5)


@pytest.mark.parametrize("rate", [0.0, 0.2, 0.9])
def test_dropout_keeps_the_expectation_and_scales_what_stays(rate):
    x = random.dropout(wubu.ones(MANY), rate, seed=1).numpy()
    assert set(np.unique(x)) <= {0.0, np.float32(1 / (1 - rate))}
    assert (x == 0).mean() == pytest.approx(rate, abs=0.01)
    assert x.mean() == pytest.approx(1, abs=0.02)


def test_dropout_gradient_is_the_mask_and_noise_axes_are_shared():
    x = wubu.ones(4, 6, 2, requires_grad=True)
    y = random.dropout(x, 0.5, noise_shape=(None, 1, None), seed=1)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), y.numpy())
    assert (y.numpy() == y.numpy()[:, :1]).all()
    for rate in (1.0, -0.1):
        with pytest.raises(wubu.errors.ArgumentError, match="dropout rate"):
            random.dropout(x, rate)


def test_neighbouring_streams_are_independent():
    """Steps, operations and samples next to each other show no correlation."""
    state = np.array([1, 2, 3, 4], np.uint32)
    bits = get_primitive("random_bits")

    def stream(place: int) -> np.ndarray:
        other = state.copy()
        other[place] += 1
        return bits(other, shape=(100, 100), num_bits=24).numpy() / 2**24

    base = bits(state, shape=(100, 100), num_bits=24).numpy() / 2**24
    for place in range(4):
        found = np.corrcoef(base.ravel(), stream(place).ravel())[0, 1]
        assert abs(found) < 0.03
    assert abs(np.corrcoef(base[:-1].ravel(), base[1:].ravel())[0, 1]) < 0.03
