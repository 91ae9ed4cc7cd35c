#!/usr/bin/env python3
"""What the pages stand on at the box: a draft's place, a slip's words, people who leave, one look that is one line, and a
commune that says what it is not."""
import os
import random
import secrets
import urllib.parse

from lib_campaign import PHRASE, ROOT, SEED, check, commune, done, hamlet, same, wait_until
from lib_counter import Browser
from lib_forms import COPY, COPY_VERSION, copy_request, new_id

rng = random.Random(SEED)
OTHER_PHRASE = "lúa nương trăng rằm"
NEW_PHRASE = "bếp lửa nhà sàn"


def as_person(meo, name, phrase, status=200):
    page = Browser(meo)
    page.login(name, phrase=phrase, status=status)
    return page


def place(meo):
    """A draft opens where it was left; one of before, that says no place, at its beginning."""
    page = Browser(meo)
    page.look()
    for at in ({"at": "/data/cccd"}, {}, {"at": "/" + "x" * 5000}):
        one = secrets.token_hex(16)
        page.put("/api/drafts/" + one, {"form": COPY, "version": COPY_VERSION, "label": "", "xml": "<data/>", **at})
        same("its place", page.get("/api/drafts/" + one).json()["at"], at.get("at", "")[:20] if len(at.get("at", "")) < 1000 else "")


def slips(meo, both):
    """Whoever handed it in writes on its slip while the box is locked; a reprint has it; nobody else writes or reads it."""
    page = Browser(meo)
    page.look()
    taken = page.submit(copy_request(new_id(rng))).json()["id"]
    words = {"originals": "1 giấy chứng sinh", "keeper": "Trưởng xóm giữ hộ", "come_back": "10/12/2026"}
    slip = "/api/dossiers/%s/slip" % taken
    page.put(slip, words)
    stranger = Browser(meo)
    stranger.look()
    stranger.put(slip, words, 403)
    same("the reprint", both.get("/api/dossiers/" + taken).json()["slip"], words)
    both.put(slip, dict(words, keeper=""))
    same("what was taken off", both.get("/api/dossiers/" + taken).json()["slip"]["keeper"], "")
    both.put(slip, dict(words, keeper="x" * 1001), 400)
    both.put("/api/dossiers/%s/slip" % ("0" * 32), words, 404)
    both.put("/api/dossiers/%s/slip" % taken[:8], words, 404)
    with open(os.path.join(meo.data, "store", "data.mdb"), "rb") as file:
        check("Trưởng xóm giữ hộ".encode() not in file.read(), "a slip's words lie readable on the disk")
    return taken


def people(meo, both, mine):
    """Somebody else's phrase is marked until it is changed; people see less, or are gone; the last one is told."""
    for name, domains in (("y tế", ["health"]), ("trưởng xóm", ["general"])):
        both.post("/api/people", {"name": name, "domains": domains, "phrase": OTHER_PHRASE}, 201)
    nurse = as_person(meo, "y tế", OTHER_PHRASE)
    same("a phrase that somebody else made", nurse.look()["person"]["phrase_given"], True)
    nurse.put("/api/people/phrase", {"phrase": OTHER_PHRASE}, 409)
    nurse.put("/api/people/phrase", {"phrase": NEW_PHRASE})
    same("a phrase of one's own", nurse.look()["person"]["phrase_given"], False)
    head = as_person(meo, "trưởng xóm", OTHER_PHRASE)
    must_choose(meo, head, "trưởng xóm")
    same("the head removes who reads more", head.ask("DELETE", person("y tế")).status, 403)
    same("nobody removes a stranger", Browser(meo).ask("DELETE", person("x"), token=False).status, 403)
    # Narrowed: the old phrase and the session are over, the new phrase opens less, and is again somebody else's.
    both.post("/api/people", {"name": "cả/hai", "domains": ["general", "health"], "phrase": OTHER_PHRASE}, 201)
    wide = as_person(meo, "cả/hai", OTHER_PHRASE)
    both.put("/api/people/access", {"name": "cả/hai", "domains": ["general"], "phrase": NEW_PHRASE})
    same("the session of before", wide.look()["person"], None)
    as_person(meo, "cả/hai", OTHER_PHRASE, 403)
    narrow = Browser(meo, "127.0.0.9")
    narrow.login("cả/hai", phrase=NEW_PHRASE)
    left = narrow.look()["person"]
    same("what is left", (left["domains"], left["phrase_given"]), (["general"], True))
    both.put("/api/people/access", {"name": "cả/hai", "domains": [], "phrase": NEW_PHRASE}, 400)
    # The last who reads a domain: said first, done when that was heard; the very last stays.
    for name in ("cả/hai", "trưởng xóm"):
        same("removed", both.ask("DELETE", person(name)).status, 200)
    same("a second time", both.ask("DELETE", person("trưởng xóm")).status, 404)
    last = both.ask("DELETE", person(mine))
    same("the last reader of papers", (last.status, last.error), (409, "last"))
    check("hồ sơ giấy tờ" in last.json()["message"], "it is not said what follows: " + last.json()["message"])
    narrowed = both.ask("PUT", "/api/people/access", {"name": mine, "domains": ["health"], "phrase": PHRASE})
    same("the same by seeing less", narrowed.error, "last")
    both.put("/api/people/access", {"name": mine, "domains": ["general"], "phrase": NEW_PHRASE})
    both.login(mine, phrase=NEW_PHRASE)
    by_command(meo, nurse)
    same("the very last", both.ask("DELETE", person(mine) + "&anyway=1").status, 403)


