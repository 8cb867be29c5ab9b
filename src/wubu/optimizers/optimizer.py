"""What optimizers have in common. A formula is one file, such as `adam.py`.

A step is, in this order: unscale and collect gradients, clip them, decay weights,
update each variable by the formula, apply its constraint, average, count.

All state is in variables, so the same code runs eagerly and compiled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from wubu.core.location import user_location
from wubu.core.modes import no_grad
from wubu.core.old_spellings import Table
from wubu.core.tensor import Tensor
from wubu.core.variable import Variable
from wubu.errors import ArgumentError, StateError
from wubu.ops.comparison import where
from wubu.ops.prepare import cast_to
from wubu.optimizers.accumulation import accumulate
from wubu.optimizers.arguments import at_least, share
from wubu.optimizers.averaging import average
from wubu.optimizers.clipping import Clipping
from wubu.optimizers.decay import decayed
from wubu.optimizers.gradients import present
from wubu.optimizers.rate import OLD_SPELLINGS
from wubu.optimizers.slots import wide
from wubu.optimizers.state import Stateful

Values = dict[str, Tensor]


class Optimizer(Stateful):
    """Changes variables so that the loss becomes smaller.

    A subclass says in `slots` what it keeps for each variable, and in `update` how the
    new value follows from the gradient.

    Args:
        learning_rate: a number, or a schedule: a function of the number of steps.
        weight_decay: w; before each update a weight is multiplied by
            1 - w * learning_rate.
        clipnorm: the largest norm of each gradient.
        clipvalue: the largest absolute value of a gradient's element.
        global_clipnorm: the largest norm of all gradients, taken as one vector.
        use_ema: keep a moving average of each weight; `finalize_variable_values` puts
            it in the weight's place.
        ema_momentum: m; the average becomes m * average + (1 - m) * weight.
        ema_overwrite_frequency: put the averages in place every so many steps.
        loss_scale_factor: what the loss was multiplied by (`scale_loss`); gradients are
            divided by it.
        gradient_accumulation_steps: update with the mean gradient of so many steps.
        name: the first part of the paths of its variables.

    Raises:
        ArgumentError: a value outside its range, or two kinds of clipping.

    Example:
        >>> import wubu
        >>> w = wubu.Variable(1.0)
        >>> optimizer = wubu.optimizers.SGD(0.1)
        >>> (w * w).backward()
        >>> optimizer.step([w])  # w -= 0.1 * 2w, and forgets the gradient
        >>> w
        Variable(0.8, shape=(), dtype=float32, name="variable")
    """

    renamed_arguments: ClassVar[Table] = OLD_SPELLINGS
    _in_use = False

    def __init__(
        self,
        learning_rate: Any,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
    ) -> None:
        self.name = name or type(self).__name__.lower()
        self.weight_decay = at_least("weight_decay", weight_decay, 0)
        self.clipnorm = clipnorm
        self.clipvalue = clipvalue
        self.global_clipnorm = global_clipnorm
        self.use_ema = use_ema
        self.ema_momentum = share("ema_momentum", ema_momentum)
        self.ema_overwrite_frequency = at_least(
            "ema_overwrite_frequency", ema_overwrite_frequency, 1
        )
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = at_least(
            "gradient_accumulation_steps", gradient_accumulation_steps, 2
        )
        self._clip = Clipping(clipnorm, clipvalue, global_clipnorm)
        self._warned: set[str] = set()
        self._begin(learning_rate)

    # -- the formula, in subclasses ------------------------------------------------

    def slots(self, variable: Variable) -> Mapping[str, Any]:
        """What is kept for a variable: names, and what each starts with, a number for
        every element or an array of another shape."""
        return {}

    def update(
        self, g: Tensor, w: Tensor, slots: Values, learning_rate: Tensor, step: Tensor
    ) -> tuple[Tensor, Values]:
        """The new value of a variable, and of its slots.

        Args:
            g: the gradient.
            w: the value, after weight decay.
            slots: the values of the slots.
            learning_rate: in this step.
            step: 1, 2 ...

        All are of one dtype: the variable's, but float32 for a float16 variable.
        """
        raise NotImplementedError(f"{type(self).__name__} must define update()")

    def decay_of(self, variable: Variable) -> float | None:
        """The weight decay of variables of this kind."""
        return self.weight_decay

    # -- variables -----------------------------------------------------------------

    def build(self, variables: Iterable[Variable]) -> None:
        """Makes the slots of variables, so that they are there before the first step;
        and `step()` without arguments updates these variables."""
        variables = list(variables)
        self._slots.add(variables)
        for variable in variables:
            if variable.trainable:
                self._kept(variable)
        self._in_use = True

    # -- updating ------------------------------------------------------------------

    def step(self, variables: Iterable[Variable] | None = None) -> None:
        """Updates variables by the gradients that `backward()` left, and forgets those.

        Args:
            variables: by default those of `build`, or of the model it was compiled for.
                Frozen ones are left alone.

        Raises:
            StateError: no variable has a gradient, or none are known.
        """
        chosen = self._trainable(variables)
        self._apply([variable.grad for variable in chosen], chosen)
        for variable in chosen:
            variable.grad = None

    def zero_grad(self, variables: Iterable[Variable] | None = None) -> None:
        """Forgets gradients; after `step` there are none."""
        for variable in self._trainable(variables):
            variable.grad = None

    def apply_gradients(
        self, grads_and_vars: Iterable[tuple[Tensor | None, Variable]]
    ) -> Tensor:
        """Updates variables by gradients, given as pairs; as `apply`."""
        pairs = list(grads_and_vars)
        self.apply([g for g, _ in pairs], [v for _, v in pairs])
        return self._count

    def apply(
        self,
        grads: Sequence[Tensor | None],
        trainable_variables: Iterable[Variable] | None = None,
    ) -> None:
        """Updates variables by gradients. One that is the variable's own, `v.grad`, is
        used up, as by `step`; what was computed from it leaves it (see `zero_grad`).

        Args:
            grads: one for each variable; None where there is none.
            trainable_variables: by default those of `build`.

        Raises:
            ArgumentError: not one gradient for each variable.
            ShapeError: a gradient has another shape than its variable.
            StateError: all gradients are None.
        """
        variables = self._known(trainable_variables)
        if len(grads) != len(variables):
            raise ArgumentError(
                "there is not one gradient for each variable",
                expected=len(variables),
                got=len(grads),
            )
        pairs = [(g, v) for g, v in zip(grads, variables, strict=True) if v.trainable]
        used_up = [v for g, v in pairs if g is not None and g is v.grad]
        self._apply([g for g, _ in pairs], [v for _, v in pairs])
        for variable in used_up:
            variable.grad = None

    def scale_loss(self, loss: Any) -> Any:
        """The loss times `loss_scale_factor`: so small gradients do not vanish."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    def accumulate(self, steps: int) -> bool:
        """Sets `gradient_accumulation_steps` of an optimizer that is in use; 1 is none.
        Gradients that did not yet make an update are dropped.

        Returns:
            Whether that is another number: then compiled steps have to be made anew, as
            `callbacks.GradientAccumulation` does.
        """
        every = (
            at_least("gradient_accumulation_steps", steps, 1) if steps != 1 else None
        )
        if every == self.gradient_accumulation_steps:
            return False
        updates = self.iterations.item()
        vars(self)["gradient_accumulation_steps"] = every
        self._count.assign(updates * steps)
        self._slots.drop(*_SUM)
        for variable in self._trainable(self.known_variables):
            self._kept(variable)
        return True

    def exclude_from_weight_decay(
        self,
        var_list: Iterable[Variable] | None = None,
        var_names: Iterable[str] | None = None,
    ) -> None:
        """Leaves variables out of weight decay; before the first step.

        Args:
            var_list: variables.
            var_names: regular expressions, searched for in variables' paths.

        Raises:
            StateError: the optimizer is in use.
        """
        if self._in_use:
            raise StateError(
                "weight decay is settled once the optimizer is in use",
                fix="call exclude_from_weight_decay() before compile() and build()",
            )
        self._undecayed.add(var_list or [], var_names or [])

    def finalize_variable_values(self, var_list: Iterable[Variable]) -> None:
        """Puts the moving averages in the place of the weights, with `use_ema`, once
        there are any."""
        if self.use_ema and self._count.item():
            for variable in self._trainable(var_list):
                variable.assign(self._average(variable))

    # -- how -----------------------------------------------------------------------

    def _apply(self, grads: Sequence[Tensor | None], variables: list[Variable]) -> None:
        with no_grad():
            pairs = present(grads, variables, self._warned)
            variables = [variable for _, variable in pairs]
            scale = self.loss_scale_factor
            gradients = [g if scale is None else g / scale for g, _ in pairs]
            self._update_all(gradients, variables)
            for variable in variables:
                if variable.constraint is not None:
                    variable.assign(variable.constraint(variable.detach_value()))
            for variable in variables if self.use_ema else ():
                slot = self._average(variable)
                count, every = self._count.detach_value(), self.ema_overwrite_frequency
                average(variable, slot, count, self.ema_momentum, every)
            self._count.assign_add(1)
        self._in_use = True

    def _update_all(self, gradients: list[Tensor], variables: list[Variable]) -> None:
        due: Tensor | None = None
        if self.gradient_accumulation_steps is not None:
            sums = [self._slots.of(v, _SUM)["gradient_accumulator"] for v in variables]
            count, every = self._count.detach_value(), self.gradient_accumulation_steps
            gradients, due = accumulate(gradients, sums, count, every)
        rate = self.learning_rate
        rate = rate.detach_value() if isinstance(rate, Variable) else rate
        step = self.iterations + 1
        for variable, g in zip(variables, self._clip(gradients), strict=True):
            self._update_one(variable, g, rate, step, due)

    def _update_one(
        self,
        variable: Variable,
        g: Tensor,
        rate: Tensor,
        step: Tensor,
        due: Tensor | None,
    ) -> None:
        w = before = cast_to(variable.detach_value(), wide(variable.dtype))
        g, rate, step = (cast_to(x, w.dtype) for x in (g, rate, step))
        if self.decays(variable):
            w = decayed(w, self.decay_of(variable), rate)
        kept = self._kept(variable)
        values = {name: slot.detach_value() for name, slot in kept.items()}
        w, after = self.update(g, w, dict(values), rate, step)
        variable.assign(w if due is None else where(due, w, before))
        for name, slot in kept.items():
            value = after[name]
            slot.assign(value if due is None else where(due, value, values[name]))

    def _known(self, variables: Iterable[Variable] | None) -> list[Variable]:
        if variables is not None:
            chosen = list(variables)
            self._slots.add(chosen)
            return chosen
        if not self.built:
            raise StateError(
                "the optimizer knows no variables yet",
                where=user_location(),
                fix="optimizer.step(model.trainable_variables), or "
                "optimizer.build(model.trainable_variables) once before",
            )
        return self._slots.known

    def _trainable(self, variables: Iterable[Variable] | None) -> list[Variable]:
        return [v for v in self._known(variables) if v.trainable]

    def _kept(self, variable: Variable) -> dict[str, Variable]:
        if self.use_ema:
            self._average(variable)
        if self.gradient_accumulation_steps is not None:
            self._slots.of(variable, _SUM)
        return self._slots.of(variable, self.slots(variable))

    def _average(self, variable: Variable) -> Variable:
        return self._slots.of(variable, {"average": variable._array})["average"]

    def __setattr__(self, name: str, value: Any) -> None:
        # A compiled step has hyperparameters built in; a change would go unnoticed.
        if self._in_use and name in self._arguments and name != "learning_rate":
            raise StateError(
                f"{name} is settled once the optimizer is in use",
                where=user_location(),
                fix=f"make a new optimizer with {name}={value!r}, and compile again",
            )
        super().__setattr__(name, value)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


_SUM = {"gradient_accumulator": 0.0}
