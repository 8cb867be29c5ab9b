"""Optimizers at work: state, both ways in, compiled steps, options, errors."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import wubu
from reference.load import signatures
from wubu import optimizers
from wubu.errors import ArgumentError, ShapeError, StateError, UnknownNameError
from wubu.optimizers import SGD, Adam, schedules

NAMES = [cls.__name__ for cls in optimizers._CLASSES]
NOT_IN_KERAS = ["RAdam", "Rprop", "LinearWarmup", "OneCycle"]
EVERY: dict[str, dict[str, Any]] = {
    "SGD": {},
    "SGD-momentum": {"momentum": 0.9},
    "SGD-nesterov": {"momentum": 0.9, "nesterov": True},
    "RMSprop": {},
    "RMSprop-centered": {"centered": True, "momentum": 0.5},
    "Adam": {},
    "Adam-amsgrad": {"amsgrad": True},
    "Adam-all": {"weight_decay": 0.1, "global_clipnorm": 0.5, "use_ema": True},
    "Adam-accumulating": {"gradient_accumulation_steps": 3},
    "AdamW": {},
    "Adagrad": {},
    "Adadelta": {"epsilon": 1e-4},
    "Adamax": {},
    "Nadam": {},
    "RAdam": {"beta_2": 0.9},
    "Lion": {},
    "Lamb": {},
    "Adafactor": {},
    "Muon": {"momentum": 0.5},
    "ScheduleFreeAdamW": {},
    "Ftrl": {},
    "Rprop": {},
}


def make(label: str, learning_rate: Any = 0.05, **more: Any) -> Any:
    cls = getattr(optimizers, label.partition("-")[0])
    return cls(learning_rate, **EVERY[label], **more)


def in_bytes(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


# -- arguments, names and files -------------------------------------------------------


@pytest.mark.parametrize("name", [n for n in NAMES if n not in NOT_IN_KERAS])
def test_arguments_are_keras(name: str) -> None:
    wanted = [
        (p["name"], p["default"])
        for p in signatures()[f"optimizers.{name}"]
        if p["kind"] != "var_keyword"
    ]
    made = inspect.signature(getattr(optimizers, name).__init__).parameters.values()
    assert [(p.name, p.default) for p in list(made)[1:]] == wanted


SCHEDULES = [cls.__name__ for cls in schedules._CLASSES]


@pytest.mark.parametrize("name", [n for n in SCHEDULES if n not in NOT_IN_KERAS])
def test_arguments_of_schedules_are_keras(name: str) -> None:
    wanted = [
        (p["name"], p.get("default", inspect.Parameter.empty))
        for p in signatures()[f"optimizers.schedules.{name}"]
    ]
    made = inspect.signature(getattr(schedules, name).__init__).parameters.values()
    assert [(p.name, p.default) for p in list(made)[1:]] == wanted


@pytest.mark.parametrize("label", EVERY)
@pytest.mark.parametrize("scheduled", [False, True])
def test_each_goes_into_a_file_and_back(label: str, scheduled: bool) -> None:
    rate = schedules.CosineDecay(0.1, 10, warmup_target=0.2) if scheduled else 0.05
    made = make(label, rate)
    twin = optimizers.deserialize(json.loads(json.dumps(optimizers.serialize(made))))
    assert type(twin) is type(made)
    assert optimizers.serialize(twin) == optimizers.serialize(made)
    assert twin.learning_rate.item() == made.learning_rate.item()


def test_the_file_holds_the_learning_rate_as_it_is_now() -> None:
    optimizer = Adam(0.001)
    assert optimizer.get_config()["learning_rate"] == 0.001
    optimizer.learning_rate = 0.5
    assert optimizer.get_config()["learning_rate"] == 0.5


def test_get_takes_every_spelling() -> None:
    for spelling in ("adam", "Adam", "ADAM", Adam):
        assert type(optimizers.get(spelling)) is Adam
    made = SGD()
    assert optimizers.get(made) is made
    assert optimizers.get(None) is None
    found = optimizers.get({"class_name": "SGD", "config": {"learning_rate": 0.5}})
    assert found.learning_rate.item() == 0.5
    with pytest.raises(UnknownNameError) as error:
        optimizers.get("adan")
    assert error.value.fix == 'did you mean "Adam"?'


def test_old_spelling_is_taken_with_a_note(capsys: pytest.CaptureFixture) -> None:
    assert SGD(lr=0.5).learning_rate.item() == 0.5
    assert "learning_rate" in capsys.readouterr().err


def test_unknown_argument_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError) as error:
        Adam(beta1=0.5)
    assert error.value.fix == 'did you mean "beta_1"?'


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"learning_rate": "fast"}, "cannot be a learning rate"),
        ({"learning_rate": -1}, "cannot be a learning rate"),
        ({"learning_rate": float("nan")}, "cannot be a learning rate"),
        ({"momentum": 1.5}, "momentum is a share"),
        ({"clipnorm": 1.0, "clipvalue": 1.0}, "clipped in one way only"),
        ({"clipnorm": 0.0}, "clipnorm is a limit"),
        ({"weight_decay": -0.1}, "weight_decay is too small"),
        ({"gradient_accumulation_steps": 1}, "gradient_accumulation_steps is too"),
        ({"use_ema": True, "ema_momentum": 2}, "ema_momentum is a share"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        SGD(**arguments)


def test_variables_in_the_place_of_the_learning_rate() -> None:
    with pytest.raises(ArgumentError) as error:
        Adam([wubu.Variable(1.0)])
    assert "optimizer.build(variables)" in error.value.fix


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("Lion", {"beta_1": 0.0}, "beta_1 is too small"),
        ("Ftrl", {"learning_rate_power": 0.5}, "learning_rate_power is too large"),
        ("Ftrl", {"l1_regularization_strength": -1.0}, "l1_regularization_strength"),
        ("Adagrad", {"initial_accumulator_value": -1.0}, "is too small"),
        ("Adafactor", {"clip_threshold": 0.0}, "clip_threshold is too small"),
        ("Muon", {"ns_steps": 0}, "ns_steps is too small"),
        ("Rprop", {"eta_plus": 0.9}, "factors of Rprop"),
        ("Rprop", {"max_step": 1e-9}, "max_step is too small"),
    ],
)
def test_wrong_arguments_of_one_optimizer(
    name: str, arguments: dict, message: str
) -> None:
    with pytest.raises(ArgumentError, match=message):
        getattr(optimizers, name)(**arguments)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("ExponentialDecay", (0.1, 0, 0.5)),
        ("ExponentialDecay", (0.1, 10, 0)),
        ("InverseTimeDecay", (0.1, 0, 0.5)),
        ("PolynomialDecay", (0.1, 0)),
        ("CosineDecayRestarts", (0.1, 0)),
        ("CosineDecayRestarts", (0.1, 10, 0.5)),
        ("PiecewiseConstantDecay", ([1, 2], [0.1, 0.2])),
        ("PiecewiseConstantDecay", ([2, 2], [0.1, 0.2, 0.3])),
        ("LinearWarmup", (0.1, 0)),
        ("LinearWarmup", ("fast", 10)),
        ("OneCycle", (0.1, 10, 0.1)),
        ("OneCycle", (0.1, 10, 0.6, "cos", 25.0, 1e4, True)),
        ("OneCycle", (0.1, 10, 0.3, "steep")),
    ],
)
def test_wrong_schedules_are_refused(name: str, arguments: tuple) -> None:
    with pytest.raises(ArgumentError):
        getattr(schedules, name)(*arguments)


@pytest.mark.parametrize(
    "schedule",
    [
        schedules.PiecewiseConstantDecay([3], [0.1, 0.01]),
        schedules.PolynomialDecay(0.1, 10, power=2.0),
        schedules.CosineDecayRestarts(0.1, 10, t_mul=1.5),
        schedules.OneCycle(0.1, 20),
        schedules.LinearWarmup(schedules.InverseTimeDecay(0.1, 5, 0.5), 4, 0.01),
    ],
    ids=lambda schedule: type(schedule).__name__,
)
def test_schedules_go_into_files_and_back(schedule: Any) -> None:
    twin = schedules.deserialize(json.loads(json.dumps(schedules.serialize(schedule))))
    assert type(twin) is type(schedule)
    assert [twin(n).item() for n in range(9)] == [schedule(n).item() for n in range(9)]


def test_a_warm_up_is_that_of_cosine_decay() -> None:
    whole = schedules.CosineDecay(0.01, 6, 0.1, warmup_target=0.1, warmup_steps=3)
    parts = schedules.LinearWarmup(schedules.CosineDecay(0.1, 6, 0.1), 3, 0.01)
    found = [parts(step).item() for step in range(12)]
    np.testing.assert_allclose(found, [whole(n).item() for n in range(12)], rtol=1e-6)


@pytest.mark.parametrize("t_mul", [1.3, 2.0, 3.0])
def test_a_restart_is_in_its_own_step(t_mul: float) -> None:
    """Also where logarithms of float32 do not come out even."""
    schedule = schedules.CosineDecayRestarts(0.5, 1000, t_mul, alpha=0.25)
    start = 0.0
    for period in range(12):
        step = round(start)
        near = abs(step - start) < 1e-6
        if near:
            assert schedule(step).item() == pytest.approx(0.5, rel=1e-4)
        if near and step:
            # The last steps of a period are low, and its sample before the restart.
            assert schedule(step - 5).item() == pytest.approx(0.125, rel=1e-2)
        start += 1000 * t_mul**period


def test_one_cycle_stays_where_it_ended() -> None:
    schedule = schedules.OneCycle(0.1, 20)
    assert schedule(19).item() == schedule(500).item() == pytest.approx(4e-7)


def test_muon_makes_every_direction_alike() -> None:
    """After many steps of the cubic iteration the singular values are 1: of U S V' it
    leaves U V'."""
    random = np.random.default_rng(0)
    g = random.normal(size=(5, 3))
    w = wubu.Variable(np.zeros((5, 3)), name="w")
    optimizer = optimizers.Muon(
        1.0,
        muon_a=1.5,
        muon_b=-0.5,
        muon_c=0.0,
        ns_steps=30,
        rms_rate=None,
        nesterov=False,
    )
    optimizer.apply([wubu.tensor(g)], [w])
    u, _, v = np.linalg.svd(g, full_matrices=False)
    np.testing.assert_allclose(w.numpy(), -u @ v, atol=1e-6)


