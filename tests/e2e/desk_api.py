#!/usr/bin/env python3
"""A commune's desk as its pages see it: accounts with roles, the inbox, answers with official codes, and the audit log."""
import concurrent.futures
import unicodedata
import uuid

from lib_campaign import PHRASE, Node, carry, check, commune, done, folder, hamlet, path, same, submissions
from lib_counter import Browser, multipart, quoted

GENERAL, OF_HEALTH = 40, 12
GIVEN, OWN = "sương núi phủ nương", "bếp lửa đêm đông"
ADMIN, CLERK, OTHER, NURSE = "Sảng Mộc", "Lường Thị Mai", "Hà Văn Toàn", "Triệu Thị Sính"
UNIT = "000.00.12.H56"
GENERAL_FORM, OF_HEALTH_FORM = "ho_so_mot_cua", "kham_suc_khoe_ho"


def answer(page, dossier, status=200, files=(), **fields):
    kind, body = multipart([(name, None, str(value)) for name, value in fields.items()] +
                           [("file", name, data) for name, data in files])
    return page.post("/api/desk/dossiers/%s/answer" % dossier, body, status, headers={"Content-Type": kind})


def inbox(page, **query):
    return page.get("/api/desk/dossiers?" + "&".join("%s=%s" % (key, quoted(str(value))) for key, value in query.items())).json()


def everything(page, **query):
    out = []
    while True:
        part = inbox(page, **query, **{"from": len(out), "limit": 17})
        out += part["rows"]
        if not part["rows"] or len(out) >= part["total"]:
            same("rows and total", len(out), part["total"])
            return out


def opened(xa, admin, name, roles):
    """An account whose person chose a phrase of their own."""
    admin.post("/api/accounts", {"name": name, "roles": roles, "phrase": GIVEN}, 201)
    page = Browser(xa)
    page.login(name, phrase=GIVEN)
    for route in ("/api/desk/dossiers", "/api/desk/today", "/api/desk/unit"):
        same(route + " before an own phrase", page.ask("GET", route).error, "own_phrase")
    page.put("/api/people/phrase", {"phrase": OWN + " " + name})
    same("roles of " + name, page.look()["person"]["roles"], roles)
    return page


def strangers(xa):
    page = Browser(xa)
    page.look()
    for route in ("/api/desk/dossiers", "/api/desk/today", "/api/desk/choices", "/api/desk/filters", "/api/accounts",
                  "/api/desk/audit", "/api/desk/unit"):
        same(route + " of a stranger", page.ask("GET", route).status, 403)
    same("hamlets' acts at a commune", page.ask("GET", "/api/forms").status, 501)
    page.login(CLERK, phrase="đoán mò cho vui", status=403)


def domains(clerk, nurse, meo_id_general, meo_id_health):
    for page, domain, other in ((clerk, "general", meo_id_health), (nurse, "health", meo_id_general)):
        rows = everything(page)
        same("domains seen", {row["domain"] for row in rows}, {domain})
        same("of the other domain", inbox(page, domain="health" if domain == "general" else "general")["total"], 0)
        for method, route, body in (("GET", "/api/desk/dossiers/%s", None), ("GET", "/api/dossiers/%s/submission.xml", None),
                                    ("GET", "/api/dossiers/%s/files/a.jpg", None), ("POST", "/api/desk/dossiers/%s/notes", {"text": "x"}),
                                    ("PUT", "/api/desk/dossiers/%s/charge", {"person": ""}),
                                    ("POST", "/api/desk/dossiers/%s/call", {"text": "x"})):
            same(route + " of the other domain", page.ask(method, route % other, body).status, 404)
            same(route + " of nothing", page.ask(method, route % ("0" * 32), body).status, 404)
        answer(page, other, 404, state="accepted")
        told = page.post("/api/desk/bulk", {"ids": [other], "state": "accepted"}).json()
        same("bulk on the other domain", (told["done"], len(told["failed"])), ([], 1))


