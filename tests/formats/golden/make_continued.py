#!/usr/bin/env python3
"""Trainings that Keras began and Folio goes on with: continued/NAME.keras holds a model after five steps with all slots of its
optimizer in use, continued.json the weights after five more, and what a model says whose layers are called in another order than
they were made. Run with keras 3.12.4 on JAX."""
import json, os, pathlib
os.environ["KERAS_BACKEND"] = "jax"
import keras, numpy as np
from keras import layers, optimizers

FOLDER = pathlib.Path(__file__).parent / "continued"
chance = np.random.default_rng(1)
X = chance.normal(size=(20, 3)).astype("float32")
Y = (X[:, :1] - X[:, 1:2] * X[:, 2:]).astype("float32")
OPTIMIZERS = {
    "sgd": optimizers.SGD(0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
    "rmsprop": optimizers.RMSprop(0.01, momentum=0.5, centered=True),
    "adam": optimizers.Adam(0.02, amsgrad=True, clipnorm=0.5),
    "adamw": optimizers.AdamW(0.02, weight_decay=0.1),
    "adamax": optimizers.Adamax(0.02),
    "nadam": optimizers.Nadam(0.02),
    "adagrad": optimizers.Adagrad(0.1),
    "adadelta": optimizers.Adadelta(0.5),
    "ftrl": optimizers.Ftrl(0.1, l1_regularization_strength=0.01),
    "lion": optimizers.Lion(0.01),
    "lamb": optimizers.Lamb(0.02),
    "adafactor": optimizers.Adafactor(0.05),
}


def flat(model):
    return [float(v) for w in model.get_weights() for v in np.ravel(w)]


def steps(model):
    model.fit(X, Y, batch_size=4, epochs=1, shuffle=False, verbose=0)


def many():
    """Twelve layers of one class, made in one order, called in another, one of them twice."""
    made = [layers.Dense(3, activation="tanh", name=f"made_{i}") for i in range(12)]
    start = keras.Input((3,))
    x = start
    for i in (11, 3, 0, 7, 10, 1, 5, 3, 2, 9, 4, 8, 6):
        x = made[i](x)
    return keras.Model(start, layers.Dense(1, name="end")(x))


keras.utils.set_random_seed(3)
FOLDER.mkdir(exist_ok=True)
result = {"x": X.ravel().tolist(), "y": Y.ravel().tolist(), "after": {}}
for name, optimizer in list(OPTIMIZERS.items()) + [("many", optimizers.Adam(0.02))]:
    model = many() if name == "many" else keras.Sequential(
        [keras.Input((3,)), layers.Dense(3, activation="tanh"), layers.Dense(1)])
    model.compile(optimizer=optimizer, loss="mse")
    steps(model)
    model.save(FOLDER / f"{name}.keras")
    said = model.predict(X, verbose=0).ravel().tolist()
    steps(model)
    result["after"][name] = {"said": said, "weights": flat(model)}
pathlib.Path(__file__).with_name("continued.json").write_text(json.dumps(result) + "\n")