def test_what_follows_adam_in_muon() -> None:
    shapes = {"embedding/embeddings": (4, 2), "head/kernel": (3, 2), "a/kernel": (3, 2)}
    variables = []
    for path, shape in shapes.items():
        variables.append(wubu.Variable(np.ones(shape), name="w"))
        variables[-1].path = path
    optimizer = optimizers.Muon(0.1, adam_weight_decay=None, exclude_layers=["^head"])
    optimizer.build(variables)
    kept = [sorted(optimizer.slot_variables(v)) for v in variables]
    assert kept == [["momentum", "velocity"]] * 2 + [["momentum"]]
    assert [optimizer.decays(v) for v in variables] == [False, False, True]


def test_rows_and_columns_are_all_that_adafactor_keeps() -> None:
    w = wubu.Variable(np.ones((2, 3, 4), "float16"), name="w")
    optimizer = optimizers.Adafactor()
    optimizer.build([w])
    slots = optimizer.slot_variables(w)
    assert {n: v.shape for n, v in slots.items()} == {"row": (2, 3), "column": (2, 4)}
    assert all(v.dtype == np.float32 for v in slots.values())


# -- a small network, eager and compiled ----------------------------------------------


class Network:
    """Two layers by hand, and data they can learn."""

    def __init__(self) -> None:
        random = np.random.default_rng(0)
        self.x = random.normal(size=(16, 3)).astype("float32")
        self.y = np.sin(self.x.sum(-1, keepdims=True)).astype("float32")
        shapes = {
            "a/kernel": (3, 8),
            "a/bias": (8,),
            "b/kernel": (8, 1),
            "b/bias": (1,),
        }
        self.variables = []
        for path, shape in shapes.items():
            value = random.normal(size=shape).astype("float32") / 2
            variable = wubu.Variable(value, name=path.rpartition("/")[2])
            variable.path = path
            self.variables.append(variable)

    def loss(self, x: Any, y: Any) -> Any:
        w, b, v, c = self.variables
        gap = (x @ w + b).tanh() @ v + c - y
        return (gap * gap).mean()

    def trainer(self, optimizer: Any) -> Any:
        def step(x: Any, y: Any) -> Any:
            loss = self.loss(x, y)
            optimizer.scale_loss(loss).backward()
            optimizer.step(self.variables)
            return loss

        return step


