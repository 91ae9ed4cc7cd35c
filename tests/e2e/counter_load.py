#!/usr/bin/env python3
"""A hamlet's service in little memory: idle, and while 200 MB come in from a page and a stick in the watched folder brings
200 MB and takes 200 MB. Pages are answered meanwhile."""
import os
import random
import threading
import time

from lib_campaign import PHRASE, SEED, check, commune, done, folder, hamlet, note, path, same, wait_until
from lib_counter import Browser, upload
from lib_forms import copy_request, new_id

rng = random.Random(SEED)
MIB = 1 << 20
IDLE_KIB, LOADED_KIB = 16 * 1024, 48 * 1024


def anonymous_kib(node):
    with open("/proc/%d/status" % node.service.pid) as status:
        return int([line for line in status if line.startswith("RssAnon")][0].split()[1])


def large(name):
    """A file of 200 MB."""
    place = path(name)
    with open(place, "wb") as file:
        for _ in range(200):
            file.write(rng.randbytes(MIB))
    return place


def hand_in(node, page, place, answers):
    try:
        answers.append(upload(node, page, copy_request(new_id(rng), photo=os.path.basename(place)), place))
    except OSError as error:
        answers.append((0, repr(error)))


class Watch:
    """Samples the service's memory, and asks for a page, until told to stop."""

    def __init__(self, node):
        self.node, self.peak_kib, self.slowest, self.seen, self.fault = node, 0, 0.0, [], None
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self.sample), threading.Thread(target=self.ask)]
        for thread in self.threads:
            thread.start()

    def sample(self):
        while not self.over.wait(0.005):
            self.peak_kib = max(self.peak_kib, anonymous_kib(self.node))

    def ask(self):
        page = Browser(self.node)
        try:
            while not self.over.wait(0.02):
                began = time.monotonic()
                state = page.get("/api/home").json()["stick"]["state"]
                self.slowest = max(self.slowest, time.monotonic() - began)
                if self.seen[-1:] != [state]:
                    self.seen.append(state)
        except Exception as error:  # told by whoever waits
            self.fault = error

    def end(self):
        self.over.set()
        for thread in self.threads:
            thread.join()
        check(self.fault is None, "a page was not answered: %r" % self.fault)


if __name__ == "__main__":
    xa = commune()
    meo = hamlet(xa, "meo")
    stick, watched = folder("stick"), path("usb")
    meo.sync(stick)
    xa.sync(stick)
    meo.sync(stick)
    down, up, page_file = large("tai-lieu.bin"), large("giay-to.jpg"), large("anh-chup.jpg")
    xa.run("document add", down, "--title", "Tài liệu lớn")
    xa.sync(stick)
    with open(path("s.xml"), "w") as file:
        file.write(copy_request(new_id(rng), photo="giay-to.jpg"))
    meo.submit([path("s.xml")], [up])
    meo.serve("--stick", watched)
    page = Browser(meo)
    page.login(meo.json("slot list")[0]["person"], phrase=PHRASE)
    page.get("/api/dossiers")
    wait_until(lambda: page.get("/api/home").json()["waiting"] == 1, "the service to have looked around")
    idle = anonymous_kib(meo)
    check(idle <= IDLE_KIB, "idle, the service takes %d KiB" % idle)
    answers = []
    watch = Watch(meo)
    sender = threading.Thread(target=hand_in, args=(meo, page, page_file, answers))
    sender.start()
    os.rename(stick, watched)
    try:
        sender.join()
        wait_until(lambda: watch.fault or watch.seen[-1:] in (["safe"], ["failed"]), "the stick", 600)
    finally:
        watch.end()
    same("the upload", answers[0][0], 201)
    # A dossier that is handed in only after the stick was done is taken to it in a second round.
    said = [state for state in watch.seen if state != "none"]
    same("what the page said of the stick", said, ["working", "safe"] * (2 if len(said) > 2 else 1))
    note("RssAnon %d KiB idle, at most %d KiB under load; a page waited %.2f s at most" %
         (idle, watch.peak_kib, watch.slowest))
    check(watch.peak_kib <= LOADED_KIB, "under load the service took %d KiB" % watch.peak_kib)
    same("the document", [one["have"] for one in page.get("/api/documents").json()], [True])
    os.rename(watched, stick)
    xa.sync(stick)
    same("the attachment at the commune", [row["attachments"] for row in xa.list()][:1], [{"have": 1, "of": 1}])
    meo.stop()
    done("%d KiB idle, %d KiB while 200 MB came in, 200 MB came by stick and 200 MB left by it; pages within %.2f s" %
         (idle, watch.peak_kib, watch.slowest))
