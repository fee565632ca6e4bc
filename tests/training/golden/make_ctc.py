"""CTC of real Keras for tests/training/ctc_test.cpp: losses, their gradients and decoded labels.

usage: KERAS_BACKEND=jax python make_ctc.py          (Keras 3.12, JAX backend)
"""
import json
import os

import jax
import keras
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(5)


def case(labels, steps, classes, spread=1.5):
    labels = np.array(labels, "int32")
    logits = (rng.normal(size=(len(labels), steps, classes)) * spread).astype("float32")
    of = lambda p: keras.losses.ctc(labels, p)
    lengths = np.full(len(labels), steps, "int32")
    decode = lambda **how: keras.ops.ctc_decode(logits, lengths, mask_index=0, **how)
    greedy = np.array(decode(strategy="greedy")[0])[0]
    beam, scores = decode(strategy="beam_search", beam_width=20, top_paths=1)
    plain = lambda row: [int(v) for v in row if v > 0]
    return {
        "labels": labels.tolist(),
        "logits": logits.ravel().tolist(),
        "steps": steps,
        "classes": classes,
        "losses": np.array(of(logits)).tolist(),
        "slopes": np.array(jax.grad(lambda p: of(p).sum())(jax.numpy.asarray(logits))).ravel().tolist(),
        "greedy": [plain(row) for row in greedy],
        "beam": [plain(row) for row in np.array(beam)[0]],
    }


cases = [
    case([[1, 2, 3, 0, 0, 0], [1, 1, 0, 0, 0, 0], [4, 4, 4, 4, 0, 0], [2, 0, 0, 0, 0, 0], [1, 2, 3, 4, 3, 2]], 8, 5),
    case([[1, 2], [2, 2], [0, 0]], 3, 3),
    case([[1]], 1, 2),
    case([[3, 1, 3]], 6, 4, 8.0),
]
with open(os.path.join(HERE, "ctc.json"), "w") as out:
    json.dump(cases, out)
    out.write("\n")
