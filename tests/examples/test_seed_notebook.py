"""The notebook's cells print the notebook's values, with `tf` standing for graphc."""

import re

import pytest

import graphc
from tests.examples.test_examples import run

# What the notebook shows under its cells (2.1.0 was its library's version), and for its two
# snippets in prose the values that its prose gives.
CELLS = """\
<tf.Tensor: shape=(4, 1), dtype=float32, numpy=
array([[0.],
       [1.],
       [2.],
       [3.]], dtype=float32)>

<tf.Tensor: shape=(1, 1), dtype=float32, numpy=array([[28.]], dtype=float32)>

<tf.Tensor: shape=(4, 1), dtype=float32, numpy=
array([[ 0.],
       [ 4.],
       [ 8.],
       [12.]], dtype=float32)>

[3.0, 1.0]

[1.0, 1.0]

(<tf.Tensor: shape=(4, 1), dtype=float32, numpy=
 array([[  0.],
        [  4.],
        [ 32.],
        [108.]], dtype=float32)>,
 <tf.Tensor: shape=(4, 1), dtype=float32, numpy=
 array([[ 0.],
        [ 2.],
        [ 8.],
        [18.]], dtype=float32)>)

"""

LOOP = """\
1.95203697681427
[[1.952037]]

3.90407395362854
[[3.904074]]

7.80814790725708
[[7.808148]]

15.61629581451416
[[15.616296]]

31.23259162902832
[[31.232592]]

62.46518325805664
[[62.465183]]

124.93036651611328
[[124.93037]]

249.86073303222656
[[249.86073]]

499.7214660644531
[[499.72147]]

999.4429321289062
[[999.44293]]

1998.8858642578125
[[1998.8859]]

(<tf.Tensor: shape=(1, 1), dtype=float32, numpy=array([[0.48800924]], dtype=float32)>,
 <tf.Tensor: shape=(1, 1), dtype=float32, numpy=array([[1998.8859]], dtype=float32)>)

(<tf.Tensor: shape=(1, 1), dtype=float32, numpy=array([[4096.]], dtype=float32)>,
 <tf.Tensor: shape=(1, 1), dtype=float32, numpy=array([[4096.]], dtype=float32)>,
 <tf.Tensor: shape=(1, 1), dtype=bool, numpy=array([[ True]])>)

"""


@pytest.fixture(scope="module")
def printed():
    return run("seed_notebook.py").replace("graphc.Tensor", "tf.Tensor")


def test_cells_print_what_the_notebook_shows(printed):
    assert printed.startswith(f"{graphc.__version__}\n\n{CELLS}")


def test_control_flow_prints_what_the_notebook_shows_plain_and_as_a_graph(printed):
    rest = printed.removeprefix(f"{graphc.__version__}\n\n{CELLS}")
    assert rest.startswith(LOOP + LOOP)


def test_a_random_draw_gives_the_same_plain_and_as_a_graph(printed):
    rest = printed.removeprefix(f"{graphc.__version__}\n\n{CELLS}{LOOP}{LOOP}")
    assert rest[: len(rest) // 2] == rest[len(rest) // 2 :]
    c = float(re.findall(r"numpy=array\(\[\[(.*?)\]", rest)[1])
    if c > 0:  # 100 * b is rounded, so there c / a may miss 100 * 2**n by one unit
        assert "[[ True]]" in rest


@pytest.mark.parametrize("decorate", [lambda f: f, graphc.function], ids=["plain", "graph"])
def test_gradient_is_c_over_a_exactly(decorate):
    def f(a):
        b = a * 2
        while graphc.norm(b) < 1000:
            b = b * 2
        if graphc.reduce_sum(b) > 0:
            c = b
        else:
            c = 100 * b
        return c

    f = decorate(f)
    for _ in range(50):
        a = graphc.random.normal(shape=(1, 1), dtype=graphc.float32)
        with graphc.GradientTape(persistent=True) as t:
            t.watch(a)
            c = f(a)
        gradient = t.gradient(c, a).numpy()
        assert gradient.dtype == "float32"
        quotient = (c / a).numpy()
        if a.numpy() > 0:
            assert (gradient == quotient).all()
        else:
            assert gradient % 100 == 0
            assert abs(gradient / quotient - 1) < 2e-7
