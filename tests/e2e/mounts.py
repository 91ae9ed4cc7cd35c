#!/usr/bin/env python3
"""Sticks that the service mounts itself, through a stand-in for udisks2 on a bus of its own: plugged in at the hamlet,
carried to the commune and back without a command given; with what is refused, pulled too early, denied, or not there.

Mounts are real, in a mount namespace of its own. As root sticks are ext4 in loop devices; for anybody else they are
folders that are bound to the mount point, which takes the same options."""
import json
import os
import random
import signal
import subprocess
import sys



def works(*command):
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


def go_apart():
    """Starts this script again where its mounts are its own."""
    ways = ([[]] if os.geteuid() == 0 else []) + [["--user", "--map-root-user"]]
    for way in ways:
        unshare = ["unshare", "--mount", "--propagation", "private"] + way
        if works(*unshare, "mount", "-t", "tmpfs", "none", "/media"):
            loop = "yes" if not way and works("losetup", "-f") else ""
            os.execvpe("unshare", unshare + [sys.executable] + sys.argv,
                       dict(os.environ, KHUOI_MOUNTS="apart", KHUOI_MOUNTS_LOOP=loop))
    print("  mounts: skipped, this machine lets nobody mount anything, not even for themselves")
    raise SystemExit(0)


if os.environ.get("KHUOI_MOUNTS") != "apart":
    go_apart()

from lib_campaign import (ROOT, SEED, check, check_no_litter, commune, done, folder, hamlet, note, path,
                          photo_submission, same, start, wait_until)
from lib_counter import Browser
from lib_forms import copy_request, new_id, write