def planted(place, name, form, **answers):
    """A submission of a commune's sample form as somebody fills it in."""
    who = str(uuid.uuid4())
    file = "%s/%s.xml" % (folder(place), name)
    group = "".join("<%s>%s</%s>" % (key, text, key) for key, text in answers.items())
    with open(file, "w", encoding="utf-8") as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n<data xmlns:orx="http://openrosa.org/xforms" id="%s" version="2026030101"><noidung>%s'
                  "</noidung><orx:meta><orx:instanceID>uuid:%s</orx:instanceID></orx:meta></data>\n" % (form, group, who))
    return file


def of_two_hamlets():
    """One woman in two hamlets, by a number with two digits exchanged, and one by name and birth; a namesake; at the health worker's too."""
    said = dict(ho_ten="Lục Thị Thơ", so_cccd="019185640723", ngay_sinh="1985-04-03")
    here = [planted("two", "a", GENERAL_FORM, **said), planted("two", "b", OF_HEALTH_FORM, **said)]
    there = [planted("two", "c", GENERAL_FORM, **dict(said, ho_ten="LUC THI THO", so_cccd="019185640732")),
             planted("two", "d", GENERAL_FORM, **dict(said, ho_ten="Lục Thơ", so_cccd="", ngay_sinh="1985-03-04")),
             planted("two", "e", GENERAL_FORM, **dict(said, so_cccd="019170333222", ngay_sinh="1970-12-20"))]
    return here, there


def suspects(clerk, nurse):
    rows = {row["id"]: row for row in everything(clerk) if row["suspected"]}
    same("dossiers with suspects", sorted(row["suspected"] for row in rows.values()), [1, 1, 2])
    one = next(row for row in rows.values() if row["suspected"] == 2)
    told = clerk.get("/api/desk/dossiers/" + one["id"]).json()["suspects"]
    same("why", [other["why"] for other in told], ["near-id", "swapped-birth"])
    same("whose", ({other["hamlet"]["name"] for other in told}, {other["id"] for other in told}), ({"Nà Lay"}, set(rows) - {one["id"]}))
    back = clerk.get("/api/desk/dossiers/" + told[0]["id"]).json()["suspects"]
    same("the other way", [other["id"] for other in back], [one["id"]])
    for row in everything(nurse):
        same("suspects of a dossier of health", row["suspected"], 0)


def administrators_routes(clerk):
    for method, route, body in (("GET", "/api/accounts", None), ("POST", "/api/accounts", {"name": "x", "roles": ["clerk"], "phrase": GIVEN}),
                                ("PUT", "/api/accounts/roles", {"name": CLERK, "roles": ["administrator"]}),
                                ("PUT", "/api/accounts/phrase", {"name": ADMIN, "phrase": GIVEN}),
                                ("POST", "/api/accounts/close", {"name": ADMIN}), ("GET", "/api/desk/audit", None),
                                ("GET", "/api/desk/audit/check", None), ("PUT", "/api/desk/unit", {"code": "X"})):
        same(route + " by a clerk", clerk.ask(method, route, body).error, "denied")


def from_new_to_returned(clerk, dossier, number):
    row = clerk.get("/api/desk/dossiers/" + dossier).json()
    check(row["gives_code"] and row["moves"] == ["accepted", "rejected", "needs-papers", "withdrawn", "stopped"], "moves: %s" % row["moves"])
    check(any(line["question"] != line["path"] and line["answer"] for line in row["versions"][0]["filled"]), "nothing is filled in")
    told = answer(clerk, dossier, state="accepted", due="2099-01-31").json()
    check(told["code"].startswith(UNIT + "-") and told["code"].endswith("-%04d" % number), "the code: %s" % told)
    answer(clerk, dossier, state="processing", fee=8000)
    answer(clerk, dossier, state="resolved", files=[("ket_qua.pdf", "%PDF-1.4 ket qua")])
    answer(clerk, dossier, state="returned", note="Đã trả cho người nhà")
    answer(clerk, dossier, 409, state="processing")
    row = clerk.get("/api/desk/dossiers/" + dossier).json()
    same("state, code, moves", (row["state"], row["code"], row["moves"]), ("returned", told["code"], []))
    paper = [one["files"] for one in row["answers"] if one["state"] == "resolved"][0][0]
    same("the paper", clerk.get(paper["url"]).body, b"%PDF-1.4 ket qua")
    return told["code"]


