"""One TLS context for every HTTP client of a process.

To read the certificate authorities takes 30 ms of an idle processor, on the loop, and httpx does it for every client.
"""

from __future__ import annotations

import ssl
from functools import cache

import httpx


@cache
def tls() -> ssl.SSLContext:
    """httpx's own default context, made once; SSL_CERT_FILE and SSL_CERT_DIR count when it is made."""
    return httpx.create_ssl_context()
