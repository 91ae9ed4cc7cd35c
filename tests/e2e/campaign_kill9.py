"""kill -9 at random moments of submit, stick sync, contact and serve: 1,000 times (smoke: 16). Every id that submit
printed is there afterwards, every store verifies, a rerun completes, and in the end everything is at the commune octet
for octet.

usage: campaign_kill9.py smoke|full [KILLS]      KHUOI_SEED=N repeats the choices; the moments are the machine's
"""
from lib_campaign import *

A_DAY = 6  # submissions a call


class World:
    def __init__(self, rng, kills):
        self.rng = rng
        self.xa = commune()
        self.meo = hamlet(self.xa, "meo")
        self.stick = folder("stick")
        carry(self.stick, self.xa, self.meo)
        self.files = submissions("filled", min(3000, (kills // 2 + 4) * A_DAY), SEED, free=0.2)
        self.unsent = list(self.files)   # not handed in yet
        self.tried = []                  # of these a submit was killed: some of them may be stored
        self.printed = set()             # ids
        self.took = {}                   # seconds that an action takes when it is left alone
        self.killed = 0
        self.landed = 0                  # kills that came before the end

    # ---- acts ----

    def next_files(self):
        if self.tried and self.rng.random() < 0.5:
            return self.tried
        files, self.unsent = self.unsent[:A_DAY], self.unsent[A_DAY:]
        return files or self.files[:A_DAY]

    def moment(self, name):
        return self.rng.random() * 1.2 * self.took.get(name, 0.05)

    def kill(self, name, process, victim=None):
        """Lets `process` run for a random moment, then ends `victim` (else itself). Gives what it printed."""
        victim = victim or process
        began = time.monotonic()
        over = False
        try:
            process.wait(timeout=self.moment(name))
            over = True
            self.took[name] = 0.8 * self.took.get(name, 0.05) + 0.2 * (time.monotonic() - began)
        except subprocess.TimeoutExpired:
            self.took[name] = max(self.took.get(name, 0.05), time.monotonic() - began)
        victim.kill()
        victim.wait()
        out, _ = process.communicate(timeout=120)
        self.killed += 1
        self.landed += not over
        for one in (process, victim):
            if one in _started_list():
                _started_list().remove(one)
        return out.decode().split("\n")

    def begin(self, node, words, *rest):
        return start(node.command(words, rest), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                     stdin=subprocess.DEVNULL)

    def note_printed(self, files, lines):
        # The last line may have been cut.
        ids = [line for line in lines if len(line) == 32]
        same("ids printed", ids, [id_of(file) for file in files][:len(ids)])
        self.printed.update(ids)
        self.tried = files if len(ids) < len(files) else []

    def submit(self):
        files = self.next_files()
        self.note_printed(files, self.kill("submit", self.begin(self.meo, "submit", *files)))

    def submit_to_service(self):
        self.meo.serve()
        files = self.next_files()
        service, self.meo.service = self.meo.service, None
        self.note_printed(files, self.kill("submit to service", self.begin(self.meo, "submit", *files), service))

    def stick_at_hamlet(self):
        self.kill("stick at hamlet", self.begin(self.meo, "stick sync", self.stick))

    def stick_at_commune(self):
        self.kill("stick at commune", self.begin(self.xa, "stick sync", self.stick))

    def contact(self):
        self.xa.serve("--listen", "127.0.0.1:0")
        self.kill("contact", self.begin(self.meo, "contact", self.xa.address()))
        self.xa.stop()

    def serve_of_commune(self):
        self.xa.serve("--listen", "127.0.0.1:0")
        service, address, self.xa.service = self.xa.service, self.xa.address(), None
        self.kill("serve", self.begin(self.meo, "contact", address), service)

    def serve_of_hamlet(self):
        """The hamlet's service dials, takes a submission, and is killed somewhere."""
        self.xa.serve("--listen", "127.0.0.1:0")
        self.meo.serve("--contact", self.xa.address())
        files = self.next_files()
        service, self.meo.service = self.meo.service, None
        self.note_printed(files, self.kill("serve of hamlet", self.begin(self.meo, "submit", *files), service))
        self.xa.stop()

    # ---- what must hold ----

    def all_there(self):
        known = {row["id"] for row in self.meo.list()}
        gone = self.printed - known
        check(not gone, "%d ids that submit printed are gone, %s the first" % (len(gone), sorted(gone)[:1]))
        possible = {id_of(file) for file in self.files}
        check(known <= possible, "a dossier that nobody handed in")
        for node in (self.meo, self.xa):
            node.verify()

    def whole_end(self):
        self.meo.submit(self.tried) if self.tried else None
        carry(self.stick, self.meo, self.xa, self.meo, self.xa, self.meo)
        check_no_litter(self.stick)
        self.all_there()
        ids = [row["id"] for row in self.meo.list()]
        all_received(self.meo, ids)
        by_id = {id_of(file): file for file in self.files}
        check_export(self.xa, [by_id[one] for one in ids])
        for node in (self.meo, self.xa):
            same("forks at " + node.name, node.status()["forks"], 0)
        return len(ids)


def _started_list():
    import lib_campaign
    return lib_campaign._started


def main():
    rng = seeded()
    numbers = [int(one) for one in sys.argv[1:] if one.isdigit()]
    kills = numbers[0] if numbers else 1000 if FULL else 16
    world = World(rng, kills)
    acts = [world.submit, world.submit, world.stick_at_hamlet, world.stick_at_commune, world.contact, world.serve_of_commune,
            world.serve_of_hamlet, world.submit_to_service]
    for n in range(kills):
        act = acts[n % len(acts)] if n < len(acts) else rng.choice(acts)
        try:
            act()
            if n % 8 == 7:
                world.all_there()
        except SystemExit as failed:
            fail("at kill %d, of %s (KHUOI_SEED=%d): %s" % (n, act.__name__, SEED, failed))
        if FULL and n % 100 == 99:
            note("%d kills, %d of them before the end" % (world.killed, world.landed))
    total = world.whole_end()
    done("%d kills, %d of them before the end of what was killed; %d ids printed, none lost; %d submissions arrived"
         % (world.killed, world.landed, len(world.printed), total))


main()
