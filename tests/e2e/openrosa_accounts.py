#!/usr/bin/env python3
"""Accounts of phones: made on the page, shown once, proved by Digest, guessed at, kept over a power cut, removed."""
import os
import random
import re
import threading

from lib_campaign import PHRASE, ROOT, SEED, Node, carry, check, commune, done, folder, hamlet, path, same, wait_until
from lib_collect import Collect, challenge_of, message_of, phones_of, settings_of
from lib_counter import Browser
from lib_forms import copy_request, new_id

rng = random.Random(SEED)


def accounts(meo, pages, made):
    """Passwords are shown once, what is kept of them opens nothing, and each sees the accounts of their own domains."""
    head, _, both = pages
    general = settings_of(made[0]["settings"])["general"]
    same("what Collect is set to", [general[name] for name in ("protocol", "server_url", "username", "password")],
         ["odk_default", "http://" + meo.address("http"), "may-truong-xom", made[0]["password"]])
    same("addresses", (made[0]["urls"], made[0]["reachable"]), (["http://" + meo.address("http")], False))
    head.post("/api/phones", {"name": "máy TRƯỞNG xóm"}, 409)
    head.post("/api/phones", {"name": "☎"}, 400)
    head.post("/api/phones", {"name": "x" * 5000}, 413)
    nobody = Browser(meo)
    nobody.look()
    nobody.post("/api/phones", {"name": "x"}, 403)
    nobody.get("/api/phones", 403)
    same("phones the head sees", [one["name"] for one in head.get("/api/phones").json()], ["may-truong-xom"])
    same("phones of all", [(one["name"], one["last"]) for one in both.get("/api/phones").json()],
         [("may-chi-my", None), ("may-chung", None), ("may-truong-xom", None)])
    same("the head removing the nurse's", head.ask("DELETE", "/api/phones/may-chi-my").status, 404)
    with open(os.path.join(meo.data, "store", "data.mdb"), "rb") as file:
        disk = file.read()
    check(not any(one["password"].encode() in disk for one in made), "a password lies in the store")


def digest(meo, both, made_by):
    """Without, with a foreign, an old, an overheard and a wrong proof; and an account opens nothing else."""
    bare = both.plain("GET", "/formList")
    challenge = challenge_of(bare)
    check("stale" not in challenge, "a first challenge is stale")
    for scheme in ("Basic bWF5LWNodW5nOng=", "Digest", "Digest username=", "Bearer x", "Digest " + "a=b," * 500):
        challenge_of(both.plain("GET", "/formList", headers={"Authorization": scheme}))
    kind, body = both.body(copy_request(new_id(rng)), [("a.jpg", b"x" * 3000000)])
    challenge_of(both.plain("POST", "/submission", body, {"Content-Type": kind}))
    heard = both.authorization("GET", "/formList", challenge, 1)
    same("a good one", both.plain("GET", "/formList", headers={"Authorization": heard}).status, 200)
    again = both.plain("GET", "/formList", headers={"Authorization": heard})
    same("the same again", challenge_of(again).get("stale"), "true")
    challenge_of(both.plain("GET", "/formList?verbose=true", headers={"Authorization": heard}))
    same("a later count", both.plain("GET", "/formList", headers={
        "Authorization": both.authorization("GET", "/formList", challenge, 2)}).status, 200)
    forged = dict(challenge, nonce="0" * 48)
    same("a forged nonce", challenge_of(both.plain("GET", "/formList", headers={
        "Authorization": both.authorization("GET", "/formList", forged, 1)})).get("stale"), "true")
    cookie = "; ".join("%s=%s" % one for one in made_by.cookies.items())
    challenge_of(both.plain("GET", "/formList", headers={"Cookie": cookie, "X-Khuoi": made_by.token}))
    outsider = Browser(meo)
    for target in ("/api/dossiers", "/api/phones", "/api/messages", "/api/health/log"):
        answer = outsider.ask("GET", target, headers={"Authorization": both.authorization("GET", target, challenge, 3)})
        check(answer.status in (403, 404), "an account at %s: %d" % (target, answer.status))


