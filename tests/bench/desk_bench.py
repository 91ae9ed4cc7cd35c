"""What a commune's desk costs when much is stored: `khuoi_bench.py desk [DOSSIERS]`.

Ten hamlets' worth of dossiers by one box, made by the program itself and merged by a stick. Then a service is started, a
clerk logs in, and asks for the inbox, searches, counts and single dossiers, while a hamlet's stick brings more all the
time. Beside each row stands what plain reads of the same rows cost in LMDB. Milliseconds are those between question and
answer, on a machine that also carries the stick's records in.

Ends with 1 when a row falls short, or when it ran with fewer than 100,000 dossiers.
"""
import concurrent.futures
import os
import random
import time

from lib_campaign import PHRASE, carry, commune, folder, hamlet, same, submissions
from lib_counter import Browser, quoted
from lib_rows import bench_lines, info, row

A_CALL = 2500
WORDS = ("giang", "thi", "ban", "khuoi", "nong van", "2026", "giay chung sinh")


def p95(times):
    return 1000 * sorted(times)[int(len(times) * 0.95)]


class DeskBench:
    def __init__(self, dossiers):
        self.wanted = dossiers
        self.made = 0
        self.xa = commune()
        self.meo = hamlet(self.xa, "meo")
        self.stick = folder("stick")
        carry(self.stick, self.xa, self.meo, self.xa)

    def submit(self, count):
        while count > 0:
            self.made += 1
            some = submissions("desk-%d" % self.made, min(count, A_CALL), 20261201 + self.made)
            same("ids", len(self.meo.submit(some)), len(some))
            for file in some:
                os.unlink(file)
            count -= len(some)

    def logged_in(self):
        page = Browser(self.xa)
        page.login(self.xa.json("slot list")[0]["person"], phrase=PHRASE)
        return page

    def floor(self):
        for got in bench_lines("[reads]", "plain reads", KHUOI_BENCH_STORE=os.path.join(self.xa.data, "store")):
            if got["table"] in ("dossier", "summary"):
                info("plain reads of all rows of table %s: %s ms of processor time" % (got["table"], got["cpu_ms"]))

    def memory(self):
        with open("/proc/%d/status" % self.xa.service.pid) as file:
            return int([line for line in file if line.startswith("RssAnon")][0].split()[1]) * 1024

    def ask(self, page, paths, times):
        for path in paths:
            began = time.perf_counter()
            page.get(path)
            times.append(time.perf_counter() - began)

    def carry_on(self, going):
        """The box hands in, and its stick goes back and forth."""
        while not going.done():
            self.submit(250)
            carry(self.stick, self.meo)
            self.xa.sync(self.stick)

    def run(self):
        began = time.monotonic()
        self.submit(self.wanted)
        carry(self.stick, self.meo, self.xa, self.meo)
        info("%d dossiers made after %.0f s" % (self.wanted, time.monotonic() - began))
        self.floor()
        self.xa.serve()
        page = self.logged_in()
        first = []
        self.ask(page, ["/api/desk/dossiers?limit=50"], first)
        row("the first inbox after a start", first[0], "s", 3, self.wanted)
        ids = [one["id"] for one in page.get("/api/desk/dossiers?limit=200").json()["rows"]]
        rng = random.Random(7)
        questions = {
            "an inbox of 50": ["/api/desk/dossiers?limit=50&from=%d" % (50 * n) for n in range(60)],
            "a search": ["/api/desk/dossiers?limit=50&q=" + quoted(rng.choice(WORDS)) for _ in range(60)],
            "the counts of the first page": ["/api/desk/today"] * 60,
            "one dossier": ["/api/desk/dossiers/" + rng.choice(ids) for _ in range(60)],
        }
        quiet = {name: [] for name in questions}
        for name, paths in questions.items():
            self.ask(page, paths, quiet[name])
        busy = {name: [] for name in questions}
        with concurrent.futures.ThreadPoolExecutor() as pool:
            asking = pool.submit(lambda: [self.ask(page, paths, busy[name]) for name, paths in questions.items()])
            self.carry_on(asking)
            asking.result()
        for name in questions:
            info("%s: p95 %.1f ms with nothing else to do" % (name, p95(quiet[name])))
            row(name + ", p95 while a stick syncs", p95(busy[name]), "ms", 50, self.wanted)
        row("memory of the service", self.memory() / 1e6, "MB", 256, self.wanted)
        self.xa.stop()
