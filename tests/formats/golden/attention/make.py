"""Makes layers.keras, layers.h5, layers.x.npz and layers.y.npz with Keras 3.12: KERAS_BACKEND=jax python make.py"""
import pathlib

import keras
import numpy as np
from keras import layers as l

HERE = pathlib.Path(__file__).parent
keras.utils.set_random_seed(3)
a, b = l.Input((5, 4), name="a"), l.Input((3, 4), name="b")
steps = l.Input((3,), dtype="bool", name="steps")
q = l.EinsumDense("abc,cd->abd", (None, 4), bias_axes="d", name="e")(a)
outputs = [
    l.MultiHeadAttention(2, 3, name="m")(q, b, value_mask=steps),
    l.MultiHeadAttention(2, 3, value_dim=2, output_shape=4, use_bias=False, dropout=0.5, name="n")(q, value=b, key=b, key_mask=steps),
    l.MultiHeadAttention(2, 3, dropout=0.5, name="d")(q, q, use_causal_mask=True),
    l.GroupQueryAttention(3, 4, 2, name="g")(q, b, value_mask=steps),
    l.Attention(use_scale=True, score_mode="concat", name="c")([q, b], mask=[None, steps]),
    l.AdditiveAttention(name="t")([q, b, b], mask=[None, steps, None], use_causal_mask=True),
]
model = keras.Model([a, b, steps], l.Concatenate(name="y")(outputs))
draw = np.random.default_rng(5)
model.set_weights([np.round(draw.uniform(-1, 1, w.shape), 3) for w in model.get_weights()])
given = {"a": draw.uniform(-1, 1, (4, 5, 4)).astype("float32"), "b": draw.uniform(-1, 1, (4, 3, 4)).astype("float32"),
         "steps": np.array([[1, 1, 1], [1, 1, 0], [0, 0, 1], [0, 0, 0]], bool)}
model.save(HERE / "layers.keras")
model.save(HERE / "layers.h5")
np.savez(HERE / "layers.x.npz", **given)
np.savez(HERE / "layers.y.npz", y=model.predict([given["a"], given["b"], given["steps"]], verbose=0))
