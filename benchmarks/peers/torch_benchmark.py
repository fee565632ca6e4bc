#!/usr/bin/env python3
"""The workloads in PyTorch, measured and reported as folio_benchmark does."""
import peer

arguments = peer.read_arguments("torch_benchmark.py", ["nchw", "channels-last"])
peer.limit_threads(arguments.threads)

import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402


class TwoBranches(nn.Module):
    def __init__(self):
        super().__init__()
        self.small, self.large = nn.Conv2d(3, 32, 3), nn.Conv2d(3, 32, 6)
        self.dense1, self.dense2 = nn.Linear((15 * 15 + 13 * 13) * 32, 100), nn.Linear(100, 10)

    def branch(self, convolution, x):
        h = functional.dropout(functional.relu(convolution(x)), 0.2, self.training)
        return functional.max_pool2d(h, 2).flatten(1)

    def forward(self, x):
        both = torch.cat([self.branch(self.small, x), self.branch(self.large, x)], 1)
        return self.dense2(functional.relu(self.dense1(both)))


def make_network(name):
    if name == "W1":
        return nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 10))
    if name == "W2":
        return nn.Sequential(nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2),
                             nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten(),
                             nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10))
    if name == "W3":
        return TwoBranches()
    return nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 32), nn.ReLU(),
                         nn.Linear(32, 128), nn.ReLU(), nn.Linear(128, 784), nn.Sigmoid())


def main():
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    train, name, batch = arguments.mode == "train", arguments.workload, arguments.batch
    network = make_network(name).train(train)
    samples = {"W2": (1, 28, 28), "W3": (3, 32, 32)}.get(name, (784,))
    x, labels = torch.rand(batch, *samples), torch.randint(10, (batch,))
    if arguments.layout == "channels-last" and x.dim() == 4:
        x = x.contiguous(memory_format=torch.channels_last)
        network = network.to(memory_format=torch.channels_last)
    # "fused" updates each weight in one pass: the fastest that PyTorch has.
    if name == "W2":
        optimizer = torch.optim.SGD(network.parameters(), 0.01, momentum=0.9, fused=True)
    else:
        optimizer = torch.optim.Adam(network.parameters(), 1e-3, fused=True)
    losses = []

    def train_steps(count):
        for _ in range(count):
            optimizer.zero_grad(set_to_none=True)
            result = network(x)
            loss = functional.mse_loss(result, x) if name == "W12" else functional.cross_entropy(result, labels)
            loss.backward()
            optimizer.step()
        losses[1:] = [loss.item()]

    def infer_steps(count):
        with torch.inference_mode():
            for _ in range(count):
                network(x)

    steps = train_steps if train else infer_steps
    steps(1)
    measured = peer.measure(steps, arguments.seconds)
    trained = {"first_loss": losses[0], "last_loss": losses[-1]} if train else {}
    peer.report(arguments, "PyTorch " + torch.__version__, measured, layout=arguments.layout, **trained)


main()
