"""`Dataset`: elements in their order, whatever threads, epochs and steps there are."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wubu.data import AUTOTUNE, Dataset
from wubu.errors import ArgumentError, DataError


def values(elements: Any) -> list[Any]:
    return [element.tolist() for element in elements]


def numbers(count: int) -> Dataset:
    return Dataset.from_tensor_slices(np.arange(count))


def generated(count: int) -> Dataset:
    return Dataset.from_generator(lambda: iter(range(count)))


# Every step, as each of them behaves for the numbers 0 to 9: with and without indices.
STEPS = {
    "map": (lambda d: d.map(lambda x: 2 * x), [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]),
    "batch": (lambda d: d.batch(4), [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]),
    "drop_last": (lambda d: d.batch(4, True), [[0, 1, 2, 3], [4, 5, 6, 7]]),
    "drop_remainder": (
        lambda d: d.batch(7, drop_remainder=True),
        [[0, 1, 2, 3, 4, 5, 6]],
    ),
    "take": (lambda d: d.take(3), [0, 1, 2]),
    "take_more": (lambda d: d.skip(8).take(5), [8, 9]),
    "skip": (lambda d: d.skip(7), [7, 8, 9]),
    "skip_all": (lambda d: d.skip(10), []),
    "repeat": (lambda d: d.take(2).repeat(2), [0, 1, 0, 1]),
    "repeat_batch": (lambda d: d.take(3).repeat(2).batch(4), [[0, 1, 2, 0], [1, 2]]),
    "for_ever": (lambda d: d.take(2).repeat().take(5), [0, 1, 0, 1, 0]),
    "cache": (lambda d: d.cache().take(3), [0, 1, 2]),
    "prefetch": (lambda d: d.prefetch(2).skip(6), [6, 7, 8, 9]),
    "threads": (
        lambda d: d.map(lambda x: x + 1, AUTOTUNE).batch(5).prefetch(3),
        [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]],
    ),
    "batch_of_batches": (lambda d: d.take(4).batch(2).batch(2), [[[0, 1], [2, 3]]]),
}


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("source", [numbers, generated])
def test_steps(name, source) -> None:
    step, wanted = STEPS[name]
    dataset = step(source(10))
    assert values(map(np.asarray, dataset)) == wanted
    if dataset.indexed:
        assert len(dataset) == len(wanted)
        assert values(np.asarray(dataset[i]) for i in range(len(wanted))) == wanted
        assert values(map(np.asarray, dataset.elements(start=1))) == wanted[1:]
    assert values(map(np.asarray, dataset)) == wanted, "a second time"


def test_steps_leave_the_dataset_they_are_asked_of_as_it_is() -> None:
    dataset = numbers(4)
    dataset.batch(2).map(lambda x: x + 1).shuffle(seed=0)
    assert values(dataset) == [0, 1, 2, 3]


# --- Elements -------------------------------------------------------------------------


def test_structures_of_elements() -> None:
    dataset = Dataset.from_tensor_slices(({"a": [1, 2], "b": ["x", "why"]}, [0.5, 1.5]))
    x, y = dataset[1]
    assert (x["a"], x["b"], y) == (2, "why", 1.5)
    (x, y) = next(iter(dataset.batch(2)))
    assert x["a"].tolist() == [1, 2] and y.tolist() == [0.5, 1.5]
    assert x["b"].dtype == object and x["b"].tolist() == ["x", "why"]
    swapped = dataset.map(lambda x, y: {"sum": x["a"] + y})
    assert swapped.batch(2)[0]["sum"].tolist() == [1.5, 3.5]


def test_arrays_have_the_forms_of_fit() -> None:
    x, y, w = np.zeros((3, 2)), np.arange(3), np.ones(3)
    assert isinstance(Dataset.from_arrays(x)[0], np.ndarray)
    assert len(Dataset.from_arrays(x, y)[0]) == 2
    assert len(Dataset.from_arrays(x, y, w)[0]) == 3
    inputs, _ = Dataset.from_arrays([x, y], y).batch(2)[0]
    assert isinstance(inputs, tuple) and inputs[0].shape == (2, 2)
    with pytest.raises(DataError, match="number of samples"):
        Dataset.from_arrays(x, y[:2])
    with pytest.raises(DataError, match="same samples"):
        Dataset.from_tensor_slices((x, y[:2]))


def test_a_memory_map_is_not_read_before_it_is_needed(tmp_path) -> None:
    np.save(tmp_path / "x.npy", np.arange(12.0).reshape(6, 2))
    held = np.load(tmp_path / "x.npy", mmap_mode="r")
    dataset = Dataset.from_arrays(held, np.arange(6)).batch(4)
    x, y = dataset[1]
    assert isinstance(x, np.memmap), "a slice is a view"
    assert x.tolist() == [[8, 9], [10, 11]] and y.tolist() == [4, 5]
    arrays, _ = dataset.as_batches() or pytest.fail("these are arrays")
    assert arrays.x is held


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        ([np.zeros(2), np.zeros(3)], ["element 1 of the batch", "shape (3,)"]),
        ([(1, 2), (1, 2, 3)], ["a tuple of 3", "a tuple of 2, as element 0"]),
        ([{"a": 1}, {"b": 1}], ['a dictionary of "b"']),
    ],
)
def test_elements_that_make_no_batch(elements, words) -> None:
    with pytest.raises(DataError) as caught:
        list(Dataset.from_generator(elements).batch(2))
    for word in words:
        assert word in str(caught.value)


def test_lengths() -> None:
    assert numbers(10).cardinality() == 10
    assert numbers(10).repeat().cardinality() == -1
    assert generated(10).cardinality() == -2
    assert Dataset.from_generator(range(5), length=5).batch(2).cardinality() == 3
    with pytest.raises(TypeError, match="endless"):
        len(numbers(3).repeat())
    with pytest.raises(TypeError, match="unknown"):
        len(generated(3))
    with pytest.raises(IndexError):
        numbers(3)[3]
    assert numbers(3)[-1] == 2
    assert repr(numbers(5).batch(2)) == "Dataset(3 batches)"


# --- Orders ---------------------------------------------------------------------------


def test_the_order_is_a_function_of_seed_and_epoch() -> None:
    dataset = numbers(20).shuffle(seed=5)
    epochs = [values(dataset.elements(epoch)) for epoch in range(3)]
    assert all(sorted(epoch) == list(range(20)) for epoch in epochs)
    assert epochs[0] != epochs[1] != epochs[2]
    assert [values(dataset) for _ in range(3)] == epochs, "each loop is another epoch"
    again = numbers(20).shuffle(seed=5).map(lambda x: x, 3).batch(7)
    found = np.concatenate(list(again.elements(epoch=2, start=1)))
    assert found.tolist() == epochs[2][7:], "also with threads and from the middle"
    kept = numbers(20).shuffle(seed=5, reshuffle_each_iteration=False)
    assert values(kept.elements(1)) == epochs[0]


def test_repeated_epochs_are_those_that_would_come() -> None:
    dataset = numbers(6).shuffle(seed=1)
    wanted = [v for epoch in range(4) for v in values(dataset.elements(epoch))]
    assert values(dataset.repeat(2).elements(0)) == wanted[:12]
    assert values(dataset.repeat(2).elements(1)) == wanted[12:]
    assert values(dataset.repeat().take(24)) == wanted


def test_a_generator_is_shuffled_in_a_buffer() -> None:
    dataset = generated(50).shuffle(10, seed=2)
    first, second = values(map(np.asarray, dataset)), values(map(np.asarray, dataset))
    assert sorted(first) == sorted(second) == list(range(50))
    assert first != second != list(range(50))
    assert max(place - v for v, place in zip(first, range(50), strict=True)) < 50
    assert all(v < place + 10 for place, v in enumerate(first)), "ten wait at most"
    assert values(map(np.asarray, dataset.elements(0))) == first
    with pytest.raises(ArgumentError, match="buffer_size=1000"):
        generated(5).shuffle(seed=2)


def test_the_seed_of_wubu_is_taken_where_none_is_given() -> None:
    import wubu

    dataset = numbers(30).shuffle()
    wubu.set_random_seed(3)
    first = values(dataset.elements(0))
    wubu.set_random_seed(4)
    assert values(dataset.elements(0)) != first
    wubu.set_random_seed(3)
    assert values(dataset.elements(0)) == first


def test_random_functions_draw_the_same_with_any_number_of_threads() -> None:
    def noisy(x: Any, rng: np.random.Generator) -> Any:
        return x + rng.random()

    one = numbers(12).map(noisy, seed=9)
    three = numbers(12).map(noisy, 3, seed=9).batch(12)
    assert values(one.elements(1)) == three.elements(1).__next__().tolist()
    assert values(one.elements(1)) != values(one.elements(0))


# --- Threads --------------------------------------------------------------------------


def test_a_map_in_threads_runs_several_calls_at_once() -> None:
    barrier = threading.Barrier(3, timeout=20)

    def meet(x: Any) -> Any:
        barrier.wait()  # passes only when three calls are inside
        return x

    assert values(numbers(6).map(meet, 3)) == [0, 1, 2, 3, 4, 5]


def test_prefetched_elements_are_made_before_they_are_asked_for() -> None:
    made = [threading.Event() for _ in range(6)]

    def note(x: Any) -> Any:
        made[int(x)].set()
        return x

    for source in (numbers(6), Dataset.from_generator(range(6))):
        elements = iter(source.map(note).prefetch(2))
        next(elements)
        assert made[2].wait(20), "two more, by a thread"
        assert not made[5].is_set(), "but not all"
        elements.close()  # type: ignore[attr-defined]
        for event in made:
            event.clear()


@pytest.mark.parametrize(
    "prepared",
    [
        lambda d: d,
        lambda d: d.batch(2),
        lambda d: d.cache(),
        lambda d: Dataset.from_generator(lambda: iter(d)).cache(),
        lambda d: d.cache().batch(2),
    ],
)
def test_functions_may_write_into_what_they_get(prepared) -> None:
    def scale(x: np.ndarray, y: Any) -> Any:
        x /= 255
        return x, y

    x = np.full((4, 2), 255, np.float32)
    scaled = prepared(Dataset.from_tensor_slices((x, np.arange(4)))).map(scale)
    for _ in range(3):
        assert all((x == 1).all() for x, _ in scaled)
    assert (x == 255).all()


@pytest.mark.parametrize("workers", [None, 2])
@pytest.mark.parametrize("source", [numbers, generated])
def test_functions_cannot_end_an_epoch(source, workers) -> None:
    def stops(x: Any) -> Any:
        return x if x < 2 else next(iter(()))

    with pytest.raises(DataError, match="raised StopIteration"):
        list(source(4).map(stops, workers))


def test_an_error_in_a_thread_arrives_where_the_elements_are_read() -> None:
    def fail(x: Any) -> Any:
        if x == 3:
            raise ValueError("three")
        return x

    for source in (numbers(6), generated(6)):
        elements = iter(source.map(fail, 2))
        assert [int(next(elements)) for _ in range(3)] == [0, 1, 2]
        with pytest.raises(ValueError, match="three"):
            next(elements)


# --- Cache ----------------------------------------------------------------------------


class Counted:
    """A function that counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, x: Any) -> Any:
        self.calls += 1
        return np.full(2, x), str(x)


