"""Compares Folio with real Keras on random small models, in both directions.

    KERAS_BACKEND=jax python tests/keras/random_models.py --folio build/folio --models 300 [--catalogs FILE]

The names of losses, metrics, optimizers, schedules, initializers and activations are those of FILE, which
KerasFile.WritesForKeras makes of Folio's catalogues: a new row takes part without a change here. A layer needs a line in
`Generator`; that every layer of the catalogue has one is checked at the start.

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
CATALOGS = {
    "activations": ["relu", "tanh", "sigmoid", "elu", "selu", "softplus", "softsign", "gelu", "silu", "hard_sigmoid",
                    "leaky_relu", "relu6", "exponential", "mish", "linear"],
    "initializers": ["glorot_uniform", "he_normal", "lecun_uniform", "glorot_normal"],
    "losses": ["mean_squared_error", "mean_absolute_error", "binary_crossentropy", "categorical_crossentropy",
               "sparse_categorical_crossentropy"],
    "metrics": [], "optimizers": ["SGD", "RMSprop", "Adam"], "schedules": [], "layers": [],
}
# What losses and metrics are made for; all others take any numbers above 0.
SPARSE = ("sparse_",)
CLASSES = ("categorical", "kl_divergence", "dice", "tversky", "hinge", "f1", "f_beta", "fbeta", "auc", "precision", "recall",
           "sensitivity", "specificity", "positives", "negatives", "iou", "one_hot")
BINARY = ("binary_",)
# A softmax along the last dimension, or any function that is no map of element to element, needs more than one.
WIDE = ("softmax", "log_softmax", "sparsemax")


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
        # Kernels of zeros or ones give many equal numbers, and a gradient that is mathematically zero.
        return self.pick(*[name for name in CATALOGS["initializers"] if name not in ("zeros", "ones", "constant", "identity")])

    def activation(self):
        # glu halves what it is given; sparsemax is another one in Keras 3.12 (docs/keras.md).
        return self.pick(*[name for name in CATALOGS["activations"] if name not in WIDE and name not in ("glu", "sparsemax")])

    def regularizer(self):
        r = self.keras.regularizers
        return self.pick(None, None, None, "l2", r.L1(1e-3), r.L2(1e-3), r.L1L2(1e-3, 1e-3))

    def constraint(self):
        c = self.keras.constraints
        return self.pick(None, None, None, "non_neg", c.MaxNorm(0.8), c.UnitNorm(-1), c.MinMaxNorm(0.5, 1.5, rate=0.5))

    def input(self):
        kind = self.pick("features", "steps", "steps", "pictures", "pictures", "ids", "volumes")
        np = self.np
        shape = {"features": (self.pick(1, 3, 7),), "steps": (self.pick(4, 7), self.pick(1, 3, 5)),
                 "pictures": (self.pick(6, 9), self.pick(6, 8), self.pick(1, 2, 3)), "ids": (self.pick(4, 6),),
                 "volumes": (4, self.pick(4, 5), 3, self.pick(1, 2))}[kind]
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
        if self.chance(0.15):
            return x, self.layers.Normalization(mean=0.1, variance=1.5)(x)
        return x, x

    def dense(self, x, units=None):
        return self.layers.Dense(units or self.pick(1, 3, 6), activation=self.activation(),
                                 use_bias=bool(self.chance(0.8)), kernel_initializer=self.initializer(),
                                 kernel_regularizer=self.regularizer(),
                                 kernel_constraint=self.constraint(), bias_regularizer=self.pick(None, None, "l2"),
                                 activity_regularizer=self.pick(None, None, None, "l1"))(x)

    def normalized(self, make):
        """A layer with a normalization behind it; a bias in between would have no gradient."""
        normalization = self.pick(self.layers.BatchNormalization, self.layers.LayerNormalization)
        return lambda x: normalization(**({"momentum": 0.9} if self.chance(0.5) and
                                          normalization is self.layers.BatchNormalization else {}))(
            make(use_bias=False)(x))

    def any_rank(self):
        l = self.layers
        return [lambda x: l.Activation(self.activation())(x),
                lambda x: self.pick(l.Dropout, l.AlphaDropout, l.GaussianDropout)(0.0)(x),
                lambda x: l.LayerNormalization()(x), lambda x: l.RMSNormalization()(x), lambda x: l.ActivityRegularization(l2=1e-3)(x),
                lambda x: l.UnitNormalization()(l.Activation("softplus")(x)),
                lambda x: l.ReLU(max_value=self.pick(None, 1.0), negative_slope=self.pick(0.0, 0.2))(x),
                lambda x: l.LeakyReLU()(x), lambda x: l.ELU()(x),
                # Of a single channel it is 1, and Keras' own fails where steps are masked.
                lambda x: l.Softmax()(x) if x.shape[-1] > 1 and not masked(x) else x,
                lambda x: l.PReLU()(x) if None not in x.shape[1:] else x,
                lambda x: l.Rescaling(0.5, offset=0.1)(x), lambda x: l.GaussianNoise(0.0)(x),
                # Not straight behind a bias, whose gradient it would make 0: Adam would follow the rounding errors.
                # Of a single channel Keras' own fails where steps are masked.
                lambda x: l.BatchNormalization()(l.Activation("tanh")(x)) if x.shape[-1] > 1 or not masked(x) else x,
                lambda x: l.Identity()(x),
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
                       lambda x: l.SpatialDropout1D(0.0)(x), lambda x: l.TimeDistributed(l.Dense(3))(x),
                       *[lambda x: self.recurrent(x)] * 4,
                       lambda x: l.TimeDistributed(self.keras.Sequential(
                           [self.keras.Input((x.shape[-1],)), l.Dense(3, activation="tanh"), l.Dense(2)]))(x),
                       lambda x: l.Dot(axes=self.pick((1, 1), (2, 2)), normalize=bool(self.chance(0.3)))(
                           [l.Activation("sigmoid")(x), l.Activation("softplus")(x)]),
                       lambda x: l.GroupNormalization(-1)(x)]
            if x.shape[1] >= 4:
                choices += [lambda x: l.Conv1D(3, 3, padding=pick("same", "valid", "causal"), strides=pick(1, 2))(x),
                            lambda x: l.MaxPooling1D(2, padding=same())(x), lambda x: l.Cropping1D(1)(x),
                            lambda x: l.AveragePooling1D(2, padding=same())(x),
                            lambda x: l.SeparableConv1D(3, 2)(x), lambda x: l.DepthwiseConv1D(2)(x),
                            lambda x: l.Conv1DTranspose(2, 3, strides=pick(1, 2), padding=same())(x)
                            if x.shape[1] < 12 else x,
                            self.normalized(lambda **k: l.Conv1D(4, 2, **k))]
            return pick(*choices)(x)
        if len(x.shape) == 5:
            return self.step_in_volume(x)
        choices = [*self.any_rank(), lambda x: l.Flatten()(x), lambda x: l.GlobalAveragePooling2D()(x),
                   lambda x: l.GlobalMaxPooling2D()(x), lambda x: l.ZeroPadding2D((1, 0))(x),
                   lambda x: l.UpSampling2D(2)(x) if x.shape[1] < 8 else x, lambda x: l.SpatialDropout2D(0.0)(x),
                   lambda x: l.Reshape((-1, x.shape[-1]))(x)]
        if min(x.shape[1:3]) >= 4:
            choices += [lambda x: l.Conv2D(pick(2, 4), pick(1, 3, (2, 3)), strides=pick(1, 2), padding=same(),
                                           activation=self.activation(), kernel_regularizer=self.regularizer())(x)] * 3
            choices += [lambda x: l.MaxPooling2D(2, padding=same())(x), lambda x: l.Cropping2D(1)(x),
                        lambda x: l.AveragePooling2D(pick(2, 3), strides=pick(None, 1), padding=same())(x),
                        lambda x: l.Conv2DTranspose(2, 3, strides=pick(1, 2), padding=same())(x)
                        if x.shape[1] < 12 else x,
                        lambda x: l.DepthwiseConv2D(3, padding=same(), depth_multiplier=pick(1, 2))(x),
                        lambda x: l.SeparableConv2D(3, 3, padding=same())(x),
                        lambda x: l.Conv2D(4, 2, dilation_rate=2, padding="same")(x),
                        lambda x: l.GroupNormalization(1)(x), self.normalized(lambda **k: l.Conv2D(4, 3, **k)),
                        lambda x: l.ConvLSTM2D(2, pick(1, 2), padding="same", go_backwards=bool(self.chance(0.3)))(l.Reshape((1,) + x.shape[1:])(x)),
                        # The height as the time.
                        lambda x: l.ConvLSTM1D(2, 2, padding="same", return_sequences=True, use_bias=bool(self.chance(0.7)))(x)]
        return pick(*choices)(x)

    def step_in_volume(self, x):
        l, pick = self.layers, self.pick
        choices = [*self.any_rank(), lambda x: l.Flatten()(x), lambda x: l.GlobalAveragePooling3D()(x),
                   lambda x: l.GlobalMaxPooling3D()(x), lambda x: l.SpatialDropout3D(0.0)(x),
                   lambda x: l.UpSampling3D((1, 2, 1))(x) if x.shape[2] < 8 else x,
                   lambda x: l.ZeroPadding3D((1, 0, 1))(x) if x.shape[1] < 8 else x,
                   lambda x: l.Reshape((-1, x.shape[-2], x.shape[-1]))(x)]
        if min(x.shape[1:4]) >= 3:
            choices += [lambda x: l.Conv3D(2, 2, strides=pick(1, 2), padding=pick("same", "valid"),
                                           activation=self.activation())(x)] * 2
            choices += [lambda x: l.MaxPooling3D(2, padding=pick("same", "valid"))(x),
                        lambda x: l.AveragePooling3D(2, padding=pick("same", "valid"))(x), lambda x: l.Cropping3D(1)(x)]
        return pick(*choices)(x)

    def recurrent(self, x):
        l, pick = self.layers, self.pick
        flag = lambda share=0.3: bool(self.chance(share))
        settings = dict(use_bias=flag(0.8), kernel_regularizer=self.regularizer(), recurrent_constraint=self.constraint(),
                        activation=pick("tanh", "tanh", self.activation()))
        if flag(0.4):
            settings["recurrent_initializer"] = self.initializer()
        gates = dict(recurrent_activation=pick("sigmoid", "sigmoid", "hard_sigmoid"))
        kinds = {"SimpleRNN": {}, "LSTM": dict(gates, unit_forget_bias=flag(0.7)), "GRU": dict(gates, reset_after=flag(0.7))}
        layer_of = {"SimpleRNN": l.SimpleRNN, "LSTM": l.LSTM, "GRU": l.GRU}
        cell_of = {"SimpleRNN": l.SimpleRNNCell, "LSTM": l.LSTMCell, "GRU": l.GRUCell}

        def made(turned=False, sequences=None, **more):
            along = dict(return_sequences=flag(0.6) if sequences is None else sequences, go_backwards=turned, unroll=flag(0.1), **more)
            units = pick(1, 2, 4)
            kind = pick(*kinds)
            own = dict(settings, **kinds[kind])
            if flag(0.7):
                return layer_of[kind](units, zero_output_for_mask=flag(0.2), **own, **along)
            cells = [cell_of[kind](units, **own)] + [cell_of[k](3, **kinds[k]) for k in pick([], ["GRU"], ["LSTM", "SimpleRNN"])]
            return l.RNN(l.StackedRNNCells(cells) if len(cells) > 1 else cells[0], zero_output_for_mask=flag(0.2), **along)

        way = pick("one", "one", "both", "states")
        if way == "one":
            return made(turned=flag())(x)
        if way == "both":
            return l.Bidirectional(made(), merge_mode=pick("concat", "sum", "mul", "ave"))(x)
        # States that another layer starts with.
        kind, units = pick("LSTM", "GRU"), pick(2, 3)
        _, *states = layer_of[kind](units, return_state=True)(x)
        return layer_of[kind](units, return_sequences=flag(0.5))(l.Dense(3)(x), initial_state=states)

    def features(self, x):
        if len(x.shape) == 2:
            return x
        if self.chance(0.5):
            return self.layers.Flatten()(x)
        return getattr(self.layers, f"GlobalAveragePooling{len(x.shape) - 2}D")()(x)

    def merged(self, branches):
        l = self.layers
        if self.chance(0.4):
            return l.Concatenate()([self.features(b) for b in branches])
        same = [l.Dense(4)(self.features(b)) for b in branches]
        if len(same) == 2 and self.chance(0.2):
            return l.Subtract()(same)
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
        inputs = inputs if len(inputs) > 1 else inputs[0]
        if len(outputs) == 1:
            return self.keras.Model(inputs, outputs[0]), losses
        if self.chance(0.3):  # named as their layers, or Keras finds no metric
            return self.keras.Model(inputs, {y._keras_history.operation.name: y for y in outputs}), losses
        return self.keras.Model(inputs, outputs), losses

    def head(self, x):
        l, loss = self.layers, self.pick(*[name for name in CATALOGS["losses"] if name != "ctc"])  # it wants sequences
        kind = kind_of(loss)
        if kind == "binary":
            return l.Dense(1, activation="sigmoid")(x), loss
        if kind in ("sparse", "classes"):
            return l.Dense(3, activation="softmax")(x), loss
        return l.Dense(2, activation="softplus" if self.chance(0.5) or positive(loss) else None)(x), loss

    def targets(self, y, loss):
        np = self.np
        shape, kind = (self.rows,) + tuple(y.shape[1:]), kind_of(loss)
        if kind == "sparse":
            return self.random.integers(0, 3, shape[:-1]).astype("int32")
        if kind == "classes":
            return np.eye(3, dtype="float32")[self.random.integers(0, 3, shape[:-1])]
        if kind == "binary":
            return self.random.integers(0, 2, shape).astype("float32")
        drawn = self.random.normal(0, 1, shape).astype("float32")
        return np.abs(drawn) + 0.5 if positive(loss) else drawn

    def rate(self):
        schedules = self.keras.optimizers.schedules
        if not CATALOGS["schedules"] or self.chance(0.6):
            return 1e-3
        return {
            "CosineDecay": lambda: schedules.CosineDecay(1e-3, 15, alpha=0.1, warmup_target=2e-3, warmup_steps=4),
            "CosineDecayRestarts": lambda: schedules.CosineDecayRestarts(1e-3, 5),
            "ExponentialDecay": lambda: schedules.ExponentialDecay(1e-3, 4, 0.7, staircase=bool(self.chance(0.5))),
            "InverseTimeDecay": lambda: schedules.InverseTimeDecay(1e-3, 4, 0.5),
            "PiecewiseConstantDecay": lambda: schedules.PiecewiseConstantDecay([3, 9], [1e-3, 5e-4, 2e-3]),
            "PolynomialDecay": lambda: schedules.PolynomialDecay(1e-3, 15, 1e-4, power=2.0),
        }[self.pick(*CATALOGS["schedules"])]()

    def optimizer(self):
        name = self.pick("SGD", *CATALOGS["optimizers"])
        settings = dict(self.pick({}, {}, {}, {"clipnorm": 1.0}, {"clipvalue": 0.1}, {"global_clipnorm": 1.0},
                                  {"weight_decay": 1e-3}, {"use_ema": True, "ema_momentum": 0.9},
                                  {"gradient_accumulation_steps": 2}))
        if name == "SGD":
            settings.update(self.pick({}, {"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}))
        return getattr(self.keras.optimizers, name)(self.rate(), **settings)

    def metrics(self, outputs, losses):
        """For each output some that can be had of it, in Keras' names."""
        def fits(name, y, loss):
            kind, made_for = kind_of(loss), kind_of(name)
            if masked(y):  # Keras with JAX forgets masks while it trains, and heeds them when it evaluates
                return False
            if len(y.shape) > 2 and (made_for == "classes" or name in ("r2_score", "pearson_correlation")):
                return False
            if name.startswith(("f1", "f_beta", "fbeta")):  # one number for each class, which histories hold one by one
                return False
            return made_for == kind or (made_for == "any" and kind != "sparse")

        def has_defaults(name):
            try:
                return bool(self.keras.metrics.get(name))
            except (TypeError, ValueError):
                return False

        known = [name for name in CATALOGS["metrics"] if has_defaults(name)]
        fitting = [[name for name in known if fits(name, y, loss)] for y, loss in zip(outputs, losses)]
        return [sorted({self.pick(*names) for _ in range(2)}) if names and self.chance(0.6) else [] for names in fitting]


