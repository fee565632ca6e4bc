"""Trains the sheet's two-branch model with real Keras, for the figures that Folio's recipe is compared with.

usage: FOLIO_DATA=… KERAS_BACKEND=tensorflow python two_branch_keras.py SEED…     (Keras 3.12; TensorFlow is several times faster here than JAX)
Adds one line per seed to two_branch_keras.json: accuracy on the 3,000 pictures of the validation part and the test part
together, after 15 epochs of 100 steps of 128 pictures, Adam at its defaults, no augmentation, pictures divided by 255.
"""
import gzip
import json
import os
import sys

import keras
import numpy as np
from keras import layers

FOLDER = os.path.join(os.environ["FOLIO_DATA"], "cifar10")
RESULT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "two_branch_keras.json")


def read(*names):
    raw = b"".join(gzip.open(os.path.join(FOLDER, name)).read() for name in names)
    records = np.frombuffer(raw, np.uint8).reshape(-1, 3073)
    pictures = records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1).astype("float32") / 255
    return pictures, keras.utils.to_categorical(records[:, 0], 10)


def build():
    visible = layers.Input(shape=(32, 32, 3))
    flat = []
    for size in (3, 6):
        x = layers.Conv2D(32, kernel_size=size, activation="relu")(visible)
        x = layers.Dropout(0.2)(x)
        x = layers.MaxPooling2D(pool_size=(2, 2))(x)
        flat.append(layers.Flatten()(x))
    hidden = layers.Dense(100, activation="relu")(layers.concatenate(flat))
    return keras.Model(visible, layers.Dense(10, activation="softmax")(hidden))


def batches(x, y, seed):
    random = np.random.default_rng(seed)
    while True:
        order = random.permutation(len(x))
        for first in range(0, len(x), 128):
            rows = order[first : first + 128]
            yield x[rows], y[rows]


x, y = read("data_batch_1.bin.gz", "data_batch_2.bin.gz")
x_test, y_test = read("val_2000.bin.gz", "test_batch_first1000.bin.gz")
for seed in map(int, sys.argv[1:]):
    keras.utils.set_random_seed(seed)
    model = build()
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    history = model.fit(batches(x, y, seed), steps_per_epoch=100, epochs=15, verbose=2)
    loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
    results = json.load(open(RESULT)) if os.path.exists(RESULT) else []
    results.append({"seed": seed, "parameters": model.count_params(), "keras": keras.__version__, "backend": keras.backend.backend(),
                    "accuracy": round(float(accuracy), 6), "loss": round(float(loss), 6),
                    "train_loss": [round(float(v), 6) for v in history.history["loss"]]})
    json.dump(results, open(RESULT, "w"), indent=1)