def two_clerks(clerk, other, dossiers):
    """Both accept the same dossiers at once: each is accepted once, each code is given once."""
    def accept(one):
        page, dossier = one
        kind, body = multipart([("state", None, "accepted")])
        told = page.ask("POST", "/api/desk/dossiers/%s/answer" % dossier, body, {"Content-Type": kind})
        return told.status, told.json()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        told = list(pool.map(accept, [(page, dossier) for dossier in dossiers for page in (clerk, other)]))
    same("answers", sorted(status for status, _ in told), [200] * len(dossiers) + [409] * len(dossiers))
    codes = [said["code"] for status, said in told if status == 200]
    same("codes", len(set(codes)), len(dossiers))
    for status, said in told:
        if status == 409:
            check("do %s vừa đặt" % CLERK in said["message"] or "do %s vừa đặt" % OTHER in said["message"],
                  "who was faster is not told: " + said["message"])
    return codes


def work_together(clerk, other, rows):
    first, second, third = rows
    answer(clerk, first, 400, state="rejected")
    answer(clerk, first, state="rejected", note="Không thuộc thẩm quyền")
    clerk.post("/api/desk/dossiers/%s/notes" % second, {"text": ""}, 400)
    clerk.post("/api/desk/dossiers/%s/notes" % second, {"text": "Đã gọi điện"}, 201)
    same("notes", [(one["person"], one["text"]) for one in other.get("/api/desk/dossiers/" + second).json()["notes"]],
         [(CLERK, "Đã gọi điện")])
    other.put("/api/desk/dossiers/%s/charge" % second, {"person": "Ai đó"}, 400)
    other.put("/api/desk/dossiers/%s/charge" % second, {"person": NURSE}, 400)
    other.put("/api/desk/dossiers/%s/charge" % second, {"person": CLERK})
    same("in her charge", [row["id"] for row in inbox(clerk, only="mine")["rows"]], [second])
    told = clerk.post("/api/desk/bulk", {"ids": [second, third, first], "state": "needs-papers", "note": "Thiếu bản sao"}).json()
    same("bulk", (told["done"], [one["id"] for one in told["failed"]]), ([second, third], [first]))
    check("Không được tiếp nhận" in told["failed"][0]["message"], "why: %s" % told)
    clerk.post("/api/desk/bulk", {"ids": ["0" * 32] * 201, "charge": ""}, 400)
    said = clerk.post("/api/desk/dossiers/%s/call" % third, {"text": "Mang theo giấy gốc."}, 201).json()["text"]
    check(third[:8] in said and said.endswith("Mang theo giấy gốc."), said)
    return said


def filters(clerk, other):
    clerk.put("/api/desk/filters", {"name": "Quá hạn", "query": "only=overdue"})
    clerk.put("/api/desk/filters", {"name": "Quá hạn", "query": "only=overdue&form=x"})
    same("filters", clerk.get("/api/desk/filters").json(), [{"name": "Quá hạn", "query": "only=overdue&form=x"}])
    same("another's filters", other.get("/api/desk/filters").json(), [])
    for n in range(49):
        clerk.put("/api/desk/filters", {"name": "lọc %d" % n, "query": ""})
    clerk.put("/api/desk/filters", {"name": "một nữa", "query": ""}, 409)
    same("erased", clerk.ask("DELETE", "/api/desk/filters?name=" + quoted("Quá hạn")).status, 200)
    same("left", len(clerk.get("/api/desk/filters").json()), 49)


def audit(xa, admin):
    rows, at = [], ""
    while True:
        part = admin.get("/api/desk/audit?" + at).json()
        rows += part["rows"]
        if part["next"] is None:
            break
        at = "from=%d" % part["next"]
    same("numbers", [row["number"] for row in rows], list(range(len(rows), 0, -1)))
    for who, what in ((ADMIN, "unit set"), (ADMIN, "account add"), (CLERK, "login"), (CLERK, "state"), (NURSE, "read"), (NURSE, "list"),
                      (CLERK, "note"), (OTHER, "charge"), (CLERK, "call")):
        check(any((row["person"], row["what"]) == (who, what) for row in rows), "%s by %s is not in the log" % (what, who))
    check(not any(row["person"] == CLERK and row["what"] in ("read", "list") for row in rows), "a clerk read health")
    text = str(rows)
    for secret in ("Đã gọi điện", "Thiếu bản sao", "Mang theo"):
        check(secret not in text, "the log tells what was written: " + secret)
    told = admin.get("/api/desk/audit/check").json()
    same("the log is whole", (told["whole"], told["count"] >= len(rows)), (True, True))
    xa.run("audit verify")