def guessing(meo, phone):
    """A wrong password costs its address time, the right one from there too, and a power cut gives none of it back."""
    wrong = Collect.__new__(Collect)
    wrong.__dict__.update(phone.__dict__, password="bcg-hkm-npq-rtv-x23", challenge=None, lock=threading.Lock())

    def refused():
        status = wrong.ask("GET", "/formList").status
        check(status in (401, 429), "a guess was answered with %d" % status)
        return status == 401

    for _ in range(3):
        wait_until(refused, "a free try", 30)
    answer = phone.ask("GET", "/formList")
    same("the right password while one has to wait", answer.status, 429)
    elsewhere = Collect.__new__(Collect)
    elsewhere.__dict__.update(phone.__dict__, source=("127.0.0.2", 0), challenge=None, lock=threading.Lock())
    same("the same account from another address meanwhile", elsewhere.ask("GET", "/formList").status, 200)
    same("which gives nobody a try back", phone.ask("GET", "/formList").status, 429)
    wait = answer.headers["Retry-After"]
    check(int(wait) > 0 and wait in message_of(answer), "no time is said")
    meo.stop(9)
    meo.serve()
    phone.base = "http://" + meo.address("http")
    answer = phone.ask("GET", "/formList")
    same("after a power cut", answer.status, 429)
    check(int(answer.headers["Retry-After"]) >= 2, "the wait was forgotten")
    wait_until(lambda: phone.ask("GET", "/formList").status == 200, "the wait's end", 30)


def removed(meo, phone):
    both = Browser(meo)
    both.login(meo.json("slot list")[0]["person"], phrase=PHRASE)
    rows = {one["name"]: one for one in both.get("/api/phones").json()}
    same("a phone that never handed in", [rows["may-chung"]["last"], rows["may-chi-my"]["last"]], [None, None])
    phone.send(copy_request(new_id(rng)))
    rows = {one["name"]: one for one in both.get("/api/phones").json()}
    check(rows["may-chung"]["last"] >= rows["may-chung"]["made"] > 0, "nobody noted when the phone handed in")
    same("removing it", both.ask("DELETE", "/api/phones/may-chung").status, 200)
    same("again", both.ask("DELETE", "/api/phones/may-chung").status, 404)
    same("what it may now", phone.ask("GET", "/formList").status, 401)
    made = both.post("/api/phones", {"name": "Máy chung"}, 201).json()
    check(made["password"] != phone.password, "a password was given out twice")
    same("its old password", phone.ask("GET", "/formList").status, 401)


def no_health_worker(new, page, phone):
    """A phone's health form, before a health worker has begun: Collect keeps it (any status but 201 and 202), shows the
    sentence, and sends it again."""
    with open(os.path.join(ROOT, "node/forms/tham_ho_suc_khoe.xml"), encoding="utf-8") as file:
        version = re.search(r'id="tham_ho_suc_khoe"[^>]*version="([^"]*)"', file.read()).group(1)
    xml = ('<data id="tham_ho_suc_khoe" version="%s"><meta><instanceID>%s</instanceID></meta></data>' % (version, new_id(rng)))
    kind, body = phone.body(xml, [])
    answer = phone.ask("POST", "/submission", body, {"Content-Type": kind})
    same("a health form then", answer.status, 503)
    check("cán bộ y tế" in answer.body.decode(), "the phone is not told why: %r" % answer.body)
    check("<OpenRosaResponse" in answer.body.decode(), "Collect cannot read it: %r" % answer.body)


def before_the_grant():
    """A box that no commune knows yet lists the program's own forms and takes what a phone hands in."""
    new = Node(path("new"), "new")
    new.serve()
    early = Collect.at("http://" + new.address("http"))
    kind, body = early.body(copy_request(new_id(rng)), [])
    for method, target, data in (("GET", "/formList", None), ("HEAD", "/submission", None), ("POST", "/submission", body),
                                 ("GET", "/forms/x/form.xml", None)):
        answer = early.plain(method, target, data, {"Content-Type": kind} if data else {})
        same("%s %s before the first start" % (method, target), answer.status, 503)
    page = Browser(new)
    page.look()
    page.post("/api/setup", {"name": "Nà Lay", "person": "trưởng xóm", "phrase": PHRASE}, 201)
    page.look()
    made = page.post("/api/phones", {"name": "Máy 1"}, 201).json()
    same("the project's name", settings_of(made["settings"])["project"]["name"], "Nà Lay")
    phone = Collect(made)
    listed = phone.forms()
    check(len(listed) > 5, "the program's own forms are not listed")
    no_health_worker(new, page, phone)
    phone.send(copy_request(new_id(rng)))
    same("dossiers", len(new.list(phrase=PHRASE)), 1)
    new.stop()


if __name__ == "__main__":
    before_the_grant()
    xa = commune()
    meo = hamlet(xa, "meo")
    carry(folder("stick"), xa, meo)
    meo.serve()
    pages, made = phones_of(meo)
    accounts(meo, pages, made)
    phone = Collect(made[2])
    digest(meo, phone, pages[2])
    guessing(meo, phone)
    removed(meo, phone)
    meo.stop()
    meo.verify(phrase=PHRASE)
    done("made, proved, overheard, forged, guessed at, over a power cut, and removed")
