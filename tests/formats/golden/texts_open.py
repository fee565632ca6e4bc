"""Opens with real Keras what Folio wrote of models that take texts or look numbers up, and compares answers.

    mkdir FOLDER
    FOLIO_KERAS_FOLDER=FOLDER folio_tests --gtest_filter='*TextFiles.GiveKerasAnswers*'
    KERAS_BACKEND=tensorflow python tests/formats/golden/texts_open.py FOLDER
"""
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import keras
import numpy as np
import tensorflow as tf

TEXTS = pathlib.Path(__file__).parent / "texts"


def lines_for(name):
    file = TEXTS / f"{name}.txt"
    if not file.exists():
        file = TEXTS / ("tokens.txt" if name in ("lookup", "one_hot") or name.startswith("pair") else "lines.txt")
    lines = file.read_text(encoding="utf-8").split("\n")[:-1]
    return lines + ["cat"] if name.startswith("pair") else lines


paths = sorted(pathlib.Path(sys.argv[1]).glob("*.keras"))
assert paths
for path in paths:
    name = path.stem
    model = keras.models.load_model(path)
    given = TEXTS / f"{name}.x.npy"
    x = tf.constant(np.load(given)) if given.exists() else tf.constant(np.array(lines_for(name), object).reshape(-1, 2 if name.startswith("pair") else 1))
    y, expected = np.asarray(model(x)), np.load(path.with_suffix(".y.npy"))
    assert y.shape == expected.shape and np.abs(y - expected).max() < 2e-6, name
    print(name, "ok")
print("Keras", keras.__version__)
