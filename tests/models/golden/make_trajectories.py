"""Trains small models with real Keras and keeps what happened, for tests/models/trajectories_test.cpp.

usage: KERAS_BACKEND=jax python make_trajectories.py          (Keras 3.12, JAX backend)
For every case: NAME.keras (before training), NAME.npz (the data, named as inputs and outputs), NAME_after.npz (the final
weights in Keras' order) and, in trajectories.json, Keras' history. No shuffling, no dropout.
"""
import json
import os

import keras
import numpy as np
from keras import layers

HERE = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(7)


def mlp(inputs=6, outputs=3, last="softmax"):
    return keras.Sequential([layers.Input((inputs,)), layers.Dense(8, activation="tanh"), layers.Dense(5, activation="relu"), layers.Dense(outputs, activation=last)])


def cnn():
    return keras.Sequential([
        layers.Input((9, 8, 2)), layers.Conv2D(5, 3, padding="same", activation="relu"), layers.BatchNormalization(),
        layers.MaxPooling2D(2), layers.Conv2D(4, (2, 3), strides=(2, 1), padding="same", activation="tanh"), layers.AveragePooling2D((1, 2)),
        layers.ZeroPadding2D(1), layers.Flatten(), layers.Dense(3)])


def branches():
    a, b = layers.Input((5,), name="a"), layers.Input((4, 4, 1), name="b")
    shared = layers.Dense(6, activation="elu")
    x = layers.Add()([shared(a), shared(layers.Activation("sigmoid")(a))])
    y = layers.GlobalAveragePooling2D()(layers.Conv2D(6, 3, activation="silu")(b))
    merged = layers.Concatenate()([x, y, layers.Multiply()([x, y])])
    return keras.Model([a, b], [layers.Dense(1, activation="sigmoid", name="yes")(merged), layers.Dense(2, name="value")(merged)])


def rows(*shape):
    return rng.normal(size=shape).astype("float32")


def classes(n, k):
    return rng.integers(0, k, n).astype("int32")


def cases():
    optimizers = {
        "sgd": lambda: keras.optimizers.SGD(0.05), "momentum": lambda: keras.optimizers.SGD(0.02, momentum=0.9),
        "nesterov": lambda: keras.optimizers.SGD(0.02, momentum=0.9, nesterov=True), "rmsprop": lambda: keras.optimizers.RMSprop(0.003),
        "rmsprop_centered": lambda: keras.optimizers.RMSprop(0.003, momentum=0.5, centered=True), "adam": lambda: keras.optimizers.Adam(0.01),
        "amsgrad": lambda: keras.optimizers.Adam(0.01, amsgrad=True), "decay": lambda: keras.optimizers.Adam(0.01, weight_decay=0.01),
        "clipnorm": lambda: keras.optimizers.SGD(0.1, clipnorm=0.1), "clipvalue": lambda: keras.optimizers.SGD(0.1, clipvalue=0.05),
        "global_clipnorm": lambda: keras.optimizers.Adam(0.01, global_clipnorm=0.2)}
    for name, optimizer in optimizers.items():
        yield "mlp_" + name, mlp(), dict(optimizer=optimizer(), loss="sparse_categorical_crossentropy", metrics=["accuracy"]), {"x": rows(38, 6), "y": classes(38, 3)}, 10, 5
    one_hot = np.eye(3, dtype="float32")[classes(40, 3)]
    yield "mlp_categorical", mlp(), dict(optimizer="sgd", loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1), metrics=["accuracy", "mse"]), {"x": rows(40, 6), "y": one_hot}, 8, 4
    yield "mlp_binary", mlp(outputs=1, last="sigmoid"), dict(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"]), {"x": rows(30, 6), "y": classes(30, 2).reshape(-1, 1)}, 7, 4
    yield "mlp_mae", mlp(outputs=2, last="linear"), dict(optimizer="rmsprop", loss="mae", metrics=["mse"]), {"x": rows(30, 6), "y": rows(30, 2), "sample_weight": rng.uniform(0.2, 2, 30).astype("float32")}, 10, 6
    for name in ("sgd", "adam", "rmsprop"):
        yield "cnn_" + name, cnn(), dict(optimizer=name, loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"]), {"x": rows(36, 9, 8, 2), "y": classes(36, 3)}, 16, 6
    yield "branches", branches(), dict(optimizer=keras.optimizers.Adam(0.01), loss={"yes": "binary_crossentropy", "value": "mse"}), {
        "a": rows(33, 5), "b": rows(33, 4, 4, 1), "yes": classes(33, 2).reshape(-1, 1), "value": rows(33, 2)}, 8, 4


def keep(cases, file, class_weight=None):
    results = {}
    for name, model, compiled, data, batch, epochs in cases:
        model.compile(**compiled)
        path = os.path.join(HERE, name)
        model.save(path + ".keras")
        np.savez_compressed(path + ".npz", **data)
        if "x" in data:
            x, y = data["x"], data["y"]
        else:
            x, y = [data["a"], data["b"]], data["y"] if "y" in data else {"yes": data["yes"], "value": data["value"]}
        weighted = class_weight if "class_weight" in name else None
        history = model.fit(x, y, sample_weight=data.get("sample_weight"), class_weight=weighted, batch_size=batch, epochs=epochs, shuffle=False, verbose=0)
        np.savez_compressed(path + "_after.npz", **{f"w{i:02d}": w for i, w in enumerate(model.get_weights())})
        results[name] = {"batch_size": batch, "epochs": epochs, "history": history.history}
        if weighted:
            results[name]["class_weight"] = sorted(weighted.items())
        print(name, list(history.history), history.history["loss"][-1])
    json.dump({"keras": keras.__version__, "backend": keras.backend.backend(), "cases": results}, open(os.path.join(HERE, file), "w"), indent=1)


if __name__ == "__main__":
    keep(cases(), "trajectories.json")