def train(optimizer: Any, compiled: bool, steps: int = 20, built: bool = False) -> Any:
    network = Network()
    if built:
        optimizer.build(network.variables)
    step = network.trainer(optimizer)
    step = wubu.jit(step, executor="numpy") if compiled else step
    losses = [step(network.x, network.y).item() for _ in range(steps)]
    return network, losses


@pytest.mark.parametrize("built", [False, True], ids=["at first use", "built"])
@pytest.mark.parametrize("label", EVERY)
def test_compiled_steps_equal_eager_ones_bit_for_bit(label: str, built: bool) -> None:
    """Also when slots are made while the step is being traced."""
    eager, compiled = make(label), make(label)
    a, losses = train(eager, compiled=False, built=built)
    b, again = train(compiled, compiled=True, built=built)
    assert losses == again
    assert losses[-1] < losses[0]
    for x, y in zip(a.variables, b.variables, strict=True):
        np.testing.assert_array_equal(x.numpy(), y.numpy())
    one, other = eager.state_dict(), compiled.state_dict()
    assert list(one) == list(other)
    for path, value in one.items():
        np.testing.assert_array_equal(value, other[path], err_msg=path)


@pytest.mark.parametrize("label", EVERY)
def test_a_step_is_traced_once(label: str) -> None:
    network = Network()
    step = wubu.jit(network.trainer(make(label)))
    for _ in range(3):
        step(network.x, network.y)
    assert step.num_programs == 1


