"""What acts cost when much is stored: `khuoi_bench.py scale [DOSSIERS]`.

A commune and a hamlet are made with a tenth of DOSSIERS, measured, filled up, and measured again; both by the program
itself. Beside the dossiers lie DOSSIERS/50 runs with one record each, DOSSIERS/20 announcements and DOSSIERS/50 photos.
Costs are processor time of all threads of the processes that take part (the least of some repetitions, so that another
process on the machine shows little), octets and counts; a growth is the figure at all dossiers by that at a tenth. Floors
are measured in the same run: an empty command, a page that reads nothing, and plain reads of the rows in LMDB.

Ends with 1 when a row falls short, or when it ran with fewer than 100,000 dossiers.
"""
import concurrent.futures
import os
import random
import resource
import subprocess
import time

from lib_campaign import (KHUOI, PHRASE, carry, check, commune, environment, folder, hamlet, photo_submission, same,
                          start, submissions, wait_until)
from lib_counter import Browser
from lib_rows import bench_lines, info, row, short_rows

GROWTH_MAX = 1.15
A_CALL = 2500  # submissions in one call: more do not fit on a command line
REPEATED = 5


def processor_ms(process):
    """Of all its threads so far: its processor-time clock, as clock_getcpuclockid(3) names it."""
    return time.clock_gettime(~process.pid << 3 | 2) * 1000


def commands_ms():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (used.ru_utime + used.ru_stime)


def cost(act, services=(), repeated=REPEATED):
    """The least processor time, in ms, of an act by the commands that it runs and by these services; and its last value."""
    least = None
    for _ in range(repeated):
        before = commands_ms() + sum(processor_ms(one.service) for one in services)
        out = act()
        took = commands_ms() + sum(processor_ms(one.service) for one in services) - before
        least = took if least is None else min(least, took)
    return least, out


def peak_kib(process, act):
    """Its anonymous memory at most while something was done."""
    def anonymous():
        with open("/proc/%d/status" % process.pid) as file:
            return int([line for line in file if line.startswith("RssAnon")][0].split()[1])
    peak = 0
    with concurrent.futures.ThreadPoolExecutor() as pool:
        acting = pool.submit(act)
        while not acting.done():
            peak = max(peak, anonymous())
            time.sleep(0.002)
        acting.result()
    return peak


def metric(node, name):
    answer = Browser(node).get("/metrics").body.decode()
    return float([line for line in answer.split("\n") if line.startswith(name + " ")][0].split()[1])


