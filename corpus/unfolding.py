"""Decompression that stops at a limit: a small answer can unfold into more than a machine holds."""

from __future__ import annotations

import zlib

_STEP = 1 << 20
_GZIP_OR_ZLIB = zlib.MAX_WBITS + 32
_BARE = -zlib.MAX_WBITS
_GZIP_MARK = b"\x1f\x8b"


class UnfoldError(ValueError):
    """Compressed bytes that are damaged, cut off, or unfold to more than is allowed."""


def unfold(data: bytes, size: int) -> bytes:
    """What gzip or deflate bytes unfold to. Raises `UnfoldError`; never holds more than `size` bytes and a step.

    Several gzip members after one another are one answer (RFC 1952). «deflate» is taken with and without the frame of
    zlib, since servers send both.
    """
    found = bytearray()
    rest = data
    while rest:
        rest = _unfold_member(rest, found, size)
        if not rest.startswith(_GZIP_MARK):
            break
    return bytes(found)


def _unfold_member(data: bytes, found: bytearray, size: int) -> bytes:
    """Unfold up to the end of one member onto `found`; the bytes after it."""
    try:
        machine = zlib.decompressobj(_GZIP_OR_ZLIB)
        piece = machine.decompress(data, _STEP)
    except zlib.error:
        machine = zlib.decompressobj(_BARE)
        try:
            piece = machine.decompress(data, _STEP)
        except zlib.error:
            raise UnfoldError("its compression is damaged") from None
    while True:
        found += piece
        if len(found) > size:
            raise UnfoldError(f"it unfolds to more than the limit of {size / 1e6:,.0f} MB (see --max-size)")
        if machine.eof:
            return machine.unused_data
        if not piece and not machine.unconsumed_tail:
            raise UnfoldError("its compressed bytes break off")
        try:
            piece = machine.decompress(machine.unconsumed_tail, _STEP)
        except zlib.error:
            raise UnfoldError("its compression is damaged") from None
