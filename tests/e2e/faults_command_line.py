#!/usr/bin/env python3
"""What the command line says to people, and who joins whom: near commands, one service a folder, no radio that does not
work, lists and dossiers by their own words, who read a document; digits compared on every path, and a commune of the
courier's own left again."""
import os
import pty
import random
import re
import select

from lib_campaign import (FORMS, KHUOI, PHRASE, SEED, Node, check, commune, done, environment, folder, hamlet, id_of, path,
                          same, wait_until)
from lib_counter import Browser
from lib_forms import copy_request, new_id

rng = random.Random(SEED)


def said(got):
    return got.stderr.decode()


def words(xa):
    check("'list'" in said(xa.run("lst", code=2)), "a command mistyped names no near one")
    check("'enrol grant'" in said(xa.run("enrol grnat", code=2)), "a second word mistyped names no near one")
    check("--radio" in xa.out("serve --help"), "no radio is offered")
    for words in (["udp:1700"], ["udp:0.0.0.0:1700"], ["lora:/dev/ttyUSB0"], ["rylr:"], ["/dev/ttyUSB0"], ["rnode:"],
                  ["rnode:/dev/a", "--radio", "rylr:/dev/b"]):
        got = xa.run("serve", "--radio", *words, "--http", "127.0.0.1:0", code=2, timeout=30)
        check("radio" in said(got), "a radio was taken without a word: " + said(got))
    for radio, setting, named in (("rnode:/dev/ttyUSB0", "spreading_factor = 13", ("spreading_factor", "13")),
                                  ("rylr:/dev/ttyUSB0", "bandwidth_khz = 62.5\nforwarder = \"10.0.0.7\"", ("forwarder_eui",)),
                                  ("udp:127.0.0.1:1700", "bandwidth_khz = 250", ("bandwidth_khz = 125",))):
        with open(os.path.join(xa.data, "config.toml"), "w") as file:
            file.write("[radio]\n" + setting + "\n")
        got = xa.run("serve", "--radio", radio, "--http", "127.0.0.1:0", code=2, timeout=30)
        check(all(word in said(got) for word in named), "a wrong setting is not named: " + said(got))
    os.unlink(os.path.join(xa.data, "config.toml"))


def one_service(node):
    got = said(node.run("serve", "--http", "127.0.0.1:0", code=1))
    check("runs on" in got and node.address("http") in got, "a second service: " + got)
    check(Browser(node).get("/healthz"), "the first one no longer answers")


def dossiers(xa, meo):
    xml = path("don.xml")
    with open(xml, "w", encoding="utf-8") as file:
        file.write(copy_request(new_id(rng), name="Nông Thị Mỷ\u009b2J"))
    meo.submit([xml])
    wait_until(lambda: id_of(xml) in [one["id"] for one in xa.list()], "the dossier at the commune")
    row = xa.out("list")
    for word in ("meo", "Nông Thị Mỷ", "Cấp bản sao"):
        check(word in row, "the list lacks %r: %s" % (word, row))
    check(re.search(r"\d{4}-\d\d-\d\d", row), "the list lacks the day: " + row)
    shown = xa.out("show", id_of(xml))
    check("<data" not in shown and "instanceID" not in shown, "raw XML is shown: " + shown)
    check("004185000001" in shown and ": Nông Thị Mỷ?2J" in shown, "what was answered is not shown: " + shown)
    check("Loại" in shown or "loại" in shown, "the form's own words are not shown: " + shown)
    check("<data" in xa.json("show", id_of(xml))["versions"][0]["xml"], "--json lost the XML")


def documents(xa, meo):
    with open(path("huong-dan.pdf"), "wb") as file:
        file.write(b"%PDF-1.4 khuoi")
    xa.run("document add", path("huong-dan.pdf"), "--title", "Hướng dẫn")
    check("meo: not read yet" in xa.out("document list"), "who has not read is not told: " + xa.out("document list"))
    head = Browser(meo)
    head.login("meo", PHRASE)
    wait_until(lambda: any(one["have"] for one in head.get("/api/documents").json()), "the document")
    head.post("/api/documents/%s/read" % head.get("/api/documents").json()[0]["id"])
    wait_until(lambda: [one["hamlet"] for one in xa.json("document list")[0]["read_by"] if one["read"]] == ["meo"], "who read it")
    told = xa.out("document list")
    check("meo: read 20" in told and "Nà Lay: not read yet" in told, "who read it and when is not told: " + told)


