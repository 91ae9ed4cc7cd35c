#!/usr/bin/env python3
"""The counter's API: first start, people, drafts, dossiers, and that one domain never reaches the other's reader."""
import http.client
import os
import random
import re
import secrets

from lib_campaign import (KHUOI, PHRASE, ROOT, SEED, Node, carry, check, commune, done, folder, hamlet, path, same, submissions,
                          wait_until)
from lib_counter import Browser, new_person, quoted
from lib_forms import COPY, COPY_VERSION, copy_request, new_id

rng = random.Random(SEED)
HEALTH_PHRASE = "lúa nương trăng rằm"
# Words of our list, as the box offers them and as a phone types them.
LISTED, LISTED_ELSEWISE = "bạc bãi bánh báo", " Bac BÃI banh\u00a0 báo"


def photo(octets=200000):
    return b"\xff\xd8\xff" + rng.randbytes(octets)


def first_start():
    """An empty folder becomes a hamlet by its page alone, and goes on as a service."""
    new = Node(path("new"), "new")
    new.serve()
    page = Browser(new)
    same("the stage", page.look()["node"]["stage"], "new")
    page.post("/api/login", {"person": "x", "phrase": "y"}, 404)
    same("words of a phrase", len(page.get("/api/phrase").json()["phrase"].split()), 4)
    page.post("/api/setup", {"name": "", "person": "head", "phrase": PHRASE}, 400)
    # As a browser does, this one keeps its connection open meanwhile.
    idle = http.client.HTTPConnection(*new.address("http").split(":"), timeout=60)
    idle.request("GET", "/api/session")
    idle.getresponse().read()
    made = page.post("/api/setup", {"name": "Nà Lay", "person": "trưởng xóm", "phrase": PHRASE}, 201).json()
    same("who is logged in", made["person"]["name"], "trưởng xóm")
    same("the stage then", page.look()["node"]["stage"], "request")
    idle.request("GET", "/api/home")
    same("the counter on a connection from before", idle.getresponse().status, 200)
    idle.close()
    page.post("/api/setup", {"name": "Nà Lay", "person": "trưởng xóm", "phrase": PHRASE}, 409)
    page.submit(copy_request(new_id(rng)))
    same("commands work", len(new.list()), 1)
    without_health_worker(new, page)
    page.get("/api/enrolment")
    new.stop()
    new.serve()
    same("after a power cut nobody is logged in", Browser(new).look()["person"], None)
    new.stop()


def visit():
    """A filled health form."""
    place = next(file for file in submissions("visits", 40, 3) if b"kham_suc_khoe_ho" in open(file, "rb").read())
    with open(place, encoding="utf-8") as file:
        return file.read()


def product_visit():
    """One of a form that comes with the program."""
    return ('<data id="tham_ho_suc_khoe" version="%s"><meta><instanceID>%s</instanceID>'
            '</meta></data>' % (form_version("tham_ho_suc_khoe"), new_id(rng)))


def form_version(form):
    with open(os.path.join(ROOT, "node/forms/%s.xml" % form), encoding="utf-8") as file:
        return re.search(r'id="%s"[^>]*version="([^"]*)"' % form, file.read()).group(1)


