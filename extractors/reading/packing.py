"""A text as bytes: to be kept, and extracted from again by other rules without reading the document anew."""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import numpy as np

Packed = TypeVar("Packed")

_MARK = b"chiptrail text 1\n"
_LENGTH = struct.Struct(">I")
_LEVEL = 3


class PackError(ValueError):
    """Bytes that are no packed text of this version, or a damaged one."""


def pack(value: Any) -> bytes:
    """A dataclass of dataclasses, tuples, plain values and arrays as bytes. What `unpack` makes of them is equal."""
    arrays: list[np.ndarray[Any, Any]] = []
    plain = json.dumps(_flatten(value, arrays), separators=(",", ":")).encode()
    whole = b"".join((_LENGTH.pack(len(plain)), plain, *(np.ascontiguousarray(a).tobytes() for a in arrays)))
    return _MARK + zlib.compress(whole, _LEVEL)


def unpack(data: bytes, kind: type[Packed]) -> Packed:
    """The dataclass that was packed. Raises `PackError`; nothing in the bytes is ever run."""
    if not data.startswith(_MARK):
        raise PackError("no packed text of this version")
    try:
        whole = zlib.decompress(data[len(_MARK) :])
        (length,) = _LENGTH.unpack_from(whole)
        start = _LENGTH.size + length
        return kind(*_build_fields(json.loads(whole[_LENGTH.size : start]), kind, memoryview(whole)[start:]))
    except (zlib.error, struct.error, ValueError, TypeError, KeyError, IndexError) as fault:
        raise PackError(f"a damaged packed text: {fault}") from fault


def _flatten(value: Any, arrays: list[np.ndarray[Any, Any]]) -> Any:
    """Dataclasses become lists of their fields, arrays their place behind the JSON with type and shape."""
    if is_dataclass(value):
        return [_flatten(getattr(value, field.name), arrays) for field in fields(value)]
    if isinstance(value, tuple):
        return [_flatten(item, arrays) for item in value]
    if isinstance(value, np.ndarray):
        start = sum(array.nbytes for array in arrays)
        arrays.append(value)
        return [start, value.dtype.str, list(value.shape)]
    if isinstance(value, np.generic):
        return value.item()
    return value


def _build_fields(values: list[Any], kind: Any, rest: memoryview) -> list[Any]:
    return [_build(value, of, rest) for value, of in zip(values, _types(kind), strict=True)]


def _build(value: Any, kind: Any, rest: memoryview) -> Any:
    origin = get_origin(kind)
    if origin is UnionType:
        if value is None:
            return None
        (kind,) = (one for one in get_args(kind) if one is not NoneType)
        origin = get_origin(kind)
    if origin is tuple:
        return tuple(_build(item, get_args(kind)[0], rest) for item in value)
    if origin is np.ndarray:
        start, name, shape = value
        dtype = np.dtype(name)
        if dtype.kind not in "fiu":
            raise PackError(f"arrays of {dtype} are not packed")
        size = int(np.prod(shape)) * dtype.itemsize
        return np.frombuffer(rest[start : start + size], dtype).reshape(shape)
    if isinstance(kind, type) and is_dataclass(kind):
        return kind(*_build_fields(value, kind, rest))
    return kind(value) if isinstance(kind, type) and issubclass(kind, Enum) else value


@cache
def _types(kind: Any) -> tuple[Any, ...]:
    hints = get_type_hints(kind)
    return tuple(hints[field.name] for field in fields(kind))
