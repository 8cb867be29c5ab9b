"""Batches: each sample once an epoch, in an order that only seed and epoch decide."""

from __future__ import annotations

import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wubu.data import batching
from wubu.data.batching import Batches, stable_order, take
from wubu.errors import ArgumentError

SEEDS = st.integers(0, 2**64 - 1)
SIZES = st.integers(1, 200)


@given(SIZES, SIZES, st.booleans(), SEEDS, st.integers(0, 2**40), st.booleans())
def test_every_sample_once_and_only_the_last_batch_short(
    samples, size, shuffle, seed, epoch, drop_last
) -> None:
    if drop_last and size > samples:
        return
    batches = Batches(samples, size, shuffle=shuffle, seed=seed, drop_last=drop_last)
    whole, rest = divmod(samples, size)
    parts = [np.arange(samples)[part] for part in batches.batches(epoch)]
    lengths = [size] * whole + [rest] * (rest > 0 and not drop_last)
    assert [len(part) for part in parts] == lengths
    assert len(batches) == len(lengths)
    seen = np.concatenate(parts)
    np.testing.assert_array_equal(seen, batches.indices(epoch)[: len(seen)])
    assert sorted(batches.indices(epoch).tolist()) == list(range(samples))


@given(SIZES, SEEDS, st.integers(0, 1000))
def test_the_order_does_not_depend_on_what_was_drawn_before(n, seed, epoch) -> None:
    used = Batches(n, 7, shuffle=True, seed=seed)
    for earlier in range(3):
        list(used.batches(earlier))
    np.random.default_rng(0).random(5)
    fresh = Batches(n, 7, shuffle=True, seed=seed)
    np.testing.assert_array_equal(used.indices(epoch), fresh.indices(epoch))


@given(SIZES, st.integers(1, 20), SEEDS, st.data())
def test_an_epoch_can_be_entered_at_any_batch(samples, size, seed, data) -> None:
    batches = Batches(samples, size, shuffle=True, seed=seed)
    start = data.draw(st.integers(0, len(batches) + 1))
    rest = list(batches.batches(epoch=3, start=start))
    whole = list(batches.batches(epoch=3))[start:]
    assert len(rest) == len(whole)
    for a, b in zip(rest, whole, strict=True):
        np.testing.assert_array_equal(a, b)


def test_epochs_and_seeds_have_orders_of_their_own() -> None:
    orders = {
        tuple(Batches(50, 5, shuffle=True, seed=seed).indices(epoch).tolist())
        for seed in range(10)
        for epoch in range(10)
    }
    assert len(orders) == 100


def test_every_position_is_equally_likely() -> None:
    # Over many epochs sample 0 lands on each of 8 places equally often: chi-squared
    # with 7 degrees of freedom exceeds 24.3 once in a thousand.
    batches = Batches(8, 1, shuffle=True, seed=5)
    places = [int(np.argmin(batches.indices(epoch))) for epoch in range(4000)]
    counts = np.bincount(places, minlength=8)
    assert ((counts - 500) ** 2 / 500).sum() < 24.3


@pytest.mark.parametrize("seed", [0, 7, 2**63, 2**64 - 1])
def test_the_order_sorts_the_words_of_philox(seed: int) -> None:
    batches = Batches(101, 10, shuffle=True, seed=seed)
    for epoch in (2, 0, 2):  # in any order of epochs
        key = np.array([seed, epoch], dtype=np.uint64)
        words = np.random.Philox(key=key).random_raw(101)
        expected = sorted(range(101), key=words.tolist().__getitem__)
        order = batches.indices(epoch)
        assert order.tolist() == expected
        assert order.dtype == np.int64


@given(st.lists(st.integers(0, 2**64 - 1), max_size=300), st.integers(1, 2**63))
def test_sorting_in_two_parts_is_stable(words, rounded) -> None:
    words = np.array(words, np.uint64) // np.uint64(rounded) * np.uint64(rounded)
    expected = np.argsort(words, kind="stable").tolist()
    assert stable_order(words).tolist() == expected
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batching, "_FEW", 0)
        assert stable_order(words).tolist() == expected


def test_threads_do_not_disturb_the_order_of_each_other() -> None:
    batches = Batches(500, 10, shuffle=True, seed=1)
    expected = [batches.indices(epoch).tolist() for epoch in range(20)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda epoch: batches.indices(epoch).tolist(), range(20)))
    assert found == expected


def test_philox_words_are_those_of_its_authors() -> None:
    # Known answer of Random123 (kat_vectors, philox4x64 10, key and counter 0). NumPy
    # counts up before its first block, so the counter starts one below.
    below = np.full(4, 2**64 - 1, dtype=np.uint64)
    words = np.random.Philox(key=0, counter=below).random_raw(4)
    assert [f"{word:016x}" for word in words.tolist()] == [
        "16554d9eca36314c",
        "db20fe9d672d0fdc",
        "d7e772cee186176b",
        "7e68b68aec7ba23b",
    ]


@given(SIZES, st.booleans())
def test_take_gathers_every_array_alike(samples, contiguous) -> None:
    x = np.arange(samples * 6).reshape(samples, 6)
    structure = {"a": x if contiguous else x[:, ::2], "b": x[:, 0]}
    order = Batches(samples, 3, shuffle=True, seed=0).indices(0)
    taken = take(structure, order)
    for key, array in structure.items():
        np.testing.assert_array_equal(taken[key], array[order])
    assert take(None, order) is None


def test_slices_share_memory_and_indices_do_not() -> None:
    x = np.arange(6)
    assert np.shares_memory(take(x, slice(1, 3)), x)
    assert not np.shares_memory(take(x, np.array([1, 2])), x)


@pytest.mark.parametrize("view", [np.s_[:, ::2], np.s_[::2]])
def test_taking_from_a_view_does_not_copy_the_whole_array(view) -> None:
    x = np.zeros((1_000_000, 8), dtype=np.uint8)[view]
    tracemalloc.start()
    take(x, np.arange(10))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000


@pytest.mark.parametrize(
    ("value", "what", "fix"),
    [
        (0, "batch_size is too small", None),
        (-3, "batch_size is too small", None),
        (32.0, "batch_size is not a whole number", "write batch_size=32"),
        (2.5, "batch_size is not a whole number", None),
        ("32", "batch_size is not a whole number", None),
        (True, "batch_size is not a whole number", None),
        (None, "batch_size is not a whole number", None),
    ],
)
def test_batch_sizes_that_are_none(value, what, fix) -> None:
    with pytest.raises(ArgumentError) as caught:
        Batches(10, value, shuffle=False, seed=None)
    assert caught.value.what == what
    assert caught.value.got == repr(value)
    assert caught.value.fix == fix


def test_numpy_integers_are_whole_numbers() -> None:
    assert len(Batches(np.int32(10), np.int64(3), shuffle=False, seed=None)) == 4


def test_shuffling_needs_a_seed_in_range() -> None:
    with pytest.raises(ArgumentError, match="shuffling needs a seed"):
        Batches(10, 2, shuffle=True, seed=None)
    for seed in (-1, 2**64):
        with pytest.raises(ArgumentError, match="seed is out of range"):
            Batches(10, 2, shuffle=True, seed=seed)


def test_dropping_the_only_batch_is_refused() -> None:
    with pytest.raises(ArgumentError, match="no whole batch is left"):
        Batches(3, 4, shuffle=False, seed=None, drop_last=True)


def test_epochs_count_from_zero() -> None:
    with pytest.raises(ArgumentError, match="epoch is negative"):
        Batches(3, 2, shuffle=True, seed=0).indices(-1)
