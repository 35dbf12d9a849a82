"""An array that a branch or loop may have made a view of an argument: written to, or refused."""

from __future__ import annotations

import numpy as np
import pytest

import graphc


# fmt: off
def by_number_a(x,v):
    w=v*.5
    if x>0: w=v[::-1]
    w[1:3]=7
    return v


def by_number_b(x,v):
    w=v*.5
    c=0
    while c<x:
        c+=1
        w=v[::-1]
    w[1:3]=7
    return v


def by_number_c(x,v):
    w=v*.5
    c=0
    while c<x:
        c+=1
        if c>1: w=v[::-1]
        else: x=x
    w[1:3]=7
    return v


def by_number_d(x,v):
    w=v*.5
    c=0
    while c<4:
        c+=1
        if c>x:
            if x>0: x=x
            elif x<-1: x=x-1
            else: w=v[::-1]
            break
        else: w[0]+=1
    if x<-5: x=1
    else: w[1:3]=7
    return v


def by_number_e(x,v):
    w=v*.5
    for i in range(3):
        if x>i:
            w=v[::-1]
            break
    if x>5: x=1
    else: w[1:3]=7
    return v


def by_number_f(x,v):
    w=v*.5
    if x>0:
        if x>1: w[0]=3
        else: w=v[::-1]
    w[1:3]=7
    return v


def by_number_g(x,v):
    w=v*.5
    if x>0:
        w=v[::-1]
    if x>-5:
        w[1:3]=7
    return v


def by_parity_a(x,n,v):
    w=v*.5
    c0=0
    while c0<4 and 1 in (0,1):
        c0+=1
        if n%2==0:
            if n in (0,1): x=x*2
            else: w=v[::-1]
            break
        else:
            w[0]+=x
    else:
        w=w*.1
    w[1:3]=7
    return v


def by_parity_b(x,n,v):
    w=v*.5
    c0=0
    while c0<4:
        c0+=1
        if n%2==0:
            w=v[::-1]
            break
        else:
            w[0]+=x
    w[1:3]=7
    return v


def by_parity_c(x,n,v):
    w=v*.5
    if n%2==0:
        w=v[::-1]
    else:
        w[0]+=x
    w[1:3]=7
    return v


def by_parity_d(x,n,v):
    w=v*.5
    if n%2==0:
        w=v[::-1]
    if x>5:
        w=w*2
        return x
    if x>2: x=1
    elif x>1:
        v,w=w,v
    else:
        w[1:3]=7
    return v


def by_parity_e(x,n,v):
    w=v*.5
    for c0 in range(4):
        if n%2==0:
            w=v[::-1]
            break
    else:
        w=w*.1
        if x>3: return w
    w[1:3]=7
    return v


def by_parity_f(x,n,v):
    w=v*.5
    c0=0
    while c0<4:
        c0+=1
        if n%2==0:
            w=v[::-1]
            break
        elif x>n:
            x=x-1
        else:
            w[n%4]+=x
    else:
        w=w*.1
        return w
    w[1:3]=7
    return v


def by_parity_h(x,n,v):
    w=v[::-1]
    if x>0: w=w*2.
    w[0]=9
    return v


def by_parity_i(x,n,v):
    w=v[::-1]
    if x>0: w=w*2.
    if x>n: w=w*3.
    w[0]=9
    return v


def by_parity_j(x,n,v):
    w=v
    if x>0: w=w*2.
    if x>n: w=w*3.
    w[0]=9
    return v



def first_write_is_seen(x, n, v):
    u = np.zeros(4)
    c = u
    i = 0
    while i < n:
        u[0] += 1
        u = u * 2
        i += 1
    v[:] = c


def swapped_and_kept(x, n, v):
    u = np.zeros(4)
    w = np.ones(4)
    keep = [u, w]
    i = 0
    while i < n:
        w[0] = u[1] + x
        u, w = w, u
        i += 1
    v[:] = keep[0] + 2 * keep[1]


def swapped_buffers(x, n, v):
    u = np.zeros(4)
    w = np.ones(4)
    i = 0
    while i < n:
        w[0] = u[1] + x
        u, w = w, u
        i += 1
    v[:] = u + 2 * w


# fmt: on
BY_NUMBER = (
    by_number_a,
    by_number_b,
    by_number_c,
    by_number_d,
    by_number_e,
    by_number_f,
    by_number_g,
)
BY_PARITY = (
    first_write_is_seen,
    swapped_and_kept,
    swapped_buffers,
    by_parity_a,
    by_parity_b,
    by_parity_c,
    by_parity_d,
    by_parity_e,
    by_parity_f,
    by_parity_h,
    by_parity_i,
    by_parity_j,
)
CASES = [(f, (x,)) for f in BY_NUMBER for x in (2.0, 0.5, -0.5, -3.0)]
CASES += [(f, args) for f in BY_PARITY for args in ((0.7, -2), (0.5, 1), (-0.5, 3), (-3.0, -4))]


@pytest.mark.parametrize(("f", "args"), CASES, ids=lambda x: getattr(x, "__name__", str(x)))
def test_reaches_the_argument_or_is_refused(f, args):
    wanted, found = np.arange(4.0), np.arange(4.0)
    f(*args, wanted)
    try:
        graphc.function(f)(*args, found)
    except graphc.GraphcError as error:
        refusals = ("another name may share", "changed in place and then bound to another array")
        assert any(text in str(error) for text in refusals)
        np.testing.assert_array_equal(found, np.arange(4.0))
    else:
        np.testing.assert_array_equal(found, wanted)


def test_two_buffers_of_one_name_each_are_staged():
    wanted, found = np.arange(4.0), np.arange(4.0)
    swapped_buffers(0.5, 3, wanted)
    f = graphc.function(swapped_buffers)
    f(0.5, 3, found)
    np.testing.assert_array_equal(found, wanted)
    assert " loop " in str(f.trace(0.5, 3, found).graph)
