"""Changes of Python objects by compiled functions: seen, or allowed for a reason."""

from __future__ import annotations

import functools

import numpy as np
import pytest

import wubu
from wubu.errors import TraceError

calls = 0
scale = 1.0
noted = np.zeros(3)
lazy = None


class Counter:
    def __init__(self):
        self.n = 0
        self.name = "none"
        self.inner = None
        self.table = np.zeros(4)

    def count(self, x):
        self.n += 1
        return x

    def rename(self, x):
        self.name = "used"
        return x

    def forget(self, x):
        self.n = None
        return x

    def fill(self, x):
        self.table[0] += 1
        return x

    def use_inner(self, x):
        return self.inner.count(x)


def counts_calls():
    global calls
    calls += 1


def helper(x):
    counts_calls()
    return x


def makes_helper_with_closure():
    number = 0

    def inner(x):
        nonlocal number
        number += 1
        return x

    return lambda x: inner(x)


def writes_to_array(x):
    noted[1] = 5
    return x


def with_inner():
    counter = Counter()
    counter.inner = Counter()
    return counter


def in_a_list():
    many = [Counter()]
    return lambda x: many[0].count(x)


counter = Counter()


@pytest.mark.parametrize(
    ("function", "what"),
    [
        (Counter().count, '"self.n" from 0 to 1'),
        (Counter().rename, "\"self.name\" from 'none' to 'used'"),
        (Counter().forget, '"self.n" from 0 to None'),
        (Counter().fill, 'contents of "self.table", an array'),
        (with_inner().use_inner, '"self.inner.n" from 0 to 1'),
        (lambda x: counter.count(x), '"counter.n" from'),
        (in_a_list(), '"many[0].n" from 0 to 1'),
        (lambda x: helper(x), '"calls" from'),
        (functools.partial(helper), '"calls" from'),
        (makes_helper_with_closure(), '"number" from'),
        (writes_to_array, 'contents of "noted", an array'),
        (lambda x: writes_to_array(x), 'contents of "noted", an array'),
        (functools.partial(Counter.count, Counter()), '"an argument.n" from 0 to 1'),
    ],
)
def test_changes_of_what_a_function_reaches_by_name_are_refused(function, what):
    noted[:] = 0
    with pytest.raises(TraceError) as caught:
        wubu.jit(function)(np.ones(2))
    assert what in caught.value.what
    assert "assign_add" in caught.value.fix
    assert str(caught.value.where).startswith("test_side_effects.py:")


def test_an_argument_that_is_an_object_is_watched_too():
    with pytest.raises(TraceError, match=r"an argument\.n"):
        wubu.jit(lambda thing, x: thing.count(x))(Counter(), np.ones(2))


def uses_lazy(x):
    global lazy
    if lazy is None:
        lazy = 3.0
    return x * lazy


class Lazy:
    def __init__(self):
        self.units = None
        self.made = False

    def make(self, x):
        if not self.made:
            self.made = True
            self.units = x.shape[-1]
            self.kernel = wubu.Variable(np.ones(self.units))
            self.added = 5
        return x * self.kernel


class KerasStyle(wubu.layers.Layer):
    def __init__(self):
        super().__init__()
        self.width = 0

    def build(self, input_shape):
        self.width = input_shape[-1]
        self.kernel = self.add_weight((self.width,))
        self.built = True

    def call(self, x):
        return x * self.kernel


def test_what_is_made_by_the_first_call_may_be_kept():
    assert wubu.jit(lambda x: uses_lazy(x))(np.ones(1)).item() == 3.0
    lazily = Lazy()
    assert wubu.jit(lazily.make)(np.ones(2)).tolist() == [1.0, 1.0]
    layer = KerasStyle()
    wubu.jit(lambda x: layer(x))(np.ones((1, 2), "float32"))
    assert layer.width == 2


def test_a_layer_that_counts_its_calls_is_refused_in_training():
    class Counting(KerasStyle):
        def __init__(self):
            super().__init__()
            self.calls = 0

        def call(self, x):
            self.calls += 1
            return super().call(x)

    layer = Counting()
    layer(np.ones((1, 2), "float32"))
    with pytest.raises(TraceError, match=r"calls\" from 1 to 2"):
        wubu.jit(lambda x: layer(x))(np.ones((1, 2), "float32"))


def test_reading_and_local_changes_are_free():
    thing = Counter()

    def function(x):
        mine = Counter()
        mine.count(x)
        mine.fill(x)
        local = np.zeros(3)
        local[0] = thing.n
        return x + local.sum() + noted.sum() * 0

    assert wubu.jit(function)(np.ones(1)).item() == 1.0
