"""Writes attention.json: see keras_cases.py."""
import numpy as np
from keras import layers as l
from keras import tree

from keras_cases import cases, numbers, packed, plain, write

# Rows: everything counts; padded behind; in front; in the middle; nothing counts.
QUERIES = [[1, 1, 1, 1], [1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 0, 0, 0]]
KEYS = [[1, 1, 1], [1, 1, 0], [0, 1, 1], [1, 0, 1], [0, 0, 0]]
ALLOWED = (np.random.default_rng(4).uniform(size=(5, 4, 3)) < 0.6).astype("float32")
Q, V, K, W = (5, 4, 6), (5, 3, 6), (5, 3, 6), (5, 3, 2)


def simple(config):
    """A seed came after Keras 3.0, and is not written where there is none."""
    config = plain(config)
    if config.get("seed", 0) is None:
        del config["seed"]
    return config


def case(layer, *shapes, masks=None, allowed=None, **flags):
    """`masks`: those of the inputs, None for none."""
    x = [numbers(shape) for shape in shapes]
    together = isinstance(layer, (l.Attention, l.AdditiveAttention))
    named = dict(flags)
    if together:
        layer.build([v.shape for v in x])
        if masks:
            named["mask"] = [None if m is None else np.asarray(m, bool) for m in masks]
        call = lambda: layer(x, **named)
    elif len(x) == 1:
        call = lambda: layer(x[0])
    else:
        names = ("query_mask", "value_mask", "key_mask")
        given = {name: np.asarray(m, bool) for name, m in zip(names, masks or []) if m is not None}
        if allowed is not None:
            given["attention_mask"] = np.asarray(allowed, bool)
        call = lambda: layer(*masked(x, masks), **{k: v for k, v in given.items() if k == "attention_mask"}, **named)
    call()
    weights = [numbers(weight.shape, -1.0, 1.0) for weight in layer.weights]
    layer.set_weights(weights)
    y = tree.flatten(call())
    entry = {
        "class_name": layer.__class__.__name__.replace("Grouped", "Group"),  # as files call it
        "config": simple(layer.get_config()),
        "training": False,
        "inputs": [packed(v) for v in x],
        "weights": [packed(v) for v in weights],
        "output": packed(y[0]),
    }
    if masks:
        entry["masks"] = [None if m is None else packed(m) for m in masks]
    if allowed is not None:
        entry["attention_mask"] = packed(allowed)
    if flags:
        entry["flags"] = flags
    if len(y) > 1:
        entry["outputs"] = [packed(v) for v in y]
    cases.append(entry)


def masked(x, masks):
    """Tensors with masks, as layers before this one would give them."""
    from keras import ops
    from keras.src import backend

    result = []
    for i, v in enumerate(x):
        tensor = ops.convert_to_tensor(v)
        if masks and i < len(masks) and masks[i] is not None:
            backend.set_keras_mask(tensor, ops.convert_to_tensor(np.asarray(masks[i], bool)))
        result.append(tensor)
    return result


WAYS = [{}, dict(use_causal_mask=True), dict(return_attention_scores=True),
        dict(use_causal_mask=True, return_attention_scores=True)]
MASKS = [None, (QUERIES, None), (None, KEYS), (QUERIES, KEYS)]

for way in WAYS:
    for masks in MASKS:
        for layer in [l.Attention(), l.Attention(use_scale=True), l.Attention(score_mode="concat"),
                      l.Attention(use_scale=True, score_mode="concat"), l.AdditiveAttention(),
                      l.AdditiveAttention(use_scale=False)]:
            case(layer, Q, V, masks=masks, **way)
        case(l.Attention(), Q, W, K, masks=masks and (*masks, None), **way)
        case(l.AdditiveAttention(), Q, W, K, masks=masks and (*masks, None), **way)
        for allowed in [None, ALLOWED]:
            case(l.MultiHeadAttention(2, 3), Q, V, masks=masks, allowed=allowed, **way)
            case(l.MultiHeadAttention(2, 3, dropout=0.4), Q, V, masks=masks, allowed=allowed, **way)
            case(l.GroupQueryAttention(3, 4, 2), Q, V, masks=masks, allowed=allowed, **way)
        # Without scores or dropout, Keras on JAX takes no width of its own for values.
        case(l.MultiHeadAttention(3, 2, value_dim=4, output_shape=5, use_bias=False, dropout=0.2), Q, W, K,
             masks=masks and (*masks, KEYS[::-1]), allowed=ALLOWED, **way)
        case(l.GroupQueryAttention(2, 3, 1, dropout=0.3, use_bias=False), Q, V, K, masks=masks and (*masks, KEYS[::-1]), **way)

case(l.MultiHeadAttention(2, 3, attention_axes=(2,)), (2, 3, 4, 5), (2, 3, 2, 5))
case(l.MultiHeadAttention(2, 3, attention_axes=(2,)), (2, 3, 4, 5), (2, 3, 2, 5), return_attention_scores=True)
case(l.MultiHeadAttention(2, 3, attention_axes=(1,)), (2, 4, 3, 5), (2, 2, 3, 5), return_attention_scores=True)
case(l.MultiHeadAttention(2, 3), (2, 4, 3, 5), (2, 2, 3, 5))
case(l.MultiHeadAttention(2, 3, attention_axes=(1, 2), output_shape=(2, 3)), (2, 2, 3, 5), (2, 3, 2, 5), return_attention_scores=True)
case(l.MultiHeadAttention(1, 1), (1, 1, 1), (1, 1, 1), return_attention_scores=True)
case(l.MultiHeadAttention(2, 3, seed=4, kernel_initializer="he_normal", bias_initializer="ones", kernel_regularizer="l2",
                          bias_regularizer="l1", activity_regularizer="l2", kernel_constraint="max_norm",
                          bias_constraint="non_neg"), Q, V)
case(l.GroupQueryAttention(2, 4, 4, seed=4, kernel_initializer="he_normal", kernel_regularizer="l2", bias_constraint="non_neg"), Q, V)
# One mask for each head.
case(l.MultiHeadAttention(2, 3), Q, V, allowed=np.stack([ALLOWED, 1 - ALLOWED], axis=1))

case(l.EinsumDense("ab,bc->ac", output_shape=3), (2, 4))
case(l.EinsumDense("abc,cd->abd", output_shape=(None, 3), bias_axes="d", activation="relu"), (2, 3, 4))
case(l.EinsumDense("abc,cde->abde", output_shape=(None, 2, 3), bias_axes="de"), (2, 3, 4))
case(l.EinsumDense("abcd,cde->abe", output_shape=(None, 5), bias_axes="e"), (2, 3, 4, 2))
case(l.EinsumDense("...x,xy->...y", output_shape=4, bias_axes="y"), (2, 3, 2, 5))
case(l.EinsumDense("...x,xy->...y", output_shape=4, bias_axes="y"), (2, 5))
case(l.EinsumDense("ab...,bc->ac...", output_shape=4, bias_axes="c"), (2, 5, 3, 2))
case(l.EinsumDense("abc,bd->adc", output_shape=(6, None), bias_axes="d"), (2, 3, 4))
case(l.EinsumDense("abcd,cde->abce", output_shape=(None, 3, 2), bias_axes="e"), (2, 4, 3, 5))
case(l.EinsumDense("abc,cd->adb", output_shape=(3, None), kernel_regularizer="l2", bias_constraint="non_neg", activity_regularizer="l1"),
     (3, 3, 4))

write("attention")
