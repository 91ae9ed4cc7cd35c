#!/usr/bin/env python3
"""What people see of the radio, with real services on emulated RNodes in one air: which photos of a dossier are still to come
and by which path, what a dossier waits for, and how a person sends it at once all the same."""
import os
import random
import re
import time

from lib_air import Air, radio_config
from lib_campaign import PHRASE, ROOT, SEED, carry, check, commune, done, folder, hamlet, id_of, path, same, submissions, wait_until
from lib_forms import COPY, COPY_VERSION, copy_request, new_id, write

rng = random.Random(SEED)
QUARTER = 900


def radio_of(node):
    return [link for link in node.status()["links"] if link["kind"] == "radio"][0]


def shown(node, dossier):
    return node.json("show", dossier, phrase=PHRASE)


def all_in(node, seconds=300):
    wait_until(lambda: node.status()["waiting"] == 0, "the receipts of " + node.name + " by radio", seconds)


def photo(name, octets):
    place = os.path.join(folder("photos"), name)
    with open(place, "wb") as file:
        file.write(b"\xff\xd8\xff\xe0" + rng.randbytes(octets))
    return place


def refused(node, *words, says):
    got = node.run("send-now", *words, code=1, phrase=PHRASE)
    check(says in got.stderr.decode(), "%r is not in what was said: %s" % (says, got.stderr.decode()))


xa = commune()
meo, nam = hamlet(xa, "meo"), hamlet(xa, "nam")
stick = folder("stick")
carry(stick, xa, meo, nam, xa, meo, nam)
air = Air(path("air"), ["xa", "meo", "nam"])
for node in (xa, meo, nam):
    radio_config(node, spreading_factor=7)
for node in (xa, meo):
    node.serve("--radio", "rnode:" + air.port(node.name))
for node in (xa, meo):  # a first word that nobody hears costs 12 s
    wait_until(lambda: radio_of(node)["state"] == "up", "the radio of " + node.name)

# ---- a dossier with two photos by radio: the commune knows how many are to come, and a stick brings them -------------
with open(os.path.join(ROOT, "node/forms", COPY + ".xml"), encoding="utf-8") as form:
    shipped = re.search('id="%s" version="([0-9]+)"' % COPY, form.read()).group(1)  # has a place for a second photo
first = write("two-photos.xml", copy_request(new_id(rng), photo="truoc.jpg").replace(COPY_VERSION, shipped)
              .replace("<meta>", "<anh_sau>sau.jpg</anh_sau><meta>"))
photos = [photo("truoc.jpg", 150000), photo("sau.jpg", 70000)]
dossier = meo.submit([first], attach=photos)[0]
all_in(meo)
same("what is to come", shown(xa, dossier)["to_come"], {"files": 2, "by": None})
same("the same in the list", [row["to_come"] for row in xa.list() if row["id"] == dossier], [{"files": 2, "by": None}])
check("2 of its files, expected by stick or fiber" in xa.out("show", dossier), "people at the commune are not told of the photos")
check("the rest by stick or fiber" in xa.out("list"), "the commune's list does not tell of the photos")
here = shown(meo, dossier)
same("what people at the hamlet are told", (here["state"], here["files_to_go"], here["waits"]), ("received", 2, None))
check("2 of its files, which the commune does not have yet" in meo.out("show", dossier, phrase=PHRASE), "the hamlet does not say so")
counts = carry(stick, meo, xa, meo)
same("what the stick carried beside the photos", (counts[0]["records_out"], counts[1]["records_in"], counts[1]["attachments_in"]), (0, 0, 2))
same("what is to come after the stick", shown(xa, dossier)["to_come"], {"files": 0, "by": "stick"})
same("what is to go after the stick", shown(meo, dossier)["files_to_go"], 0)
same("the list after the stick", ["to_come" in row for row in xa.list()], [False])
out = folder("out")
xa.run("export", out)
for file in photos:
    with open(file, "rb") as brought, open(os.path.join(out, os.listdir(out)[0], os.path.basename(file)), "rb") as got:
        check(brought.read() == got.read(), "a photo is another one at the commune")