@pytest.mark.parametrize("source", [numbers, generated])
def test_cached_elements_are_made_once(source) -> None:
    count = Counted()
    dataset = source(6).map(count).cache()
    for epoch in range(3):
        batches = list(dataset.batch(4).elements(epoch))
        assert np.concatenate([x for x, _ in batches])[:, 0].tolist() == list(range(6))
        assert batches[1][1].tolist() == ["4", "5"]
    assert count.calls == 6


def test_elements_of_differing_shapes_are_cached_too() -> None:
    dataset = numbers(4).map(lambda x: np.arange(x + 1)).cache()
    for _ in range(2):
        assert values(dataset) == [[0], [0, 1], [0, 1, 2], [0, 1, 2, 3]]
    padded = dataset.map(lambda x: np.resize(x, 2)).batch(2)
    assert values(padded) == [[[0, 0], [0, 1]], [[0, 1], [0, 1]]]


def test_a_cache_in_files_serves_the_next_run(tmp_path) -> None:
    count = Counted()
    made = numbers(5).map(lambda x: (count(x)[0], {"label": x % 2}))
    first = made.cache(tmp_path / "kept")
    assert [x.tolist() for x, _ in first] == [[i, i] for i in range(5)]
    second = made.cache(tmp_path / "kept").batch(5)
    x, y = second[0]
    assert x[:, 0].tolist() == [0, 1, 2, 3, 4] and y["label"].tolist() == [
        0,
        1,
        0,
        1,
        0,
    ]
    assert count.calls == 5
    arrays, _ = second.as_batches() or pytest.fail("these are arrays")
    assert isinstance(arrays.x, np.memmap)
    with pytest.raises(DataError, match="made of other data"):
        numbers(6).cache(tmp_path / "kept")
    with pytest.raises(DataError, match="only numbers of one shape"):
        list(numbers(3).map(lambda x: np.arange(x)).cache(tmp_path / "other"))
    with pytest.raises(ArgumentError, match="in memory"):
        generated(3).cache(tmp_path / "more")


