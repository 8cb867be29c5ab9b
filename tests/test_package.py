"""`import wubu` gives everything by name, and loads it when it is named."""

from __future__ import annotations

import pytest

import wubu


@pytest.mark.parametrize("name", dir(wubu))
def test_every_name_the_package_lists_is_there(name: str) -> None:
    assert getattr(wubu, name) is not None


def test_callbacks_are_at_their_usual_place() -> None:
    from wubu.callbacks import EarlyStopping

    assert EarlyStopping is wubu.training.callbacks.EarlyStopping


def test_every_callback_is_at_its_usual_place() -> None:
    exported = {n for n in vars(wubu.training.callbacks) if n[0].isupper()}
    assert exported == set(wubu.callbacks.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        wubu.no_such_name  # noqa: B018