def kind_of(name):
    """What predictions and targets a loss or metric is made for, by its name in snake case."""
    for kind, words in (("sparse", SPARSE), ("binary", BINARY), ("classes", CLASSES)):
        if any(word in name for word in words):
            return kind
    return "any"


def masked(x):
    return getattr(x, "_keras_mask", None) is not None


def positive(loss):
    return loss in ("poisson", "mean_squared_logarithmic_error", "mean_absolute_percentage_error")


def distance(got, expected):
    """The largest difference, as a share of max(1, the largest value)."""
    import numpy as np
    if got.shape != expected.shape:
        return float("inf")
    if got.size == 0:
        return 0.0
    return float(np.abs(got - expected).max() / max(1.0, np.abs(expected).max()))


def listed(value, model):
    if isinstance(value, dict):
        return [value[name] for name in model.output_names]
    return list(value) if isinstance(value, (list, tuple)) else [value]


def histories_differ(ours, theirs):
    """The largest relative differences of losses and of metrics, over what is finite."""
    import numpy as np
    differences = {key: max(abs(a - b) / max(abs(b), 1e-3) for a, b in zip(ours[key], theirs[key], strict=True))
                   for key in theirs if np.isfinite(theirs[key]).all()}
    return {kind: max((value for key, value in differences.items() if key.endswith("loss") == (kind == "loss")), default=0.0)
            for kind in ("loss", "metric")}