class Scale:
    def __init__(self, dossiers):
        self.wanted = dossiers
        self.xa = commune()
        self.meo = hamlet(self.xa, "meo")
        self.stick = folder("stick")
        carry(self.stick, self.xa, self.meo, self.xa)
        self.made = 0      # submissions by the generator
        self.held = 0      # dossiers at the hamlet
        self.items = 0
        self.figures = {}  # of a name: what it was at each size

    # ---- making -----------------------------------------------------------------------------------------------------

    def files(self, count):
        self.made += 1
        return submissions("made-%d" % self.made, count, 20261130 + self.made)

    def submit(self, count):
        while count > 0:
            some = self.files(min(count, A_CALL))
            same("ids", len(self.meo.submit(some)), len(some))
            count -= len(some)
            self.held += len(some)
            for file in some:
                os.unlink(file)

    def carry_all(self):
        carry(self.stick, self.meo, self.xa, self.meo)
        same("waiting", self.meo.status()["waiting"], 0)

    def photos(self, count):
        """Of 20 kB each, 250 a call."""
        rng = random.Random(5)
        while count > 0:
            pairs = [photo_submission(folder("photos"), rng, 20_000) for _ in range(min(count, 250))]
            self.meo.submit([one[0] for one in pairs], [one[1] for one in pairs])
            self.held += len(pairs)
            count -= len(pairs)
            for pair in pairs:
                for file in pair:
                    os.unlink(file)

    def announce(self, count):
        for _ in range(count):
            self.items += 1
            self.xa.run("announce", "--text", "Thông báo số %d của xã" % self.items, "--expires", "+300d")

    def runs(self, count):
        """Each submission by a command of its own is in a run of its own."""
        files = self.files(count)
        for file in files:
            self.meo.submit([file])
        self.held += count

    # ---- what is measured once --------------------------------------------------------------------------------------

    def receipts(self, runs):
        """What one record brings back when few runs were ever made, and when many were."""
        self.xa.serve("--listen", "127.0.0.1:0")
        contact = lambda: self.meo.json("contact", self.xa.address())  # noqa: E731
        contact()
        idle = contact()
        self.runs(1)
        few = contact()
        self.runs(runs)
        many = contact()
        each = (many["bytes_in"] + many["bytes_out"] - idle["bytes_in"] - idle["bytes_out"]) / runs
        self.runs(1)
        after = contact()
        self.xa.stop()
        row("a receipt for one record, %d runs before" % runs, after["bytes_in"] - idle["bytes_in"], "B", 600)
        info("with few runs %d B" % (few["bytes_in"] - idle["bytes_in"]))
        row("a record by fiber, each in a run of its own", each, "B", 300, runs)
        row("an idle contact: octets", idle["bytes_in"] + idle["bytes_out"], "B", 256)

    def commands_at_once(self):
        self.meo.serve()
        running = [start(self.meo.command("status", ["--json"]), env=environment(), stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL) for _ in range(100)]
        refused = sum(one.wait() != 0 for one in running)
        self.meo.stop()
        row("of 100 commands at once: refused", refused, "", 0)

    def first_list(self, dossiers):
        """After a restart: each dossier was listed before."""
        self.submit(dossiers - self.held)
        for listed_before in (False, True):
            self.meo.serve()
            page = Browser(self.meo)
            page.login(self.meo.json("slot list")[0]["person"], phrase=PHRASE)
            ms, _ = cost(lambda: page.get("/api/dossiers?limit=50"), [self.meo], 1)
            wait_until(lambda: self.quiet(self.meo), "the service to have nothing to do", 600)
            self.meo.stop()
            if listed_before:
                row("the first list after a restart", ms, "ms", 300, self.held)
            else:
                info("the very first, of %d that were handed in while the box was locked: %.0f ms" % (dossiers // 2, ms))

    # ---- what is measured at each size ------------------------------------------------------------------------------

    def note(self, name, value):
        self.figures.setdefault(name, []).append(value)

    def measure(self):
        floor, _ = cost(lambda: subprocess.run([KHUOI, "--version"], check=True, stdout=subprocess.DEVNULL))
        self.note("floor: an empty command", floor)
        for node in (self.meo, self.xa):
            self.note("status at a " + node.status()["role"], cost(node.status)[0])
        self.contacts()
        self.lists()
        self.pages()

    def contacts(self):
        self.xa.serve("--listen", "127.0.0.1:0")
        contact = lambda: self.meo.json("contact", self.xa.address())  # noqa: E731
        contact()
        ms, counts = cost(contact, [self.xa])
        self.note("an idle contact, both sides", ms)
        self.note("an idle contact, octets", counts["bytes_in"] + counts["bytes_out"])
        self.xa.stop()

    def lists(self):
        for got in bench_lines("[reads]", "plain reads", KHUOI_BENCH_STORE=self.store_of(self.xa)):
            if got["table"] in ("dossier", "summary"):
                self.note("floor: plain reads of table " + got["table"], float(got["cpu_ms"]))
        self.xa.serve()
        rows = self.xa.list()
        same("rows of the commune's list", len(rows), self.held)
        del rows
        whole = lambda: self.xa.run("list --json")  # noqa: E731
        ms, _ = cost(whole, [self.xa], 3)
        self.note("list --json at a commune", ms)
        self.note("the same: memory of the service, kB", peak_kib(self.xa.service, whole))
        self.note("longest turn of a commune's service, ms", 1000 * metric(self.xa, "khuoi_turn_seconds_max"))
        self.xa.stop()

    def pages(self):
        meo = self.meo
        meo.serve()
        page = Browser(meo)
        person = meo.json("slot list")[0]["person"]
        page.login(person, phrase=PHRASE)
        page.get("/api/dossiers?limit=50")
        wait_until(lambda: self.quiet(meo), "the service to have nothing to do", 600)
        for name, what in (("floor: a page that reads nothing", "/healthz"), ("home page", "/api/home"),
                           ("a list of 50", "/api/dossiers?limit=50")):
            many = lambda: [page.get(what) for _ in range(20)]  # noqa: E731
            self.note(name, cost(many, [meo])[0] / 20)
        self.note("announcements, octets of a page", len(page.get("/api/announcements").body))
        one = iter(self.files(REPEATED))

        def submit():
            meo.submit([next(one)])
            wait_until(lambda: self.quiet(meo), "the service to be done with a submission")
            self.held += 1
        self.note("a submission at an unlocked hamlet, home page after it", cost(submit, [meo])[0])
        self.note("longest turn of a hamlet's service, ms", 1000 * metric(meo, "khuoi_turn_seconds_max"))
        meo.stop()
        self.carry_all()

    @staticmethod
    def quiet(node):
        """It took no processor time for a while."""
        before = processor_ms(node.service)
        time.sleep(0.4)
        return processor_ms(node.service) - before < 4

    @staticmethod
    def store_of(node):
        return os.path.join(node.data, "store")

    # ---- telling ----------------------------------------------------------------------------------------------------

    def tell(self):
        goals = {  # of a name: unit, goal at all dossiers, goal of its growth
            "floor: an empty command": ("ms", None, None),
            "floor: a page that reads nothing": ("ms", None, None),
            "floor: plain reads of table dossier": ("ms", None, None),
            "floor: plain reads of table summary": ("ms", None, None),
            "an idle contact, both sides": ("ms", None, GROWTH_MAX),
            "an idle contact, octets": ("B", 256, GROWTH_MAX),
            "status at a hamlet": ("ms", None, GROWTH_MAX),
            "status at a commune": ("ms", None, GROWTH_MAX),
            "home page": ("ms", 2, None),
            "a list of 50": ("ms", None, GROWTH_MAX),
            "list --json at a commune": ("ms", 1000, None),
            "the same: memory of the service, kB": ("kB", 32_000, None),
            "announcements, octets of a page": ("B", None, GROWTH_MAX),
            "a submission at an unlocked hamlet, home page after it": ("ms", None, GROWTH_MAX),
            "longest turn of a commune's service, ms": ("ms", 100, None),
            "longest turn of a hamlet's service, ms": ("ms", 100, None),
        }
        same("what is measured", sorted(self.figures), sorted(goals))
        for name, (unit, goal, growth) in goals.items():
            small, large = self.figures[name]
            row(name, large, unit, goal)
            if small:
                row("growth of: " + name, large / small, "x", growth)

    def run(self):
        began = time.monotonic()
        self.receipts(self.wanted // 50)
        self.commands_at_once()
        self.photos(self.wanted // 50)
        a_page = 50
        for size, items in ((self.wanted // 10, self.wanted // 200), (self.wanted, self.wanted // 20)):
            items = max(items, a_page)
            self.submit(size - self.held)
            self.announce(items - self.items)
            self.carry_all()
            info("%d dossiers, %d items: made after %.0f s" % (self.held, self.items, time.monotonic() - began))
            self.measure()
            if size == self.wanted // 10:
                self.first_list(self.wanted // 5)
        self.tell()


def written_and_edits(dossiers):
    for got in bench_lines("[written]", "written at a hamlet", "written at a commune", KHUOI_BENCH_DOSSIERS=str(dossiers)):
        if int(got["a_commit"]) > 1:
            row("octets written for a record, %s dossiers" % got["dossiers"], float(got["kB/record"]), "kB", 8)
    costs = {}
    for got in bench_lines("[edits]", "edits at a hamlet", "edits at a commune"):
        if "cpu_ms/edit" in got:
            costs.setdefault(len(costs), (int(got["edits"]), float(got["cpu_ms/edit"])))
    for of_hamlet, (first, last) in (("hamlet", (0, 2)), ("commune", (1, 3))):
        row("an edit of a dossier with 1,000, %s: growth from 100" % of_hamlet, costs[last][1] / costs[first][1], "x",
            GROWTH_MAX)


def judge(dossiers):
    check(dossiers >= 100_000, "%d dossiers are fewer than 100,000: this shows that the bench runs, not what it measures" %
          dossiers)
    check(not short_rows, "fall short: " + "; ".join(name for name, _ in short_rows))
