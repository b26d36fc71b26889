# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
"""Maps of /dev/gomap, by libgomap and nothing but the standard library.

    m = gomap.create('be16', 'u64', view=True)      # or gomap.open('ports', write=True)
    m[443] = 7
    m[443], 80 in m, len(m), dict(m.items())
    with m.view() as v:     # no system calls; the map has to have a view
        v[443], v.get(80), v.get_many([443, 80])

A map knows the types that it was created with, here or by gomapctl: numbers are
int, str is str, and all others are bytes, as is what a map does not say.  What the
kernel refuses is an OSError.
"""
import collections.abc
import ctypes as c
import errno
import os
import struct

_lib = c.CDLL(os.environ.get('LIBGOMAP', 'libgomap.so.0'))
_READ, _WRITE, _VIEW = 1, 2, 1 << 6
_BYTES = {'mac': 6, 'ip4': 4, 'ip6': 16, 'none': 0}
_NUMBERS = {k + str(8 * n): o + f for k, o in (('u', '='), ('be', '>'))
            for n, f in ((1, 'B'), (2, 'H'), (4, 'I'), (8, 'Q'))}
_NUMBERS.update({'i' + str(8 * n): '=' + f
                 for n, f in ((1, 'b'), (2, 'h'), (4, 'i'), (8, 'q'))})


def _struct(*fields):
    return type('_Struct', (c.Structure,), {'_fields_': fields})


_p, _n, _u32, _u64 = c.c_void_p, c.c_size_t, c.c_uint32, c.c_uint64
_Entry = _struct(('key', _p), ('value', _p), ('key_len', _u32), ('value_len', _u32))
_Query = _struct(('key', c.c_char_p), ('value', _p), ('key_len', _u32), ('value_cap', _u32),
                 ('result', c.c_int))
_Value = _struct(('data', _p), ('len', _u32), ('version', _u32), ('sequence', _u32), ('head', _p))
_Create = _struct(('sz', _n), ('name', c.c_char_p), ('schema', c.c_char_p), ('hint', _u64),
                  ('flags', _u32), ('mode', _u32), ('max_entries', _u64), ('max_bytes', _u64))
# struct gomap_ioc_info, as far as it is needed, and room for what it may become
_Info = _struct(('size', _u32), ('flags', _u32), ('id', _u64), ('len', _u64), ('map_flags', _u32),
                ('key_size', _u32), ('value_size', _u32), ('figures', c.c_char * 324),
                ('schema', c.c_char * 64), ('more', c.c_char * 1024))


def _function(name, *args, result=c.c_int):
    f = getattr(_lib, name)
    f.argtypes, f.restype = args, result
    return f


_create = _function('gomap_create', _p, _u32, _u32, _p)
_open = _function('gomap_open', _p, c.c_char_p, _u32)
_info = _function('gomap_info', _p, _u32, _p)
_store = _function('gomap_store', _p, c.c_char_p, _n, c.c_char_p, _n)
_delete = _function('gomap_delete', _p, c.c_char_p, _n)
_borrow = _function('gomap_view_borrow', _p, c.c_char_p, _n, _p)
_retry = _function('gomap_view_retry', _p, _p)
_many = _function('gomap_view_lookup_many', _p, _p, _n, result=_n)


def _check(ret):
    if ret < 0:
        raise OSError(-ret, os.strerror(-ret))
    return ret


def _pack(kind, x):
    if kind in _NUMBERS and not isinstance(x, bytes):
        return struct.pack(_NUMBERS[kind], x)
    return x.encode() if isinstance(x, str) else bytes(x)


def _unpack(kind, b):
    if kind in _NUMBERS:
        return struct.unpack(_NUMBERS[kind], b)[0]
    return b.decode(errors='surrogateescape') if kind.startswith('str') else b


