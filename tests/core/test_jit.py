"""`jit`: compiled functions do what the eager ones do, and say when they cannot."""

from __future__ import annotations

import copy
import functools
import gc
import inspect
import itertools
import threading
import warnings
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import pytest

import wubu
from wubu import Variable, ops
from wubu.core import tree
from wubu.core.modes import active_trace
from wubu.errors import ArgumentError, TraceError, UnknownNameError


class Network:
    """Two dense layers, dropout, moving statistics and momentum, written by hand."""

    def __init__(self) -> None:
        wubu.set_random_seed(0)
        random = np.random.default_rng(0)
        shapes = [(4, 8), (8,), (8, 3), (3,)]
        self.weights = [
            Variable(random.standard_normal(s).astype("float32") * 0.3) for s in shapes
        ]
        self.velocity = [
            Variable(np.zeros(s, "float32"), trainable=False) for s in shapes
        ]
        self.mean = Variable(np.zeros(8, "float32"), trainable=False)
        self.seed = wubu.random.SeedGenerator()
        self.steps = Variable(0, trainable=False)

    def loss(self, x, y):
        w1, b1, w2, b2 = self.weights
        h = ops.relu(x @ w1 + b1)
        self.mean.assign(self.mean * 0.9 + h.mean(0).detach() * 0.1)
        h = wubu.random.dropout(h - self.mean, 0.3, seed=self.seed)
        logits = h @ w2 + b2
        return ops.sparse_categorical_crossentropy(y, logits, from_logits=True).mean()

    def step(self, x, y):
        loss = self.loss(x, y)
        loss.backward()
        with wubu.no_grad():
            for w, v in zip(self.weights, self.velocity, strict=True):
                v.assign(v * 0.9 + w.grad)
                w.assign_sub(v * 0.05)
                w.grad = None
        self.steps.assign_add(1)
        return loss

    def state(self):
        values = [*self.weights, *self.velocity, self.mean, self.seed.state, self.steps]
        return [v.numpy().copy() for v in values]


def batches(number: int, size: int = 6):
    random = np.random.default_rng(1)
    for _ in range(number):
        x = random.standard_normal((size, 4)).astype("float32")
        yield x, random.integers(0, 3, size)


def same(found, expected) -> None:
    a, b = tree.flatten(found)[0], tree.flatten(expected)[0]
    assert len(a) == len(b)
    for x, y in zip(a, b, strict=True):
        if isinstance(y, wubu.Tensor):
            assert x.dtype == y.dtype and x.shape == y.shape
            np.testing.assert_array_equal(x.numpy(), y.numpy())
        else:
            assert x == y


# -- state ----------------------------------------------------------------------------