LOOP = os.environ["KHUOI_MOUNTS_LOOP"] == "yes"
rng = random.Random(SEED)
loops = []
with open(os.path.join(ROOT, "node/web/src/shared/i18n/vi.ts"), encoding="utf-8") as page_words:
    PAGE_WORDS = page_words.read()

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><listen>unix:path=%s</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/><allow send_type="signal"/>
<allow send_requested_reply="true" send_type="method_return"/><allow send_requested_reply="true" send_type="error"/>
<allow receive_type="method_call"/><allow receive_type="signal"/><allow receive_type="method_return"/>
<allow receive_type="error"/></policy></busconfig>
"""


def run(*command):
    got = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    check(got.returncode == 0, "%s: %s" % (" ".join(command), got.stdout.decode("utf-8", "replace").strip()))
    return got.stdout.decode().strip()


def start_bus(name):
    """A system bus of its own; gives its address."""
    place = path(name + ".bus")
    config = write(name + ".conf", BUS % place)
    with open(path(name + ".bus.log"), "w") as log:
        process = start(["dbus-daemon", "--nofork", "--config-file", config], stdin=subprocess.DEVNULL, stderr=log)
    wait_until(lambda: os.path.exists(place) or process.poll() is not None, "the bus")
    check(process.poll() is None, "the bus did not start")
    return "unix:path=" + place


class Stick:
    """A medium: what is on it outlives being plugged in."""
    made = 0

    def __init__(self, label, **about):
        Stick.made += 1
        self.name = "sd" + "xyzuvwrst"[Stick.made % 9] + str(Stick.made)
        self.about = {"name": self.name, "drive": "stick_" + self.name, "uuid": "uuid-" + self.name, "label": label,
                      **about}
        if LOOP:
            self.image = path(self.name + ".img")
            with open(self.image, "wb") as file:
                file.truncate(160 << 20)
            run("mkfs.ext4", "-q", "-F", self.image)
            self.about["device"] = run("losetup", "-f", "--show", self.image)
            loops.append(self.about["device"])
        else:
            self.about["folder"] = folder("medium-" + self.name)

    def look(self):
        """What is in KHUOI/, seen on another machine."""
        if not LOOP:
            return listing(os.path.join(self.about["folder"], "KHUOI"))
        place = folder("elsewhere")
        run("mount", "-t", "ext4", self.about["device"], place)
        try:
            check_no_litter(place)
            return listing(os.path.join(place, "KHUOI"))
        finally:
            run("umount", place)


def listing(place):
    return sorted(os.listdir(place)) if os.path.isdir(place) else []


class Machine:
    """A node that serves, with its page and its log, on a machine with a system bus and udisks2."""

    def __init__(self, node):
        self.node = node
        self.address = start_bus(node.name)
        self.calls_file = path(node.name + ".calls")
        self.python = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable
        self.udisks = None

    def serve(self):
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = self.address
        self.node.serve("--mount-sticks")
        self.page = Browser(self.node)
        self.page.look()

    def start_udisks(self):
        self.udisks = start([self.python, os.path.join(ROOT, "tests/e2e/lib_udisks.py"), self.calls_file],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
                            env=dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=self.address))
        self.answers("ready")

    def kill_udisks(self):
        self.udisks.kill()
        self.udisks.wait()

    def answers(self, wanted):
        same("the stand-in's answer", self.udisks.stdout.readline().decode().strip(), wanted)

    def do(self, *command):
        self.udisks.stdin.write((json.dumps(command) + "\n").encode())
        self.answers("done")

    def plug(self, stick, **more):
        self.do("plug", {**stick.about, **more})

    def pull(self, *sticks):
        for stick in sticks:
            self.do("pull", stick.name)
        self.waits_for("none")

    def visit(self, stick):
        """Plugged in until the page says that it may be pulled; it is unmounted by then."""
        self.plug(stick)
        news = self.waits_for("safe")
        same("mounted when it may be pulled", self.mounted(), [])
        self.pull(stick)
        return news

    def calls(self, stick):
        if not os.path.exists(self.calls_file):
            return []
        with open(self.calls_file) as file:
            every = [json.loads(line) for line in file]
        return [one for one in every if one["name"] == stick.name]

    def methods(self, stick):
        return [one["method"] for one in self.calls(stick)]

    def stick(self):
        return self.page.get("/api/home").json()["stick"]

    def waits_for(self, state):
        wait_until(lambda: self.stick()["state"] == state, "the page of %s to say %s" % (self.node.name, state))
        return self.stick()

    def refuses(self, stick, reason, **more):
        self.plug(stick, **more)
        news = self.waits_for("failed")
        same("the reason", news["reason"], reason)
        check("'sync.stick.why.%s'" % reason in PAGE_WORDS, "the page has no sentence for " + reason)
        same("mounted", self.mounted(), [])
        return news

    def log(self, *words):
        with open(self.node.data + ".log", encoding="utf-8", errors="surrogateescape") as file:
            return [line for line in file if all(word in line for word in words)]

    def waits_for_log(self, *words, times=1):
        wait_until(lambda: len(self.log(*words)) >= times, "%s to log %s" % (self.node.name, words))
        return self.log(*words)[-1]

    def mounted(self):
        with open("/proc/%d/mountinfo" % self.node.service.pid) as file:
            points = [line.split()[4] for line in file]
        return [point for point in points if point.startswith("/media/")]

    def holds_open(self):
        place = "/proc/%d/fd" % self.node.service.pid
        return [target for target in (os.readlink(os.path.join(place, one)) for one in os.listdir(place))
                if target.startswith("/media/")]


def filled(node, how_many):
    files = [write("m-%d.xml" % rng.getrandbits(60), copy_request(new_id(rng))) for _ in range(how_many)]
    return node.submit(files)


def without_udisks(meo):
    """It says what to install, and takes what comes once it is there."""
    meo.serve()
    line = meo.waits_for_log("event=sticks_not_mounted")
    check("apt-get install udisks2" in line, "no word of what to install: " + line)
    meo.start_udisks()
    meo.waits_for_log("event=sticks_mounted_again")


def round_trip(meo, xa, stick):
    ids = filled(meo.node, 12)
    same("waiting before", meo.node.status()["waiting"], 12)
    same("what the page calls the stick", meo.visit(stick)["name"], stick.name)
    bundles = stick.look()
    check("README.txt" in bundles and len(bundles) >= 2, "the hamlet wrote %r" % bundles)
    xa.visit(stick)
    same("dossiers at the commune", len(xa.node.list()), 12)
    meo.visit(stick)
    same("waiting once the receipt is back", meo.node.status()["waiting"], 0)
    for call in meo.calls(stick):
        check(call["quiet"], "somebody might have been asked for a password: %r" % call)
        same("what was asked for", call["options"], "nosuid,nodev,noexec" if call["method"] == "Mount" else "")
    same("calls", meo.methods(stick), ["Mount", "Unmount"] * 2)
    states = {row["id"]: row["state"] for row in meo.node.list()}
    check(all(states[one] not in ("saved", "sent") for one in ids), "states: %r" % states)


def stays_in(meo, stick):
    """What is written while a stick stays in goes onto it by itself; it is not mounted while it lacks nothing."""
    meo.plug(stick)
    meo.waits_for("safe")
    before = len(meo.methods(stick))
    filled(meo.node, 3)
    wait_until(lambda: meo.methods(stick)[before:] == ["Mount", "Unmount"], "the stick to be mounted anew")
    meo.waits_for("safe")
    meo.pull(stick)
    same("calls", meo.methods(stick)[before:], ["Mount", "Unmount"])


def bind(stick, point, options):
    """Somebody else mounts it, without udisks2."""
    os.makedirs(point, exist_ok=True)
    if LOOP:
        run("mount", "-o", options, stick.about["device"], point)
        return
    run("mount", "--bind", stick.about["folder"], point)
    run("mount", "-o", "remount,bind," + options, point)


def mounted_before(meo, stick):
    """By somebody else: refused with a reason unless it is mounted as it should be; never unmounted for them."""
    point = "/media/ai-do/cưới xin"
    before = len(meo.methods(stick))
    bind(stick, point, "nosuid,nodev")
    meo.plug(stick, points=[point])
    news = meo.waits_for("failed")
    same("the reason", news["reason"], "unsafe_mount")
    check("without noexec" in news["message"], news["message"])
    meo.waits_for_log("event=stick_refused", "noexec")
    run("umount", point)
    bind(stick, point, "nosuid,nodev,noexec")
    meo.pull(stick)  # that unmounts it
    bind(stick, point, "nosuid,nodev,noexec")
    meo.plug(stick, points=[point])
    meo.waits_for("safe")
    same("still mounted", meo.mounted(), [point.replace(" ", "\\040")])
    meo.pull(stick)
    same("calls", meo.methods(stick)[before:], [])


def refusals(meo):
    """What is no stick is left alone, and what cannot be used is refused with a reason. One plug after the other: when
    the refused one shows, those before it were looked at too."""
    left = [Stick(what, **about) for what, about in (
        ("hidden", {"ignore": True}), ("system", {"system": True}), ("built in", {"removable": False, "bus": "sata"}),
        ("encrypted", {"usage": "crypto"}),
        # A small box that started from a USB disk: its other partition is no stick either.
        ("root", {"points": ["/"]}), ("spare", {}))]
    left[-1].about["drive"] = left[-2].about["drive"]
    refused = Stick("btrfs", type="btrfs")
    for one in left:
        meo.plug(one)
    meo.refuses(refused, "file_system")
    for one in left + [refused]:
        same("calls for one that is " + one.about["label"], meo.methods(one), [])
    left[-2].about["points"] = []
    meo.do("points", left[-2].name, [])  # or pulling would unmount the root
    meo.pull(refused, *left)


def denied(meo, stick):
    news = meo.refuses(stick, "mount_denied", deny=["NotAuthorizedCanObtain", "Not authorized to perform operation"])
    check("50-khuoi-sticks.rules" in news["message"], news["message"])
    meo.waits_for_log("event=stick_not_mounted", "polkit")
    meo.pull(stick)
    # What /etc/fstab says outranks what was asked for: seen, and undone.
    before = len(meo.methods(stick))
    meo.refuses(stick, "unsafe_mount", without=["noexec"])
    same("calls", meo.methods(stick)[before:], ["Mount", "Unmount"])
    meo.pull(stick)
    # Too dirty to be mounted: for a person, on another machine; never checked or repaired here.
    meo.refuses(stick, "mount_failed", deny=["Failed", "Error mounting: structure needs cleaning"])
    meo.pull(stick)
    same("what was ever called", set(meo.methods(stick)), {"Mount", "Unmount"})


def strange_label(meo):
    """A label is anybody's: it names a folder, and is shown nowhere."""
    stick = Stick("a b\\c\u202egnp\t$(id)")
    news = meo.visit(stick)
    same("the name", news["name"], stick.name)
    check("\u202e" not in json.dumps(news, ensure_ascii=False), "the label got onto the page: %r" % news)
    same("the label in the log", meo.log("\u202e"), [])