def test_learning_rate_changes_without_a_new_program() -> None:
    network, optimizer = Network(), SGD(0.1)
    step = wubu.jit(network.trainer(optimizer))
    step(network.x, network.y)
    optimizer.learning_rate = 0.0
    before = [v.value.numpy() for v in network.variables]
    step(network.x, network.y)
    assert step.num_programs == 1
    for variable, value in zip(network.variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


def test_a_schedule_goes_on_inside_a_program() -> None:
    optimizer = SGD(schedules.ExponentialDecay(0.1, 1, 0.5))
    w = wubu.Variable(0.0)

    @wubu.jit
    def step() -> Any:
        optimizer.apply([wubu.tensor(1.0)], [w])
        return w.value

    found = [step().item() for _ in range(3)]
    np.testing.assert_allclose(found, [-0.1, -0.15, -0.175], rtol=1e-6)


@pytest.mark.parametrize("label", EVERY)
@pytest.mark.parametrize("seed", range(3))
def test_a_quadratic_is_driven_to_its_minimum(label: str, seed: int) -> None:
    """With a learning rate that falls, every optimizer arrives. With one that stays do
    Ftrl, whose weights are at all times a multiple of the rate, and ScheduleFreeAdamW,
    which averages: there the first steps count for a 500th each."""
    random = np.random.default_rng(seed)
    target = random.normal(size=(2, 2))
    curvature = random.uniform(0.5, 2, (2, 2))
    more = {"weight_decay": 0} if label in ("AdamW", "Adam-all", "Muon") else {}
    arguments = EVERY[label] | more
    cls = getattr(optimizers, label.partition("-")[0])
    rate = {"Adagrad": 1.0, "Adadelta": 3.0, "Ftrl": 1.0}.get(label, 0.1)
    constant = label in ("Ftrl", "ScheduleFreeAdamW")
    alpha = 1.0 if constant else 0.0
    optimizer = cls(schedules.CosineDecay(rate, 400, alpha), **arguments)
    w = wubu.Variable(np.zeros((2, 2)), name="w")

    @wubu.jit
    def step() -> None:
        ((w - target) ** 2 * curvature).sum().backward()
        optimizer.step([w])

    for _ in range(500 * (optimizer.gradient_accumulation_steps or 1)):
        step()
    atol = 0.05 if label == "ScheduleFreeAdamW" else 1e-3
    np.testing.assert_allclose(w.numpy(), target, atol=atol)


# -- gradients ------------------------------------------------------------------------


def test_step_forgets_gradients_so_no_zero_grad_is_needed() -> None:
    w = wubu.Variable(1.0)
    optimizer = SGD(0.1)
    for _ in range(2):
        (w * 3.0).backward()
        optimizer.step([w])
        assert w.grad is None
    assert w.item() == pytest.approx(1 - 2 * 0.3)


def test_zero_grad_forgets_gradients() -> None:
    w = wubu.Variable(1.0)
    (w * 3.0).backward()
    SGD().zero_grad([w])
    assert w.grad is None


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("way", ["apply", "apply_gradients"])
def test_gradients_that_are_the_variables_own_are_used_up(
    way: str, compiled: bool
) -> None:
    w = wubu.Variable(1.0)
    optimizer = SGD(0.1)
    optimizer.build([w])

    def step() -> None:
        (w * 3.0).backward()
        if way == "apply":
            optimizer.apply([w.grad], [w])
        else:
            optimizer.apply_gradients([(w.grad, w)])

    step = wubu.jit(step) if compiled else step
    for number in (1, 2, 3):
        step()
        assert w.grad is None
        assert w.item() == pytest.approx(1 - number * 0.3)


def test_gradients_computed_otherwise_leave_the_variables_own_alone() -> None:
    w = wubu.Variable(1.0)
    (w * 3.0).backward()
    SGD(0.1).apply([w.grad * 2], [w])
    assert w.grad.item() == 3
    SGD(0.1).apply([wubu.tensor(3.0)], [w])
    assert w.grad.item() == 3


def test_what_is_kept_for_a_variable_is_shown() -> None:
    w, b = wubu.Variable(1.0, name="w"), wubu.Variable(2.0, name="b")
    optimizer = optimizers.Adam(weight_decay=0.1)
    assert optimizer.slot_variables(w) == {} and optimizer.known_variables == []
    optimizer.exclude_from_weight_decay([b])
    optimizer.build([w, b])
    assert [v.name for v in optimizer.known_variables] == ["w", "b"]
    slots = optimizer.slot_variables(b)
    assert [v.path for v in slots.values()] == [
        f"adam/b_{name}" for name in ("momentum", "velocity")
    ]
    assert optimizer.decays(w) and not optimizer.decays(b)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, in_bytes])
