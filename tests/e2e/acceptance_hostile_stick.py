"""Sticks that somebody prepared, filled, locked or swapped: one clear sentence at most, the right exit code, nothing
foreign touched, nothing half-stored, no litter, and the good bundle beside the bad one is taken in.

usage: acceptance_hostile_stick.py [full]
"""
import resource
import stat

from lib_campaign import *

SECONDS_MAX = 60  # a loaded machine; the hostile part alone takes far less
_mounts = []


def umount_all():
    while _mounts:
        subprocess.run(["umount", "-l", _mounts.pop()], check=False)


atexit.register(umount_all)


class Scene:
    """A commune that has not seen yet what a hamlet put on a stick."""

    def __init__(self):
        self.xa = commune()
        self.meo = hamlet(self.xa, "meo")
        self.good = folder("good-stick")
        carry(self.good, self.xa, self.meo)
        self.files = submissions("filled", 40, SEED)
        self.ids = self.meo.submit(self.files)
        self.meo.sync(self.good)
        self.bundle = max(bundles(self.good), key=os.path.getsize)
        other = commune("xa-khac")
        stranger = hamlet(other, "xóm khác")
        self.foreign = folder("foreign-stick")
        carry(self.foreign, other, stranger)
        stranger.submit(submissions("foreign", 3, SEED + 9))
        stranger.sync(self.foreign)
        self.count = 0

    def stick(self, good=True):
        """A stick of its own; gives (stick, KHUOI)."""
        self.count += 1
        stick = path("stick-%d" % self.count)
        if good:
            shutil.copytree(self.good, stick)
        else:
            os.makedirs(os.path.join(stick, "KHUOI"))
        return stick, os.path.join(stick, "KHUOI")

    def take(self, what, stick, code=0, arrived=True):
        """The commune, fresh each time, syncs this stick. Gives (its counts or nothing, what it told people)."""
        xa = self.xa.copy(path("trial-xa"))
        began = time.monotonic()
        got = xa.run("stick sync", stick, "--json", code=code if isinstance(code, int) else None, timeout=SECONDS_MAX)
        took = time.monotonic() - began
        if not isinstance(code, int):
            check(got.returncode in code, "%s: exit code %d" % (what, got.returncode))
        words = got.stderr.decode("utf-8")  # whatever names the stick holds, what is said is text
        check(all(ord(one) >= 32 or one == "\n" for one in words), what + ": control characters are shown")
        have = {row["id"] for row in xa.list()}
        same(what + ": submissions that arrived", len(have & set(self.ids)), len(self.ids) if arrived else 0)
        same(what + ": submissions that nobody handed in", len(have - set(self.ids)), 0)
        xa.verify()
        good = path("good-again")
        shutil.rmtree(good, ignore_errors=True)
        shutil.copytree(self.good, good)
        xa.sync(good)  # the next good stick works
        same(what + ": after the next good stick", len(xa.list()), len(self.ids))
        note("%-44s exit %d, %.2f s%s" % (what, got.returncode, took, ": " + words.strip().split("\n")[0][:90] if words else ""))
        return (json.loads(got.stdout) if got.stdout.strip() else {}), words


def kinds_of_files(scene):
    stick, khuoi = scene.stick()
    outside = path("outside.kbn")
    shutil.copy(scene.bundle, outside)
    os.mkfifo(os.path.join(khuoi, "00000000000000a1.kbn"))
    os.symlink(outside, os.path.join(khuoi, "00000000000000a2.kbn"))
    os.symlink("/etc/passwd", os.path.join(khuoi, "00000000000000a3.kbn"))
    os.symlink("../../outside.kbn", os.path.join(khuoi, "00000000000000a4.kbn"))
    os.mkdir(os.path.join(khuoi, "00000000000000a5.kbn"))
    os.link(outside, os.path.join(khuoi, "00000000000000a6.kbn"))
    open(os.path.join(khuoi, "00000000000000a7.kbn"), "wb").close()
    with socket.socket(socket.AF_UNIX) as one:
        here = os.getcwd()
        os.chdir(khuoi)
        one.bind("00000000000000a8.kbn")
        os.chdir(here)
    if os.geteuid() == 0:
        try:
            os.mknod(os.path.join(khuoi, "00000000000000a9.kbn"), stat.S_IFCHR | 0o600, os.makedev(1, 5))
        except OSError:
            note("no device nodes may be made here: that one is left out")
    before = sorted(os.listdir(khuoi))
    # The hamlet's bundle may be dropped by the hamlet alone: whatever is there stays.
    scene.take("FIFO, symlinks, hard link, folder, socket, device", stick, code=(0, 1))
    same("names that were there and are gone", set(before) - set(os.listdir(khuoi)) - {os.path.basename(one) for one in
         bundles(scene.good)}, set())
    same("the file outside", open(outside, "rb").read(), open(scene.bundle, "rb").read())