def without_health_worker(new, page):
    """A browser's first start makes a head who reads no health; nothing of health is offered or taken before a health worker
    has begun with a phrase of their own and the commune has granted the hamlet."""
    page.look()
    same("what the first person reads", [one["domains"] for one in page.get("/api/people").json()], [["general"]])
    same("what health waits for", page.look()["node"]["health"], "worker")
    same("health forms offered", [one["id"] for one in page.get("/api/forms").json() if one["domain"] == "health"], [])
    refused = page.submit(product_visit(), status=503)
    same("why", refused.error, "not_ready")
    check("cán bộ y tế" in refused.json()["message"], "the refusal does not say what is missing: " + refused.json()["message"])
    page.put("/api/drafts/" + secrets.token_hex(16), {"form": "tham_ho_suc_khoe", "version": "", "label": "", "xml": "<a/>"}, 503)
    page.post("/api/people", {"name": "y tế", "domains": ["health"], "phrase": HEALTH_PHRASE}, 403)  # nobody gives what they lack
    nobody = Browser(new)
    nobody.look()
    nobody.post("/api/people/health", {"name": "y tế", "phrase": HEALTH_PHRASE}, 403)
    page.post("/api/people/health", {"name": "trưởng xóm", "phrase": HEALTH_PHRASE}, 409)
    page.post("/api/people/health", {"name": "y tế", "phrase": PHRASE}, 400)  # the head's own
    page.post("/api/people/health", {"name": "y tế", "phrase": HEALTH_PHRASE}, 201)
    page.post("/api/people/health", {"name": "y tế hai", "phrase": HEALTH_PHRASE}, 409)
    same("what health waits for then", page.look()["node"]["health"], "grant")
    page.submit(product_visit(), status=503)
    page.get("/api/health/log", 404)
    nurse = as_person(new, "y tế", HEALTH_PHRASE)
    same("what the health worker reads", nurse.look()["person"]["domains"], ["health"])


def enrol(xa):
    """The request out of the page, the grant into it."""
    ca = Node(path("ca"), "ca")
    ca.serve()
    page = Browser(ca)
    page.look()
    page.post("/api/setup", {"name": "Nà Ca", "person": "head", "phrase": PHRASE, "health": {"name": "head", "phrase": LISTED}}, 400)
    page.post("/api/setup", {"name": "Nà Ca", "person": "head", "phrase": PHRASE, "health": {"name": "y tế", "phrase": PHRASE}}, 400)
    page.post("/api/setup", {"name": "Nà Ca", "person": "head", "phrase": LISTED, "health": {"name": "y tế", "phrase": LISTED_ELSEWISE}},
              400)
    page.post("/api/setup", {"name": "Nà Ca", "person": "head", "phrase": PHRASE, "health": {"name": "y tế", "phrase": LISTED}}, 201)
    page.look()
    page.submit(product_visit(), status=503)
    page.submit(copy_request(new_id(rng)))
    asked = page.get("/api/enrolment").json()
    with open(path("ca.request"), "w") as file:
        file.write(asked["request_text"])
    xa.run("enrol grant", "--in", path("ca.request"), "--out", path("ca.grant"), "--fingerprint", asked["fingerprint"],
           phrase=PHRASE)
    with open(path("ca.grant"), "rb") as file:
        grant = file.read()
    page.post("/api/enrolment/grant", b"rubbish", 400)
    Browser(ca).post("/api/enrolment/grant", grant, 403)
    Browser(ca).post("/api/enrolment/grant/read", grant, 403)
    whose = page.post("/api/enrolment/grant/read", grant).json()
    same("whose grant it is", (whose["name"], len(whose["fingerprint"].replace(" ", ""))), ("Sảng Mộc", 30))
    # Nothing is taken by who did not compare the digits, or has others.
    same("without digits", page.post("/api/enrolment/grant", grant, 409).error, "compare")
    same("with wrong digits", page.post("/api/enrolment/grant?fingerprint=" + "0" * 30, grant, 409).error, "compare")
    same("still nobody's", page.get("/api/enrolment").json()["stage"], "request")
    same("whose it is now", page.post("/api/enrolment/grant?fingerprint=" + quoted(whose["fingerprint"]), grant).json()["commune"],
         "Sảng Mộc")
    same("the stage", page.look()["node"]["stage"], "enrolled")
    same("health is open", page.look()["node"]["health"], "open")
    record = page.submit(product_visit()).json()["id"]
    page.get("/api/dossiers/" + record, 404)
    nurse = as_person(ca, "y tế", LISTED_ELSEWISE)
    wait_until(lambda: [row["id"] for row in nurse.get("/api/dossiers").json()["rows"]] == [record], "the health worker's record")
    same("ways back in", sorted(one["kind"] for one in ca.json("slot list")), ["passphrase"] * 2 + ["recovery"] * 2)
    lost(xa, ca, "health", "cá cải cam cân")
    as_person(ca, "y tế", "CÁ CẢI CAM CÂN")
    carry(folder("stick-ca"), ca, xa, ca)
    wait_until(lambda: page.get("/api/dossiers").json()["rows"][0]["state"] == "received", "what was written before to arrive")
    ca.stop()


