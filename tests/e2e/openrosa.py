#!/usr/bin/env python3
"""A phone with ODK Collect at a hamlet's box: forms, media, sending whole and split, edits, repeats; then the dossiers
travel to the commune by stick, and its export gives every octet back."""
import glob
import hashlib
import http.client
import os
import random
import socket
import socket
import subprocess
import threading
import unicodedata
import xml.etree.ElementTree as ET

from lib_campaign import PHRASE, ROOT, SEED, carry, check, commune, done, folder, hamlet, note, path, same
from lib_collect import (MANIFEST, MANY_PHOTOS, MEDIA_FORM, Collect, challenge_of, many_photos, md5, message_of,
                         phones_of)
from lib_counter import Browser
from lib_forms import COPY, COPY_VERSION, copy_request, health_visit, new_id

rng = random.Random(SEED)
SEARCHING = os.path.join(ROOT, "tests/data/public/collect--different-search-appearances.xml")  # 'form add' refuses it
PUBLIC = sorted(set(glob.glob(os.path.join(ROOT, "tests/data/public/*.xml"))) - {SEARCHING})
sent = {}  # instanceID -> (XML, files): what the commune's export must give back


def octets(file):
    with open(file, "rb") as opened:
        return opened.read()


def identity(form_xml):
    """Id and version of an XForm, as its first instance says them."""
    for element in ET.fromstring(form_xml).iter():
        if element.tag.split("}")[-1] == "instance":
            root = element[0]
            said = {name.split("}")[-1]: value for name, value in root.items()}
            return said.get("id") or root.tag.split("}")[0][1:], said.get("version", "")
    raise SystemExit("no instance in a form")


def first_of_each():
    """Some of these forms share id and version: the first of them is the form."""
    taken = {}
    for form in PUBLIC:
        taken.setdefault(identity(octets(form)), form)
    return taken


def publish(xa):
    for form in first_of_each().values():
        xa.run("form add", form)
    refused = xa.run("form add", SEARCHING, code=1).stderr.decode()
    check("search('fruits')" in refused and "/" in refused, "what is wrong with a form that searches: " + refused)
    for name, data in (("ảnh 1.png", b"\x89PNG\r\n\x1a\n" + rng.randbytes(200000)),
                       ("xã.csv", "tên,mã\nSảng Mộc,1\n".encode())):
        with open(path(name), "wb") as file:
            file.write(data)
    with open(path("giong.xml"), "w") as file:
        file.write(MEDIA_FORM % "ảnh 1.png")
    xa.run("form add", path("giong.xml"), path("ảnh 1.png"), path("xã.csv"))


def forms(head, nurse, both):
    """Each phone is shown its people's forms; every published one comes down unchanged."""
    same("forms in common", {one["formID"] for one in head.forms()} & {one["formID"] for one in nurse.forms()}, set())
    listed = both.forms()
    same("forms of all", len(listed), len(head.forms()) + len(nurse.forms()))
    check("kham_suc_khoe_ho" in {one["formID"] for one in nurse.forms()}, "the nurse's phone lacks its form")
    published = {key: md5(octets(form)) for key, form in first_of_each().items()}
    every = {(one["formID"], one["version"]): one for one in both.forms("?listAllVersions=true")}
    for key, wanted in published.items():
        check(key in every, "%r is not listed" % (key,))
        same("the hash of %r" % (key,), every[key]["hash"], "md5:" + wanted)
    newest = {}
    for form in PUBLIC:
        newest[identity(octets(form))[0]] = octets(form)
    for one in listed:
        xml = both.fetch(one["downloadUrl"])
        same("the hash of " + one["formID"], one["hash"], "md5:" + md5(xml))
        same("the identity of " + one["formID"], identity(xml), (one["formID"], one["version"]))
    check(len({one["formID"] for one in listed}) == len(listed), "one form is listed twice")
    one = both.forms("?formID=%s&verbose=true&deviceID=x" % COPY)
    same("one form", [(form["formID"], bool(form["descriptionText"])) for form in one], [(COPY, True)])
    check("descriptionText" not in both.forms("?formID=" + COPY)[0], "a description that nobody asked for")
    same("an unknown form", both.forms("?formID=khong_co"), [])
    general = head.forms("?formID=" + COPY)[0]
    nurse.get(general["downloadUrl"][len(nurse.base):], 404)
    both.get("/forms/%s/form.xml" % ("0" * 64), 404)
    named = both.plain("GET", "/formList", headers={"Host": "khuoi.local:81",
                                                    "Authorization": both.authorization("GET", "/formList")})
    check(b"<downloadUrl>http://khuoi.local:81/forms/" in named.body, "addresses are not built from the Host header")
    return len(published)


