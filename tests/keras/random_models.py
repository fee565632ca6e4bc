"""Compares Folio with real Keras on random small models, in both directions.

    KERAS_BACKEND=jax python tests/keras/random_models.py --folio build/folio --models 300

Each model is made, saved and run by Keras; `folio predict` must give the same numbers, and `folio fit` on the same data,
in the same order, the same losses and weights after 21 steps. What Folio saved is opened by Keras again: it must predict
what Folio predicts and go on training. A seed gives the same model every time: --first SEED --models 1 repeats one.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings
from multiprocessing import get_context

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Models are tiny: nearly all the time goes into compiling them.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true")

BATCH, EPOCHS = 8, 7  # three steps an epoch
ACTIVATIONS = ["relu", "tanh", "sigmoid", "elu", "selu", "softplus", "softsign", "gelu", "silu", "hard_sigmoid",
               "leaky_relu", "relu6", "exponential", "mish", "linear", None]


class Generator:
    """One random model. `x` is always a symbolic tensor; its rank tells what fits: 2 features, 3 steps, 4 pictures."""

    def __init__(self, seed):
        import keras
        import numpy as np
        self.keras, self.layers, self.np = keras, keras.layers, np
        self.random = np.random.default_rng(seed)
        keras.utils.clear_session()
        keras.utils.set_random_seed(seed)
        self.data = []
        self.rows = 20 if seed % 4 == 0 else 24  # the last batch is sometimes partial; a second shape takes time

    def pick(self, *choices):
        return choices[self.random.integers(len(choices))]

    def chance(self, share):
        return self.random.random() < share

    def initializer(self):
        return self.pick("glorot_uniform", "he_normal", "lecun_uniform", "glorot_normal", "orthogonal")

    def constraint(self):
        c = self.keras.constraints
        return self.pick(None, None, None, "non_neg", c.MaxNorm(0.8), c.UnitNorm(-1), c.MinMaxNorm(0.5, 1.5, rate=0.5))

    def input(self):
        kind = self.pick("features", "steps", "pictures", "pictures", "ids")
        np = self.np
        shape = {"features": (self.pick(1, 3, 7),), "steps": (self.pick(4, 7), self.pick(1, 3, 5)),
                 "pictures": (self.pick(6, 9), self.pick(6, 8), self.pick(1, 2, 3)), "ids": (self.pick(4, 6),)}[kind]
        x = self.keras.Input(shape, dtype="int32" if kind == "ids" else "float32", name=f"in{len(self.data)}")
        if kind == "ids":
            ids = self.random.integers(0, 9, (self.rows,) + shape)
            ids[:, 0] = np.maximum(ids[:, 0], 1)  # no row of zeros alone
            self.data.append(ids.astype("int32"))
            return x, self.layers.Embedding(9, self.pick(2, 4), mask_zero=bool(self.chance(0.6)))(x)
        self.data.append(self.random.normal(0, 1, (self.rows,) + shape).astype("float32"))
        if kind == "steps" and self.chance(0.3):
            self.data[-1][:, -1] = 0.5
            return x, self.layers.Masking(0.5)(x)
        return x, x

    def dense(self, x, units=None):
        return self.layers.Dense(units or self.pick(1, 3, 6), activation=self.pick(*ACTIVATIONS),
                                 use_bias=bool(self.chance(0.8)), kernel_initializer=self.initializer(),
                                 kernel_constraint=self.constraint())(x)

    def normalized(self, make):
        """A layer with a normalization behind it; a bias in between would have no gradient."""
        normalization = self.pick(self.layers.BatchNormalization, self.layers.LayerNormalization)
        return lambda x: normalization(**({"momentum": 0.9} if self.chance(0.5) and
                                          normalization is self.layers.BatchNormalization else {}))(
            make(use_bias=False)(x))

    def any_rank(self):
        l = self.layers
        return [lambda x: l.Activation(self.pick(*[a for a in ACTIVATIONS if a]))(x),
                lambda x: l.Dropout(0.0)(x), lambda x: l.LayerNormalization()(x),
                lambda x: l.ReLU(max_value=self.pick(None, 1.0), negative_slope=self.pick(0.0, 0.2))(x),
                lambda x: l.LeakyReLU()(x), lambda x: l.ELU()(x), lambda x: l.Softmax()(x),
                lambda x: l.PReLU()(x) if None not in x.shape[1:] else x,
                lambda x: l.Rescaling(0.5, offset=0.1)(x), lambda x: l.GaussianNoise(0.0)(x),
                # Not straight behind a bias, whose gradient it would make 0: Adam would follow the rounding errors.
                lambda x: l.BatchNormalization()(l.Activation("tanh")(x)), lambda x: l.Identity()(x),
                lambda x: self.dense(x)]

    def step(self, x):
        l, pick = self.layers, self.pick
        same = lambda: pick("same", "valid")
        if len(x.shape) == 2:
            return pick(*self.any_rank(), lambda x: l.RepeatVector(3)(x), lambda x: l.Reshape((-1, 1))(x),
                        self.normalized(lambda **k: l.Dense(4, **k)))(x)
        if len(x.shape) == 3:
            choices = [*self.any_rank(), lambda x: l.Permute((2, 1))(x), lambda x: l.Flatten()(x),
                       lambda x: l.GlobalAveragePooling1D()(x), lambda x: l.GlobalMaxPooling1D()(x),
                       lambda x: l.ZeroPadding1D(1)(x), lambda x: l.UpSampling1D(2)(x),
                       lambda x: l.SpatialDropout1D(0.0)(x), lambda x: l.TimeDistributed(l.Dense(3))(x)]
            if x.shape[1] >= 4:
                choices += [lambda x: l.Conv1D(3, 3, padding=pick("same", "valid", "causal"), strides=pick(1, 2))(x),
                            lambda x: l.MaxPooling1D(2, padding=same())(x), lambda x: l.Cropping1D(1)(x),
                            lambda x: l.AveragePooling1D(2, padding=same())(x),
                            lambda x: l.SeparableConv1D(3, 2)(x), lambda x: l.DepthwiseConv1D(2)(x),
                            self.normalized(lambda **k: l.Conv1D(4, 2, **k))]
            return pick(*choices)(x)
        choices = [*self.any_rank(), lambda x: l.Flatten()(x), lambda x: l.GlobalAveragePooling2D()(x),
                   lambda x: l.GlobalMaxPooling2D()(x), lambda x: l.ZeroPadding2D((1, 0))(x),
                   lambda x: l.UpSampling2D(2)(x) if x.shape[1] < 8 else x, lambda x: l.SpatialDropout2D(0.0)(x),
                   lambda x: l.Reshape((-1, x.shape[-1]))(x)]
        if min(x.shape[1:3]) >= 4:
            choices += [lambda x: l.Conv2D(pick(2, 4), pick(1, 3, (2, 3)), strides=pick(1, 2), padding=same(),
                                           activation=pick(*ACTIVATIONS))(x)] * 3
            choices += [lambda x: l.MaxPooling2D(2, padding=same())(x), lambda x: l.Cropping2D(1)(x),
                        lambda x: l.AveragePooling2D(pick(2, 3), strides=pick(None, 1), padding=same())(x),
                        lambda x: l.Conv2DTranspose(2, 3, strides=pick(1, 2), padding=same())(x)
                        if x.shape[1] < 12 else x,
                        lambda x: l.DepthwiseConv2D(3, padding=same(), depth_multiplier=pick(1, 2))(x),
                        lambda x: l.SeparableConv2D(3, 3, padding=same())(x),
                        lambda x: l.Conv2D(4, 2, dilation_rate=2, padding="same")(x),
                        lambda x: l.GroupNormalization(1)(x), self.normalized(lambda **k: l.Conv2D(4, 3, **k))]
        return pick(*choices)(x)

    def features(self, x):
        if len(x.shape) == 2:
            return x
        if self.chance(0.5):
            return self.layers.Flatten()(x)
        pool = self.layers.GlobalAveragePooling1D if len(x.shape) == 3 else self.layers.GlobalAveragePooling2D
        return pool()(x)

    def merged(self, branches):
        l = self.layers
        if self.chance(0.4):
            return l.Concatenate()([self.features(b) for b in branches])
        same = [l.Dense(4)(self.features(b)) for b in branches]
        return self.pick(l.Add, l.Multiply, l.Average, l.Maximum, l.Minimum)()(same)

    def branch(self, x):
        for _ in range(self.random.integers(1, 5)):
            x = self.step(x)
        return x

    def model(self):
        inputs, branches = [], []
        for _ in range(self.pick(1, 1, 1, 2)):
            inside, x = self.input()
            inputs.append(inside)
            branches.append(self.branch(x))
        x = branches[0] if len(branches) == 1 else self.merged(branches)
        if len(branches) == 1 and self.chance(0.3):
            x = self.merged([x, self.branch(x)])
        if len(x.shape) == 2 and self.chance(0.2):  # a model as a layer, called twice
            inner_in = self.keras.Input((x.shape[-1],))
            inner = self.keras.Model(inner_in, self.layers.Dense(x.shape[-1], activation="tanh")(inner_in))
            x = inner(inner(x)) if self.chance(0.5) else self.layers.Add()([inner(x), x])
        outputs, losses = [], []
        for _ in range(self.pick(1, 1, 1, 2)):
            steps = len(x.shape) == 3 and self.chance(0.5)
            y, loss = self.head(x if steps else self.features(x))
            outputs.append(y)
            losses.append(loss)
        return self.keras.Model(inputs if len(inputs) > 1 else inputs[0], outputs if len(outputs) > 1 else outputs[0]), losses

    def head(self, x):
        l, kind = self.layers, self.pick("regression", "binary", "classes", "sparse")
        if kind == "regression":
            return l.Dense(2)(x), self.pick("mse", "mae", "huber", "log_cosh")
        if kind == "binary":
            return l.Dense(1, activation="sigmoid")(x), "binary_" + self.pick("", "focal_") + "crossentropy"
        loss = "sparse_categorical_crossentropy" if kind == "sparse" else self.pick(
            "categorical_crossentropy", "categorical_focal_crossentropy", "kl_divergence")
        return l.Dense(3, activation="softmax")(x), loss

    def targets(self, y, loss):
        np = self.np
        shape = (self.rows,) + tuple(y.shape[1:])
        if loss.startswith("sparse"):
            return self.random.integers(0, 3, shape[:-1]).astype("int32")
        if loss in ("categorical_crossentropy", "categorical_focal_crossentropy", "kl_divergence"):
            return np.eye(3, dtype="float32")[self.random.integers(0, 3, shape[:-1])]
        if loss.startswith("binary"):
            return self.random.integers(0, 2, shape).astype("float32")
        return self.random.normal(0, 1, shape).astype("float32")

    def optimizer(self):
        o = self.keras.optimizers
        return self.pick(lambda: o.SGD(0.01), lambda: o.SGD(0.01, momentum=0.9), lambda: o.RMSprop(1e-3),
                         lambda: o.SGD(0.01, momentum=0.9, nesterov=True), lambda: o.Adam(1e-3),
                         lambda: o.Adam(1e-3, clipnorm=1.0), lambda: o.Lamb(1e-3),
                         lambda: o.SGD(0.01, momentum=0.9, gradient_accumulation_steps=2))()


def distance(got, expected):
    """The largest difference, as a share of max(1, the largest value)."""
    import numpy as np
    if got.shape != expected.shape:
        return float("inf")
    if got.size == 0:
        return 0.0
    return float(np.abs(got - expected).max() / max(1.0, np.abs(expected).max()))


def listed(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


def check(seed, folio, folder):
    """None when all is well, otherwise what is not; and the largest distances seen."""
    import numpy as np
    warnings.simplefilter("ignore")
    generator = Generator(seed)
    model, losses = generator.model()
    keras = generator.keras
    folder = pathlib.Path(folder) / str(seed)
    folder.mkdir()

    def run(*arguments):
        done = subprocess.run([folio, *map(str, arguments)], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"folio {arguments[0]}: {done.stderr.strip()}")

    names = [x.name for x in model.inputs]
    arrays = dict(zip(names, generator.data)) if len(names) > 1 else {"x": generator.data[0]}
    x = generator.data if len(names) > 1 else generator.data[0]

    def predicted(path):
        np.savez(folder / "x.npz", **arrays)
        several = len(model.outputs) > 1
        out = folder / ("y.npz" if several else "y.npy")
        run("predict", path, "--input", folder / "x.npz", "--output", out, "--quiet")
        loaded = np.load(out)
        return [loaded[name] for name in model.output_names] if several else [loaded]

    # Predictions.
    file = folder / "model.keras"
    optimizer = generator.optimizer()
    model.compile(optimizer, loss=losses if len(losses) > 1 else losses[0])
    model.save(file)
    expected = listed(model.predict(x, verbose=0, batch_size=BATCH))
    worst = {"prediction": max(distance(a, b) for a, b in zip(predicted(file), expected))}
    if not worst["prediction"] < 1e-5:
        return f"predictions differ by {worst['prediction']:.1e}", worst

    # Training.
    y = [generator.targets(out, loss) for out, loss in zip(model.outputs, losses)]
    targets = dict(zip(model.output_names, y)) if len(y) > 1 else {"y": y[0]}
    np.savez(folder / "data.npz", **arrays, **targets)
    run("fit", file, "--data", folder / "data.npz", "--epochs", EPOCHS, "--batch-size", BATCH, "--no-shuffle",
        "--output", folder / "trained.keras", "--history", folder / "history.json", "--quiet")
    history = model.fit(x, y if len(y) > 1 else y[0], epochs=EPOCHS, batch_size=BATCH, shuffle=False, verbose=0).history
    ours = json.loads((folder / "history.json").read_text())
    worst["loss"] = max(abs(a - b) / max(abs(b), 1e-3) for a, b in zip(ours["loss"], history["loss"]))
    again = keras.models.load_model(folder / "trained.keras")
    plain = type(optimizer).__name__ == "SGD" and not optimizer.momentum
    worst["weight"] = max([distance(a, b) for a, b in zip(again.get_weights(), model.get_weights())] or [0.0])
    if not np.isfinite(history["loss"]).all():
        return None, {}  # Keras itself ran away
    if not worst["loss"] < 1e-5:
        return f"losses differ by {worst['loss']:.1e}", worst
    if not worst["weight"] < (1e-5 if plain else 1e-4):
        return f"weights differ by {worst['weight']:.1e}", worst

    # And back.
    worst["back"] = max(distance(a, b) for a, b in
                        zip(listed(again.predict(x, verbose=0)), predicted(folder / "trained.keras")))
    if not worst["back"] < 1e-5:
        return f"Keras predicts otherwise from Folio's file, by {worst['back']:.1e}", worst
    if int(again.optimizer.iterations) != 3 * EPOCHS:
        return f"the optimizer arrived at step {int(again.optimizer.iterations)}, expected {3 * EPOCHS}", worst
    if seed % 4 == 0:
        again.fit(x, y if len(y) > 1 else y[0], epochs=1, batch_size=BATCH, shuffle=False, verbose=0)
    return None, worst


def guarded(arguments):
    seed, folio, folder = arguments
    try:
        return (seed, *check(seed, folio, folder))
    except Exception as error:  # a report on every model, whatever happens to one
        return seed, f"{type(error).__name__}: {str(error)[:600]}", {}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folio", default="build/folio")
    parser.add_argument("--models", type=int, default=300)
    parser.add_argument("--first", type=int, default=0, help="seed of the first model")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--keep", help="a folder for the files, instead of a temporary one")
    arguments = parser.parse_args()
    folder = arguments.keep or tempfile.mkdtemp()
    os.makedirs(folder, exist_ok=True)
    jobs = [(seed, arguments.folio, folder) for seed in range(arguments.first, arguments.first + arguments.models)]
    failures, worst = [], {}
    # Compiled models pile up in a process, so each does a few dozen.
    with get_context("spawn").Pool(arguments.jobs, maxtasksperchild=40) as pool:
        for done, (seed, complaint, seen) in enumerate(pool.imap(guarded, jobs), 1):
            if complaint:
                failures.append(seed)
                print(f"seed {seed}: {complaint}", flush=True)
            else:
                worst = {key: max(value, worst.get(key, 0.0)) for key, value in {**worst, **seen}.items()
                         for value in [max(value, seen.get(key, 0.0))]}
            if sys.stderr.isatty() or done % 10 == 0:
                print(f"{done} of {len(jobs)} models", end="\r" if sys.stderr.isatty() else "\n", file=sys.stderr)
    import keras
    print(f"Keras {keras.__version__} with {keras.backend.backend()}: largest differences " +
          ", ".join(f"{key} {value:.1e}" for key, value in worst.items()))
    print(f"{len(jobs) - len(failures)} passed, {len(failures)} failed")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
