#!/usr/bin/env python3
"""What people hand in by page, phone and command line is taken by one rule: text that XML has no place for, names of files
of every kind, forms without an instanceID and forms of more than a mebibyte. What was answered with 201 comes out again,
and nothing that people brought opens as a page of ours."""
import os
import random
import re
import shutil
import unicodedata
import urllib.parse
import xml.etree.ElementTree as ET

from lib_campaign import PHRASE, carry, check, commune, done, folder, hamlet, path, same
from lib_collect import MANIFEST, Collect, message_of
from lib_counter import Browser, multipart
from lib_forms import copy_request, new_id, write

rng = random.Random(3)
FORM = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>%s</h:title>
<model><instance><data id="%s" version="1"><ten/>%s</data></instance>%s</model></h:head>
<h:body><input ref="/data/ten"><label>T</label></input>%s</h:body></h:html>"""
META = "<meta><instanceID/></meta>"
NFD_MEDIA = unicodedata.normalize("NFD", "bản đồ.png")


def publish(xa, name, text, *media):
    got = xa.run("form add", write(name, text), *media)
    return got.stderr.decode()


def exported(meo, out="out", code=0):
    """{folder: {name: octets}}"""
    place = path(out)
    shutil.rmtree(place, ignore_errors=True)
    meo.run("export", place, phrase=PHRASE, code=code)
    found = {}
    for one in os.listdir(place):
        found[one] = {}
        for name in os.listdir(os.path.join(place, one)):
            with open(os.path.join(place, one, name), "rb") as file:
                found[one][name] = file.read()
    return found


def three_ways(meo, page, phone, xml_of):
    """The same kind of XML by page, phone and command line: [(status or exit code, what was said)]."""
    kind, body = multipart([("xml_submission_file", "s.xml", xml_of(new_id(rng)))])
    by_page = page.ask("POST", "/api/submissions", body, {"Content-Type": kind})
    kind, body = multipart([("xml_submission_file", "s.xml", xml_of(new_id(rng)))])
    by_phone = phone.ask("POST", "/submission", body, {"Content-Type": kind})
    by_line = meo.run("submit", write("way.xml", xml_of(new_id(rng))), code=None)
    return ((by_page.status, by_page.json().get("message")), (by_phone.status, message_of(by_phone)),
            (by_line.returncode, by_line.stderr.decode()))


def octets(text, **holes):
    return lambda instance: copy_request(instance, name="@@").encode().replace(b"@@", text)


def texts(meo, page, phone):
    for taken in (b"An &#55357;&#56832;", b"&#xD83D;&#xDE00;", b"a&#1;b&#0;", b"&#55357;", b"\xf0\x9f\x98\x80", b"a\r\nb"):
        got = three_ways(meo, page, phone, octets(taken))
        same("three ways of handing in %r" % taken, [one[0] for one in got], [201, 201, 0])
    for refused, code in ((b"a\x0bb", "U+000B"), (b"\x00", "U+0000"), (b"\xef\xbf\xbf", "U+FFFF"), (b"\xef\xbf\xbe", "U+FFFE"),
                          (b"\xed\xa0\xbd\xed\xb8\x80", "U+D83D")):
        got = three_ways(meo, page, phone, octets(refused))
        same("three ways of handing in %r" % refused, [one[0] for one in got], [400, 400, 1])
        check(all(code in words and "ho_ten" in words for _, words in got), "%s is not named with its question: %r" % (code, got))
        check("gõ lại" in got[0][1] and "gõ lại" in got[1][1], "nobody is told what to do: %r" % (got,))
    whole = [(lambda i: b"\xef\xbb\xbf" + copy_request(i).encode(), True), (lambda i: copy_request(i).replace("\n", "\r\n").encode(), True),
             (lambda i: copy_request("\n " + i + " ").encode(), True), (lambda i: copy_request(i).encode("utf-16"), False),
             (lambda i: copy_request(i).replace("UTF-8", "ISO-8859-1").encode(), False), (lambda i: copy_request("").encode(), False),
             (lambda i: copy_request(i).replace("<data", "<!DOCTYPE data><data").encode(), False),
             (lambda i: copy_request(i).replace("<meta>", "<o:meta xmlns:o='http://openrosa.org/xforms'>").replace(
                 "</meta>", "</o:meta>").encode(), True)]
    for xml_of, is_taken in whole:
        got = three_ways(meo, page, phone, xml_of)
        same("three ways of %r" % xml_of("X")[:60], [one[0] for one in got], [201, 201, 0] if is_taken else [400, 400, 1])
    # The page reads as it is meant what is exported as it came.
    one = new_id(rng)
    xml = copy_request(one, name="An &#55357;&#56832;&#1;")
    answer = page.submit(xml)
    seen = page.get("/api/dossiers/%s/submission.xml" % answer.json()["id"]).body.decode()
    same("what the page reads", ET.fromstring(seen).find("ho_ten").text, "An \U0001f600�")
    same("what is exported", exported(meo)[one[5:]]["submission.xml"], xml.encode())


def drafts(page):
    """No draft goes with a submission that no page could open again."""
    draft = "/api/drafts/" + "a" * 32
    for name, kept in (("&#1;", True), ("An", False)):
        page.put(draft, {"form": "ban_sao_ho_tich", "version": "1", "label": "", "edit_of": "", "xml": "<data/>"})
        page.submit(copy_request(new_id(rng), name=name), draft="a" * 32)
        same("the draft after %r" % name, page.ask("GET", draft).status, 200 if kept else 404)


NAMES = ["submission.xml", "Submission.XML", "anh\\1.jpg", "a b .jpg", "a..", ".an", "50%.jpg", "a%2Fb.jpg", "%", "a&amp;b.jpg",
         "x\u0001.jpg", "ế" * 83 + ".jpg", "ế" * 192 + ".jpg", "n" * 251, "n" * 252, "n" * 255, "n" * 256, "n" * 300,
         unicodedata.normalize("NFD", "ảnh hộ tịch.jpg"), "A.jpg", "a.jpg", "~2.jpg", "a~2.jpg", "thư mục/anh.jpg", "'\"$(x).jpg", "-rf"]


def names(meo, page, phone):
    """Every name, by page, phone and command line: the file comes out, by its address and in the export."""
    wanted = {}
    for at, name in enumerate(NAMES):
        said = name.replace("\u0001", "&#1;").replace('"', "&quot;")
        sent_as = name.replace("&amp;", "&").replace("\\", "\\\\").replace('"', "%22")
        for way in ("page", "phone", "line"):
            one, data = new_id(rng), b"%s %d" % (way.encode(), at)
            xml = copy_request(one, photo=said)
            if way == "page":
                page.submit(xml, [(sent_as, data)])
            elif way == "phone":
                phone.send(xml, [(sent_as, data)])
            elif "/" in name or len(name.encode()) > 255:
                continue  # no file on a disk is called so
            else:
                place = os.path.join(folder("attach"), name.replace("&amp;", "&"))
                with open(place, "wb") as file:
                    file.write(data)
                meo.submit([write("named.xml", xml)], attach=[place])
            wanted[one[5:]] = (name, data)
    found = exported(meo)
    for one, (name, data) in wanted.items():
        rest = {key: value for key, value in found[one].items() if key != "submission.xml"}
        same("what was handed in as %r" % name, list(rest.values()), [data])
    for row in page.get("/api/dossiers?limit=500").json()["rows"]:
        for file in page.get("/api/dossiers/" + row["id"]).json()["attachments"]:
            same("a file called %r" % file["name"], (file["have"], page.ask("GET", file["url"]).status), (True, 200))


def same_name(meo, page):
    one = new_id(rng)
    xml = copy_request(one, photo="a.jpg")
    page.submit(xml, [("a.jpg", b"one"), ("a.jpg", b"two"), ("a.jpg", b"one")])
    page.submit(xml, [("a.jpg", b"three")], status=200)
    page.submit(xml, [("a.jpg", b"two")], status=200)
    meo.submit([write("again.xml", xml)], attach=[write("a.jpg", b"three")])
    two = new_id(rng)
    empty_first = copy_request(two, photo="b.jpg")
    page.submit(empty_first, [("b.jpg", b"")])
    page.submit(empty_first, [("b.jpg", b"full")], status=200)
    page.submit(empty_first, [("b.jpg", b"")], status=200)
    three = new_id(rng)
    page.submit(copy_request(three, photo="c.jpg"), [("c.jpg", b"")])
    found = exported(meo)
    same("a file that nothing names", page.submit(copy_request(new_id(rng)), [("z.jpg", b"z")]).json()["unnamed"], ["z.jpg"])
    same("three files of one name", sorted(found[one[5:]]), ["a.jpg", "a~2.jpg", "a~3.jpg", "submission.xml"])
    same("what is in them", sorted(found[one[5:]][name] for name in ("a.jpg", "a~2.jpg", "a~3.jpg")), [b"one", b"three", b"two"])
    same("an empty file that came first", found[two[5:]]["b.jpg"], b"full")
    same("the empty one is gone", len(found[two[5:]]), 2)
    same("an empty file alone", found[three[5:]]["c.jpg"], b"")
    return one


def one_bad_file(meo, page):
    """A name that cannot be written in the way of one file: the others come out, and the exit code says so."""
    out = path("blocked")
    one = new_id(rng)
    page.submit(copy_request(one, photo="a.jpg"), [("a.jpg", b"x")])
    os.makedirs(os.path.join(out, one[5:], "a.jpg", "in the way"))
    got = meo.run("export", out, phrase=PHRASE, code=1)
    check(b"a.jpg" in got.stderr, "the file is not named: %r" % got.stderr)
    check(len(os.listdir(out)) > 20, "one file stopped the export")


def not_pages(page, phone, form_key, document):
    """Each way to what people brought."""
    page.put("/api/drafts/" + "b" * 32, {"form": "ban_sao_ho_tich", "version": "1", "label": "", "edit_of": "", "xml": "<data/>"})
    page.put("/api/drafts/%s/files/x.html" % ("b" * 32), b"<html>", 201)
    row = page.get("/api/dossiers").json()["rows"][0]
    dossier = page.get("/api/dossiers/" + row["id"]).json()
    brought = ["/api/dossiers/%s/submission.xml" % row["id"], dossier["attachments"][0]["url"],
               "/api/drafts/%s/files/x.html" % ("b" * 32), "/api/forms/%s/form.xml" % form_key,
               "/api/forms/%s/media/%s" % (form_key, urllib.parse.quote(NFD_MEDIA)), "/api/documents/%s/file" % document]
    answers = [(at, page.get(at)) for at in brought]
    listed = phone.forms("?formID=ban_do")[0]
    answers += [(listed["downloadUrl"], phone.get(listed["downloadUrl"][len(phone.base):]))]
    manifest = ET.fromstring(phone.fetch(listed["manifestUrl"]))
    same("the name that a phone looks for", [one.text for one in manifest.iter(MANIFEST + "filename")], [NFD_MEDIA])
    url = next(manifest.iter(MANIFEST + "downloadUrl")).text
    answers += [(url, phone.get(url[len(phone.base):]))]
    for at, answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        check("sandbox" in policy and "default-src 'none'" in policy, "%s may be a page of ours: %s" % (at, policy))
        check(answer.headers["Content-Disposition"].startswith("attachment;"), "%s opens by itself" % at)
        same("sniffing of " + at, answer.headers["X-Content-Type-Options"], "nosniff")


def as_senders_write_them(meo, page):
    """Names as browsers and phones of all kinds write them into a part's head."""
    wanted = {}
    for said, head in (("a.jpg", 'filename="C:\\fakepath\\a.jpg"'), ("a&quot;b.jpg", 'filename="a\\"b.jpg"'),
                       ("ảnh.jpg", "filename*=UTF-8''%E1%BA%A3nh.jpg"), ("a;b.jpg", 'filename="a;b.jpg"'),
                       ("a\\\\b.jpg", 'filename="a\\\\b.jpg"'), ("a&#10;b.jpg", 'filename="a%0Ab.jpg"'),
                       ("&#55357;&#56832;.jpg", 'filename="\U0001f600.jpg"'), ("a.jpg", "filename=a.jpg"), ("a.jpg", 'filename="a.jpg "')):
        one = new_id(rng)
        body = "".join('--b\r\nContent-Disposition: form-data; name="%s"; %s\r\n\r\n%s\r\n' % part for part in (
            ("xml_submission_file", 'filename="s.xml"', copy_request(one, photo=said)), ("f", head, head))) + "--b--\r\n"
        answer = page.post("/api/submissions", body.encode(), 201, headers={"Content-Type": "multipart/form-data; boundary=b"})
        check("unnamed" not in answer.json(), "%s was not taken for %s" % (head, said))
        wanted[one[5:]] = head
    found = exported(meo)
    for one, head in wanted.items():
        check(head.encode() in found[one].values(), "%s is not in the export" % head)


