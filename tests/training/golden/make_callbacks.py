"""What real Keras' callbacks do on given histories, for tests/training/callbacks_test.cpp.

usage: KERAS_BACKEND=jax python make_callbacks.py          (Keras 3.12, JAX backend)
A model of one weight, which is the number of the epoch; nothing is trained. Of every epoch: the learning rate after it and
whether training should stop; at the end: the weight.
"""
import json
import os

import keras
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(5)


def run(callback, history, monitor, first):
    model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(optimizer=keras.optimizers.SGD(0.5), loss="mse", metrics=["accuracy"])
    model.train_on_batch(np.zeros((1, 1)), np.zeros((1, 1)))  # so that the metrics exist
    model.optimizer.learning_rate = 0.5
    callback.set_model(model)
    model.stop_training = False
    callback.on_train_begin()
    rates, stops, logged = [], [], []
    for epoch, value in enumerate(history, first):
        model.set_weights([np.full((1, 1), epoch, "float32")])
        callback.on_epoch_begin(epoch)
        logs = {"other": 1.0} if value is None else {monitor: value}
        callback.on_epoch_end(epoch, logs)
        rates.append(float(model.optimizer.learning_rate.numpy()))
        logged.append(logs.get("learning_rate"))
        stops.append(bool(model.stop_training))
    callback.on_train_end()
    return {"rates": rates, "stops": stops, "logged": logged, "weight": float(model.get_weights()[0][0, 0])}


def histories():
    for _ in range(40):
        n = int(rng.integers(4, 14))
        steps = rng.choice([-0.1, -0.00005, 0.0, 0.05], size=n)
        yield [round(float(x), 6) for x in 1 + np.cumsum(steps)]


cases = []
for history in histories():
    monitor = str(rng.choice(["val_loss", "loss", "val_accuracy"]))
    if monitor == "val_accuracy":
        history = [round(1 - v / 4, 6) for v in history]
    if rng.uniform() < 0.15:
        history[int(rng.integers(0, len(history)))] = None
    first = int(rng.choice([0, 0, 3]))
    early = {"monitor": monitor, "min_delta": float(rng.choice([0, 0.01, -0.02])), "patience": int(rng.integers(0, 4)),
             "mode": str(rng.choice(["auto", "min", "max"])) if rng.uniform() < 0.3 else "auto",
             "restore_best_weights": bool(rng.integers(0, 2)), "start_from_epoch": int(rng.choice([0, 0, 2]))}
    if rng.uniform() < 0.4:
        early["baseline"] = float(rng.choice([0.7, 0.95, 2.0]))
    cases.append({"callback": "EarlyStopping", "options": early, "history": history, "first": first,
                  **run(keras.callbacks.EarlyStopping(**early), history, monitor, first)})
    plateau = {"monitor": monitor, "factor": float(rng.choice([0.1, 0.5, 0.9])), "patience": int(rng.integers(0, 4)), "mode": "auto",
               "min_delta": float(rng.choice([1e-4, 0, 0.02])), "cooldown": int(rng.integers(0, 3)), "min_lr": float(rng.choice([0, 0.1, 0.3]))}
    cases.append({"callback": "ReduceLROnPlateau", "options": plateau, "history": history, "first": first,
                  **run(keras.callbacks.ReduceLROnPlateau(**plateau), history, monitor, first)})
halved = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.5 if epoch % 2 else rate)
cases.append({"callback": "LearningRateScheduler", "options": {}, "history": [1.0] * 6, "first": 0, **run(halved, [1.0] * 6, "loss", 0)})
with open(os.path.join(HERE, "callbacks.json"), "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
print(len(cases), "cases")
