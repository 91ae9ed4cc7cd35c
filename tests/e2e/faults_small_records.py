#!/usr/bin/env python3
"""Small records that unpack to megabytes: 25 anonymous submissions of nearly a megabyte each, by fiber, to a commune
that then learns, is ended while it learns, and starts again. Neither side grows, and more than a megabyte is refused at
each way in. KHUOI_SEED varies what is written."""
import random
import signal
import subprocess

from lib_campaign import KHUOI, PHRASE, SEED, check, commune, done, environment, hamlet, note, path, same, start, wait_until
from lib_counter import Browser, multipart
from lib_forms import copy_request, new_id

rng = random.Random(SEED)
MIB = 1 << 20
SENT = 25
GROWN_KIB_MAX = 64 * 1024  # it was 1.27 GB at the commune and 677 MB at the hamlet


def anonymous_kib(node):
    with open("/proc/%d/status" % node.service.pid) as status:
        return int([line for line in status if line.startswith("RssAnon")][0].split()[1])


def long_text(octets):
    """Words that compress to a hundredth, other ones in each submission."""
    words = " ".join("Nông Thị %d" % rng.randrange(10 ** 6) for _ in range(50)) + " "
    return (words * (octets // len(words.encode()) + 1)).encode()[:octets].decode("utf-8", "ignore")


def anonymous(node, xml):
    page = Browser(node)
    page.look()
    kind, body = multipart([("xml_submission_file", "s.xml", xml)])
    return page.ask("POST", "/api/submissions", body, {"Content-Type": kind})


def refused(meo):
    """By the page, by a phone and by the command line, with a sentence; nothing of it is kept."""
    xml = copy_request(new_id(rng), name=long_text(MIB))
    answer = anonymous(meo, xml)
    same("the page", (answer.status, answer.error), (413, "too_large"))
    check("1 MiB" in answer.json()["detail"], "the page does not say what the limit is")
    with open(path("lang.xml"), "w", encoding="utf-8") as file:
        file.write(xml)
    got = meo.run("submit", path("lang.xml"), code=1)
    check(b"1 MiB" in got.stderr and not got.stdout, "submit: %r" % got.stderr)
    same("what is there", meo.list(), [])


def look_at_lists(meo):
    page = Browser(meo)
    page.login("meo", PHRASE)
    for question in ("", "?q=nong+thi", "?limit=500"):
        rows = page.get("/api/dossiers" + question).json()
        same("rows of '%s'" % question, rows["total"], SENT)
    check(len(page.get("/api/dossiers").body) < 100_000, "a list carries what was handed in")
    for row in rows["rows"]:
        page.get("/api/dossiers/" + row["id"])


def learn_and_be_ended(xa):
    """The service is ended while it learns: it stops at once and well, and the next one does not begin by learning."""
    learning = start([KHUOI, "dictionary", "train", "--data", xa.data], env=environment(), stdout=subprocess.DEVNULL,
                     stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    xa.stop(signal.SIGTERM)
    learning.wait()
    xa.serve("--listen", "127.0.0.1:0")
    xa.run("dictionary train")


def main():
    xa = commune()
    meo = hamlet(xa, "meo")
    xa.serve("--listen", "127.0.0.1:0")
    meo.serve("--contact", xa.address())
    refused(meo)
    for _ in range(SENT):
        same("handed in", anonymous(meo, copy_request(new_id(rng), name=long_text(MIB - 4096))).status, 201)
    wait_until(lambda: all(row["state"] == "received" for row in meo.list()), "all to be received")
    same("at the commune", len(xa.list()), SENT)
    look_at_lists(meo)
    learn_and_be_ended(xa)
    sizes = {node.name: anonymous_kib(node) for node in (xa, meo)}
    for name, size in sizes.items():
        check(size < GROWN_KIB_MAX, "the service of %s grew to %d KiB" % (name, size))
    xa.run("export", path("out"))
    note("RssAnon after %d submissions of 1 MiB: %s" % (SENT, ", ".join("%s %.1f MB" % (name, size / 1024) for name, size in sizes.items())))
    for node in (xa, meo):
        node.stop()
        node.verify()
    done("%d submissions of nearly 1 MiB taken, learned from and listed; larger ones refused" % SENT)


main()
