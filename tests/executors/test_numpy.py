"""The numpy executor: results belong to the caller, variables change all together."""

from __future__ import annotations

import numpy as np
import pytest

import wubu
from wubu import Variable, ops
from wubu.core.executors import EXECUTORS, load_executor
from wubu.errors import WubuError


@pytest.mark.parametrize("name", EXECUTORS)
def test_an_executor_knows_its_name_and_what_it_cannot_do(name):
    executor = load_executor(name)
    assert executor.name == name
    assert all(reason.strip() for reason in executor.unsupported().values())
    assert all(reason.strip() for reason in executor.unsupported_dtypes().values())


def run(function, *arrays):
    graph = wubu.trace(function, *arrays)
    return load_executor("numpy").compile(graph).run(arrays)


def test_results_never_share_memory():
    x = np.arange(6.0).reshape(2, 3)
    results = run(lambda t: (t, t, t.T, t.reshape(-1), t[0], t * 1, ops.flip(t)), x)
    for i, a in enumerate(results):
        assert a.flags.writeable
        for b in [x, *results[i + 1 :]]:
            assert not np.shares_memory(a, b)


def test_a_result_that_is_wholly_a_view_of_another_is_copied():
    y, view = run(lambda t: ((t * 2), (t * 2).T), np.arange(6.0).reshape(2, 3))
    y += 100
    assert view.tolist() == [[0, 6], [2, 8], [4, 10]]


def test_results_of_reductions_to_one_number_are_arrays():
    (total,) = run(lambda t: t.sum(), np.ones(3))
    assert isinstance(total, np.ndarray) and total.shape == ()


def test_variables_change_together_or_not_at_all():
    a, b = Variable(1.0), Variable(2.0)

    def function(x, i):
        a.assign(b + x[0])
        b.assign(ops.take(x, i))

    x = np.array([10.0, 20.0], "float32")
    graph = wubu.trace(function, x, np.array(0))
    program = load_executor("numpy").compile(graph)
    program.run([x, np.array(1)])
    assert (a.item(), b.item()) == (12.0, 20.0)
    with pytest.raises(WubuError):
        program.run([x, np.array(7)])
    assert (a.item(), b.item()) == (12.0, 20.0)


def test_nothing_warns_about_infinities():
    (y,) = run(lambda t: ops.log(t) + 1 / t, np.zeros(2))
    assert np.isnan(y).all()
