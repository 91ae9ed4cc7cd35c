#!/usr/bin/env python3
"""A disk that is full, and one that can only be read. Nobody is told that a sound disk or stick fails; a service starts on a
full disk, answers, and lets a stick out; from a disk that turned read-only everything can be rescued, also while a service
still runs on it, and nothing on it changes. Mounting small file systems takes root: without it this ends with a line that
says so."""
import contextlib
import os
import random
import re
import subprocess

from lib_campaign import (KHUOI, PHRASE, Node, carry, check, check_export, commune, done, environment, folder, hamlet, id_of,
                          instance_id, path, photo_submission, same, start, submissions, tree, wait_until)
from lib_counter import Browser
from lib_forms import write

rng = random.Random(9)
FALSE_ADVICE = re.compile(r"use another|may be failing|take another")


def mount(options, *places):
    return subprocess.run(["mount", "-o", options, *places], capture_output=True).returncode == 0


@contextlib.contextmanager
def small_disk(name, size):
    place = folder(name)
    if not mount("size=" + size, "-t", "tmpfs", "tmpfs", place):
        print("skipped: mounting a small file system is not permitted here")
        raise SystemExit(0)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def fill(place):
    """Leaves no octet."""
    with open(os.path.join(place, "ballast"), "wb", buffering=0) as file:
        for step in (1 << 20, 4096, 1):
            try:
                while file.write(bytes(step)) > 0:
                    pass
            except OSError:
                pass


def room(place):
    os.unlink(os.path.join(place, "ballast"))


