"""Pictures changed by Keras' legacy ImageDataGenerator with given parameters: augmentation/keras.npz and keras.json.
given.npz and given.json beside them are the same of tf-keras 2.16.

Made with keras 3.12.4 (jax), numpy 2.4, scipy 1.17, pillow 13: python3 make_augmentation.py
"""
import json
import os
import pathlib

os.environ["KERAS_BACKEND"] = "jax"
import numpy as np
import scipy.ndimage

scipy.ndimage.interpolation = scipy.ndimage  # as it was called when Keras' code was written
from keras.src.legacy.preprocessing import image

image.scipy = scipy

rng = np.random.default_rng(9)
pictures = {
    "square": rng.integers(0, 256, (9, 9, 3)).astype("float32"),
    "wide": rng.integers(0, 256, (6, 11, 1)).astype("float32"),
    "flat": rng.integers(0, 256, (1, 5, 3)).astype("float32"),
    "five": rng.integers(0, 256, (5, 4, 5)).astype("float32"),
    "beyond": rng.normal(0, 100, (8, 8, 3)).astype("float32"),
}
arrays, cases = {f"picture_{name}": picture for name, picture in pictures.items()}, []


def add(picture, mode="nearest", **parameters):
    generator = image.ImageDataGenerator(fill_mode=mode, cval=3.5)
    name = f"case_{len(cases)}"
    arrays[name] = generator.apply_transform(pictures[picture].copy(), dict(parameters)).astype("float32")
    cases.append({"name": name, "picture": picture, "fill_mode": mode, "cval": 3.5, "parameters": parameters})


for mode in ("nearest", "constant", "reflect", "wrap"):
    for picture in pictures:
        add(picture, mode, theta=33.0, tx=0.7, ty=-1.9, shear=-14.0, zx=1.3, zy=0.7)
        add(picture, mode, theta=-17.0)
        add(picture, mode, tx=2, ty=-1)
        add(picture, mode, tx=-11.25, ty=25.5)  # beyond the border more than once
    for shift in (-20, -16, -8, 8, 16, 24):  # where wrap begins anew
        add("square", mode, tx=shift)
    add("square", mode, zx=2.5, zy=2.5)
    add("square", mode, theta=90.0)
    add("square", mode, theta=180.0)
    add("square", mode, theta=45.0, zx=1.5, zy=0.5, flip_horizontal=True)
for picture in pictures:
    add(picture, channel_shift_intensity=31.5)
    add(picture, channel_shift_intensity=-12.25, flip_vertical=True)
    add(picture, flip_horizontal=True)
for picture in ("square", "wide", "beyond"):
    for brightness in (0.0, 0.37, 1.0, 1.71):
        add(picture, brightness=brightness)
    add(picture, theta=12.0, channel_shift_intensity=20.0, flip_horizontal=True, brightness=0.8)

folder = pathlib.Path(__file__).parent / "augmentation"
np.savez_compressed(folder / "keras.npz", **arrays)
(folder / "keras.json").write_text(json.dumps(cases, indent=1) + "\n")
print(len(cases), "cases")
