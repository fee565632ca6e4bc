"""The same as make_trajectories.py for ConvLSTM, written down in conv_lstm.json: 20 steps each."""
import keras
from keras import layers as l

from make_trajectories import keep, rows


def small(shape, *between):
    return keras.Sequential([l.Input(shape), *between, l.Flatten(), l.Dense(2)])


def cases():
    sgd, adam = (lambda: keras.optimizers.SGD(0.1)), (lambda: keras.optimizers.Adam(0.01))
    yield "conv_lstm_pictures", small((3, 4, 3, 2), l.ConvLSTM2D(3, (2, 3), padding="same", return_sequences=True), l.ConvLSTM2D(2, 2, go_backwards=True)), dict(
        optimizer=adam(), loss="mse"), {"x": rows(32, 3, 4, 3, 2), "y": rows(32, 2)}, 8, 5
    yield "conv_lstm_rules", small((3, 4, 3, 2), l.ConvLSTM2D(
        2, 2, strides=2, kernel_regularizer="l2", recurrent_regularizer="l1", bias_regularizer="l2", recurrent_constraint="max_norm",
        bias_constraint="non_neg", activation="relu", recurrent_activation="hard_sigmoid")), dict(optimizer=sgd(), loss="mse"), {
        "x": rows(32, 3, 4, 3, 2), "y": rows(32, 2)}, 8, 5
    yield "conv_lstm_rows", small((3, 6, 2), l.ConvLSTM1D(3, 3, dilation_rate=2, return_sequences=True)), dict(optimizer=sgd(), loss="mse"), {
        "x": rows(32, 3, 6, 2), "y": rows(32, 2)}, 8, 5


if __name__ == "__main__":
    keep(cases(), "conv_lstm.json")