def test_a_copy_with_its_variables_goes_on_where_the_optimizer_stands(
    duplicate: Callable[[Any], Any],
) -> None:
    w = wubu.Variable(1.0)
    optimizer = SGD(0.1, momentum=0.5)
    optimizer.apply([wubu.tensor(1.0)], [w])
    other, v = duplicate((optimizer, w))
    for each, variable in ((optimizer, w), (other, v)):
        each.apply([wubu.tensor(1.0)], [variable])
    # m = -0.1, then -0.05 - 0.1
    assert w.item() == v.item() == pytest.approx(1 - 0.1 - 0.15)
    assert len(other.variables) == len(optimizer.variables) == 3


def test_step_without_arguments_needs_build() -> None:
    w = wubu.Variable(1.0)
    (w * 3.0).backward()
    optimizer = SGD(0.1)
    with pytest.raises(StateError, match="knows no variables yet"):
        optimizer.step()
    optimizer.build([w])
    optimizer.step()
    assert w.item() == pytest.approx(0.7)


def test_keras_way_in() -> None:
    w, b = wubu.Variable(1.0, name="w"), wubu.Variable(2.0, name="b")
    optimizer = SGD(0.5)
    optimizer.apply_gradients(
        zip([wubu.tensor(1.0), wubu.tensor(2.0)], [w, b], strict=True)
    )
    assert (w.item(), b.item()) == (0.5, 1.0)
    optimizer.apply([wubu.tensor(1.0), wubu.tensor(2.0)])
    assert (w.item(), b.item()) == (0.0, 0.0)
    assert optimizer.iterations.item() == 2


