#!/usr/bin/env python3
"""kill -9 of a hamlet's node while a form is being filled in a browser, 100 times (smoke: 3): at most the field being typed
is lost, and the last letters of the one left a moment before, while they are on their way. Every second time the phone
dies with the box; the other times the page stays, and then nothing at all is lost.

usage: campaign_counter_kill.py smoke|full [KILLS]      KHUOI_SEED=N repeats the choices; the moments are the machine's
"""
import sys

from lib_campaign import FULL, PHRASE, done
from lib_pages import Hamlet, drive


class World:
    def __init__(self):
        self.meo = Hamlet()
        self.meo.run("init", "--role", "hamlet", "--name", "Khuổi Mèo", phrase=PHRASE)
        self.meo.serve()

    def kill(self):
        self.meo.stop(9)

    def start(self):
        self.meo.serve()

    def submissions(self):
        return len(self.meo.list())


def main():
    numbers = [int(one) for one in sys.argv[1:] if one.isdigit()]
    kills = numbers[0] if numbers else 100 if FULL else 3
    world = World()
    drive("kill.mjs", world.meo.origin, world, kills)
    world.meo.stop()
    world.meo.verify()
    done("%d kills while a form was being filled" % kills)


if __name__ == "__main__":
    main()