def two_partitions(meo):
    """Each is synced, and the page says that the stick may be pulled only after both."""
    one, other = Stick("mot"), Stick("hai")
    other.about["drive"] = one.about["drive"]
    meo.plug(one)
    meo.plug(other)
    meo.waits_for("safe")
    same("mounted", meo.mounted(), [])
    for stick in (one, other):
        same("calls", meo.methods(stick), ["Mount", "Unmount"])
        check(stick.look(), "one of two partitions was left out")
    meo.pull(one, other)


def read_only(meo, xa, stick):
    """What it brings is taken in; that nothing could be written is said."""
    filled(meo.node, 2)
    meo.visit(stick)
    xa.visit(stick)
    filled(meo.node, 1)
    meo.refuses(stick, "read_only", ro=True)
    same("what was asked for", meo.calls(stick)[-2]["options"], "nosuid,nodev,noexec,ro")
    same("waiting: only what it could not take", meo.node.status()["waiting"], 1)
    meo.pull(stick)


def pulled_in_the_middle(meo, xa):
    """The sync ends, nothing stays mounted or open, and the next stick takes it all."""
    for _ in range(3):
        xml, photo = photo_submission(folder("photos"), rng, 30_000_000)
        meo.node.submit([xml], [photo])
    waiting = meo.node.status()["waiting"]
    stick, next_one = Stick("rút-sớm"), Stick("sau")
    pid = meo.node.service.pid

    def writes():
        return any(name.endswith(".tmp") for point in meo.mounted() for name in listing(os.path.join(point, "KHUOI")))

    meo.plug(stick)
    wait_until(writes, "the service to write onto the stick")
    os.kill(pid, signal.SIGSTOP)
    if LOOP:
        os.truncate(stick.image, 0)
    meo.do("pull", stick.name)
    os.kill(pid, signal.SIGCONT)
    # Which of the two is told depends on which came first, the write that failed or the bus's word that it is gone.
    wait_until(lambda: meo.log("event=stick_pulled", stick.name) or meo.log("event=stick_gone", stick.name),
               "the service to know that the stick was pulled")
    meo.waits_for("none")
    same("mounted", meo.mounted(), [])
    same("open", meo.holds_open(), [])
    same("waiting", meo.node.status()["waiting"], waiting)
    for machine in (meo, xa, meo):
        machine.visit(next_one)
    same("waiting in the end", meo.node.status()["waiting"], 0)