def test_frozen_variables_stay() -> None:
    w, b = wubu.Variable(1.0, name="w"), wubu.Variable(2.0, name="b", trainable=False)
    optimizer = Adam(0.1)
    (w * b).backward()
    optimizer.step([w, b])
    assert b.item() == 2.0
    assert not [v for v in optimizer.variables if "b_" in v.path]


def test_a_variable_unfrozen_later_is_updated_too() -> None:
    """In a compiled step too: freezing asks for another program."""
    w, b = wubu.Variable(1.0, name="w"), wubu.Variable(2.0, name="b", trainable=False)
    optimizer = Adam(0.1)

    @wubu.jit
    def step() -> None:
        (w * b).backward()
        optimizer.step([w, b])

    step()
    b.trainable = True
    step()
    assert b.item() < 2.0
    assert [v.path for v in optimizer.variables if "b_" in v.path] == [
        "adam/b_momentum",
        "adam/b_velocity",
    ]


def test_no_gradient_at_all_is_an_error() -> None:
    w = wubu.Variable(1.0, name="w")
    with pytest.raises(StateError) as error:
        SGD().step([w])
    assert error.value.got == 'none for "w"'
    assert "loss.backward()" in error.value.fix


def test_a_missing_gradient_is_a_warning_once() -> None:
    w, b = wubu.Variable(1.0, name="w"), wubu.Variable(2.0, name="b")
    optimizer = SGD(0.1)
    with pytest.warns(UserWarning, match='does not depend on "b"'):
        optimizer.apply([wubu.tensor(1.0), None], [w, b])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        optimizer.apply([wubu.tensor(1.0), None], [w, b])
    assert b.item() == 2.0


def test_gradients_that_do_not_fit_are_refused() -> None:
    w = wubu.Variable([1.0, 2.0], name="w")
    with pytest.raises(ShapeError, match='gradient of "w"'):
        SGD().apply([wubu.tensor(1.0)], [w])
    with pytest.raises(ArgumentError, match="one gradient for each"):
        SGD().apply([wubu.tensor(1.0)], [w, w])
    with pytest.raises(ArgumentError, match="updates variables"):
        SGD().apply([wubu.tensor(1.0)], [wubu.tensor(1.0)])  # type: ignore[list-item]


def test_half_precision_variables_stay_half() -> None:
    w = wubu.Variable([1.0, 2.0], "float16", name="w")
    optimizer = Adam(0.125, global_clipnorm=1.0)
    (w * 500).sum().backward()  # its square overflows float16
    optimizer.step([w])
    assert w.dtype == np.float16
    np.testing.assert_allclose(w.numpy(), [0.875, 1.875], rtol=1e-3)


# -- state ----------------------------------------------------------------------------


@pytest.mark.parametrize("label", EVERY)
def test_paths_are_unique(label: str) -> None:
    variables = [wubu.Variable(1.0) for _ in range(3)]  # all named "variable"
    optimizer = make(label)
    optimizer.build(variables)
    paths = [v.path for v in optimizer.variables]
    assert len(set(paths)) == len(paths)
    assert all(path.startswith(f"{optimizer.name}/") for path in paths)


