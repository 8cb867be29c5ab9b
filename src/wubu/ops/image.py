"""Operations on images, under the names of `keras.ops.image`."""

from wubu.core import diversion
from wubu.ops.affine import affine_transform
from wubu.ops.patches import extract_patches, hsv_to_rgb, rgb_to_grayscale, rgb_to_hsv
from wubu.ops.resizing import resize

__all__ = [
    "affine_transform",
    "extract_patches",
    "hsv_to_rgb",
    "resize",
    "rgb_to_grayscale",
    "rgb_to_hsv",
]

diversion.divert_all(globals(), "ops.image")  # symbols of models are recorded