def lost(xa, box, domain, phrase):
    """The health worker's phrase is lost; the commune's answer gives health back, and nothing else."""
    refused = box.run("slot request-recovery", "--out", path("lost"), code=2)
    check(b"--domain" in refused.stderr, "it is not said whose phrase: %r" % refused.stderr)
    box.run("slot request-recovery", "--out", path("lost"), "--domain", domain)
    xa.run("slot answer-recovery", "--in", path("lost"), "--out", path("found"), phrase=PHRASE)
    box.run("slot recover", "--in", path("found"), "--person", "y tế", env={"KHUOI_NEW_PASSPHRASE": phrase})
    page = as_person(box, "y tế", phrase)
    same("what it opens", page.look()["person"]["domains"], ["health"])


def people(meo):
    """The head gives the health worker a phrase, and each a PIN."""
    both = Browser(meo)
    name = meo.json("slot list")[0]["person"]
    both.login(name, phrase="sai", status=403)
    both.login(name, phrase=PHRASE, status=429)
    wait_until(lambda: both.ask("POST", "/api/login", {"person": name, "phrase": PHRASE}).status == 200, "the wait's end", 20)
    both.look()
    before = dict(both.cookies)
    both.login(name, phrase=PHRASE)
    check(both.cookies["khuoi"] != before["khuoi"], "a login kept the session's id")
    stale = Browser(meo)
    stale.cookies = before
    same("the session of before is over", stale.look()["person"], None)
    new_person(both, meo, "y tế", ["health"], HEALTH_PHRASE)
    new_person(both, meo, "trưởng xóm", ["general"], PHRASE)
    both.post("/api/people", {"name": "y tế", "domains": ["health"], "phrase": PHRASE}, 409)
    new_person(both, meo, "thứ ba", ["general"], LISTED)
    as_person(meo, "thứ ba", LISTED_ELSEWISE)
    both.put("/api/people/pin", {"pin": "12"}, 400)
    return both


def as_person(meo, name, phrase):
    page = Browser(meo)
    page.login(name, phrase=phrase)
    return page


def drafts(meo):
    """A draft survives a reload without a login, and nobody else's browser sees it; a kill loses nothing of it."""
    page = Browser(meo)
    page.look()
    one = secrets.token_hex(16)
    body = {"form": COPY, "version": COPY_VERSION, "label": "Mỷ", "xml": "<data>Bí mật trong nháp</data>"}
    page.put("/api/drafts/" + one, body)
    picture = photo()
    page.put("/api/drafts/%s/files/%s" % (one, quoted("ảnh.jpg")), picture, 201)
    meo.stop(9)
    with open(os.path.join(meo.data, "store", "data.mdb"), "rb") as file:
        disk = file.read()
    check("Bí mật trong nháp".encode() not in disk and picture[:64] not in disk, "a draft lies readable on the disk")
    meo.serve()
    page.address = meo.address("http")
    page.look()
    listed = page.get("/api/drafts").json()
    same("drafts of this browser", [(row["draft"], row["files"], row["mine"]) for row in listed], [(one, ["ảnh.jpg"], True)])
    same("its content", page.get("/api/drafts/" + one).json()["xml"], body["xml"])
    same("its photo", page.get("/api/drafts/%s/files/%s" % (one, quoted("ảnh.jpg"))).body, picture)
    other = Browser(meo)
    other.look()
    same("drafts of another browser", other.get("/api/drafts").json(), [])
    same("what another browser is told of it", other.get("/api/drafts/" + one, 403).error, "kept")
    same("of one that never was", other.get("/api/drafts/" + "0" * 32, 404).error, "not_found")
    same("the count, of a locked box too", other.get("/api/home").json()["counts"]["drafts"], 1)
    other.put("/api/drafts/" + one, body, 404)
    same("erasing it from there", other.ask("DELETE", "/api/drafts/" + one).status, 404)
    head = as_person(meo, "trưởng xóm", PHRASE)
    same("the head finds it on another device", [row["draft"] for row in head.get("/api/drafts").json()], [one])
    page.submit(copy_request(new_id(rng)), draft=one)
    same("it is gone with the submission", page.get("/api/drafts").json(), [])


