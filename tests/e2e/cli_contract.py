#!/usr/bin/env python3
"""The command line, to the letter of its contract: exit codes, ids, keys, what is locked; once with every command in a
process of its own, and once with the service running on the same folders."""
import json
import os
import random
import shutil
import stat
import subprocess
import unicodedata

from lib_campaign import (FORMS, KHUOI, PHRASE, SEED, Node, check, commune, done, environment, folder, hamlet, id_of,
                          instance_id, note, path, same, tree)
from lib_forms import COPY, copy_request, health_visit, new_id, write

rng = random.Random(SEED)
LIST_KEYS = ["id", "number", "form", "version", "instanceID", "state", "pending", "hamlet", "code", "conflict",
             "attachments"]
COUNT_KEYS = ["records_in", "records_out", "records_duplicate", "records_rejected", "control_in", "control_out", "bytes_in",
              "bytes_out", "attachments_in", "attachments_out"]


def empty_folder(name):
    shutil.rmtree(path(name), ignore_errors=True)
    return folder(name)


def one_sentence(got, *words):
    text = got.stderr.decode()
    same("lines on stderr", len(text.strip().split("\n")), 1)
    for word in words:
        check(word in text, "%r is not in what was said: %s" % (word, text))


def plain(*arguments, code, env=None):
    got = subprocess.run([KHUOI] + list(arguments), env=environment(**(env or {})), capture_output=True,
                         stdin=subprocess.DEVNULL)
    same("the exit code of khuoi " + " ".join(arguments), got.returncode, code)
    return got


# ---- wrong usage, and making a node ---------------------------------------------------------------------------------


def usage():
    for arguments in ([], ["nothing"], ["submit"], ["list", "--jsn"], ["init", "--data", path("no"), "--role", "king",
                                                                       "--name", "x"], ["enrol"], ["form"]):
        one_sentence(plain(*arguments, code=2), "--help")
    for arguments in (["--help"], ["submit", "--help"], ["enrol", "grant", "--help"], ["--version"]):
        check(plain(*arguments, code=0).stdout, "help says nothing")
    got = plain("list", "--data", path("nowhere"), code=1)
    one_sentence(got, "nowhere", "khuoi init")
    check(not os.path.exists(path("nowhere")), "looking for a node made a folder")


def init():
    got = plain("init", "--data", path("n1"), "--role", "hamlet", "--name", "Nà Ca", code=2)
    one_sentence(got, "passphrase")
    phrase_file = write("phrase", "  một  hai ba bốn\n")
    plain("init", "--data", path("n1"), "--role", "hamlet", "--name", "Nà Ca", "--passphrase-file", phrase_file, code=0)
    one_sentence(plain("init", "--data", path("n1"), "--role", "hamlet", "--name", "Nà Ca", "--passphrase-file", phrase_file,
                       code=1), "already")
    same("the folder's mode", stat.S_IMODE(os.stat(path("n1")).st_mode), 0o700)
    for name in ("data.mdb",):
        same("the mode of " + name, stat.S_IMODE(os.stat(os.path.join(path("n1"), "store", name)).st_mode), 0o600)
    status = json.loads(plain("status", "--json", code=0, env={"KHUOI_DATA": path("n1")}).stdout)
    same("what status says", (status["role"], status["name"], status["locked"], status["records"], status["waiting"]),
         ("hamlet", "Nà Ca", True, 0, 0))
    same("what is damaged", status["dossiers_unreadable"], 0)
    check(isinstance(status["peers"], list) and status["bytes_store"] > 0, "status lacks peers or bytes_store")
    same("links where no service runs", status["links"], [])
    # The same phrase with other blanks opens it.
    plain("verify", "--data", path("n1"), code=0, env={"KHUOI_PASSPHRASE": "một hai ba bốn"})
    one_sentence(plain("export", "--data", path("n1"), path("out"), code=1, env={"KHUOI_PASSPHRASE": "một hai ba năm"}),
                 "wrong")
    other = folder("not-empty")
    write("x", "x")
    open(os.path.join(other, "photo.jpg"), "w").close()
    plain("init", "--data", other, "--role", "hamlet", "--name", "x", code=1, env={"KHUOI_PASSPHRASE": "a"})
    same("what is left in a foreign folder", os.listdir(other), ["photo.jpg"])


