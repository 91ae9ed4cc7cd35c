"""Every segment of a bundle is damaged in turn. Without its parity the rest is salvaged, nothing wrong is accepted,
nothing is lost in the end and nothing is left over; with parity the damage is repaired.

usage: campaign_damage.py smoke|full
"""
from lib_campaign import *

MAGIC = b"KSEG"
HEAD = 33  # octets before a segment's body; sync/wire/FORMATS.md
HEADER = 28


def segments(octets):
    """(offset, end) of each segment of a bundle, and where the last ends: parity follows."""
    at, out = HEADER, []
    while octets[at:at + 4] == MAGIC:
        end = at + HEAD + int.from_bytes(octets[at + 21:at + 25], "big")
        out.append((at, end))
        at = end
    check(out, "no segment in the bundle")
    check(octets[at:at + 8] == b"khuoipar", "no parity after the last segment")
    return out, at


class Scene:
    def __init__(self, xa, meo, stick, bundle, octets):
        self.xa, self.meo, self.stick, self.bundle, self.octets = xa, meo, stick, bundle, octets

    def trial(self, octets):
        """Copies of both nodes and a stick whose bundle has these octets."""
        to = path("trial")
        shutil.rmtree(to, ignore_errors=True)
        stick = os.path.join(to, "stick")
        shutil.copytree(self.stick, stick)
        with open(os.path.join(stick, "KHUOI", os.path.basename(self.bundle)), "wb") as file:
            file.write(octets)
        return self.xa.copy(os.path.join(to, "xa")), self.meo.copy(os.path.join(to, "meo")), stick


def damaged(octets, start, end, how, rng):
    if how == "flip":
        out = bytearray(octets)
        out[rng.randrange(start, end)] ^= 1 << rng.randrange(8)
        return bytes(out)
    if how == "zero":
        return octets[:start] + bytes(end - start) + octets[end:]
    if how == "junk":
        return octets[:start] + rng.randbytes(end - start) + octets[end:]
    if how == "gone":
        return octets[:start] + octets[end:]
    return octets[:start]  # cut


def nothing_wrong(xa, files):
    """What the commune shows are submissions that were handed in, octet for octet."""
    by_id = {instance_id(file)[len("uuid:"):]: file for file in files}
    out = path("salvaged")
    shutil.rmtree(out, ignore_errors=True)
    xa.run("export", out)
    names = os.listdir(out) if os.path.isdir(out) else []
    for name in names:
        check(name in by_id, "the commune shows a submission that nobody handed in: " + name)
        check(filecmp.cmp(by_id[name], os.path.join(out, name, "submission.xml"), shallow=False),
              name + " differs at the commune")
    shutil.rmtree(out, ignore_errors=True)
    return len(names)


def main():
    rng = seeded()
    n, photos = (600, 3) if FULL else (60, 1)
    xa = commune()
    meo = hamlet(xa, "meo")
    stick = folder("stick")
    carry(stick, xa, meo)
    files = submissions("filled", n, SEED, free=0.5)
    attachments, ids = {}, meo.submit(files)
    for _ in range(photos):
        xml, photo = photo_submission(folder("photos"), rng, 200_000)
        ids += meo.submit([xml], [photo])
        files.append(xml)
        attachments[xml] = [photo]
    before = set(bundles(stick))
    meo.sync(stick)
    fresh = [one for one in bundles(stick) if one not in before]
    same("bundles the hamlet wrote", len(fresh), 1)
    with open(fresh[0], "rb") as file:
        octets = file.read()
    parts, end = segments(octets)
    scene = Scene(xa, meo, stick, fresh[0], octets)
    note("a bundle of %d octets: %d segments, %d octets of parity" % (len(octets), len(parts), len(octets) - end))

    salvaged, repaired = [], 0
    ways = ("flip", "zero", "junk", "gone", "cut") if FULL else ("flip", "zero", "gone")
    trials = [(index, how) for index in range(len(parts)) for how in ways]
    if not FULL:
        trials = trials[:1] + rng.sample(trials[1:], 9)
    for index, how in trials:
        start, stop = parts[index]
        if not FULL or index % 4 == 0 or how == "flip":
            # With its parity, and damage that parity promises to mend: as if the segment had never been touched.
            run = min(stop - start, 4096)
            mended = octets[:start] + damaged(octets[start:start + run], 0, run, "junk", rng) + octets[start + run:]
            trial_xa, trial_meo, trial_stick = scene.trial(mended)
            counts = trial_xa.sync(trial_stick)
            same("records repaired by parity, segment %d" % index, counts["records_in"], len(files))
            check_export(trial_xa, files, attachments)
            repaired += 1
        # Without: the rest is salvaged.
        trial_xa, trial_meo, trial_stick = scene.trial(damaged(octets[:end], start, stop, how, rng))
        got = trial_xa.run("stick sync", trial_stick, "--json", code=None)
        check(got.returncode in (0, 1), "the sync of a damaged stick ended with %d" % got.returncode)
        salvaged.append(nothing_wrong(trial_xa, files))
        trial_xa.verify()
        # And in the end everything arrives, with the same stick.
        for node in (trial_meo, trial_xa, trial_meo, trial_xa, trial_meo):
            node.run("stick sync", trial_stick, code=None)
        all_received(trial_meo, ids)
        check_export(trial_xa, files, attachments)
        check_no_litter(trial_stick)
        same("bundles left when all is receipted, segment %d %s" % (index, how), len(bundles(trial_stick)) <= 2, True)
        trial_meo.verify()
    check(max(salvaged) > 0, "nothing was ever salvaged")
    done("%d damages of %d segments: %d..%d of %d submissions salvaged at once, all in the end; %d repaired by parity"
         % (len(trials), len(parts), min(salvaged), max(salvaged), len(files), repaired))


main()
