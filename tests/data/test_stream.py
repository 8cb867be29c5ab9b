"""Streams: batches in the order of their source, checked, and named when at fault."""

from __future__ import annotations

import numpy as np
import pytest

from wubu.data import Dataset, Stream
from wubu.errors import ArgumentError, DataError, DTypeError


def batch(number: int, size: int = 2) -> tuple[np.ndarray, np.ndarray]:
    return np.full((size, 3), number, dtype=np.float32), np.full(size, number)


def numbers(stream: Stream, epoch: int) -> list[int]:
    return [int(found.y[0]) for found in stream.batches(epoch)]


class Anew:
    """An iterable that starts anew, as a loader of another framework."""

    def __init__(self, count: int) -> None:
        self.count, self.read = count, 0

    def __iter__(self):
        for number in range(self.count):
            self.read += 1
            yield batch(number)


class Sequence(list):
    """A Keras Sequence: indices, a length, and calls around an epoch."""

    calls: str = ""

    def on_epoch_begin(self) -> None:
        self.calls += "("

    def on_epoch_end(self) -> None:
        self.calls += ")"


def generator(count: int):
    yield from map(batch, range(count))


def test_a_sequence_gives_all_its_batches_each_epoch() -> None:
    source = Sequence(map(batch, range(3)))
    stream = Stream(source)
    assert stream.num_batches == 3
    assert numbers(stream, 0) == numbers(stream, 1) == [0, 1, 2]
    assert source.calls == "()()"


def test_steps_per_epoch_go_round_a_sequence_and_find_any_epoch() -> None:
    stream = Stream([batch(i) for i in range(3)], steps_per_epoch=2)
    assert numbers(stream, 2) == [1, 2]
    assert numbers(stream, 0) == [0, 1]
    assert numbers(stream, 1) == [2, 0]


def test_an_iterable_starts_anew_each_epoch_and_reads_each_batch_once() -> None:
    source = Anew(3)
    stream = Stream(source)
    assert stream.num_batches is None
    assert stream.first.y.tolist() == [0, 0]
    assert numbers(stream, 0) == [0, 1, 2]
    assert source.read == 3
    assert numbers(stream, 1) == [0, 1, 2]


def test_an_iterable_with_steps_goes_on_and_starts_anew_at_its_end() -> None:
    stream = Stream(Anew(3), steps_per_epoch=2)
    assert [numbers(stream, epoch) for epoch in range(3)] == [[0, 1], [2, 0], [1, 2]]


def test_a_generator_goes_on_where_it_stood() -> None:
    stream = Stream(generator(4), steps_per_epoch=2)
    assert not stream.re_iterable
    assert stream.num_batches == 2
    assert [numbers(stream, epoch) for epoch in range(2)] == [[0, 1], [2, 3]]


def test_a_generator_that_ends_too_early() -> None:
    stream = Stream(generator(3), steps_per_epoch=2)
    assert numbers(stream, 0) == [0, 1]
    with pytest.raises(DataError, match="ran out of batches in epoch 1") as caught:
        numbers(stream, 1)
    assert caught.value.expected == "2 batches per epoch"
    assert caught.value.got == "1 batches in this epoch"
    assert "while True" in str(caught.value.fix)


def test_a_generator_without_steps_serves_one_epoch() -> None:
    stream = Stream(generator(3))
    assert numbers(stream, 0) == [0, 1, 2]
    with pytest.raises(DataError, match="ran out of batches in epoch 1"):
        numbers(stream, 1)


def test_an_epoch_left_early_does_not_close_the_generator() -> None:
    stream = Stream(generator(4))
    for _ in stream.batches(0):
        break
    assert numbers(stream, 1) == [1, 2, 3]


@pytest.mark.parametrize(
    ("raw", "parts"),
    [
        (np.zeros((2, 3)), 1),
        ((np.zeros((2, 3)),), 1),
        ((np.zeros((2, 3)), np.zeros(2)), 2),
        ([np.zeros((2, 3)), np.zeros(2), np.ones(2)], 3),
        (({"a": np.zeros(2)}, np.zeros(2)), 2),
    ],
)
def test_the_forms_of_a_batch(raw, parts) -> None:
    stream = Stream([raw])
    (found,) = stream.batches(0)
    assert sum(part is not None for part in found) == parts


def test_four_parts_are_too_many() -> None:
    with pytest.raises(DataError, match="batch 0 of epoch 0: a batch does not") as e:
        Stream([(np.zeros(2),) * 4])
    assert "((x1, x2), y)" in str(e.value.fix)


def test_a_bad_batch_is_named_with_its_sample() -> None:
    bad = batch(1)
    bad[0][1, 2] = np.nan
    stream = Stream([batch(0), batch(0), bad])
    with pytest.raises(DataError) as caught:
        numbers(stream, 4)
    assert caught.value.what == "batch 2 of epoch 4: sample 1 of x holds NaN"
    assert caught.value.where == "x[1, 2]"


def test_single_samples_are_not_batches() -> None:
    with pytest.raises(DataError, match="batch 0 of epoch 0: y is a single number"):
        Stream([(np.zeros(3), 1), (np.zeros(3), 0)])


def test_all_batches_have_the_form_of_the_first() -> None:
    stream = Stream([batch(0), (np.zeros(2),)])
    with pytest.raises(DataError, match="batch 1 of epoch 0 has another form") as e:
        numbers(stream, 0)
    assert e.value.expected == "x: an array; y: an array; sample_weight: nothing"
    assert e.value.got == "x: an array; y: nothing; sample_weight: nothing"


@pytest.mark.parametrize("source", [[], Anew(0), generator(0)])
def test_no_batches(source) -> None:
    with pytest.raises(DataError, match="yields no batches"):
        Stream(source)


@pytest.mark.parametrize("source", [3, None, "batches", np.zeros((4, 2)), {"x": 1}])
def test_what_yields_no_batches(source) -> None:
    with pytest.raises(DTypeError, match="does not yield batches"):
        Stream(source)


@pytest.mark.parametrize("steps", [0, -1, 2.0, True])
def test_steps_that_are_none(steps) -> None:
    with pytest.raises(ArgumentError, match="steps_per_epoch"):
        Stream([batch(0)], steps_per_epoch=steps)


@pytest.mark.parametrize("steps", [None, 3, 7])
@pytest.mark.parametrize("endless", [False, True])
def test_a_dataset_finds_the_middle_of_an_epoch(steps, endless) -> None:
    samples = Dataset.from_arrays(np.arange(10.0), np.arange(10)).shuffle(seed=1)
    dataset = samples.map(lambda x, y: (x, y), 2).batch(2)
    if endless and steps is None:
        with pytest.raises(ArgumentError, match="endless"):
            Stream(dataset.repeat())
        return
    stream = Stream(dataset.repeat() if endless else dataset, steps_per_epoch=steps)
    size = steps or 5
    wanted = [int(y[0]) for e in range(6) for _, y in dataset.elements(e)]
    for epoch in range(3):
        part = wanted[epoch * size : (epoch + 1) * size]
        assert numbers(stream, epoch) == part
        later = [int(b.y[0]) for b in stream.batches(epoch, start=2)]
        assert later == part[2:]


def test_a_generator_is_read_up_to_the_middle() -> None:
    stream = Stream(Anew(4))
    assert [int(b.y[0]) for b in stream.batches(0, start=3)] == [3]
    dataset = Dataset.from_generator(Anew(4), batched=True)
    stream = Stream(dataset)
    assert numbers(stream, 0) == numbers(stream, 1) == [0, 1, 2, 3]