def test_an_unfinished_cache_in_files_is_begun_anew(tmp_path) -> None:
    dataset = numbers(5).map(float).cache(tmp_path)
    next(iter(dataset))
    assert values(map(np.asarray, numbers(5).map(float).cache(tmp_path))) == [*range(5)]


# --- Splits ---------------------------------------------------------------------------


def test_parts_are_disjoint_and_complete() -> None:
    dataset = numbers(10)
    assert [values(part) for part in dataset.split(0.8)] == [[*range(8)], [8, 9]]
    parts = dataset.split([0.5, 0.3, 0.2], seed=1)
    assert [len(part) for part in parts] == [5, 3, 2]
    assert sorted(v for part in parts for v in values(part)) == [*range(10)]
    again = dataset.split([0.5, 0.3, 0.2], seed=1)
    assert [values(part) for part in again] == [values(part) for part in parts]
    other = dataset.split([0.5, 0.3, 0.2], seed=2)
    assert [values(part) for part in other] != [values(part) for part in parts]


@pytest.mark.parametrize("form", ["numbers", "column", "one_hot", "names"])
def test_stratified_parts_have_their_share_of_every_class(form) -> None:
    classes = np.repeat([0, 1, 2], [70, 20, 10])
    y = {
        "numbers": classes,
        "column": classes[:, None].astype(np.float32),
        "one_hot": np.eye(3, dtype=np.float32)[classes],
        "names": np.array(["cat", "dog", "eel"])[classes],
    }[form]
    dataset = Dataset.from_tensor_slices((np.arange(100), y))
    train, test = dataset.split(0.8, stratify=True, seed=3)
    for part, wanted in [(train, [56, 16, 8]), (test, [14, 4, 2])]:
        rows = np.array([int(x) for x, _ in part])
        assert np.bincount(classes[rows]).tolist() == wanted
    named = dataset.map(lambda x, y: x).split(0.5, stratify=classes, seed=3)[0]
    rows = np.array([int(x) for x in named])
    assert np.bincount(classes[rows]).tolist() == [35, 10, 5]


