"""Makes the golden files beside it with real Keras; run again only to add some.

    KERAS_BACKEND=jax python make.py FOLDER

Each model is small and has weights that are easy to recognise: weight number i of the model counts up from i. The
answers to a fixed input are in NAME.expected0.npy (one per output), so that readers can be judged without Keras. The
folders keras_VERSION hold some of the same models, written by this script under that version.
"""
import json
import os
import sys
import zipfile

os.environ.setdefault("KERAS_BACKEND", "jax")
import h5py  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import layers  # noqa: E402


def counted_weights(model):
    """Weight i becomes i + 0.01, i + 0.02, … (variances positive, all small)."""
    values = []
    for i, weight in enumerate(model.weights):
        steps = np.arange(1, np.prod(weight.shape, dtype=int) + 1).reshape(weight.shape)
        values.append((i * 0.125 + steps / 128).astype("float32"))
    model.set_weights(values)


def sample(model):
    rows = [np.arange(1, 1 + 2 * np.prod(i.shape[1:], dtype=int)).reshape((2,) + tuple(i.shape[1:])) for i in model.inputs]
    rows = [(r % 7 / 8 - 0.25).astype("float32") for r in rows]
    return rows if len(rows) > 1 else rows[0]


def save(folder, name, model, predict=True):
    path = os.path.join(folder, name + ".keras")
    model.save(path)
    if not predict:
        return
    answer = model.predict(sample(model), verbose=0)
    for i, part in enumerate(answer if isinstance(answer, list) else [answer]):
        np.save(os.path.join(folder, f"{name}.expected{i}.npy"), part)


def sequential_dense():
    model = keras.Sequential(
        [keras.Input((3,)), layers.Dense(4, activation="relu", name="first"), layers.Dense(2, name="zzz")], name="small"
    )
    counted_weights(model)
    return model


