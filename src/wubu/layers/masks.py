"""How masks go through the calls of layers.

A tensor carries its mask (`core/masks.py`). Around each call `Layer` finds here the
masks of what goes in, and puts masks on what comes out: those that
`Layer.compute_mask` says.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from wubu.core import tree
from wubu.core.masks import mask_of, set_mask
from wubu.core.tensor import Tensor, as_tensor
from wubu.ops.arithmetic import identity


def fill_masks(
    accepted: Mapping[str, Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Adds to `kwargs` the masks that `call` takes and nobody gave: `mask`, that of the
    first argument, and for an argument `value` that of `value_mask`.

    Returns:
        The mask of the first argument, or the one that was given instead.
    """
    names = [name for name in accepted if name != "self"]
    given = {**kwargs, **dict(zip(names, args, strict=False))}
    mask = masks_of(args[0]) if args else None
    for name in names[len(args) :]:
        if name == "mask":
            if kwargs.get(name) is None:
                kwargs[name] = mask
        elif name.endswith("_mask") and kwargs.get(name) is None:
            kwargs[name] = masks_of(given.get(name.removesuffix("_mask")))
    if "mask" in names:
        chosen = kwargs.get("mask", given.get("mask"))
        return mask if chosen is None else chosen
    return mask


def masks_of(inputs: Any) -> Any:
    """The mask of a tensor, or None; of a list of tensors the list of their masks, or
    None where none has one."""
    if isinstance(inputs, list | tuple):
        masks = [masks_of(part) for part in inputs]
        return masks if any(mask is not None for mask in masks) else None
    return mask_of(inputs)


def masked(inputs: Any, mask: Any) -> Any:
    """`inputs` with these masks; the tensors themselves stay without.

    Args:
        inputs: a tensor, or a structure of tensors.
        mask: one for the tensor, or a structure of them in the same order.
    """
    if mask is None:
        return inputs
    leaves, structure = tree.flatten(inputs)
    masks = tree.flatten(mask)[0]
    masks += [None] * (len(leaves) - len(masks))
    pairs = zip(leaves, masks, strict=True)
    return tree.unflatten(structure, [_with_mask(leaf, m) for leaf, m in pairs])


def _with_mask(leaf: Any, mask: Any) -> Any:
    if mask is None or mask is mask_of(leaf):
        return leaf
    tensor = identity(as_tensor(leaf))
    set_mask(tensor, as_tensor(mask))
    return tensor


def unmasked(tensor: Tensor) -> Tensor:
    """The same value without its mask, for a layer inside that is not to see it."""
    return tensor if mask_of(tensor) is None else identity(tensor)


def put_masks(
    layer: Any, accepted: Iterable[str], args: tuple[Any, ...], mask: Any, result: Any
) -> Any:
    """What a call gave, with the masks that `compute_mask` says it has. Outputs that
    got a mask inside the call keep it.

    Args:
        layer: that was called.
        accepted: the names of what its `call` takes.
        args: what it was called on.
        mask: of the first of them.
        result: what `call` returned.
    """
    outputs, structure = tree.flatten(result)
    if all(not isinstance(y, Tensor) or mask_of(y) is not None for y in outputs):
        return result
    if not layer.supports_masking:
        if mask is not None and not _uses_mask(layer, accepted):
            warnings.warn(_lost(layer), stacklevel=2)
        return result
    inputs = args[0] if args else None
    found = layer.compute_mask(inputs, mask)
    if found is None:
        return result
    masks = list(found) if isinstance(found, list | tuple) else [found]
    masks += [None] * (len(outputs) - len(masks))
    taken = {id(leaf) for leaf in tree.flatten(args)[0]}
    for place, (output, new) in enumerate(zip(outputs, masks, strict=True)):
        if new is None or mask_of(output) is not None:
            continue
        if id(output) in taken:  # a layer that returns its input
            outputs[place] = _with_mask(output, new)
        else:
            set_mask(output, new)
    return tree.unflatten(structure, outputs)


def _uses_mask(layer: Any, accepted: Iterable[str]) -> bool:
    """Whether masks are for the inside of the layer: it takes one, or it is made of
    layers."""
    return bool(layer.sublayers) or any(name.endswith("mask") for name in accepted)


def _lost(layer: Any) -> str:
    kind = type(layer).__name__
    return (
        f'layer "{layer.name}" ({kind}) was given an input with a mask and does not '
        "say what becomes of it: layers, losses and metrics that follow see none. If "
        f"places stay where they are, write supports_masking = True into {kind}; if "
        "they do not, define compute_mask(inputs, mask)"
    )
