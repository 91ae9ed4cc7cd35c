#!/usr/bin/env python3
"""Whoever is in the Wi-Fi opens what they can and holds it: empty file parts, uploads that stop half-way, connections that
say nothing. An emergency is heard all the same, commands work, people are served, and the processor stays idle, even when
not one descriptor is left."""
import os
import random
import resource
import socket
import time

from lib_campaign import PHRASE, check, commune, done, folder, hamlet, note, path, same, wait_until
from lib_counter import Browser
from lib_forms import copy_request, new_id, write

rng = random.Random(28)
OFFICERS = {"Chủ tịch": "một hai ba bốn", "Trưởng công an": "năm sáu bảy tám"}
DESCRIPTORS = 160
HEAD = ("POST /api/submissions HTTP/1.1\r\nHost: %s\r\nCookie: khuoi=%s\r\nX-Khuoi: %s\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000000\r\n\r\n")
PART = '--b\r\nContent-Disposition: form-data; name="f%d"; filename="f%d.jpg"\r\n\r\n'


def processor_seconds(node):
    with open("/proc/%d/stat" % node.service.pid) as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def descriptors_of(node):
    return len(os.listdir("/proc/%d/fd" % node.service.pid))


class Attack:
    """Sockets that are never closed."""

    def __init__(self, node):
        self.where = node.address("http").rsplit(":", 1)
        self.held = []
        page = Browser(node)
        page.look()
        self.head = (HEAD % (node.address("http"), page.cookies["khuoi"], page.token)).encode()

    def connect(self, octets=b""):
        link = socket.create_connection((self.where[0], int(self.where[1])), timeout=20)
        self.held.append(link)
        try:
            link.sendall(octets)
        except OSError:
            pass  # turned away, as it should be

    def empty_parts(self):
        self.connect(self.head + b"".join((PART % (i, i)).encode() + b"\r\n" for i in range(990)))

    def half_a_file(self):
        self.connect(self.head + (PART % (1, 1)).encode() + b"x" * 200000)

    def end(self):
        for link in self.held:
            link.close()


def settled(value, seconds=20):
    """Once a number has stopped to move."""
    last, give_up = None, time.monotonic() + seconds
    while time.monotonic() < give_up:
        now = value()
        if now == last:
            return now
        last = now
        time.sleep(0.2)
    return last


def emergency(xa, text):
    one = xa.out("announce", "--text", text, "--class", "emergency").strip()
    for name in OFFICERS:
        xa.run("announce approve", one[:8], "--officer", name, phrase=OFFICERS[name])


def spoken(meo):
    place = os.path.join(meo.data, "spoken")
    return [name for name in os.listdir(place) if name.endswith(".wav")] if os.path.isdir(place) else []


def held_open(xa, meo):
    resource.prlimit(meo.service.pid, resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
    before = descriptors_of(meo)
    attack = Attack(meo)
    for _ in range(5):
        attack.empty_parts()
    after_parts = settled(lambda: descriptors_of(meo))
    check(after_parts <= before + 12, "4,950 empty parts hold %d descriptors" % (after_parts - before))
    for _ in range(120):
        attack.half_a_file()
    for _ in range(300):
        attack.connect()
    open_now = settled(lambda: descriptors_of(meo))
    note("%d connections tried; the service holds %d descriptors of %d" % (len(attack.held), open_now, DESCRIPTORS))
    check(open_now <= DESCRIPTORS - 32, "the reserve was touched: %d of %d" % (open_now, DESCRIPTORS))
    emergency(xa, "Lũ quét")
    meo.run("contact", xa.address("listen"))
    wait_until(lambda: spoken(meo), "the emergency to be heard while descriptors are held")
    photo = write("x.jpg", b"\xff\xd8\xff" + rng.randbytes(200000))
    meo.submit([write("one.xml", copy_request(new_id(rng), photo="x.jpg"))], attach=[photo])
    page = Browser(meo)
    page.look()
    page.submit(copy_request(new_id(rng)))
    used = processor_seconds(meo)
    started = time.monotonic()
    wait_until(lambda: time.monotonic() - started > 1.5, "some time to pass")
    share = (processor_seconds(meo) - used) / (time.monotonic() - started)
    check(share < 0.5, "the service used %.0f %% of a processor while connections were only held" % (100 * share))
    attack.end()
    settled(lambda: descriptors_of(meo))
    page.submit(copy_request(new_id(rng)))


def none_left(meo):
    """Every accept fails: at the page, the fiber and the control socket. None of their loops spins; then all go on."""
    soft, hard = resource.prlimit(meo.service.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(meo.service.pid, resource.RLIMIT_NOFILE, (8, hard))
    links = []
    for which in ("http", "listen"):
        host, port = meo.address(which).rsplit(":", 1)
        links.append(socket.create_connection((host, int(port)), timeout=20))
    control = socket.socket(socket.AF_UNIX)
    there = os.getcwd()
    os.chdir(os.path.join(meo.data, "run"))
    control.connect("control.sock")
    os.chdir(there)
    used, started = processor_seconds(meo), time.monotonic()
    wait_until(lambda: time.monotonic() - started > 2, "some time to pass")
    share = (processor_seconds(meo) - used) / (time.monotonic() - started)
    note("without a descriptor left: %.1f %% of a processor" % (100 * share))
    check(share < 0.3, "an accept loop spins: %.0f %% of a processor" % (100 * share))
    resource.prlimit(meo.service.pid, resource.RLIMIT_NOFILE, (soft, hard))
    links[0].sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    check(links[0].recv(100).startswith(b"HTTP/1.1 200"), "who waited was not served afterwards")
    for link in links + [control]:
        link.close()
    meo.status()


def main():
    xa = commune()
    for name, phrase in OFFICERS.items():
        xa.run("officer add", "--name", name, phrase=PHRASE, env={"KHUOI_NEW_PASSPHRASE": phrase})
    meo = hamlet(xa, "meo")
    with open(os.path.join(meo.data, "config.toml"), "w") as file:
        file.write('[speaker]\nplayer = "file:spoken"\n')
    xa.serve("--listen", "127.0.0.1:0")
    meo.serve("--listen", "127.0.0.1:0")
    meo.run("contact", xa.address("listen"))
    held_open(xa, meo)
    none_left(meo)
    meo.stop()
    xa.stop()
    done("faults_descriptors")


main()