def cnn():
    model = keras.Sequential(
        [
            keras.Input((8, 8, 2)),
            layers.Conv2D(3, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(4, (3, 2), strides=2),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(5, activation="softmax"),
        ]
    )
    counted_weights(model)
    return model


def two_inputs():
    a, b = keras.Input((3,), name="left"), keras.Input((2,), name="right")
    x = layers.Dense(4, activation="tanh")(a)
    y = layers.Dense(4, name="other")(b)
    both = layers.Concatenate()([x, layers.Add()([x, y])])
    model = keras.Model([a, b], [layers.Dense(1, name="score")(both), layers.Dense(2, name="kind")(both)], name="two")
    counted_weights(model)
    return model


def shared():
    a, b = keras.Input((3,)), keras.Input((3,))
    tower = layers.Dense(2, activation="tanh", name="tower")
    model = keras.Model([a, b], layers.Dense(1)(tower(a) - tower(b) * tower(a)), name="shared")
    counted_weights(model)
    return model


def nested():
    inner_in = keras.Input((3,))
    inner = keras.Model(inner_in, layers.Dense(2, name="deep")(layers.Dense(3)(inner_in)), name="inner")
    chain = keras.Sequential([keras.Input((2,)), layers.Dense(2), layers.Dense(3)], name="chain")
    x = keras.Input((3,))
    y = chain(inner(x))
    y = inner(y)
    model = keras.Model(x, layers.Dense(1, name="last")(y), name="outer")
    counted_weights(model)
    return model


def trained():
    keras.utils.set_random_seed(7)
    model = keras.Sequential([keras.Input((3,)), layers.Dense(4, activation="relu"), layers.Dense(2)])
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse", metrics=["mae"])
    x = np.arange(48, dtype="float32").reshape(16, 3) / 48
    y = np.stack([x.sum(1), x[:, 0] - x[:, 2]], 1)
    model.fit(x, y, batch_size=4, epochs=2, verbose=0)
    return model


def repacked(folder, source, name, edit):
    """The same file with an edited config.json."""
    with zipfile.ZipFile(os.path.join(folder, source + ".keras")) as old:
        members = {m: old.read(m) for m in old.namelist()}
    members["config.json"] = edit(members["config.json"].decode()).encode()
    with zipfile.ZipFile(os.path.join(folder, name + ".keras"), "w") as new:
        for member, content in members.items():
            new.writestr(zipfile.ZipInfo(member), content)


def h5_flavours(folder):
    values = np.arange(60, dtype="float32").reshape(12, 5) / 4 - 3
    with h5py.File(os.path.join(folder, "flavours.h5"), "w") as f:
        f["plain"] = values
        f.create_dataset("gzip", data=values, chunks=(5, 2), compression="gzip")
        f.create_dataset("shuffled", data=values, chunks=(4, 5), compression="gzip", shuffle=True, fletcher32=True)
        f.create_dataset("chunked", data=values, chunks=(7, 3))
        f["big_endian"] = values.astype(">f4")
        f["double"] = values.astype("f8")
        f["half"] = values.astype("f2")
        for kind in ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", ">i2", ">i8"]:
            f["whole/" + kind.replace(">", "big_")] = np.arange(6).reshape(2, 3).astype(kind)
        f["truth"] = np.array([True, False, True])
        f["scalar"] = np.float32(2.5)
        f["nothing"] = np.zeros((0, 4), "float32")
        brain = (values.view("uint32") >> 16).astype("uint16")  # bfloat16: the upper half of a float32
        data = f.create_dataset("brain", data=brain.view("V2"))
        data.attrs["dtype"] = "bfloat16"
        f.attrs["text"] = "grüße"
        f.attrs["fixed"] = np.bytes_("fixed")
        f.attrs["texts"] = ["one", "two", "three"]
        f.attrs["fixed_texts"] = np.array([b"a", b"bcd"])
        f.create_dataset("compact", data=values[:1])
        many = f.create_group("many")
        for i in range(100):
            many[f"entry_{i}"] = np.int32(i)
        low = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        low.set_layout(h5py.h5d.COMPACT)
        space = h5py.h5s.create_simple((5,))
        compact = h5py.h5d.create(f.id, b"really_compact", h5py.h5t.IEEE_F32LE, space, low)
        compact.write(h5py.h5s.ALL, h5py.h5s.ALL, np.ascontiguousarray(values[1]))
    with h5py.File(os.path.join(folder, "latest.h5"), "w", libver="latest") as f:
        f["a/b/values"] = values
        f["a"].attrs["name"] = "ay"
        f["scalar"] = np.int64(7)
    with h5py.File(os.path.join(folder, "soft_link.h5"), "w") as f:
        f["real"] = values
        f["soft"] = h5py.SoftLink("/real")
    with h5py.File(os.path.join(folder, "external_link.h5"), "w") as f:
        f["outside"] = h5py.ExternalLink("other.h5", "/secret")
    with h5py.File(os.path.join(folder, "external_data.h5"), "w") as f:
        f.create_dataset("outside", (4,), "float32", external=[("outside.bin", 0, 16)])
    with h5py.File(os.path.join(folder, "virtual.h5"), "w", libver="latest") as f:
        layout = h5py.VirtualLayout((4,), "float32")
        layout[:] = h5py.VirtualSource("other.h5", "values", (4,))
        f.create_virtual_dataset("elsewhere", layout)
    with h5py.File(os.path.join(folder, "shape_bomb.h5"), "w") as f:
        f.create_dataset("bomb", (1 << 20, 1 << 20, 1 << 10), "float32")
        f.create_dataset("chunked_bomb", (1 << 20, 1 << 20), "float32", chunks=(1024, 1024), compression="gzip")
    with h5py.File(os.path.join(folder, "cycle.h5"), "w") as f:
        f.create_group("a/b")
        f["a/b/up"] = f["a"]
    with h5py.File(os.path.join(folder, "dense_links.h5"), "w", libver="latest") as f:
        for i in range(20):
            f.create_group(f"group_{i}")
    with h5py.File(os.path.join(folder, "other_filter.h5"), "w") as f:
        f.create_dataset("packed", data=values, chunks=(12, 5), compression="lzf")
    with h5py.File(os.path.join(folder, "legacy.weights.h5"), "w") as f:
        f.attrs["layer_names"] = ["dense"]
        f["dense/dense/kernel"] = values


def main(folder):
    print("keras", keras.__version__, keras.backend.backend(), "h5py", h5py.__version__)
    for make in [sequential_dense, cnn, two_inputs, shared, nested, trained]:
        keras.utils.clear_session()
        save(folder, make.__name__, make())
    sequential_dense().save_weights(os.path.join(folder, "sequential_dense.weights.h5"))
    save(folder, "unbuilt", keras.Sequential([layers.Dense(2), layers.Dense(3)]), predict=False)
    h5_flavours(folder)
    repacked(folder, "sequential_dense", "duplicate_key", lambda t: t.replace('"units": 4', '"units": 4, "units": 5'))
    # A Lambda layer as Keras writes it: base64 of Python's code, which no reader should ever run.
    code = '"function": {"class_name": "__lambda__", "config": {"code": "4wEAAAA=", "defaults": null, "closure": null}}'
    repacked(
        folder, "sequential_dense", "lambda",
        lambda t: t.replace('"class_name": "Dense"', '"class_name": "Lambda"', 1).replace('"units": 4', code),
    )
    repacked(folder, "sequential_dense", "deep", lambda t: "[" * 1000 + "]" * 1000)
    repacked(folder, "sequential_dense", "not_finite", lambda t: t.replace('"kernel_regularizer"', '"a": NaN, "kernel_regularizer"'))
    with open(os.path.join(folder, "made_with.json"), "w") as f:
        json.dump({"keras": keras.__version__, "h5py": h5py.__version__}, f)


main(sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__)))
