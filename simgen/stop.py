"""Ctrl-C and SIGTERM: the first asks a run to end, the second ends it."""

import logging
import os
import signal
import sys
import threading

log = logging.getLogger(__name__)
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """A context that notes the first signal in `number` and leaves the process at the second.

    A thread listens, because Python's own handlers wait until a render has returned. Leaving at
    once is safe: a frame is committed whole or not at all, and workers end with their parent.
    """

    def __init__(self):
        self.number = 0

    def __enter__(self) -> "Stop":
        self._listens = threading.current_thread() is threading.main_thread()
        if self._listens:
            self._pipe = os.pipe()
            os.set_blocking(self._pipe[1], False)
            self._before = signal.set_wakeup_fd(self._pipe[1], warn_on_full_buffer=False)
            self._handlers = [(s, signal.signal(s, _noted)) for s in _SIGNALS]
            self._thread = threading.Thread(target=self._listen, daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._listens:
            for number, handler in self._handlers:
                signal.signal(number, signal.SIG_DFL if handler is None else handler)
            signal.set_wakeup_fd(self._before)
            os.close(self._pipe[1])
            self._thread.join()
            os.close(self._pipe[0])

    def _listen(self) -> None:
        while byte := os.read(self._pipe[0], 1):
            if byte[0] not in _SIGNALS:
                continue
            if self.number:
                self._leave(byte[0])
            self.number = byte[0]
            log.warning("stopping after the frames in flight; once more drops them")

    def _leave(self, number: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write("\x1b[?25h\n")  # the progress bar hides the cursor
        log.warning("frames in flight dropped; run the same command again to continue")
        logging.shutdown()
        os._exit(128 + number)


def _noted(number: int, frame: object) -> None:
    """Keeps Python from raising KeyboardInterrupt; the thread has the signal already."""
