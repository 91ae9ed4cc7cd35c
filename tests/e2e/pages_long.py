#!/usr/bin/env python3
"""Lists that are longer than a page shows, in a real browser: 50 rows at first, and 50 more whenever somebody asks."""
from lib_campaign import PHRASE, carry, commune, done, folder, hamlet, submissions
from lib_pages import Hamlet, drive

DOSSIERS = 160  # of both domains
ANNOUNCEMENTS = 70


class World:
    """What long.mjs can ask for."""

    def __init__(self):
        xa = commune()
        stick = folder("stick")
        carry(stick, xa, hamlet(xa, "meo"), xa)
        self.meo = Hamlet()
        self.meo.submit(submissions("long", DOSSIERS, 20261201))
        for n in range(ANNOUNCEMENTS):
            xa.run("announce", "--text", "Thông báo số %d của xã" % (n + 1), "--expires", "+300d")
        carry(stick, xa, self.meo, xa, self.meo)
        self.meo.serve()

    def who(self):
        return {"name": self.meo.json("slot list")[0]["person"], "phrase": PHRASE, "announcements": ANNOUNCEMENTS}


if __name__ == "__main__":
    world = World()
    drive("long.mjs", world.meo.origin, world)
    world.meo.stop()
    world.meo.verify()
    done("lists of %d dossiers and %d announcements, in a browser" % (DOSSIERS, ANNOUNCEMENTS))