def names(scene):
    stick, khuoi = scene.stick()
    for name in (b"..kbn", b"con.kbn", b"\xff\xfe\xfd.kbn", "\u202enbk.cba.kbn".encode(), b"00000000000000b1.kbn.", b"\x1b[31mred",
                 b"a" * 255, b"00000000000000b2 .kbn", b"-rf", b"00000000000000b3.exe"):
        with open(os.path.join(khuoi.encode(), name), "wb") as file:
            file.write(b"x" * 100)
    deep = khuoi
    for _ in range(60):
        deep = os.path.join(deep, "d")
    os.makedirs(deep)
    # FAT shows names in capitals.
    for bundle in bundles(stick):
        os.rename(bundle, os.path.join(khuoi, os.path.basename(bundle).upper()))
    foreign = {name: one for name, one in tree(stick).items() if not name.upper().endswith(".KBN") or len(os.path.basename(name)) != 20}
    scene.take("names: capitals, controls, RTL, not UTF-8", stick)
    after = tree(stick)
    same("foreign files that changed", [name for name, one in foreign.items() if name in after and after[name] != one], [])
    same("foreign files that are gone", [name for name in foreign if name not in after], [])


def sizes(scene):
    stick, khuoi = scene.stick()
    with open(os.path.join(khuoi, "00000000000000c1.kbn"), "wb") as file:
        file.truncate(16 << 30)
    with open(os.path.join(khuoi, "00000000000000c2.kbn"), "wb") as file:
        file.write(open(scene.bundle, "rb").read(28))
        file.truncate(3 << 30)
    with open(os.path.join(khuoi, "00000000000000c3.kbn"), "wb") as file:
        file.write(bytes(8 << 20))
    with open(os.path.join(khuoi, "00000000000000c4.kbn"), "wb") as file:
        file.write(random.Random(SEED).randbytes(4 << 20))
    scene.take("sparse 16 GiB, zeros, noise", stick, code=(0, 1))
    os.unlink(os.path.join(khuoi, "00000000000000c1.kbn"))


def many(scene):
    stick, khuoi = scene.stick()
    count = 100_000 if FULL else 5_000
    for n in range(count):
        os.close(os.open(os.path.join(khuoi, "ảnh %d.jpg" % n), os.O_CREAT | os.O_WRONLY))
    counts, _ = scene.take("%d foreign entries" % count, stick)
    same("foreign entries left", sum(name.endswith(".jpg") for name in os.listdir(khuoi)), count)
    shutil.rmtree(stick)
    stick, khuoi = scene.stick(good=False)
    junk = 5_000
    for n in range(junk):
        with open(os.path.join(khuoi, "%016x.kbn" % n), "wb") as file:
            file.write(b"KHUOIBN\x01")
    scene.take("%d names that match" % junk, stick, code=(0, 1), arrived=False)
    shutil.rmtree(stick)


def others(scene):
    stick, khuoi = scene.stick()
    with open(os.path.join(stick, "gia đình.jpg"), "wb") as file:
        file.write(b"\xff\xd8" + bytes(1000))
    for bundle in bundles(scene.foreign):
        shutil.copy2(bundle, khuoi)
    before = {name: one for name, one in tree(stick).items() if name.endswith(".jpg") or
              os.path.basename(name) in {os.path.basename(bundle) for bundle in bundles(scene.foreign)}}
    counts, _ = scene.take("another commune's bundles, family photos", stick)
    same("foreign bundles counted", counts["bundles_foreign"], len(bundles(scene.foreign)))
    after = tree(stick)
    same("what belongs to others", {name: after.get(name) for name in before}, before)


def flips(scene):
    octets = open(scene.bundle, "rb").read()
    rng = random.Random(SEED)
    for n in range(40 if FULL else 4):
        stick, khuoi = scene.stick(good=False)
        changed = bytearray(octets)
        changed[rng.randrange(len(octets))] ^= 1 << rng.randrange(8)
        with open(os.path.join(khuoi, os.path.basename(scene.bundle)), "wb") as file:
            file.write(changed)
        scene.take("one bit flipped, parity there", stick, code=(0, 1))
        shutil.rmtree(stick)
    for n in range(40 if FULL else 4):
        stick, khuoi = scene.stick(good=False)
        cut = rng.randrange(len(octets))
        with open(os.path.join(khuoi, os.path.basename(scene.bundle)), "wb") as file:
            file.write(octets[:cut])
        xa = scene.xa.copy(path("trial-xa"))
        xa.run("stick sync", stick, code=None)
        check({row["id"] for row in xa.list()} <= set(scene.ids), "a cut bundle gave something else")
        xa.verify()
        good, _ = scene.stick()
        xa.sync(good)
        same("after a bundle cut at %d and a good one" % cut, len(xa.list()), len(scene.ids))
        shutil.rmtree(stick)


