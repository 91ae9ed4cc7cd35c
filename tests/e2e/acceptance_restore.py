"""A hamlet restored from an old backup, a cloned hamlet disk, a commune restored from an old backup; by stick
and by fiber (smoke: one of them). Everything reaches both sides, forks are shown, a revocation stays revoked, nothing is quarantined.

usage: acceptance_restore.py [full]
"""
from lib_campaign import *


class ByStick:
    name = "stick"

    def __init__(self, place):
        self.stick = folder(place)

    def exchange(self, xa, node):
        for one in (node, xa, node):
            one.run("stick sync", self.stick, code=None)

    def refused(self, xa, node, ids):
        self.exchange(xa, node)
        arrived = {row["id"] for row in xa.list()} & set(ids)
        same("what a revoked box wrote and the commune took", arrived, set())


class ByFiber:
    name = "fiber"

    def __init__(self, place):
        pass

    def exchange(self, xa, node):
        xa.serve("--listen", "127.0.0.1:0")
        node.run("contact", xa.address())
        xa.stop()

    def refused(self, xa, node, ids):
        xa.serve("--listen", "127.0.0.1:0")
        node.run("contact", xa.address(), code=1)
        xa.stop()
        arrived = {row["id"] for row in xa.list()} & set(ids)
        same("what a revoked box wrote and the commune took", arrived, set())


class Papers:
    """Fresh submissions, and which of them must be where."""

    def __init__(self, name):
        self.left = submissions(name, 400, SEED + sum(name.encode()))
        self.n = 10 if FULL else 4

    def take(self):
        files, self.left = self.left[:self.n], self.left[self.n:]
        return files


def hands_in(node, papers):
    files = papers.take()
    node.submit(files)
    return files


def check_ids(node, files, phrase=None):
    have = {row["id"] for row in node.list(phrase=phrase)}
    lacks = {id_of(file) for file in files} - have
    same("dossiers that %s lacks" % node.name, lacks, set())


def sound(*nodes):
    for node in nodes:
        node.verify(phrase=PHRASE)
        # A fork is told to a person there; nothing else may be.
        others = [row for row in node.json("quarantine list") if "restored from a backup or its disk was cloned" not in row["why"]]
        same("quarantined at " + node.name, others, [])


def hamlet_restored(way):
    xa = commune("a-xa-" + way.name)
    meo = hamlet(xa, "a-meo-" + way.name)
    papers = Papers("a-papers-" + way.name)
    link = way("a-stick")
    link.exchange(xa, meo)
    files = hands_in(meo, papers)
    link.exchange(xa, meo)
    backup = path("a-backup-" + way.name)
    meo.run("backup", backup)
    files += hands_in(meo, papers)
    link.exchange(xa, meo)
    files += hands_in(meo, papers)
    if way is ByStick:
        meo.sync(link.stick)  # these lie on the stick only
    else:
        link.exchange(xa, meo)
    shutil.rmtree(meo.data)
    meo.run("restore", backup)
    files += hands_in(meo, papers)
    for _ in range(3):
        link.exchange(xa, meo)
    all_received(meo, [id_of(file) for file in files[:papers.n] + files[-papers.n:]])
    meo.run("list", phrase=PHRASE)
    check_export(xa, files)
    check_ids(meo, files, phrase=PHRASE)
    check_export(meo, files, phrase=PHRASE)
    all_received(meo, [id_of(file) for file in files])
    check(xa.status()["forks"] > 0, "the commune does not show the fork of a restored hamlet")
    sound(xa, meo)
    return len(files)


def hamlet_cloned(way):
    xa = commune("b-xa-" + way.name)
    meo = hamlet(xa, "b-meo-" + way.name)
    papers = Papers("b-papers-" + way.name)
    link = way("b-stick")
    link.exchange(xa, meo)
    files = hands_in(meo, papers)
    link.exchange(xa, meo)
    twin = meo.copy(path("b-twin-" + way.name), "twin")
    for _ in range(2):
        for one in (meo, twin):
            files += hands_in(one, papers)
            link.exchange(xa, one)
    for _ in range(2):
        for one in (meo, twin):
            link.exchange(xa, one)
    check_export(xa, files)
    for one in (meo, twin):
        check_ids(one, files, phrase=PHRASE)
        check_export(one, files, phrase=PHRASE)
        all_received(one, [id_of(file) for file in files])
    check(xa.status()["forks"] > 0, "the commune does not show the fork of a cloned hamlet")
    sound(xa, meo, twin)
    return len(files)


def commune_restored(way):
    xa = commune("c-xa-" + way.name)
    meo = hamlet(xa, "c-meo-" + way.name)
    stolen = hamlet(xa, "c-stolen-" + way.name)
    papers = Papers("c-papers-" + way.name)
    link = way("c-stick")
    for one in (meo, stolen):
        link.exchange(xa, one)
    files = hands_in(meo, papers)
    link.exchange(xa, meo)
    backup = path("c-backup-" + way.name)
    xa.run("backup", backup)
    # All that comes after the backup: records, an answer, a new hamlet, a revocation.
    files += hands_in(meo, papers)
    link.exchange(xa, meo)
    answered = id_of(files[-1])
    xa.run("state", answered, "--set", "accepted", "--note", "Đã nhận")
    lay = hamlet(xa, "c-lay-" + way.name)
    link.exchange(xa, lay)
    late = hands_in(lay, papers)
    link.exchange(xa, lay)
    xa.run("node revoke", stolen.name, phrase=PHRASE)
    for one in (meo, lay):
        link.exchange(xa, one)
    all_received(meo, [id_of(file) for file in files])

    shutil.rmtree(xa.data)
    xa.run("restore", backup)
    same("submissions at the restored commune", len(xa.list()), papers.n)
    other = id_of(files[0])
    xa.run("state", other, "--set", "accepted")  # before it hears of the past that it forgot
    link.exchange(xa, meo)
    same("what the hamlets' roster says of the stolen box", revoked(xa), [stolen.name])
    stolen_files = hands_in(stolen, papers)
    link.refused(xa, stolen, [id_of(file) for file in stolen_files])
    for _ in range(2):
        for one in (meo, lay):
            link.exchange(xa, one)
    new = hands_in(meo, papers)
    link.exchange(xa, meo)
    check_export(xa, files + late + new)
    all_received(meo, [id_of(file) for file in files + new])
    all_received(lay, [id_of(file) for file in late])
    states = {row["id"]: row["state"] for row in xa.list()}
    same("the answer given before the restore, at the commune", states[answered], "accepted")
    at_meo = {row["id"]: row["state"] for row in meo.list(phrase=PHRASE)}
    same("both answers at the hamlet", (at_meo[answered], at_meo[other]), ("accepted", "accepted"))
    same("revoked after all", revoked(xa), [stolen.name])
    for node in (xa, meo, lay):
        node.verify(phrase=PHRASE)
    check(any(node.status()["forks"] > 0 for node in (xa, meo)), "nobody shows the fork of the restored commune")
    return len(files + late + new)


def revoked(xa):
    return sorted(row["name"] for row in xa.json("node list") if row["revoked"])


def main():
    total = 0
    every = [(scenario, way) for way in (ByStick, ByFiber) for scenario in (hamlet_restored, hamlet_cloned, commune_restored)]
    for scenario, way in every if FULL else [every[0], every[4], every[2]]:
        began = time.monotonic()
        try:
            total += scenario(way)
        finally:
            note("%s by %s: %.1f s" % (scenario.__name__, way.name, time.monotonic() - began))
    done("a hamlet restored, a disk cloned, a commune restored: %d submissions, all on both sides" % total)


main()
