"""Writes naive_bayes.json: what scikit-learn's classifiers make of small samples, random and degenerate. Made with
scikit-learn 1.2.1: python make_naive_bayes.py"""
import json
import pathlib
import warnings

import numpy as np
from sklearn import naive_bayes

warnings.filterwarnings("ignore")
random = np.random.default_rng(3)
cases = []
undefined = 0


def digits(array, count=13):
    return [float(f"{v:.{count}g}") if np.isfinite(v) else str(v) for v in np.ravel(array)]


def case(kind, options, x, y, test, weights=None, split=0, classes=None, priors=None):
    """split: so many rows go to a first partial_fit and the others to a second; 0 for fit. priors: set after fitting."""
    global undefined
    x, y, test = np.asarray(x, float), np.asarray(y), np.asarray(test, float)
    w = None if weights is None else np.asarray(weights, float)
    model = getattr(naive_bayes, kind)(**options, **({} if kind == "GaussianNB" else {"force_alpha": True}))
    if split:
        classes = [int(c) for c in (classes or np.unique(y))]
        model.partial_fit(x[:split], y[:split], classes, None if w is None else w[:split])
        model.partial_fit(x[split:], y[split:], None, None if w is None else w[split:])
    else:
        model.fit(x, y, w)
    if priors is not None:
        if kind == "GaussianNB":
            model.class_prior_ = np.asarray(priors)
        else:
            model.class_log_prior_ = np.log(priors)
    joint, proba = model.predict_joint_log_proba(test), model.predict_proba(test)
    if np.isnan(joint).any() or np.isnan(proba).any():  # 0 / 0 there; Folio's values have a test of their own
        undefined += 1
        return
    entry = {"kind": kind, "options": options, "features": x.shape[1], "x": digits(x, 12), "y": [int(v) for v in y],
             "test": digits(test, 12), "classes": [int(v) for v in model.classes_], "joint": digits(joint),
             "proba": digits(proba), "predicted": [int(v) for v in model.predict(test)]}
    if w is not None:
        entry["weights"] = digits(w)
    if split:
        entry["split"] = split
    if priors is not None:
        entry["priors"] = digits(priors)
    cases.append(entry)


def labels(rows, classes):
    return random.choice([-2, 0, 1, 5, 9], classes, replace=False)[random.integers(0, classes, rows)]


def rounded(values, decimals=2):
    return np.round(values, decimals)


def random_options(kind, classes):
    options = {}
    given = rounded(random.dirichlet(np.ones(classes)), 3)
    given[-1] += round(1 - given.sum(), 3)
    if kind == "GaussianNB":
        if random.random() < 0.3:
            options["var_smoothing"] = float(random.choice([0.0, 1e-3, 1.0]))
        if random.random() < 0.3:
            options["priors"] = digits(given)
    else:
        options["alpha"] = float(random.choice([1, 0.5, 1e-3, 10]))
        if random.random() < 0.3:
            options["fit_prior"] = False
        if random.random() < 0.3:
            options["class_prior"] = digits(given)
        if kind == "BernoulliNB" and random.random() < 0.5:
            options["binarize"] = float(random.choice([0.5, 1, 0.1, 2]))
        if kind == "ComplementNB" and random.random() < 0.5:
            options["norm"] = True
    return options


for kind in ["GaussianNB", "MultinomialNB", "BernoulliNB", "ComplementNB"]:
    for number in range(64):
        rows, features, classes = random.integers(1, 9), random.integers(1, 4), random.integers(1, 4)
        y = labels(rows, classes)
        found = len(np.unique(y))
        scale = float(random.choice([1, 100, 1e-3]))
        if kind == "GaussianNB":
            x, test = random.normal(1, 2, (rows, features)) * scale, random.normal(1, 2, (2, features)) * scale
            x, test = rounded(x, 4), rounded(test, 4)
        else:
            x, test = random.poisson(1.2, (rows, features)), random.poisson(1.2, (2, features))
            if number % 4 == 0:
                x, test = x * 0.25, test * 0.25  # tf-idf and the like are no whole numbers
        weights = rounded(random.uniform(0, 3, rows)) if random.random() < 0.4 else None
        split = int(random.integers(1, rows)) if rows > 1 and random.random() < 0.4 else 0
        priors = rounded(random.dirichlet(np.ones(found)), 6) if number % 3 == 0 else None
        if priors is not None:
            priors[-1] += round(1 - priors.sum(), 6)
            priors = np.abs(priors)
        case(kind, random_options(kind, found), x, y, test, weights, split, priors=priors)

