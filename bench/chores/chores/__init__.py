"""What the benchmark of clusters talks to besides the echo: it works, or it waits."""

import time

from pytlas import intent, training

WORK_SECONDS = 0.005
PAUSE_SECONDS = 0.2


@intent("bench_work")
def on_work(req):
    # Time of this thread: what it waits for the others does not count.
    end = time.thread_time() + WORK_SECONDS
    while time.thread_time() < end:
        pass
    req.agent.answer("It was hard.")
    return req.agent.done()


@intent("bench_pause")
def on_pause(req):
    time.sleep(PAUSE_SECONDS)
    req.agent.answer("It was worth it.")
    return req.agent.done()


@training("en")
def english():
    return """
%[bench_work]
  work for five milliseconds

%[bench_pause]
  pause for a fifth of a second
"""