def test_paths_are_those_of_keras() -> None:
    network = Network()
    optimizer = Adam(name="mine")
    optimizer.build(network.variables[:1])
    assert [v.path for v in optimizer.variables] == [
        "mine/iterations",
        "mine/learning_rate",
        "mine/a_kernel_momentum",
        "mine/a_kernel_velocity",
    ]


@pytest.mark.parametrize("label", EVERY)
def test_a_run_continues_from_saved_state(label: str) -> None:
    whole, _ = train(make(label), compiled=False, steps=10)
    optimizer = make(label)
    half, _ = train(optimizer, compiled=False, steps=5)
    state = optimizer.state_dict()
    other = make(label)
    other.build(half.variables)
    other.load_state_dict(state)
    step = half.trainer(other)
    for _ in range(5):
        step(half.x, half.y)
    for x, y in zip(whole.variables, half.variables, strict=True):
        np.testing.assert_array_equal(x.numpy(), y.numpy())


def test_state_of_another_optimizer_is_refused() -> None:
    w = wubu.Variable(1.0, name="w")
    optimizer = Adam()
    optimizer.build([w])
    state = optimizer.state_dict()
    del state["adam/w_velocity"]
    with pytest.raises(StateError) as error:
        optimizer.load_state_dict(state)
    assert error.value.expected == '4 paths; missing: "adam/w_velocity"'


def test_hyperparameters_are_settled_once_in_use() -> None:
    """A compiled step would not notice the change."""
    w = wubu.Variable(1.0)
    optimizer = SGD(0.1, momentum=0.5)
    optimizer.momentum = 0.9
    optimizer.apply([wubu.tensor(1.0)], [w])
    with pytest.raises(StateError, match="momentum is settled"):
        optimizer.momentum = 0.5
    optimizer.learning_rate = 0.2
    optimizer.lr = 0.3
    assert optimizer.learning_rate.item() == pytest.approx(0.3)


def test_a_schedule_cannot_be_replaced_by_a_number() -> None:
    optimizer = SGD(schedules.CosineDecay(0.1, 10))
    with pytest.raises(StateError, match="schedule is chosen"):
        optimizer.learning_rate = 0.1


# -- options --------------------------------------------------------------------------


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "jit"])
@pytest.mark.parametrize("name", NAMES)
def test_accumulated_steps_are_one_step_of_their_mean(
    name: str, compiled: bool
) -> None:
    random = np.random.default_rng(0)
    gradients = random.normal(size=(6, 4)).astype("float32")
    w, v = (wubu.Variable(np.ones(4, "float32"), name="w") for _ in range(2))
    cls = getattr(optimizers, name)
    often = cls(0.1, gradient_accumulation_steps=3, weight_decay=0.1, clipnorm=0.5)
    rarely = cls(0.1, weight_decay=0.1, clipnorm=0.5)

    def apply(g: Any) -> None:
        often.apply([g], [w])

    function = wubu.jit(apply) if compiled else apply
    for step, g in enumerate(gradients):
        function(wubu.tensor(g))
        if step % 3 == 2:
            rarely.apply([wubu.tensor(gradients[step - 2 : step + 1].mean(0))], [v])
        np.testing.assert_allclose(w.numpy(), v.numpy(), rtol=1e-5)
    assert often.iterations.item() == 2


def test_moving_average_of_weights() -> None:
    """The first average is the weight itself; then m a + (1 - m) w."""
    w = wubu.Variable(10.0, name="w")
    optimizer = SGD(1.0, use_ema=True, ema_momentum=0.75)
    for _ in range(3):
        optimizer.apply([wubu.tensor(1.0)], [w])  # 9, 8, 7
    assert w.item() == 7
    optimizer.finalize_variable_values([w])
    assert w.item() == pytest.approx(0.75 * (0.75 * 9 + 0.25 * 8) + 0.25 * 7)


