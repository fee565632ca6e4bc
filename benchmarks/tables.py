#!/usr/bin/env python3
"""`folio train table` beside scikit-learn's logistic regression and gradient boosting on the same rows.

    tables.py FOLIO FOLDER-OF-TABLES [--seeds 5]

Folio splits and trains; scikit-learn gets the very rows (rows.json) and the numbers that Folio's preparation makes of them: the
training and validation rows to learn from, the test rows to be judged by. Prints a table with the mean over the seeds.
"""
import argparse, csv, json, os, shutil, subprocess, sys, tempfile
import numpy as np
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor, HistGradientBoostingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import accuracy_score, r2_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

# Sets whose target is not the last column, or whose numbers need a word.
SETS = {"iris": {}, "wine": {}, "wheat-seeds": {}, "sonar": {}, "ionosphere": {}, "pima-indians-diabetes": {}, "haberman": {},
        "oil-spill": {"leave_out": "0"}, "mammography": {}, "abalone": {"task": "regression"},
        "winequality-red": {"task": "regression"}}

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("folio")
parser.add_argument("folder")
parser.add_argument("--seeds", type=int, default=5)
options = parser.parse_args()


def columns_of(rows, leave_out):
    """Numbers as they are, text one-hot, as scikit-learn's users would."""
    parts = []
    for c in range(len(rows[0]) - 1):
        if str(c) in leave_out.split(","):
            continue
        cells = [row[c] for row in rows]
        try:
            parts.append(np.array(cells, float)[:, None])
        except ValueError:
            parts.append(OneHotEncoder(sparse_output=False).fit_transform(np.array(cells)[:, None]))
    return np.hstack(parts)


def scores(model, x, y, test, regression):
    model.fit(x, y)
    if regression:
        return {"r2": r2_score(test[1], model.predict(test[0]))}
    result = {"accuracy": accuracy_score(test[1], model.predict(test[0]))}
    if len(model.classes_) == 2:
        result["auc"] = roc_auc_score(test[1] == model.classes_[1], model.predict_proba(test[0])[:, 1])
    return result


def one_seed(name, settings, seed, work):
    path, run = os.path.join(options.folder, name + ".csv"), os.path.join(work, "run")
    shutil.rmtree(run, ignore_errors=True)
    command = [options.folio, "train", "table", "--data", path, "--seed", str(seed), "--run", run, "--json", "--quiet"]
    for key, value in settings.items():
        command += ["--set", f"{key}={value}"]
    result = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    parts = json.load(open(os.path.join(run, "rows.json")))
    rows = [row for row in csv.reader(open(path)) if row]
    x, regression = columns_of(rows, settings.get("leave_out", "")), settings.get("task") == "regression"
    y = np.array([row[-1] for row in rows], float if regression else str)
    learn, test = parts["train"] + parts["validation"], parts["test"]
    held = (x[test], y[test])
    linear = LinearRegression() if regression else LogisticRegression(max_iter=5000)
    boosting = (GradientBoostingRegressor(random_state=seed) if regression else
                HistGradientBoostingClassifier(random_state=seed) if len(rows) > 5000 else
                GradientBoostingClassifier(random_state=seed))
    ours = {"r2": result["test"]["r2_score"]} if regression else {"accuracy": result["test"]["accuracy"]}
    if "auc" in result["test"]:
        ours["auc"] = result["test"]["auc"]
    return {"folio": ours, "linear": scores(make_pipeline(StandardScaler(), linear), x[learn], y[learn], held, regression),
            "boosting": scores(boosting, x[learn], y[learn], held, regression), "seconds": result["seconds"]}


def main():
    print("| table | measure | Folio's network | linear model | gradient boosting | seconds |\n| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as work:
        for name, settings in SETS.items():
            if not os.path.exists(os.path.join(options.folder, name + ".csv")):
                print(f"{name}: is not in {options.folder}; left out", file=sys.stderr)
                continue
            seeds = [one_seed(name, settings, seed, work) for seed in range(1, options.seeds + 1)]
            for measure in seeds[0]["folio"]:
                cells = [f"{np.mean(v):.3f} ± {np.std(v):.3f}" for v in
                         ([s[who][measure] for s in seeds] for who in ("folio", "linear", "boosting"))]
                print(f"| {name} | {measure} | {' | '.join(cells)} | {np.mean([s['seconds'] for s in seeds]):.1f} |", flush=True)


main()
