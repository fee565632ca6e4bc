"""Measures random and degenerate samples with scikit-learn, for tests/analysis/measures_test.cpp.

usage: python3 make_measures.py          (scikit-learn 1.2)
Samples follow from an integer hash that the test computes too, so only results are kept: measures.npz holds `values`, a row per
case, and `names`, the columns' names as bytes, one per line. Where scikit-learn has no value (it raises, or gives NaN) the value
is Folio's documented one, written out below.
"""
import os
import warnings

import numpy as np
from sklearn import metrics as sk

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = 300
warnings.filterwarnings("ignore")


def numbers(case, role, n):
    x = (np.arange(n, dtype=np.uint64) * 2654435761 + case * 40503 + role * 2246822519 + 12345) % 2**32
    for shift, factor in ((15, 2246822519), (13, 3266489917)):
        x ^= x >> np.uint64(shift)
        x = x * np.uint64(factor) % 2**32
    return (x ^ (x >> np.uint64(16))).astype(np.int64)


def positions(*lists):
    """A number that stands for lists of numbers."""
    return sum(float(np.sum(values * (1.0 + np.arange(len(values))))) * (i + 1) for i, values in enumerate(lists))


def binary(out, labels, scores, w):
    one_class = min(np.sum(w[labels == 1]), np.sum(w[labels == 0])) == 0
    fpr, tpr, thresholds = sk.roc_curve(labels, scores, sample_weight=w)
    out["roc_points"] = len(fpr)
    out["roc"] = positions(np.nan_to_num(fpr), np.nan_to_num(tpr), thresholds[1:])
    fpr, tpr, thresholds = sk.roc_curve(labels, scores, sample_weight=w, drop_intermediate=False)
    out["roc_all"] = positions(np.nan_to_num(fpr), np.nan_to_num(tpr), thresholds[1:])
    out["roc_auc"] = 0.5 if one_class else sk.roc_auc_score(labels, scores, sample_weight=w)
    out["pr"] = positions(*sk.precision_recall_curve(labels, scores, sample_weight=w))
    out["average_precision"] = sk.average_precision_score(labels, scores, sample_weight=w)
    out["log_loss"] = sk.log_loss(labels, scores, sample_weight=w, labels=[0, 1])
    out["brier"] = np.average((scores - labels) ** 2, weights=w) if len(set(labels)) == 1 else sk.brier_score_loss(labels, scores, sample_weight=w, pos_label=1)
    tn, fp, fn, tp = sk.confusion_matrix(labels, scores > 0.5, labels=[0, 1], sample_weight=w).ravel()
    out["tn"], out["fp"], out["fn"], out["tp"] = tn, fp, fn, tp
    called = (scores > 0.5).astype(int)
    for name, beta in (("f_half", 0.5), ("f_two", 2)):
        out[name] = sk.fbeta_score(labels, called, beta=beta, sample_weight=w, zero_division=0)
    out["binary_precision"] = sk.precision_score(labels, called, sample_weight=w, zero_division=0)
    out["binary_recall"] = sk.recall_score(labels, called, sample_weight=w, zero_division=0)
    out["specificity"] = sk.recall_score(labels, called, sample_weight=w, pos_label=0, zero_division=0)


def classes(out, k, labels, called, scores, w):
    all_labels = list(range(k))
    out["confusion"] = positions(sk.confusion_matrix(labels, called, labels=all_labels, sample_weight=w).ravel())
    for by in ("true", "pred", "all"):
        out["confusion_" + by] = positions(sk.confusion_matrix(labels, called, labels=all_labels, sample_weight=w, normalize=by).ravel())
    out["accuracy"] = sk.accuracy_score(labels, called, sample_weight=w)
    for how in ("macro", "micro", "weighted"):
        values = sk.precision_recall_fscore_support(labels, called, labels=all_labels, average=how, sample_weight=w, zero_division=0)
        out[how + "_precision"], out[how + "_recall"], out[how + "_f1"] = values[:3]
    values = sk.precision_recall_fscore_support(labels, called, labels=all_labels, sample_weight=w, zero_division=0)
    out["per_class"] = positions(*values)
    present = [c for c in all_labels if w[labels == c].sum() > 0]
    out["balanced"] = np.mean([w[(labels == c) & (called == c)].sum() / w[labels == c].sum() for c in present])
    if len(present) == len(set(labels)):
        assert abs(out["balanced"] - sk.balanced_accuracy_score(labels, called, sample_weight=w)) < 1e-12
    out["matthews"] = sk.matthews_corrcoef(labels, called, sample_weight=w)
    for weights in (None, "linear", "quadratic"):
        kappa = sk.cohen_kappa_score(labels, called, labels=all_labels, weights=weights, sample_weight=w)
        out["kappa_" + str(weights)] = 0 if np.isnan(kappa) else kappa
    truth = np.eye(k)[labels]
    ranked = [c for c in all_labels if 0 < w[labels == c].sum() < w.sum()]
    aucs = [sk.roc_auc_score(truth[:, c], scores[:, c], sample_weight=w) for c in ranked]
    out["ovr_macro"] = np.mean(aucs) if ranked else 0.5
    out["ovr_weighted"] = np.average(aucs, weights=[w[labels == c].sum() for c in ranked]) if ranked else 0.5
    out["ovr_micro"] = sk.roc_auc_score(truth.ravel(), scores.ravel(), sample_weight=np.repeat(w, k))
    if k > 2 and len(ranked) == k:
        for how in ("macro", "weighted", "micro"):
            assert abs(out["ovr_" + how] - sk.roc_auc_score(labels, scores, multi_class="ovr", average=how, sample_weight=w)) < 1e-12
    for how in ("macro", "weighted", "micro"):
        out["ap_" + how] = sk.average_precision_score(truth, scores, average=how, sample_weight=w)
    for top in (1, 2):
        if k > 2:
            out[f"top_{top}"] = sk.top_k_accuracy_score(labels, scores, k=top, labels=all_labels, sample_weight=w)
        else:  # of two classes scikit-learn wants one score
            order = np.argsort(scores, axis=1, kind="mergesort")[:, ::-1][:, :top]
            out[f"top_{top}"] = np.average((order == labels[:, None]).any(axis=1), weights=w)
    out["class_log_loss"] = sk.log_loss(labels, scores, labels=all_labels, sample_weight=w)
    out["class_brier"] = np.average(((scores - truth) ** 2).sum(axis=1), weights=w)