def test_twenty_training_steps_equal_eager_ones_bit_for_bit():
    eager, compiled = Network(), Network()
    step = wubu.jit(compiled.step, executor="numpy")
    for x, y in batches(20):
        a, b = eager.step(x, y), step(x, y)
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    for a, b in zip(eager.state(), compiled.state(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert step.num_programs == 1


def test_run_steps_equals_calling_step_by_step():
    eager, compiled = Network(), Network()
    x, y = (np.stack(part) for part in zip(*batches(7), strict=True))
    for i in range(7):
        last = eager.step(x[i], y[i])
    step = wubu.jit(compiled.step, executor="numpy")
    found, done = step.run_steps(wubu.each(x), wubu.each(y))
    assert done == 7
    same(found, last)
    for a, b in zip(eager.state(), compiled.state(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_variable_is_read_assigned_and_read_again():
    def function(v):
        before = v * 1
        v.assign(v + 1)
        middle = v * 2
        v.assign_add(v)
        return before, middle, v, v.value

    a, b = Variable([1.0, 2.0]), Variable([1.0, 2.0])
    compiled = wubu.jit(lambda: function(b))
    for _ in range(3):
        same(compiled(), function(a))
        same(b.value, a.value)


def test_a_variable_set_to_a_constant_or_to_another():
    a, b = Variable(5.0), Variable(7.0)

    @wubu.jit
    def swap():
        old = a.value
        a.assign(b)
        b.assign(old)

    @wubu.jit
    def reset():
        a.assign(0.0)

    swap()
    assert (a.item(), b.item()) == (7.0, 5.0)
    swap()
    assert (a.item(), b.item()) == (5.0, 7.0)
    reset()
    assert a.item() == 0.0
    a.assign(3.0)
    reset()
    assert a.item() == 0.0


def test_variables_keep_their_own_memory():
    v, w = Variable([1.0, 2.0]), Variable([3.0, 4.0])
    snapshot = v.numpy()

    @wubu.jit
    def function(x):
        v.assign(x)
        w.assign(v)
        return v, w, x, x

    x = np.array([5.0, 6.0], "float32")
    results = function(x)
    arrays = [x, v.detach().numpy(), w.detach().numpy(), *(r.numpy() for r in results)]
    for a, b in itertools.combinations(arrays, 2):
        assert not np.shares_memory(a, b)
    for array in arrays[1:]:
        array += 1
    assert snapshot.tolist() == [1.0, 2.0], "what was read before stays"


def test_results_that_are_constants_belong_to_the_caller():
    constant = wubu.tensor([1.0, 2.0])
    function = wubu.jit(lambda x: (x, constant, constant * 2, np.ones(2)))
    first = function(np.zeros(2))
    for part in first[1:]:
        part += 100
    second = function(np.zeros(2))
    assert [part.tolist() for part in second[1:]] == [[1, 2], [2, 4], [1, 1]]
    assert constant.tolist() == [1.0, 2.0]


def test_gradients_pending_accumulated_and_cleared():
    def accumulate(v, x):
        (v * x).sum().backward()

    def clear(v):
        v.grad = None

    def use(v):
        v.assign_sub(v.grad)
        return v.grad is None

    a, b = Variable([1.0, 2.0]), Variable([1.0, 2.0])
    compiled = [wubu.jit(functools.partial(f, b)) for f in (accumulate, clear, use)]
    x = wubu.tensor([3.0, 4.0])
    for name in [
        "accumulate",
        "accumulate",
        "use",
        "accumulate",
        "clear",
        "accumulate",
    ]:
        which = ["accumulate", "clear", "use"].index(name)
        given = (x,) if name == "accumulate" else ()
        expected = (accumulate, clear, use)[which](a, *given)
        assert compiled[which](*given) == expected
        same(b.value, a.value)
        assert (a.grad is None) == (b.grad is None)
        if a.grad is not None:
            same(b.grad, a.grad)
    assert compiled[0].num_programs == 2, "with and without a gradient to add to"


def test_run_steps_accumulates_gradients_as_single_calls_do():
    v = Variable([1.0, 2.0])
    step = wubu.jit(lambda x: (v * x).sum().backward())
    rows = np.arange(8, dtype="float32").reshape(4, 2)
    assert step.run_steps(wubu.each(rows)) == (None, 4)
    assert v.grad.tolist() == rows.sum(0).tolist()
    fresh = Variable([1.0, 2.0])

    @wubu.jit
    def alternate(x):
        if fresh.grad is None:
            (fresh * x).sum().backward()
        else:
            fresh.assign_sub(fresh.grad)
            fresh.grad = None

    alternate.run_steps(wubu.each(rows))
    assert fresh.grad is None
    assert fresh.tolist() == (np.array([1, 2]) - rows[0] - rows[2]).tolist()


def test_freezing_a_variable_compiles_anew():
    v = Variable([1.0, 2.0])

    @wubu.jit
    def step(x):
        loss = (v * v * x).sum()
        if v.trainable:
            loss.backward()
        return loss

    step(np.float32(1))
    assert v.grad.tolist() == [2.0, 4.0]
    v.grad, v.trainable = None, False
    step(np.float32(1))
    assert v.grad is None
    v.trainable = True
    step(np.float32(1))
    assert v.grad.tolist() == [2.0, 4.0]
    assert step.num_programs == 2


def test_reading_trainable_variables_gives_results_without_history():
    v = Variable(2.0)
    found = wubu.jit(lambda x: v * x)(np.float32(3))
    assert found.item() == 6.0 and not found.requires_grad


# -- signatures -----------------------------------------------------------------------


def test_new_shapes_dtypes_structures_and_python_values_compile_anew():
    def function(x, scale=1, mode="a"):
        return x * scale if mode == "a" else -x

    compiled = wubu.jit(function)
    calls = [
        ((np.ones(2),), {}),
        ((np.ones(3),), {}),
        ((np.ones(2, "float32"),), {}),
        ((np.ones(2), 2), {}),
        ((np.ones(2), 2.0), {}),
        ((np.ones(2), True), {}),
        ((np.ones(2),), {"mode": "b"}),
        ((np.ones(2), np.float32(2)), {}),
        ((np.ones(2), 0.0), {}),
        ((np.ones(2), -0.0), {}),
        ((np.ones(2), float("nan")), {}),
    ]
    for number, (args, kwargs) in enumerate(calls, 1):
        for _ in range(2):
            found = compiled(*args, **kwargs)
            expected = function(wubu.tensor(args[0]), *args[1:], **kwargs)
            np.testing.assert_array_equal(found.numpy(), expected.numpy())
            assert np.array_equal(
                np.signbit(found.numpy()), np.signbit(expected.numpy())
            )
            assert compiled.num_programs == number


def test_tensors_arrays_and_variables_of_one_shape_share_a_program():
    compiled = wubu.jit(lambda x: x + 1)
    for x in (
        np.ones(2, "float32"),
        wubu.ones(2),
        Variable([1.0, 1.0], trainable=False),
    ):
        assert compiled(x).tolist() == [2.0, 2.0]
    assert compiled.num_programs == 1


def test_the_number_of_programs_is_bounded_with_a_warning():
    compiled = wubu.jit(lambda x, n: x + n, max_programs=3)
    for n in range(3):
        compiled(np.ones(1), n)
    with pytest.warns(UserWarning, match="more than 3 signatures") as caught:
        compiled(np.ones(1), 3)
    assert caught[0].filename == __file__
    assert compiled.num_programs == 3
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compiled(np.ones(1), 3)
        compiled(np.ones(1), 1)
    with pytest.warns(UserWarning):
        compiled(np.ones(1), 0)  # the oldest is the one that was forgotten


def test_one_program_at_least_is_kept():
    compiled = wubu.jit(lambda x, n: x + n, max_programs=1)
    for n in range(3):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert compiled(np.ones(1), n).item() == 1 + n
        assert compiled.num_programs == 1
        compiled(np.ones(1), n)  # the newest one is kept
    for wrong in (0, -1, 2.5, None, True):
        with pytest.raises(ArgumentError, match="max_programs"):
            wubu.jit(lambda x: x, max_programs=wrong)


def test_a_call_like_the_last_one_still_looks_at_what_is_outside():
    """It is answered without a look into the table, if its program fits."""
    weight = wubu.Variable([2.0])

    def function(x, n):
        return x * weight * n * (3 if weight.trainable else 1)

    compiled = wubu.jit(function, max_programs=4)
    x = np.ones(1, np.float32)
    for trainable in (True, True, False, False, True):
        weight.trainable = trainable
        assert compiled(x, 1).item() == (6 if trainable else 2)
    assert compiled.num_programs == 2
    assert [compiled(x, n).item() for n in (True, 1.0, 1.0)] == [6, 6, 6]
    assert compiled.num_programs == 4


def test_a_constant_that_keeps_changing_is_warned_of():
    constant = wubu.tensor([1.0])
    compiled = wubu.jit(lambda x: x + constant, max_programs=3)
    for n in range(3):
        compiled(np.ones(1))
        constant.fill_(n)
    with pytest.warns(UserWarning, match="changed in place") as caught:
        compiled(np.ones(1))
    assert caught[0].filename == __file__


def test_programs_are_found_and_forgotten_by_many_threads():
    compiled = wubu.jit(lambda x, n: x + n, max_programs=2)

    def call(n):
        return [compiled(np.ones(1), (n + i) % 5).item() for i in range(20)]

    with warnings.catch_warnings(), ThreadPoolExecutor(4) as pool:
        warnings.simplefilter("ignore")
        for n, found in enumerate(pool.map(call, range(8))):
            assert found == [1 + (n + i) % 5 for i in range(20)]
    assert compiled.num_programs == 2


def test_only_functions_are_compiled():
    for wrong in (3, "f", wubu.ones(2)):
        with pytest.raises(ArgumentError, match="jit compiles functions"):
            wubu.jit(wrong)


def test_arguments_that_are_neither_arrays_nor_hashable_are_refused():
    with pytest.raises(ArgumentError, match="neither an array nor hashable") as caught:
        wubu.jit(lambda x: 1)({1, 2})
    assert caught.value.got == "a set"


class Point(NamedTuple):
    x: wubu.Tensor
    y: wubu.Tensor


def test_arguments_and_results_may_be_nested():
    def function(pair, options, *rest, name=None):
        first, (second, third) = pair
        point = Point(first + second, third * options["scale"])
        return {"point": point, "rest": [r * 2 for r in rest], "name": name, "no": None}

    arguments = (
        (np.ones(2), [np.ones(2) * 2, np.ones(2) * 3]),
        {"scale": np.float64(2), "unused": "text"},
        np.ones(1),
        np.ones(3),
    )
    found = wubu.jit(function)(*arguments, name="n")
    expected = function(
        *tree.map_structure(
            lambda a: a if isinstance(a, str) else wubu.tensor(a), arguments
        ),
        name="n",
    )
    assert type(found["point"]) is Point
    assert list(found) == list(expected)
    same(found, expected)


@pytest.mark.parametrize("result", [None, "text", 5, 2.5, (), [], {}, (None, "a")])
def test_results_that_are_no_tensors_pass_through(result):
    assert wubu.jit(lambda x: result)(np.ones(2)) == result


def test_inputs_and_variables_as_results():
    v = Variable([1.0])
    x, y, z = wubu.jit(lambda x: (x, x, v))(np.array([2.0]))
    assert (x.tolist(), y.tolist(), z.tolist()) == ([2.0], [2.0], [1.0])
    assert type(z) is wubu.Tensor
    assert x is not y
    x += 1
    assert y.tolist() == [2.0]


def test_a_constant_that_is_changed_in_place_compiles_anew():
    constant = wubu.tensor([1.0, 2.0])
    for function in (
        lambda x: x + constant,
        lambda x: x + constant[0],
        lambda x: x + constant.detach()[:1].tolist()[0],
        lambda x: wubu.ops.scan(lambda c, _: (c + constant.sum(), c), x, None, 2)[0],
    ):
        constant.copy_([1.0, 2.0])
        compiled = wubu.jit(function)
        before = compiled(np.float32(1))
        assert compiled(np.float32(1)).tolist() == before.tolist()
        assert compiled.num_programs == 1
        constant.copy_([10.0, 20.0])
        after = compiled(np.float32(1))
        assert after.tolist() == function(wubu.tensor(1.0)).tolist() != before.tolist()
        assert compiled.num_programs == 1  # the old one never fits again
        wubu.tensor([1.0]).fill_(3)  # another
        compiled(np.float32(1))
        assert compiled.num_programs == 1


# -- methods, decorators, nesting -----------------------------------------------------


class Scaler:
    def __init__(self, factor):
        self.factor = Variable(factor)

    @wubu.jit
    def scale(self, x):
        """Multiplies."""
        return x * self.factor

    @functools.partial(wubu.jit, executor="numpy")
    def add(self, x):
        return x + self.factor


def test_methods_are_compiled_for_each_object():
    a, b = Scaler(2.0), Scaler(3.0)
    for _ in range(2):
        assert a.scale(np.float32(5)).item() == 10.0
        assert b.scale(np.float32(5)).item() == 15.0
    assert a.add(np.float32(5)).item() == 7.0
    assert a.scale is a.scale and a.scale is not b.scale
    assert a.scale.num_programs == 1
    assert a.scale.run_steps(wubu.each(np.ones((2, 1), "float32")))[1] == 2
    assert Scaler.scale.__doc__ == "Multiplies."
    bound = wubu.jit(a.scale)
    assert bound(np.float32(1)).item() == 2.0


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_a_copied_object_has_compiled_methods_of_its_own(duplicate):
    a = Scaler(2.0)
    a.scale(np.float32(1))
    b = duplicate(a)
    b.factor = Variable(7.0)
    assert b.scale(np.float32(1)).item() == 7.0
    assert a.scale(np.float32(1)).item() == 2.0
    assert set(vars(a)) == {"factor"}


class Doubled(Scaler):
    @wubu.jit
    def scale(self, x):
        return 2 * super().scale(x)

    def add(self, x):
        return 10 * super().add(x)


def test_a_compiled_method_may_call_the_one_it_overrides():
    a = Doubled(3.0)
    for _ in range(3):
        assert a.scale(np.float32(1)).item() == 6.0
        assert a.add(np.float32(1)).item() == 40.0
        assert super(Doubled, a).scale(np.float32(1)).item() == 3.0
    assert type(a).add is Doubled.add
    assert "x" in inspect.signature(a.scale).parameters
    assert "self" not in inspect.signature(a.scale).parameters


def test_compiled_methods_do_not_keep_their_object():
    a = Scaler(2.0)
    a.scale(np.float32(1))
    gone = weakref.ref(a)
    assert len(Scaler.scale._bound) >= 1
    number = len(Scaler.scale._bound)
    del a
    gc.collect()
    assert gone() is None
    assert len(Scaler.scale._bound) < number


def test_objects_with_slots_have_compiled_methods_if_they_can_be_remembered():
    class Slotted:
        __slots__ = ("__weakref__", "factor")

        @wubu.jit
        def scale(self, x):
            return x * self.factor

    class Bare:
        __slots__ = ("factor",)
        scale = Slotted.scale

    for _ in range(2):
        a = Slotted()
        a.factor = 3.0
        assert a.scale(np.float32(2)).item() == 6.0
        assert a.scale(np.float32(2)).item() == 6.0
        assert a.scale.num_programs == 1
    with pytest.raises(ArgumentError, match="method of this object") as caught:
        Bare().scale(np.float32(2))
    assert "__weakref__" in caught.value.fix


def test_jit_inside_jit_and_as_decorator_with_arguments():
    @wubu.jit(executor="numpy")
    def inner(x):
        return x * 2

    outer = wubu.jit(lambda x: inner(x) + inner(x + 1))
    assert outer(np.float32(3)).item() == 14.0
    assert inner.num_programs == 0
    assert inner.__name__ == "inner"
    with pytest.raises(UnknownNameError) as caught:
        wubu.jit(lambda x: x, executor="nmpy")
    assert caught.value.fix == 'did you mean "numpy"?'


def test_grad_inside_jit_and_jit_inside_grad():
    cube = lambda x: x * x * x  # noqa: E731
    assert wubu.jit(wubu.grad(cube))(2.0).item() == 12.0
    assert wubu.jit(wubu.grad(wubu.grad(cube)))(np.float32(2)).item() == 12.0
    assert wubu.grad(wubu.jit(cube))(2.0).item() == 12.0
    assert wubu.grad(wubu.jit(wubu.grad(wubu.jit(cube))))(2.0).item() == 12.0
    mixed = wubu.jit(lambda x: x * wubu.grad(lambda y: x * y)(2.0))
    assert wubu.grad(lambda x: mixed(x))(3.0).item() == 6.0


def test_a_derivative_that_compiling_would_lose_is_an_error():
    def outer(x):
        return wubu.jit(lambda y: x * y)(2.0)

    with pytest.raises(TraceError, match="from outside that requires a gradient"):
        wubu.grad(outer)(3.0)
    frozen = wubu.tensor([1.0], requires_grad=True)
    with wubu.no_grad():
        assert wubu.jit(lambda x: frozen * x)(np.float32(2)).item() == 2.0


def test_functions_under_no_grad_are_programs_of_their_own():
    x = wubu.tensor([1.0], requires_grad=True)
    function = wubu.jit(lambda t: t * 2)
    assert function(x).requires_grad
    with wubu.no_grad():
        assert not function(x).requires_grad
    assert function(x).requires_grad


def test_random_numbers_go_on_from_call_to_call():
    wubu.set_random_seed(5)
    eager = [wubu.random.uniform(3).tolist() for _ in range(4)]
    wubu.set_random_seed(5)
    compiled = wubu.jit(lambda: wubu.random.uniform(3))
    assert [compiled().tolist() for _ in range(4)] == eager
    wubu.set_random_seed(5)
    mixed = [f().tolist() for f in (compiled, lambda: wubu.random.uniform(3)) * 2]
    assert mixed == eager


# -- many steps in one call -----------------------------------------------------------


def test_run_steps_stops_when_interrupted():
    flag = np.zeros(1, np.int32)
    seen = Variable(0)

    step = wubu.jit(lambda x: seen.assign_add(x).value)
    found, done = step.run_steps(wubu.each(np.arange(5)), interrupt=flag)
    assert (found.item(), done) == (10, 5)
    flag[0] = 1
    found, done = step.run_steps(wubu.each(np.arange(5)), interrupt=flag)
    assert (found.item(), done) == (10, 1), "looked at after every step"


def test_run_steps_with_constants_and_several_series():
    step = wubu.jit(lambda a, b, c, scale: (a + b * c) * scale)
    a, b = np.arange(3.0), np.arange(3.0) * 10
    found, done = step.run_steps(wubu.each(a), wubu.each(b), c=np.float64(2), scale=0.5)
    assert (found.item(), done) == ((2 + 20 * 2) * 0.5, 3)


@pytest.mark.parametrize(
    "arguments", [(np.ones(2),), (wubu.each([1.0]), wubu.each([1.0, 2.0]))]
)
def test_run_steps_needs_one_number_of_steps(arguments):
    with pytest.raises(ArgumentError, match=r"wrapped in each\(\)"):
        wubu.jit(lambda *x: x[0]).run_steps(*arguments)


# -- side effects ---------------------------------------------------------------------

kept: list = []
table: dict = {}
counter = 0


def assigns_a_global(x):
    global counter
    counter = counter + 1
    return x


def makes_nonlocal():
    count = 0

    def function(x):
        nonlocal count
        count += 1
        return x

    return function


def makes_nested_global():
    def function(x):
        def inner():
            global counter
            counter = 5

        inner()
        return x

    return function


def changes_a_global_list(x):
    kept.append(1)
    return x


def changes_a_global_dictionary(x):
    table["x"] = 1
    return x


def changes_a_list_inside_a_lambda(x):
    change = lambda: kept.append(1)  # noqa: E731
    change()
    return x


def makes_closure_set():
    seen = set()

    def function(x):
        seen.add("new")
        return x

    return function


def makes_replacing_list():
    box = [object()]

    def function(x):
        box[0] = object()
        return x

    return function


def makes_leaking_object():
    class Box:
        pass

    box = Box()

    def function(x):
        box.value = x * 2
        return x

    return function


def makes_leaking_deep():
    box = {"deep": []}

    def function(x):
        box["deep"].append(x * 2)
        return x

    return function


@pytest.mark.parametrize(
    ("function", "what", "fix"),
    [
        (assigns_a_global, 'outer name "counter"', "counter.assign"),
        (makes_nonlocal(), 'outer name "count"', "count.assign"),
        (makes_nested_global(), 'outer name "counter"', "counter.assign"),
        (changes_a_global_list, 'changed "kept", a list', "return the value"),
        (changes_a_global_dictionary, 'changed "table", a dict', "return the value"),
        (changes_a_list_inside_a_lambda, 'changed "kept", a list', "return the value"),
        (makes_closure_set(), 'changed "seen", a set', "return the value"),
        (makes_replacing_list(), 'changed "box", a list', "return the value"),
        (makes_leaking_object(), "kept a tensor", "return it"),
        (makes_leaking_deep(), "kept a tensor", "return it"),
        (functools.partial(assigns_a_global), 'outer name "counter"', "counter.assign"),
    ],
)
def test_side_effects_are_refused_with_place_and_remedy(function, what, fix):
    with pytest.raises(TraceError) as caught:
        wubu.jit(function)(np.ones(2))
    assert what in caught.value.what
    assert fix in caught.value.fix
    assert str(caught.value.where).startswith("test_jit.py:")
    assert active_trace() is None


def test_local_containers_and_names_are_free_to_change():
    def function(x):
        parts, total = [], 0

        def add(part):
            nonlocal total
            total = total + part
            parts.append(part)

        for i in range(3):
            add(x * i)
        return total, parts

    total, parts = wubu.jit(function)(np.float32(2))
    assert (total.item(), [p.item() for p in parts]) == (6.0, [0.0, 2.0, 4.0])


def test_a_kept_tensor_used_later_says_so():
    box = {"deep": []}

    def leak(x):
        box["deep"].append(x * 2)
        return x

    with pytest.raises(TraceError):
        wubu.jit(leak)(np.ones(2))
    with pytest.raises(TraceError, match="kept from inside a jit-compiled function"):
        box["deep"][0] + 1


def test_an_exception_leaves_no_trace_and_no_change():
    v = Variable([1.0, 2.0])

    @wubu.jit
    def step(x):
        v.assign(x)
        (v * v).sum().backward()
        raise KeyError("stop")

    for _ in range(2):
        with pytest.raises(KeyError):
            step(np.array([3.0, 4.0], "float32"))
        assert active_trace() is None
        assert v.tolist() == [1.0, 2.0] and v.grad is None
        assert step.num_programs == 0
    assert (v * 2).tolist() == [2.0, 4.0]


def test_an_error_while_running_leaves_variables_as_they_were():
    v = Variable([1.0, 2.0])

    @wubu.jit
    def step(x, i):
        v.assign(v + 1)
        return ops.take(x, i)

    step(np.ones(3), np.array(1))
    with pytest.raises(ArgumentError, match="outside the axis") as caught:
        step(np.ones(3), np.array(5))
    assert "test_jit.py:" in caught.value.where
    assert v.tolist() == [2.0, 3.0]


def test_threads_trace_without_disturbing_each_other():
    """Both are inside their trace at the same time, and read and assign variables."""
    barrier = threading.Barrier(2, timeout=10)
    shared = Variable(1.0, trainable=False)
    own = [Variable(float(i)) for i in range(2)]
    found: list = [None, None]

    def work(i):
        def function(x):
            barrier.wait()
            y = x * (i + 2) + shared
            barrier.wait()
            own[i].assign(y * own[i])
            (own[i] * y).backward()
            return y

        found[i] = wubu.jit(function)(np.float32(3))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [t.item() for t in found] == [7.0, 10.0]
    assert [v.item() for v in own] == [0.0, 10.0]
    assert [v.grad.item() for v in own] == [7.0, 10.0]


def test_tracing_in_one_thread_leaves_others_eager():
    inside, done = threading.Event(), threading.Event()

    def function(x):
        inside.set()
        assert done.wait(10)
        return x + 1

    thread = threading.Thread(target=lambda: wubu.jit(function)(np.ones(1)))
    thread.start()
    assert inside.wait(10)
    assert (wubu.ones(2) * 2).tolist() == [2.0, 2.0]
    done.set()
    thread.join()


def test_each_is_for_run_steps_only():
    with pytest.raises(ArgumentError, match="not of a single call") as caught:
        wubu.jit(lambda x: x)(wubu.each([1.0]))
    assert "test_jit.py:" in caught.value.where


def test_backward_before_and_after_an_assignment_sees_both_values():
    def function(v, x):
        (v * x).backward()
        v.assign(x * 3)
        (v * v).backward()
        gradient, v.grad = v.grad, None
        return gradient

    a, b = Variable(1.0), Variable(1.0)
    compiled = wubu.jit(functools.partial(function, b))
    for _ in range(2):
        assert function(a, np.float32(2)).item() == 2 + 12
        assert compiled(np.float32(2)).item() == 2 + 12


def test_assigning_inside_a_derivative_stops_the_gradient_there():
    v = Variable(1.0)

    def function(x):
        v.assign(x * 2)
        return x * v

    assert wubu.grad(function)(3.0).item() == 6.0
    assert wubu.jit(wubu.grad(function))(np.float32(5)).item() == 10.0
    assert v.item() == 10.0


def test_one_compiled_function_serves_many_threads():
    double = wubu.jit(lambda x: x * 2)
    found: list = []

    def work(size):
        for _ in range(5):
            found.append((size, double(np.ones(size)).tolist()))

    threads = [threading.Thread(target=work, args=(i % 3 + 1,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 30
    assert all(values == [2.0] * size for size, values in found)


def test_variables_made_on_first_use_keep_their_state():
    """As optimizers make their slots: while the first step is traced."""

    class Momentum:
        def step(self, w):
            if not hasattr(self, "velocity"):
                self.velocity = Variable(np.zeros(2, "float32"), trainable=False)
            self.velocity.assign(self.velocity * 0.9 + w.grad)
            w.assign_sub(self.velocity * 0.1)
            w.grad = None

    def train(compiled):
        w, optimizer = Variable([1.0, 2.0]), Momentum()

        def step(x):
            loss = (w * w * x).sum()
            loss.backward()
            optimizer.step(w)
            return loss

        step = wubu.jit(step, executor="numpy") if compiled else step
        return [step(np.float32(0.5)).item() for _ in range(4)], w.tolist()

    assert train(compiled=True) == train(compiled=False)


def test_arrays_of_other_byte_orders_take_the_program_of_the_usual_one() -> None:
    double = wubu.jit(lambda x: 2 * x)
    for dtype in (">f4", "<f4", ">f4"):
        found = double(np.array([1, 2], dtype))
        np.testing.assert_array_equal(found.numpy(), [2, 4])
    assert double.num_programs == 1