def places(scene):
    missing = path("no-such-stick")
    scene.take("a stick that is not there", missing, code=(1, 2), arrived=False)
    check(not os.path.exists(missing), "a folder was made where no stick is")
    file = path("not-a-folder")
    open(file, "wb").close()
    scene.take("a file for a stick", file, code=(1, 2), arrived=False)
    stick = folder("linked-stick")
    victim = folder("victim")
    os.symlink(victim, os.path.join(stick, "KHUOI"))
    scene.take("KHUOI is a symlink", stick, code=1, arrived=False)
    same("what was written through a symlink", os.listdir(victim), [])
    stick = folder("filed-stick")
    with open(os.path.join(stick, "KHUOI"), "wb") as one:
        one.write(b"mine")
    scene.take("KHUOI is a file", stick, code=1, arrived=False)
    same("the file KHUOI", open(os.path.join(stick, "KHUOI"), "rb").read(), b"mine")


def replay(scene):
    xa = scene.xa.copy(path("trial-xa"))
    meo = scene.meo.copy(path("trial-meo"))
    stick, _ = scene.stick()
    old = path("old-stick")
    shutil.copytree(stick, old)
    carry(stick, xa, meo)
    all_received(meo, scene.ids)
    for node in (xa, meo):
        counts = node.sync(old)
        same("records of an old stick at " + node.name, counts["records_in"], 0)
        all_received(meo, scene.ids)
    note("an old stick again: nothing moves, receipts stay")


def mounted(name, options):
    """A file system of its own as a stick, or nothing where that may not be."""
    place = folder(name)
    if os.geteuid() != 0:
        return None
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "khuoi-test", place], capture_output=True)
    if done.returncode != 0:
        return None
    _mounts.append(place)
    return place


def read_only(scene):
    stick = mounted("ro-stick", "size=4m")
    if stick is None:
        note("read-only stick: skipped, mounting needs root")
        return
    shutil.copytree(scene.good, stick, dirs_exist_ok=True)
    subprocess.run(["mount", "-o", "remount,ro", stick], check=True)
    before = tree(stick)
    _, words = scene.take("a read-only stick", stick, code=1)
    check(words.strip() != "", "a read-only stick: nothing is said")
    same("what changed on a read-only stick", tree(stick), before)


def full(scene):
    # Room for the folder and little more; then for a part of what waits.
    for octets in ("12k", "40k", "600k"):
        stick = mounted("full-stick-" + octets, "size=" + octets)
        if stick is None:
            note("full stick: skipped, mounting needs root")
            return
        meo = scene.meo.copy(path("trial-meo"))
        files = []
        rng = random.Random(SEED)
        for _ in range(3):
            xml, photo = photo_submission(folder("photos"), rng, 300_000)
            meo.submit([xml], [photo])
            files.append(photo)
        with open(os.path.join(stick, "mine.txt"), "wb") as file:
            file.write(b"m" * 4096)
        got = meo.run("stick sync", stick, code=None)
        check(got.returncode in (0, 1), "a full stick: exit code %d" % got.returncode)
        check_no_litter(stick)
        same("a foreign file on a full stick", open(os.path.join(stick, "mine.txt"), "rb").read(), b"m" * 4096)
        xa = scene.xa.copy(path("trial-xa"))
        for node in (xa, meo, xa, meo):
            node.run("stick sync", stick, code=None)
        check_no_litter(stick)
        arrived = len(xa.list())
        meo.verify()
        # With room, everything goes.
        wide = path("wide-stick-" + octets)
        os.makedirs(wide)
        carry(wide, meo, xa, meo, xa, meo)
        all_received(meo, scene.ids)
        same("photos after a full stick of " + octets, [row["attachments"] for row in xa.list() if row["form"] == "ban_sao_ho_tich"],
             [{"have": 1, "of": 1}] * len(files))
        note("a stick with %s of room: exit %d, %d dossiers at once, all in the end" % (octets, got.returncode, arrived))


def main():
    seeded()
    scene = Scene()
    for case in (kinds_of_files, names, sizes, many, others, flips, places, replay, read_only, full):
        try:
            case(scene)
        except SystemExit as failed:
            umount_all()
            note("in " + case.__name__)
            raise failed
    umount_all()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    # Argon2id of the phrases takes 256 MiB of it, in a child; without it this could be tighter.
    done("hostile sticks of ten kinds; the largest child took %d MiB, Argon2id included" % (peak // 1024))


main()
