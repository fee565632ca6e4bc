"""Opens with real Keras what Folio wrote, and compares weights bit for bit and answers nearly.

    mkdir FOLDER
    FOLIO_KERAS_FOLDER=FOLDER folio_tests --gtest_filter=KerasFile.WritesForKeras
    KERAS_BACKEND=jax python tests/formats/keras_opens.py FOLDER [build/folio]

Beside each NAME.keras, NAME.h5 and NAME.weights.h5 lies NAME.npz with what Folio has: weight0 …, input0 …, answer0 … and, for
compiled models, the optimizer's state0 …. Where there are target0 …, Keras takes one step of training more and must get
next0 …; then Folio, if it is there, goes on from Keras' own file, and both must take the same next step.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import warnings
import zipfile

# Models are tiny: nearly all the time goes into compiling them.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true")
import h5py
import keras
import numpy as np


def numbered(arrays, word):
    found = []
    while f"{word}{len(found)}" in arrays:
        found.append(arrays[f"{word}{len(found)}"])
    return found


def same_bits(name, got, expected):
    assert len(got) == len(expected), f"{name}: {len(got)} arrays, expected {len(expected)}"
    for i, (a, b) in enumerate(zip(got, expected)):
        a = np.asarray(a)
        assert a.shape == b.shape, f"{name} {i}: shape {a.shape}, expected {b.shape}"
        assert a.dtype == b.dtype or a.dtype.kind == "i", f"{name} {i}: type {a.dtype}, expected {b.dtype}"
        assert (a.astype(b.dtype) == b).all(), f"{name} {i}: values differ"


def check_file(path):
    arrays = np.load(path.with_suffix(".npz"))
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["metadata.json", "config.json", "model.weights.h5"]
        assert all(m.compress_type == zipfile.ZIP_STORED for m in archive.infolist())
    check_model(path, arrays)
    if opens_own_legacy_file(path, numbered(arrays, "input")):
        check_model(path.with_suffix(".h5"), arrays)
    else:
        print(path.name, "opens, but Keras does not get this model back from the .h5 that it writes itself")
    check_weights(path, arrays)


def check_model(path, arrays):
    model = keras.models.load_model(path)
    same_bits(f"{path.name}: weight", model.get_weights(), numbered(arrays, "weight"))
    inputs = numbered(arrays, "input")
    near(f"{path.name}: answer", answers_of(model, inputs), numbered(arrays, "answer"))
    state = numbered(arrays, "state")
    if state:
        if path.suffix == ".h5":
            # As from its own files: the steps, and the learning rate unless a schedule gives it; Nadam begins anew.
            taken = 2 if isinstance(model.optimizer.get_config()["learning_rate"], float) else 1
            assert len(model.optimizer.variables) == taken + (type(model.optimizer).__name__ == "Nadam")
            same_bits(f"{path.name}: optimizer", model.optimizer.variables[:taken], state[:taken])
            return
        same_bits(f"{path.name}: optimizer", model.optimizer.variables, state)
        targets = numbered(arrays, "target")
        if targets:
            goes_on(path, model, inputs[0], targets[0], numbered(arrays, "next"))
        elif path.stem != "metrics":  # of all kinds, which no targets suit
            targets = [np.zeros_like(a) for a in numbered(arrays, "answer")]
            model.fit(inputs if len(inputs) > 1 else inputs[0], targets if len(targets) > 1 else targets[0], verbose=0)


def answers_of(model, inputs):
    # Called by hand, a model of Keras 3.12 and later likes its input as it was written: one alone in a list.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # 3.7 likes it alone
        answers = model(inputs[0] if isinstance(model, keras.Sequential) else inputs, training=False)
    return [np.asarray(a) for a in (answers if isinstance(answers, list) else [answers])]


def near(name, got, expected):
    for i, (a, b) in enumerate(zip(got, expected, strict=True)):
        worst = np.abs(a - b).max() / max(1.0, np.abs(b).max())
        assert worst < 1e-6, f"{name} {i}: differs by {worst:.1e}"


def goes_on(path, model, x, y, expected):
    model.train_on_batch(x, y)
    near(f"{path.name}: weight after one step", model.get_weights(), expected)
    if not folio:
        return
    # And back: the same step by both from Keras' file.
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        model.save(folder / "back.keras")
        np.savez(folder / "data.npz", x=x, y=y)
        subprocess.run([folio, "fit", folder / "back.keras", "--data", folder / "data.npz", "--epochs", "1", "--batch-size",
                        str(len(x)), "--no-shuffle", "--output", folder / "next.keras", "--quiet"], check=True)
        model.train_on_batch(x, y)
        again = keras.models.load_model(folder / "next.keras")
        near(f"{path.name}: weight after one step back", again.get_weights(), model.get_weights())


def opens_own_legacy_file(path, inputs):
    """There are settings that Keras loses in .h5, such as lists of dimensions: it fails then, or answers otherwise."""
    with tempfile.TemporaryDirectory() as folder:
        model = keras.models.load_model(path)
        try:
            model.save(pathlib.Path(folder) / "own.h5")
            again = keras.models.load_model(pathlib.Path(folder) / "own.h5")
        except (IndexError, TypeError, ValueError):
            return False
    return all(np.allclose(a, b) for a, b in zip(answers_of(again, inputs), answers_of(model, inputs)))


def check_own_legacy_file():
    """Of its own .h5 files, too, Keras takes no slots: it builds the optimizer for no weights at all, and cannot go on with it
    before the model is compiled again. Once it can, this fails, and Folio's files are to be compared in full."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("adam", keras.losses.MeanSquaredError())
    x, y = np.ones((4, 2)), np.ones((4, 1))
    model.fit(x, y, verbose=0)
    with tempfile.TemporaryDirectory() as folder:
        model.save(pathlib.Path(folder) / "own.h5")
        again = keras.models.load_model(pathlib.Path(folder) / "own.h5")
    assert len(again.optimizer.variables) == 2, len(again.optimizer.variables)
    try:
        again.fit(x, y, verbose=0)
    except ValueError:
        return
    raise AssertionError("Keras goes on from its own .h5")