def published_again(xa, meo, phone):
    """Of forms that share id and version the first one stays, and who publishes another is told what to do."""
    taken = first_of_each()
    others = [form for form in PUBLIC if form not in taken.values()]
    check(len(others) > 1, "no two public forms share id and version")
    for form in others:
        said = xa.run("form add", form, code=1).stderr.decode()
        check("raise the version" in said, "not told what to do: " + said)
    xa.run("form add", taken[identity(octets(others[0]))])
    carry(folder("stick"), xa, meo)
    listed = {one["hash"]: one for one in phone.forms("?listAllVersions=true")}
    for form in others:
        check("md5:" + md5(octets(form)) not in listed, form + " is listed")
        first = taken[identity(octets(form))]
        same("its octets", phone.fetch(listed["md5:" + md5(octets(first))]["downloadUrl"]), octets(first))
    with open(path("giong.xml"), "w") as file:
        file.write((MEDIA_FORM % "ảnh 1.png").replace('con" version="1"', 'con" version="2"'))
    xa.run("form add", path("giong.xml"), path("ảnh 1.png"), path("xã.csv"))
    carry(folder("stick"), xa, meo)
    wanted = "?formID=giong%2Fcay%26con"
    same("the newest version", [one["version"] for one in phone.forms(wanted)], ["2"])
    same("all of them", [one["version"] for one in phone.forms(wanted + "&listAllVersions=true")], ["1", "2"])
    return len(others)


def media(phone):
    form = phone.forms("?formID=giong%2Fcay%26con")[0]
    same("a name with marks", form["name"], "Cây & con <giống>")
    answer = phone.fetch(form["manifestUrl"])
    files = {}
    for file in ET.fromstring(answer).iter(MANIFEST + "mediaFile"):
        facts = {child.tag[len(MANIFEST):]: child.text for child in file}
        data = phone.fetch(facts["downloadUrl"])
        same("the hash of " + facts["filename"], facts["hash"], "md5:" + md5(data))
        files[facts["filename"]] = data
    same("media", files, {name: octets(path(name)) for name in ("ảnh 1.png", "xã.csv")})
    phone.get(form["manifestUrl"][len(phone.base):].replace("manifest.xml", "media/x.png"), 404)
    check("manifestUrl" not in phone.forms("?formID=" + COPY)[0], "a manifest of nothing")


def hand_in(phone, instance, xml, files=(), **options):
    answer = phone.send(xml, files, **options)
    sent[instance] = (xml, dict(files))
    return answer


def sending(meo, browser, phone):
    """Once, again, in pieces, split, with names of any letters and ids of any length."""
    one = new_id(rng)
    xml = copy_request(one, photo="1764036000123.jpg", name="Đặng Thị Mỷ")
    photo = b"\xff\xd8\xff" + rng.randbytes(300000)
    answer = hand_in(phone, one, xml, [("1764036000123.jpg", photo)])
    check("Máy đã nhận hồ sơ số" in message_of(answer), message_of(answer))
    phone.send(xml, [("1764036000123.jpg", photo)], status=202)
    phone.send(xml, status=202)
    same("dossiers after three sends", len(meo.list(phrase=PHRASE)), 1)
    phone.send(copy_request(one, name="Người khác"), status=409)
    chunked = new_id(rng)
    hand_in(phone, chunked, copy_request(chunked, photo="ảnh chân dung Mỷ.jpg"),
            [("ảnh chân dung Mỷ.jpg", photo[:70000])], chunked=True)
    split = new_id(rng)
    files = [("%d.jpg" % i, b"\xff\xd8\xff" + rng.randbytes(60000)) for i in range(5)]
    xml = many_photos(split, [name for name, _ in files])
    hand_in(phone, split, xml, files, limit=100000, status=202)
    cut = new_id(rng)  # the first part came, the answer was lost, and the phone begins again
    xml = many_photos(cut, [name for name, _ in files])
    kind, body = phone.body(xml, files[:2], more=True)
    same("a first part", phone.ask("POST", "/submission", body, {"Content-Type": kind}).status, 202)
    hand_in(phone, cut, xml, files, limit=100000, status=202)
    for length in (249, 255, 1024):
        long_id = "uuid:" + "%0*x" % (length - 5, rng.getrandbits(64))
        hand_in(phone, long_id, copy_request(long_id, name="Mã dài %d" % length))
    phone.send(copy_request("x" * 1025), status=400)
    old = new_id(rng)
    hand_in(phone, old, copy_request(old).replace(COPY_VERSION, "1999"))
    same("a version nobody knows", dossier(browser, old)["form"]["mark"], "unknown")
    old = new_id(rng)
    hand_in(phone, old, '<data id="giong/cay&amp;con" version="1"><xa/><meta><instanceID>%s</instanceID></meta></data>'
            % old)
    same("an old version", dossier(browser, old)["form"]["mark"], "old")
    same("the newest", dossier(browser, one)["form"]["mark"], None)
    orx = new_id(rng)
    xml = copy_request(orx).replace("<data ", '<data xmlns:orx="http://openrosa.org/xforms" ')
    hand_in(phone, orx, xml.replace("meta>", "orx:meta>").replace("instanceID>", "orx:instanceID>"))
    return one