@pytest.mark.parametrize(
    ("split", "words"),
    [
        (lambda d: d.split(1.5), "sum is 1"),
        (lambda d: d.split([0.5, 0.4]), "sum is 1"),
        (lambda d: d.split(0.01), "no samples"),
        (lambda d: d.batch(2).split(0.5), "split before batch"),
        (lambda d: d.shuffle(seed=0).split(0.5, stratify=True), "stratify=y"),
        (lambda d: d.split(0.5, stratify=np.arange(3)), "cannot be stratified"),
        (lambda d: d.split(0.5, stratify=np.linspace(0, 1, 10)), "amounts"),
        (lambda d: generated(4).split(0.5), "have numbers"),
        (lambda d: d.batch(0), "batch_size"),
        (lambda d: d.batch(2.0), "batch_size"),
        (lambda d: d.take(-1), "count"),
        (lambda d: d.repeat().cache(), "before repeat"),
        (lambda d: d.repeat().shuffle(seed=0), "before repeat"),
        (lambda d: generated(3)[0], "no numbers"),
    ],
)
def test_what_cannot_be_done_is_refused(split, words) -> None:
    with pytest.raises((ArgumentError, DataError)) as caught:
        split(numbers(10))
    assert words in str(caught.value)


def test_a_generator_that_was_read_is_not_read_again() -> None:
    dataset = Dataset.from_generator(iter(range(3)))
    assert list(dataset) == [0, 1, 2]
    with pytest.raises(DataError, match="cannot be read again"):
        list(dataset)


