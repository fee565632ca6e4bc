"""Writes orders.json: dimensions in another order, and activations that are layers. See keras_cases.py."""
from keras import activations, layers

from keras_cases import case, numbers, write

FIRST = {"data_format": "channels_first"}

for training in [False, True]:
    case(layers.BatchNormalization(axis=1), (3, 4, 2), training=training)
    case(layers.BatchNormalization(axis=-2, scale=False), (2, 3, 4, 2), training=training)
case(layers.LayerNormalization(rms_scaling=True), (3, 4))
case(layers.LayerNormalization(rms_scaling=True, scale=False, axis=1), (2, 3, 4))
case(layers.RMSNormalization(), (3, 4))
case(layers.RMSNormalization(axis=[1, 2], epsilon=0.1), (2, 3, 4))

case(layers.Conv1D(3, 2, padding="same", strides=2, **FIRST), (2, 4, 7))
case(layers.Conv1D(3, 2, padding="causal", **FIRST), (2, 4, 5))
case(layers.Conv2D(3, (2, 3), activation="softmax", **FIRST), (2, 4, 5, 4))
case(layers.Conv2D(4, 2, groups=2, dilation_rate=2, **FIRST), (2, 4, 5, 6))
case(layers.Conv3D(2, 2, **FIRST), (1, 2, 3, 4, 3))
case(layers.Conv1DTranspose(3, 2, strides=2, **FIRST), (2, 4, 3))
case(layers.Conv2DTranspose(3, 3, strides=2, padding="same", **FIRST), (1, 2, 3, 4))
case(layers.DepthwiseConv1D(2, depth_multiplier=2, **FIRST), (2, 3, 5))
case(layers.DepthwiseConv2D(2, padding="same", **FIRST), (2, 3, 4, 5))
case(layers.SeparableConv1D(3, 2, **FIRST), (2, 3, 5))
case(layers.SeparableConv2D(3, 2, **FIRST), (1, 2, 4, 5))
for pool in [layers.AveragePooling1D, layers.MaxPooling1D]:
    case(pool(2, strides=1, padding="same", **FIRST), (2, 3, 5))
for pool in [layers.AveragePooling2D, layers.MaxPooling2D]:
    case(pool((2, 3), **FIRST), (2, 3, 4, 6))
for pool in [layers.AveragePooling3D, layers.MaxPooling3D]:
    case(pool(2, **FIRST), (1, 2, 4, 2, 3))
for pool in [layers.GlobalAveragePooling1D, layers.GlobalMaxPooling1D]:
    case(pool(**FIRST), (2, 3, 4))
for pool in [layers.GlobalAveragePooling2D, layers.GlobalMaxPooling2D]:
    case(pool(keepdims=True, **FIRST), (2, 3, 4, 2))
for pool in [layers.GlobalAveragePooling3D, layers.GlobalMaxPooling3D]:
    case(pool(**FIRST), (1, 2, 3, 2, 2))
case(layers.Flatten(**FIRST), (2, 3, 4, 2))
case(layers.UpSampling2D((2, 3), **FIRST), (1, 2, 3, 2))
case(layers.UpSampling3D(2, **FIRST), (1, 2, 2, 1, 2))
case(layers.ZeroPadding2D(((1, 0), (2, 1)), **FIRST), (1, 2, 3, 2))
case(layers.ZeroPadding3D(1, **FIRST), (1, 2, 1, 2, 1))
case(layers.Cropping2D(((1, 0), (0, 1)), **FIRST), (1, 2, 3, 4))
case(layers.Cropping3D(1, **FIRST), (1, 2, 3, 4, 3))

for activation in [layers.LeakyReLU(negative_slope=0.2), layers.ReLU(max_value=1.0, negative_slope=0.1, threshold=0.2),
                   layers.ELU(alpha=0.5), layers.Softmax(axis=1), layers.PReLU(shared_axes=[1])]:
    case(layers.Dense(4, activation=activation), (3, 2, 3))
case(layers.Conv2D(3, 2, activation=layers.PReLU()), (2, 4, 4, 2))
case(layers.Conv2D(3, 2, activation=layers.PReLU(), **FIRST), (2, 2, 4, 4))
case(layers.Activation(layers.LeakyReLU(negative_slope=0.3)), (3, 4))

# The ends of their pieces among the numbers.
ends = numbers((4, 8))
ends[0] = [-2, -1, -0.5, 0, 0.25, 0.5, 1, 2]
for name in ["celu", "glu", "hard_tanh", "hard_shrink", "soft_shrink", "tanh_shrink", "log_sigmoid", "squareplus", "sparse_plus",
             "sparse_sigmoid"]:  # sparsemax of Keras 3.12 is not the published one: its results do not add up to 1
    case(layers.Activation(getattr(activations, name)), inputs=[ends])

write("orders")