def edits(meo, browser, phone, first):
    """Edits of what is here, of what was replaced already and of what nobody knows: none is lost."""
    second, third, stray = new_id(rng), new_id(rng), new_id(rng)
    hand_in(phone, second, copy_request(second, photo="1764036000123.jpg", name="Đặng Thị Mây", replaces=first))
    same("dossiers after an edit", sum(row["id"] == dossier_of(first) for row in meo.list(phrase=PHRASE)), 1)
    sent[second] = (sent[second][0], sent[first][1])  # the photo it still names is inherited
    check(not marked(meo, first), "a plain edit is in conflict")
    hand_in(phone, third, copy_request(third, name="Đặng Thị Mai", replaces=first))
    check(marked(meo, first), "an edit of a replaced version is not marked")
    unknown = new_id(rng)
    hand_in(phone, stray, copy_request(stray, name="Sửa phiếu lạ", replaces=unknown))
    same("an edit of nothing", [one["base_missing"] for one in dossier(browser, unknown)["versions"]], [True])
    hand_in(phone, unknown, copy_request(unknown, name="Phiếu tới sau bản sửa"))
    check(not marked(meo, unknown), "what came after its own edit is a conflict for good")
    phone.send(copy_request(second, photo="1764036000123.jpg", name="Đặng Thị Mây", replaces=first), status=202)


def marked(meo, instance):
    return meo.json("show", dossier_of(instance), phrase=PHRASE)["conflict"]


def dossier(browser, instance):
    return browser.get("/api/dossiers/" + dossier_of(instance)).json()


def dossier_of(instance):
    return hashlib.blake2b(instance.encode(), digest_size=32).hexdigest()[:32]


def types(browser, phone):
    """What a file is, is told by its octets, not by its name."""
    for name, data, kind in (("a.txt", b"\x89PNG\r\n\x1a\n" + b"0" * 50, "image/png"),
                             ("b.jpg", b"<html><script>alert(1)</script></html>", "application/octet-stream"),
                             ("c.html", b"<html></html>", "application/octet-stream")):
        instance = new_id(rng)
        hand_in(phone, instance, copy_request(instance, photo=name), [(name, data)])
        got = browser.get("/api/dossiers/%s/files/%s" % (dossier_of(instance), name))
        same("the type of " + name, (got.headers["Content-Type"], got.body), (kind, data))
    for given in ("../../run/ảnh.jpg", unicodedata.normalize("NFD", "ảnh.jpg")):
        instance = new_id(rng)
        phone.send(copy_request(instance, photo="ảnh.jpg"), [(given, b"\xff\xd8\xff")])
        sent[instance] = (copy_request(instance, photo="ảnh.jpg"), {"ảnh.jpg": b"\xff\xd8\xff"})


