"""Writes recurrent.json: see keras_cases.py."""
import numpy as np
from keras import layers as l

from keras_cases import case, write

# Rows: everything counts; padded behind, in front, in the middle; nothing counts.
MASK = [[1, 1, 1, 1], [1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 0, 0, 0]]
SEQUENCES = (5, 4, 3)
ALL = dict(return_sequences=True, return_state=True)

# The cells, and layers made of them.
case(l.SimpleRNNCell(3), (2, 4), (2, 3), cell=True)
case(l.LSTMCell(2), (3, 4), (3, 2), (3, 2), cell=True)
case(l.LSTMCell(1, use_bias=False, activation="relu", recurrent_activation="hard_sigmoid"), (1, 1), (1, 1), (1, 1), cell=True)
case(l.GRUCell(3), (2, 4), (2, 3), cell=True)
case(l.GRUCell(3, reset_after=False), (2, 4), (2, 3), cell=True)
case(l.StackedRNNCells([l.LSTMCell(2), l.GRUCell(3), l.SimpleRNNCell(1)]), (2, 3), (2, 2), (2, 2), (2, 3), (2, 1), cell=True)
case(l.RNN(l.LSTMCell(2)), (2, 3, 4))
case(l.RNN(l.GRUCell(2), **ALL), SEQUENCES, mask=MASK)
case(l.RNN([l.LSTMCell(2), l.GRUCell(3)], **ALL), (2, 4, 3))
case(l.RNN([l.LSTMCell(2), l.LSTMCell(2)], go_backwards=True, return_state=True), SEQUENCES)
case(l.RNN([l.SimpleRNNCell(2), l.GRUCell(3)], return_state=True), SEQUENCES, mask=MASK)
case(l.RNN(l.SimpleRNNCell(2), return_sequences=True, zero_output_for_mask=True), SEQUENCES, mask=MASK)
case(l.RNN(l.LSTMCell(2), return_state=True, zero_output_for_mask=True), SEQUENCES, mask=MASK)
case(l.RNN(l.GRUCell(2), go_backwards=True, return_sequences=True, zero_output_for_mask=True), SEQUENCES, mask=MASK)

OPTIONS = [{}, dict(return_sequences=True), dict(return_state=True), ALL, dict(go_backwards=True), dict(go_backwards=True, **ALL),
           dict(use_bias=False, return_sequences=True), dict(unroll=True, **ALL), dict(activation="relu", return_sequences=True),
           dict(activation="linear"), dict(zero_output_for_mask=True, **ALL), dict(zero_output_for_mask=True),
           dict(zero_output_for_mask=True, go_backwards=True),
           dict(kernel_initializer="he_normal", recurrent_initializer="glorot_uniform", bias_initializer="ones",
                kernel_regularizer="l2", recurrent_regularizer="l1", bias_regularizer="l1l2", activity_regularizer="l2",
                kernel_constraint="max_norm", recurrent_constraint="unit_norm", bias_constraint="non_neg"),
           dict(dropout=0.3, recurrent_dropout=0.2, seed=4)]
for options in OPTIONS:
    for layer in [l.SimpleRNN, l.LSTM, l.GRU]:
        case(layer(2, **options), SEQUENCES)
        case(layer(2, **options), SEQUENCES, mask=MASK)
for options in [{}, ALL, dict(go_backwards=True, **ALL)]:
    case(l.SimpleRNN(2, **options), SEQUENCES, states=[(5, 2)])
    case(l.GRU(2, **options), SEQUENCES, states=[(5, 2)])
    case(l.LSTM(2, **options), SEQUENCES, states=[(5, 2), (5, 2)])
for layer in [l.LSTM, l.GRU]:
    for activation in ["hard_sigmoid", "softmax", "tanh", "linear"]:
        case(layer(3, recurrent_activation=activation, **ALL), (2, 3, 2))
for options in [{}, ALL, dict(go_backwards=True), dict(use_bias=False)]:
    case(l.GRU(2, reset_after=False, **options), SEQUENCES)
    case(l.GRU(2, reset_after=False, **options), SEQUENCES, mask=MASK)
case(l.LSTM(2, unit_forget_bias=False), (2, 3, 2))
# One step, one row, one unit, one feature; many of each.
for layer in [l.SimpleRNN, l.LSTM, l.GRU]:
    case(layer(1), (1, 1, 1))
    case(layer(2, **ALL), (3, 1, 2))
    case(layer(17), (9, 21, 5))

for mode in ["concat", "sum", "mul", "ave", None]:
    case(l.Bidirectional(l.LSTM(2), merge_mode=mode), (2, 3, 2))
    case(l.Bidirectional(l.GRU(2, return_sequences=True), merge_mode=mode), SEQUENCES, mask=MASK)
    case(l.Bidirectional(l.SimpleRNN(2, **ALL), merge_mode=mode), SEQUENCES)
case(l.Bidirectional(l.LSTM(2, **ALL)), SEQUENCES, mask=MASK)
case(l.Bidirectional(l.GRU(2)), SEQUENCES, mask=MASK)
case(l.Bidirectional(l.LSTM(2, return_sequences=True), backward_layer=l.GRU(3, return_sequences=True, go_backwards=True)), (2, 3, 2))
case(l.Bidirectional(l.RNN(l.LSTMCell(2), return_sequences=True)), SEQUENCES, mask=MASK)
case(l.Bidirectional(l.LSTM(2, **ALL)), SEQUENCES, states=[(5, 2)] * 4)
case(l.Bidirectional(l.GRU(2, return_state=True), merge_mode="sum"), SEQUENCES, states=[(5, 2)] * 2)

case(l.TimeDistributed(l.LSTM(2)), (2, 3, 4, 2))
case(l.TimeDistributed(l.Bidirectional(l.GRU(2, return_sequences=True))), (2, 3, 4, 2))

write("recurrent")
