#!/usr/bin/env python3
"""The workloads in JAX, each step one compiled function, measured and reported as folio_benchmark does."""
import os

import peer

arguments = peer.read_arguments("jax_benchmark.py")
peer.limit_threads(arguments.threads)
os.environ["JAX_PLATFORMS"] = "cpu"

import functools  # noqa: E402

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy  # noqa: E402

SHAPES = {
    "W1": [(784, 512), (512, 256), (256, 10)],
    "W2": [(5, 5, 1, 6), (5, 5, 6, 16), (400, 120), (120, 84), (84, 10)],
    "W3": [(3, 3, 3, 32), (6, 6, 3, 32), ((15 * 15 + 13 * 13) * 32, 100), (100, 10)],
    "W12": [(784, 128), (128, 32), (32, 128), (128, 784)],
}


def make_weights(random):
    weights = []
    for shape in SHAPES[arguments.workload]:
        window = int(numpy.prod(shape[:-2]))
        limit = (6 / (window * (shape[-2] + shape[-1]))) ** 0.5
        weights.append((jnp.asarray(random.uniform(-limit, limit, shape), jnp.float32), jnp.zeros(shape[-1])))
    return weights


def dense(x, weight):
    return x @ weight[0] + weight[1]


def convolve(x, weight, padding="VALID"):
    return jax.lax.conv_general_dilated(x, weight[0], (1, 1), padding,
                                        dimension_numbers=("NHWC", "HWIO", "NHWC")) + weight[1]


def pool(x, start, combine):
    return jax.lax.reduce_window(x, start, combine, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def average_pool(x):
    return pool(x, 0.0, jax.lax.add) / 4


def flatten(x):
    return x.reshape(x.shape[0], -1)


def lenet(weights, x):
    h = average_pool(jnp.tanh(convolve(x, weights[0], "SAME")))
    h = flatten(average_pool(jnp.tanh(convolve(h, weights[1]))))
    return dense(jnp.tanh(dense(jnp.tanh(dense(h, weights[2])), weights[3])), weights[4])


def two_branches(weights, x, key):
    def branch(weight, key):
        h = jax.nn.relu(convolve(x, weight))
        if key is not None:
            h = jnp.where(jax.random.bernoulli(key, 0.8, h.shape), h / 0.8, 0)
        return flatten(pool(h, -jnp.inf, jax.lax.max))
    keys = (None, None) if key is None else jax.random.split(key)
    both = jnp.concatenate([branch(weights[0], keys[0]), branch(weights[1], keys[1])], 1)
    return dense(jax.nn.relu(dense(both, weights[2])), weights[3])


def forward(weights, x, key=None):
    if arguments.workload == "W2":
        return lenet(weights, x)
    if arguments.workload == "W3":
        return two_branches(weights, x, key)
    for weight in weights[:-1]:
        x = jax.nn.relu(dense(x, weight))
    x = dense(x, weights[-1])
    return jax.nn.sigmoid(x) if arguments.workload == "W12" else x


def loss_of(weights, x, labels, key):
    result = forward(weights, x, key)
    if arguments.workload == "W12":
        return jnp.mean((result - x) ** 2)
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(result), labels[:, None], 1))


@functools.partial(jax.jit, donate_argnums=0)
def train_step(state, x, labels):
    weights, means, spreads, step, key = state
    key, used = jax.random.split(key)
    loss, slopes = jax.value_and_grad(loss_of)(weights, x, labels, used)
    tree = jax.tree_util.tree_map
    step = step + 1
    if arguments.workload == "W2":  # momentum
        means = tree(lambda m, g: 0.9 * m - 0.01 * g, means, slopes)
        weights = tree(lambda w, m: w + m, weights, means)
    else:  # Adam
        rate = 1e-3 * jnp.sqrt(1 - 0.999 ** step) / (1 - 0.9 ** step)
        means = tree(lambda m, g: m + (g - m) * 0.1, means, slopes)
        spreads = tree(lambda v, g: v + (g * g - v) * 0.001, spreads, slopes)
        weights = tree(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-7), weights, means, spreads)
    return (weights, means, spreads, step, key), loss


def main():
    random = numpy.random.default_rng(1)
    train, batch = arguments.mode == "train", arguments.batch
    sample = {"W2": (28, 28, 1), "W3": (32, 32, 3)}.get(arguments.workload, (784,))
    x = jnp.asarray(random.random((batch, *sample)), jnp.float32)
    labels = jnp.asarray(random.integers(0, 10, batch))
    weights = make_weights(random)
    zeros = [jax.tree_util.tree_map(jnp.zeros_like, weights) for _ in range(2)]
    state, losses = (weights, *zeros, jnp.float32(0), jax.random.key(1)), []
    infer_step = jax.jit(forward)

    def train_steps(count):
        nonlocal state
        for _ in range(count):
            state, loss = train_step(state, x, labels)
        losses[1:] = [float(loss)]

    def infer_steps(count):
        for _ in range(count):
            result = infer_step(weights, x)
        result.block_until_ready()

    steps = train_steps if train else infer_steps
    steps(1)
    measured = peer.measure(steps, arguments.seconds)
    trained = {"first_loss": losses[0], "last_loss": losses[-1]} if train else {}
    peer.report(arguments, "JAX " + jax.__version__, measured, **trained)


main()
