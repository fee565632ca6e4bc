"""What the scripts beside this one share: they write NAME.json, what Keras' layers make of small inputs. Needs keras and a
backend; made with keras 3.12 and jax: KERAS_BACKEND=jax python make_layers.py"""
import json
import pathlib

import numpy as np
from keras import layers, tree

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
    for value in config.values():
        if isinstance(value, dict) and value.get("class_name") == "Orthogonal":
            value["class_name"] = "OrthogonalInitializer"  # its name in Keras 3.0, which all later ones know
    for key in ("layer", "backward_layer", "cell", "activation"):
        if isinstance(config.get(key), dict):
            config[key] = plain_object(config[key])
    if "cells" in config:
        config["cells"] = [plain_object(cell) for cell in config["cells"]]
    return config


def plain_object(layer):
    """A layer inside another, with name and type."""
    given = layer["config"]
    inside = dict(plain(given), name=given["name"], trainable=given["trainable"], dtype="float32")
    inside.pop("synchronized", None)
    if layer["class_name"] == "SimpleRNN":
        inside["seed"] = None
    return dict({key: value for key, value in layer.items() if key != "build_config"}, config=inside)


cases = []


def arranged_states(cell, states):
    """One list for each cell of several."""
    if not isinstance(cell, layers.StackedRNNCells):
        return list(states)
    states, result = list(states), []
    for inner in cell.cells:
        count = len(tree.flatten(inner.state_size))
        result.append([states.pop(0) for _ in range(count)])
    return result


def case(layer, *shapes, training=False, inputs=None, mask=None, states=None, cell=False):
    """Calls the layer once with weights and inputs of its own; of a cell the further inputs are states. `states`: shapes of
    those to begin with, in lists as Keras wants them."""
    x = inputs or [numbers(shape) for shape in shapes]
    call = x[0] if len(x) == 1 else x
    layer.build(x[0].shape if cell or len(x) == 1 else [v.shape for v in x])
    named = {"training": True} if training else {}
    if mask is not None:
        mask = np.asarray(mask, bool)
        named["mask"] = mask
    if states is not None:
        states = [numbers(shape) for shape in states]
        named["initial_state"] = states
    if isinstance(getattr(layer, "activation", None), layers.Layer):
        layer(call)  # builds what is inside
    before = []
    for weight in layer.weights:
        positive = "variance" in weight.name
        before.append(numbers(weight.shape, 0.2 if positive else -1.0, 3.0 if positive else 1.0))
    layer.set_weights(before)
    if isinstance(layer, layers.Normalization):
        layer.finalize_state()  # it computes with copies of its weights
    if isinstance(layer, layers.InputLayer):
        y = call  # Keras never calls it
    elif cell:
        y = layer(x[0], arranged_states(layer, x[1:]), **named)
    else:
        y = layer(call, **named)
    y = tree.flatten(y)
    entry = {
        "class_name": layer.__class__.__name__,
        "config": plain(layer.get_config()) | ({"seed": None} if isinstance(layer, layers.SimpleRNN) else {}),  # Keras reads it
        "training": training,
        "inputs": [packed(v) for v in x],
        "weights": [packed(v) for v in before],
        "output": packed(y[0]),
    }
    if mask is not None:
        entry["mask"] = packed(mask)
    if states is not None:
        entry["initial_state"] = [packed(v) for v in tree.flatten(states)]
    if len(y) > 1:
        entry["outputs"] = [packed(v) for v in y]
    if training and before:
        entry["weights_after"] = [packed(v) for v in layer.get_weights()]
    cases.append(entry)


def write(name):
    """Writes the cases made so far."""
    lines = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in cases)
    (HERE / f"{name}.json").write_text("[\n" + lines + "\n]\n")
