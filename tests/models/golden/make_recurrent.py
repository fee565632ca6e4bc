"""The same as make_trajectories.py for recurrent layers, written down in recurrent.json."""
import keras
import numpy as np
from keras import layers as l

from make_trajectories import classes, keep, rows


def ids(rows, steps, below, side):
    """Word numbers, padded with 0 on one side; the first row is all padding."""
    table = np.random.default_rng(3).integers(1, below, (rows, steps))
    for row in range(rows):
        length = row % (steps + 1)
        table[row, slice(length, None) if side == "post" else slice(0, steps - length)] = 0
    return table.astype("int32")


def small(layer, features=3):
    return keras.Sequential([l.Input((5, features)), layer, l.Dense(2)])


def stacked(make):
    return keras.Sequential([l.Input((None, 3)), make(return_sequences=True), make(), l.Dense(2)])


def words(*between):
    return keras.Sequential([l.Input((6,), dtype="int32"), l.Embedding(9, 4, mask_zero=True), *between, l.Dense(3, activation="softmax")])


def encoder_decoder(layer):
    """States handed on, as in translation."""
    a, b = l.Input((4, 3), name="a"), l.Input((5, 2), name="b")
    _, *states = layer(3, return_state=True)(a)
    steps, *last = layer(3, return_sequences=True, return_state=True)(b, initial_state=states)
    return keras.Model([a, b], [l.Dense(1, activation="sigmoid", name="yes")(l.Flatten()(steps)), l.Dense(2, name="value")(last[0])])


def cases():
    sgd, adam = (lambda: keras.optimizers.SGD(0.1)), (lambda: keras.optimizers.Adam(0.01))
    rules = dict(kernel_regularizer="l2", recurrent_regularizer="l1", bias_regularizer="l2", activity_regularizer="l2",
                 recurrent_constraint="max_norm", kernel_constraint=keras.constraints.UnitNorm(axis=0), bias_constraint="non_neg")
    for name, layer in {"simple": l.SimpleRNN, "lstm": l.LSTM, "gru": l.GRU}.items():
        data = lambda: {"x": rows(30, 5, 3), "y": rows(30, 2)}
        yield f"rnn_{name}_sgd", small(layer(4)), dict(optimizer=sgd(), loss="mse"), data(), 8, 5
        yield f"rnn_{name}_stacked", stacked(lambda **k: layer(4, **k)), dict(optimizer=adam(), loss="mse"), data(), 8, 5
        yield f"rnn_{name}_back", small(layer(4, go_backwards=True, activation="relu")), dict(optimizer=sgd(), loss="mse"), data(), 8, 5
        yield f"rnn_{name}_rules", small(layer(4, **rules)), dict(optimizer=sgd(), loss="mse"), data(), 8, 5
        for side in ("post", "pre"):
            yield f"rnn_{name}_{side}", words(layer(4, return_sequences=True), layer(3)), dict(
                optimizer=adam(), loss="sparse_categorical_crossentropy"), {"x": ids(28, 6, 9, side), "y": classes(28, 3)}, 7, 5
        yield f"rnn_{name}_both", words(l.Bidirectional(layer(3, return_sequences=True)), l.Bidirectional(layer(2), merge_mode="sum")), dict(
            optimizer=adam(), loss="sparse_categorical_crossentropy"), {"x": ids(28, 6, 9, "post"), "y": classes(28, 3)}, 7, 5
        yield f"rnn_{name}_states", encoder_decoder(layer), dict(optimizer=sgd(), loss={"yes": "binary_crossentropy", "value": "mse"}), {
            "a": rows(21, 4, 3), "b": rows(21, 5, 2), "yes": classes(21, 2).reshape(-1, 1), "value": rows(21, 2)}, 7, 7
    yield "rnn_gru_before", small(l.GRU(4, reset_after=False)), dict(optimizer=sgd(), loss="mse"), {"x": rows(30, 5, 3), "y": rows(30, 2)}, 8, 5
    yield "rnn_lstm_hard", small(l.LSTM(4, recurrent_activation="hard_sigmoid", use_bias=False)), dict(optimizer=sgd(), loss="mse"), {
        "x": rows(30, 5, 3), "y": rows(30, 2)}, 8, 5
    yield "rnn_cells", small(l.RNN([l.LSTMCell(3), l.GRUCell(4), l.SimpleRNNCell(2)])), dict(optimizer=adam(), loss="mse"), {
        "x": rows(30, 5, 3), "y": rows(30, 2)}, 8, 5
    yield "rnn_modes", words(l.Bidirectional(l.LSTM(3, return_sequences=True), merge_mode="mul"), l.Bidirectional(
        l.GRU(3, return_sequences=True), merge_mode="ave"), l.RNN(l.SimpleRNNCell(3), return_sequences=True, zero_output_for_mask=True), l.Flatten()), dict(
        optimizer=adam(), loss="sparse_categorical_crossentropy"), {"x": ids(28, 6, 9, "pre"), "y": classes(28, 3)}, 7, 5


if __name__ == "__main__":
    keep(cases(), "recurrent.json")
