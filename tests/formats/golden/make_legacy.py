"""Makes the legacy .h5 files in the folder legacy/ with real Keras; run again only to add some.

    KERAS_BACKEND=jax python make_legacy.py FOLDER              under Keras 3
    KERAS_BACKEND=jax python make_legacy.py FOLDER VERSION      under another Keras 3: VERSION_cnn.h5 alone
    python make_legacy.py FOLDER                                where tf_keras is installed, which is Keras 2: keras2_*.h5

Weight number i of a model, in the order of the file's layers, counts up from i / 8 in steps of 1 / 128; models that were
trained keep their own weights. NAME.npz holds what Keras itself says of the model: weight0 …, input0 …, answer0 … and the
optimizer's state0 ….
"""
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import h5py  # noqa: E402
import numpy as np  # noqa: E402

try:
    import tf_keras as keras  # noqa: E402
except ImportError:
    import keras  # noqa: E402
layers = keras.layers
old = keras.__version__.startswith("2.")


def counted_weights(model):
    values = []
    for i, weight in enumerate(model.weights):
        steps = np.arange(1, np.prod(weight.shape, dtype=int) + 1).reshape(weight.shape)
        values.append((i * 0.125 + steps / 128).astype("float32"))
    model.set_weights(values)


def sample(model, rows=2):
    shapes = [(rows,) + tuple(i.shape[1:]) for i in model.inputs]
    return [(np.arange(1, 1 + np.prod(s)).reshape(s) % 7 / 8 - 0.25).astype("float32") for s in shapes]


def alone(arrays):
    return arrays if len(arrays) > 1 else arrays[0]


def fit(model, **settings):
    keras.utils.set_random_seed(7)
    model.compile(**settings)
    inputs = alone(sample(model, 8))
    targets = [np.abs(a) + 0.25 for a in as_list(model.predict(inputs, verbose=0))]
    model.fit(inputs, alone(targets), batch_size=4, epochs=2, verbose=0, shuffle=False)


def as_list(answer):
    return answer if isinstance(answer, list) else [answer]


def save(folder, name, model):
    path = os.path.join(folder, f"{'keras2_' if old else ''}{name}.h5")
    model.save(path)
    arrays = {f"weight{i}": w for i, w in enumerate(model.get_weights())}
    inputs = sample(model)
    arrays.update({f"input{i}": a for i, a in enumerate(inputs)})
    arrays.update({f"answer{i}": a for i, a in enumerate(as_list(model.predict(alone(inputs), verbose=0)))})
    if getattr(model, "optimizer", None):
        # `variables` is a method of the optimizers that Keras had before 2.11.
        variables = model.optimizer.variables
        variables = variables() if callable(variables) else variables
        arrays.update({f"state{i}": np.asarray(v) for i, v in enumerate(variables)})
    np.savez_compressed(path[: -len(".h5")] + ".npz", **arrays)
    return path


def plain():
    model = keras.Sequential(
        [layers.InputLayer((3,)), layers.Dense(4, activation="relu", name="first"), layers.Dense(2, name="zzz")], name="small"
    )
    counted_weights(model)
    return model


def cnn():
    slope = {"alpha" if old else "negative_slope": 0.125}
    model = keras.Sequential(
        [
            layers.InputLayer((6, 6, 2)),
            layers.Conv2D(3, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(**slope),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(5, activation="softmax"),
        ]
    )
    counted_weights(model)
    return model


def branches(frozen=False):
    """Two inputs, two outputs, a shared layer and a model inside whose weights the file has in another order."""
    a, b = keras.Input((3,), name="left"), keras.Input((3,), name="right")
    tower = layers.Dense(4, activation="tanh", name="tower")
    inner = keras.Sequential(
        [layers.InputLayer((4,)), layers.Dense(4), layers.BatchNormalization(), layers.Dense(4)], name="inner"
    )
    x, y = tower(a), inner(tower(b))
    both = layers.Concatenate()([x, layers.Add()([x, y])])
    model = keras.Model([a, b], [layers.Dense(1, name="score")(both), layers.Dense(2, name="kind")(both)], name="two")
    if frozen:
        inner.layers[-1].trainable = False
        tower.trainable = False
    counted_weights(model)
    return model


def ends():
    """Outputs that are calls of models inside."""
    a = keras.Input((3,))
    inner = keras.Model(a, layers.Dense(3, name="deep")(a), name="inner")
    chain = keras.Sequential([layers.InputLayer((3,)), layers.Dense(3)], name="chain")
    x = keras.Input((3,))
    y = inner(x)
    model = keras.Model(x, [inner(chain(y)), y, chain(y)], name="ends")
    counted_weights(model)
    return model


def small():
    return keras.Sequential([layers.InputLayer((3,)), layers.Dense(4, activation="relu"), layers.Dense(2)])


def trained(folder):
    optimizers = keras.optimizers
    named = {
        "adam": optimizers.Adam(0.01),
        "rmsprop": optimizers.RMSprop(0.01, momentum=0.5, centered=True),
        "sgd": optimizers.SGD(0.01),
    }
    if old:
        legacy = optimizers.legacy  # those of Keras before 2.11
        named["old_amsgrad"] = legacy.Adam(0.01, amsgrad=True)
        named["old_rmsprop"] = legacy.RMSprop(0.01, momentum=0.5, centered=True)
        named["old_sgd"] = legacy.SGD(0.01, momentum=0.5)
    for name, optimizer in named.items():
        keras.backend.clear_session()
        keras.utils.set_random_seed(3)
        model = small()
        fit(model, optimizer=optimizer, loss=keras.losses.MeanSquaredError(), metrics=["mae"])
        save(folder, name, model)


def split_names(path, to):
    """The same file with its lists of names in pieces, as Keras writes them when there are very many."""
    with h5py.File(path) as source, h5py.File(to, "w") as f:
        source.copy("model_weights", f)
        for key, value in source.attrs.items():
            f.attrs[key] = value
        group = f["model_weights"]
        names = [n if isinstance(n, bytes) else n.encode() for n in group.attrs["layer_names"]]
        del group.attrs["layer_names"]
        for i, name in enumerate(names):
            group.attrs[f"layer_names{i}"] = np.array([name])


def main(folder):
    print("keras", keras.__version__, "h5py", h5py.__version__)
    if len(sys.argv) > 2:
        save(folder, f"{sys.argv[2]}_cnn", cnn())
        return
    if not old:
        split_names(save(folder, "plain", plain()), os.path.join(folder, "split.h5"))
        save(folder, "frozen", branches(frozen=True))
        a = keras.Input((3,))
        x, y = layers.Dense(2)(a), layers.Dense(2)(a)
        functions = keras.Model(a, keras.ops.relu(x - y) * y)
        counted_weights(functions)
        save(folder, "functions", functions)
    keras.backend.clear_session()
    save(folder, "cnn", cnn())
    save(folder, "ends", ends())
    model = branches()
    fit(model, optimizer=keras.optimizers.Adam(0.01), loss=["mse", "mae"])
    save(folder, "branches", model)
    trained(folder)
    if old:
        keras.backend.clear_session()
        model = plain()
        model.save_weights(os.path.join(folder, "keras2_plain.weights.h5"))
        save(folder, "plain", model)


main(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "legacy"))