def refusals(meo, phone):
    """Every refusal has its status and a sentence, and leaves nothing."""
    before = len(meo.list(phrase=PHRASE))
    phone.send('<?xml version="1.0"?><!DOCTYPE data [<!ENTITY a "b">]>' + copy_request(new_id(rng))[39:], status=400)
    phone.send("<data id='x'>", status=400)
    phone.send(copy_request(new_id(rng)).replace("instanceID", "khac"), status=400)
    phone.send(copy_request(new_id(rng), form="khong_co"), status=404)
    kind, body = phone.body(copy_request(new_id(rng)), [("a.jpg", b"x" * 5000)])
    for cut in list(range(0, len(body) - 4, 211)) + [len(body) - 5]:
        same("cut off after %d" % cut, phone.ask("POST", "/submission", body[:cut], {"Content-Type": kind}).status, 400)
    without = body.replace(b"xml_submission_file", b"something_else_here")
    for headers, data in (({"Content-Type": kind}, without),
                          ({"Content-Type": "text/xml"}, copy_request(new_id(rng)).encode()),
                          ({"Content-Type": "multipart/form-data"}, body), ({}, None)):
        same("a body of another kind", phone.ask("POST", "/submission", data, headers).status, 400)
    inner = b'--b\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--b--'
    many = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 100000 + b"--b--"
    for what, data in (("nested", inner), ("100,000 parts", many)):
        answer = phone.ask("POST", "/submission", data, {"Content-Type": "multipart/form-data; boundary=b"})
        same(what, answer.status, 400)
    foreign = phone.ask("GET", "/formList", headers={"Origin": "http://evil.example"})
    same("from another site's page", foreign.status, 403)
    same("too large", too_large(phone), 413)
    for method, target in (("GET", "/submission"), ("PUT", "/submission"), ("POST", "/formList"),
                           ("DELETE", "/formList")):
        same(method + " " + target, phone.ask(method, target).status, 405)
    foreign = phone.plain("GET", "/formList", headers={"Host": "evil.example"})
    same("a name that is not ours", foreign.status, 421)
    not_understood(phone)
    same("what was refused left nothing", len(meo.list(phrase=PHRASE)), before)
    same("nor in tmp", os.listdir(os.path.join(meo.data, "tmp")), [])
    figures = Browser(meo).get("/metrics").body.decode()
    for status in (400, 401, 403, 404, 405, 409, 413, 421):
        check('khuoi_http_refused_total{status="%d"} ' % status in figures, "nobody counted %d: %s" % (status, figures))


def not_understood(phone):
    """A request that is no HTTP is still answered as OpenRosa clients know it, as long as its target can be told."""
    host, port = phone.base[len("http://"):].rsplit(":", 1)
    for octets in (b"GET /formList HTTP/9.9\r\n\r\n", b"GET /formList HTTP/1.1\r\nHost: x\r\nA\x01: b\r\n\r\n",
                   b"GET /formList?%zz HTTP/1.1\r\nHost: " + host.encode() + b"\r\n\r\n",
                   b"POST /submission HTTP/1.1\r\nHost: " + host.encode() + b"\r\nContent-Length: -1\r\n\r\n",
                   b"GET /forms/%zz/form.xml HTTP/1.1\r\nHost: " + host.encode() + b"\r\n\r\n"):
        with socket.create_connection((host, int(port)), timeout=60) as link:
            link.sendall(octets)
            answer = b""
            while piece := link.recv(65536):
                answer += piece
                if b"</OpenRosaResponse>" in answer:
                    break
        head = answer.split(b"\r\n\r\n")[0]
        check(b" 400 " in head.splitlines()[0] or b" 404 " in head.splitlines()[0], "%r: %r" % (octets, head))
        check(b"\r\nX-OpenRosa-Version: 1.0" in head, "%r was answered as no OpenRosa server does: %r" % (octets, head))


def too_large(phone):
    """3 GiB announced; the answer comes before any of it."""
    host = phone.base[len("http://"):]
    link = http.client.HTTPConnection(host, timeout=30)
    link.putrequest("POST", "/submission", skip_host=True)
    for name, value in (("Host", host), ("Content-Length", str(3 << 30)),
                        ("Content-Type", "multipart/form-data; boundary=b"),
                        ("Authorization", phone.authorization("POST", "/submission"))):
        link.putheader(name, value)
    link.endheaders()
    answer = link.getresponse()
    same("X-OpenRosa-Version of 413", answer.headers["X-OpenRosa-Version"], "1.0")
    return answer.status


def full_disk(meo, phone):
    """No room for an upload: 507 with words, and the next one is taken once there is room again."""
    place, instance = os.path.join(meo.data, "tmp"), new_id(rng)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "khuoi-test", place], capture_output=True)
    if mounted.returncode != 0:
        note("without the full disk: only root may mount one")
        return
    try:
        answer = phone.send(copy_request(instance, photo="a.jpg"), [("a.jpg", b"\xff\xd8\xff" * 50000)], status=507)
        check("Bộ nhớ" in message_of(answer), message_of(answer))
    finally:
        subprocess.run(["umount", "-l", place], check=True)
    hand_in(phone, instance, copy_request(instance, photo="a.jpg"), [("a.jpg", b"\xff\xd8\xff" * 50000)])