def enrolment(xa):
    box = Node(path("n1"), "n1")
    request = path("n1.request")
    digits = box.out("enrol request", "--out", request).split(": ")[1]
    same("digits of a fingerprint", len(digits.replace(" ", "").strip()), 30)
    one_sentence(xa.run("enrol grant", "--in", request, "--out", path("n1.grant"), code=1), "locked")
    xa.run("enrol grant", "--in", request, "--out", path("n1.grant"), "--fingerprint", "0" * 30, code=1, phrase=PHRASE)
    check(not os.path.exists(path("n1.grant")), "a refused grant was written")
    xa.run("enrol grant", "--in", request, "--out", path("n1.grant"), "--fingerprint", digits, phrase=PHRASE)
    other = Node(path("n2"), "n2")
    other.run("init", "--role", "hamlet", "--name", "Khác", phrase="khác")
    one_sentence(other.run("enrol accept", "--in", path("n1.grant"), code=1), "not for this box")
    other.run("enrol accept", "--in", request, code=1)
    box.run("enrol accept", "--in", path("n1.grant"))
    box.run("enrol accept", "--in", path("n1.grant"))


# ---- forms and submissions ------------------------------------------------------------------------------------------


def forms(xa, meo):
    broken = write("broken_form.xml", "<h:html xmlns:h='x'>")
    doctype = write("doctype_form.xml", "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>")
    for file in (broken, doctype, path("absent.xml")):
        one_sentence(xa.run("form add", file, code=1), os.path.basename(file))
    one_sentence(meo.run("form add", os.path.join(FORMS, COPY + ".xml"), code=1), "commune")
    listed = meo.json("form list")
    check(any(form["id"] == COPY and form["domain"] == "general" for form in listed), "the built-in form is not listed")


def submit(meo):
    good = [write("good-%d.xml" % i, copy_request(new_id(rng), name="Người %d" % i)) for i in range(5)]
    ids = meo.submit(good)
    same("ids of a submit", ids, [id_of(file) for file in good])
    before = len(meo.list())
    same("the same again", meo.submit(good[::-1]), ids[::-1])
    same("dossiers after the same again", len(meo.list()), before)

    huge = path("huge.xml")
    with open(huge, "wb") as file:
        file.truncate(1 << 30)
    bad = {
        "unknown form": write("unknown.xml", copy_request(new_id(rng), form="khong_co")),
        "broken": write("broken.xml", "<data id='ban_sao_ho_tich'><loai>"),
        "a DOCTYPE": write("doctype.xml", "<!DOCTYPE data [<!ENTITY x 'y'>]>" + copy_request(new_id(rng))),
        "no instanceID": write("anonymous.xml", "<data id='ban_sao_ho_tich' version='1'><loai>ks</loai></data>"),
        "another root": write("root.xml", copy_request(new_id(rng)).replace("data", "date")),
        "empty": write("empty.xml", ""),
        "absent": path("absent.xml"),
        "1 GiB": huge,
        "a folder": folder("a-folder"),
    }
    fresh = [write("fresh-%d.xml" % i, copy_request(new_id(rng))) for i in range(2)]
    got = meo.run("submit", fresh[0], *bad.values(), fresh[1], code=1)
    same("ids beside bad ones", got.stdout.decode().split(), [id_of(file) for file in fresh])
    said = got.stderr.decode()
    for what, file in bad.items():
        check(file in said, "%s was not named: %s" % (what, said))
    same("sentences about bad ones", len(said.strip().split("\n")), len(bad))
    same("dossiers", len(meo.list()), before + 2)
    os.unlink(huge)
    return good + fresh


