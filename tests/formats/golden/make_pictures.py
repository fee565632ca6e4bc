"""Writes pictures/layers.keras: every layer that changes pictures, as Keras 3.12 saves them, and what the model predicts.

usage: KERAS_BACKEND=jax python make_pictures.py
"""
import pathlib

import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(3)
x = keras.Input((9, 8, 3), name="pictures")
y = layers.RandomFlip("horizontal", seed=4)(x)
y = layers.RandomRotation((-0.1, 0.2), fill_mode="constant", fill_value=2.0)(y)
y = layers.RandomTranslation(0.1, (-0.2, 0.3), interpolation="nearest")(y)
y = layers.RandomZoom(0.2, (0.1, 0.3), fill_mode="wrap")(y)
y = layers.RandomContrast(0.3)(y)
y = layers.RandomBrightness((-0.1, 0.2), value_range=(0, 200))(y)
y = layers.Resizing(7, 6, pad_to_aspect_ratio=True, fill_value=1.0)(y)
y = layers.CenterCrop(4, 5)(y)
y = layers.Rescaling(1 / 255)(y)
y = layers.Dense(2, activation="softmax", name="said")(layers.Flatten()(y))
model = keras.Model(x, y)
folder = pathlib.Path(__file__).parent / "pictures"
model.save(folder / "layers.keras")
pictures = np.random.default_rng(5).integers(0, 256, (5, 9, 8, 3)).astype("float32")
np.savez(folder / "layers.npz", x=pictures, y=model.predict(pictures, verbose=0))
