"""Writes others.json: see keras_cases.py."""
import numpy as np
from keras import layers

from keras_cases import case, cases, numbers, write


def ids(shape, below):
    """Row numbers of an Embedding, as floats."""
    return (np.arange(np.prod(shape)) * 3 % below).reshape(shape).astype("float32")


for options in [{}, {"epsilon": 0.01, "center": False}, {"scale": False}, {"center": False, "scale": False}]:
    case(layers.LayerNormalization(**options), (3, 4))
    case(layers.GroupNormalization(groups=2, **options), (2, 3, 4))
for axis in [1, [1, 2], [-1, 1], [2]]:
    case(layers.LayerNormalization(axis=axis), (2, 3, 4))
case(layers.LayerNormalization(), inputs=[numbers((2, 2, 3), 99, 101)])
case(layers.GroupNormalization(groups=-1), (2, 3, 2, 4))
case(layers.GroupNormalization(groups=1), (2, 3, 2, 4))
case(layers.GroupNormalization(groups=2, axis=1), (2, 4, 3))
case(layers.GroupNormalization(groups=3, axis=-2), (2, 6, 2))
case(layers.UnitNormalization(), (2, 3, 4))
case(layers.UnitNormalization(axis=1), (2, 3, 4))
case(layers.UnitNormalization(axis=[1, 2]), inputs=[numbers((2, 2, 3)) * np.array([[[1]], [[0]]], "float32")])
case(layers.Normalization(), (4, 3))
case(layers.Normalization(axis=1, invert=True), (2, 3, 2))
case(layers.Normalization(axis=None), (4, 3))
case(layers.Normalization(axis=[1, -1]), (2, 3, 2))
case(layers.Normalization(mean=1.5, variance=4.0), (2, 3))
case(layers.Normalization(mean=[1.0, 2.0, 3.0], variance=[4.0, 0.0, 1.0]), (2, 3))

case(layers.Embedding(7, 3), inputs=[ids((2, 5), 7)])
case(layers.Embedding(4, 2), inputs=[ids((3,), 4)])
case(layers.Embedding(5, 2, embeddings_initializer="uniform", embeddings_regularizer="l2"), inputs=[ids((2, 2, 2), 5) + 0.5])
for axes, a, b in [(1, (2, 3), (2, 3)), (-1, (2, 3, 4), (2, 5, 4)), (1, (2, 3, 4), (2, 3, 5)), ((2, 1), (2, 3, 4), (2, 4, 5)),
                   ((1, 2), (2, 4, 3), (2, 5, 4)), (2, (2, 3, 4, 2), (2, 3, 4)), ((1, 3), (2, 3), (2, 2, 4, 3)),
                   ((-1, -2), (2, 3), (2, 3, 4)), ((2, 2), (2, 3, 4, 2), (2, 2, 4, 3))]:
    case(layers.Dot(axes), a, b)
case(layers.Dot(1, normalize=True), (2, 3), (2, 3))
case(layers.Dot(-1, normalize=True), (2, 3, 4), (2, 2, 4))
case(layers.Permute((2, 1)), (2, 3, 4))
case(layers.Permute((3, 1, 2)), (1, 2, 3, 4))
case(layers.RepeatVector(3), (2, 4))
case(layers.PReLU(), (2, 3, 4))
case(layers.PReLU(shared_axes=[1]), (2, 3, 4))
case(layers.PReLU(shared_axes=[1, 2], alpha_initializer="ones"), (2, 2, 3, 2))
case(layers.Softmax(axis=1), (2, 3, 4))
case(layers.Softmax(axis=-2), (2, 3, 2, 2))

for layer in [layers.SpatialDropout1D(0.3), layers.GaussianNoise(0.2), layers.GaussianDropout(0.4, seed=7), layers.AlphaDropout(0.1),
              layers.ActivityRegularization(l1=0.5, l2=0.25), layers.Identity()]:
    case(layer, (2, 3, 2))
case(layers.SpatialDropout2D(0.5, seed=3), (1, 2, 2, 2))
case(layers.SpatialDropout3D(0.5), (1, 2, 1, 2, 2))
masked = numbers((2, 4, 2))
masked[0, 1] = masked[1, 3] = 0
masked[1, 0] = [0, 1]
case(layers.Masking(), inputs=[masked])
case(layers.Masking(mask_value=0.5), inputs=[np.where(masked == 0, 0.5, masked).astype("float32")])
case(layers.TimeDistributed(layers.Dense(2)), (2, 3, 4))
case(layers.TimeDistributed(layers.Conv2D(2, 2)), (2, 2, 3, 3, 1))
case(layers.TimeDistributed(layers.BatchNormalization()), (4, 2, 3))
case(layers.TimeDistributed(layers.BatchNormalization()), (4, 2, 3), training=True)
case(layers.Dense(2, kernel_regularizer="l2", bias_regularizer="l1", activity_regularizer="l1l2"), (2, 3))
case(layers.Conv2D(1, 2, kernel_regularizer="l1"), (1, 3, 3, 1))

write("others")
