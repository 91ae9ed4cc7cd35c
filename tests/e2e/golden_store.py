"""Stores that earlier programs wrote open, read, go on, are backed up and restored. tests/data/stores holds them, a commune
and a hamlet each, with what that program said was in them.

usage: golden_store.py
       golden_store.py make NAME     writes tests/data/stores/NAME.tar.xz with the program in KHUOI
"""
import tarfile

from lib_stores import *

def edit_of(xml_file, own):
    """The same submission once more as an edit of itself, under the instanceID uuid:`own`."""
    with open(xml_file, encoding="utf-8") as file:
        text = file.read()
    older = instance_id(xml_file)
    out = path("edit-%s.xml" % own)
    with open(out, "w", encoding="utf-8") as file:
        file.write(text.replace("<instanceID>%s</instanceID>" % older,
                                "<instanceID>uuid:%s</instanceID><deprecatedID>%s</deprecatedID>" % (own, older)))
    return out


def make(name):
    xa = commune().serve("--listen", "127.0.0.1:0")
    meo = hamlet(xa, "meo")
    lay = hamlet(xa, "lay")
    meo.run("contact", xa.address())
    lay.run("contact", xa.address())
    rng = random.Random(7)
    files = submissions("filled", 7, 7)
    photos = [photo_submission(folder("photos"), rng, 3000) for _ in range(3)]
    ids = meo.submit(files[:5] + [xml for xml, _ in photos], attach=[photo for _, photo in photos])
    own = [str(uuid.UUID(int=rng.getrandbits(128), version=4)) for _ in range(4)]
    meo.submit([edit_of(files[1], own[0]), edit_of(files[4], own[1])])
    later = edit_of(files[1], own[2])
    meo.submit([edit_of(later, own[3])])  # of what comes after it
    meo.submit([later])
    lay.submit([files[0], edit_of(files[0], own[0])])  # another hamlet's of one instanceID
    lay.run("contact", xa.address())
    meo.run("contact", xa.address())
    xa.run("state", ids[0], "--set", "accepted", "--code", "H01.2026.000001", "--note", "Đã nhận", phrase=PHRASE)
    xa.run("state", ids[1], "--set", "needs-papers", "--note", "Thiếu giấy chứng sinh", "--due", "2026-12-31", phrase=PHRASE)
    xa.run("message send", "--to", "meo", "--text", "Chào bà con", phrase=PHRASE)
    xa.run("announce", "--text", "Mai họp xóm", "--expires", "+3d", phrase=PHRASE)
    paper = path("lich.txt")
    with open(paper, "w", encoding="utf-8") as out:
        out.write("Lịch tiêm\n")
    xa.run("document add", paper, "--title", "Lịch tiêm", "--to", "all", phrase=PHRASE)
    meo.run("contact", xa.address())
    meo.run("withdraw", ids[2], "--reason", "Không cần nữa", phrase=PHRASE)
    meo.run("erase", ids[3], "--reason", "theo yêu cầu", "--yes", phrase=PHRASE)
    meo.run("message send", "--text", "Xin chào xã", phrase=PHRASE)
    meo.run("contact", xa.address())
    xa.stop()
    xa.run("state", ids[4], "--set", "rejected", "--note", "Trùng", phrase=PHRASE)  # on its way
    meo.submit(files[5:])                                                        # not sent yet
    expected = {"commune": told(xa), "hamlet": told(meo), "others": 1}
    os.makedirs(STORES, exist_ok=True)
    with open(path("expected.json"), "w", encoding="utf-8") as out:
        json.dump(expected, out, ensure_ascii=False, indent=1)
    with tarfile.open(os.path.join(STORES, name + ".tar.xz"), "w:xz", preset=9) as tar:
        tar.add(path("expected.json"), "expected.json")
        for node, role in ((xa, "commune"), (meo, "hamlet")):
            tar.add(os.path.join(node.data, "store", "data.mdb"), role + "/store/data.mdb")
    done("%s: %d octets" % (name, os.path.getsize(os.path.join(STORES, name + ".tar.xz"))))


def opens(name):
    nodes, expected = unpacked(name)
    for role, node in nodes.items():
        for what, now in told(node).items():
            same("%s of the %s in %s" % (what, role, name), now, expected[role][what])
        node.verify(phrase=PHRASE)
        backup = node.data + ".backup"
        node.run("backup", backup)
        restored = Node(node.data + ".restored", node.name + " restored")
        restored.run("restore", backup)
        same("the list of the restored %s in %s" % (role, name), facts(restored), expected[role]["list"])
    xa, meo = nodes["commune"], nodes["hamlet"]
    again = submissions("again-" + name, 7, 7)
    same("the ids of what was handed in before", sorted(meo.submit(again)),
         sorted(row["id"] for row in expected["hamlet"]["list"] if row["id"] in {id_of(one) for one in again}))
    same("the list after that", facts(meo), expected["hamlet"]["list"])
    more = submissions("more-" + name, 2, 99)
    meo.submit(more)
    xa.serve("--listen", "127.0.0.1:0")
    meo.run("contact", xa.address())
    xa.stop()
    same("what waits after a contact", meo.status()["waiting"], 0)
    same("dossiers at the commune", len(xa.list()), len(expected["hamlet"]["list"]) + 2 + expected.get("others", 0))
    states = {row["id"]: row["state"] for row in facts(meo)}
    check("rejected" in states.values(), "the answer that was on its way did not arrive")
    for node in nodes.values():
        node.verify(phrase=PHRASE)


if sys.argv[1:2] == ["make"]:
    make(sys.argv[2])
else:
    names = golden_stores()
    for one in names:
        opens(one)
    done("%d stores of earlier programs: %s" % (len(names), ", ".join(names)))
