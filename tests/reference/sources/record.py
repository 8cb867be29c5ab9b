"""What one case holds, how its numbers are drawn, and how it is differentiated.

Read this first, then any other module of the package: each is a table of cases and a
function which turns a row into a `Record`.
"""

import zlib
from dataclasses import dataclass, field

import numpy as np
import torch


@dataclass
class Record:
    """One case: what is built, and the arrays that go in and come out.

    `arrays` is {section: {array name: array}}; README.md lists the sections.
    """

    kind: str
    name: str
    label: str
    arguments: dict = field(default_factory=dict)
    call: dict = field(default_factory=dict)
    properties: dict = field(default_factory=dict)
    arrays: dict = field(default_factory=dict)

    @property
    def id(self):
        return f"{self.kind}/{self.name}/{self.label}"

    @property
    def random(self):
        """A generator of its own, so that a new case leaves the others as they are."""
        return np.random.default_rng(zlib.crc32(self.id.encode()))


def draw(random, *shape, low=-2.0, high=2.0):
    """Distinct numbers between two whole ones, none of them whole.

    All are odd multiples of 1/8192: exact in float32, and without the ties and zeros
    at which derivatives are a matter of convention.
    """
    steps = round((high - low) * 4096)
    chosen = random.choice(steps, size=int(np.prod(shape)), replace=False)
    return (low + (2 * chosen + 1) / 8192).reshape(shape)


def probabilities(random, *shape):
    """Positive numbers that sum to one, within rounding, along the last axis."""
    values = draw(random, *shape, low=0.0, high=2.0)
    return values / values.sum(axis=-1, keepdims=True)


def tensor(array):
    """A torch tensor; a leaf of the derivative if it holds real numbers."""
    value = torch.tensor(np.asarray(array))
    return value.requires_grad_() if value.dtype.is_floating_point else value


def array(value):
    """A NumPy array of a torch tensor, a Keras variable, a number or an array."""
    value = getattr(value, "value", value)
    return (
        value.detach().numpy().copy() if torch.is_tensor(value) else np.asarray(value)
    )


def named(values):
    """The arrays of a single value or of a sequence of them: {"0": ..., "1": ...}."""
    values = values if isinstance(values, list | tuple) else [values]
    return {str(index): array(value) for index, value in enumerate(values)}


def gradients(outputs, cotangents, leaves):
    """The gradient of sum(outputs * cotangents) by each of {name: leaf}, by torch.

    Zero where the outputs do not depend on a leaf.
    """
    outputs = outputs if isinstance(outputs, list | tuple) else [outputs]
    total = sum(
        (output * torch.tensor(cotangent)).sum()
        for output, cotangent in zip(outputs, cotangents.values(), strict=True)
    )
    found = torch.autograd.grad(total, list(leaves.values()), materialize_grads=True)
    return dict(zip(leaves, map(array, found), strict=True))


def evaluate(record, function, inputs, weights=None, cotangent=None):
    """Fill in a record's outputs, cotangents and gradients.

    Args:
        function: takes the inputs as torch tensors, in their order.
        inputs: {name: array}.
        weights: {name: torch parameter}, what else to differentiate by.
        cotangent: gives an array for the shape of each output; drawn if not given.
    """
    random = record.random
    leaves = {name: tensor(value) for name, value in inputs.items()}
    outputs = function(*leaves.values())
    record.arrays["inputs"] = {
        name: np.asarray(value) for name, value in inputs.items()
    }
    record.arrays["outputs"] = named(outputs)
    leaves = {name: leaf for name, leaf in leaves.items() if leaf.requires_grad}
    if not depends_on_leaves(outputs):
        return record
    make = cotangent or (lambda shape: draw(random, *shape))
    cotangents = {
        name: make(value.shape) for name, value in record.arrays["outputs"].items()
    }
    found = gradients(outputs, cotangents, {**leaves, **(weights or {})})
    if any(np.isnan(gradient).any() for gradient in found.values()):
        return record  # where Keras has no derivative, there is nothing to agree with
    record.arrays["cotangents"] = cotangents
    record.arrays["input_gradients"] = {name: found[name] for name in leaves}
    record.arrays["weight_gradients"] = {name: found[name] for name in weights or {}}
    return record


def depends_on_leaves(outputs):
    """Whether torch can differentiate all of the outputs: argmax, say, it cannot."""
    outputs = outputs if isinstance(outputs, list | tuple) else [outputs]
    return all(output.requires_grad for output in outputs)
