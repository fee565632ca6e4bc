"""Writes layers.json: see keras_cases.py."""
import numpy as np
from keras import layers

from keras_cases import case, cases, numbers, write

case(layers.InputLayer(shape=(3,)), (2, 3))
case(layers.Dense(4), (3, 5))
case(layers.Dense(3, activation="tanh"), (2, 2, 4))
case(layers.Dense(3, activation="softmax", use_bias=False), (2, 4))

for name in ["relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "sigmoid", "hard_sigmoid", "hard_silu", "tanh",
             "softmax", "log_softmax", "softplus", "softsign", "exponential", "mish", "linear"]:
    case(layers.Activation(name), inputs=[numbers((2, 9), -5, 5)])
wide = [[-8, -3.5, -1, -0.25, 0, 0.25, 0.5, 0.75, 1, 1.5, 6, 7.25]]
for options in [{}, {"max_value": 1}, {"max_value": 6, "negative_slope": 0.1}, {"threshold": 0.5}, {"negative_slope": 0.2},
                {"max_value": 3, "negative_slope": 0.25, "threshold": 0.75}]:
    case(layers.ReLU(**options), inputs=[np.array(wide, "float32")])
case(layers.LeakyReLU(), inputs=[np.array(wide, "float32")])
case(layers.LeakyReLU(negative_slope=0.01), inputs=[np.array(wide, "float32")])
case(layers.ELU(), inputs=[np.array(wide, "float32")])
case(layers.ELU(alpha=0.5), inputs=[np.array(wide, "float32")])
case(layers.Softmax(), (2, 3, 4))

case(layers.Conv2D(3, 3), (2, 5, 6, 2))
case(layers.Conv2D(2, (2, 3), activation="relu"), (1, 4, 5, 3))
case(layers.Conv2D(2, 3, strides=2), (1, 7, 6, 2))
case(layers.Conv2D(2, 3, padding="same"), (1, 4, 5, 2))
case(layers.Conv2D(2, 3, strides=2, padding="same"), (1, 6, 7, 2))
case(layers.Conv2D(2, 2, strides=2, padding="same"), (1, 5, 5, 1))
case(layers.Conv2D(2, (4, 2), strides=(3, 1), padding="same"), (1, 7, 3, 1))
case(layers.Conv2D(2, 3, dilation_rate=2), (1, 7, 6, 1))
case(layers.Conv2D(2, (3, 2), dilation_rate=(1, 3), padding="same"), (1, 5, 6, 2))
case(layers.Conv2D(4, 3, groups=2), (1, 4, 4, 4))
case(layers.Conv2D(6, 2, groups=3, strides=(1, 2), padding="same", use_bias=False), (2, 3, 4, 3))
case(layers.Conv2D(3, 1, use_bias=False), (2, 3, 3, 4))

for pool in [layers.MaxPooling2D, layers.AveragePooling2D]:
    case(pool(2), (2, 4, 6, 2))
    case(pool(2), (1, 5, 5, 1))
    case(pool((3, 2), strides=(2, 1)), (1, 6, 5, 2))
    case(pool(3, strides=2, padding="same"), (1, 6, 7, 2))
    case(pool(2, padding="same"), (1, 5, 5, 2))
    case(pool(3, strides=1, padding="same"), (1, 4, 3, 1))
for pool in [layers.GlobalAveragePooling2D, layers.GlobalMaxPooling2D]:
    case(pool(), (2, 3, 4, 3))
    case(pool(keepdims=True), (2, 3, 2, 2))

case(layers.ZeroPadding2D(), (1, 2, 3, 2))
case(layers.ZeroPadding2D((1, 2)), (1, 2, 2, 1))
case(layers.ZeroPadding2D(((0, 1), (2, 0))), (2, 2, 2, 2))
case(layers.Flatten(), (2, 3, 2, 2))
case(layers.Flatten(), (3,))
case(layers.Reshape((2, -1)), (2, 3, 4))
case(layers.Reshape((-1,)), (2, 3, 2))
case(layers.Reshape((6, 1)), (2, 3, 2))
case(layers.Rescaling(1 / 255), inputs=[np.array([[0, 1, 128, 255]], "float32")])
case(layers.Rescaling(0.5, offset=-1), (2, 3))
case(layers.Dropout(0.3), (2, 5))
case(layers.Dropout(0.5, seed=7), (2, 2, 3))

for options in [{}, {"momentum": 0.9, "epsilon": 0.01}, {"scale": False}, {"center": False},
                {"center": False, "scale": False, "momentum": 0.5}]:
    case(layers.BatchNormalization(**options), (3, 4))
    case(layers.BatchNormalization(**options), (6, 3), training=True)
case(layers.BatchNormalization(), (2, 3, 4, 3))
case(layers.BatchNormalization(), (2, 3, 4, 3), training=True)
case(layers.BatchNormalization(), inputs=[numbers((4, 3, 2), 99, 101)], training=True)
case(layers.BatchNormalization(trainable=False), (3, 2), training=True)
cases[-1]["trainable"] = False

for merge in [layers.Add, layers.Multiply, layers.Average, layers.Maximum, layers.Minimum]:
    case(merge(), (2, 3), (2, 3), (2, 3))
    case(merge(), (2, 3, 1), (2, 1, 4))
    case(merge(), (2, 3), (2, 4, 3))
case(layers.Subtract(), (2, 3), (2, 3))
case(layers.Subtract(), (2, 4, 3), (2, 3))
case(layers.Concatenate(), (2, 3), (2, 1), (2, 4))
case(layers.Concatenate(axis=1), (2, 2, 3), (2, 1, 3))
case(layers.Concatenate(axis=-2), (1, 2, 1, 3), (1, 2, 2, 3))

write("layers")
