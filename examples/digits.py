"""A two-layer net learns handwritten digits, written twice.

1. As a `graphc.Module`: a tape records each step and differentiates it with respect to the
   model's trainable variables.
2. As a pure function over a dict of arrays: the training loop itself is in the graph, and so are
   the gradients it takes at each step; one call trains one epoch.

The data are the 1797 digits of 8 by 8 pixels that scikit-learn carries. Needs `graphc[demo]`.
"""

import argparse
import time

import numpy as np
from sklearn.datasets import load_digits
from tqdm import tqdm

import graphc

BATCH = 32
HIDDEN = 64
RATE = 0.2


def main():
    options = argparse.ArgumentParser(description="Train a digit classifier, twice.")
    options.add_argument("--epochs", type=int, default=15)
    epochs = options.parse_args().epochs
    train, test = load()
    for title, fit in (
        ("graphc.Module, trained on a tape", fit_module),
        ("a dict of arrays, trained inside the graph", fit_dict),
    ):
        start = time.perf_counter()
        reached = fit(train, test, epochs)
        seconds = time.perf_counter() - start
        print(f"{title}: test accuracy {reached:.4f} after {epochs} epochs, {seconds:.1f} s")


def load():
    """(images, one-hot labels) of the training and of the test digits."""
    digits = load_digits()
    images = digits.data / 16.0
    labels = np.eye(10)[digits.target]
    order = np.random.default_rng(0).permutation(len(images))
    train, test = order[:1440], order[1440:]
    return (images[train], labels[train]), (images[test], labels[test])


def initial():
    """The net's first weights."""
    rng = np.random.default_rng(1)
    return {
        "w1": rng.normal(size=(64, HIDDEN)) / np.sqrt(64),
        "b1": np.zeros(HIDDEN),
        "w2": rng.normal(size=(HIDDEN, 10)) / np.sqrt(HIDDEN),
        "b2": np.zeros(10),
    }


def batches(count, epoch):
    """Row numbers in a new order each epoch, one row of them a mini-batch."""
    order = np.random.default_rng(epoch).permutation(count)
    return order[: count - count % BATCH].reshape(-1, BATCH)


def cross_entropy(logits, labels):
    """The mean of -log softmax(logits) at the labels."""
    return np.mean(graphc.logsumexp(logits, axis=1) - np.sum(logits * labels, axis=1))


def accuracy(logits, labels):
    return np.mean(np.argmax(np.asarray(logits), axis=1) == np.argmax(labels, axis=1))


# -- 1. a Module on a tape ------------------------------------------------------------------------


class Dense(graphc.Module):
    def __init__(self, weight, bias):
        self.weight = graphc.Variable(weight)
        self.bias = graphc.Variable(bias)

    def __call__(self, x):
        return x @ self.weight + self.bias


class Net(graphc.Module):
    def __init__(self, weights):
        self.layers = [Dense(weights["w1"], weights["b1"]), Dense(weights["w2"], weights["b2"])]

    def __call__(self, x):
        return self.layers[1](np.tanh(self.layers[0](x)))


def fit_module(train, test, epochs):
    model = Net(initial())
    images, labels = train
    progress = tqdm(range(epochs), desc="tape ", unit="epoch")
    for epoch in progress:
        total = 0.0
        steps = batches(len(images), epoch)
        for rows in steps:
            with graphc.GradientTape() as tape:
                predictions = model(images[rows])
                loss = cross_entropy(predictions, labels[rows])
            gradients = tape.gradient(loss, model.trainable_variables)
            for variable, gradient in zip(model.trainable_variables, gradients, strict=True):
                variable.assign_sub(RATE * gradient)
            total += float(loss)
        reached = accuracy(model(test[0]), test[1])
        progress.set_postfix(loss=f"{total / len(steps):.4f}", accuracy=f"{reached:.4f}")
    return reached


# -- 2. a dict of arrays in one graph -------------------------------------------------------------


def predict(net, x):
    return np.tanh(x @ net["w1"] + net["b1"]) @ net["w2"] + net["b2"]


@graphc.function
def train_epoch(net, images, labels, steps, rate):
    """Gradient descent over the mini-batches `steps`; returns the new weights and the mean loss."""
    total = 0.0
    for rows in steps:
        loss = cross_entropy(predict(net, images[rows]), labels[rows])
        gradients = graphc.gradients(loss, list(net.values()))
        net = {name: w - rate * g for (name, w), g in zip(net.items(), gradients)}
        total = total + loss
    return net, total / len(steps)


def fit_dict(train, test, epochs):
    net = initial()
    images, labels = train
    progress = tqdm(range(epochs), desc="graph", unit="epoch")
    for epoch in progress:
        net, loss = train_epoch(net, images, labels, batches(len(images), epoch), RATE)
        reached = accuracy(predict(net, test[0]), test[1])
        progress.set_postfix(loss=f"{float(loss):.4f}", accuracy=f"{reached:.4f}")
    return reached


if __name__ == "__main__":
    main()
