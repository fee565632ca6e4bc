"""Runs every metric of real Keras over batches, for tests/training/metric_test.cpp.

usage: KERAS_BACKEND=numpy python make_metrics.py          (Keras 3.12)
metrics.json: the data by name, and cases: class and settings as Keras writes them, targets, predictions, and what the metric gave
after batches of 7, the last of them smaller: without weights and with each of three. A result is null where Keras gives NaN (Folio's
values are in docs/metrics.md), a list is missing where Keras takes no weights.
"""
import json
import math
import os

os.environ.setdefault("KERAS_BACKEND", "numpy")
import keras
import numpy as np
from keras import metrics as km
from keras.src import backend

HERE = os.path.dirname(os.path.abspath(__file__))
BATCH = 7
rng = np.random.default_rng(5)
N = 24


def top_k(x, k, sorted=True):
    """As JAX and TensorFlow have it: of equal scores the first."""
    places = np.argsort(-x, axis=-1, kind="stable")[..., :k]
    return np.take_along_axis(x, places, axis=-1), places


backend.math.top_k = top_k


def data():
    labels = rng.integers(0, 4, N)
    scores = rng.integers(1, 10, (N, 4)) / 1.0
    probabilities = scores / scores.sum(axis=1, keepdims=True)
    d = {
        # Scores on a coarse grid: many ties, many exactly at thresholds.
        "binary": rng.integers(0, 2, (N, 1)), "score": np.round(rng.integers(0, 21, (N, 1)) / 20, 3),
        "fine_score": rng.uniform(0, 1, (N, 1)), "logit": np.round(rng.normal(size=(N, 1)) * 2, 2),
        "grid_score": rng.integers(0, 200, (N, 1)) / 199,
        "none": np.zeros((N, 1)), "all": np.ones((N, 1)), "half": np.full((N, 1), 0.5), "zero": np.zeros((N, 1)), "one": np.ones((N, 1)),
        "labels": labels, "one_hot": np.eye(4)[labels], "probabilities": probabilities, "tied": np.round(probabilities * 4) / 4,
        "same_class": np.eye(4)[np.full(N, 2)], "nothing": np.zeros((N, 4)),
        "multi": rng.integers(0, 2, (N, 3)), "multi_score": np.round(rng.uniform(size=(N, 3)), 1),
        "y": rng.integers(-8, 9, (N, 3)) / 4, "p": rng.integers(-8, 9, (N, 3)) / 4, "positive_y": rng.integers(0, 9, (N, 3)) / 4, "positive_p": rng.integers(1, 9, (N, 3)) / 4,
        "flat": np.full((N, 3), 0.5), "signs": rng.integers(0, 2, (N, 3)) * 2 - 1,
        "classes": rng.integers(0, 4, (N, 1)), "guesses": rng.integers(0, 4, (N, 1)),
        "map": rng.integers(0, 3, (N, 2, 3)), "map_scores": np.round(rng.uniform(size=(N, 2, 3, 3)), 1),
        "map_one_hot": np.eye(3)[rng.integers(0, 3, (N, 2, 3))], "map_first": np.round(rng.uniform(size=(N, 3, 2, 3)), 1),
        "steps": rng.integers(0, 2, (N, 5, 1)), "step_scores": np.round(rng.uniform(size=(N, 5, 1)), 1),
        "step_classes": rng.integers(0, 3, (N, 5)), "step_probabilities": np.round(rng.dirichlet(np.ones(3), (N, 5)), 2),
        "sorted_ids": np.argsort(-probabilities, axis=1),
        "weights": rng.integers(0, 5, N) / 2, "whole_weights": rng.integers(0, 3, N), "no_weights": np.zeros(N),
    }
    return {name: np.asarray(values, "float32") for name, values in d.items()}


BINARY = [("binary", s) for s in ("score", "fine_score", "grid_score", "half", "zero", "one")] + [("none", "score"), ("all", "score")]
CLASSES = [("one_hot", "probabilities"), ("one_hot", "tied"), ("same_class", "probabilities"), ("one_hot", "nothing")]
SPARSE = [("labels", "probabilities"), ("labels", "tied")]


