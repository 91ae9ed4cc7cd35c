#!/usr/bin/env python3
"""Whoever is in the Wi-Fi opens what they can and holds it: empty file parts, uploads that stop half-way, connections that
say nothing. An emergency is heard all the same, commands work, people are served, and the processor stays idle, even when
not one descriptor is left. First from the box's own screen, then, in a network of the script's own, by strangers: what is
limited by address is shown on addresses that are not the box's."""
import os
import random
import resource
import select
import shutil
import socket
import subprocess
import sys
import time

from lib_campaign import PHRASE, check, commune, done, folder, hamlet, note, path, same, wait_until
from lib_counter import Browser
from lib_forms import copy_request, new_id, write

rng = random.Random(28)
OFFICERS = {"Chủ tịch": "một hai ba bốn", "Trưởng công an": "năm sáu bảy tám"}
DESCRIPTORS = 160
BOX = "10.77.0.1"
STRANGERS = ["10.77.0.%d" % (2 + number) for number in range(8)]
OWN_NETWORK = "KHUOI_OWN_NETWORK"
UPLOADS, UPLOADS_OF_ONE = 16, 4  # of strangers, at once: Guests in node/web_server/guests.h
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
    """Sockets that are never closed, of one address after the other."""

    def __init__(self, node, sources):
        self.sources = sources
        self.held = []
        page = guest(node, sources[0])
        page.look()
        self.host, port = page.address.rsplit(":", 1)
        self.port = int(port)
        self.head = (HEAD % (page.address, page.cookies["khuoi"], page.token)).encode()

    def connect(self, octets=b""):
        source = self.sources[len(self.held) % len(self.sources)]
        link = socket.create_connection((self.host, self.port), timeout=20, source_address=(source, 0) if source else None)
        self.held.append(link)
        try:
            link.sendall(octets)
        except OSError:
            pass  # turned away, as it should be

    def empty_parts(self):
        self.connect(self.head + b"".join((PART % (i, i)).encode() + b"\r\n" for i in range(990)))

    def half_a_file(self):
        self.connect(self.head + (PART % (1, 1)).encode() + b"x" * 200000)

    def answers(self):
        """The status of each that was answered or hung up on (0), by its place among those held."""
        readable = select.select(self.held, [], [], 0)[0]
        return {self.held.index(link): status_on(link) for link in readable}

    def end(self):
        for link in self.held:
            link.close()
        self.held = []


def status_on(link):
    try:
        words = link.recv(100, socket.MSG_PEEK).split()
    except OSError:
        return 0
    return int(words[1]) if len(words) > 1 else 0


def guest(node, source):
    """A browser at that address; None: at the box itself."""
    page = Browser(node, source)
    if source:
        page.address = BOX + ":" + page.address.rsplit(":", 1)[1]
    return page


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


def held_open(xa, meo, sources=(None,), other=None):
    """`sources`: the attacker's addresses; `other`: of who only wants to hand something in. None: the box itself."""
    heard = len(spoken(meo))
    resource.prlimit(meo.service.pid, resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
    before = descriptors_of(meo)
    attack = Attack(meo, sources)
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
    wait_until(lambda: len(spoken(meo)) > heard, "the emergency to be heard while descriptors are held")
    photo = write("x.jpg", b"\xff\xd8\xff" + rng.randbytes(200000))
    meo.submit([write("one.xml", copy_request(new_id(rng), photo="x.jpg"))], attach=[photo])
    page = guest(meo, other)
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


def limits_of_strangers(meo):
    """An address has four uploads under way, strangers have sixteen; whoever is logged in, or at the box itself, is not
    counted among them, and a stranger is served again once an attacker has gone."""
    known = guest(meo, STRANGERS[-1])
    known.login(meo.json("slot list")[0]["person"], phrase=PHRASE)
    attack = Attack(meo, STRANGERS[:1])
    for _ in range(10):
        attack.half_a_file()
    wait_until(lambda: len(attack.answers()) >= 10 - UPLOADS_OF_ONE, "the answers to one address")
    same("uploads of one address", settled(lambda: sorted(attack.answers().values())), [503] * (10 - UPLOADS_OF_ONE))
    other = guest(meo, STRANGERS[1])
    other.look()
    other.submit(copy_request(new_id(rng)))
    attack.sources = STRANGERS[1:-2]
    for _ in range(len(attack.sources) * UPLOADS_OF_ONE):  # 30 in all: no place of a connection is scarce yet
        attack.half_a_file()
    refused = len(attack.held) - UPLOADS
    wait_until(lambda: len(attack.answers()) >= refused, "the answers to all addresses")
    same("what strangers are told", settled(lambda: set(attack.answers().values())), {503})
    same("what strangers have under way", len(attack.held) - len(attack.answers()), UPLOADS)
    last = guest(meo, STRANGERS[-2])
    last.look()
    same("one more stranger", last.submit(copy_request(new_id(rng)), status=503).error, "busy")
    known.submit(copy_request(new_id(rng)))
    here = Browser(meo)
    here.look()
    here.submit(copy_request(new_id(rng)))
    attack.end()
    settled(lambda: descriptors_of(meo))
    last.submit(copy_request(new_id(rng)))
    note("strangers: %d of %d uploads of one address, %d of all; a known person and the box itself are served meanwhile"
         % (UPLOADS_OF_ONE, 10, UPLOADS))


def in_own_network():
    """Runs this script once more in a network namespace, whose only device has the strangers' addresses; goes on here where
    a machine makes none. Device `lo` carries them: what is not 127.0.0.0/8 is a stranger's address to the service."""
    if os.environ.get(OWN_NETWORK):
        return True
    alone = ["unshare", "--net"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
    setting_up = " && ".join(["ip link set lo up"] + ["ip address add %s/32 dev lo" % one for one in [BOX] + STRANGERS])
    tried = None
    if shutil.which("unshare") and shutil.which("ip"):
        tried = subprocess.run(alone + ["sh", "-c", setting_up], capture_output=True)
    if tried is None or tried.returncode != 0:
        why = tried.stderr.decode().strip().split("\n")[-1] if tried else "the programs unshare and ip are needed"
        note("faults_descriptors: strangers' addresses skipped, no network namespace here: " + why)
        return False
    os.environ[OWN_NETWORK] = "1"
    os.execvp(alone[0], alone + ["sh", "-c", setting_up + ' && exec "$0" "$@"', sys.executable] + sys.argv)


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
    strangers = in_own_network()
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
    if strangers:
        meo.stop()
        meo.serve("--http", "0.0.0.0:0")
        limits_of_strangers(meo)
        held_open(xa, meo, STRANGERS[:3], STRANGERS[-1])
    meo.stop()
    xa.stop()
    done("faults_descriptors" + ("" if strangers else ", but strangers' addresses were skipped"))


main()
