#!/usr/bin/env python3
"""Dossiers as they come from phones that know more, or less, than the box: a newer form, another root element, files of one
name in two versions, edits of what was erased, and edits by the page of forms that name meta otherwise or forget it."""
import os
import uuid

from lib_campaign import PHRASE, Node, carry, check, done, folder, path, same
from lib_collect import Collect, message_of, phones_of
from lib_pages import Hamlet, drive

FORM = """<?xml version="1.0"?>
<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" %(orx)s
xmlns:jr="http://openrosa.org/javarosa"><h:head><h:title>%(title)s</h:title><model>
<instance><data id="%(id)s" version="1"><ten/><anh/>%(meta)s</data></instance>
<bind nodeset="/data/ten" type="string"/><bind nodeset="/data/anh" type="binary"/>%(bind)s</model></h:head>
<h:body><input ref="/data/ten"><label>Họ tên</label></input>
<upload ref="/data/anh" mediatype="image/*"><label>Ảnh</label></upload></h:body></h:html>
"""
ORX = 'xmlns:orx="http://openrosa.org/xforms"'
META = "<meta><instanceID/></meta>"
BIND = '<bind nodeset="/data/meta/instanceID" type="string" jr:preload="uid"/>'


def new_id():
    return "uuid:%s" % uuid.uuid4()


def instance(form, name, own, version="1", root="data", photo="", older="", meta="meta", spaces=""):
    prefix = meta[:-4]
    deprecated = "<%sdeprecatedID>%s</%sdeprecatedID>" % (prefix, older, prefix) if older else ""
    return ('<?xml version="1.0"?><%s id="%s" version="%s" %s><ten>%s</ten><anh>%s</anh><%s><%sinstanceID>%s</%sinstanceID>%s</%s></%s>'
            % (root, form, version, spaces, name, photo, meta, prefix, own, prefix, deprecated, meta, root))


def one(page, dossier):
    return page.get("/api/dossiers/" + dossier).json()


def of_instance(page, own):
    rows = [row["id"] for row in page.get("/api/dossiers").json()["rows"]]
    found = [each for each in rows if one(page, each)["instanceID"] == own]
    same("dossiers of " + own, len(found), 1)
    return found[0]


def newer_form(page, phone):
    own = new_id()
    xml = instance("doi", "Máy đã có mẫu mới", own, version="9", root="phieu").replace("<anh></anh>", "<nhom><anh_moi>moi.jpg</anh_moi></nhom>")
    phone.send(xml, [("moi.jpg", b"\xff\xd8\xff new")])
    dossier = of_instance(page, own)
    said = one(page, dossier)
    same("its mark and key", (said["form"]["mark"], said["form"]["key"]), ("unknown", "doi~1"))
    same("its files", [(file["name"], file["have"]) for file in said["attachments"]], [("moi.jpg", True)])
    return dossier


def files_of_one_name(page, phone):
    first, second, third = new_id(), new_id(), new_id()
    phone.send(instance("doi", "Ảnh cùng tên", first, photo="a.jpg"), [("a.jpg", b"\xff\xd8\xff first")])
    phone.send(instance("doi", "Ảnh cùng tên", second, photo="a.jpg", older=first), [("a.jpg", b"\xff\xd8\xff second")])
    phone.send(instance("doi", "Ảnh kế thừa", third, photo="a.jpg", older=second))
    said = one(page, of_instance(page, third))
    same("whose files", [(file["name"], file["current"]) for file in said["attachments"]], [("a.jpg", True), ("a.jpg", False)])
    read = [page.get(file["url"]).body for file in said["attachments"]]
    same("what is in them", read, [b"\xff\xd8\xff second", b"\xff\xd8\xff first"])
    return {first: b"first", second: b"second", third: b"second"}


def exported(node, own, **options):
    out = folder()
    node.run("export", out, **options)
    for instance_id, octets in own.items():
        with open(os.path.join(out, instance_id[5:], "a.jpg"), "rb") as file:
            same("the photo of " + instance_id, file.read(), b"\xff\xd8\xff " + octets)


