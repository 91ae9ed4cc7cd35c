#!/usr/bin/env python3
"""What the pages of a hamlet say of its radio, in a real browser: how the line stands, what a dossier waits for, how a person
sends it at once, which photos follow by another path. tests/web/radio.mjs drives Chromium."""
import os
import random
import re
import time

from lib_air import Air
from lib_campaign import PHRASE, ROOT, SEED, carry, commune, done, folder, hamlet, path, submissions, wait_until
from lib_forms import COPY, COPY_VERSION, copy_request, new_id, write
from lib_pages import Hamlet, drive

rng = random.Random(SEED)
QUARTER = 900


class World:
    """What radio.mjs can ask for."""

    def __init__(self):
        self.xa = commune()
        stick = folder("stick")
        carry(stick, self.xa, hamlet(self.xa, "meo"), self.xa)
        self.air = Air(path("air"), ["xa", "meo"])
        self.meo = Hamlet("--radio", "rnode:" + self.air.port("meo"))
        carry(stick, self.meo, self.xa, self.meo)
        self.settings(duty_percent=1)
        with open(os.path.join(self.xa.data, "config.toml"), "w") as file:
            file.write("[radio]\nspreading_factor = 7\n")
        self.xa.serve("--radio", "rnode:" + self.air.port("xa"))
        self.meo.serve()
        for node in (self.xa, self.meo):  # a first word that nobody hears costs 12 s
            wait_until(lambda: self.radio(node)["state"] == "up", "the radio of " + node.name)

    def settings(self, **more):
        with open(os.path.join(self.meo.data, "config.toml"), "w") as file:
            file.write("[radio]\nspreading_factor = 7\n" + "".join("%s = %s\n" % one for one in more.items()))

    def radio(self, node=None):
        return [link for link in (node or self.meo).status()["links"] if link["kind"] == "radio"][0]

    # ---- asked for by the pages' script ---------------------------------------------------------------------------------

    def who(self):
        return {"name": self.meo.json("slot list")[0]["person"], "phrase": PHRASE}

    def two_photos(self):
        """A dossier of which the commune has all but two photos."""
        with open(os.path.join(ROOT, "node/forms", COPY + ".xml"), encoding="utf-8") as form:
            shipped = re.search('id="%s" version="([0-9]+)"' % COPY, form.read()).group(1)
        text = copy_request(new_id(rng), photo="truoc.jpg").replace(COPY_VERSION, shipped)
        names = [write(name, b"\xff\xd8\xff\xe0" + rng.randbytes(9000)) for name in ("truoc.jpg", "sau.jpg")]
        one = self.meo.submit([write("two.xml", text.replace("<meta>", "<anh_sau>sau.jpg</anh_sau><meta>"))], attach=names)[0]
        self.all_in()
        return one

    def all_in(self):
        wait_until(lambda: self.meo.status()["waiting"] == 0, "the receipts by radio", 200)

    def submit(self, name, seed):
        return self.meo.submit(submissions(name, 1, seed))[0]

    def fiber_is_near(self):
        """As if it had come up at one time on the last four days. Gives that time as a page shows it."""
        self.meo.stop()
        soon = (int(time.time()) + 5400) // QUARTER * QUARTER
        with open(os.path.join(self.meo.data, "fiber-hours"), "w") as file:
            file.writelines("%d %d\n" % (at, at) for at in (soon - day * 86400 for day in range(4, 0, -1)))
        self.meo.serve()
        self.submit("first-word", 2)  # goes at once while nobody has told the box the time; the answer tells it
        self.all_in()
        wait_until(lambda: self.radio()["outlook"]["fiber_at"] == soon, "the box to know the time", 120)
        return time.strftime("%H:%M", time.gmtime(soon + 7 * 3600))

    def air_says(self, line):
        self.air.say(line)

    def hour_used_up(self):
        self.meo.stop()
        os.unlink(os.path.join(self.meo.data, "fiber-hours"))
        self.settings(duty_percent=0.01)
        self.meo.serve()
        last = self.meo.submit(submissions("too-many", 3, 17))[-1]
        wait_until(lambda: self.radio()["outlook"]["why"] == "duty", "the hour to be used up", 60)
        until = self.radio()["outlook"]["until"]
        return {"until": time.strftime("%H:%M", time.gmtime(until + 7 * 3600)), "last": last}


world = World()
drive("radio.mjs", world.meo.origin, world)
world.meo.stop()
world.xa.stop()
world.air.stop()
done("the pages say how the radio stands and what a dossier waits for")
