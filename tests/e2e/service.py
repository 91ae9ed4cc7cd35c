#!/usr/bin/env python3
"""The service: who may write, clean stops and others, locks, sticks that appear, the local page, its memory."""
import json
import os
import random
import signal
import socket
import subprocess
import threading
import urllib.error
import urllib.request

from lib_campaign import (PHRASE, SEED, carry, check, check_export, check_no_litter, commune, done, environment, folder, free_port,
                          hamlet, id_of, note, same, start, submissions, wait_until)
from lib_forms import copy_request, new_id, write

rng = random.Random(SEED)


def page(node, path, host=None):
    request = urllib.request.Request("http://" + node.address("http") + path, headers={"Host": host} if host else {})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def anonymous_kib(node):
    with open("/proc/%d/status" % node.service.pid) as status:
        return int([line for line in status if line.startswith("RssAnon")][0].split()[1])


def one_writer(meo):
    """Twelve commands at once, then the same while the service starts: each waits for the others."""
    files = [write("at-once-%d.xml" % i, copy_request(new_id(rng))) for i in range(24)]

    def at_once(some):
        processes = [start(meo.command("submit", [file]), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                     for file in some]
        for file, process in zip(some, processes):
            out, err = process.communicate(timeout=60)
            same("the exit code of a submit among others (%s)" % err.decode().strip(), process.returncode, 0)
            same("its id", out.decode().split(), [id_of(file)])

    at_once(files[:12])
    thread = threading.Thread(target=at_once, args=(files[12:],))
    thread.start()
    meo.serve()
    thread.join()
    same("dossiers", len(meo.list()), 24)
    again = meo.run("serve", "--http", "127.0.0.1:0", code=1)
    check("a service runs on" in again.stderr.decode(), "a second service says nothing of the first: " + again.stderr.decode())
    check(os.path.exists(os.path.join(meo.data, "run", "http")), "a second service took the first one's notes away")
    return files


def many_at_once(meo):
    """More commands than the service carries out side by side: each gets its turn."""
    processes = [start(meo.command("list"), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                 for _ in range(100)]
    for process in processes:
        out, err = process.communicate(timeout=300)
        same("the exit code of one of a hundred (%s)" % err.decode().strip(), process.returncode, 0)
        check(out.decode().count("\n") >= 24, "one of a hundred lists less: " + out.decode())


def locks(meo, files):
    one = id_of(files[0])
    same("locked at its start", meo.status()["locked"], True)
    meo.run("show", one, code=1)
    meo.run("show", one, phrase=PHRASE)
    meo.run("show", one, code=1)  # that phrase opened it for that command only
    meo.run("unlock", phrase="sai", code=1)
    meo.run("unlock", phrase=PHRASE)
    same("unlocked", meo.status()["locked"], False)
    meo.run("show", one)
    meo.run("list", phrase="sai", code=1)
    meo.run("show", one)
    meo.run("lock")
    meo.run("show", one, code=1)


def local_page(meo):
    same("/healthz", page(meo, "/healthz"), (200, "ok\n"))
    code, text = page(meo, "/metrics")
    check(code == 200 and "khuoi_records 28" in text and "khuoi_dossiers_unreadable 0" in text and "khuoi_locked 1" in text, "metrics: " + text)
    same("the landing page", page(meo, "/")[0], 200)
    same("no such page", page(meo, "/../../etc/passwd")[0], 404)
    same("another host's name", page(meo, "/", host="example.org")[0], 421)
    host, port = meo.address("http").rsplit(":", 1)
    for rubbish in (b"\x00\xff" * 100, b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 10000 + b"\r\n", b"POST / HTTP/1.1\r\nHost: localhost\r\n"
                    b"Content-Length: 99999999999\r\n\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
                    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"):
        with socket.create_connection((host, int(port)), timeout=30) as link:
            link.sendall(rubbish)
            try:
                answer = link.recv(64)
            except ConnectionResetError:
                answer = b""
            check(not answer.startswith(b"HTTP/1.1 200"), "rubbish was answered: %r" % answer)
    same("after rubbish", page(meo, "/healthz"), (200, "ok\n"))


def control_socket(meo):
    """Rubbish on the control socket costs its sender only."""
    place = os.path.join(meo.data, "run", "control.sock")
    same("its mode", os.stat(place).st_mode & 0o777, 0o600)
    for rubbish in (b"", b"\x00\x00", b"\xff\xff\xff\xff\x01", b"\x00\x00\x00\x05\x01{}}}}", b"\x00\x00\x00\x02\x09hi",
                    b"\x00\x00\x00\x02\x01[]"):
        with socket.socket(socket.AF_UNIX) as link:
            link.connect(place)
            link.sendall(rubbish)
            link.shutdown(socket.SHUT_WR)
            while link.recv(4096):
                pass
    for command, values in (("export", {}), ("no such", {}), ("submit", {"FILE": ["/etc/shadow"], "--data": [meo.data]})):
        with socket.socket(socket.AF_UNIX) as link:
            link.connect(place)
            request = json.dumps({"version": "0.1.0", "command": command, "values": values}).encode()
            link.sendall(len(request).to_bytes(4, "big") + b"\x01" + request)
            link.shutdown(socket.SHUT_WR)
            while link.recv(4096):
                pass
    same("the service lives", page(meo, "/healthz"), (200, "ok\n"))


def stops(meo):
    """SIGTERM in the middle of a long submit: what was printed is there, the rest is not half-stored."""
    files = submissions("many", 3000, 7)
    # Nobody reads what it prints meanwhile: that must not keep the service from stopping.
    process = start(meo.command("submit", files), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                    bufsize=0)
    first = process.stdout.readline().decode().strip()
    check(first, "nothing was printed")
    meo.stop()
    rest, _ = process.communicate(timeout=60)
    printed = [first] + rest.decode().split()
    check(process.returncode in (0, 1), "a submit whose service stopped ended with %d" % process.returncode)
    check(not os.path.exists(os.path.join(meo.data, "run", "http")), "a stopped service left its notes")
    have = {row["id"] for row in meo.list()}
    check(set(printed) <= have, "ids that were printed are not there: %s" % sorted(set(printed) - have)[:3])
    meo.verify()
    note("stopped after %d of 3,000 ids" % len(printed))

    meo.serve()
    meo.stop(signal.SIGKILL)
    same("dossiers after a kill", {row["id"] for row in meo.list()}, have)
    meo.serve()
    same("dossiers once it serves again", {row["id"] for row in meo.list()}, have)
    meo.stop()


def watched_stick(xa):
    """Sticks are synced as they appear; a pulled one comes back; nothing else in it is touched."""
    lay = hamlet(xa, "lay")
    at_hamlet, at_commune, carried = folder("a"), folder("b"), folder("c")
    for place in (at_hamlet, at_commune):
        os.rmdir(place)
    os.makedirs(os.path.join(carried, "ảnh"))
    with open(os.path.join(carried, "ảnh", "cưới.jpg"), "w") as file:
        file.write("x")
    lay.serve("--stick", at_hamlet)
    xa.serve("--stick", at_commune)
    files = [write("lay-%d.xml" % i, copy_request(new_id(rng))) for i in range(20)]
    lay.submit(files)

    def bundles(place):
        try:
            return sorted(name for name in os.listdir(os.path.join(place, "KHUOI")) if name.endswith(".kbn"))
        except FileNotFoundError:
            return []

    for _ in range(2):
        os.rename(carried, at_hamlet)
        wait_until(lambda: bundles(at_hamlet) or lay.status()["waiting"] == 0, "the hamlet's bundle")
        os.rename(at_hamlet, carried)
        os.rename(carried, at_commune)
        wait_until(lambda: len(xa.list()) == 20, "the commune to take it in")
        wait_until(lambda: bundles(at_commune), "the commune's receipt")
        os.rename(at_commune, carried)
        os.rename(carried, at_hamlet)
        wait_until(lambda: lay.status()["waiting"] == 0, "the receipt")
        os.rename(at_hamlet, carried)
    check_no_litter(carried)
    check(os.path.exists(os.path.join(carried, "ảnh", "cưới.jpg")), "a foreign file was touched")
    for node in (lay, xa):
        node.stop()
    check_export(xa, files)


def contact_while_serving(xa):
    """`contact` works although the service keeps a link of its own to the commune."""
    ca = hamlet(xa, "ca")
    port = free_port()
    ca.serve("--contact", "127.0.0.1:%d" % port)  # nobody listens there yet
    xa.serve("--listen", "127.0.0.1:%d" % port)
    counts = ca.json("contact", xa.address())
    check("records_in" in counts and "bytes_out" in counts, "contact --json lacks its keys")
    files = [write("ca-%d.xml" % i, copy_request(new_id(rng))) for i in range(5)]
    ca.submit(files)
    wait_until(lambda: ca.status()["waiting"] == 0, "what was written to go by itself")
    again = ca.json("contact", xa.address())
    same("records of a contact with nothing new", (again["records_in"], again["records_out"]), (0, 0))
    ca.run("contact", "127.0.0.1:%d" % free_port(), code=1)
    ca.run("contact", "nonsense", code=2)
    for node in (ca, xa):
        node.stop()


if __name__ == "__main__":
    xa = commune()
    meo = hamlet(xa, "meo")
    carry(folder("stick"), xa, meo)
    files = one_writer(meo)
    memory = anonymous_kib(meo)
    check(memory <= 16 * 1024, "an idle service takes %d KiB" % memory)
    many_at_once(meo)
    locks(meo, files)
    local_page(meo)
    control_socket(meo)
    stops(meo)
    watched_stick(xa)
    contact_while_serving(xa)
    done("one writer, clean stops, locks, pages and sticks; %d KiB RssAnon idle" % memory)
