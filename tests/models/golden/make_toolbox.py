"""The same as make_trajectories.py for accumulated gradients, Lamb, Adafactor, constraints, class weights and losses beside the
usual ones, written down in toolbox.json."""
import keras
import numpy as np
from keras import layers

from make_trajectories import classes, keep, mlp, rows

o, L, c = keras.optimizers, keras.losses, keras.constraints
# (Of two classes there is no 2, which Keras passes over and Folio does not: taken out of toolbox.json there.)
CLASS_WEIGHT = {0: 0.5, 2: 3.0}


def constrained():
    return keras.Sequential([
        layers.Input((8, 7, 2)),
        layers.Conv2D(4, 3, activation="relu", kernel_constraint=c.MaxNorm(0.6, axis=[0, 1, 2]), bias_constraint="non_neg"),
        layers.BatchNormalization(gamma_constraint=c.MinMaxNorm(0.9, 1.1, rate=0.5), beta_constraint="non_neg", beta_regularizer="l2"),
        layers.DepthwiseConv2D(2, depthwise_constraint=c.MaxNorm(0.5, axis=(0, 1)), depthwise_regularizer="l1"), layers.PReLU(alpha_constraint="non_neg", shared_axes=[1, 2]),
        layers.Flatten(), layers.Dense(5, kernel_constraint="unit_norm", bias_constraint=c.MinMaxNorm(0.01, 0.2)), layers.LayerNormalization(gamma_constraint="non_neg"), layers.Dense(3)])


def cases():
    optimizers = {
        "lamb": o.Lamb(0.02), "adafactor": o.Adafactor(0.05), "adafactor_scheduled": o.Adafactor(o.schedules.ExponentialDecay(0.3, 4, 0.8), clip_threshold=0.7),
        "accumulated": o.SGD(0.1, momentum=0.9, gradient_accumulation_steps=3), "accumulated_adam": o.Adam(0.02, gradient_accumulation_steps=2, clipnorm=0.3, weight_decay=0.01),
        "accumulated_ema": o.Nadam(0.02, gradient_accumulation_steps=2, use_ema=True, ema_momentum=0.7), "accumulated_scheduled": o.SGD(o.schedules.ExponentialDecay(0.2, 4, 0.8), gradient_accumulation_steps=4),
        "loss_scale": o.Adam(0.01, loss_scale_factor=128.0)}
    for name, optimizer in optimizers.items():
        yield "mlp_" + name, mlp(), dict(optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"]), {"x": rows(38, 6), "y": classes(38, 3)}, 10, 5
    yield "cnn_constrained", constrained(), dict(optimizer=o.SGD(0.2, momentum=0.5), loss=L.SparseCategoricalCrossentropy(from_logits=True)), {"x": rows(36, 8, 7, 2), "y": classes(36, 3)}, 12, 4
    yield "mlp_huber", mlp(outputs=2, last="linear"), dict(optimizer=o.SGD(0.05), loss=L.Huber()), {"x": rows(30, 6), "y": rows(30, 2), "sample_weight": np.linspace(0.2, 2, 30).astype("float32")}, 8, 4
    yield "mlp_weighted_mean", mlp(outputs=2, last="linear"), dict(optimizer=o.SGD(0.05), loss=L.LogCosh(reduction="mean_with_sample_weight")), {
        "x": rows(30, 6), "y": rows(30, 2), "sample_weight": np.linspace(0.2, 2, 30).astype("float32")}, 8, 4
    yield "mlp_focal", mlp(outputs=1, last="sigmoid"), dict(optimizer=o.Adam(0.01), loss=L.BinaryFocalCrossentropy(apply_class_balancing=True)), {"x": rows(30, 6), "y": classes(30, 2).reshape(-1, 1)}, 7, 4
    yield "mlp_dice", mlp(outputs=3, last="sigmoid"), dict(optimizer=o.SGD(0.1), loss="dice"), {"x": rows(30, 6), "y": rng_bits(30, 3)}, 10, 4
    ignored = classes(40, 3)
    ignored[::7] = -1
    # From logits: Keras' slopes of ignored probabilities are NaN.
    yield "mlp_ignored", mlp(last="linear"), dict(optimizer=o.SGD(0.1), loss=L.SparseCategoricalCrossentropy(ignore_class=-1, from_logits=True)), {"x": rows(40, 6), "y": ignored}, 8, 4
    yield "mlp_class_weight", mlp(), dict(optimizer=o.SGD(0.1), loss="sparse_categorical_crossentropy", metrics=["accuracy"]), {"x": rows(40, 6), "y": classes(40, 3)}, 8, 4
    yield "mlp_class_weight_vectors", mlp(), dict(optimizer=o.SGD(0.1), loss="categorical_crossentropy", metrics=["accuracy"]), {"x": rows(40, 6), "y": np.eye(3, dtype="float32")[classes(40, 3)]}, 8, 4
    yield "mlp_class_weight_binary", mlp(outputs=1, last="sigmoid"), dict(optimizer=o.SGD(0.1), loss="binary_crossentropy"), {"x": rows(30, 6), "y": classes(30, 2).reshape(-1, 1)}, 8, 4


def rng_bits(*shape):
    return (rows(*shape) > 0).astype("float32")


if __name__ == "__main__":
    keep(cases(), "toolbox.json", CLASS_WEIGHT)
