"""Loops over iterables, builtins, text, slices and attributes: decorated equals undecorated."""

# ruff: noqa: E402, E731, E741, F811, F821, F402, SIM
# fmt: off

from __future__ import annotations

import math
import numpy as np
import pytest

from tests.frontend.language import Cases, assert_refused, assert_same

CASES = Cases()
case, refuses = CASES.case, CASES.refuses


A=np.array


X=A([3.,1.,2.])


@case((X,))
def enum(xs):
    s=0.
    for i,x in enumerate(xs): s+=i*x
    return s,i,x


@case((X,))
def enum_start(xs):
    s=0.
    for i,x in enumerate(xs,10): s+=i*x
    return s,i


@case((X,3),(X,-2))
def enum_start2(xs,k):
    s=0.
    for i,x in enumerate(xs,start=k): s+=i*x
    return s,i


@case((X,A([1.,2.])),(X,A([])))
def zip_uneq(a,b):
    s=0.
    for x,y in zip(a,b): s+=x*y
    return s


@case((X,A([1.,2.])),(X,X))
def zip_strict(a,b):
    s=0.
    for x,y in zip(a,b,strict=True): s+=x*y
    return s


@case((X,[1,2,3]),(X,(1,2)))
def zip_list(a,b):
    s=0.
    for x,y in zip(a,b): s+=x*y
    return s


@case((X,3),(X,2),(X,0))
def zip_range(a,n):
    s=0.
    for x,y in zip(a,range(n)): s+=x*y
    return s


@case((X,3),(X,2))
def rev(a,n):
    s=''
    t=0.
    for x in reversed(a): t=t*10+x
    for i in reversed(range(n)): t=t*10+i
    return t


@case((X,))
def rev_enum(a):
    t=0.
    for i,x in reversed(list(enumerate(a))): t=t*10+x*i
    return t


@case((X,))
def rev_step(a):
    t=0.
    for x in a[::-1]: t=t*10+x
    return t


@case((X,X*2))
def enum_zip(a,b):
    t=0.
    for i,(x,y) in enumerate(zip(a,b)): t=t+i*x*y
    return t,i,x,y


@case((X,X*2))
def zip_enum(a,b):
    t=0.
    for (i,x),y in zip(enumerate(a),b): t=t+i*x*y
    return t


@refuses('an int is needed here while the graph is being built, but', (np.arange(6.).reshape(3,2),),(np.arange(9.).reshape(3,3),))
def unpack_rows(m):
    t=0.
    for a,b in m: t=t+a*b
    return t


@case((np.arange(9.).reshape(3,3),),)
def unpack_star(m):
    t=0.
    for a,*b in m: t=t+a*b[0]+b[1]
    return t, b


@case(([X,X*2],),)
def over_list(l):
    t=0.
    for x in l: t=t+x
    return t


@case(({'a':X,'b':2*X},),)
def over_dict(d):
    t=0.; ks=[]
    for k in d: t=t+d[k]; ks.append(k)
    for k,v in d.items(): t=t+v*len(k)
    for v in d.values(): t=t+v
    for i,(k,v) in enumerate(d.items()): t=t+i*v
    return t,ks,list(d.keys()),list(d.values())


@case(([(X,1.),(X,2.)],),)
def over_pairs(l):
    t=0.
    for x,(w) in l: t=t+x*w
    return t


@case((5,2),(5,9),(0,1))
def forelse(n,k):
    for i in range(n):
        if i==k: r=1; break
    else: r=2
    return r


@case((X,2.),(X,9.),(A([]),1.))
def forelse2(xs,k):
    for i,x in enumerate(xs):
        if x==k: break
    else:
        return -1
    return i


@case((5.,),(0.5,))
def whileelse(x):
    while x>1:
        x=x/2
        if x==1.25: break
    else: x=-x
    return x


