#!/usr/bin/env python3
"""Penalties of weights in models, by Keras: makes penalties.json beside it. Run with keras 3.12.4 on JAX."""
import json, os, pathlib
os.environ["KERAS_BACKEND"] = "jax"
import keras, numpy as np
from keras import layers

X = np.array([[1, 2], [3, -1], [0, 1]], "float32")
Y = np.array([[1], [0], [2]], "float32")
WEIGHTS = np.array([1, 3, 0.5], "float32")


def dense(value, regularizer=None):
    return layers.Dense(1, use_bias=False, kernel_initializer=keras.initializers.Constant(value), kernel_regularizer=regularizer)


def models():
    l2, start = keras.regularizers.L2(0.1), keras.Input((2,))
    yield "plain", keras.Sequential([keras.Input((2,)), dense(0.5, l2)])
    yield "l1_l2", keras.Sequential([keras.Input((2,)), dense(0.5, keras.regularizers.L1L2(0.2, 0.1))])
    shared = dense(0.5, l2)
    yield "shared", keras.Model(start, shared(start) + shared(2 * start))
    frozen = dense(0.5, l2)
    frozen.trainable = False
    yield "frozen", keras.Sequential([keras.Input((2,)), frozen, dense(1)])
    inner = keras.Sequential([keras.Input((2,)), dense(0.5, l2)])
    yield "nested", keras.Model(start, dense(1)(inner(start)))


result = {}
for weighted in (False, True):
    for name, model in models():
        model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse")
        before = model.evaluate(X, Y, batch_size=2, verbose=0)
        history = model.fit(X, Y, batch_size=2, shuffle=False, verbose=0, sample_weight=WEIGHTS if weighted else None).history
        result[name + (" weighted" if weighted else "")] = {
            "evaluate": float(np.ravel(before)[0]), "loss": history["loss"],
            "weights": [float(v) for w in model.get_weights() for v in np.ravel(w)]}
pathlib.Path(__file__).with_name("penalties.json").write_text(json.dumps(result, indent=1) + "\n")
