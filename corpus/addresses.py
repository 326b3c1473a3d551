"""Which addresses of the network may be connected to: public ones, and those that the user allows."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

Network = IPv4Network | IPv6Network
Resolver = Callable[..., Iterable[tuple[Any, ...]]]

# NAT64 (RFC 6052), translated (RFC 2765) and compatible (RFC 4291) addresses.
_ENDING_IN_IPV4 = tuple(IPv6Network(network) for network in ("64:ff9b::/96", "::ffff:0:0:0/96", "::/96"))


class AddressError(ValueError):
    """A host that may not be connected to; the message says why, and what allows it."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Looks hosts up and lets only public addresses pass, and the networks in `allowed`."""

    allowed: tuple[Network, ...] = ()
    resolve: Resolver = socket.getaddrinfo

    def look_up(self, host: str, port: int) -> list[str]:
        """The addresses of a host, in the order of the resolver.

        Raises `AddressError` where one of them is not public: a name that answers with a public and a private address
        is a trap more often than a mistake. Raises `socket.gaierror` where the name is not known. Whoever connects
        must connect to what this returns, and not look the name up again: it may answer otherwise the second time.
        """
        found = list(dict.fromkeys(str(entry[4][0]) for entry in self.resolve(host, port, type=socket.SOCK_STREAM)))
        for address in found:
            if not self.permits(address):
                what = "is no public address" if host == address else f"is at {address}, which is no public address"
                raise AddressError(f"{host} {what} (CHIPTRAIL_ALLOW names networks that may be read all the same)")
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "no address")
        return found

    def permits(self, address: str) -> bool:
        """Whether an address may be connected to."""
        read = ip_address(address.partition("%")[0])
        read = getattr(read, "ipv4_mapped", None) or read
        return all(is_public(one) or any(one in network for network in self.allowed) for one in (read, *_within(read)))


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one of the public network.

    Loopback, private, link-local, shared, reserved and documentation addresses and multicast are not.
    """
    if isinstance(address, IPv6Address) and address.is_site_local:
        return False
    return address.is_global and not address.is_multicast


def read_networks(words: str) -> tuple[Network, ...]:
    """The networks in a list with commas or spaces, as `127.0.0.0/8, 10.1.2.3`. Raises `ValueError` for other words."""
    return tuple(ip_network(word, strict=False) for word in words.replace(",", " ").split())


def _within(address: IPv4Address | IPv6Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses that an IPv6 address leads to: 6to4, Teredo, and those with one in their last four bytes."""
    if isinstance(address, IPv4Address):
        return ()
    found = [address.sixtofour, *(address.teredo or ())]
    if any(address in network for network in _ENDING_IN_IPV4):
        found.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return tuple(one for one in found if one is not None)