def must_choose(meo, page, name):
    """A session whose phrase somebody else made changes it, leaves and sees who it is; the box itself refuses the rest."""
    for method, route in (("GET", "/api/dossiers"), ("GET", "/api/home"), ("GET", "/api/events"), ("GET", "/api/forms"),
                          ("PUT", "/api/people/pin"), ("PUT", "/api/people/access"), ("POST", "/api/phones"),
                          ("POST", "/api/submissions"), ("POST", "/api/lock")):
        answer = page.ask(method, route, {} if method != "GET" else None)
        same("%s %s before the change" % (method, route), (answer.status, answer.error), (403, "own_phrase"))
    check(b"<html" in page.get("/").body and page.get("/api/phrase").json()["phrase"], "the change has no page")
    page.logout()
    same("after leaving", page.look()["person"], None)
    page.login(name, phrase=OTHER_PHRASE)
    page.put("/api/people/phrase", {"phrase": NEW_PHRASE})
    page.get("/api/dossiers")
    same("with a phrase of one's own", as_person(meo, name, NEW_PHRASE).look()["person"]["phrase_given"], False)


def by_command(meo, nurse):
    """The commands mark, forget and end what the page does, while the service runs."""
    nurse.put("/api/people/pin", {"pin": "2468"})
    given = {"KHUOI_NEW_PASSPHRASE": OTHER_PHRASE}
    meo.run("slot add", "y tế", "--domain", "health", "--person", "y tế", phrase=NEW_PHRASE, env={"KHUOI_NEW_PASSPHRASE": PHRASE})
    same("the session of the phrase before", nurse.look()["person"], None)
    nurse.login("y tế", pin="2468", status=403)
    nurse.login("y tế", phrase=PHRASE)
    same("a phrase that the person typed", nurse.look()["person"]["phrase_given"], False)
    meo.run("slot add", "người mới", "--domain", "health", phrase=PHRASE, env=given)
    new = as_person(meo, "người mới", OTHER_PHRASE)
    same("a phrase that a command gave", new.get("/api/dossiers", 403).error, "own_phrase")
    said = meo.run("slot add", "người mới", "--person", "người mới", phrase=OTHER_PHRASE, env=given, code=1)
    check(b"somebody else made" in said.stderr, "the same phrase again: %r" % said.stderr)
    check(not meo.run("slot remove", "y tế").stderr, "two read health, and one may leave without a word")
    same("the session of who left", nurse.look()["person"], None)
    said = meo.run("slot remove", "người mới")
    check(b"'health'" in said.stderr, "the command does not say what follows: %r" % said.stderr)
    meo.run("slot add", "y tế", "--domain", "general", phrase=NEW_PHRASE, env=given)
    again = next(one for one in Browser(meo).get("/api/people").json() if one["name"] == "y tế")
    same("nothing of the one before", (again["domains"], again["pin"]), (["general"], False))
    meo.run("slot remove", "y tế")


def person(name):
    return "/api/people?name=" + urllib.parse.quote(name, safe="")


def one_look(meo, both):
    """Opening a health record asks for it several times: one line, with its name; changing it is a line each."""
    meo.submit([os.path.join(ROOT, "tests/data/product/kham_thai-1.xml")])
    wait_until(lambda: both.get("/api/dossiers?domain=health").json()["total"] == 1, "the record in the list")
    record = both.get("/api/dossiers?domain=health").json()["rows"][0]
    for what in ("", "/submission.xml", ""):
        both.get("/api/dossiers/" + record["id"] + what)
    lines = [line for line in both.get("/api/health/log").json() if line["id"] == record["id"]]
    same("lines of one look", [(line["what"], line["label"]) for line in lines], [("read", record["label"])])


def commune_page(xa):
    """A commune's box serves its desk; a hamlet's routes say that they are a hamlet's."""
    page = Browser(xa)
    same("the role", page.look()["node"]["role"], "commune")
    same("the stick at a commune", page.get("/api/home").json()["stick"]["state"], "none")
    for route in ("/api/dossiers", "/api/forms", "/api/messages", "/api/nothing"):
        same(route, page.get(route, 501).error, "unsupported")
    page.post("/api/messages", {"text": "x"}, 501)
    page.post("/api/login", {"person": "x", "phrase": "y"}, 404)
    check(b"<html" in page.get("/").body, "there is no page")


def main():
    xa = commune("xa")
    meo = hamlet(xa, "meo")
    xa.serve()
    commune_page(xa)
    xa.stop()
    meo.serve()
    place(meo)
    mine = meo.json("slot list")[0]["person"]
    both = as_person(meo, mine, PHRASE)
    slips(meo, both)
    one_look(meo, both)
    people(meo, both, mine)
    meo.stop()
    meo.verify()
    done("drafts, slips, people and the commune's page")


if __name__ == "__main__":
    main()