def attachments(meo):
    def photo(name, size=300000):
        place = os.path.join(folder("photos"), name)
        with open(place, "wb") as file:
            file.write(rng.randbytes(size))
        return place

    # A name as macOS writes it pairs with the same name as Android does.
    composed = unicodedata.normalize("NFC", "ảnh giấy tờ.jpg")
    decomposed = photo(unicodedata.normalize("NFD", composed))
    with_photo = write("with_photo.xml", copy_request(new_id(rng), composed))
    also = write("also.xml", copy_request(new_id(rng), composed))
    lacking = write("lacking.xml", copy_request(new_id(rng), "mất.jpg"))
    before = len(meo.list())
    one_sentence(meo.run("submit", with_photo, "--attach", decomposed, photo("lạc.jpg"), code=2), "lạc.jpg")
    same("dossiers after a stray attachment", len(meo.list()), before)
    ids = meo.submit([with_photo, also, lacking], [decomposed])
    rows = {row["id"]: row for row in meo.list(phrase=PHRASE)}
    same("attachments", [rows[one]["attachments"] for one in ids],
         [{"have": 1, "of": 1}, {"have": 1, "of": 1}, {"have": 0, "of": 1}])
    same("what is missing", meo.json("show", ids[2], phrase=PHRASE)["missing"], ["mất.jpg"])
    late = photo("mất.jpg", 70000)
    same("a file that comes later", meo.submit([lacking], [late]), [ids[2]])
    same("what is missing then", meo.json("show", ids[2], phrase=PHRASE)["missing"], [])
    out = empty_folder("with-photos")
    meo.run("export", out, phrase=PHRASE)
    for file, attached in ((with_photo, decomposed), (also, decomposed), (lacking, late)):
        place = os.path.join(out, instance_id(file)[5:])
        with open(attached, "rb") as a, open(os.path.join(place, unicodedata.normalize("NFC", os.path.basename(attached))), "rb") as b:
            check(a.read() == b.read(), "an exported photo differs")
    return [with_photo, also, lacking]


def reading(meo, files):
    rows = meo.list(phrase=PHRASE)
    for row in rows:
        same("the keys of list", list(row), LIST_KEYS)
    same("one row a dossier", len({row["id"] for row in rows}), len(rows))
    same("numbers", [row["number"] for row in rows], list(range(1, len(rows) + 1)))
    for row in meo.list():
        check(row["id"] and row["state"], "a locked list lacks id or state")
        same("what a locked list tells", [row[key] for key in LIST_KEYS if key not in ("id", "state")], [None] * 9)
    one = id_of(files[0])
    for command in (["show", one], ["export", path("locked-out")]):
        one_sentence(meo.run(command[0], *command[1:], code=1), "locked")
    check(not os.path.exists(path("locked-out")), "a locked export made a folder")
    shown = meo.json("show", one[:8], phrase=PHRASE)
    with open(files[0], "rb") as file:
        same("the XML shown", shown["versions"][0]["xml"].encode(), file.read())
    same("what waits where there is no radio, and files that the commune lacks", (shown["waits"], shown["files_to_go"]), (None, 0))
    meo.run("show", one[:5], code=2, phrase=PHRASE)
    meo.run("show", "f" * 32, code=1, phrase=PHRASE)
    out = empty_folder("exported")
    meo.run("export", out, phrase=PHRASE)
    before = tree(out)
    meo.run("export", out, phrase=PHRASE)
    same("a second export changes nothing", tree(out), before)
    damaged = os.path.join(out, instance_id(files[0])[5:], "submission.xml")
    with open(damaged, "ab") as file:
        file.write(b"x")
    meo.run("export", out, phrase=PHRASE)
    with open(damaged, "rb") as a, open(files[0], "rb") as b:
        same("a damaged export is mended", a.read(), b.read())
    same("an export of another form", os.listdir(folder("none")) if meo.run(
        "export", folder("none"), "--form", "khac", phrase=PHRASE) else None, [])