def serve(node, *options):
    """As Node.serve, with the log on another disk, and the address from it: a full disk takes no file that names it."""
    log_name = path("serve.%d.log" % rng.getrandbits(40))
    with open(log_name, "ab") as log:
        node.service = start([KHUOI, "serve", "--data", node.data, "--http", "127.0.0.1:0", *options], env=environment(),
                             stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def ready():
        check(node.service.poll() is None, "the service ended at once: " + open(log_name).read())
        return re.search(r"event=ready .*http=(\S+)", open(log_name).read())
    wait_until(ready, "the service to be ready")
    return ready()[1], log_name


def page_at(address, node):
    """A browser for a service that could write its address nowhere."""
    os.makedirs(path("notes/run"), exist_ok=True)
    with open(path("notes/run/http"), "w") as file:
        file.write(address)
    return Browser(Node(path("notes"), node.name))


def said(got):
    return got.stderr.decode()


def full_disk(xa):
    with small_disk("full", "24m") as disk:
        meo = hamlet_on(disk, xa, "meo")
        files = submissions("files", 20, 7)
        meo.submit(files)
        fill(disk)
        xml, photo = photo_submission(path("big"), rng, 3 << 20)
        got = meo.run("submit", xml, "--attach", photo, code=1)
        check(not FALSE_ADVICE.search(said(got)), "a full disk was called a failing one: " + said(got))
        check("space" in said(got) or "full" in said(got), "nobody is told that the disk is full: " + said(got))
        same("dossiers on a full disk", len(meo.list()), 20)
        stick = folder("stick")
        xa.run("document add", write("large.pdf", b"%PDF" + rng.randbytes(4 << 20)), "--title", "Lớn", "--to", "meo")
        xa.sync(stick)
        address, log = serve(meo, "--stick", stick)
        page = page_at(address, meo)
        same("the page of a full box", page.get("/healthz").status, 200)
        wait_until(lambda: page.get("/api/home").json()["stick"]["state"] in ("failed", "safe"), "the stick to be synced")
        seen = page.get("/api/home").json()["stick"]
        same("why the stick is not done", (seen["state"], seen["reason"]), ("failed", "box_full"))
        check(not FALSE_ADVICE.search(seen["message"] or ""), "the stick was blamed: %r" % seen["message"])
        got = meo.run("stick sync", stick, code=1)
        check("own disk" in said(got), "whose disk is full? " + said(got))
        meo.service.kill()
        meo.service.wait()
        meo.service = None
        check("event=panic" not in open(log).read(), "see " + log)
        same("what a full box let out", xa.sync(stick)["records_in"], 20)
        room(disk)
        meo.sync(stick)
        same("documents that came once there was room", len(meo.json("document list", phrase=PHRASE)), 1)
        meo.verify()


def no_room_for_names():
    """Not one more file or folder can be made, and the service never ran here before."""
    with small_disk("names", "24m,nr_inodes=12") as disk:
        node = Node(os.path.join(disk, "phu-coc"), "phu-coc")
        node.run("init", "--role", "hamlet", "--name", "Phú Cốc", phrase=PHRASE)
        with contextlib.suppress(OSError):
            for n in range(20):
                open(os.path.join(disk, "ballast.%d" % n), "wb").close()
        address, _ = serve(node)
        same("the page of a box without room for a name", page_at(address, node).get("/healthz").status, 200)
        node.service.kill()
        node.service.wait()
        node.service = None
        same("its list", node.list(), [])


def commune_nearly_full(xa):
    """What of a stick fits is taken in and stays; the rest is told of, stays on the stick and comes once there is room."""
    n = 3000
    meo = hamlet(xa, "day")
    stick = folder("day.stick")
    carry(stick, xa, meo)
    meo.submit(submissions("day.files", n, 9))
    meo.sync(stick)
    again = path("day.again")
    subprocess.run(["cp", "-r", stick, again], check=True)
    roomy = xa.copy(path("roomy"))
    before = os.path.getsize(os.path.join(roomy.data, "store", "data.mdb"))
    same("records where there is room", roomy.sync(stick)["records_in"], n)
    grown = os.path.getsize(os.path.join(roomy.data, "store", "data.mdb")) - before
    with small_disk("nearly", "64m") as disk:
        small = xa.copy(os.path.join(disk, "xa"))
        had = len(small.list())
        fill(disk)
        os.truncate(os.path.join(disk, "ballast"), os.path.getsize(os.path.join(disk, "ballast")) - grown * 6 // 10)
        got = small.run("stick sync", again, code=None)
        came = int(re.search(r"(\d+) new records of \S+ were taken in; the rest stays on the stick", said(got))[1])
        check(0 < came < n, "of %d records %d were taken in" % (n, came))
        check(not FALSE_ADVICE.search(said(got)), "the stick was blamed: " + said(got))
        room(disk)
        same("what was taken in", len(small.list()), had + came)
        small.verify()
        same("the rest", small.sync(again)["records_in"], n - came)
        same("dossiers", len(small.list()), had + n)


def full_stick(xa):
    lay = hamlet_on(folder(), xa, "lay")
    lay.submit(submissions("lay.files", 30, 8))
    with small_disk("fullstick", "1m") as stick:
        fill(stick)
        got = lay.run("stick sync", stick, code=1)
        check("own disk" not in said(got), "the box's disk was blamed for a full stick: " + said(got))
        check("may be failing" not in said(got), "a full stick was called a failing one: " + said(got))
        backup = os.path.join(stick, "lay.kbk")
        got = lay.run("backup", backup, code=1)
        check(lay.data + "/store" not in said(got) and "space" in said(got), "which disk is full? " + said(got))


def hamlet_on(disk, xa, name):
    """Its data folder is on that disk, the papers of its enrolment are not."""
    node = Node(os.path.join(disk, name), name)
    node.run("init", "--role", "hamlet", "--name", name, phrase=PHRASE)
    request, grant = path(name + ".request"), path(name + ".grant")
    node.run("enrol request", "--out", request)
    xa.run("enrol grant", "--in", request, "--out", grant, phrase=PHRASE)
    node.run("enrol accept", "--in", grant, phrase=PHRASE)
    carry(folder("forms.stick"), xa, node)
    return node


def rescue(node, files, xa):
    before = tree(os.path.join(node.data, "store"))
    same("list while locked", len(node.list()), len(files))
    rows = node.list(phrase=PHRASE)
    same("list", sorted(row["instanceID"] for row in rows), sorted(instance_id(file) for file in files))
    shown = node.json("show", id_of(files[0]), phrase=PHRASE)
    same("show", shown["versions"][0]["xml"], open(files[0], encoding="utf-8").read())
    check_export(node, files, phrase=PHRASE)
    same("status", node.status()["dossiers"], len(files))
    node.verify(phrase=PHRASE)
    got = node.run("backup", path("rescued.kbk"))
    check("the copy is whole" in said(got), "nobody is told that no note was taken: " + said(got))
    again = Node(path("rescued"), "rescued")
    again.run("restore", path("rescued.kbk"))
    same("dossiers of the backup", len(again.list(phrase=PHRASE)), len(files))
    got = node.run("submit", files[0], code=1)
    check("read" in said(got), "submit does not say why: " + said(got))
    stick = folder("rescue.stick")
    got = node.run("stick sync", stick, code=None)
    check(not FALSE_ADVICE.search(said(got)), "the stick was blamed: " + said(got))
    same("rescued by stick", xa.sync(stick)["records_in"], len(files))
    check(tree(os.path.join(node.data, "store")) == before, "something changed on a disk that is read-only")
    subprocess.run(["rm", "-rf", stick, path("rescued.kbk"), again.data], check=True)


def read_only(xa):
    with small_disk("readonly", "24m") as disk:
        meo = hamlet_on(disk, xa, "na-ca")
        files = submissions("ro.files", 8, 9)
        meo.submit(files)
        serve(meo)
        view = folder("view")
        check(mount("bind", disk, view) and mount("remount,bind,ro", view), "no read-only view")
        seen = Node(os.path.join(view, "na-ca"), "na-ca")
        try:
            same("through the service of a disk that turned read-only", len(seen.list(phrase=PHRASE)), len(files))
            check("takes nothing more" not in said(seen.run("status")), "the service was not asked first")
            meo.service.kill()
            meo.service.wait()
            meo.service = None
            check(mount("remount,ro", disk), "cannot be made read-only")
            rescue(meo, files, xa)
        finally:
            subprocess.run(["umount", "-l", view], check=True)
        check(mount("remount,rw", disk), "cannot be made writable")
        os.unlink(os.path.join(meo.data, "lock"))
        os.unlink(os.path.join(meo.data, "store", "lock.mdb"))
        check(mount("remount,ro", disk), "cannot be made read-only")
        same("without any lock file", len(meo.list(phrase=PHRASE)), len(files))


def store_cut_short(xa):
    """A store that lost its end, wherever it was cut, is told of by every command in a sentence; no signal ends one."""
    meo = hamlet(xa, "cut")
    carry(folder("cut.stick"), xa, meo)
    meo.submit(submissions("cut.files", 60, 9))
    whole = open(os.path.join(meo.data, "store", "data.mdb"), "rb").read()
    for part in range(1, 9):
        for words in ("verify", "list", "status", "backup", "serve --http 127.0.0.1:0"):
            one = meo.copy(path("one"))
            os.truncate(os.path.join(one.data, "store", "data.mdb"), len(whole) * part // 9 + part)
            got = one.run(words, *([path("cut.kbk")] if words == "backup" else []), code=1, timeout=60)
            check(one.data in said(got) and "restore a backup" in said(got).lower(),
                  "'%s' on a store cut to %d/9 says: %s" % (words, part, said(got)))
    check(not os.path.exists(path("cut.kbk")), "a damaged store was backed up")
    meo.serve()
    os.truncate(os.path.join(meo.data, "store", "data.mdb"), 3 * 4096)
    meo.run("list", code=1)
    same("the exit code of a service whose store was cut under it", meo.service.wait(timeout=60), 1)
    meo.service = None
    with open(meo.data + ".log") as log:
        check(meo.data + "/store is missing" in log.read(), "the service's log does not name the store")


def main():
    xa = commune("xa")
    store_cut_short(xa)
    full_disk(xa)
    no_room_for_names()
    commune_nearly_full(xa)
    full_stick(xa)
    read_only(xa)
    done("a full disk is called full, lets its records out, and a disk that can only be read gives up everything")


main()
