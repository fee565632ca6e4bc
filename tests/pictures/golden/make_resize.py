"""Writes resize.npz: what keras.ops.image.resize and keras.utils' smart_resize make of a picture.

usage: KERAS_BACKEND=jax python make_resize.py
"""
import pathlib

import keras
import numpy as np

picture = np.random.default_rng(4).integers(0, 256, (13, 17, 3)).astype("float32")
arrays = {"picture": picture}
for height, width in [(13, 17), (5, 6), (26, 40), (7, 31), (1, 1)]:
    arrays[f"{height}x{width}"] = np.asarray(
        keras.ops.image.resize(picture, (height, width), interpolation="bilinear", antialias=False))
    arrays[f"smart {height}x{width}"] = np.asarray(
        keras.preprocessing.image.smart_resize(picture, (height, width), interpolation="bilinear"))
np.savez(pathlib.Path(__file__).with_name("resize.npz"), **arrays)
