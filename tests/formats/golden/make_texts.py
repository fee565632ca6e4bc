"""Writes texts/: models of real Keras that take texts or look numbers up, and what they answer.

usage: KERAS_BACKEND=tensorflow python make_texts.py          (Keras 3.15.1, TensorFlow 2.21, which these layers need)

NAME.keras takes the lines of lines.txt, one text a row (NAME.pairs.txt: two), or NAME.x.npy, and answers NAME.y.npy.
"""
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import keras
import numpy as np
import tensorflow as tf

FOLDER = pathlib.Path(__file__).parent / "texts"
FOLDER.mkdir(exist_ok=True)
L = keras.layers
LINES = ["The cat sat on the mat.", "the dog sat; on the cat!", "", "  Über-naïve   ÉCOLE l'École  ", "don't stop", "a b c d e f g h i j k",
         "cat", "CAT dog\tmouse", "zebra zoo Zoo", "[UNK] unk", "l'été à la plage", "dog dog dog the the"]
(FOLDER / "lines.txt").write_text("\n".join(LINES) + "\n", encoding="utf-8")


def save(name, model, x):
    rng = np.random.default_rng(len(name))
    model.set_weights([rng.normal(size=w.shape).astype("float32") for w in model.get_weights()])
    model.save(FOLDER / f"{name}.keras")
    np.save(FOLDER / f"{name}.y.npy", np.asarray(model(x)))


def texts(name, layer, *rest, shape=(1,), lines=LINES, functional=False):
    given = np.array(lines, dtype=object).reshape((-1,) + shape)
    start = keras.Input(shape, dtype="string", name="texts")
    if functional:
        y = layer(start)
        for each in rest:
            y = each(y)
        model = keras.Model(start, y)
    else:
        model = keras.Sequential([start, layer, *rest])
    save(name, model, tf.constant(given))


def adapted(layer, data=LINES[:9]):
    layer.adapt(tf.constant(data))
    return layer


def numbered():
    return [L.Embedding(60, 3), L.GlobalAveragePooling1D()]


T, S, I = L.TextVectorization, L.StringLookup, L.IntegerLookup
texts("words", adapted(T(max_tokens=12, output_sequence_length=5)), *numbered())
texts("letters", adapted(T(split="character", standardize="lower", output_sequence_length=9)), *numbered(), functional=True)
texts("stripped", adapted(T(standardize="strip_punctuation", output_sequence_length=4)), *numbered(), shape=())
texts("whole", adapted(T(split=None, standardize=None, output_sequence_length=1)), *numbered())
texts("longest", adapted(T(ngrams=(1, 3))), *numbered())
texts("hot", adapted(T(output_mode="multi_hot", max_tokens=40, pad_to_max_tokens=True)), L.Dense(2), functional=True)
texts("counts", adapted(T(output_mode="count", ngrams=2, standardize=None)), L.Dense(2))
texts("tf_idf", adapted(T(output_mode="tf_idf", max_tokens=15)), L.Dense(2))
texts("given", T(vocabulary=["cat", "the", "dog"], idf_weights=[0.5, 0.25, 0.125], output_mode="tf_idf"), L.Dense(2))
inside = keras.Sequential([keras.Input((4,), dtype="int64"), L.Embedding(60, 3), L.Flatten()])
texts("nested", adapted(T(output_sequence_length=4)), inside)

tokens = "cat dog mouse cat dog cat".split() + [""] + ["x" * n for n in (3, 9, 20, 40, 70, 130)] + ["zebra", "[UNK]"]
texts("lookup", adapted(S(num_oov_indices=3, mask_token=""), tokens[:6]), *numbered(), lines=tokens)
texts("one_hot", S(vocabulary=["dog", "cat"], output_mode="one_hot"), L.Dense(2), lines=tokens)
texts("pairs", adapted(S(output_mode="count", mask_token="", num_oov_indices=2), tokens), L.Dense(2), shape=(2,), lines=tokens + ["cat"])
texts("pair_numbers", adapted(S(max_tokens=4), tokens), *numbered(), shape=(2,), lines=tokens + ["cat"], functional=True)
(FOLDER / "tokens.txt").write_text("\n".join(tokens) + "\n", encoding="utf-8")


def integers(name, layer, x, *rest):
    start = keras.Input(x.shape[1:], dtype="int64")
    y = layer(start)
    for each in rest:
        y = each(y)
    np.save(FOLDER / f"{name}.x.npy", x)
    save(name, keras.Model(start, y), tf.constant(x))


x = np.array([[3, 3, 7], [0, -5, 3], [9, 2**40, 0], [-5, 8, -1], [7, 0, 0]], "int64")
integers("integers", adapted(I(), x[:4]), x, *numbered())
integers("integers_masked", adapted(I(mask_token=0, num_oov_indices=3, max_tokens=6), x[:4]), x, *numbered())
integers("integers_hot", adapted(I(mask_token=0, output_mode="multi_hot", pad_to_max_tokens=True, max_tokens=9), x[:2]), x, L.Dense(2))
integers("integers_one", I(vocabulary=[7, 3], output_mode="one_hot"), x[:, :1], L.Dense(2))
integers("integers_count", I(vocabulary=[7, 3, -5], output_mode="count", num_oov_indices=2), x, L.Dense(2))
integers("integers_tf_idf", adapted(I(output_mode="tf_idf"), x), x, L.Dense(2))
integers("integers_back", I(vocabulary=[7, 3, -5], invert=True, mask_token=0), np.arange(-1, 6).reshape(-1, 1))
