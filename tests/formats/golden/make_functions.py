"""Makes functions.keras and what Keras 3.12 says: functions of keras.ops, and constants, between the layers of a model.

    KERAS_BACKEND=jax python make_functions.py
"""
import pathlib

import keras
import numpy as np
from keras import layers
from keras import ops as K

HERE = pathlib.Path(__file__).parent
# One step, so that the file says it in one way.
x, v = keras.Input((4, 6), name="x"), keras.Input((4, 6), name="v")
d = layers.Dense(6, name="d")(x)
many = {
    "arithmetic": [d * 2.0, 1 - d, d + v, d - v * 0.5, d / 4.0, d / (K.square(v) + 1.0), K.square(d) ** 1.5, -d, K.maximum(d, 0.5),
                   K.minimum(0.25, v), K.mod(d, 2), d + K.convert_to_tensor(np.arange(6, dtype="float32"))],
    "elements": [K.exp(d), K.expm1(d), K.log(K.square(d) + 1.0), K.log1p(K.abs(d)), K.sqrt(K.abs(v)), K.rsqrt(K.square(v) + 1.0),
                 K.reciprocal(K.square(v) + 1.0), K.sin(d), K.cos(d), K.tanh(d), K.sign(v), K.floor(d * 3.0), K.round(d * 3.0),
                 K.clip(d, -0.25, 0.5), K.erf(d), K.cast(d * 5.0, "int32") * 1.0],
    "activations": [K.relu(d), K.relu6(d * 9.0), K.leaky_relu(d, 0.1), K.elu(d, 0.5), K.celu(d, 0.5), K.selu(d), K.gelu(d),
                    K.gelu(d, approximate=False), K.silu(d), K.softplus(d), K.softsign(d), K.hard_sigmoid(d), K.hard_silu(d),
                    K.log_sigmoid(d), K.softmax(d, axis=1), K.softmax(d), K.log_softmax(d), K.sigmoid(d)],
    "comparisons": [K.where(d > v, d, v * 2.0), K.where(d >= 0.1, 1.0, d), K.cast(d < v, "float32"), K.cast(d <= v, "float32"),
                    K.cast(K.logical_and(d > 0, v > 0), "float32"), K.cast(K.logical_or(d > 0, v > 0), "float32"),
                    K.cast(K.logical_not(d > 0), "float32"), K.cast(K.any(d > 0.5, axis=-1), "float32"),
                    K.cast(K.all(v > -0.2, axis=1), "float32"), K.cast(K.equal(v, 0.25), "float32")],
    "reductions": [K.sum(d, axis=1), K.mean(d, axis=(1, 2), keepdims=True), K.max(d, axis=-1), K.min(d, axis=1), K.var(d, axis=1),
                   K.std(d, axis=2, keepdims=True), K.logsumexp(d, axis=-1), K.average(d, axis=2)],
    "shapes": [K.reshape(d, (-1, 24)), K.reshape(d, (-1, 3, 8)), K.transpose(d, (0, 2, 1)), K.swapaxes(d, 1, 2), K.moveaxis(d, 1, -1),
               K.expand_dims(d, 1), K.squeeze(K.expand_dims(d, 2), 2), K.concatenate([d, v], axis=1), K.stack([d, v], axis=1),
               K.matmul(d, K.transpose(v, (0, 2, 1))), *K.split(d, 2, axis=-1), *K.unstack(d, axis=1)],
    "indices": [d[:, 0], d[:, 1:3, ::2], d[..., -1:], d[:, -1, :], d[:, :, None], d[:, ::3], d[:, -3:-1, 4], d[:, None, 2]],
}
rows = np.random.default_rng(3)
given = [np.round(rows.uniform(-1, 1, (3, 4, 6)), 2).astype("float32") for _ in range(2)]
np.savez(HERE / "functions_given.npz", x=given[0], v=given[1])
expected = {}
for name, outputs in many.items():
    model = keras.Model([x, v], outputs)
    model.get_layer("d").set_weights([((np.arange(36) % 11 - 5) / 16).reshape(6, 6).astype("float32"),
                                      (np.arange(6) / 8).astype("float32")])
    model.save(HERE / f"functions_{name}.keras")
    for i, output in enumerate(model.predict(given, verbose=0)):
        expected[f"{name}_{i}"] = np.asarray(output)
np.savez(HERE / "functions_expected.npz", **expected)
