"""The notebook that graphc grew from, cell by cell, with one line changed: its first import.

Run it and compare: it prints the notebook's values. `display` stands for a notebook's habit of
showing a cell's last line.
"""

import graphc as tf


def display(value):
    """Print a value as a notebook shows it: a tuple one part a line."""
    if isinstance(value, tuple):
        parts = [repr(part).replace("\n", "\n ") for part in value]
        print("(" + ",\n ".join(parts) + ")\n")
    else:
        print(repr(value) + "\n")


# %% In [1]
print(tf.__version__, end="\n\n")

# %% In [2]: a simple example
x = tf.reshape(tf.Variable(range(4), dtype=tf.float32), shape=(4, 1))
display(x)

# %% In [3]: y = 2 xᵀx
with tf.GradientTape() as t:
    t.watch(x)
    y = 2 * tf.matmul(tf.transpose(x), x)
display(y)

# %% In [4]: its gradient, 4x
dy_dx = t.gradient(y, x)
display(dy_dx)

# %% stop_gradients: the text's two snippets, in the graph they speak of
with tf.Graph() as graph:
    a = tf.constant(0.0)
    b = 2 * a
    c = a + b
    g = tf.gradients(c, [a, b])
print([float(value) for value in graph.run(g)], end="\n\n")

with tf.Graph() as graph:
    a = tf.constant(0.0)
    b = 2 * a
    g = tf.gradients(a + b, [a, b], stop_gradients=[a, b])
print([float(value) for value in graph.run(g)], end="\n\n")

# %% In [5]: a persistent tape
with tf.GradientTape(persistent=True) as g:
    g.watch(x)
    y = x * x
    z = y * y
    dz_dx = g.gradient(z, x)  # z = x⁴; z' = 4x³; x = [0,1,2,3]; z' = [0,4,32,108]
    dz_dy = g.gradient(z, y)  # z = y²; z' = 2y; y = x² = [0,1,4,9]; z' = [0,2,8,18]
display((dz_dx, dz_dy))


# %% In [6]: control flow
def f(a):
    b = a * 2
    while tf.norm(b) < 1000:
        b = b * 2
        print("{}\n{}\n".format(tf.norm(b), b))
    if tf.reduce_sum(b) > 0:
        c = b
    else:
        c = 100 * b
    return c


# %% In [7] and In [8]: called plainly
def differentiate(f, a):
    with tf.GradientTape(persistent=True) as t:
        t.watch(a)
        c = f(a)
    display((a, c))
    display((t.gradient(c, a), c / a, t.gradient(c, a) == c / a))


# The number that the notebook drew, then a draw of our own; each as Python and as a graph.
drawn_then = tf.constant([[0.48800924]], dtype=tf.float32)
drawn_now = tf.random.normal(shape=(1, 1), dtype=tf.float32)
for a in (drawn_then, drawn_now):
    differentiate(f, a)
    differentiate(tf.function(f), a)
