"""Writes convolutions.json: see keras_cases.py."""
from keras import layers

from keras_cases import case, cases, write

case(layers.Conv1D(3, 3), (2, 6, 2))
case(layers.Conv1D(2, 2, strides=2, padding="same", activation="relu"), (2, 5, 3))
case(layers.Conv1D(2, 3, dilation_rate=2, padding="causal"), (1, 6, 2))
case(layers.Conv1D(2, 2, strides=3, padding="causal", use_bias=False), (1, 7, 1))
case(layers.Conv1D(4, 2, groups=2), (1, 4, 4))
case(layers.Conv3D(2, 2), (1, 3, 4, 3, 2))
case(layers.Conv3D(2, 3, padding="same", activation="tanh"), (1, 2, 3, 3, 1))
case(layers.Conv3D(2, (2, 1, 3), strides=(2, 1, 2)), (1, 5, 2, 5, 1))
case(layers.Conv3D(2, (3, 2, 2), strides=(3, 2, 1), padding="same", use_bias=False), (1, 7, 3, 2, 2))
case(layers.Conv3D(2, 2, dilation_rate=(2, 1, 1), groups=2), (1, 4, 2, 3, 2))

case(layers.Conv1DTranspose(3, 3), (2, 4, 2))
case(layers.Conv1DTranspose(2, 2, strides=3, activation="relu"), (1, 3, 2))
case(layers.Conv1DTranspose(2, 4, strides=2, padding="same"), (1, 3, 2))
case(layers.Conv1DTranspose(2, 2, strides=3, padding="same", use_bias=False), (1, 3, 1))
case(layers.Conv1DTranspose(1, 3, dilation_rate=2), (1, 4, 2))
case(layers.Conv2DTranspose(3, 3), (2, 3, 2, 2))
case(layers.Conv2DTranspose(2, 3, strides=2), (1, 2, 3, 2))
case(layers.Conv2DTranspose(2, 3, strides=2, padding="same"), (1, 2, 3, 2))
case(layers.Conv2DTranspose(2, (2, 5), strides=(3, 2), padding="same", activation="tanh"), (1, 2, 3, 1))
case(layers.Conv2DTranspose(2, (4, 2), strides=(2, 3), use_bias=False), (1, 2, 2, 3))
case(layers.Conv2DTranspose(1, 3, padding="same", dilation_rate=2), (1, 4, 5, 2))
for options in [{"output_padding": 1}, {"output_padding": (0, 1), "padding": "same"}]:
    case(layers.Conv2DTranspose(2, 3, strides=2, **options), (1, 2, 3, 1))
    cases[-1]["config"].setdefault("output_padding", [options["output_padding"]] * 2
                                   if isinstance(options["output_padding"], int) else options["output_padding"])

case(layers.DepthwiseConv1D(3), (2, 5, 3))
case(layers.DepthwiseConv1D(2, strides=2, padding="same", depth_multiplier=2, activation="relu"), (1, 5, 2))
case(layers.DepthwiseConv2D(3), (2, 4, 5, 3))
case(layers.DepthwiseConv2D((2, 3), depth_multiplier=3, padding="same"), (1, 3, 4, 2))
case(layers.DepthwiseConv2D(3, strides=2, padding="same", use_bias=False), (1, 5, 4, 4))
case(layers.DepthwiseConv2D(2, dilation_rate=2), (1, 4, 5, 2))
case(layers.DepthwiseConv2D(2, depth_multiplier=2), (1, 3, 3, 1))
case(layers.SeparableConv1D(4, 3), (2, 5, 3))
case(layers.SeparableConv1D(2, 2, strides=2, padding="same", depth_multiplier=2, activation="relu"), (1, 5, 2))
case(layers.SeparableConv2D(4, 3), (2, 4, 5, 3))
case(layers.SeparableConv2D(3, (3, 2), strides=2, padding="same", depth_multiplier=2, use_bias=False), (1, 5, 4, 2))
case(layers.SeparableConv2D(2, 2, dilation_rate=(1, 2), activation="tanh"), (1, 3, 4, 2))

for pool in [layers.MaxPooling1D, layers.AveragePooling1D]:
    case(pool(2), (2, 5, 2))
    case(pool(3, strides=1), (1, 5, 2))
    case(pool(3, strides=2, padding="same"), (1, 6, 2))
for pool in [layers.MaxPooling3D, layers.AveragePooling3D]:
    case(pool(2), (1, 4, 3, 2, 2))
    case(pool((1, 3, 2), strides=(2, 1, 1)), (1, 3, 4, 3, 1))
    case(pool((3, 2, 2), strides=(2, 1, 3), padding="same"), (1, 4, 3, 4, 2))
for pool in [layers.GlobalAveragePooling1D, layers.GlobalMaxPooling1D]:
    case(pool(), (2, 4, 3))
    case(pool(keepdims=True), (2, 3, 2))
for pool in [layers.GlobalAveragePooling3D, layers.GlobalMaxPooling3D]:
    case(pool(), (2, 2, 3, 2, 3))
    case(pool(keepdims=True), (1, 2, 3, 2, 2))

case(layers.Cropping1D(), (2, 4, 2))
case(layers.Cropping1D((0, 2)), (1, 4, 2))
case(layers.Cropping2D(), (1, 2, 2, 2))
case(layers.Cropping2D((1, 0)), (1, 3, 2, 2))
case(layers.Cropping2D(((0, 1), (2, 1))), (2, 2, 5, 1))
case(layers.Cropping3D(), (1, 3, 4, 3, 2))
case(layers.Cropping3D(((1, 0), (0, 2), (1, 1))), (1, 2, 3, 4, 1))
for padding in [layers.ZeroPadding1D(), layers.ZeroPadding1D((2, 0))]:
    case(padding, (2, 2, 2))
    cases[-1]["config"].pop("data_format", None)  # came after Keras 3.0
case(layers.ZeroPadding3D(), (1, 1, 2, 1, 2))
case(layers.ZeroPadding3D((0, 1, 2)), (1, 2, 1, 1, 1))
case(layers.ZeroPadding3D(((1, 0), (0, 2), (0, 1))), (1, 2, 1, 2, 1))

case(layers.UpSampling1D(), (2, 3, 2))
case(layers.UpSampling1D(3), (1, 2, 3))
case(layers.UpSampling2D(), (2, 2, 3, 2))
case(layers.UpSampling2D((3, 1)), (1, 2, 2, 2))
case(layers.UpSampling2D((2, 3), interpolation="bilinear"), (1, 3, 2, 2))
case(layers.UpSampling2D((4, 2), interpolation="bilinear"), (1, 1, 3, 1))
case(layers.UpSampling3D(), (1, 1, 2, 2, 2))
case(layers.UpSampling3D((1, 3, 2)), (1, 2, 1, 2, 1))

write("convolutions")