def without_id(meo, page, phone):
    """By all three ways, each again: three dossiers, and the XML comes back."""
    ids = []
    for at, way in enumerate(("page", "phone", "line")):
        xml = '<data id="khong_ma" version="1"><ten>%d</ten></data>' % at
        for again in (False, True):
            if way == "page":
                ids.append(page.submit(xml, status=200 if again else 201).json()["id"])
            elif way == "phone":
                phone.send(xml, status=202 if again else 201)
            else:
                ids += meo.submit([write("plain.xml", xml)])
        ids += meo.submit([write("plain.xml", xml)])
        check(xml.encode() in [files["submission.xml"] for files in exported(meo).values()],
              "the XML of the %s did not come back" % way)
    same("dossiers of a form without an instanceID", len(set(ids)), 3)
    return ids


def main():
    xa = commune()
    meo = hamlet(xa, "meo")
    said = publish(xa, "khong_ma.xml", FORM % ("Không mã", "khong_ma", "", "", ""))
    check("instanceID" in said, "form add says nothing of a missing instanceID: %r" % said)
    large = FORM % ("Lớn", "lon", META, "<itext><translation lang='vi'>%s</translation></itext>" % "".join(
        "<text id='t%d'><value>Câu hỏi thứ %d về %d</value></text>" % (i, i, rng.getrandbits(40)) for i in range(17000)), "")
    check(len(large.encode()) > 1200000, "the large form is small")
    publish(xa, "lon.xml", large)
    said = publish(xa, "ban_do.xml", FORM % ("Bản đồ", "ban_do", META, "", "<image src='jr://images/%s'/>" % NFD_MEDIA),
                   write("bản đồ.png", b"\x89PNG\r\n\x1a\n"))
    check("not given" not in said, "the form's file was given under the other spelling: %r" % said)
    xa.run("document add", write("x.html", "<html>x</html>"), "--title", "Trang", "--to", "meo")
    stick = folder("stick")
    carry(stick, xa, meo)
    meo.serve()
    page = Browser(meo)
    page.login(meo.json("slot list")[0]["person"], phrase=PHRASE)
    phone = Collect(page.post("/api/phones", {"name": "Máy"}, 201).json())
    texts(meo, page, phone)
    drafts(page)
    names(meo, page, phone)
    as_senders_write_them(meo, page)
    one_bad_file(meo, page)
    listed = {form["id"]: form for form in page.get("/api/forms").json()}
    same("the form's file", listed["ban_do"]["media"], [{"name": NFD_MEDIA, "have": True}])
    same_name(meo, page)
    ids = without_id(meo, page, phone)
    same("the large form at the page", page.get("/api/forms/lon~1/form.xml").body.decode(), large)
    same("and on a phone", phone.fetch(phone.forms("?formID=lon")[0]["downloadUrl"]).decode(), large)
    page.submit('<data id="lon" version="1"><ten>x</ten><meta><instanceID>%s</instanceID></meta></data>' % new_id(rng))
    page.submit(copy_request(new_id(rng), photo="d.jpg"), [("d.jpg", b"\xff\xd8\xff\xe0 a photo")])
    not_pages(page, phone, "ban_do~1", page.get("/api/documents").json()[0]["id"])
    before = exported(meo)
    meo.stop()
    carry(stick, meo, xa, meo, xa)
    after = exported(xa, "out-xa")
    for one, files in before.items():
        same("files of %s at the commune" % one, sorted(after.get(one, {}).values()), sorted(files.values()))
    check(set(ids) <= {row["id"] for row in xa.list()}, "ids differ at the commune")
    xa.verify()
    done("faults_intake")


main()