@case((5,),(0,))
def nested_break(n):
    c=0
    for i in range(n):
        for j in range(i):
            if j*i>5: break
            if (i+j)%2: continue
            c+=i*j
        else: c+=100
        if c>300: return c
    return c,i


@case((5.,),)
def whiletrue(x):
    n=0
    while True:
        x=x/2; n+=1
        if x<0.1: break
    return x,n


@case((5.,),)
def while_static_then_tensor(x):
    k=0
    while k<3 and x>1: x=x/2; k+=1
    return x,k


@case((5.,[1,2,3]),)
def nested_static(x,l):
    for w in l:
        while x>w: x=x-0.7
        for j in range(w): x=x+j
    return x


@refuses('graphc cannot see inside contextlib.nullcontext.__init__:', (5,),(0,))
def with_ctx(n):
    import contextlib
    with contextlib.nullcontext(3) as q:
        for i in range(n):
            if i==2: return i+q
    return -1


@refuses('`try` cannot be converted: a graph does not know which', (5,),(0,))
def tryfin(n):
    s=0
    try:
        for i in range(n): s+=i
        return s
    finally:
        print('done')


@case((5,),(0,))
def mutate_iter(n):
    l=[1,2,3]
    for x in l:
        if len(l)<6: l.append(x*n)
    return l


@case((4,))
def range_mod(n):
    s=0
    for i in range(n):
        i=i*2; s+=i
        n=1
    return s,i,n


@case((1,10,3),(10,1,-3),(1,10,-1),(0,5,0))
def range3(a,b,c):
    s=0
    for i in range(a,b,c): s=s*10+i
    return s


@refuses("'float' object cannot be interpreted as an integer", (2.5,))
def range_float(a):
    s=0
    for i in range(a): s+=1
    return s


@case((A(3),),(np.int64(3),),(True,))
def range_np(a):
    s=0
    for i in range(a): s+=i
    return s, s/2


@case((5,))
def range_len(n):
    r=range(n); return len(r), r[1], list(r), sum(r), max(r)


@case((5,))
def range_in(n):
    return 3 in range(n), 7 in range(n)


@case((5,))
def list_range(n):
    return [i*i for i in range(n)], sum(i for i in range(n)), {i:i for i in range(n)}


@case((X,))
def lcomp(xs): return [x*2 for x in xs]


@case((X,))
def lcomp_if(xs): return [x*2 for x in xs if x>1.5]


@case((X,))
def sum_gen(xs): return sum(x*2 for x in xs if x>1.5), max(x for x in xs), any(x>2 for x in xs), all(x>0 for x in xs)


@case((X,))
def mixb(xs): return max(xs), min(xs), sum(xs), any(xs), all(xs), len(xs), sorted(xs), abs(xs), list(xs), tuple(xs)


@case((3,4.0),(4.,3),(3,3.0),(3.0,3),(True,1))
def mm(a,b): return max(a,b), min(a,b), max([a,b]), min((b,a)), max(a,b,3), sum([a,b]), sum((a,b),10), any([a,b]), all([a,0]), sorted([b,a]), sorted([a,b],reverse=True)


@case((3,-4.0),(-4.,3))
def mkey(a,b): return max(a,b,key=abs), min([a,b],key=lambda v:v*v), max([a,b],key=lambda v:-v), max([], default=a), sorted([a,b],key=lambda v:v*v)


@case((X,))
def mkey_arr(xs): return max(xs,key=lambda v:-v), min(xs,key=abs), sorted(xs,key=lambda v:-v), sorted(xs,reverse=True)


@refuses('max() can compare traced numbers, and tuples of them of one', (np.ones((2,2)),))
def max2d(xs): return max(xs)


@case((np.arange(4.).reshape(2,2),))
def sum2d(xs): return sum(xs), len(xs), list(xs)


@refuses('The truth value of an array with more than one element is', (np.arange(4.).reshape(2,2),))
def any2d(xs): return any(xs)