def dossiers(meo, xa):
    head = as_person(meo, "trưởng xóm", PHRASE)
    instance = new_id(rng)
    pictures = [("trước.jpg", photo()), ("sau.jpg", photo(70000))]
    taken = head.submit(copy_request(instance, photo="trước.jpg", name="Đặng Thị Mỷ"), pictures[:1]).json()
    same("again", head.submit(copy_request(instance, photo="trước.jpg", name="Đặng Thị Mỷ"), status=200).json()["id"], taken["id"])
    head.submit(copy_request(instance, name="Khác"), status=409)
    head.submit("<data>", status=400)
    head.submit("<!DOCTYPE a><data/>", status=400)
    head.submit(copy_request(new_id(rng), form="khong_co"), status=404)
    wait_until(lambda: head.get("/api/dossiers?q=dang+thi+my").json()["total"] == 1, "a search without marks")
    same("other words", head.get("/api/dossiers?q=dang+thi+tay").json()["total"], 0)
    detail = head.get("/api/dossiers/" + taken["id"]).json()
    same("its photo", [(one["name"], one["have"]) for one in detail["attachments"]], [("trước.jpg", True)])
    same("what waits where there is no radio, and its photo", (detail["waits"], detail["files_to_go"]), (None, 1))
    same("by radio, without one", head.post("/api/dossiers/%s/send-now" % taken["id"], {}, 409).error, "no_radio")
    head.post("/api/dossiers/%s/send-now" % ("0" * 32), {}, 404)
    got = head.get(detail["attachments"][0]["url"])
    same("the photo's octets", got.body, pictures[0][1])
    same("its type", got.headers["Content-Type"], "image/jpeg")
    same("its XML", head.get("/api/dossiers/%s/submission.xml" % taken["id"]).body.decode(),
         copy_request(instance, photo="trước.jpg", name="Đặng Thị Mỷ"))
    edited = new_id(rng)
    head.submit(copy_request(edited, photo="trước.jpg", name="Đặng Thị Mây", replaces=instance),
                path="/api/dossiers/%s/edit" % taken["id"])
    head.submit(copy_request(new_id(rng), replaces=new_id(rng)), path="/api/dossiers/%s/edit" % taken["id"], status=400)
    same("versions", len(head.get("/api/dossiers/" + taken["id"]).json()["versions"]), 2)
    carry(folder("stick-meo"), meo, xa)
    xa.run("state", taken["id"], "--set", "needs-papers", "--note", "Thiếu giấy chứng sinh", "--due", "2026-12-01")
    carry(folder("stick-meo"), xa, meo)
    wait_until(lambda: head.get("/api/dossiers/" + taken["id"]).json()["state"] == "needs-papers", "the answer")
    answer = head.get("/api/dossiers/" + taken["id"]).json()
    same("the answer's words", (answer["answers"][0]["note"], answer["answers"][0]["due"], answer["unseen"]),
         ("Thiếu giấy chứng sinh", "2026-12-01", True))
    story = answer["timeline"]
    same("the story", [one["kind"] for one in story], ["saved", "edited", "sent", "received", "state"])
    same("by what it went", [story[at]["detail"] for at in (2, 3)], [{"by": "stick", "at_latest": False}] * 2)
    same("whose times are sure", [one["trusted"] for one in story], [False] * 4 + [True])
    times = [one["at"] for one in story]
    check(times[1] <= times[2] <= times[3], "the times of the story go back: %r" % times)
    way = [(one["kind"], one["by"]) for one in meo.json("show", taken["id"], phrase=PHRASE)["passages"]]
    same("the same by 'khuoi show'", way, [("sent", "stick"), ("received", "stick")])
    wait_until(lambda: head.get("/api/home").json()["counts"]["answers_unseen"] == 1, "the count of answers")
    head.post("/api/dossiers/%s/seen" % taken["id"])
    wait_until(lambda: head.get("/api/home").json()["counts"]["answers_unseen"] == 0, "the count of answers")
    head.post("/api/dossiers/%s/withdraw" % taken["id"], {"reason": "đã có bản chính"})
    same("withdrawal", head.get("/api/dossiers/" + taken["id"]).json()["withdrawal_asked"], True)
    head.post("/api/messages", {"text": "Máy in hết mực"}, 201)
    same("the message", [(one["text"], one["mine"]) for one in head.get("/api/messages").json()], [("Máy in hết mực", True)])
    with open(path("huong-dan.pdf"), "wb") as file:
        file.write(b"%PDF-1.4 " + rng.randbytes(100000))
    xa.run("document add", path("huong-dan.pdf"), "--title", "Hướng dẫn")
    xa.run("message send", "--text", "Mai có đoàn khám", "--to", "meo")
    carry(folder("stick-meo"), xa, meo)
    document = head.get("/api/documents").json()[0]
    same("the document", (document["title"], document["have"], document["read"]), ("Hướng dẫn", True, False))
    same("its octets", len(head.get("/api/documents/%s/file" % document["id"]).body), 100009)
    head.post("/api/documents/%s/read" % document["id"])
    same("read", head.get("/api/documents").json()[0]["read"], True)
    head.post("/api/messages/seen")
    return taken["id"]