def edit_first(page, phone):
    """The edit comes before what it edits, and that before what it edits."""
    ids = [new_id() for _ in range(3)]
    for n in (2, 1, 0):
        phone.send(instance("doi", "Bản %d" % n, ids[n], older=ids[n - 1] if n else ""))
    said = one(page, of_instance(page, ids[2]))
    same("versions and conflict", (len(said["versions"]), said["conflict"]), (3, None))


def erased(meo, page, phone):
    first, later = new_id(), new_id()
    phone.send(instance("doi", "Sẽ bị xóa", first))
    dossier = of_instance(page, first)
    meo.run("erase", dossier, "--reason", "theo yêu cầu", "--yes", phrase=PHRASE)
    answer = phone.send(instance("doi", "Sửa sau khi xóa", later, older=first))
    check("đã bị xóa" in message_of(answer), "the phone is not told: " + message_of(answer))
    apart = meo.json("quarantine list")
    same("kept apart", ["an edit of an erased dossier" in row["why"] for row in apart], [True])
    place = path("muon.xml")
    with open(place, "w") as file:
        file.write(instance("doi", "Sửa bằng lệnh", new_id(), older=first))
    said = meo.run("submit", place).stderr.decode()
    check("its dossier was erased" in said, "who submits is not told: " + said)


class World:
    def __init__(self, who, dossiers):
        self.told = {"who": who, "phrase": PHRASE, "dossiers": dossiers}

    def to_edit(self):
        return self.told


def main():
    xa = Node(path("xa"), "xa")
    xa.run("init", "--role", "commune", "--name", "Sảng Mộc", phrase=PHRASE)
    for form in ({"id": "doi", "title": "Mẫu thường", "meta": META, "bind": BIND, "orx": ""},
                 {"id": "khong_bind", "title": "Không có bind", "meta": META, "bind": "", "orx": ""},
                 {"id": "co_orx", "title": "Meta có tiền tố", "meta": "<orx:meta><orx:instanceID/></orx:meta>", "orx": ORX,
                  "bind": BIND.replace("/meta/instanceID", "/orx:meta/orx:instanceID")}):
        with open(path(form["id"] + ".xml"), "w") as file:
            file.write(FORM % form)
        xa.run("form add", path(form["id"] + ".xml"))
    meo = Hamlet()
    meo.run("init", "--role", "hamlet", "--name", "Khuổi Mèo", phrase=PHRASE)
    meo.run("enrol request", "--out", path("request"))
    xa.run("enrol grant", "--in", path("request"), "--out", path("grant"), phrase=PHRASE)
    meo.run("enrol accept", "--in", path("grant"), phrase=PHRASE)
    stick = folder("stick")
    carry(stick, xa, meo)
    meo.serve()
    (_, _, page), made = phones_of(meo)
    phone = Collect(made[2])
    photos = files_of_one_name(page, phone)
    edit_first(page, phone)
    erased(meo, page, phone)
    to_edit = [{"id": newer_form(page, phone), "name": "Máy đã có mẫu mới", "unknown": True}]
    for form, meta, spaces in (("khong_bind", "meta", ""), ("doi", "orx:meta", ORX), ("co_orx", "meta", ""), ("co_orx", "orx:meta", ORX)):
        own, name = new_id(), "%s với %s" % (form, meta.replace(":", " "))
        phone.send(instance(form, name, own, meta=meta, spaces=spaces))
        to_edit.append({"id": of_instance(page, own), "name": name, "unknown": False})
    drive("faults_dossiers.mjs", meo.origin, World(meo.json("slot list")[0]["person"], to_edit))
    for each in to_edit:
        said = one(page, each["id"])
        same("versions of " + each["name"], (len(said["versions"]), said["conflict"]), (2, None))
    exported(meo, photos, phrase=PHRASE)
    carry(stick, meo, xa, meo)
    exported(xa, photos)
    same("conflicts at the commune", [row["id"] for row in xa.list() if row["conflict"]], [])
    same("what the commune keeps apart", len(xa.json("quarantine list")), 2)
    xa.verify()
    done("dossiers keep what phones send, in whatever order and by whatever form")


if __name__ == "__main__":
    main()