def check_weights(path, arrays):
    # The weights alone, into a model with other ones; and Keras' own save must be readable in turn (by Keras).
    fresh = keras.models.load_model(path)
    fresh.set_weights([w + 1 for w in fresh.get_weights()])
    fresh.load_weights(str(path)[: -len(".keras")] + ".weights.h5")
    same_bits(f"{path.name}: weights file", fresh.get_weights(), numbered(arrays, "weight"))

    # h5py sees the groups that Keras itself would write.
    rebuilt = path.with_suffix(".again.keras")
    keras.models.load_model(path).save(rebuilt)

    def datasets(file):
        with zipfile.ZipFile(file) as archive, h5py.File(archive.open("model.weights.h5")) as h5:
            names = {}
            h5.visititems(lambda n, o: names.update({n: o.shape}) if isinstance(o, h5py.Dataset) else None)
            return names

    ours, theirs = datasets(path), datasets(rebuilt)
    assert ours == theirs, f"{path.name}: {sorted(set(ours.items()) ^ set(theirs.items()))}"
    rebuilt.unlink()


def names_in(config):
    """Classes of Keras by their module, and losses by name."""
    if isinstance(config, dict):
        if str(config.get("module")).startswith("keras.") and not str(config["module"]).startswith("keras.src"):
            yield config["module"].removeprefix("keras."), config["class_name"]
        if isinstance(config.get("loss"), str):
            yield "losses", config["loss"]
    for item in config.values() if isinstance(config, dict) else config if isinstance(config, list) else []:
        yield from names_in(item)


def missing(path):
    """What the file names that this Keras has not yet."""
    with zipfile.ZipFile(path) as archive:
        config = json.loads(archive.read("config.json"))
    for module, name in names_in(config):
        place = keras
        for part in module.split("."):
            place = getattr(place, part)
        known = hasattr(place, name) or name == "function"
        if module == "losses" and known and name.islower():  # a function may be there that Keras does not find by its name
            try:
                keras.losses.get(name)
            except ValueError:
                known = False
        if not known:
            yield f"{module}.{name}"


def opens(path, version=tuple(int(part) for part in keras.__version__.split(".")[:2])):
    if version < (3, 10):  # later ones have everything that Folio has
        unknown = sorted(set(missing(path)))
        if unknown:
            print(path.name, "left out, as it needs", ", ".join(unknown))
            return False
    if version < (3, 7) and path.stem == "nested":
        return False  # a layer that is called on something that follows from it; they do not open their own either
    if version < (3, 1) and path.stem in ("ends", "nested", "rules"):
        # It loses count of a model inside that is called twice, also in files of its own, and does not open Identity.
        return False
    # They do not know all losses, keep Nadam's state in another order (Folio reads both), and do not stretch a number.
    if version < (3, 10) and path.stem in ("losses", "optimizer_nadam", "until_3.12"):
        return False
    for word, fits in (("since", tuple.__ge__), ("until", tuple.__le__)):
        named = re.fullmatch(word + r"_(\d+)\.(\d+)", path.stem)
        if named and not fits(version, (int(named[1]), int(named[2]))):
            return False
    return True


def main(folder):
    warnings.simplefilter("error", UserWarning)  # Keras warns when it leaves out an optimizer's state
    print("keras", keras.__version__, keras.backend.backend(), "h5py", h5py.__version__)
    check_own_legacy_file()
    files = sorted(p for p in pathlib.Path(folder).glob("*.keras") if not p.name.endswith(".again.keras"))
    files = [p for p in files if opens(p)]
    assert files, f"{folder}: no .keras files"
    for path in files:
        check_file(path)
        print(path.name, "ok")


folio = sys.argv[2] if len(sys.argv) > 2 else None
main(sys.argv[1])
