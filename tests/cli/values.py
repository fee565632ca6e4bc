#!/usr/bin/env python3
"""What the options of the command do, by numbers that are computed here in another way.

    values.py FOLIO GOLDEN-OF-MODELS

Each check names the options that it holds; an option of fit, evaluate, predict or train, or a setting of the recipe table, without
a check fails. Losses and accuracies are computed here from what `predict` says.
"""
import csv, io, json, math, os, re, shutil, signal, struct, subprocess, sys, tempfile, time, zipfile

FOLIO, MODELS = os.path.realpath(sys.argv[1]), os.path.realpath(sys.argv[2])
BINARY = os.path.join(MODELS, "mlp_binary.keras")  # 6 numbers, a sigmoid; Adam, binary_crossentropy, accuracy
checks, failures = [], []
# Options that change what is printed or where things go; command.sh has them.
ELSEWHERE = {"--help", "--overwrite", "--quiet", "--profile", "--resume", "--run", "--beam"}


def check(command, *options):
    def add(function):
        checks.append((command, options, function))
        return function
    return add


def folio(*words, status=0, data=None):
    done = subprocess.run([FOLIO, *map(str, words)], capture_output=True, text=True, input=data)
    assert done.returncode == status, f"folio {' '.join(map(str, words))}: status {done.returncode}: {done.stderr}"
    return done.stdout


def near(got, wanted, tolerance=2e-5):
    assert abs(got - wanted) <= tolerance * max(1, abs(wanted)), f"expected {wanted}, got {got}"