@refuses('sorted() can compare traced numbers, and tuples of them of', (np.arange(4.).reshape(2,2),))
def sorted2d(xs): return sorted(xs)


@case((A([]),))
def max_empty(xs): return max(xs)


@case((A([]),))
def max_default(xs): return max(xs, default=0.)


@case((A(2.),A(3.)))
def max0d(a,b): return max(a,b)+1, min(a,b)+1


@refuses('max() can compare traced numbers, and tuples of them of one', (A([1.,2.]),A([3.,4.])))
def maxarr(a,b): return max(a,b)


@case((float('nan'),1.0),(1.0,float('nan')))
def maxnan(a,b): return max(a,b), min(a,b), np.maximum(a,b)


@case((A([1.,np.nan,3.]),),(A([np.nan,1.,3.]),))
def maxnan2(xs): return max(xs), min(xs), xs.max(), sum(xs)


@case((A([1,2,3],dtype=np.int8)*100,),(A([1e16,1.,-1e16]),),(A([True,True]),),(A([1.5,2.5],dtype=np.float32),))
def sumdt(xs): return sum(xs)


@case((np.full(100,0.1),))
def sum_order(xs): return sum(xs), np.sum(xs)


@case((A([0.1]*10,),),)
def sum_order2(xs): return sum(xs)


@case((A([0.1,0.7,0.3,1e-9,0.3,12.3,0.11,0.12,1e8]),))
def sum_order3(xs): return sum(xs), sum(xs,0.5), sum([x for x in xs])


@case((np.random.default_rng(0).normal(size=50),))
def sum_order4(xs): return sum(xs)


@case((np.random.default_rng(0).normal(size=(3,50)),))
def sum_order5(xs): return sum(xs.T)


@case(([0.1]*10,),([1,2.5,3],),([True,2],),([],))
def sumlist(l): return sum(l)


@case((0.1,0.2,0.3))
def sumfl(a,b,c): return sum([a,b,c]), sum((a,b,c),0.0), math.fsum([a,b,c]), math.prod([a,b,c])


@case((5,'x'),(5.5,'yy'))
def strs(a,s): return f'{a}', f'{a!r:>10}', f'{a:08.3f}', '%5.2f|%s' % (a,s), '{:>8} {}'.format(a,s), str(a), repr(a), s+str(a), format(a,'.1f'), s*2, f'{s:>{5}}', f'{a=}'


@case((X,),(A(2.5),))
def strarr(a): return f'{a}', f'{a!r}', '%s' % (a,), '{}'.format(a), str(a), repr(a), str([a,1]), f'{(a,)}'


@case((X,))
def strlist(xs): 
    return [f'{x:.1f}' for x in xs], ','.join(str(x) for x in xs)


@refuses('this text contains traced values and is known only when the', (5,))
def strlen(a): return len(str(a)), str(a)[0], str(a)=='5'


@case((5,))
def strloop(n):
    s=''
    for i in range(n): s+=str(i)
    return s


@case((5,))
def strjoin(n): return ' '.join([str(i) for i in range(n)])


@refuses('`%*d` with traced values is not supported', (5,))
def strmod2(n): return '%d %i %5d %-5d| %x %o %e %g %c %%' % (n,n,n,n,n,n,n,n,n), '%(a)s' % {'a':n}, '%*d' % (5,n)


@case((5.7,))
def strmodf(n): return '%d' % n, '%s %r %a' % (n,n,n)


@case((X,2),(X,0),(X,-1),(X,10))
def slc(x,n): return x[:n], x[n:], x[:n].sum(), x[:n][::-1], x[1:n]


@case((X,2),(X,5))
def idx(x,n): return x[n], x[-1], x[n-1]


@case(([1,2,3],1),([1.,2.],5))
def lidx(l,n): return l[n]


@case(([X,2*X],1),([X,2*X],-1))
def lidx2(l,n): return l[n]