def moves_by_itself(seed):
    """How far Keras' own numbers move when data and weights do by a rounding error: by more than the tolerance where a
    gradient is mathematically zero, which optimizers turn into steps, or where something divides by next to nothing."""
    import numpy as np
    ends = []
    for share in (0.0, 2e-7):
        generator = Generator(seed)
        model, losses = generator.model()
        optimizer = generator.optimizer()
        metrics = generator.metrics(model.outputs, losses)
        given = compiled(model, optimizer, losses, metrics, [generator.targets(out, loss)
                                                             for out, loss in zip(model.outputs, losses)])
        signs = np.random.default_rng(seed)
        moved = lambda x: (x * (1 + share * signs.uniform(-1, 1, x.shape)) +
                           share / 2 * signs.uniform(-1, 1, x.shape)).astype(x.dtype)
        data = [moved(x) for x in generator.data]
        model.set_weights([moved(w) for w in model.get_weights()])
        history = model.fit(data if len(data) > 1 else data[0], given, epochs=EPOCHS, batch_size=BATCH, shuffle=False,
                            verbose=0).history
        ends.append((model.get_weights(), history))
    (weights, history), (other_weights, other_history) = ends
    return {**histories_differ(other_history, history),
            "weight": max([distance(a, b) for a, b in zip(weights, other_weights)] or [0.0])}


