"""Ten hamlets, photos, three sticks in a shuffled order, one lost and one damaged: everything arrives in the end.

usage: acceptance_ten.py [full]       full: photos of 0.3 to 3 MB; else small ones
"""
from lib_campaign import *


class Hamlet:
    def __init__(self, node):
        self.node, self.files, self.photos, self.ids = node, [], {}, []

    def day(self, rng, plain, octets):
        files = [plain.pop() for _ in range(6 if FULL else 3)]
        self.ids += self.node.submit(files)
        for _ in range(3 if FULL else 1):
            xml, photo = photo_submission(folder("photos"), rng, octets(rng))
            self.ids += self.node.submit([xml], [photo])
            self.photos[xml] = [photo]
            files.append(xml)
        self.files += files


def damage(stick, rng):
    """Much more than parity mends, in every bundle."""
    for bundle in bundles(stick):
        with open(bundle, "r+b") as file:
            size = os.path.getsize(bundle)
            for _ in range(3):
                file.seek(rng.randrange(max(1, size - size // 8)))
                file.write(rng.randbytes(max(1, size // 8)))
        if rng.random() < 0.5:
            os.truncate(bundle, size * 2 // 3)


def main():
    rng = seeded()
    octets = (lambda r: r.randrange(300_000, 3_000_000)) if FULL else (lambda r: r.randrange(20_000, 120_000))
    xa = commune()
    count = 10
    hamlets = [Hamlet(hamlet(xa, "xom-%02d" % n)) for n in range(count)]
    plain = submissions("filled", 200, SEED)
    sticks = [folder("stick-%d" % n) for n in range(3)]
    for stick in sticks:
        xa.sync(stick)
    for one in hamlets:
        one.node.sync(sticks[0])

    lost = damaged = 0
    for day in range(3):
        for one in hamlets:
            one.day(rng, plain, octets)
        visits = [(one, rng.randrange(3)) for one in hamlets] + [(None, n) for n in range(3)]
        rng.shuffle(visits)
        for one, n in visits:
            node = one.node if one else xa
            got = node.run("stick sync", sticks[n], "--json", code=None)
            check(got.returncode in (0, 1), "a sync ended with %d: %s" % (got.returncode, got.stderr.decode()))
            check(got.returncode == 0 or damaged > 0, "a sync failed: " + got.stderr.decode())
        if day == 0:
            shutil.rmtree(sticks[1])
            os.makedirs(sticks[1])
            lost += 1
        if day == 1:
            damage(sticks[2], rng)
            damaged += 1

    # Until all have been everywhere often enough: two rounds, one for what the lost and the damaged stick cost.
    rounds = 0
    while any(one.node.status()["waiting"] for one in hamlets) or rounds < 2:
        rounds += 1
        check(rounds < 7, "after six rounds %s still wait" %
              [(one.node.name, one.node.status()["waiting"]) for one in hamlets if one.node.status()["waiting"]])
        for one in rng.sample(hamlets, count):
            stick = rng.choice(sticks)
            one.node.run("stick sync", stick, code=None)
        for stick in sticks:
            xa.run("stick sync", stick, code=None)
        for stick in sticks:
            for one in rng.sample(hamlets, count):
                one.node.run("stick sync", stick, code=None)

    files = [file for one in hamlets for file in one.files]
    photos = {file: photo for one in hamlets for file, photo in one.photos.items()}
    for one in hamlets:
        all_received(one.node, one.ids)
        one.node.verify()
    missing = {row["id"] for row in xa.list() if row["attachments"]["have"] != row["attachments"]["of"]}
    same("dossiers that lack a photo at the commune", missing, set())
    check_export(xa, files, photos)
    xa.verify()
    for stick in sticks:
        check_no_litter(stick)
    done("%d submissions with %d photos of %d hamlets over 3 sticks, %d lost, %d damaged: all there after %d more rounds"
         % (len(files), len(photos), count, lost, damaged, rounds))


main()
