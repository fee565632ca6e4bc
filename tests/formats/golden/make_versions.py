"""Makes the files in the folder versions/: the same two models as each version of Keras writes them.

    KERAS_BACKEND=jax python make_versions.py [FOLDER]      once under every version that is to be there;
                                                            before 3.10 with jax<0.5 and packaging

VERSION_cnn is a picture network in the middle of its training: weights, answers and optimizer state as saved, and the
weights after one step more. VERSION_keys takes and gives dictionaries, and has a model at every step of a sequence.
NAME.npz holds weight0 …, input0 …, answer0 … and for trained models state0 …, target0 … and next0 ….
"""
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras  # noqa: E402
import numpy as np  # noqa: E402

layers = keras.layers


def cnn():
    model = keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            layers.Conv2D(2, 3, strides=2, padding="same", use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.Activation("relu"),
            layers.MaxPooling2D(2, padding="same"),
            layers.Dropout(0.0),  # there, but no dice: the next step must be everyone's
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ],
        name="cnn",
    )
    model.compile(keras.optimizers.Adam(0.01), "categorical_crossentropy", metrics=["accuracy"])
    random = np.random.default_rng(3)
    x, y = random.normal(size=(8, 6, 6, 1)).astype("float32"), np.eye(3, dtype="float32")[random.integers(0, 3, 8)]
    model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0)
    return model, [x], [y]


def keys():
    left, right = keras.Input((3,), name="left"), keras.Input((2, 3), name="right")
    inner = keras.Sequential([keras.Input((3,)), layers.Dense(2, activation="tanh"), layers.Dense(2)], name="inner")
    steps = layers.TimeDistributed(inner, name="steps")(right)
    kind = layers.Dense(2, name="kind")(left)
    score = layers.Dense(1, name="score")(layers.Flatten()(steps))
    # Neither in the order of their layers nor named after them.
    model = keras.Model({"right": right, "left": left}, {"z": kind, "a": score, "m": steps}, name="keys")
    random = np.random.default_rng(4)
    inputs = [random.normal(size=(4,) + tuple(x.shape[1:])).astype("float32") for x in (left, right)]
    return model, inputs, None


def arrays(word, values):
    return {f"{word}{i}": np.asarray(value) for i, value in enumerate(values)}


def save(folder, name, model, inputs, targets):
    path = os.path.join(folder, f"{keras.__version__}_{name}.keras")
    model.save(path)
    x = inputs[0] if targets else dict(zip(("left", "right"), inputs))
    answers = model.predict(x, verbose=0)
    answers = [answers[key] for key in sorted(answers)] if isinstance(answers, dict) else [answers]
    found = {**arrays("weight", model.get_weights()), **arrays("input", inputs), **arrays("answer", answers)}
    if targets:
        found.update(arrays("state", model.optimizer.variables))
        found.update(arrays("target", targets))
        model.train_on_batch(inputs[0], targets[0])
        found.update(arrays("next", model.get_weights()))
    np.savez_compressed(path[: -len(".keras")] + ".npz", **found)


def main(folder):
    os.makedirs(folder, exist_ok=True)
    models = [("cnn", cnn)]
    if not keras.__version__.startswith("3.0."):  # cannot put a model into TimeDistributed
        models.append(("keys", keys))
    for name, make in models:
        keras.utils.clear_session()
        keras.utils.set_random_seed(7)
        save(folder, name, *make())
    print("keras", keras.__version__)


main(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "versions"))
