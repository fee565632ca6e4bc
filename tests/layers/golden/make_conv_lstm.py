"""Writes conv_lstm.json: see keras_cases.py. Keras 3.12 on JAX takes no masks here; recurrent_test.cpp has some."""
from keras import layers as l

from keras_cases import case, write

ALL = dict(return_sequences=True, return_state=True)
FRAMES = (3, 2, 4, 3, 2)
for options in [{}, ALL, dict(go_backwards=True, **ALL), dict(padding="same", **ALL), dict(padding="same", strides=(2, 1), **ALL),
                dict(dilation_rate=(1, 2), padding="same"), dict(use_bias=False), dict(unit_forget_bias=False), dict(activation="relu", recurrent_activation="hard_sigmoid"),
                dict(zero_output_for_mask=True, **ALL), dict(stateful=False, dropout=0.3, recurrent_dropout=0.2, seed=4),
                dict(kernel_initializer="he_normal", recurrent_initializer="glorot_uniform", bias_initializer="ones", kernel_regularizer="l2",
                     recurrent_regularizer="l1", bias_regularizer="l1l2", kernel_constraint="max_norm", recurrent_constraint="unit_norm",
                     bias_constraint="non_neg")]:
    case(l.ConvLSTM2D(2, (3, 2), **options), FRAMES)
case(l.ConvLSTM2D(2, 2, **ALL), FRAMES, states=[(3, 3, 2, 2)] * 2)
case(l.ConvLSTM1D(2, 3, **ALL), (3, 2, 5, 2))
case(l.ConvLSTM1D(3, 2, strides=2, padding="same", go_backwards=True), (3, 2, 5, 2))
case(l.ConvLSTM1D(2, 2, dilation_rate=2), (2, 3, 6, 1))
case(l.ConvLSTM2D(2, 2, data_format="channels_first", **ALL), (3, 2, 2, 4, 3))
case(l.Bidirectional(l.ConvLSTM2D(2, 2, return_sequences=True)), FRAMES)

write("conv_lstm")
