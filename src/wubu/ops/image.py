"""Operations on images, under the names of `keras.ops.image`."""

from wubu.core import diversion
from wubu.ops.resizing import resize

__all__ = ["resize"]

diversion.divert_all(globals(), "ops.image")  # symbols of models are recorded
