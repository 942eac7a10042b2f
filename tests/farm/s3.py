"""Stores that speak S3, on the loopback, for as long as a test needs them."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

_MOTO = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""
_REFUSAL = (
    '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{}</Code><Message>said no</Message></Error>'
)


def environment(port: int) -> dict[str, str]:
    """Returns what points every client to a port here, and to nothing else."""
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "someone",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/nowhere",
        "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
        "NO_PROXY": "127.0.0.1",
    }


@contextmanager
def moto() -> Iterator[int]:
    """Yields the port of a store in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-c", _MOTO],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        yield int(process.stdout.readline())
        process.stdin.close()


@contextmanager
def moody(behind: int, refusals: list[tuple[int, str]]) -> Iterator[int]:
    """Yields the port of a store that first refuses so many requests, each with a status and a code
    of S3's, and then is the one at port `behind`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if refusals:
                status, code = refusals.pop(0)
                return self.reply(status, {}, _REFUSAL.format(code).encode())
            connection = HTTPConnection("127.0.0.1", behind)
            connection.request(self.command, self.path, body, dict(self.headers))
            reply = connection.getresponse()
            self.reply(reply.status, dict(reply.headers), reply.read())

        def reply(self, status: int, headers: dict[str, str], body: bytes):
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(body))}).items():
                if name not in ("Transfer-Encoding", "Connection"):
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else body)

        def log_message(self, *_):
            pass

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = answer  # noqa: N815

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
