"""The same as make_trajectories.py for the other optimizers, learning rate schedules and running means of weights: an MLP
each, written down in optimizers.json. Also schedules.json: the rates of every schedule at many steps."""
import json
import os

import keras
import numpy as np

from make_trajectories import HERE, classes, keep, mlp, rows

o, s = keras.optimizers, keras.optimizers.schedules

SCHEDULES = [s.ExponentialDecay(0.1, 7, 0.5), s.ExponentialDecay(0.1, 7, 0.5, staircase=True), s.InverseTimeDecay(0.1, 5, 0.7),
             s.InverseTimeDecay(0.1, 5, 0.7, staircase=True), s.PiecewiseConstantDecay([3, 8, 20], [0.1, 0.05, 0.02, 0.001]),
             s.PolynomialDecay(0.1, 10), s.PolynomialDecay(0.1, 10, end_learning_rate=0.01, power=2.0),
             s.PolynomialDecay(0.1, 6, power=0.5, cycle=True), s.CosineDecay(0.1, 12), s.CosineDecay(0.1, 12, alpha=0.1),
             s.CosineDecay(0.01, 10, warmup_target=0.1, warmup_steps=5), s.CosineDecayRestarts(0.1, 4),
             s.CosineDecayRestarts(0.1, 5, t_mul=1.0, m_mul=0.8), s.CosineDecayRestarts(0.1, 3, t_mul=1.5, m_mul=0.9, alpha=0.05)]


def cases():
    optimizers = {
        "adamw": o.AdamW(0.01), "adagrad": o.Adagrad(0.05), "adadelta": o.Adadelta(1.0), "adamax": o.Adamax(0.01), "nadam": o.Nadam(0.01),
        "lion": o.Lion(0.001), "ftrl": o.Ftrl(0.05, l1_regularization_strength=0.001, l2_regularization_strength=0.01, beta=0.1),
        "ema": o.SGD(0.05, use_ema=True, ema_momentum=0.8), "ema_overwrite": o.Adam(0.01, use_ema=True, ema_momentum=0.8, ema_overwrite_frequency=3),
        "scheduled": o.Adam(s.ExponentialDecay(0.02, 5, 0.7)), "warm": o.SGD(s.CosineDecay(0.01, 12, warmup_target=0.1, warmup_steps=5), momentum=0.9)}
    for name, optimizer in optimizers.items():
        yield "mlp_" + name, mlp(), dict(optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"]), {
            "x": rows(38, 6), "y": classes(38, 3)}, 10, 5


keep(cases(), "optimizers.json")
rates = [{"config": s.serialize(schedule), "rates": [float(schedule(np.int32(step))) for step in range(40)]} for schedule in SCHEDULES]
json.dump(rates, open(os.path.join(HERE, "schedules.json"), "w"), indent=None)
