"""Writes applications.json: the layers of the networks of keras.applications, as Keras 3.12.4 makes them.

usage: KERAS_BACKEND=jax python make_applications.py
"""
import json
import pathlib

import keras
import numpy
from keras import applications as apps

# Only shapes are looked at, so the first weights may be quick to make.
keras.initializers.GlorotUniform.__call__ = lambda self, shape, dtype=None, **_: numpy.zeros(shape, dtype)

NETWORKS = {
    "VGG16": lambda: apps.VGG16(weights=None),
    "VGG19": lambda: apps.VGG19(weights=None),
    "ResNet50": lambda: apps.ResNet50(weights=None),
    "ResNet101": lambda: apps.ResNet101(weights=None),
    "ResNet152": lambda: apps.ResNet152(weights=None),
    "MobileNet": lambda: apps.MobileNet(weights=None),
    "MobileNet half": lambda: apps.MobileNet(weights=None, alpha=0.5, input_shape=(160, 160, 3)),
    "MobileNetV2": lambda: apps.MobileNetV2(weights=None),
    "MobileNetV2 odd": lambda: apps.MobileNetV2(weights=None, alpha=1.4, input_shape=(97, 97, 3), classes=7),
}


def settings(layer):
    """What decides the numbers, beside weights."""
    config = layer.get_config()
    keys = ["strides", "padding", "epsilon", "momentum", "max_value", "activation", "use_bias", "pool_size", "rate"]
    return {key: config[key] for key in keys if key in config}


def rows(model):
    return [[layer.name, type(layer).__name__, [list(w.shape) for w in layer.weights], list(layer.output.shape[1:]),
             settings(layer)] for layer in model.layers]


networks = {}
for name, make in NETWORKS.items():
    keras.backend.clear_session()
    model = make()
    networks[name] = {"name": model.name, "params": model.count_params(), "layers": rows(model)}
    del model
path = pathlib.Path(__file__).with_name("applications.json")
lines = ",\n".join(f'{json.dumps(name)}: {json.dumps(network, separators=(",", ":"))}' for name, network in networks.items())
path.write_text("{\n" + lines + "\n}\n")
