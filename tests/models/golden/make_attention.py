"""The same as make_trajectories.py for layers of attention, written down in attention.json."""
import keras
import numpy as np
from keras import layers as l

from make_recurrent import ids
from make_trajectories import classes, keep, rows


def words(make):
    """Masks of an embedding, as in a classifier of texts."""
    x = l.Input((6,), dtype="int32", name="x")
    e = l.Embedding(9, 4, mask_zero=True)(x)
    y = l.Flatten()(make(e))
    return keras.Model(x, l.Dense(3, activation="softmax", name="y")(y))


def block(x, **options):
    """A block of a Transformer's encoder."""
    y = l.LayerNormalization()(x + l.MultiHeadAttention(2, 3, **options)(x, x))
    return l.LayerNormalization()(y + l.Dense(4)(l.Dense(7, activation="gelu")(y)))


def pair(make):
    """Keys and queries of different lengths and widths."""
    a, b = l.Input((4, 3), name="a"), l.Input((6, 3), name="b")
    y = make(a, b)
    return keras.Model([a, b], l.Dense(2, name="y")(l.Flatten()(y)))


def cases():
    sgd, adam = (lambda: keras.optimizers.SGD(0.1)), (lambda: keras.optimizers.Adam(0.01))
    text = lambda: {"x": ids(28, 6, 9, "post"), "y": classes(28, 3)}
    both = lambda: {"a": rows(28, 4, 3), "b": rows(28, 6, 3), "y": rows(28, 2)}
    label = dict(loss="sparse_categorical_crossentropy")
    yield "att_dot", words(lambda e: l.Attention(use_scale=True)([e, e])), dict(optimizer=sgd(), **label), text(), 7, 5
    yield "att_concat", words(lambda e: l.Attention(score_mode="concat")([e, e])), dict(optimizer=sgd(), **label), text(), 7, 5
    yield "att_additive", words(lambda e: l.AdditiveAttention()([e, e])), dict(optimizer=adam(), **label), text(), 7, 5
    yield "att_heads", words(lambda e: l.MultiHeadAttention(2, 3)(e, e)), dict(optimizer=sgd(), **label), text(), 7, 5
    yield "att_causal", words(lambda e: l.MultiHeadAttention(2, 3, use_bias=False)(e, e, use_causal_mask=True)), dict(
        optimizer=adam(), **label), text(), 7, 5
    yield "att_groups", words(lambda e: l.GroupQueryAttention(3, 4, 2, use_bias=False)(e, e)), dict(optimizer=adam(), **label), text(), 7, 5
    yield "att_block", words(block), dict(optimizer=sgd(), **label), text(), 7, 5
    yield "att_cross", pair(lambda a, b: l.MultiHeadAttention(2, 3, output_shape=4)(a, b)), dict(optimizer=sgd(), loss="mse"), both(), 7, 5
    yield "att_scores", pair(lambda a, b: l.Concatenate()([l.Flatten()(y) for y in (b, *l.MultiHeadAttention(2, 3, value_dim=5)(
        a, a, return_attention_scores=True))])), dict(optimizer=sgd(), loss="mse"), both(), 7, 5
    yield "att_rules", pair(lambda a, b: l.MultiHeadAttention(2, 3, kernel_regularizer="l2", bias_regularizer="l2", activity_regularizer="l2",
                                                              kernel_constraint="max_norm", bias_constraint="non_neg")(a, b)), dict(
        optimizer=sgd(), loss="mse"), both(), 7, 5
    yield "att_einsum", pair(lambda a, b: l.Concatenate()([l.Flatten()(b), l.Flatten()(
        l.EinsumDense("abc,cde->abde", (4, 2, 3), bias_axes="de", activation="tanh")(a))])), dict(
        optimizer=sgd(), loss="mse"), both(), 7, 5


keep(cases(), "attention.json")