# --- As arrays ------------------------------------------------------------------------


def test_pipelines_that_are_arrays_in_some_order() -> None:
    x, y = np.arange(10.0), np.arange(10)
    dataset = Dataset.from_arrays(x, y)
    for made in [
        dataset.batch(4),
        dataset.shuffle(seed=1).batch(4, drop_last=True).prefetch(2),
        dataset.split(0.7, seed=1)[0].shuffle(seed=2).repeat(2).batch(3),
        dataset.skip(2).take(5).shuffle(seed=2).batch(3),
        dataset.map(lambda x, y: (x * 2, y)).cache().shuffle(seed=1).batch(4),
    ]:
        arrays, batches = made.as_batches() or pytest.fail("these are arrays")
        assert len(batches) == len(made)
        for epoch in range(2):
            for rows, (x_batch, y_batch) in zip(
                batches.batches(epoch), made.elements(epoch), strict=True
            ):
                rows = batches.indices(epoch)[rows]
                assert arrays.x[rows].tolist() == x_batch.tolist()
                assert arrays.y[rows].tolist() == y_batch.tolist()


def test_pipelines_that_are_more_than_arrays() -> None:
    dataset = Dataset.from_arrays(np.arange(10.0), np.arange(10))
    for made in [
        dataset,
        dataset.map(lambda x, y: (x, y)).batch(2),
        dataset.batch(2).map(lambda x, y: (x, y)),
        dataset.repeat().batch(2),
        dataset.batch(2).take(3),
        generated(3).cache().batch(2),
        numbers(3).map(lambda x: np.arange(x + 1)).cache().batch(1),
    ]:
        assert made.as_batches() is None


# --- Any pipeline ---------------------------------------------------------------------

CHANGES = {
    "map": lambda d, n: d.map(lambda x: np.asarray(x) + n),
    "threads": lambda d, n: d.map(lambda x: np.asarray(x) * n, 2),
    "take": lambda d, n: d.take(n),
    "skip": lambda d, n: d.skip(n),
    "repeat": lambda d, n: d.repeat(1 + n % 2),
    "cache": lambda d, n: d.cache(),
    "prefetch": lambda d, n: d.prefetch(n),
    "batch": lambda d, n: d.batch(n + 1, drop_last=True),
}


def listed(elements: list[Any], name: str, n: int) -> list[Any]:
    """What each change means, for a list."""
    if name in ("map", "threads"):
        return [x + n if name == "map" else x * n for x in elements]
    if name == "batch":
        size = n + 1
        starts = range(0, len(elements) - size + 1, size)
        return [np.stack(elements[i : i + size]) for i in starts]
    simple = {"take": elements[:n], "skip": elements[n:]}
    return simple.get(name, elements * (1 + n % 2 if name == "repeat" else 1))


@given(
    st.lists(st.tuples(st.sampled_from(list(CHANGES)), st.integers(0, 4)), max_size=5),
    st.integers(0, 5),
)
def test_any_pipeline_gives_what_its_steps_mean(steps, start) -> None:
    sources = [numbers(9), generated(9)]
    wanted = [np.asarray(i) for i in range(9)]
    for name, n in steps:
        sources = [CHANGES[name](source, n) for source in sources]
        wanted = listed(wanted, name, n)
    lists = values(wanted)
    for source in sources:
        assert values(map(np.asarray, source)) == lists
        assert values(map(np.asarray, source.elements(1, start))) == lists[start:]
    assert len(sources[0]) == len(lists)
    assert sources[1].cardinality() in (-2, len(lists))