def cases():
    for pair in BINARY + [("steps", "step_scores")]:
        yield km.BinaryAccuracy(), *pair
        yield km.BinaryAccuracy(threshold=0.35), *pair
    yield km.Accuracy(), "classes", "guesses"
    for pair in CLASSES:
        yield km.CategoricalAccuracy(), *pair
        for k in (1, 2, 3):
            yield km.TopKCategoricalAccuracy(k=k), *pair
    for pair in SPARSE + [("step_classes", "step_probabilities")]:
        yield km.SparseCategoricalAccuracy(), *pair
        yield km.SparseTopKCategoricalAccuracy(k=2), *pair
    yield km.SparseTopKCategoricalAccuracy(k=2, from_sorted_ids=True), "labels", "sorted_ids"
    for pair in BINARY:
        for cls in (km.TruePositives, km.TrueNegatives, km.FalsePositives, km.FalseNegatives):
            yield cls(), *pair
            yield cls(thresholds=0.3), *pair
        yield km.FalsePositives(thresholds=[0.0, 0.5, 1.0]), *pair
        yield km.TrueNegatives(thresholds=[0.9, 0.1, 0.4, 0.35]), *pair
        for cls in (km.Precision, km.Recall):
            yield cls(), *pair
            yield cls(thresholds=[0.2, 0.7, 0.1]), *pair
            yield cls(thresholds=[0.0, 0.25, 0.5, 0.75, 1.0]), *pair
        for value in (0.3, 0.8):
            yield km.SensitivityAtSpecificity(value), *pair
            yield km.SpecificityAtSensitivity(value, num_thresholds=30), *pair
            yield km.PrecisionAtRecall(value), *pair
            yield km.RecallAtPrecision(value, num_thresholds=1), *pair
            yield km.RecallAtPrecision(value), *pair
        for curve in ("ROC", "PR", "PRGAIN"):
            for method in ("interpolation", "minoring", "majoring"):
                yield km.AUC(curve=curve, summation_method=method), *pair
        yield km.AUC(num_thresholds=2), *pair
        yield km.AUC(num_thresholds=11, curve="PR"), *pair
        yield km.AUC(thresholds=[0.5, 0.2, 0.9]), *pair
        yield km.AUC(thresholds=[0.25, 0.5, 0.75], curve="PR"), *pair
    yield km.AUC(from_logits=True), "binary", "logit"
    for pair in CLASSES:
        for cls in (km.Precision, km.Recall):
            yield cls(), *pair
            yield cls(top_k=2), *pair
            yield cls(class_id=1), *pair
            yield cls(top_k=2, class_id=2, thresholds=0.1), *pair
        yield km.PrecisionAtRecall(0.5, class_id=1), *pair
        yield km.AUC(multi_label=True), *pair
        yield km.AUC(multi_label=True, num_labels=4, label_weights=[1.0, 0.5, 0.0, 2.0], curve="PR"), *pair
        for average in (None, "micro", "macro", "weighted"):
            yield km.F1Score(average=average), *pair
            yield km.FBetaScore(average=average, beta=2.0, threshold=0.3), *pair
        yield km.OneHotIoU(num_classes=4, target_class_ids=[1, 2]), *pair
        yield km.OneHotMeanIoU(num_classes=4, dtype="float32"), *pair
    yield km.AUC(multi_label=True, thresholds=[0.3, 0.6]), "multi", "multi_score"
    yield km.AUC(label_weights=[1.0, 0.0, 2.0]), "multi", "multi_score"
    yield km.F1Score(average="macro", threshold=0.5), "multi", "multi_score"
    yield km.BinaryIoU(), "binary", "score"
    yield km.BinaryIoU(target_class_ids=[0], threshold=0.35, dtype="float32"), "binary", "score"
    yield km.IoU(num_classes=4, target_class_ids=[0, 3]), "classes", "guesses"
    yield km.MeanIoU(num_classes=4, ignore_class=2), "classes", "guesses"
    yield km.MeanIoU(num_classes=6, dtype="float32"), "classes", "guesses"
    yield km.MeanIoU(num_classes=3, sparse_y_pred=False), "map", "map_scores"
    yield km.OneHotMeanIoU(num_classes=3), "map_one_hot", "map_scores"
    for pair in (("y", "p"), ("positive_y", "positive_p"), ("flat", "p"), ("y", "flat"), ("flat", "flat")):
        for cls in (km.MeanSquaredError, km.RootMeanSquaredError, km.MeanAbsoluteError, km.MeanAbsolutePercentageError, km.MeanSquaredLogarithmicError,
                    km.CosineSimilarity, km.LogCoshError, km.PearsonCorrelation, km.ConcordanceCorrelation, km.R2Score):
            yield cls(), *pair
        if pair[0] == "positive_y":
            yield km.Poisson(), *pair
            yield km.KLDivergence(), *pair
        yield km.R2Score(class_aggregation="variance_weighted_average", num_regressors=2), *pair
        yield km.R2Score(class_aggregation=None), *pair
    for cls in (km.Hinge, km.SquaredHinge, km.CategoricalHinge):
        yield cls(), "signs", "p"
    yield km.CosineSimilarity(axis=1), "steps", "step_scores"
    yield km.PearsonCorrelation(axis=1), "steps", "step_scores"
    yield km.BinaryCrossentropy(), "binary", "score"
    yield km.BinaryCrossentropy(from_logits=True, label_smoothing=0.2), "binary", "logit"
    yield km.CategoricalCrossentropy(), "one_hot", "probabilities"
    yield km.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1), "one_hot", "probabilities"
    yield km.SparseCategoricalCrossentropy(), "labels", "probabilities"
    yield km.SparseCategoricalCrossentropy(from_logits=True), "labels", "probabilities"


def run(metric, y, p, w):
    metric.reset_state()
    for at in range(0, N, BATCH):
        part = slice(at, at + BATCH)
        metric.update_state(y[part], p[part], sample_weight=None if w is None else w[part])
    return np.asarray(metric.result(), "float64").reshape(-1).tolist()


def main():
    arrays = data()
    kept = []
    for metric, y, p in cases():
        config = keras.saving.serialize_keras_object(metric)["config"]
        if not type(metric).__name__.endswith("IoU"):
            config.pop("dtype")
        if type(metric).__name__ == "CosineSimilarity":
            config["axis"] = metric._fn_kwargs["axis"]  # which Keras forgets
        results = []
        for w in (None, "weights", "whole_weights", "no_weights"):
            if w and y.startswith("map"):
                continue  # Keras has no place for them
            result = run(metric, arrays[y], arrays[p], None if w is None else arrays[w])
            results.append([None if math.isnan(v) else float(f"{v:.9g}") for v in result])
        kept.append([type(metric).__name__, config, y, p, results])
    file = {"batch": BATCH, "data": {name: {"shape": list(a.shape), "values": [float(f"{v:.8g}") for v in a.ravel()]} for name, a in arrays.items()}, "cases": kept}
    text = json.dumps(file, separators=(",", ":"))
    with open(os.path.join(HERE, "metrics.json"), "w") as out:
        out.write(text + "\n")
    print(len(kept), "cases,", len(text), "bytes;", sum(None in result for case in kept for result in case[4]), "with NaN")


if __name__ == "__main__":
    main()
