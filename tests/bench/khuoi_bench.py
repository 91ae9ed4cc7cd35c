#!/usr/bin/env python3
"""The figures of khuoi beside their goals, in one run.

usage: khuoi_bench.py [ROW...]     khuoi_bench.py scale [DOSSIERS]

Rows: queue photos stick file fiber fiber-file ingest hello codec radio radio-real memory; all unless named. Times are those of
whole processes, from their start to their end; the median of five (of three for the large file), each on fresh copies of
the same nodes. Both sides hold dictionaries trained on 200 submissions of another seed. KHUOI names the program, else
build/release/bin/khuoi.

radio counts what records cost on the air in virtual time, for KHUOI_RADIO_SEEDS seeds (50); radio-real the same with real
services on emulated RNodes in real time, three times. A check of radio that fails, or does not find the bug that was
planted for it, ends the run with 1.

scale makes stores with DOSSIERS dossiers (100,000 unless told), a tenth of them first, and with as many runs, items, photos
and edits as belong to them; it prints what each act costs at both sizes. See scale.py.
"""
import os
import statistics
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from lib_air import Air, radio_config  # noqa: E402
from lib_campaign import *  # noqa: E402
from lib_proxy import CountingProxy  # noqa: E402
from lib_rows import bench_lines, info, row, timed  # noqa: E402
from desk_bench import DeskBench
from scale import Scale, judge, written_and_edits  # noqa: E402

N = 2000
FILE_OCTETS = 200_000_000
CLUSTER = 128 * 1024


