"""A program that is killed at one of its writes, before it or in its middle, by a library that is preloaded into it."""
from lib_campaign import *

SHIM = os.path.join(os.path.dirname(KHUOI), "khuoi_kill_at_write.so")
SPREAD = 6  # smoke: so many of a command's writes


def check_shim():
    check(os.path.exists(SHIM), SHIM + " is missing: build the target khuoi_kill_at_write")


def killed_at(node, words, rest, places, at, half, code=None):
    """Runs a command that dies at its write number `at` (0: it only counts). Gives (what it printed, how many writes)."""
    count = path("count")
    got = node.run(words, *rest, code=code, env={
        "LD_PRELOAD": SHIM, "KHUOI_KILL_DIR": ":".join(places), "KHUOI_KILL_AT": str(at),
        "KHUOI_KILL_HALF": "1" if half else "0", "KHUOI_KILL_COUNT": count})
    if at > 0:
        check(got.returncode == -signal.SIGKILL,
              "'%s' was to be killed at write %d and ended with %d: %s" % (words, at, got.returncode, got.stderr.decode()))
        return got.stdout.decode(), at
    with open(count) as file:
        return got.stdout.decode(), int(file.read())


def moments(count):
    """(write number, whether in its middle)"""
    if FULL:
        return [(at, half) for at in range(1, count + 1) for half in (False, True)]
    step = max(1, count // SPREAD)
    return [(at, (at // step) % 2 == 1) for at in range(1, count + 1, step)]
