"""Nothing that people wrote can be read from a hamlet's data folder or a stick without its phrase: no known string as
UTF-8, UTF-16 or inside a zstd frame; nor, of what concerns one person, once dictionaries were trained. With the health worker's phrase only
health opens, with the head's only general.

usage: acceptance_secrets.py [full]
"""
import ctypes
import ctypes.util
import re

from lib_campaign import *

HEAD, HEALTH = "bốn từ của trưởng xóm", "bốn từ của y tế"
ZSTD_MAGICS = (b"\x28\xb5\x2f\xfd", b"\x37\xa4\x30\xec")


def known_strings(files):
    """Text between tags that no form, program or neighbour holds: eight octets or more."""
    built_in = os.path.join(ROOT, "node/forms")
    forms = [os.path.join(place, name) for place in (FORMS, built_in) for name in os.listdir(place) if name.endswith(".xml")]
    published = b"".join(open(form, "rb").read() for form in forms)
    out = set()
    for file in files:
        with open(file, "rb") as one:
            for text in re.findall(rb">([^<>\n]{8,})<", one.read()):
                if text not in published:
                    out.add(text)
    return out


def forms_of(needles):
    out = {}
    for text in needles:
        out[text] = text
        try:
            words = text.decode()
        except UnicodeDecodeError:
            continue
        out[words.encode("utf-16-le")] = text
        out[words.encode("utf-16-be")] = text
    return out


class Zstd:
    """The system's libzstd, to look into whatever looks like a frame. Without it that part is skipped, aloud."""

    def __init__(self):
        name = ctypes.util.find_library("zstd")
        self.lib = ctypes.CDLL(name) if name else None
        if self.lib is None:
            note("no libzstd here: frames are not looked into")
            return
        self.lib.ZSTD_decompress.restype = ctypes.c_size_t
        self.lib.ZSTD_decompress.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]
        self.lib.ZSTD_findFrameCompressedSize.restype = ctypes.c_size_t
        self.lib.ZSTD_findFrameCompressedSize.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
        self.room = ctypes.create_string_buffer(4 << 20)

    def frames(self, octets):
        if self.lib is None:
            return
        at = octets.find(ZSTD_MAGICS[0])
        while at >= 0:
            rest = octets[at:at + (2 << 20)]
            size = self.lib.ZSTD_findFrameCompressedSize(rest, len(rest))
            if size <= len(rest):
                done = self.lib.ZSTD_decompress(self.room, len(self.room), rest, size)
                if done <= len(self.room):
                    yield self.room.raw[:done]
            at = octets.find(ZSTD_MAGICS[0], at + 1)


def blobs(*places):
    for place in places:
        for at, _, names in os.walk(place):
            for name in names:
                with open(os.path.join(at, name), "rb") as file:
                    yield os.path.join(at, name), file.read()


def search(what, needles, zstd, *places):
    """How often needles are found in files below places, in their plain forms or compressed."""
    forms = forms_of(needles)
    pattern = re.compile(b"|".join(re.escape(one) for one in sorted(forms, key=len, reverse=True)))
    found = []
    octets_read = frames = 0
    for name, octets in blobs(*places):
        octets_read += len(octets)
        found += [(name, forms[hit]) for hit in set(pattern.findall(octets))]
        for frame in zstd.frames(octets):
            frames += 1
            found += [(name + " (zstd)", forms[hit]) for hit in set(pattern.findall(frame))]
    note("%s: %d octets, %d zstd frames, %d of %d strings found" % (what, octets_read, frames, len(found), len(needles)))
    return found