class Bench:
    def __init__(self):
        self.xa = commune()
        lay = hamlet(self.xa, "lay")
        self.meo = hamlet(self.xa, "meo")
        stick = folder("first-stick")
        carry(stick, self.xa, lay)
        lay.submit(submissions("trained", 200, 1))
        carry(stick, lay, self.xa, lay)
        info(self.xa.out("dictionary train").strip() + ", from 200 submissions of seed 1")
        carry(stick, self.xa, self.meo, lay, self.xa, self.meo)
        self.files = submissions("filled", N, 20261121)
        self.octets = sum(os.path.getsize(file) for file in self.files)

    def fresh(self):
        return self.xa.copy(path("run-xa")), self.meo.copy(path("run-meo")), self.fresh_stick()

    @staticmethod
    def fresh_stick():
        shutil.rmtree(path("run-stick"), ignore_errors=True)
        return folder("run-stick")

    def queue(self):
        times = []
        for _ in range(5):
            _, meo, _ = self.fresh()
            took, ids = timed(lambda: meo.submit(self.files))
            same("ids", len(ids), N)
            times.append(took)
        row("queue, each durable, in one submit call", statistics.median(times), "s", 0.9, N, self.octets)

    def photos(self):
        """40 photos of 2 MB, in turn with rsync --fsync of the same files; the median of the ratios of each pair."""
        if not shutil.which("rsync"):
            return info("photos: rsync is not installed")
        rng, files, photos = random.Random(3), [], []
        for _ in range(40):
            xml, photo = photo_submission(folder("photos-40"), rng, 2_000_000)
            files.append(xml)
            photos.append(photo)
        ratios, times = [], []
        for _ in range(3):
            _, meo, copies = self.fresh()
            in_cache(*photos)
            copied, _ = timed(lambda: subprocess.run(["rsync", "--fsync", "-W"] + files + photos + [copies], check=True))
            took, ids = timed(lambda: meo.submit(files, photos))
            same("ids", len(ids), len(files))
            ratios.append(copied / took)
            times.append(took)
        row("submit with 40 photos, speed beside rsync --fsync", statistics.median(ratios), "x as fast", 0.8, 40, 80_000_000)
        info("%.3f s" % statistics.median(times))

    def stick(self):
        times, outs, ins = [], [], []
        for _ in range(5):
            xa, meo, stick = self.fresh()
            meo.submit(self.files)
            out, counts = timed(lambda: meo.sync(stick))
            size = sum(os.path.getsize(one) for one in bundles(stick))
            every = [os.path.join(at, name) for at, _, names in os.walk(stick) for name in names]
            space = sum(-(-os.path.getsize(one) // CLUSTER) for one in every) + 1  # and the folder's own cluster
            into, taken = timed(lambda: xa.sync(stick))
            same("records out", counts["records_out"], N)
            same("records in", taken["records_in"], N)
            times.append(out + into)
            outs.append(out)
            ins.append(into)
        meo.sync(stick)
        same("waiting", meo.status()["waiting"], 0)
        row("stick: out + in + applied", statistics.median(times), "s", 0.4, N)
        info("out %.3f s, in and applied %.3f s" % (statistics.median(outs), statistics.median(ins)))
        row("stick octets a record, parity included", size / N, "B", 110, N, size)
        info("%.1f B a record before parity" % (counts["bytes_out"] / N))
        row("space on exFAT, clusters of 128 KiB", space * CLUSTER / 1e6, "MB", 1, N)

    def large_file(self):
        place = folder("photos")
        xml, photo = photo_submission(place, random.Random(7), 1000)
        with open(photo, "ab") as file:
            chunk = random.Random(8).randbytes(1 << 20)
            while file.tell() < FILE_OCTETS:
                file.write(chunk[:FILE_OCTETS - file.tell()])
        in_cache(photo)
        return xml, photo

    def file(self):
        xml, photo = self.large_file()
        times, parts, ratios = [], [], []
        for _ in range(3):
            xa, meo, stick = self.fresh()
            floor, _ = timed(lambda: write_thrice(photo))
            queued, _ = timed(lambda: meo.submit([xml], [photo]))
            out, _ = timed(lambda: meo.sync(stick))
            into, counts = timed(lambda: xa.sync(stick))
            same("files in", counts["attachments_in"], 1)
            times.append(queued + out + into)
            parts.append((queued, out, into))
            ratios.append(times[-1] / floor)
        row("200 MB attachment, queued to applied, by stick", statistics.median(times), "s", 1.0, 1, FILE_OCTETS)
        info("submit %.2f s, out %.2f s, in %.2f s" % parts[times.index(statistics.median(times))])
        row("the same beside three writes with fsync", statistics.median(ratios), "x", 1.3)

    def fiber(self):
        times, octets = [], 0
        for _ in range(5):
            xa, meo, _ = self.fresh()
            meo.submit(self.files)
            xa.serve("--listen", "127.0.0.1:0")
            took, counts = timed(lambda: meo.json("contact", xa.address()))
            same("records out", counts["records_out"], N)
            same("waiting", meo.status()["waiting"], 0)
            octets = counts["bytes_out"] + counts["bytes_in"]
            times.append(took)
            proxy = CountingProxy(xa.address())
            meo.json("contact", xa.address())
            idle, again = timed(lambda: meo.json("contact", proxy.address))
            proxy.close()
            xa.stop()
        row("fiber, encrypted and durable", statistics.median(times), "s", 0.3, N)
        row("fiber octets a record", octets / N, "B", 100, N, octets)
        row("fiber, nothing new: octets in the session", again["bytes_in"] + again["bytes_out"], "B", 256)
        row("fiber, nothing new: with the TLS handshake", proxy.octets, "B", 2500)
        info("%.3f s from start to end of such a contact" % idle)

    def fiber_file(self):
        xml, photo = self.large_file()
        times, ratios = [], []
        for _ in range(3):
            xa, meo, copies = self.fresh()
            meo.submit([xml], [photo])
            xa.serve("--listen", "127.0.0.1:0")
            took, counts = timed(lambda: meo.json("contact", xa.address()))
            same("files out", counts["attachments_out"], 1)
            xa.stop()
            times.append(took)
            if shutil.which("rsync"):
                copied, _ = timed(lambda: subprocess.run(["rsync", "--fsync", "-W", photo, copies], check=True))
                ratios.append(took / copied)
        same("files whole at the commune", [one["attachments"] for one in xa.list() if one["form"] == "ban_sao_ho_tich"],
             [{"have": 1, "of": 1}])
        row("fiber, 200 MB, encrypted", statistics.median(times), "s", 0.6, 1, FILE_OCTETS)
        if ratios:
            row("the same beside rsync --fsync in the clear", statistics.median(ratios), "x", 1.0)

    @staticmethod
    def ingest():
        for got in bench_lines("[ingest]", "commune ingest"):
            goal = float(got["goal"]) if got["how"] == "opened_ahead" else 0
            row("commune ingest, %s, beside plain puts" % got["how"].replace("_", " "), float(got["of_puts"]), "x as fast",
                goal, int(got["n"]), int(got["octets"]))
            info("%s records/s, %.3f s of processor time, %.3f s in all" %
                 (got["records/s"], float(got["cpu_seconds"]), float(got["seconds"])))

    @staticmethod
    def hello():
        for got in bench_lines("[hello]", "hellos", of="khuoi_node_tests"):
            n = int(got["n"])
            row("strangers' hellos between 100 submissions: runs", float(got["runs"]), "runs", float(got["runs_alone"]), n)
            row("an idle contact after them", float(got["idle_octets"]), "B", float(got["idle_octets_alone"]), n)
            row("processor time of the honest, beside without them",
                float(got["honest_seconds"]) / float(got["honest_seconds_alone"]), "x", 1.1, n)
            info("%s us of processor time a hello, both sides of TLS" % got["hello_us"])

    @staticmethod
    def codec():
        lines = bench_lines("[codec]", "codec set", "codec curve", "codec speed", "codec opening", "codec model")
        for got in lines:
            if "goal_mean" in got:
                name = "codec, " + got["name"].replace("_", " ")
                row(name + ": mean", float(got["mean"]), "B", float(got["goal_mean"]), int(got["n"]))
                row(name + ": p95", float(got["p95"]), "B", float(got["goal_p95"]))
                info("worst %s B" % got["worst"])
            elif "from_fourth" in got:
                row("codec, new form %s: first" % got["form"], float(got["first"]), "B", float(got["goal_first"]))
                row("codec, the same, mean from the fourth on", float(got["from_fourth"]), "B",
                    float(got["goal_from_fourth"]), int(got["n"]))
                info("records 1 to %s: %s B" % (got["n"], got["octets"].replace(",", " ")))
            elif "records/s" in got:
                row("codec, encode + decode, one core", float(got["records/s"]), "records/s", float(got["goal"]))
                info("encode %s us, decode %s us; %s records/s with the check before a commit"
                     % (got["encode_us"], got["decode_us"], got["with_check"]))
            elif "ms" in got:
                row("codec, opening a dictionary of 200", float(got["ms"]), "ms", float(got["goal"]))
            else:
                row("codec, model of " + got["form"], float(got["mb"]), "MB", float(got["goal"]))

    @staticmethod
    def radio():
        program = os.path.join(os.path.dirname(KHUOI), "khuoi_bench")
        seeds = environment(KHUOI_RADIO_SEEDS=os.environ.get("KHUOI_RADIO_SEEDS", "50"))
        run = subprocess.Popen([program, "[radio]"], stdout=subprocess.PIPE, env=seeds)
        for line in run.stdout:
            kind, _, rest = line.decode().rstrip("\n").partition(": ")
            got = dict(word.split("=", 1) for word in rest.split() if "=" in word)
            if kind == "radio row":
                print("%-46s %10s %-9s goal %s %-8s %-5s  bound %s  p50 %s  p95 %s  worst %s  n=%s" % (
                    "radio, " + got["name"].replace("_", " "), got["value"], got["unit"], got["sense"], got["goal"],
                    rest.split()[-1], got.get("bound", "none"), got["p50"], got["p95"], got["worst"], got["n"]), flush=True)
            elif kind.startswith("radio "):
                info(kind[len("radio "):] + ": " + rest)
        check(run.wait() == 0, "khuoi_bench [radio]: a check failed, or did not find the bug planted for it: see above")

    def radio_real(self):
        """Warm: one submission of each form went before. The count ends after 10 s of silence."""
        files = submissions("radio-filled", 63, N + 1)
        first = {form_id(file): file for file in submissions("radio-first", 40, 77)}
        goals = {"one warm": 0.245, "20 warm": 3.1, "20 warm, 20 % lost": 4.1}
        took = {name: [] for name in goals}
        for run in range(3):
            for loss in (0, 20):
                xa, meo, _ = self.fresh()
                air = Air(path("air-%d-%d" % (run, loss)), ["xa", "meo"], "--loss", loss, "--seed", run + 1)
                for node in (xa, meo):
                    radio_config(node, spreading_factor=7)
                    node.serve("--radio", "rnode:" + air.port(node.name))

                def cost(some):
                    before = silent(air)
                    ids = meo.submit(some)
                    wait_until(lambda: meo.status()["waiting"] == 0, "the receipts by radio", 600)
                    after = silent(air)
                    same("at the commune", sorted(set(ids) & {one["id"] for one in xa.list()}), sorted(ids))
                    return (after - before) / 1e6

                cost(list(first.values()))
                if loss == 0:
                    took["one warm"].append(cost(files[60 + run:61 + run]))
                took["20 warm" + (", 20 % lost" if loss else "")].append(cost(files[20 * run:20 * run + 20]))
                xa.stop()
                meo.stop()
                air.stop()
        for name, all_of in took.items():
            row("radio, real services: " + name + ", of air", statistics.median(all_of), "s", goals[name], len(all_of))
            info("each: " + ", ".join("%.3f s" % one for one in all_of))

    def memory(self):
        xa, meo, _ = self.fresh()
        xa.serve("--listen", "127.0.0.1:0")
        meo.serve("--contact", xa.address())
        wait_until(lambda: meo.status()["peers"][0]["heard_by"] == "fiber", "the contact")
        anon, rss = memory_of(meo.service)
        row("memory of an idle hamlet service, RssAnon", anon / 1e6, "MB", 16)
        info("RSS %.1f MB" % (rss / 1e6))
        meo.submit(self.files)
        wait_until(lambda: meo.status()["waiting"] == 0, "the receipts")
        anon, rss = memory_of(meo.service)
        row("the same after 2,000 records by fiber, RssAnon", anon / 1e6, "MB", 16, N)
        info("RSS %.1f MB; the commune's service then: RssAnon %.1f MB, RSS %.1f MB" %
             ((rss / 1e6,) + tuple(one / 1e6 for one in memory_of(xa.service))))
        meo.stop()
        xa.stop()

    def unlock(self):
        took, _ = timed(lambda: self.meo.list(phrase=PHRASE))
        locked, _ = timed(self.meo.list)
        info("the unlock (Argon2id) takes %.2f s, and is in none of these" % (took - locked))


def in_cache(*files):
    """So that no run reads them from the disk."""
    for name in files:
        with open(name, "rb") as file:
            while file.read(1 << 22):
                pass


def write_thrice(source):
    """What a disk needs at least for a file that is queued, carried and applied."""
    for n in range(3):
        with open(source, "rb") as reading, open(path("floor-%d" % n), "wb") as writing:
            shutil.copyfileobj(reading, writing, 1 << 20)
            writing.flush()
            os.fsync(writing.fileno())
    for n in range(3):
        os.unlink(path("floor-%d" % n))


def form_id(file):
    with open(file, encoding="utf-8") as opened:
        return opened.read().split(' id="', 1)[1].split('"', 1)[0]


def silent(air):
    """Waits for 10 s without a frame; the time on air until then, in microseconds."""
    def for_long():
        figures = air.figures()
        return figures["now_us"] - figures.get("last_frame_end_us", figures["now_us"]) > 10e6
    wait_until(for_long, "silence on the air", 600)
    return air.figures()["total"]["airtime_us"]


def memory_of(process):
    with open("/proc/%d/status" % process.pid) as file:
        fields = dict(line.split(":", 1) for line in file)
    return int(fields["RssAnon"].split()[0]) * 1024, int(fields["VmRSS"].split()[0]) * 1024


def scale(dossiers):
    Scale(dossiers).run()
    shutil.rmtree(folder())  # the rows below have nodes of their own, with the same names
    os.mkdir(folder())
    written_and_edits(dossiers)
    bench = Bench()
    for one in (bench.ingest, bench.photos, bench.file, bench.fiber_file, bench.memory):
        one()
    judge(dossiers)
    done("%d dossiers, load %.1f at the end" % (dossiers, os.getloadavg()[0]))


def desk(dossiers):
    DeskBench(dossiers).run()
    judge(dossiers)
    done("%d dossiers at a desk, load %.1f at the end" % (dossiers, os.getloadavg()[0]))


def main():
    wanted = [one for one in sys.argv[1:]] or ["queue", "photos", "stick", "file", "fiber", "fiber-file", "ingest", "hello", "codec", "radio", "radio-real", "memory"]
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True).stdout.decode().strip()
    print("commit %s, %d cores, load %.1f" % (commit, os.cpu_count(), os.getloadavg()[0]))
    if wanted[0] == "scale":
        return scale(int((wanted[1:] or ["100000"])[0]))
    if wanted[0] == "desk":
        return desk(int((wanted[1:] or ["100000"])[0]))
    bench = Bench()
    for one in wanted:
        getattr(bench, one.replace("-", "_"))()
    bench.unlock()
    done("load %.1f at the end" % os.getloadavg()[0])


main()