@case((5,1),(5,3))
def lidx_loop(n,k):
    l=[10,20,30,40]
    s=0
    for i in range(k): s+=l[i]*n
    return s


@case((5,1),)
def didx(n,k):
    d={1:10,2:20}
    return d[k]+n, d.get(k,0), d.get(7,n), k in d


@case(('s',1),)
def strin(s,k): return s in 'abs', s*k


@case((X,))
def starcall(x):
    def g(a,*r,k=1,**kw): return a*k+sum(r)+sum(kw.values())
    args=(1.,2.); kw={'k':3,'z':x}
    return g(x,*args,**kw), g(*x), g(*[1,2],*(3,))


@case((X,))
def starlist(x): return [*x,1], (*x,), {*[1,2]}, {**{'a':x},'b':1}


@case((2.,),(0.,),(-1.,))
def maths(x): return math.sin(x), math.exp(x), math.floor(x), math.ceil(x), math.pi*x, math.e, math.inf, math.isnan(x), math.isclose(x,2), math.hypot(x,1), math.atan2(x,1), math.fabs(x), math.trunc(x), math.copysign(1,x), math.fmod(x,3), math.degrees(x), math.isfinite(x), math.cosh(x), math.tanh(x)


@case((2.,),(0.,),(-1.,),(1e400,))
def mathlog(x): return math.sqrt(x), math.log(x), math.log10(x), math.log2(x), math.log1p(x)


@case((5,),(0,),(-1,))
def mathint(x): return math.factorial(x), math.gcd(x,10), math.comb(x,2), math.isqrt(x)


@case((800.,))
def mathovf(x): return math.exp(x)


@case((2.5,),(3,),(A(2.5),),(True,))
def npsc(t): return np.float32(t), np.int64(t), np.float64(t), np.bool_(t), np.float32(t)*2, np.int32(t)+1


@case((2.5,),(3,),(A(2.5),),(True,),(X,),(np.float32(1),),(np.int8(1),))
def isinst(t): return isinstance(t,int), isinstance(t,float), isinstance(t,(int,float)), isinstance(t,np.ndarray), isinstance(t,np.floating), isinstance(t,bool), isinstance(t, np.generic), isinstance(t,np.integer), isinstance(t,np.number), isinstance(t, complex), isinstance(t, object)


@refuses('the type of this value is known only when the graph runs', (2.5,),(3,),(A(2.5),),(True,),(X,),(np.float32(1),))
def typ(t): return type(t) is float, type(t)==int, type(t).__name__, type(t) in (int,float), np.isscalar(t), np.ndim(t), callable(t), hasattr(t,'shape'), hasattr(t,'__len__')


@refuses("the attribute 'imag' of a int is not supported while tracing", (3,),(2.5,),(True,),(np.float64(2.),))
def attrs(t): return t.real, t.imag, t.conjugate()


@refuses("the attribute 'bit_length' of a int is not supported while", (3,),)
def attrs2(t): return t.bit_length(), (3).bit_length(), t.numerator


@refuses("the attribute 'is_integer' of a float is not supported", (2.5,),)
def attrs3(t): return t.is_integer(), t.as_integer_ratio(), t.hex()


@refuses("the attribute 'itemsize' of a numpy.ndarray is not", (X,))
def arrattrs(t): return t.shape, t.dtype, t.ndim, t.size, t.T, t.tolist(), t.itemsize, t.nbytes, t.flat[0], t.real, len(t), t.item(0), t.copy(), t.astype(int), t.strides


@case((A(2.5),),(np.float64(2.),))
def itm(t): return t.item(), t.tolist(), float(t), t.dtype==np.float64


@pytest.mark.parametrize(("fn", "arguments"), CASES.same)
def test_decorated_equals_undecorated(fn, arguments):
    assert_same(fn, arguments)


@pytest.mark.parametrize(("fn", "message", "arguments"), CASES.refused)
def test_refused(fn, message, arguments):
    assert_refused(fn, message, arguments)