def domains(meo, general_id):
    """A head reaches no health record, a health worker no general one, whatever they ask for."""
    head = as_person(meo, "trưởng xóm", PHRASE)
    nurse = as_person(meo, "y tế", HEALTH_PHRASE)
    text = visit()
    waiting = head.get("/api/home").json()["waiting"]
    taken = Browser(meo)
    taken.look()
    health_id = taken.submit(text).json()["id"]
    wait_until(lambda: nurse.get("/api/dossiers").json()["total"] == 1, "the visit")
    same("what the nurse sees", [row["id"] for row in nurse.get("/api/dossiers").json()["rows"]], [health_id])
    same("what waits for the head", head.get("/api/home").json()["waiting"], waiting)
    draft = secrets.token_hex(16)
    nurse.put("/api/drafts/" + draft, {"form": "kham_suc_khoe_ho", "version": "", "label": "", "xml": "<a/>"})
    for page, other_id, domain in ((head, health_id, "health"), (nurse, general_id, "general")):
        rows = page.get("/api/dossiers?limit=500").json()
        check(other_id not in [row["id"] for row in rows["rows"]], "a list shows the other domain")
        same("asking for the other domain", page.get("/api/dossiers?domain=" + domain).json()["total"], 0)
        for what in ("", "/submission.xml", "/files/x.jpg"):
            same("guessing an id", page.get("/api/dossiers/" + other_id + what, 404).body,
                 page.get("/api/dossiers/" + "0" * 32 + what, 404).body)
        page.get("/api/dossiers/" + other_id[:8], 404)
        page.post("/api/dossiers/%s/withdraw" % other_id, {"reason": "x"}, 404)
        page.post("/api/dossiers/%s/seen" % other_id, {}, 404)
        page.submit(text, path="/api/dossiers/%s/edit" % other_id, status=404)
    head.get("/api/drafts/" + draft, 404)
    same("drafts of the head", [row for row in head.get("/api/drafts").json() if row["domain"] == "health"], [])
    head.get("/api/health/log", 404)
    head.get("/api/health/due", 404)
    same("documents of the nurse", nurse.get("/api/documents").json(), [])
    same("messages of the nurse", nurse.get("/api/messages").json(), [])
    nurse.post("/api/messages", {"text": "x"}, 403)
    nurse.get("/api/dossiers/" + health_id)
    log = nurse.get("/api/health/log").json()
    check(("y tế", "read", health_id) in [(one["person"], one["what"], one["id"]) for one in log], "a reading is not noted")
    nobody = Browser(meo)
    nobody.look()
    for where in ("/api/dossiers", "/api/dossiers/" + health_id, "/api/documents", "/api/messages"):
        same("who is not logged in", nobody.get(where, 403).error, "locked")