def many_labels(out, truth, called, scores, w):
    out["multilabel"] = positions(sk.multilabel_confusion_matrix(truth, called, sample_weight=w).ravel())
    for how in ("macro", "micro", "weighted"):
        values = sk.precision_recall_fscore_support(truth, called, average=how, sample_weight=w, zero_division=0)
        out["labels_" + how] = positions(*[[v] for v in values[:3]])
    ranked = [c for c in range(truth.shape[1]) if 0 < (w * truth[:, c]).sum() < w.sum()]
    out["labels_auc"] = np.mean([sk.roc_auc_score(truth[:, c], scores[:, c], sample_weight=w) for c in ranked]) if ranked else 0.5
    out["labels_ap"] = sk.average_precision_score(truth, scores, sample_weight=w)


def regression(out, y, p, w, weights_given):
    weights = w if weights_given else None
    out["mse"] = sk.mean_squared_error(y, p, sample_weight=w)
    out["rmse"] = sk.mean_squared_error(y, p, sample_weight=w, squared=False)
    out["mae"] = sk.mean_absolute_error(y, p, sample_weight=w)
    out["mape"] = np.log1p(sk.mean_absolute_percentage_error(y, p, sample_weight=w))
    out["medae"] = sk.median_absolute_error(y, p, sample_weight=weights)
    for how in ("uniform_average", "variance_weighted"):
        # A single sample: scikit-learn gives NaN, Folio what its formula says.
        numerator = (w[:, None] * (y - p) ** 2).sum(axis=0)
        single = np.mean(numerator == 0)
        out["r2_" + how] = single if len(y) == 1 else sk.r2_score(y, p, sample_weight=w, multioutput=how)
        out["ev_" + how] = sk.explained_variance_score(y, p, sample_weight=w, multioutput=how)


def measure(case):
    out = {}
    settings = numbers(case, 8, 4)
    n, k, kind, weighted = int(1 + settings[0] % 40), int(2 + settings[1] % 4), case % 6, case // 6 % 2
    w = numbers(case, 3, n) % 5 / 4.0
    w[0] = 1
    if not weighted:
        w = np.ones(n)
    labels, called = numbers(case, 0, n) % k, numbers(case, 1, n) % k
    q = numbers(case, 2, n) % 17
    grid = 1.0 + numbers(case, 4, n * k) % 8
    if kind == 1:
        labels = labels * 0 + case // 12 % 2
    if kind == 2:
        q = q * 0 + 8
        grid = grid * 0 + 1
    if kind == 3:
        called = called * 0 + 1
    if kind == 4:
        called = labels
    scores = grid.reshape(n, k)
    scores = scores / scores.sum(axis=1, keepdims=True)
    binary(out, labels % 2, q / 16.0, w)
    classes(out, k, labels, called, scores, w)
    truth, guess = numbers(case, 5, n * k).reshape(n, k) % 2, numbers(case, 6, n * k).reshape(n, k) % 2
    if kind == 1:
        truth[:, 0] = 0
    if kind == 3:
        guess[:, 0] = 0
    many_labels(out, truth, guess, grid.reshape(n, k), w)
    y, p = numbers(case, 7, n * 2).reshape(n, 2) % 9 - 4.0, numbers(case, 9, n * 2).reshape(n, 2) % 9 / 2.0 - 2.0
    if kind == 1:
        y[:, 0] = 3
    if kind == 2:
        y[:, :] = 2
    if kind == 4:
        p = y.copy()
    if kind == 5:
        p = y + 0.5
    regression(out, y, p, w, weighted)
    return out


if __name__ == "__main__":
    rows = [measure(case) for case in range(CASES)]
    values = np.array([list(map(float, row.values())) for row in rows])
    assert np.isfinite(values).all(), [name for name, bad in zip(rows[0], ~np.isfinite(values).all(axis=0)) if bad]
    names = np.frombuffer("\n".join(rows[0]).encode(), dtype=np.uint8)
    np.savez_compressed(os.path.join(HERE, "measures.npz"), values=values, names=names)
    labels, called = numbers(0, 0, 60) % 4, numbers(0, 1, 60) % 3
    with open(os.path.join(HERE, "report.txt"), "w") as file:
        file.write(sk.classification_report(labels, called, labels=[0, 1, 2, 3], zero_division=0))
    print(values.shape)
