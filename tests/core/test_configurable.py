"""Which constructor arguments a class takes, and what is said of wrong ones."""

from __future__ import annotations

import pytest

import wubu
from wubu.errors import UnknownNameError


class OwnOptions(wubu.layers.Layer):
    def __init__(self, **options):
        super().__init__(name=options.pop("name", None))
        self.depth = options.pop("depth", 1)
        self.rest = options


class PassesOn(wubu.layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units


class TakesOneMore(wubu.layers.Dense):
    def __init__(self, *args, extra=1, **kwargs):
        super().__init__(*args, **kwargs)
        self.extra = extra


def test_a_class_may_take_names_of_its_own_choice():
    layer = OwnOptions(depth=3, anything="x")
    assert (layer.depth, layer.rest) == (3, {"anything": "x"})
    assert layer.get_config().items() >= {"depth": 3, "anything": "x"}.items()
    assert OwnOptions.from_config(layer.get_config()).depth == 3


@pytest.mark.parametrize(
    ("make", "nearest"),
    [
        (lambda: PassesOn(unist=3), "units"),
        (lambda: PassesOn(3, nmae="x"), "name"),
        (lambda: TakesOneMore(3, activaton="relu"), "activation"),
        (lambda: wubu.layers.Dense(3, activaton="relu"), "activation"),
    ],
)
def test_a_misspelt_argument_that_is_passed_on_names_the_nearest(make, nearest):
    with pytest.raises(UnknownNameError) as caught:
        make()
    assert caught.value.fix == f'did you mean "{nearest}"?'
    assert str(caught.value.where).startswith("test_configurable.py:")


def test_other_type_errors_are_left_alone():
    class Broken(OwnOptions):
        def __init__(self, **options):
            super().__init__(**options)
            len(3)

    with pytest.raises(TypeError, match="has no len"):
        Broken(depth=2)