# Degenerate: a feature that never varies, one sample, one class, a class without samples, no weight in a class, nothing
# counted, everything counted, huge numbers.
for options in [{}, {"var_smoothing": 1e-2}]:
    case("GaussianNB", options, [[1, 5], [2, 5], [4, 5]], [0, 1, 0], [[1.5, 5], [1.5, 5.0001]])
    case("GaussianNB", options, [[1, 0], [2, 5]], [0, 1], [[1.5, 2], [1, 0]])
    case("GaussianNB", options, [[1, 0], [2, 5], [4, 4]], [3, 3, 3], [[1.5, 2], [1, 0]])
    case("GaussianNB", options, [[1, 0], [2, 5], [4, 4]], [3, 3, 3], [[1.5, 2], [1, 0]], split=2, classes=[3, 4])
    case("GaussianNB", options, [[1, 0], [2, 5], [4, 4], [7, 1]], [3, 3, 4, 4], [[1.5, 2], [1, 0]], split=2)
    case("GaussianNB", options, [[1, 0], [2, 5], [4, 4], [7, 1]], [3, 4, 4, 4], [[1.5, 2]], weights=[1, 0, 2, 3])
    case("GaussianNB", options, [[1e8, 0], [1e8 + 1, 5], [1e8 + 3, 4]], [0, 1, 1], [[1e8 + 2, 3]])
    case("GaussianNB", options, [[1e150], [2e150], [5e150]], [0, 1, 1], [[3e150]])
    case("GaussianNB", options, [[1], [2], [5]], [0, 1, 1], [[1e9], [-1e9]])
    case("GaussianNB", options, [[1, 2], [2, 2], [5, 9], [6, 1]], [0, 1, 1, 0], [[1, 2]], split=2)
    case("GaussianNB", {**options, "priors": [1.0, 0.0]}, [[1], [2], [5]], [0, 1, 1], [[2]])
for kind in ["MultinomialNB", "BernoulliNB", "ComplementNB"]:
    for alpha in [1.0, 1e-8 if kind == "MultinomialNB" else 0.5, 0.0]:
        if kind == "ComplementNB" and alpha == 0:
            continue
        options = {"alpha": alpha}
        case(kind, options, [[0, 0], [0, 0]], [0, 1], [[1, 0], [0, 0]])
        case(kind, options, [[1, 1], [1, 1], [1, 1]], [0, 1, 1], [[1, 0], [0, 0], [1, 1]])
        case(kind, options, [[3, 0, 1]], [7], [[1, 1, 0], [0, 0, 0]])
        case(kind, options, [[3, 0, 1], [1, 1, 1]], [7, 7], [[1, 1, 1]], split=1, classes=[7, 8])
        case(kind, options, [[3, 0], [1, 1], [0, 2]], [1, 2, 2], [[1, 1], [0, 3]], weights=[0, 1, 2])
        case(kind, options, [[3, 0], [1, 1], [0, 2]], [1, 2, 2], [[1, 1], [0, 3]], weights=[5, 1e-9, 2])
        case(kind, options, [[3e12, 1], [1, 1e12], [0, 2]], [1, 2, 2], [[1, 1], [0, 3]])
        case(kind, options, [[3], [1], [0]], [1, 2, 2], [[1], [4]])
        case(kind, options, [[3, 1], [1, 1], [2, 2]], [1, 2, 3], [[1e6, 1e6], [1e12, 0]])
        case(kind, {**options, "class_prior": [0.0, 1.0]}, [[3, 0], [1, 1]], [0, 1], [[1, 1]])

text = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in cases)
pathlib.Path(__file__).with_name("naive_bayes.json").write_text("[\n" + text + "\n]\n")
print(len(cases), "cases;", undefined, "left out, where scikit-learn gives NaN")