def visits_due(meo, xa):
    """Which fields of a form say when to come again, a form of the commune says itself; the shipped ones go by a table."""
    place = path("tham.xml")
    with open(place, "w", encoding="utf-8") as file:
        file.write(VISIT_FORM)
    xa.run("form add", place)
    stick = folder("stick-due")
    carry(stick, meo, xa, meo)
    nurse = as_person(meo, "y tế", HEALTH_PHRASE)
    own = nurse.submit('<data id="tham" version="1"><ten>Bàn Văn Phú</ten><toi>2026-01-05</toi><viec>can</viec><meta>'
                       "<instanceID>%s</instanceID></meta></data>" % new_id(rng)).json()["id"]
    with open(os.path.join(ROOT, "tests/data/product/kham_thai-1.xml"), encoding="utf-8") as file:
        shipped = nurse.submit(file.read()).json()["id"]
    wait_until(lambda: len(nurse.get("/api/health/due").json()) == 2, "the visits due")
    due = {one["id"]: one for one in nurse.get("/api/health/due").json()}
    same("a commune's form", (due[own]["due"], due[own]["what"], due[own]["question"]), ("2026-01-05", "can", "viec"))
    same("a shipped form", due[shipped]["question"], "viec_hen")
    earliest = min(due.values(), key=lambda one: one["due"])
    same("the earliest alone", nurse.get("/api/health/due?count=1").json(), [earliest])
    nurse.get("/api/health/due?count=0", 400)
    parts_of_a_list(nurse)


def parts_of_a_list(page):
    """A list in parts is the list, the newest first, with and without a filter."""
    for only in ("", "&form=tham", "&q=ban+van"):
        whole = page.get("/api/dossiers?limit=500" + only).json()
        same("how many match", whole["total"], len(whole["rows"]))
        numbers = [row["number"] for row in whole["rows"]]
        same("the newest first", numbers, sorted(numbers, reverse=True))
        parts = []
        for first in range(0, whole["total"] + 1, 2):
            part = page.get("/api/dossiers?limit=2&from=%d%s" % (first, only)).json()
            same("how many match, told with a part", part["total"], whole["total"])
            parts += part["rows"]
        same("its parts", [row["id"] for row in parts], [row["id"] for row in whole["rows"]])


VISIT_FORM = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
 xmlns:khuoi="urn:khuoi:form" khuoi:domain="health"><h:head><h:title>Thăm</h:title><model><instance>