def commands(xa, general, of_health):
    """With accounts each command says who acts; it reads what that account reads, and of health it is noted."""
    xa.run("list", code=2)
    xa.run("list", "--person", "Ai đó", code=1)
    same("a clerk's list", {row["id"] for row in xa.json("list", "--person", CLERK)} & set(of_health), set())
    same("a nurse's list", {row["id"] for row in xa.json("list", "--person", NURSE)} & set(general), set())
    xa.run("show", of_health[0], "--person", CLERK, code=1)
    xa.run("state", of_health[0], "--set", "accepted", "--person", CLERK, code=1)
    xa.run("unit set", "X", "--person", CLERK, code=1)
    before = len(xa.json("audit list", "--person", ADMIN, "--by", NURSE, "--act", "read", "--about", of_health[1]))
    xa.run("show", of_health[1], "--person", NURSE)
    after = xa.json("audit list", "--person", ADMIN, "--by", NURSE, "--act", "read", "--about", of_health[1])
    same("reads in the log", len(after), before + 1)
    xa.run("code check")
    xa.run("list", env={"KHUOI_PERSON": CLERK})


def closing(xa, admin, clerk, other):
    admin.post("/api/accounts/close", {"name": ADMIN}, 409)
    admin.put("/api/accounts/roles", {"name": OTHER, "roles": ["clerk", "administrator"]}, 409)
    before = inbox(clerk, only="mine")["total"]
    check(before > 0, "nothing is in her charge")
    for other_one in (NURSE, "Ai đó", CLERK):
        admin.post("/api/accounts/close", {"name": CLERK, "to": other_one}, 409)
    admin.post("/api/accounts/close", {"name": CLERK, "to": OTHER})
    same("a closed account's cookie", clerk.ask("GET", "/api/desk/dossiers").status, 403)
    clerk.login(CLERK, phrase=OWN + " " + CLERK, status=404)
    same("taken over", inbox(other, only="mine")["total"], before)
    admin.post("/api/accounts", {"name": CLERK, "roles": ["clerk"], "phrase": GIVEN}, 409)
    admin.put("/api/accounts/phrase", {"name": OTHER, "phrase": GIVEN})
    same("after a new phrase", other.ask("GET", "/api/desk/dossiers").status, 403)
    same("accounts", [(one["name"], one["closed"]) for one in admin.get("/api/accounts").json()],
         sorted([(ADMIN, False), (CLERK, True), (OTHER, False), (NURSE, False)]))


def begun_in_a_browser():
    """An empty folder becomes a commune, whose first person is its administrator."""
    new = Node(path("moi"), "moi")
    new.serve("--role", "commune", "--listen=127.0.0.1:0")
    page = Browser(new)
    session = page.look()
    same("before", (session["node"]["role"], session["node"]["stage"], session["code"]), ("commune", "new", False))
    check(b"desk" in page.get("/").body, "the page is not the desk's")
    wish = {"name": "Nghinh Tường", "person": CLERK, "phrase": OWN, "unit": "có dấu"}
    page.post("/api/setup", wish, 400)
    session = page.post("/api/setup", {**wish, "unit": UNIT}, 201).json()
    page.token = session["token"]
    same("after", (session["node"]["name"], session["person"]["roles"]), ("Nghinh Tường", ["clerk", "health", "broadcaster", "administrator"]))
    same("the unit", page.get("/api/desk/unit").json()["code"], UNIT)
    page.post("/api/setup", wish, 501)
    meo = hamlet_of(new)
    same("a contact", meo.json("contact", new.address())["records_rejected"], 0)
    new.stop()
    new.run("list", code=2)
    new.run("list", "--person", CLERK)
    new.verify()


