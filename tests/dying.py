"""Ends of a process that no error tells."""

import os


def die(number: int) -> None:
    os.kill(os.getpid(), number)


def leave(code: int, said: str) -> None:
    os.write(1, said.encode())
    os._exit(code)
