"""The losses of real Keras for tests/training/losses_test.cpp: values per sample, reduced values and gradients.

usage: KERAS_BACKEND=jax python make_losses.py          (Keras 3.12, JAX backend)
A case: the loss as Keras' envelope, targets, predictions, perhaps weights and a mask; what came out of Keras.
"""
import json
import os

import jax
import keras
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
L = keras.losses
rng = np.random.default_rng(11)


def softmax(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def reals(*shape):
    return rng.normal(size=shape) * 1.5


def chances(*shape):
    return rng.uniform(0.02, 0.98, size=shape)


def one_hot(n, k):
    return np.eye(k)[rng.integers(0, k, n)]


def pairs():
    """class, settings, targets, predictions"""
    for name in ("MeanSquaredError", "MeanAbsoluteError", "MeanAbsolutePercentageError", "LogCosh"):
        yield name, {}, reals(5, 3), reals(5, 3)
    yield "MeanAbsolutePercentageError", {}, np.array([[0.0, 1.0], [2.0, -0.5]]), reals(2, 2)
    yield "MeanSquaredLogarithmicError", {}, np.abs(reals(5, 3)), reals(5, 3)
    yield "Huber", {}, reals(6, 3), reals(6, 3)
    yield "Huber", {"delta": 0.3}, reals(5, 2), reals(5, 2)
    yield "CosineSimilarity", {}, reals(5, 4), reals(5, 4)
    yield "CosineSimilarity", {"axis": 1}, reals(2, 3, 4), reals(2, 3, 4)
    yield "CosineSimilarity", {}, np.array([[0.0, 0.0], [1.0, 2.0]]), np.array([[1.0, 2.0], [-3.0, 0.5]])
    yes_or_no = rng.integers(0, 2, (6, 2)).astype(float)
    for settings in ({}, {"label_smoothing": 0.2}, {"axis": 0}):
        yield "BinaryCrossentropy", settings, yes_or_no, chances(6, 2)
        yield "BinaryCrossentropy", {**settings, "from_logits": True}, yes_or_no, reals(6, 2)
    for settings in ({}, {"label_smoothing": 0.1}):
        yield "CategoricalCrossentropy", settings, one_hot(5, 4), softmax(reals(5, 4))
        yield "CategoricalCrossentropy", {**settings, "from_logits": True}, one_hot(5, 4), reals(5, 4)
    yield "CategoricalCrossentropy", {"axis": 1}, softmax(reals(2, 3, 4)), chances(2, 3, 4)
    labels = rng.integers(0, 4, (5,)).astype(float)
    yield "SparseCategoricalCrossentropy", {}, labels, softmax(reals(5, 4))
    yield "SparseCategoricalCrossentropy", {"from_logits": True}, labels[:, None], reals(5, 4)
    several = rng.integers(0, 4, (3, 5)).astype(float)
    yield "SparseCategoricalCrossentropy", {"ignore_class": 1}, several, softmax(reals(3, 5, 4))
    several[0, :2] = several[2, 4] = -1
    yield "SparseCategoricalCrossentropy", {"ignore_class": -1, "from_logits": True}, several, reals(3, 5, 4)
    for settings in ({}, {"gamma": 0.5, "label_smoothing": 0.1}, {"apply_class_balancing": True, "alpha": 0.4, "gamma": 1.5}, {"gamma": 0.0}):
        yield "BinaryFocalCrossentropy", settings, yes_or_no, chances(6, 2)
        yield "BinaryFocalCrossentropy", {**settings, "from_logits": True}, yes_or_no, reals(6, 2)
    for settings in ({}, {"gamma": 0.5, "label_smoothing": 0.1}, {"alpha": 0.7, "gamma": 3.0}):
        yield "CategoricalFocalCrossentropy", settings, one_hot(5, 4), softmax(reals(5, 4))
        yield "CategoricalFocalCrossentropy", {**settings, "from_logits": True}, one_hot(5, 4), reals(5, 4)
    yield "KLDivergence", {}, softmax(reals(5, 4)), softmax(reals(5, 4))
    yield "KLDivergence", {}, one_hot(4, 3), softmax(reals(4, 3))
    yield "Poisson", {}, rng.poisson(2, (5, 3)).astype(float), chances(5, 3) * 3
    for name in ("Hinge", "SquaredHinge"):
        yield name, {}, yes_or_no, reals(6, 2)
        yield name, {}, yes_or_no * 2 - 1, reals(6, 2)
    yield "CategoricalHinge", {}, one_hot(5, 4), reals(5, 4)
    picture = (rng.uniform(size=(3, 4, 4, 1)) > 0.6).astype(float)
    for name, settings in (("Dice", {}), ("Dice", {"axis": [1, 2, 3]}), ("Tversky", {}), ("Tversky", {"alpha": 0.3, "beta": 0.7, "axis": [1, 2, 3]}), ("Dice", {"axis": [-1]})):
        yield name, settings, picture, chances(3, 4, 4, 1)


def reduced(loss, y, p, weights, mask):
    p = jax.numpy.asarray(p)
    if mask is not None:
        keras.src.backend.set_keras_mask(p, jax.numpy.asarray(mask))
    return loss(y, p, sample_weight=weights)


cases = []
for name, settings, y, p in pairs():
    y, p = np.asarray(y, "float32"), np.asarray(p, "float32")
    batch = p.shape[0]
    for reduction in ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight"):
        for weighted in (False, True):
            for masked in (False, True):
                first = reduction == "sum_over_batch_size" and not weighted and not masked
                # Every loss plainly and once with all; masks only where there are steps.
                steps = p.ndim == 3 and "axis" not in settings
                weights = rng.uniform(0.2, 2, batch).astype("float32") if weighted else None
                if not first and (masked != (masked and steps) or settings.get("axis") in (0, [-1])):
                    continue
                # What a reduction does is the same for all: few losses show it.
                if not first and reduction != "sum_over_batch_size" and name not in ("Huber", "SparseCategoricalCrossentropy", "Dice"):
                    continue
                if p.ndim == 3 and weighted:
                    continue  # Keras wants weights per step then, Folio stretches those of samples
                mask = (rng.uniform(size=p.shape[:2]) > 0.4) if masked else None
                loss = getattr(L, name)(**settings if not isinstance(settings.get("axis"), list) else {**settings, "axis": tuple(settings["axis"])}, reduction=reduction)
                value = float(reduced(loss, y, p, weights, mask))
                slope = jax.grad(lambda q: reduced(loss, y, q, weights, mask))(jax.numpy.asarray(p))
                if not first and weighted is False and reduction == "mean":
                    continue
                case = {"loss": {"class_name": name, "config": {"name": loss.name, "reduction": reduction, **settings}}, "shape": p.shape, "value": value,
                        "y_shape": y.shape, "y": y.ravel().tolist(), "p": p.ravel().tolist(), "slope": np.asarray(slope).ravel().tolist()}
                if first:
                    loss.reduction = None
                    each = np.asarray(loss(y, p))
                    case["each_shape"], case["each"] = each.shape, each.ravel().tolist()
                if weighted:
                    case["weights"] = weights.tolist()
                if masked:
                    case["mask"] = mask.astype(float).ravel().tolist()
                cases.append(case)


for labels in ([[1, 2, 0], [3, 3, 0], [1, 2, 3]], [[2, 2], [0, 0], [1, 0]]):
    for reduction in ("sum_over_batch_size", "sum"):
        for weights in (None, [0.5, 2.0, 1.0]):
            y, p = np.array(labels, "float32"), rng.normal(size=(3, 5, 4)).astype("float32")
            of = lambda q: L.CTC(reduction=reduction)(y, q, sample_weight=None if weights is None else np.array(weights, "float32"))
            case = {"loss": {"class_name": "CTC", "config": {"name": "ctc", "reduction": reduction}}, "shape": p.shape, "value": float(of(p)),
                    "y_shape": y.shape, "y": y.ravel().tolist(), "p": p.ravel().tolist(), "slope": np.asarray(jax.grad(of)(jax.numpy.asarray(p))).ravel().tolist()}
            if weights is not None:
                case["weights"] = weights
            elif reduction == "sum":
                each = np.asarray(L.CTC(reduction=None)(y, p))
                case["each_shape"], case["each"] = each.shape, each.ravel().tolist()
            cases.append(case)


def rounded(x):
    if isinstance(x, float):
        return float(f"{x:.7g}") if np.isfinite(x) else None
    if isinstance(x, dict):
        return {k: rounded(v) for k, v in x.items()}
    return [rounded(v) for v in x] if isinstance(x, (list, tuple)) else x


with open(os.path.join(HERE, "losses.json"), "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(rounded(case)) for case in cases) + "\n]\n")
print(len(cases), "cases")