def versions(meo):
    first_id, second_id, odd_id = new_id(rng), new_id(rng), "../không phải uuid?"
    first = write("v1.xml", copy_request(first_id, name="Một"))
    edit = write("v2.xml", copy_request(second_id, name="Hai", replaces=first_id))
    rival = write("v1b.xml", copy_request(first_id, name="Ba"))
    odd = write("odd.xml", copy_request(odd_id))
    ids = meo.submit([first, edit])
    same("an edit has its dossier's id", ids[1], ids[0])
    same("an edit's instanceID finds it", meo.json("show", id_of(edit), phrase=PHRASE)["id"], ids[0])
    rival_id = meo.submit([rival])[0]
    row = [row for row in meo.list(phrase=PHRASE) if row["id"] == rival_id][0]
    same("two XMLs of one instanceID are marked", row["conflict"], True)
    shown = meo.json("show", rival_id, phrase=PHRASE)
    same("all versions are kept", len(shown["versions"]), 3)
    wanted = [version for version in shown["versions"] if "Hai" in version["xml"]][0]["version"]
    one_sentence(meo.run("pick", rival_id, "--version", "rubbish", code=2, phrase=PHRASE), "rubbish")
    meo.run("pick", rival_id, "--version", wanted, phrase=PHRASE)
    shown = meo.json("show", rival_id, phrase=PHRASE)
    check([v for v in shown["versions"] if v["current"]][0]["version"] == wanted and not shown["conflict"], "the pick did not settle it")
    meo.submit([odd])
    out = empty_folder("versions")
    meo.run("export", out, "--form", COPY, phrase=PHRASE)
    names = os.listdir(out)
    for name in (first_id[5:], first_id[5:] + "~2", second_id[5:], "..%2Fkh%C3%B4ng%20ph%E1%BA%A3i%20uuid%3F"):
        check(name in names, "%s is not in the export: %s" % (name, names))
    meo.run("withdraw", rival_id, "--reason", "nhầm")
    same("a withdrawal shows", meo.json("show", rival_id, phrase=PHRASE)["withdrawal_asked"], True)


def domains(meo):
    visit = health_visit(rng)
    visit_id = meo.submit([visit])[0]
    general = write("general.xml", copy_request(new_id(rng)))
    general_id = meo.submit([general])[0]
    meo.run("slot add", "y tế", "--domain", "health", phrase=PHRASE, env={"KHUOI_NEW_PASSPHRASE": "y tế thôn bản"})
    meo.run("slot add", "trưởng xóm", "--domain", "general", phrase=PHRASE, env={"KHUOI_NEW_PASSPHRASE": "trưởng xóm"})
    one_sentence(meo.run("slot add", "kẻ gian", "--domain", "general", code=1, phrase="y tế thôn bản",
                         env={"KHUOI_NEW_PASSPHRASE": "x"}), "general")
    for phrase, sees, misses in (("y tế thôn bản", visit_id, general_id), ("trưởng xóm", general_id, visit_id)):
        ids = [row["id"] for row in meo.list(phrase=phrase)]
        check(sees in ids and misses not in ids, "a phrase shows what it must not, or hides what it must not")
        meo.run("show", sees, phrase=phrase)
        meo.run("show", misses, phrase=phrase, code=1)
    out = empty_folder("health-only")
    meo.run("export", out, phrase="y tế thôn bản")
    same("the health worker's export", os.listdir(out), [instance_id(visit)[5:]])
    people = [slot["person"] for slot in meo.json("slot list")]
    check("y tế" in people, "slot list does not name the health worker")
    meo.run("slot remove", "y tế")
    meo.run("list", phrase="y tế thôn bản", code=1)