# Arrays of float32 in NumPy's files, without NumPy.
def npy(values, shape):
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {tuple(shape)}, }}"
    head += " " * (-(len(head) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + struct.pack(f"<{len(values)}f", *values)


def read_npy(path):
    data = open(path, "rb").read()
    size = struct.unpack("<H", data[8:10])[0]
    kind = "f" if b"<f4" in data[10:10 + size] else "d"
    body = data[10 + size:]
    return list(struct.unpack(f"<{len(body) // (4 if kind == 'f' else 8)}{kind}", body))


def save(path, rows):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", npy([v for x, _ in rows for v in x], (len(rows), 6)))
        archive.writestr("y.npy", npy([y for _, y in rows], (len(rows), 1)))


def rows_of(count, start):
    rows = []
    for i in range(start, start + count):
        x = [math.sin(1.7 * i + 0.9 * k + i * k) for k in range(6)]
        rows.append((x, float(x[0] + x[1] - x[3] + 0.3 * math.cos(i) > 0)))
    return rows


TRAIN, OTHER = rows_of(40, 0), rows_of(15, 100)


def predictions(model, rows, *options):
    save("asked.npz", rows)
    with open("asked.npy", "wb") as file:
        file.write(npy([v for x, _ in rows for v in x], (len(rows), 6)))
    folio("predict", model, "--input", "asked.npy", "--output", "said.npy", "--overwrite", "--quiet", *options)
    return read_npy("said.npy")


def loss_of(model, rows, weights=None):
    """The binary cross-entropy, each row times its weight."""
    total = 0
    for (_, y), p in zip(rows, predictions(model, rows)):
        total -= (weights[int(y)] if weights else 1) * math.log(p if y else 1 - p)
    return total / len(rows)


def accuracy_of(model, rows):
    return sum((p > 0.5) == bool(y) for (_, y), p in zip(rows, predictions(model, rows))) / len(rows)


def fit(*options, model=BINARY, data="train.npz", **more):
    """The history of a training, whose model is in out.keras. Without options: one step an epoch, of all rows."""
    words = list(options)
    if "--batch-size" not in words:
        words += ["--batch-size", 1000]
    folio("fit", model, "--data", data, "--output", "out.keras", "--history", "h.json", "--quiet", *words, **more)
    return json.load(open("h.json"))


def same_bits(one, other):
    return predictions(one, OTHER) == predictions(other, OTHER)


# The weights before a step have the loss that the step reports, so a history tells what was trained on what.


@check("fit", "--data", "--output", "--history", "--epochs", "MODEL")
def epochs():
    history = fit("--epochs", 3)
    assert list(history) == ["loss", "accuracy"] and len(history["loss"]) == 3, history
    near(history["loss"][0], loss_of(BINARY, TRAIN))
    near(history["accuracy"][0], accuracy_of(BINARY, TRAIN))
    shutil.copy("out.keras", "three.keras")
    fit("--epochs", 2)
    near(history["loss"][2], loss_of("out.keras", TRAIN))
    assert len(fit()["loss"]) == 1
    fit("--epochs", 3, "--no-shuffle")
    shutil.copy("out.keras", "straight.keras")
    for before, after in ((1, 2), (2, 1)):  # Adam goes on: they are three
        fit("--epochs", before, "--no-shuffle")
        shutil.copy("out.keras", "begun.keras")
        fit("--epochs", after, "--no-shuffle", model="begun.keras")
        assert same_bits("out.keras", "straight.keras")


@check("fit", "--batch-size", "--shuffle", "--seed")
def batches():
    # In order, the first batch has the loss of the model as it was, the second that after one step.
    fit("--no-shuffle", data="first.npz")
    shutil.copy("out.keras", "stepped.keras")
    history = fit("--no-shuffle", "--batch-size", 25)
    near(history["loss"][0], (25 * loss_of(BINARY, TRAIN[:25]) + 15 * loss_of("stepped.keras", TRAIN[25:])) / 40)
    losses = {seed: fit("--batch-size", 7, "--epochs", 2, "--seed", seed)["loss"] for seed in (1, 2, 3)}
    assert len({tuple(values) for values in losses.values()}) == 3, losses
    assert fit("--batch-size", 7, "--epochs", 2)["loss"] == losses[1], "the seed is 1 unless given"
    assert fit("--batch-size", 7, "--epochs", 2, "--shuffle", "--seed", 2)["loss"] == losses[2]
    still = [fit("--batch-size", 7, "--no-shuffle", "--seed", seed)["loss"] for seed in (1, 2)]
    assert still[0] == still[1], "nothing else here is random"


@check("fit", "--steps-per-epoch")
def steps():
    history = fit("--no-shuffle", "--batch-size", 25, "--steps-per-epoch", 1, "--epochs", 2)
    near(history["loss"][0], loss_of(BINARY, TRAIN[:25]))
    near(history["loss"][1], loss_of("stepped.keras", TRAIN[25:]))


@check("fit", "--validation-split")
def validation_split():
    # 40 rows, of which the last 10 validate.
    history = fit("--validation-split", 0.25)
    near(history["loss"][0], loss_of(BINARY, TRAIN[:30]))
    near(history["val_loss"][0], loss_of("out.keras", TRAIN[30:]))
    near(history["val_accuracy"][0], accuracy_of("out.keras", TRAIN[30:]))


@check("fit", "--validation-data", "--validation-steps")
def validation_data():
    history = fit("--validation-data", "other.npz")
    near(history["loss"][0], loss_of(BINARY, TRAIN))
    near(history["val_loss"][0], loss_of("out.keras", OTHER))
    history = fit("--no-shuffle", "--batch-size", 4, "--validation-data", "other.npz", "--validation-steps", 2)
    near(history["val_loss"][0], loss_of("out.keras", OTHER[:8]))


@check("fit", "--optimizer", "--learning-rate")
def learning_rate():
    # Plain gradient descent: what a small step gains grows with the rate.
    start, gains = loss_of(BINARY, TRAIN), {}
    for rate in (0.01, 0.02):
        fit("--optimizer", "sgd", "--learning-rate", rate)
        gains[rate] = start - loss_of("out.keras", TRAIN)
    assert 1.9 < gains[0.02] / gains[0.01] < 2.1, gains
    # Adam's first step moves every weight by the rate, whatever the gradient: another number than descent's.
    fit("--learning-rate", 0.02)
    adam = start - loss_of("out.keras", TRAIN)
    assert adam > 2 * gains[0.02], (adam, gains)
    fit("--optimizer", "adam", "--learning-rate", 0.02)
    near(start - loss_of("out.keras", TRAIN), adam)
    # The rate is replaced, and the model's momenta stay.
    fit("--learning-rate", 1e-9, model="three.keras")
    near(loss_of("out.keras", TRAIN), loss_of("three.keras", TRAIN), 1e-6)


@check("fit", "--class-weight")
def class_weight():
    history = fit("--class-weight", "0=2,1=5", "--validation-data", "other.npz")
    near(history["loss"][0], loss_of(BINARY, TRAIN, (2, 5)))
    near(history["val_loss"][0], loss_of("out.keras", OTHER))
    near(fit("--class-weight", "1=0")["loss"][0], loss_of(BINARY, TRAIN, (1, 0)))


@check("fit", "--weights")
def weights():
    folio("convert", "three.keras", "three.weights.h5")
    for file in ("three.keras", "three.weights.h5"):
        near(fit("--weights", file)["loss"][0], loss_of("three.keras", TRAIN))


@check("fit", "--early-stopping")
def early_stopping():
    # A rate that destroys: validation gets worse, two epochs are waited for, and the best comes out.
    history = fit("--optimizer", "sgd", "--learning-rate", 12, "--epochs", 60, "--early-stopping", 2,
                  "--validation-data", "other.npz")
    best = history["val_loss"].index(min(history["val_loss"]))
    assert best + 3 == len(history["val_loss"]) < 60, history["val_loss"]
    near(loss_of("out.keras", OTHER), history["val_loss"][best])
    # Epochs that simply run out: the best all the same.
    history = fit("--optimizer", "sgd", "--learning-rate", 12, "--epochs", best + 2, "--early-stopping", 9,
                  "--validation-data", "other.npz")
    near(loss_of("out.keras", OTHER), history["val_loss"][best])
    assert len(history["loss"]) == best + 2


@check("fit", "--loss", "--metrics")
def loss_and_metrics():
    said = predictions(BINARY, TRAIN)
    squares = [(p - y) ** 2 for (_, y), p in zip(TRAIN, said)]
    history = fit("--loss", "mse", "--metrics", "mae", "Precision")
    assert list(history)[:2] == ["loss", "mae"] and len(history) == 3, history
    near(history["loss"][0], sum(squares) / 40)
    near(history["mae"][0], sum(abs(p - y) for (_, y), p in zip(TRAIN, said)) / 40)
    called = [y for (_, y), p in zip(TRAIN, said) if p > 0.5]
    near(list(history.values())[2][0], sum(called) / len(called))
    assert list(fit("--metrics", "mae,mse")) == ["loss", "mae", "mse"]


@check("fit", "--target")
def target_of_fit():
    table("words.csv", TRAIN, "kind", last=False)
    near(fit("--target", "kind", data="words.csv")["loss"][0], loss_of(BINARY, TRAIN))
    table("last.csv", TRAIN, "kind")
    near(fit(data="last.csv")["loss"][0], loss_of(BINARY, TRAIN))


@check("fit", "--threads", "--checkpoint-steps")
def threads():
    fit("--batch-size", 7, "--epochs", 3)
    shutil.copy("out.keras", "all.keras")
    fit("--batch-size", 7, "--epochs", 3, "--threads", 1)
    assert same_bits("out.keras", "all.keras")
    shutil.rmtree("kept", ignore_errors=True)
    fit("--batch-size", 7, "--epochs", 3, "--run", "kept", "--checkpoint-steps", 4)
    assert same_bits("out.keras", "all.keras"), "what is saved changes nothing"


@check("fit", "--json")
def what_fit_tells():
    said = json.loads(folio("fit", BINARY, "--data", "train.npz", "--epochs", 2, "--history", "h.json", "--json", "--quiet"))
    assert said == json.load(open("h.json"))


@check("fit")
def interrupted():
    process = subprocess.Popen([FOLIO, "fit", BINARY, "--data", "train.npz", "--epochs", "2000000", "--batch-size", "2", "--run", "stopped",
                                "--output", "stopped.keras", "--history", "stopped.json"], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not os.path.exists("stopped/settings.json") and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    assert any(name.startswith("checkpoint-") for name in os.listdir("stopped")), os.listdir("stopped")


@check("evaluate", "MODEL", "--data", "--batch-size", "--json", "--loss", "--metrics", "--weights", "--threads", "--target")
def evaluate():
    def told(*options, data="train.npz"):
        return json.loads(folio("evaluate", BINARY, "--data", data, "--json", *options))
    for options in ([], ["--batch-size", 1], ["--batch-size", 7], ["--threads", 1]):
        got = told(*options)
        near(got["loss"], loss_of(BINARY, TRAIN)), near(got["accuracy"], accuracy_of(BINARY, TRAIN))
    assert told("--batch-size", 7) == told("--batch-size", 7, "--threads", 1), "the same bits"
    near(told("--weights", "three.keras")["loss"], loss_of("three.keras", TRAIN))
    got = told("--loss", "mae", "--metrics", "mse")
    said = predictions(BINARY, TRAIN)
    near(got["loss"], sum(abs(p - y) for (_, y), p in zip(TRAIN, said)) / 40)
    near(got["mse"], sum((p - y) ** 2 for (_, y), p in zip(TRAIN, said)) / 40)
    table("words.csv", TRAIN, "kind", last=False, numbers=True)
    near(told("--target", "kind", data="words.csv")["loss"], loss_of(BINARY, TRAIN))
    near(told(data="other.npz")["loss"], loss_of(BINARY, OTHER))
    text = folio("evaluate", BINARY, "--data", "other.npz")
    near(float(re.search(r"loss: (\S+)", text)[1]), loss_of(BINARY, OTHER), 1e-3)


def table(path, rows, target, last=True, numbers=False):
    names = ["a", "b", "c", "d", "e", "f"]
    with open(path, "w") as file:
        file.write(",".join(names + [target] if last else [target] + names) + "\n")
        for x, y in rows:
            values, word = [repr(v) for v in x], (str(int(y)) if numbers else "yes" if y else "no")
            file.write(",".join(values + [word] if last else [word] + values) + "\n")


@check("predict", "MODEL", "INPUT", "--input", "--output", "--batch-size", "--weights", "--threads", "--json", "--target", "--threshold")
def predict():
    table("plain.csv", OTHER, "kind")
    fit(data="last.csv")  # a model that knows the words no and yes
    said = predictions("out.keras", OTHER)
    for options in (["--batch-size", 1], ["--batch-size", 4], ["--threads", 1]):
        for p, q in zip(said, predictions("out.keras", OTHER, *options)):
            near(q, p, 1e-6)
    assert predictions("out.keras", OTHER, "--weights", "three.keras") == predictions("three.keras", OTHER)
    for words in (["plain.csv"], ["--input", "plain.csv"]):
        rows = list(csv.DictReader(io.StringIO(folio("predict", "out.keras", *words, "--target", "kind", "--output", "-"))))
        assert len(rows) == 15
        for row, p, (x, y) in zip(rows, said, OTHER):
            near(float(row["probability_yes"]), p, 1e-5), near(float(row["probability_no"]), 1 - p, 1e-5)
            assert row["prediction"] == ("yes" if p >= 0.5 else "no") and row["kind"] == ("yes" if y else "no")
            near(float(row["a"]), x[0], 1e-6)
    listed = json.loads(folio("predict", "out.keras", "plain.csv", "--target", "kind", "--json", "--threshold", sorted(said)[7]))
    assert sum(one["prediction"] == "yes" for one in listed) == 8, "the threshold itself is yes"


# The recipe table: what stands in rows.json, report.json and model.keras of its run.


def insects(path, count=120):
    with open(path, "w") as file:
        file.write("length,width,code,shape,who,kind\n")
        for i in range(count):
            length, width, shape = (i * 37) % 100, (i * 59) % 83, ("round", "flat", "long")[i % 3]
            who = f"p{i % 8}"
            kind = "ant" if length + 2 * width > 120 + 20 * (i % 3) else "bee"
            file.write(f"{length if i % 17 else ''},{width / 10},{i % 4},{shape},{who},{kind}\n")


def train(*options, recipe="table", run="run", **more):
    shutil.rmtree(run, ignore_errors=True)
    told = folio("train", recipe, "--data", "insects.csv", "--run", run, "--json", "--quiet", *options, **more)
    return json.loads(told)


def rows_in(run):
    return json.load(open(os.path.join(run, "rows.json")))


@check("train", "RECIPE", "--data", "--target", "--json", "validation", "test")
def parts_of_a_table():
    told = train("--target", "kind", "--epochs", 3, "--set", "test=0.25", "--set", "validation=0.15")
    rows = rows_in("run")
    assert sorted(sum((rows[part] for part in ("train", "validation", "test")), [])) == list(range(120)), "each row once"
    assert (len(rows["test"]), len(rows["validation"])) == (30, 18), {k: len(v) for k, v in rows.items()}
    # The numbers told are those of the model that is kept, on the rows that are said to be the test's.
    said = list(csv.DictReader(io.StringIO(folio("predict", "run", "insects.csv", "--output", "-"))))
    for part in ("test", "validation"):
        chosen = [said[i] for i in rows[part]]
        near(told[part]["accuracy"], sum(r["prediction"] == r["kind"] for r in chosen) / len(chosen), 1e-6)
        near(told[part]["loss"], -sum(math.log(float(r["probability_" + r["kind"]])) for r in chosen) / len(chosen), 1e-4)
    classes = [said[i]["kind"] for i in rows["train"]]
    most = max(("ant", "bee"), key=classes.count)
    near(next(v for k, v in told["baselines"].items() if "most frequent" in k)["accuracy"],
         sum(said[i]["kind"] == most for i in rows["test"]) / 30, 1e-6)


@check("train")
def what_preparing_saw():
    # Means, fills, ranges and categories come from training rows alone, and the numbers are there.
    train("--target", "kind", "--epochs", 1)
    rows = list(csv.DictReader(open("insects.csv")))
    seen = [rows[i] for i in rows_in("run")["train"]]
    with zipfile.ZipFile("run/model.keras") as archive:
        columns = {c["name"]: c for c in json.loads(archive.read("assets/folio/table.json"))["columns"]}
    for name in ("length", "width", "code"):
        values = sorted(float(row[name]) for row in seen if row[name])
        assert columns[name]["missing"] == len(seen) - len(values)
        fill = values[len(values) // 2] if len(values) % 2 else (values[len(values) // 2 - 1] + values[len(values) // 2]) / 2
        near(columns[name]["fill"], fill, 1e-9)
        assert (columns[name]["low"], columns[name]["high"]) == (values[0], values[-1])
        filled = [float(row[name] or fill) for row in seen]
        mean = sum(filled) / len(filled)
        near(columns[name]["center"], mean, 1e-9)
        near(columns[name]["width"], math.sqrt(sum((v - mean) ** 2 for v in filled) / len(filled)), 1e-9)
    assert sorted(columns["who"]["categories"]) == sorted({row["who"] for row in seen})


@check("train")
def codes_in_a_table():
    with open("codes.csv", "w") as file:
        file.write("zip,size,kind\n")
        for i in range(60):
            file.write(f"{('00501', '10115', '20095')[i % 3]},{i % 7},{'ant' if i % 3 == 0 else 'bee'}\n")
    folio("train", "table", "--data", "codes.csv", "--run", "coded", "--epochs", 40, "--quiet")
    said = list(csv.DictReader(io.StringIO(folio("predict", "coded", "codes.csv", "--output", "-"))))
    assert [row["zip"] for row in said[:3]] == ["00501", "10115", "20095"], "the input's cells come back as they were"
    assert all((row["prediction"] == "ant") == (row["zip"] == "00501") for row in said)


@check("train")
def what_the_report_says():
    train("--target", "kind", "--epochs", 2, "--set", "test=0.4")
    report = json.load(open("run/report.json"))["classification"][0]
    said = list(csv.DictReader(io.StringIO(folio("predict", "run", "insects.csv", "--output", "-"))))
    test = [said[i] for i in rows_in("run")["test"]]
    names = report["classes"]
    def count(truth, called):
        return sum(row["kind"] == truth and row["prediction"] == called for row in test)
    assert report["confusion"] == [count(t, c) for t in names for c in names], report["confusion"]
    for row in report["rows"]:
        right, called = count(row["name"], row["name"]), sum(count(t, row["name"]) for t in names)
        there = sum(count(row["name"], c) for c in names)
        assert row["support"] == there
        near(row["recall"], right / there), near(row["precision"], right / called if called else 0)
    scores = [(float(row["probability_" + names[1]]), row["kind"] == names[1]) for row in test]
    pairs = [(p > q) + (p == q) / 2 for p, yes in scores if yes for q, other in scores if not other]
    near(report["roc"][0]["area"], sum(pairs) / len(pairs), 1e-6)
    wrong = sorted((row for row in test if row["kind"] != row["prediction"]), key=lambda r: -float(r["probability_" + r["prediction"]]))
    assert len(report["mistakes"]) <= len(wrong)
    for mistake, row in zip(report["mistakes"], wrong):
        assert (mistake["truth"], mistake["predicted"]) == (row["kind"], row["prediction"]), (mistake, row)
        near(mistake["confidence"], float(row["probability_" + row["prediction"]]), 1e-5)
        assert said[mistake["row"] - 1] == row, (mistake, said.index(row))
        assert mistake["text"].startswith(f"length {row['length'] or 'missing'}, width {row['width']}".replace(".0,", ",")), mistake


@check("train", "scaling", "numeric", "categorical", "leave_out", "missing", "hidden", "activation", "dropout", "task", "group", "--set")
def settings_of_a_table():
    def parameters(*options):
        return train("--target", "kind", "--epochs", 1, *options)["parameters"]
    # length (and whether it is there), width, code, three shapes, eight people: the linear model has a weight each, and a bias.
    linear = ["--set", "hidden="]
    plain = parameters(*linear)
    assert parameters(*linear, "--set", "leave_out=who") == plain - 8
    assert parameters(*linear, "--set", "categorical=code") == plain + 3
    assert parameters(*linear, "--set", "leave_out=width,code") == plain - 2
    inputs = plain - 1
    assert parameters("--set", "hidden=5,3") == inputs * 5 + 5 + 5 * 3 + 3 + 3 + 1
    for options, alike in (([], False), (["--set", "missing=flat"], True)):
        train("--target", "kind", "--epochs", 1, *options)
        said = list(csv.DictReader(io.StringIO(folio("predict", "run", "--input", "-", "--output", "-", data=(
            "length,width,code,shape,who\n5,1.5,2,flat,p1\n5,1.5,2,,p1\n")))))
        assert (said[0]["probability_ant"] == said[1]["probability_ant"]) == alike, "a flat one is one of no shape"
    assert parameters(*linear, "--set", "numeric=shape,who") < plain
    def loss(*options):
        return train("--target", "kind", "--epochs", 2, *options)["test"]["loss"]
    losses = {name: loss("--set", name) for name in
              ("scaling=standard", "scaling=robust", "scaling=minmax", "scaling=none", "activation=tanh", "dropout=0.5")}
    assert len(set(losses.values())) == 6 and losses["scaling=standard"] == loss(), losses
    told = train("--target", "code", "--epochs", 1, "--set", "task=regression")
    assert "accuracy" not in told["test"] and "accuracy" in train("--target", "code", "--epochs", 1, "--set", "task=classification")["test"]
    train("--target", "kind", "--epochs", 1, "--set", "group=who")
    people = [{i % 8 for i in rows} for rows in rows_in("run").values()]
    assert all(not one & other for k, one in enumerate(people) for other in people[:k]), people


@check("train", "--epochs", "--batch-size", "--steps-per-epoch", "--learning-rate", "--optimizer", "--class-weight", "--weights",
       "--early-stopping", "--checkpoint-steps", "--seed", "--shuffle", "--threads", "--doctor")
def options_of_a_training():
    def history(*options):
        told = train("--target", "kind", "--set", "dropout=0", *options)
        return json.load(open("run/history.json")), told
    short = ["--epochs", 2]
    plain, told = history(*short)
    assert len(plain["loss"]) == 2
    different = {"plain": tuple(plain["loss"])}
    for name, options in {"batch": ["--batch-size", 8], "steps": ["--steps-per-epoch", 1], "rate": ["--learning-rate", 0.02],
                          "optimizer": ["--optimizer", "sgd"], "weights": ["--class-weight", "0=3"], "seed": ["--seed", 2],
                          "order": ["--no-shuffle"]}.items():
        different[name] = tuple(history(*short, *options)[0]["loss"])
    assert len(set(different.values())) == len(different), different
    for options in (["--threads", 1], ["--shuffle"], ["--seed", 1], ["--checkpoint-steps", 1], ["--no-doctor"]):
        assert tuple(history(*short, *options)[0]["loss"]) == different["plain"], options
    # Starts that are trained weights: the first loss is near the last one's.
    history("--epochs", 30)
    shutil.copy("run/model.keras", "trained.keras")
    begun = history("--epochs", 1, "--weights", "trained.keras")[0]["loss"][0]
    assert begun < plain["loss"][0] - 0.05, (begun, plain)
    # Two epochs without a better validation loss, and the best model is what is kept and reported.
    kept, told = history("--epochs", 400, "--learning-rate", 0.05, "--early-stopping", 2)
    best = kept["val_loss"].index(min(kept["val_loss"]))
    assert best + 3 == len(kept["val_loss"]) < 400, len(kept["val_loss"])
    near(told["validation"]["loss"], min(kept["val_loss"]), 1e-5)


def options_in_help(command):
    text = folio(command, "--help")
    names = set(re.findall(r"^  (?:-h,)?(--[a-z-]+)", text, re.M))
    positionals = text[text.index("Positionals:"):text.index("Options:")] if "Positionals:" in text else ""
    return names | set(re.findall(r"^  ([A-Z]+) ", positionals, re.M))


def main():
    work = tempfile.mkdtemp(prefix="folio-values-")
    os.chdir(work)
    try:
        save("train.npz", TRAIN), save("first.npz", TRAIN[:25]), save("other.npz", OTHER)
        insects("insects.csv")
        for command, options, function in checks:
            try:
                function()
                print(f"{command}: {function.__name__}")
            except Exception as error:  # whatever it is, the rest is wanted too
                failures.append(function.__name__)
                print(f"FAILED: {command}: {function.__name__}: {type(error).__name__}: {error}")
        for command in ("fit", "evaluate", "predict", "train"):
            held = {option for name, options, _ in checks if name == command for option in options}
            missing = options_in_help(command) - held - ELSEWHERE - ({"--text"} if command == "predict" else set())
            if missing:
                failures.append(command)
                print(f"FAILED: {command}: options without a check here: {', '.join(sorted(missing))}")
        held = {option for name, options, _ in checks if name == "train" for option in options}
        settings = set(re.findall(r"--set (\w+)=", folio("train", "table", "--help")))
        if settings - held:
            failures.append("table")
            print(f"FAILED: table: settings without a check here: {', '.join(sorted(settings - held))}")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"{len(checks)} checks, {len(failures)} failures")
    return 1 if failures else 0


sys.exit(main())
