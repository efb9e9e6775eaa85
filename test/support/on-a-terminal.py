"""Runs a program on a pseudo-terminal of its own and types on it.

Arguments: the steps as JSON, then the command. Steps are carried out in order:
  {"expect": TEXT}   wait until the program has shown TEXT (after what was expected before)
  {"echo": BOOLEAN}  the terminal must show, or not show, what is typed
  {"type": TEXT}     type TEXT (characters up to U+00FF are bytes)
  {"signal": NUMBER} send the program a signal
  {"hangup": true}   close the terminal
  {"stuck": true}    let the terminal take nothing more: it is full, and nobody reads from it
  {"ended": true}    wait until the program has ended, without reading
Answers with JSON: "shown" on the terminal, "output" on standard output, "code" or "signal"
the program ended with, and "echo" at the end. Standard output is a pipe unless the first
step is {"stdout": "terminal"}.
"""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time

steps, command = json.loads(sys.argv[1]), sys.argv[2:]
master, slave = pty.openpty()


def echo():
    return bool(termios.tcgetattr(slave)[3] & termios.ECHO)


def take_the_terminal():
    os.setsid()
    import fcntl

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


on_screen = steps[:1] == [{"stdout": "terminal"}]
program = subprocess.Popen(
    command,
    stdin=slave,
    stdout=slave if on_screen else subprocess.PIPE,
    stderr=slave,
    preexec_fn=take_the_terminal,
)
shown = b""
seen = 0
deadline = time.monotonic() + 30


def look(seconds):
    global shown
    ready, _, _ = select.select([master], [], [], seconds)
    if ready:
        shown += os.read(master, 65536)


def wait_until(condition, what):
    while not condition():
        if time.monotonic() > deadline:
            program.kill()
            sys.exit(f"waited in vain for {what}; shown: {shown!r}")
        look(0.02)


def fill_the_terminal():
    # Opened anew: whether a descriptor blocks is shared with the program.
    flags = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY
    filler = os.open(os.ttyname(slave), flags)
    try:
        while True:
            os.write(filler, b"#")
    except BlockingIOError:
        os.close(filler)


for step in steps:
    if "expect" in step:
        text = step["expect"].encode()
        wait_until(lambda: text in shown[seen:], step["expect"])
        seen = shown.index(text, seen) + len(text)
    elif "echo" in step:
        wait_until(lambda: echo() == step["echo"], step)
    elif "type" in step:
        os.write(master, step["type"].encode("latin-1"))
    elif "signal" in step:
        program.send_signal(step["signal"])
    elif "hangup" in step:
        os.close(slave)
        os.close(master)
        master = -1
    elif "stuck" in step:
        fill_the_terminal()
    elif "ended" in step:
        program.wait(20)

if master >= 0:
    wait_until(lambda: program.poll() is not None, "the end")
    look(0.05)
else:
    program.wait(10)
output = b"" if on_screen else program.stdout.read()
status = program.returncode
json.dump(
    {
        "shown": shown.decode("latin-1"),
        "output": output.decode("latin-1"),
        "code": status if status >= 0 else None,
        "signal": signal.Signals(-status).name if status < 0 else None,
        "echo": echo() if master >= 0 else None,
    },
    sys.stdout,
)
