"""Operations on images, under the names of `keras.ops.image`."""

from wubu.core import diversion
from wubu.ops.affine import affine_transform
from wubu.ops.resizing import resize

__all__ = ["affine_transform", "resize"]

diversion.divert_all(globals(), "ops.image")  # symbols of models are recorded