# ---- the commune ----------------------------------------------------------------------------------------------------


def links(node):
    """A service lists its own, asked for or not; a command in a process of its own has none."""
    rows = node.status()["links"]
    same("links", [(row["kind"], row["name"]) for row in rows],
         [("fiber", "listen"), ("fiber", "contact")] if node.service else [])
    for row in rows:
        same("the keys of a link", sorted(row), ["figures", "kind", "name", "since", "state", "why"])
        same("a link that nobody asked for", (row["state"], row["since"], row["why"]), ("off", None, None))
        check(row["figures"] and all(isinstance(value, int) for value in row["figures"].values()), "a link without figures")


def answers(xa, meo, stick, files):
    for node in (meo, xa, meo):
        counts = node.sync(stick)
        for key in COUNT_KEYS + ["bundles_foreign"]:
            check(key in counts, "stick sync --json lacks " + key)
    status = meo.status()
    same("waiting", status["waiting"], 0)
    links(meo)
    one = id_of(files[0])
    meo.run("state", one, "--set", "accepted", code=1)
    xa.run("state", one, "--set", "done", code=2)
    xa.run("state", one, "--set", "accepted", "--due", "mai", code=2)
    xa.run("state", one, "--set", "accepted", "--fee", "-1", code=2)
    one_sentence(xa.run("state", one, "--set", "returned", code=1), "returned")
    one_sentence(xa.run("state", "f" * 32, "--set", "accepted", code=1), "f" * 32)
    paper = write("kết quả.pdf", b"%PDF-1.4 " + rng.randbytes(100000))
    xa.run("state", one, "--set", "needs-papers", "--code", "000.00.12.H14", "--note", "Thiếu giấy chứng sinh", "--due",
           "2026-12-31", "--fee", "8000", "--attach", paper)
    for node in (xa, meo):
        node.sync(stick)
    row = [row for row in meo.list(phrase=PHRASE) if row["id"] == one][0]
    same("the answer", (row["state"], row["code"]), ("needs-papers", "000.00.12.H14"))
    history = meo.json("show", one, phrase=PHRASE)["history"]
    same("its note", (history[-1]["note"], history[-1]["due"], history[-1]["fee"], history[-1]["files"]),
         ("Thiếu giấy chứng sinh", "2026-12-31", 8000, ["kết quả.pdf"]))
    same("a locked list tells the state", [r["state"] for r in meo.list() if r["id"] == one], ["needs-papers"])


def talk(xa, meo, stick):
    xa.run("message send", "--to", "meo", "--text", "Mai có đoàn khám")
    xa.run("message send", "--to", "ai đó", "--text", "x", code=1)
    meo.run("message send", "--text", "Máy in hết mực")
    guide = write("huong_dan.pdf", b"%PDF" + rng.randbytes(50000))
    xa.run("document add", guide, "--title", "Hướng dẫn", "--to", "meo")
    xa.run("announce", "--text", "Tiêm phòng trâu bò", "--slot", "noon", "--expires", "+2d")
    xa.run("announce", "--text", "x", "--slot", "midnight", code=2)
    xa.run("announce", code=2)
    xa.run("announce", "--text", "cũ", "--expires", "2020-01-01", code=2)
    xa.run("officer add", "--name", "Chủ tịch", phrase=PHRASE, env={"KHUOI_NEW_PASSPHRASE": "một"})
    xa.run("officer add", "--name", "Trưởng công an", phrase=PHRASE, env={"KHUOI_NEW_PASSPHRASE": "hai"})
    flood = xa.out("announce", "--text", "Lũ về", "--class", "emergency").strip()
    xa.run("announce approve", flood[:10], "--officer", "Chủ tịch", code=1, phrase="hai")
    xa.run("announce approve", flood[:10], "--officer", "Chủ tịch", phrase="một")
    xa.run("announce approve", flood[:10], "--officer", "Chủ tịch", phrase="một")
    same("an emergency with one officer", [row["state"] for row in xa.json("announce list") if row["id"] == flood], ["waiting"])
    xa.run("announce approve", flood[:10], "--officer", "Trưởng công an", phrase="hai")
    same("an emergency with two", [row["state"] for row in xa.json("announce list") if row["id"] == flood], ["published"])
    for node in (xa, meo, xa):
        node.sync(stick)
    same("announcements at the hamlet", sorted(row["text"] for row in meo.json("announce list")), ["Lũ về", "Tiêm phòng trâu bò"])
    loudspeaker(xa, meo, flood)
    same("messages at the hamlet", [row["text"] for row in meo.json("message list", phrase=PHRASE)],
         ["Máy in hết mực", "Mai có đoàn khám"])
    same("documents at the hamlet", [(row["title"], row["complete"]) for row in meo.json("document list", phrase=PHRASE)],
         [("Hướng dẫn", True)])
    same("messages at the commune", sorted(row["text"] for row in xa.json("message list", phrase=PHRASE)),
         ["Mai có đoàn khám", "Máy in hết mực"])