def test_averages_before_the_first_step_change_nothing() -> None:
    w = wubu.Variable(10.0, name="w")
    optimizer = SGD(1.0, use_ema=True)
    optimizer.build([w])
    w.assign(3.0)
    optimizer.finalize_variable_values([w])
    assert w.item() == 3


def test_the_average_of_a_variable_unfrozen_later_begins_with_its_value() -> None:
    w, b = wubu.Variable(1.0, name="w"), wubu.Variable(5.0, name="b", trainable=False)
    optimizer = SGD(1.0, use_ema=True, ema_momentum=0.75)

    @wubu.jit
    def step() -> None:
        (w + b).backward()
        optimizer.step([w, b])

    step()
    b.trainable = True
    step()
    average = optimizer.slot_variables(b)["average"]
    assert average.item() == 0.75 * 5 + 0.25 * 4


def test_moving_average_put_in_place_now_and_then() -> None:
    w = wubu.Variable(10.0, name="w")
    optimizer = SGD(1.0, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=2)
    found = []
    for _ in range(3):
        optimizer.apply([wubu.tensor(1.0)], [w])
        found.append(w.item())
    assert found == [9, 8.5, 7.5]  # 8.5 = (9 + 8) / 2


def test_loss_scale_is_taken_out_again() -> None:
    plain, _ = train(SGD(0.1), compiled=False, steps=3)
    scaled, _ = train(SGD(0.1, loss_scale_factor=1024.0), compiled=False, steps=3)
    for x, y in zip(plain.variables, scaled.variables, strict=True):
        np.testing.assert_array_equal(x.numpy(), y.numpy())  # a power of 2 is exact


def test_variables_left_out_of_weight_decay() -> None:
    w, b, c = (wubu.Variable(1.0, name=name) for name in ("kernel", "bias", "other"))
    optimizer = SGD(0.5, weight_decay=1.0)
    optimizer.exclude_from_weight_decay(var_list=[c], var_names=["bias"])
    zeros = [wubu.tensor(0.0)] * 3
    optimizer.apply(zeros, [w, b, c])
    assert (w.item(), b.item(), c.item()) == (0.5, 1, 1)
    with pytest.raises(StateError, match="settled"):
        optimizer.exclude_from_weight_decay(var_names=["kernel"])


def test_a_constraint_holds_after_every_step() -> None:
    w = wubu.Variable([1.0, -1.0], name="w")
    w.constraint = lambda value: value.clip(0.0, None)
    SGD(0.1).apply([wubu.tensor([1.0, 1.0])], [w])
    np.testing.assert_allclose(w.numpy(), [0.9, 0], rtol=1e-6)


@given(
    st.lists(st.floats(-1e15, 1e15), min_size=1, max_size=5),
    st.floats(1e-3, 1e3),
)
def test_clipped_gradients_are_within_the_limit(
    values: list[float], limit: float
) -> None:
    g = np.array(values)
    for kind in ("clipnorm", "clipvalue", "global_clipnorm"):
        w = wubu.Variable(np.zeros(len(g)), "float64")
        SGD(1.0, **{kind: limit}).apply([wubu.tensor(g)], [w])
        step = -w.numpy()
        size = np.abs(step).max() if kind == "clipvalue" else np.linalg.norm(step)
        assert size <= limit * (1 + 1e-9)
        if kind != "clipvalue":  # the same direction
            length = np.linalg.norm(g)
            close = {"rtol": 1e-9, "atol": 1e-9 * length * size}
            np.testing.assert_allclose(step * length, g * size, **close)


def test_first_steps_of_adam_are_exact() -> None:
    """Its first step is r g / (|g| + e / sqrt(1 - b2)), to float32's precision."""
    w = wubu.Variable([0.0, 0.0, 0.0])
    g = np.array([1e-4, 1.0, -1e4])
    Adam(1.0).apply([wubu.tensor(g, "float32")], [w])
    wanted = -g / (np.abs(g) + 1e-7 / np.sqrt(1 - 0.999))
    np.testing.assert_allclose(w.numpy(), wanted, rtol=5e-7)