def domains(meo, health, general):
    meo.run("slot add", "trưởng xóm", "--domain", "general", phrase=PHRASE, env={"KHUOI_NEW_PASSPHRASE": HEAD})
    meo.run("slot add", "y tế", "--domain", "health", phrase=PHRASE, env={"KHUOI_NEW_PASSPHRASE": HEALTH})
    for phrase, mine, others in ((HEAD, general, health), (HEALTH, health, general)):
        check_export(meo, mine, phrase=phrase)
        seen = {row["id"] for row in meo.list(phrase=phrase) if row["form"] is not None}
        same("dossiers that a phrase shows", seen & {id_of(file) for file in others}, set())
        meo.run("show", id_of(mine[0]), phrase=phrase)
        shown = meo.run("show", id_of(others[0]), phrase=phrase, code=1)
        same("what show prints of the other domain", shown.stdout, b"")
    check_export(meo, health + general, phrase=PHRASE)
    for words, rest in (("show", [id_of(general[0])]), ("export", [path("locked-export")])):
        got = meo.run(words, *rest, code=1)
        check(b"locked" in got.stderr, "'%s' without a phrase does not say locked" % words)
    for row in meo.list():
        same("what a locked list tells besides id and state",
             {key for key, value in row.items() if value is not None} - {"id", "state"}, set())
    meo.run("export", path("wrong-export"), phrase="không phải", code=1)


def main():
    rng = seeded()
    zstd = Zstd()
    n = 400 if FULL else 60
    xa = commune()
    meo = hamlet(xa, "meo")
    stick = folder("stick")
    carry(stick, xa, meo)
    before = submissions("before", 10, SEED)
    alone = Node(path("alone"), "alone")  # never enrolled: its runs are local
    alone.run("init", "--role", "hamlet", "--name", "alone", phrase=PHRASE)
    files = submissions("filled", n, SEED + 1, free=0.3)
    meo.submit(files)
    photo_words = "Nguyễn Thị Không Ai Được Biết"
    xml, photo = photo_submission(folder("photos"), rng, 300_000, words=photo_words)
    with open(photo, "r+b") as file:
        file.seek(1000)
        file.write(("Ảnh chụp căn cước của bà Không Ai Được Biết\n" * 1000).encode())
    meo.submit([xml], [photo])
    alone_xml, alone_photo = photo_submission(folder("photos"), rng, 5_000, words="Chưa Gia Nhập Xã Nào Cả")
    alone.submit([alone_xml], [alone_photo])
    meo.sync(stick)

    needles = known_strings(files + [xml, alone_xml]) | {b"C\xc4\x83n c\xc6\xb0\xe1\xbb\x9bc gi\xe1\xba\xa3",
                                                       "căn cước của bà Không Ai Được Biết".encode()}
    check(len(needles) > 3 * n, "only %d known strings" % len(needles))
    # The search itself must be able to find: it does in what was handed in.
    check(len(search("what was handed in", needles, zstd, path("filled"), path("photos"))) > 3 * n, "the search finds nothing")
    found = search("the stick", needles, zstd, stick)
    found += search("the hamlet's folder", needles, zstd, meo.data)
    found += search("a folder that was never enrolled", needles, zstd, alone.data)
    # And a service that took submissions while locked, with what it keeps in memory afterwards, on disk.
    meo.serve()
    meo.submit(before)
    meo.stop()
    found += search("after a service", needles | known_strings(before), zstd, meo.data, stick)
    # Dictionaries are trained at the commune and lie in the clear at every hamlet: they may hold stock phrases, no person.
    xa.sync(stick)
    xa.run("dictionary train")
    carry(stick, xa, meo)
    trained = submissions("trained", n, SEED + 2, free=0.3)
    meo.submit(trained)
    meo.sync(stick)
    everything = {text: 0 for text in known_strings(files + before + trained)}
    for file in files + before + trained:
        for text in known_strings([file]):
            everything[text] += 1
    personal = {text for text, count in everything.items() if count == 1}
    found += search("with dictionaries", personal, zstd, meo.data, stick)
    same("strings that anybody can read", sorted(set(found))[:3], [])

    for secret in (PHRASE, HEAD, HEALTH):
        for name, octets in blobs(meo.data, stick):
            check(secret.encode() not in octets, "a phrase is in " + name)
    before += trained
    health = [file for file in files + before if 'id="%s"' % HEALTH_FORM in open(file, encoding="utf-8").read()]
    general = [file for file in files + before + [xml] if file not in health]
    domains(meo, health, general)
    with open(meo.data + ".log", "rb") as log:
        text = log.read()
    same("strings in the service's log", [one for one in needles | known_strings(before) if one in text], [])
    done("%d known strings of %d submissions and a photo: none on a stick or a disk; each phrase opens its domain only"
         % (len(needles), len(files) + 2))


main()