def hamlet_of(xa):
    meo = Node(path("meo-moi"), "meo-moi")
    meo.run("init", "--role", "hamlet", "--name", "Khuổi Chang", phrase=PHRASE)
    request, grant = path("moi.request"), path("moi.grant")
    meo.run("enrol request", "--out", request)
    xa.run("enrol grant", "--in", request, "--out", grant, "--person", CLERK, phrase=OWN)
    meo.run("enrol accept", "--in", grant, phrase=PHRASE)
    return meo


def main():
    begun_in_a_browser()
    xa = commune()
    stick = folder("stick")
    meo = hamlet(xa, "Khuổi Mèo")
    lay = hamlet(xa, "Nà Lay")
    carry(stick, xa, meo, lay, xa)
    here, there = of_two_hamlets()
    meo.run("submit", *here)
    lay.run("submit", *there)
    meo.run("submit", *submissions("meo", GENERAL, 7))
    lay.run("submit", *submissions("lay", OF_HEALTH, 8))
    carry(stick, meo, lay, xa)
    xa.serve()
    admin = Browser(xa)
    admin.login(ADMIN, phrase=PHRASE)
    same("the first person", admin.look()["person"]["roles"], ["clerk", "health", "broadcaster", "administrator"])
    rows = everything(admin)
    same("all", len(rows), GENERAL + OF_HEALTH + len(here) + len(there))
    general = [row["id"] for row in sorted(rows, key=lambda row: row["hamlet"]["name"]) if row["domain"] == "general"]
    of_health = [row["id"] for row in rows if row["domain"] == "health"]
    check(len(general) > 20 and len(of_health) > 2, "the sample has %d general dossiers and %d of health" % (len(general), len(of_health)))
    admin.put("/api/desk/unit", {"code": "có dấu"}, 400)
    check(admin.put("/api/desk/unit", {"code": UNIT}).json()["example"].startswith(UNIT), "an example")
    clerk = opened(xa, admin, CLERK, ["clerk"])
    other = opened(xa, admin, OTHER, ["clerk"])
    nurse = opened(xa, admin, NURSE, ["health"])
    strangers(xa)
    nurse.get("/api/desk/dossiers/" + of_health[0])
    domains(clerk, nurse, general[0], of_health[0])
    administrators_routes(clerk)
    counts = clerk.get("/api/desk/today").json()["counts"]
    same("new", counts["new"], len(general))
    from_new_to_returned(clerk, general[0], 1)
    two_clerks(clerk, other, general[1:9])
    message = work_together(clerk, other, general[10:13])
    filters(clerk, other)
    named = ((one, line["answer"]) for one in general for version in clerk.get("/api/desk/dossiers/" + one).json()["versions"]
             for line in version["filled"] if "tên" in line["question"].lower() and " " in line["answer"])
    dossier, name = next(named)
    plain = "".join(c for c in unicodedata.normalize("NFD", name.replace("Đ", "D").replace("đ", "d")) if not unicodedata.combining(c))
    check(dossier in [one["id"] for one in everything(clerk, q=plain.upper())], "'%s' is not found" % plain)
    same("by its code", [one["id"] for one in inbox(clerk, q=clerk.get("/api/desk/dossiers/" + general[0]).json()["code"])["rows"]], [general[0]])
    hamlets = {one["name"]: one["id"] for one in clerk.get("/api/desk/choices").json()["hamlets"]}
    same("of one hamlet", {one["hamlet"]["name"] for one in everything(clerk, hamlet=hamlets["Nà Lay"])} - {"Nà Lay"}, set())
    for wrong in ("only=xyz", "since=hom%20qua", "hamlet=zz"):
        same(wrong, clerk.ask("GET", "/api/desk/dossiers?" + wrong).status, 400)
    suspects(clerk, nurse)
    audit(xa, admin)
    commands(xa, general, of_health)
    closing(xa, admin, clerk, other)
    xa.stop()
    xa.run("audit verify")
    carry(stick, xa, meo)
    same("the message", [one["text"] for one in meo.json("message list", phrase=PHRASE)], [message])
    state = meo.json("show", general[0], phrase=PHRASE)
    same("at the hamlet", (state["state"], state["code"].startswith(UNIT)), ("returned", True))
    xa.verify()
    done("%d dossiers of two hamlets at a desk with four accounts" % (GENERAL + OF_HEALTH))


if __name__ == "__main__":
    main()