def compiled(model, optimizer, losses, metrics, targets):
    """Compiles the model; gives the targets in the form that it takes."""
    if isinstance(model.output, dict):
        by_name = dict(zip(model.output_names, losses))
        model.compile(optimizer, loss=by_name,
                      metrics={name: some for name, some in zip(model.output_names, metrics) if some} or None)
        return dict(zip(model.output_names, targets))
    if len(losses) > 1:
        model.compile(optimizer, loss=losses, metrics=metrics if any(metrics) else None)
        return targets
    model.compile(optimizer, loss=losses[0], metrics=metrics[0] or None)
    return targets[0]


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
    metrics = generator.metrics(model.outputs, losses)
    y = [generator.targets(out, loss) for out, loss in zip(model.outputs, losses)]
    given = compiled(model, optimizer, losses, metrics, y)
    model.save(file)
    expected = listed(model.predict(x, verbose=0, batch_size=BATCH), model)
    worst = {"prediction": max(distance(a, b) for a, b in zip(predicted(file), expected))}
    if not worst["prediction"] < 1e-5:
        return f"predictions differ by {worst['prediction']:.1e}", worst

    # Training.
    targets = dict(zip(model.output_names, y)) if len(y) > 1 else {"y": y[0]}
    np.savez(folder / "data.npz", **arrays, **targets)
    run("fit", file, "--data", folder / "data.npz", "--epochs", EPOCHS, "--batch-size", BATCH, "--no-shuffle",
        "--output", folder / "trained.keras", "--history", folder / "history.json", "--quiet")
    history = model.fit(x, given, epochs=EPOCHS, batch_size=BATCH, shuffle=False, verbose=0).history
    ours = json.loads((folder / "history.json").read_text())
    if set(ours) != set(history):
        return f"the history has {sorted(ours)}, expected {sorted(history)}", worst
    worst.update(histories_differ(ours, history))
    again = keras.models.load_model(folder / "trained.keras")
    plain = type(optimizer).__name__ == "SGD" and not optimizer.momentum
    worst["weight"] = max([distance(a, b) for a, b in zip(again.get_weights(), model.get_weights())] or [0.0])
    if not np.isfinite(history["loss"]).all():
        return None, {}  # Keras itself ran away
    # A prediction that hardly differs from a threshold may count on either side of it: one sample more or less.
    tolerances = {"loss": 1e-5, "metric": 1e-4, "weight": 1e-5 if plain else 1e-4}
    beyond = [kind for kind, tolerance in tolerances.items() if not worst[kind] < tolerance]
    if beyond:
        moves = moves_by_itself(seed)
        if all(moves[kind] > tolerances[kind] for kind in beyond):
            return None, {"unsteady": 1.0}  # nothing to compare with
        return ", ".join(f"{kind} differs by {worst[kind]:.1e} (moves by itself by {moves[kind]:.1e})"
                         for kind in beyond), worst

    # And back.
    worst["back"] = max(distance(a, b) for a, b in
                        zip(listed(again.predict(x, verbose=0), again), predicted(folder / "trained.keras")))
    if not worst["back"] < 1e-5:
        return f"Keras predicts otherwise from Folio's file, by {worst['back']:.1e}", worst
    if int(again.optimizer.iterations) != int(model.optimizer.iterations):
        return (f"the optimizer arrived at step {int(again.optimizer.iterations)}, "
                f"expected {int(model.optimizer.iterations)}"), worst
    if seed % 4 == 0:
        again.fit(x, given, epochs=1, batch_size=BATCH, shuffle=False, verbose=0)
    return None, worst