def at_a_terminal(answer, *arguments):
    """What the program says and its exit code, when somebody types that answer."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execve(KHUOI, [KHUOI] + list(arguments), environment(PHRASE))
    out, asked = b"", False
    while select.select([fd], [], [], 60)[0]:
        try:
            some = os.read(fd, 4096)
        except OSError:
            break
        if not some:
            break
        out += some
        if b"[yes/no]" in out and not asked:
            asked = True
            os.write(fd, answer.encode() + b"\n")
    return out.decode("utf-8", "replace"), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), asked


def joining(xa):
    """The courier answers the hamlet's request himself, under the commune's name, and puts it on the stick as well."""
    false = Node(path("gia"), "gia")
    false.run("init", "--role", "commune", "--name", "Sảng Mộc", phrase=PHRASE)
    false.run("form add", os.path.join(FORMS, sorted(os.listdir(FORMS))[0]))
    lay = Node(path("lay"), "lay")
    lay.run("init", "--role", "hamlet", "--name", "Nà Lay", phrase=PHRASE)
    stick = folder("stick")
    for node in (lay, xa, false):
        node.sync(stick)
    digits = {node.name: node.json("status")["fingerprint"] for node in (xa, false, lay)}
    for node in (xa, false):
        (asks,) = node.json("enrol list")
        same("who asks", (asks["name"], asks["fingerprint"]), ("Nà Lay", digits["lay"]))
        wrong = said(node.run("enrol grant", "--in", asks["file"], "--out", path("x.grant"), "--fingerprint", "1" * 30, code=1, phrase=PHRASE))
        check(digits["lay"] not in wrong and digits["lay"].replace(" ", "") not in wrong, "the right digits were told: " + wrong)
        got = said(node.run("enrol grant", "--in", asks["file"], "--out", path(node.name + ".grant"), phrase=PHRASE))
        check("no --fingerprint" in got and digits[node.name] in got, "granting without digits does not warn: " + got)
        node.sync(stick)
    lay.sync(stick)
    offers = {one["fingerprint"]: one for one in lay.json("enrol list")}
    same("grants that came", set(offers), {digits["xa"], digits["gia"]})
    same("whose it is", lay.json("status")["commune"], None)
    theirs = offers[digits["gia"]]["file"]
    lay.run("enrol accept", "--in", theirs, "--fingerprint", digits["xa"], code=1, phrase=PHRASE)
    out, code, asked = at_a_terminal("no", "enrol", "accept", "--data", lay.data, "--in", theirs)
    check(asked and code == 1 and digits["gia"] in out, "at a terminal nobody was asked: " + out)
    same("whose it is", lay.json("status")["commune"], None)
    got = said(lay.run("enrol accept", "--in", theirs, phrase=PHRASE))  # without a terminal it warns
    check("no --fingerprint" in got and digits["gia"] in got, "accepting without digits does not warn: " + got)
    with open(path("sau.xml"), "w", encoding="utf-8") as file:
        file.write(copy_request(new_id(rng)))
    lay.submit([path("sau.xml")])
    lay.run("enrol leave", code=1)
    lay.run("enrol leave", phrase=PHRASE)
    same("whose it is after leaving", lay.json("status")["commune"], None)
    out, code, asked = at_a_terminal("yes", "enrol", "accept", "--data", lay.data, "--in", offers[digits["xa"]]["file"])
    check(asked and code == 0, "the right one was not accepted: " + out)
    for node in (lay, xa, lay):
        node.sync(stick)
    check(id_of(path("sau.xml")) in [row["id"] for row in xa.list()], "what was written meanwhile did not arrive")
    lay.run("enrol leave", code=1, phrase=PHRASE)  # receipted by now
    lay.verify(phrase=PHRASE)


def install():
    """A commune's service makes no hamlet."""
    new = Node(path("moi"), "moi")
    os.makedirs(new.data)
    got = said(new.run("serve", "--http", "127.0.0.1:0", "--listen", "127.0.0.1:0", code=1))
    check("--role commune" in got, "a service with --listen on an empty folder: " + got)


def main():
    xa = commune()
    words(xa)
    meo = hamlet(xa, "meo")
    install()
    joining(xa)
    xa.serve("--listen", "127.0.0.1:0")
    meo.serve("--contact", xa.address())
    one_service(xa)
    dossiers(xa, meo)
    documents(xa, meo)
    for node in (xa, meo):
        node.stop()
    done("near commands, lists, documents, and digits on every path")


main()