def loudspeaker(xa, meo, flood):
    """What its box can say; the tests' own machine stays silent."""
    rows = {row["id"]: row for row in meo.json("announce list")}
    for row in rows.values():
        for key in ("id", "state", "class", "text", "issued", "expires", "slots", "to", "clip", "why", "next", "played"):
            check(key in row, "announce list --json lacks " + key)
    one = [key for key in rows if key != flood][0]
    said = meo.json("announce play", one[:10])
    same("what was played", (said["id"], said["state"]), (one, "next" if meo.service else "played"))
    same("times", len([row for row in meo.json("announce list") if row["id"] == one][0]["played"]), 1)
    one_sentence(meo.run("announce play", "f" * 32, code=1), "f" * 32)
    one_sentence(meo.run("announce play", "abc", code=2), "six")
    one_sentence(xa.run("announce play", one, code=1), "hamlet")
    one_sentence(xa.run("announce stop", code=1), "khuoi serve")
    if meo.service:
        same("silence", meo.json("announce stop"), {"stopped": True})
    else:
        one_sentence(meo.run("announce stop", code=1), meo.data, "khuoi serve")
        check(os.listdir(os.path.join(meo.data, "spoken")), "nothing was written where sounds go")


def safety(xa, meo, served):
    backup = path("xa-%d.bak" % served)
    xa.run("backup", backup)
    xa.run("backup", os.path.join(xa.data, "inside.bak"), code=2)
    again = Node(path("xa-again-%d" % served), "again")
    again.run("restore", backup)
    same("dossiers after a restore", len(again.list()), len(xa.list()))
    again.verify()
    # What it gave since that backup it has forgotten, so it gives no code until somebody looked the last one up.
    fresh = next(row["id"] for row in again.list() if row["state"] == "received")
    give = ["state", fresh, "--set", "accepted", "--code", "000.00.12.H14-9"]
    one_sentence(xa.run("node confirm-code", "000.00.12.H14", code=2), "not restored")
    one_sentence(meo.run("node confirm-code", "000.00.12.H14", code=1), "commune")
    one_sentence(again.run(*give, phrase=PHRASE, code=1), "confirm-code")
    one_sentence(again.run("node confirm-code", "", code=2), "empty")
    again.run("node confirm-code", "000.00.12.H14")
    again.run(*give, phrase=PHRASE)
    again.verify()
    again.run("restore", backup, code=1)
    with open(backup, "r+b") as file:
        file.seek(5000)
        file.write(b"\xff" * 64)
    one_sentence(Node(path("never"), "never").run("restore", backup, code=1))
    for node in (xa, meo):
        node.verify()
    meo.verify(phrase=PHRASE)
    xa.run("kem rotate", phrase=PHRASE)
    names = {row["name"]: row for row in xa.json("node list")}
    check("meo" in names and not names["meo"]["revoked"], "node list lacks a box")


