"""Runs the HTTP server that the tensorzero package carries, with the configuration named."""

import signal
import sys

from tensorzero.tensorzero import _start_http_gateway

gateway = _start_http_gateway(
    config_file=sys.argv[1],
    clickhouse_url=None,
    postgres_url=None,
    valkey_url=None,
    async_setup=False,
)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
signal.pause()