def lives_end(meo, stick):
    """While udisks2 is away nothing is known of sticks, and afterwards they are found; a service that was killed while
    a stick was mounted finds it there in its next life, and unmounts it."""
    known = len(meo.log("event=sticks_not_mounted"))
    meo.kill_udisks()
    meo.waits_for_log("event=sticks_not_mounted", times=known + 1)
    meo.start_udisks()
    meo.visit(stick)
    before = len(meo.methods(stick))
    meo.node.stop(signal.SIGKILL)
    point = os.path.join("/media", run("id", "-un"), stick.about["label"])
    bind(stick, point, "nosuid,nodev,noexec")
    meo.do("plug", {**stick.about, "points": [point]})
    meo.serve()
    meo.waits_for("safe")
    same("calls", meo.methods(stick)[before:], ["Unmount"])
    same("mounted", meo.mounted(), [])
    meo.pull(stick)


def hangs(meo, stick):
    """A stick so broken that the mount never ends: the page answers meanwhile, and the service stops when it is told to."""
    before = len(meo.methods(stick))
    meo.plug(stick, hang=True)
    wait_until(lambda: meo.methods(stick)[before:] == ["Mount"], "the mount to begin")
    same("the page's stick", meo.stick()["state"], "none")
    filled(meo.node, 1)
    meo.node.stop()
    meo.kill_udisks()


def main():
    note("sticks are " + ("ext4 in loop devices" if LOOP else "bound folders: loop devices need root"))
    run("mount", "-t", "tmpfs", "-o", "size=16m,mode=755", "none", "/media")
    commune_node = commune()
    meo, xa = Machine(hamlet(commune_node, "meo")), Machine(commune_node)
    stick = Stick("XÓM MÈO")
    without_udisks(meo)
    xa.start_udisks()
    xa.serve()
    round_trip(meo, xa, stick)
    stays_in(meo, stick)
    mounted_before(meo, stick)
    refusals(meo)
    denied(meo, stick)
    strange_label(meo)
    two_partitions(meo)
    read_only(meo, xa, stick)
    pulled_in_the_middle(meo, xa)
    lives_end(meo, stick)
    hangs(meo, stick)
    xa.node.stop()
    for machine in (meo, xa):
        machine.node.verify()
    done("sticks mounted with nosuid, nodev, noexec, synced and unmounted; what may not be used refused with a reason")


try:
    main()
finally:
    for device in loops:
        subprocess.run(["losetup", "-d", device], check=False)