def guarded(arguments):
    seed, folio, folder, catalogs = arguments
    CATALOGS.update(catalogs)
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
    parser.add_argument("--catalogs", help="a .json file with the names of Folio's catalogues")
    parser.add_argument("--keep", help="a folder for the files, instead of a temporary one")
    arguments = parser.parse_args()
    folder = arguments.keep or tempfile.mkdtemp()
    os.makedirs(folder, exist_ok=True)
    catalogs = json.loads(pathlib.Path(arguments.catalogs).read_text()) if arguments.catalogs else {}
    own = pathlib.Path(__file__).read_text()
    # TensorFlow alone runs them: tests/formats/golden/make_texts.py.
    lookups = ("IntegerLookup", "StringLookup", "TextVectorization")
    missing = [name for name in catalogs.get("layers", []) if name not in lookups and f"l.{name}" not in own and f".layers.{name}" not in own
               and not name.startswith("Global") and name != "InputLayer"]
    if missing:
        sys.exit(f"no random model has the layers {', '.join(missing)}; add them to Generator")
    jobs = [(seed, arguments.folio, folder, catalogs) for seed in range(arguments.first, arguments.first + arguments.models)]
    failures, unsteady, worst = [], [], {}
    # Compiled models pile up in a process, so each does a few dozen.
    with get_context("spawn").Pool(arguments.jobs, maxtasksperchild=40) as pool:
        for done, (seed, complaint, seen) in enumerate(pool.imap(guarded, jobs), 1):
            if complaint:
                failures.append(seed)
                print(f"seed {seed}: {complaint}", flush=True)
            elif "unsteady" in seen:
                unsteady.append(seed)
            else:
                worst = {key: max(value, worst.get(key, 0.0)) for key, value in {**worst, **seen}.items()
                         for value in [max(value, seen.get(key, 0.0))]}
            if sys.stderr.isatty() or done % 10 == 0:
                print(f"{done} of {len(jobs)} models", end="\r" if sys.stderr.isatty() else "\n", file=sys.stderr)
    import keras
    print(f"Keras {keras.__version__} with {keras.backend.backend()}: largest differences " +
          ", ".join(f"{key} {value:.1e}" for key, value in worst.items()))
    if unsteady:
        print(f"left out, as Keras' own numbers move as far when data and weights do by a rounding error: seeds {unsteady}")
    print(f"{len(jobs) - len(failures) - len(unsteady)} passed, {len(failures)} failed")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