def killed(meo, phone):
    """The box loses power while a phone sends, or before it hears: it sends again, and there is one dossier."""
    before = len(meo.list(phrase=PHRASE))
    for part in (0.2, 0.9, 1.0, 1.0):
        instance = new_id(rng)
        xml, files = copy_request(instance, photo="a.jpg"), [("a.jpg", b"\xff\xd8\xff" + rng.randbytes(400000))]
        phone.forms("?formID=" + COPY)
        kind, body = phone.body(xml, files)
        host = phone.base[len("http://"):]
        link = http.client.HTTPConnection(host, timeout=30)
        link.putrequest("POST", "/submission", skip_host=True)
        for name, value in (("Host", host), ("Content-Length", str(len(body))), ("Content-Type", kind),
                            ("Authorization", phone.authorization("POST", "/submission"))):
            link.putheader(name, value)
        link.endheaders()
        link.send(body[:int(len(body) * part)])
        meo.stop(9)
        link.close()
        meo.serve()
        phone.base = "http://" + meo.address("http")
        hand_in(phone, instance, xml, files, status=(201, 202))
    same("new dossiers", len(meo.list(phrase=PHRASE)) - before, 4)


def in_parallel(phone):
    """Six downloads at once: counts of one nonce come in any order."""
    urls = [one["downloadUrl"] for one in phone.forms()][:24]
    wrong = []

    def work(some):
        for url in some:
            try:
                phone.fetch(url)
            except (SystemExit, OSError) as failed:
                wrong.append(str(failed))

    before = phone.challenges
    threads = [threading.Thread(target=work, args=(urls[i::6],)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    same("what failed side by side", wrong, [])
    check(phone.challenges <= before + 1, "parallel requests were taken for replays")


def restarts(meo, phone):
    """Nobody is logged in after a power cut: accounts, forms and sending work as before; an old nonce is stale."""
    meo.stop(9)
    meo.serve()
    phone.base = "http://" + meo.address("http")
    before = phone.challenges
    check(len(phone.forms()) > 10, "a locked box lists no forms")
    same("challenges for an old nonce", phone.challenges, before + 1)
    same("who is logged in", Browser(meo).look()["person"], None)
    instance = new_id(rng)
    hand_in(phone, instance, copy_request(instance, photo="a.jpg", name="Lúc máy khóa"),
            [("a.jpg", b"\xff\xd8\xff" + rng.randbytes(9000))])
    visit = octets(health_visit(rng)).decode()
    hand_in(phone, visit.split("instanceID>")[1].split("<")[0], visit)


def at_the_commune(meo, xa):
    """All that phones sent, octet for octet, with its files."""
    carry(folder("stick"), meo, xa, meo)
    out = path("export")
    xa.run("export", out)
    found = {}
    for place in os.listdir(out):
        files = {name: octets(os.path.join(out, place, name)) for name in os.listdir(os.path.join(out, place))}
        xml = files.pop("submission.xml").decode()
        found[xml] = files
    for instance, (xml, files) in sent.items():
        check(xml in found, "the commune lacks %s" % instance)
        same("files of " + instance, {name: md5(data) for name, data in found[xml].items()},
             {name: md5(data) for name, data in files.items()})
    same("submissions at the commune", len(found), len(sent))
    challenge_of(Collect.at("http://" + xa.address("http")).plain("GET", "/formList"))


if __name__ == "__main__":
    xa = commune()
    publish(xa)
    with open(path("nhieu_anh.xml"), "w") as file:
        file.write(MANY_PHOTOS)
    xa.run("form add", path("nhieu_anh.xml"))
    meo = hamlet(xa, "meo")
    carry(folder("stick"), xa, meo)
    meo.serve()
    (_, _, page), made = phones_of(meo)
    head, nurse, both = [Collect(one) for one in made]
    unchanged = forms(head, nurse, both)
    unchanged += published_again(xa, meo, both)
    media(both)
    in_parallel(both)
    first = sending(meo, page, both)
    edits(meo, page, both, first)
    types(page, both)
    refusals(meo, both)
    full_disk(meo, both)
    restarts(meo, both)
    killed(meo, both)
    meo.stop()
    xa.serve()
    at_the_commune(meo, xa)
    xa.stop()
    meo.verify(phrase=PHRASE)
    done("%d public forms unchanged; whole, chunked, split, edited, repeated, cut off and refused "
         "sends; %d submissions at the commune octet for octet" % (unchanged, len(sent)))