def lost_phrase(xa, meo):
    lost, found = path("meo.lost"), path("meo.found")
    meo.run("slot request-recovery", "--out", lost)
    one_sentence(xa.run("slot answer-recovery", "--in", lost, "--out", found, code=1), "locked")
    xa.run("slot answer-recovery", "--in", lost, "--out", found, phrase=PHRASE)
    meo.run("slot recover", "--in", lost, code=1, env={"KHUOI_NEW_PASSPHRASE": "mới tinh"})
    meo.run("slot recover", "--in", found, env={"KHUOI_NEW_PASSPHRASE": "mới tinh"})
    check(meo.list(phrase="mới tinh")[0]["form"], "the new phrase opens nothing")
    one_sentence(meo.run("slot recover", "--in", found, code=1, env={"KHUOI_NEW_PASSPHRASE": "lại"}), "request")
    meo.run("list", phrase=PHRASE, code=1)  # the lost one was replaced


def revocation(xa):
    one_sentence(xa.run("node revoke", "meo", code=1), "locked")
    xa.run("node revoke", "meo", phrase=PHRASE)
    xa.run("node revoke", "meo", phrase=PHRASE, code=1)
    same("node list", [row["revoked"] for row in xa.json("node list") if row["name"] == "meo"], [True])


def audit(xa, meo):
    one_sentence(meo.run("audit verify", code=1), "commune")
    one_sentence(meo.run("audit list", code=1), "commune")
    for rubbish in ("12", "12:", ":" + 64 * "0", "12:00", "12:" + 66 * "0", "x:" + 64 * "0", "12:" + 20 * "g"):
        one_sentence(xa.run("audit verify", "--expect", rubbish, code=2), "--expect")
    one_sentence(xa.run("audit list", "--count", "0", code=2), "--count")
    found = xa.json("audit verify")
    same("the keys of audit verify", sorted(found), ["count", "hash", "head", "sound", "wrong"])
    same("what audit verify says", (found["sound"], found["wrong"]), (True, None))
    check(found["head"] in xa.out("audit verify"), "audit verify prints no head")
    for head in (found["head"], "%d:%s" % (found["count"], found["hash"][:20]), "0:" + 64 * "0"):
        xa.run("audit verify", "--expect", head)
    for head in ("%d:%s" % (found["count"], 64 * "f"), "%d:%s" % (found["count"] + 1, 64 * "f")):
        one_sentence(xa.run("audit verify", "--expect", head, code=1), "audit log")
    entries = xa.json("audit list", "--count", "100000")
    same("numbers of the audit log", [entry["number"] for entry in entries], list(range(found["count"], 0, -1)))


def everything(served):
    note("with the service" if served else "without a service")
    xa = commune("xa")
    meo = hamlet(xa, "meo")
    if not served:
        enrolment(xa)
    nodes = (xa, meo)
    with open(os.path.join(meo.data, "config.toml"), "w") as file:
        file.write('[speaker]\nplayer = "file:spoken"\n')
    if served:
        xa.serve("--listen", "127.0.0.1:0")
        meo.serve()
    stick = folder("stick-%d" % served)
    xa.sync(stick)
    meo.sync(stick)
    forms(xa, meo)
    files = submit(meo)
    attachments(meo)
    reading(meo, files)
    versions(meo)
    domains(meo)
    answers(xa, meo, stick, files)
    talk(xa, meo, stick)
    safety(xa, meo, served)
    lost_phrase(xa, meo)
    revocation(xa)
    audit(xa, meo)
    for node in nodes:
        node.stop()
        node.verify()


if __name__ == "__main__":
    usage()
    init()
    everything(False)
    for name in ("xa", "meo"):
        os.rename(path(name), path(name + "-alone"))
    everything(True)
    done("every command keeps its contract, in a process of its own and through the service")
