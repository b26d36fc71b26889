#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
"""gomap.py, in KTAP: over the library that LIBGOMAP names, or the system's."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'python'))
import gomap  # noqa: E402


def raises(error, function, *args):
    try:
        function(*args)
    except error:
        return True
    return False


def a_map_is_a_mapping():
    with gomap.create('be16', 'u64') as m:
        m[443] = 7
        m[80] = 1
        assert m[443] == 7 and 80 in m and 81 not in m and m.get(81, 5) == 5
        assert len(m) == 2 and dict(m.items()) == {443: 7, 80: 1} == dict(m)
        del m[80]
        assert raises(KeyError, m.__getitem__, 80) and raises(KeyError, m.__delitem__, 80)
        m.update({n: n * n for n in range(100)})
        assert sum(m.values()) == sum(n * n for n in range(100)) + 7


def types():
    with gomap.create('str:20', 'str:40') as m:
        m['z\u00fcrich'] = 'ch'
        m[''] = ''
        assert m['z\u00fcrich'] == 'ch' and m[''] == '' and sorted(m) == ['', 'z\u00fcrich']
        assert 'x' * 99 not in m and raises(OSError, m.__setitem__, 'x' * 99, '')
    with gomap.create('mac', 'hex:3') as m:
        m[b'\0\1\2\3\4\5'] = b'a\0b'
        assert dict(m.items()) == {b'\0\1\2\3\4\5': b'a\0b'}
    with gomap.create('i32') as m:
        m[-5] = b''
        assert list(m) == [-5] and m[-5] == b''


def names():
    with gomap.create('u32', 'u32', 't-python', view=True) as m:
        m[1] = 2
        with gomap.open('t-python') as other, gomap.open('t-python').view() as v:
            assert other[1] == v[1] == 2
            assert raises(OSError, other.__setitem__, 1, 3)
    assert raises(FileNotFoundError, gomap.open, 't-nosuch')


def views():
    with gomap.create('u64', 'u64', view=True) as m:
        m.update({n: ~n & 0xffff for n in range(500)})
        with m.view() as v:
            assert len(v) == 500 and v[7] == 0xfff8 and 500 not in v and v.get(500) is None
            assert v.get_many([1, 900, 3], -1) == [0xfffe, -1, 0xfffc] and v.get_many([]) == []
            assert dict(v.items()) == dict(m.items())
            m[7] = 1
            assert v[7] == 1 and not hasattr(v, '__setitem__')
    with gomap.create('str:8', 'str:5000', view=True) as m:
        m['a'] = 'x' * 5000
        with m.view() as v:
            assert v.borrow('a', lambda data: (len(data), bytes(data[:2]))) == (5000, b'xx')
            assert raises(KeyError, v.borrow, 'b', len)
    with gomap.create('u8') as m:
        assert raises(OSError, m.view)


cases = [a_map_is_a_mapping, types, names, views]
print(f'TAP version 13\n1..{len(cases)}')
failed = 0
for nr, case in enumerate(cases, 1):
    try:
        case()
        print(f'ok {nr} - python: {case.__name__.replace("_", " ")}')
    except Exception as e:          # whatever it is, it is a failed case
        line = e.__traceback__.tb_next.tb_lineno
        print(f'# line {line}: {e!r}\nnot ok {nr} - python: {case.__name__.replace("_", " ")}')
        failed = 1
sys.exit(failed)
