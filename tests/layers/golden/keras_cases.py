"""What the scripts beside this one share: they write NAME.json, what Keras' layers make of small inputs. Needs keras and a
backend; made with keras 3.12 and jax: KERAS_BACKEND=jax python make_layers.py"""
import json
import pathlib

import numpy as np
from keras import layers

HERE = pathlib.Path(__file__).parent
random = np.random.default_rng(20)


def numbers(shape, low=-2.0, high=2.0):
    """Three decimals, so that the file stays small and means the same everywhere."""
    return np.round(random.uniform(low, high, shape), 3).astype("float32")


def packed(array):
    array = np.asarray(array, "float32")
    return {"shape": list(array.shape), "values": [float(str(v)) for v in array.ravel()]}


def plain(config):
    """A config as model files of Keras 3.0 hold it."""
    config = dict(config)
    config.pop("name")
    config.pop("trainable", None)
    if "batch_shape" not in config:  # an InputLayer's type is its own
        config.pop("dtype", None)
    for key in ["layer", "activation"]:
        if not isinstance(config.get(key), dict):
            continue
        inside = dict(config[key]["config"], dtype="float32")
        inside.pop("synchronized", None)
        config[key] = dict(config[key], config=inside)
        config[key].pop("build_config", None)
    return config


cases = []


def case(layer, *shapes, training=False, inputs=None):
    """Calls the layer once with weights and inputs of its own."""
    x = inputs or [numbers(shape) for shape in shapes]
    call = x[0] if len(x) == 1 else x
    layer.build(call.shape if len(x) == 1 else [v.shape for v in x])
    before = []
    for weight in layer.weights:
        positive = "variance" in weight.name
        before.append(numbers(weight.shape, 0.2 if positive else -1.0, 3.0 if positive else 1.0))
    layer.set_weights(before)
    if isinstance(layer, layers.Normalization):
        layer.finalize_state()  # it computes with copies of its weights
    if isinstance(layer, layers.InputLayer):
        y = call  # Keras never calls it
    else:
        y = layer(call, training=True) if training else layer(call)
    entry = {
        "class_name": layer.__class__.__name__,
        "config": plain(layer.get_config()),
        "training": training,
        "inputs": [packed(v) for v in x],
        "weights": [packed(v) for v in before],
        "output": packed(y),
    }
    if training and before:
        entry["weights_after"] = [packed(v) for v in layer.get_weights()]
    cases.append(entry)


def write(name):
    """Writes the cases made so far."""
    lines = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in cases)
    (HERE / f"{name}.json").write_text("[\n" + lines + "\n]\n")
