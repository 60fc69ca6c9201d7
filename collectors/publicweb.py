"""The guard on the way to addresses that a user, a page or a redirect gives: only the public web, never this machine or its network.

A name is resolved once and the connection goes to the very address that was looked at, so that a name which answers differently the
second time (DNS rebinding) gains nothing. Every hop of a redirect passes here again.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpcore
import httpx

from collectors.errors import AccessError
from collectors.language import say

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]
PORTS = frozenset((80, 443))
PORTS_KEY = "hibiki_ports"
"""The key of a request's extensions under which its source's own ports travel along redirects."""

_NOT_PUBLIC = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
        "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
    )
)  # fmt: skip
"""IANA's special-purpose registries (RFC 6890 and its updates): what is not for the public, IPv6 within the global 2000::/3."""
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_LOCAL_NAMES = ("localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "home.arpa", "in-addr.arpa", "ip6.arpa")


def is_public(address: Address) -> bool:
    """Tell whether ``address`` is one of the public internet.

    IPv6 addresses that carry an IPv4 address inside (mapped, compatible, 6to4, Teredo) are not, but for NAT64's, which is as its inner one.
    """
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if address not in _GLOBAL_V6 or address.scope_id is not None:
            return False
    return not any(address.version == network.version and address in network for network in _NOT_PUBLIC)


async def _resolve(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True)
class PublicWeb:
    """What may be gone to. ``resolve`` finds a host's addresses; ``open_to`` are networks that are let through all the same: for tests
    alone, whose servers are on this machine."""

    resolve: Resolve = _resolve
    open_to: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()

    def check_url(self, url: str | httpx.URL, ports: Iterable[int] = ()) -> None:
        """Look at an address as it is written.

        Raises:
            AccessError: It is none that may be gone to.
        """
        try:
            parts = httpx.URL(url)
            host, port, scheme = parts.host, parts.port or {"http": 80, "https": 443}.get(parts.scheme), parts.scheme
        except (httpx.InvalidURL, ValueError, TypeError, UnicodeError):
            raise _refused(say("URL が正しくありません", "This is not a URL"), "") from None
        if scheme not in ("http", "https") or not host:
            raise _refused(say("http でも https でもありません", "It is neither http nor https"), host)
        if parts.userinfo:
            raise AccessError(
                say(f"URL にユーザー名やパスワードが入っています({host})", f"The address of {host} holds a user name or password"),
                say("URL から「名前:パスワード@」を取り除いてください", "Take “name:password@” out of the address"),
            )
        literal = _literal(host)
        if literal is not None:
            self.check_address(literal, host)
        elif _is_local_name(host) and not self.open_to:
            raise _refused(say("この機械か社内の名前です", "It is a name of this machine or network"), host)
        allowed = PORTS | frozenset(ports)
        if port not in allowed and not (literal is not None and self._is_open(literal)):
            raise AccessError(
                say(f"{host} のポート {port} は使えません", f"Port {port} of {host} may not be used"),
                say("そのポートで正しければ、設定の ports に書いてください", "If that is right, write the port into ports in the settings"),
            )

    def check_address(self, address: Address, host: str) -> None:
        """Look at an address that ``host`` leads to.

        Raises:
            AccessError: It is not public.
        """
        if not is_public(address) and not self._is_open(address):
            raise _refused(say("インターネットの公開アドレスではありません", "It is no public address of the internet"), host)

    async def addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses of ``host``, all of them public.

        Raises:
            AccessError: One of them is not: a public site has no such address beside its own.
            OSError: There is no such name.
        """
        literal = _literal(host)
        found = [str(literal)] if literal is not None else await self.resolve(host, port)
        for text in found:
            address = _literal(text)
            if address is None:
                raise _refused(say("アドレスが読めません", "Its address cannot be read"), host)
            self.check_address(address, host)
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "no address")
        return found

    def _is_open(self, address: Address) -> bool:
        return any(address.version == network.version and address in network for network in self.open_to)


def is_local(url: str) -> bool:
    """Tell whether ``url``, as it is written, names this machine or its network."""
    try:
        host = httpx.URL(url).host
    except (httpx.InvalidURL, ValueError, UnicodeError):
        return False
    literal = _literal(host)
    return bool(host) and (_is_local_name(host) if literal is None else not is_public(literal))


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def _is_local_name(host: str) -> bool:
    name = host.lower().rstrip(".")
    return "." not in name or any(name == local or name.endswith(f".{local}") for local in _LOCAL_NAMES)


def _refused(why: str, host: str) -> AccessError:
    return AccessError(
        say(f"{host or 'URL'} には読みに行けません: {why}", f"{host or 'The address'} may not be read: {why}"),
        say(
            "公開されている http:// か https:// の URL を書いてください。社内のサーバーを自分の判断で読むときは、設定に local = true と書きます",
            "Give a public http:// or https:// address. To read a server of your own network, write local = true into the settings",
        ),
    )


class _Pinned(httpcore.AsyncNetworkBackend):
    """Connects to the addresses that were looked at, and to no name."""

    def __init__(self, web: PublicWeb) -> None:
        self._web = web
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            found = await self._web.addresses(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        problem: Exception | None = None
        for address in found:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
        assert problem is not None
        raise problem

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


class _Body(httpx.AsyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx():
            async for part in self._stream:
                yield part

    async def aclose(self) -> None:
        await self._stream.aclose()


@contextmanager
def _as_httpx() -> Iterator[None]:
    """Raise httpx's errors in place of httpcore's, which have the same names."""
    try:
        yield
    except (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.ProxyError,
        httpcore.UnsupportedProtocol,
    ) as error:
        kind = getattr(httpx, type(error).__name__, httpx.NetworkError)
        raise kind(str(error)) from error


class PublicTransport(httpx.AsyncBaseTransport):
    """httpx's way to the public web and nowhere else.

    ``inner`` takes the place of the network in tests. A proxy of the environment (HTTPS_PROXY, …) is gone through where there is one;
    it resolves names itself then, so that only addresses as written, and names as this machine resolves them, can be looked at.
    """

    def __init__(self, web: PublicWeb, certificates: ssl.SSLContext, inner: httpx.AsyncBaseTransport | None = None) -> None:
        self._web = web
        self._inner = inner
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=certificates, max_connections=64, max_keepalive_connections=32, keepalive_expiry=5.0, network_backend=_Pinned(web)
        )
        self._proxies = {} if inner is not None else _proxies(certificates)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send ``request`` if its address may be gone to.

        Raises:
            AccessError: It may not.
        """
        self._web.check_url(request.url, request.extensions.get(PORTS_KEY, ()))
        if self._inner is not None:
            return await self._inner.handle_async_request(request)
        proxy = self._proxies.get(request.url.scheme)
        if proxy is not None and not urllib.request.proxy_bypass(request.url.host):
            await self._known_here(request.url)
            return await proxy.handle_async_request(request)
        url = request.url
        asked = httpcore.Request(
            request.method,
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _as_httpx():
            answer = await self._pool.handle_async_request(asked)
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer.stream), extensions=answer.extensions)

    async def _known_here(self, url: httpx.URL) -> None:
        """Refuse a name that leads to this network as far as this machine knows; one that only the proxy knows goes through."""
        try:
            await self._web.addresses(url.host, url.port or 443)
        except (OSError, UnicodeError):
            return

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()
        for proxy in self._proxies.values():
            await proxy.aclose()


def _proxies(certificates: ssl.SSLContext) -> dict[str, httpx.AsyncHTTPTransport]:
    told = urllib.request.getproxies()
    found = {scheme: told.get(scheme) or told.get("all") for scheme in ("http", "https")}
    return {
        scheme: httpx.AsyncHTTPTransport(verify=certificates, proxy=url if "://" in url else f"http://{url}")
        for scheme, url in found.items()
        if url
    }