# The next one is expected by the same path.
second = meo.submit([write("next.xml", copy_request(new_id(rng), photo="ba.jpg"))], attach=[photo("ba.jpg", 5000)])[0]
all_in(meo)
same("by which path the next is expected", shown(xa, second)["to_come"], {"files": 1, "by": "stick"})

# ---- a commune that does not answer ----------------------------------------------------------------------------------
xa.stop()
unanswered = meo.submit(submissions("unanswered", 1, 4))[0]
same("why it waits before anybody knows", shown(meo, unanswered)["waits"]["why"], "sending")
wait_until(lambda: shown(meo, unanswered)["waits"]["why"] == "unheard", "the commune to be missed", 180)
check("was not heard for" in meo.out("status"), "status does not say that the commune is not heard")
check(radio_of(meo)["outlook"]["heard_minutes_ago"] is not None, "nobody knows when the commune was heard")
xa.serve("--radio", "rnode:" + air.port("xa"))
all_in(meo)

# ---- one record by stick and by radio is stored once, whichever is first ---------------------------------------------
air.say("pull meo")
wait_until(lambda: radio_of(meo)["state"] == "down", "the radio of meo to be down")
files = submissions("twice", 2, 5)
ids = meo.submit(files)
same("why it waits", shown(meo, ids[0])["waits"]["why"], "modem")
check("the modem is missing" in meo.out("status"), "status does not say why nothing goes")
written = meo.sync(stick)
same("records on the stick", written["records_out"], 2)
air.say("plug meo")
all_in(meo)
before = len(xa.list())
came = xa.sync(stick)
same("records that the stick brings once more", (came["records_in"], came["records_duplicate"] >= 2), (0, True))
same("dossiers", len(xa.list()), before)
same("those of both paths", sorted(row["id"] for row in xa.list() if row["id"] in ids), sorted(ids))

# ---- a fiber that is seen every day: what is not urgent waits for it, unless a person says otherwise -------------------
soon = (int(time.time()) + 5400) // QUARTER * QUARTER
with open(os.path.join(nam.data, "fiber-hours"), "w") as file:
    file.writelines("%d %d\n" % (at, at + QUARTER) for at in (soon - day * 86400 for day in range(4, 0, -1)))
nam.submit(submissions("first-word", 1, 8))  # goes at once while nobody has told nam the time; the answer tells it
nam.serve("--radio", "rnode:" + air.port("nam"))
all_in(nam)
wait_until(lambda: radio_of(nam)["outlook"]["fiber_at"] == soon, "nam to wait for the fiber, once it knows the time", 120)
waiting = nam.submit(submissions("waits", 2, 9))
wait_until(lambda: radio_of(nam)["outlook"]["why"] == "fiber_at", "the radio to say what it waits for")
time.sleep(5)  # nothing is to go meanwhile
same("dossiers that wait for the fiber", nam.status()["waiting"], 2)
why = shown(nam, waiting[0])["waits"]
same("why the first waits", (why["why"], why["fiber_at"], why["may_hasten"], why["hastened"]), ("fiber_at", soon, True, False))
check("waits for the fiber" in nam.out("show", waiting[0], phrase=PHRASE), "people are not told what it waits for")
check(radio_of(nam)["figures"]["held_octets"] > 0, "the figures do not tell what waits")
refused(nam, "0123456789", says="no dossier")
refused(xa, dossier, says="only a hamlet")
nam.run("send-now", waiting[0][:8])
wait_until(lambda: nam.status()["waiting"] == 1, "the one that somebody asked for", 120)
same("what the commune has", [row["id"] for row in xa.list() if row["id"] in waiting], waiting[:1])
same("what waits of it", shown(nam, waiting[0])["waits"], None)
refused(nam, waiting[0], says="the commune has all of this dossier")
# Asked for while no service runs, it goes once one does.
nam.stop()
nam.run("send-now", waiting[1])
nam.serve("--radio", "rnode:" + air.port("nam"))
all_in(nam)
nam.stop()
nam.serve()
late = nam.submit(submissions("late", 1, 10))
refused(nam, late[0], says="no radio")

for node in (xa, meo, nam):
    node.stop()
    node.verify()
air.stop()
done("photos followed by stick, nothing is stored twice, and what waits says so")
