"""Opens with real Keras what Folio wrote, and compares weights bit for bit and answers nearly.

    mkdir FOLDER
    FOLIO_KERAS_FOLDER=FOLDER folio_tests --gtest_filter=KerasFile.WritesForKeras
    KERAS_BACKEND=jax python tests/formats/keras_opens.py FOLDER

Beside each NAME.keras, NAME.h5 and NAME.weights.h5 lies NAME.npz with what Folio has: weight0 …, input0 …, answer0 … and, for
compiled models, the optimizer's state0 ….
"""
import pathlib
import sys
import warnings
import zipfile

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
    check_model(path.with_suffix(".h5"), arrays)
    check_weights(path, arrays)


def check_model(path, arrays):
    model = keras.models.load_model(path)
    same_bits(f"{path.name}: weight", model.get_weights(), numbered(arrays, "weight"))
    inputs = numbered(arrays, "input")
    answers = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
    for got, expected in zip(answers if isinstance(answers, list) else [answers], numbered(arrays, "answer")):
        np.testing.assert_allclose(got, expected, rtol=3e-6, atol=3e-6)
    state = numbered(arrays, "state")
    if state:
        if path.suffix == ".h5":
            # Of its own .h5 files, too, Keras takes no slots: it builds the optimizer for no weights at all, and cannot
            # go on with it before the model is compiled again.
            same_bits(f"{path.name}: optimizer", model.optimizer.variables, state[:2])
            return
        same_bits(f"{path.name}: optimizer", model.optimizer.variables, state)
        targets = [np.zeros_like(a) for a in numbered(arrays, "answer")]
        model.fit(inputs if len(inputs) > 1 else inputs[0], targets if len(targets) > 1 else targets[0], verbose=0)


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


def main(folder):
    warnings.simplefilter("error", UserWarning)  # Keras warns when it leaves out an optimizer's state
    print("keras", keras.__version__, keras.backend.backend(), "h5py", h5py.__version__)
    files = sorted(p for p in pathlib.Path(folder).glob("*.keras") if not p.name.endswith(".again.keras"))
    if tuple(map(int, keras.__version__.split(".")[:2])) < (3, 10):
        files = [p for p in files if p.stem != "losses"]  # they do not know all of them
    if keras.__version__.startswith("3.0."):
        # It loses count of a model inside that is called twice, also in files of its own, and does not open Identity.
        files = [p for p in files if p.stem not in ("ends", "nested", "rules")]
    assert files, f"{folder}: no .keras files"
    for path in files:
        check_file(path)
        print(path.name, "ok")


main(sys.argv[1])