class _Readable(collections.abc.Mapping):
    """What a map and its view have in common; _kind is 'gomap' or 'gomap_view'."""
    handle = None

    def __init__(self, handle, kinds, sizes, kind):
        self.handle, self._kinds, self._sizes, self._kind = handle, kinds, sizes, kind
        begin = (_p, _p, _p) if kind == 'gomap' else (_p, _p)
        self._iter = (_function(kind + '_iter_begin', *begin),
                      _function(kind + '_iter_next', _p, _p),
                      _function(kind + '_iter_end', _p, result=None))
        self._lookup = _function(kind + '_lookup', _p, c.c_char_p, _n, _p, _n)
        self._len = _function(kind + '_len', _p, result=c.c_int64)
        self._close = _function(kind + '_close', _p, result=None)

    def __getitem__(self, key):
        k, room = _pack(self._kinds[0], key), c.create_string_buffer(self._sizes[1] or 1)
        n = self._lookup(self.handle, k, len(k), room, len(room))
        if n in (-errno.ENOENT, -errno.EMSGSIZE):   # no key of another length is there
            raise KeyError(key)
        return _unpack(self._kinds[1], room.raw[:_check(n)])

    def __len__(self):
        return _check(self._len(self.handle))

    def _entries(self):
        begin, following, end = self._iter
        it, e = c.c_void_p(), _Entry()
        _check(begin(c.byref(it), self.handle, *(() if len(begin.argtypes) == 2 else (None,))))
        try:
            while _check(following(it, c.byref(e))):
                yield (_unpack(self._kinds[0], c.string_at(e.key, e.key_len)),
                       _unpack(self._kinds[1], c.string_at(e.value, e.value_len)))
        finally:
            end(it)

    def items(self):
        """Keys and values, each key exactly once while others write."""
        return self._entries()

    def __iter__(self):
        return (key for key, _ in self._entries())

    def close(self):
        self.handle = self._close(self.handle)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        if self.handle:
            self.close()


class Map(_Readable, collections.abc.MutableMapping):
    """A map of the kernel; see open() and create()."""

    def __setitem__(self, key, value):
        k, v = _pack(self._kinds[0], key), _pack(self._kinds[1], value)
        _check(_store(self.handle, k, len(k), v, len(v)))

    def __delitem__(self, key):
        k = _pack(self._kinds[0], key)
        if not _check(_delete(self.handle, k, len(k))):
            raise KeyError(key)

    def view(self):
        """A view of the map, which reads it without system calls."""
        handle = c.c_void_p()
        _check(_function('gomap_view_open', _p, _p)(c.byref(handle), self.handle))
        return View(handle, self._kinds, self._sizes, 'gomap_view')


class View(_Readable):
    """A map's memory: as the map, but read-only."""

    def get_many(self, keys, default=None):
        """The values of all keys, in their order."""
        packed = [_pack(self._kinds[0], key) for key in keys]
        cap, q = self._sizes[1] or 1, (_Query * len(packed))()
        room = c.create_string_buffer(cap * len(packed) or 1)
        for i, k in enumerate(packed):
            q[i] = _Query(k, c.addressof(room) + i * cap, len(k), cap)
        _many(self.handle, q, len(packed))
        return [default if x.result < 0 else
                _unpack(self._kinds[1], c.string_at(x.value, x.result)) for x in q]

    def borrow(self, key, use):
        """use(memoryview) of a value where it lies, again until it was at rest."""
        k, v = _pack(self._kinds[0], key), _Value()
        while True:
            n = _borrow(self.handle, k, len(k), c.byref(v))
            if n == -errno.ENOENT:
                raise KeyError(key)
            result = use(memoryview((c.c_char * _check(n)).from_address(v.data)).toreadonly())
            if not _retry(self.handle, c.byref(v)):
                return result


def _size(word):
    """Bytes of a type, and whether it may be less."""
    kind, _, size = word.partition(':')
    if kind in _NUMBERS:
        return struct.calcsize(_NUMBERS[kind]), False
    if kind in _BYTES:
        return _BYTES[kind], False
    return int(size.lstrip('.') or 255), kind == 'str' or not size or size[0] == '.'


def _map(handle):
    info = _Info()
    _check(_info(handle, 0, c.byref(info)))
    kinds = [word.partition(':')[0] for word in (info.schema.decode() + ' ').split(' ')[:2]]
    return Map(handle, kinds, (info.key_size, info.value_size), 'gomap')


def create(key, value='none', name=None, view=False, hint=0, mode=0):
    """A new map, by types as gomapctl has them: create('u64', 'str:64', 'users')."""
    (k, k_varies), (v, v_varies) = _size(key), _size(value)
    o = _Create(c.sizeof(_Create), name and name.encode(), f'{key} {value}'.encode(), hint,
                k_varies | v_varies << 1 | (_VIEW if view else 0), mode)
    handle = c.c_void_p()
    _check(_create(c.byref(handle), k, v, c.byref(o)))
    return _map(handle)


def open(name, write=False):
    """A map by its name."""
    handle = c.c_void_p()
    _check(_open(c.byref(handle), name.encode(), _READ | (_WRITE if write else 0)))
    return _map(handle)
