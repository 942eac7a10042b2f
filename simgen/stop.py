"""Ctrl-C and SIGTERM: the first asks a run to end, the second ends it.

So does the notice that a cluster's scheduler gives some time before it ends a job (SIGUSR1 or
SIGUSR2, as was agreed with it), but a second one, or SIGTERM after it, does not end it.
"""

import os
import signal
import threading
from contextlib import ExitStack

from simgen.errors import Interrupted
from simgen.terminal import own_stderr

NOTICES = (signal.SIGUSR1, signal.SIGUSR2)
SIGNALS = (signal.SIGINT, signal.SIGTERM, *NOTICES)


class Stop:
    """A context that notes the first signal in `number` and leaves the process at the second.

    A thread listens, because Python's own handlers wait until a render has returned. Leaving at
    once is safe: a frame is committed whole or not at all, and workers end with their parent.
    After the frames in flight a signal goes on to who listened to it before: submitit, for one,
    then has the job start once more.
    """

    def __init__(self):
        self.number = 0
        self._asked = False
        self._heard: dict[int, None] = {}  # in the order in which they came
        self._undo = ExitStack()

    def __enter__(self) -> "Stop":
        if threading.current_thread() is threading.main_thread():  # others get no signals
            with self._undo as undo:
                self._screen = undo.enter_context(own_stderr())
                self._start_listening(undo)
                for number in SIGNALS:
                    before = signal.signal(number, _noted)
                    undo.callback(signal.signal, number, before or signal.SIG_DFL)
                self._undo = undo.pop_all()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._undo.close()
        for number in self._heard if isinstance(error, Interrupted) else ():
            if _has_listener(number):
                signal.raise_signal(number)

    def _start_listening(self, undo: ExitStack) -> None:
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        thread = threading.Thread(target=self._listen, args=[reading], daemon=True)
        undo.callback(os.close, reading)
        undo.callback(thread.join)
        undo.callback(os.close, writing)  # ends the thread
        undo.callback(signal.set_wakeup_fd, signal.set_wakeup_fd(writing))
        thread.start()

    def _listen(self, reading: int) -> None:
        while byte := os.read(reading, 1):
            if byte[0] not in SIGNALS:
                continue
            if self._asked and byte[0] not in NOTICES:
                self._say("frames in flight dropped; run the same command again to continue")
                os._exit(128 + byte[0])
            if not self.number:
                self._say("stopping after the frames in flight; once more drops them")
            self._heard[byte[0]] = None
            self._asked = self._asked or byte[0] not in NOTICES
            self.number = self.number or byte[0]

    def _say(self, text: str) -> None:
        bar = self._screen.isatty()  # it hides the cursor and stands where the text goes
        self._screen.write(f"\r\x1b[2K\x1b[?25h{text}\n" if bar else f"{text}\n")
        self._screen.flush()


def _has_listener(number: int) -> bool:
    handler = signal.getsignal(number)
    return callable(handler) and handler is not signal.default_int_handler


def _noted(number: int, frame: object) -> None:
    """Keeps Python from raising KeyboardInterrupt; the thread has the signal already."""
