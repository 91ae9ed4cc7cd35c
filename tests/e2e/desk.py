#!/usr/bin/env python3
"""The commune's desk in a real browser: from a dossier that nobody saw to one that was returned, by keys; accounts with roles,
a conflict, the audit log, and what the hamlets then show."""
import re
import uuid

from lib_campaign import PHRASE, carry, check, commune, done, folder, free_port, hamlet, path, submissions
from lib_counter import Browser
from lib_pages import drive

ADMIN = "Sảng Mộc"
FAMILIES = ("Bàn", "Triệu", "Đặng", "Lý", "Hoàng", "Nông", "Lường", "Hà", "Bế", "Phùng")
BEGINNINGS = ("Ch", "Kh", "Ph", "Th", "Nh", "Ng", "Tr", "Gi", "X", "L")
ENDS = ("uẩy", "oẻng", "uỷm", "oắp", "uẹp", "oẹt")


def name_of(n):
    """Nobody else's, and no word of any form: a search for it finds one dossier."""
    return FAMILIES[n % len(FAMILIES)] + " " + BEGINNINGS[n % len(BEGINNINGS)] + ENDS[n // len(BEGINNINGS)]


def named(files, first):
    """The same submissions, each with a name by which people know it."""
    for n, file in enumerate(files):
        with open(file) as it:
            xml = it.read()
        tag = re.search(r"<((?:\w+:)?)instanceID>", xml).group(1)
        with open(file, "w") as it:
            it.write(xml.replace("<%sinstanceID>" % tag, "<%sinstanceName>%s</%sinstanceName><%sinstanceID>" % (tag, name_of(first + n), tag, tag)))
    return files


class World:
    """What desk.mjs can ask for."""

    def __init__(self):
        self.xa = commune()
        self.stick = folder("stick")
        self.meo = hamlet(self.xa, "Khuổi Mèo")
        self.lay = hamlet(self.xa, "Nà Lay")
        carry(self.stick, self.xa, self.meo, self.lay, self.xa)
        general = named(submissions("meo", 30, 7), 0)
        self.meo.submit(general)
        self.quarrel(next(file for file in general if "<ma_ho_so>" in open(file).read()))
        self.lay.submit(named(submissions("lay", 20, 8), 30))
        carry(self.stick, self.meo, self.lay, self.xa)
        self.port = free_port()
        self.origin = "http://khuoi.local:%d" % self.port
        self.xa.serve("--http", "127.0.0.1:%d" % self.port)

    def quarrel(self, file):
        """Two edits of one version."""
        with open(file) as it:
            xml = it.read()
        tag, first = re.search(r"<((?:\w+:)?)instanceID>([^<]*)<", xml).groups()
        edits = []
        for n in (1, 2):
            own = "<%sinstanceID>uuid:%s</%sinstanceID><%sdeprecatedID>%s</%sdeprecatedID>" % (tag, uuid.uuid4(), tag, tag, first, tag)
            edit = re.sub(r"<(?:\w+:)?instanceID>[^<]*</(?:\w+:)?instanceID>", own, xml)
            edits.append(path("edit-%d.xml" % n))
            with open(edits[-1], "w") as it:
                it.write(re.sub(r"<ma_ho_so>[^<]*<", "<ma_ho_so>sửa lần %d<" % n, edit))
        self.meo.submit(edits)

    def admin(self):
        return {"name": ADMIN, "phrase": PHRASE}

    def dossiers(self):
        out = []
        page = Browser(self.xa)
        page.login(ADMIN, phrase=PHRASE)
        labels = {row["id"]: row["label"] for row in page.get("/api/desk/dossiers?limit=200").json()["rows"]}
        for row in self.xa.json("list", "--person", ADMIN):
            out.append({"id": row["id"], "number": row["number"], "label": labels[row["id"]], "form": row["form"], "hamlet": row["hamlet"],
                        "domain": "health" if row["form"].startswith("kham_suc_khoe") else "general"})
        return out

    def conflicted(self):
        rows = [row["id"] for row in self.xa.json("list", "--person", ADMIN) if row["conflict"]]
        check(rows, "no dossier is in conflict")
        return {"id": rows[0]}

    def state_at_hamlet(self, dossier):
        carry(self.stick, self.xa, self.meo, self.lay, self.xa)
        for node in (self.meo, self.lay):
            for row in node.json("list", phrase=PHRASE):
                if row["id"] == dossier:
                    return {"state": row["state"], "code": row["code"]}
        check(False, "no hamlet has " + dossier)


if __name__ == "__main__":
    world = World()
    drive("desk.mjs", world.origin, world)
    world.xa.stop()
    world.xa.run("audit verify")
    world.xa.run("code check")
    world.xa.verify()
    done("a commune's desk in a browser")