<data id="tham" version="1"><ten/><toi/><viec/><meta><instanceID/></meta></data></instance>
<bind nodeset="/data/ten" type="string"/><bind nodeset="/data/toi" type="date" khuoi:follow-up="day"/>
<bind nodeset="/data/viec" type="string" khuoi:follow-up="what"/></model></h:head><h:body>
<input ref="/data/ten"><label>Tên</label></input><input ref="/data/toi"><label>Tới</label></input>
<select1 ref="/data/viec"><label>Việc</label><item><label>Cân</label><value>can</value></item></select1></h:body></h:html>
"""


def guessed_at(meo):
    """Somebody who guesses a phrase from many addresses shuts strangers out, and not whoever came in before; guessing a
    PIN ends with the PIN."""
    name = "trưởng xóm"
    known, other = Browser(meo, "127.0.0.3"), Browser(meo, "127.0.1.1")
    known.login(name, phrase=PHRASE)
    known.put("/api/people/pin", {"pin": "2468"})
    for number in range(25):
        guesser = Browser(meo, "127.0.2.%d" % (number + 1))
        guesser.look()
        answer = guesser.ask("POST", "/api/login", {"person": name, "phrase": "sai %d" % number})
        check(answer.status in (403, 429), "a guess was answered with %d" % answer.status)
    known.login(name, phrase=PHRASE)
    for number in range(50):
        guesser = Browser(meo, "127.0.3.%d" % (number + 1))
        guesser.login(name, pin="1357", status=403)
    answer = other.login(name, pin="2468", status=403)
    same("the PIN after fifty guesses", answer.error, "locked")
    other.login(name, phrase=PHRASE)
    known.login(name, pin="2468")


def pins(meo):
    """A PIN opens a session while the box runs; guessing it costs time that a power cut does not give back."""
    head = as_person(meo, "trưởng xóm", PHRASE)
    head.put("/api/people/pin", {"pin": "2468"})
    head.logout()
    for _ in range(5):  # the next wait is 16 s: a busy machine must not take that long for a login by phrase
        page = Browser(meo)
        page.look()
        wait_until(lambda: page.ask("POST", "/api/login", {"person": "trưởng xóm", "pin": "1111"}).status == 403, "a free try", 30)
    answer = page.ask("POST", "/api/login", {"person": "trưởng xóm", "pin": "2468"})
    same("the right PIN while one has to wait", (answer.status, answer.error), (429, "wait"))
    Browser(meo, "127.0.0.2").login("trưởng xóm", pin="2468")  # somebody else's guesses are not held against this address
    meo.stop(9)
    meo.serve()
    page = Browser(meo)
    page.login("trưởng xóm", pin="2468", status=403)  # its keys are gone: the phrase is needed
    page.login("trưởng xóm", phrase=PHRASE)
    page.look()
    answer = page.ask("POST", "/api/login", {"person": "trưởng xóm", "pin": "2468"})
    same("after a power cut the wait begins anew", (answer.status, answer.error), (429, "wait"))
    check(answer.json()["wait"] >= 2, "the wait was forgotten")
    page.look()
    other = Browser(meo, "127.0.0.4")
    other.login("trưởng xóm", phrase=PHRASE)
    other.logout()
    same("after a logout nobody is in there", other.look()["person"], None)
    same("and everybody else goes on", other.look()["open"]["general"], True)
    other.login("trưởng xóm", pin="2468")
    page.post("/api/lock")
    same("after a lock", page.look()["person"], None)
    same("in every browser", other.look()["person"], None)
    same("no key is left", other.look()["open"], {"general": False, "health": False})
    other.login("trưởng xóm", pin="2468", status=403)
    same("a PIN opens nothing then", other.get("/api/dossiers", 403).error, "locked")
    other.login("thứ ba", phrase=LISTED_ELSEWISE)
    other.post("/api/lock")
    meo.run("unlock", phrase=LISTED_ELSEWISE)
    meo.run("lock")
    meo.run("show", "000000", code=1)


if __name__ == "__main__":
    check(os.path.exists(KHUOI), "there is no program " + KHUOI)
    first_start()
    xa = commune()
    enrol(xa)
    meo = hamlet(xa, "meo")
    carry(folder("stick-meo"), xa, meo)
    meo.serve()
    people(meo)
    drafts(meo)
    one = dossiers(meo, xa)
    domains(meo, one)
    visits_due(meo, xa)
    guessed_at(meo)
    pins(meo)
    meo.stop()
    meo.verify(phrase=PHRASE)
    done("first start, people, drafts, dossiers, documents, messages, and two domains apart")
