"""What the acceptance scripts and campaigns share: nodes as folders, forms, submissions, sticks, checks, one-line verdicts.

A script ends by `done(...)`, which prints its verdict; everything it made lies in one folder that is removed when it
succeeded and named when it did not.
"""
import atexit
import filecmp
import hashlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid

ROOT = os.environ.get("KHUOI_ROOT") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
KHUOI = os.environ.get("KHUOI") or os.path.join(ROOT, "build/release/bin/khuoi")
FORMS = os.path.join(ROOT, "tests/data/forms")
HEALTH_FORM = "kham_suc_khoe_ho"
PHRASE = "suối đá cọn nước"
FULL = "full" in sys.argv[1:]
SEED = int(os.environ.get("KHUOI_SEED", "1"))

_made = None
_started = []
_began = time.monotonic()


def fail(sentence):
    raise SystemExit("FAIL " + os.path.basename(sys.argv[0]) + ": " + sentence)


def check(holds, sentence):
    if not holds:
        fail(sentence)


def same(what, got, wanted):
    check(got == wanted, "%s: %r, but %r was expected" % (what, got, wanted))


def note(text):
    print("  " + text, flush=True)


def done(text):
    name = os.path.basename(sys.argv[0]).rsplit(".", 1)[0]
    print("ok %s (%s, %.1f s): %s" % (name, "full" if FULL else "smoke", time.monotonic() - _began, text), flush=True)
    stop_all()
    if _made:
        shutil.rmtree(_made, ignore_errors=True)


def folder(name=None):
    """The script's own folder, or one inside it."""
    global _made
    if _made is None:
        if os.environ.get("KHUOI_TMP"):
            _made = os.path.join(os.environ["KHUOI_TMP"], "work")
            os.makedirs(_made, exist_ok=True)
        else:
            _made = tempfile.mkdtemp(prefix="khuoi.")
    if name is None:
        return _made
    path = os.path.join(_made, name)
    os.makedirs(path, exist_ok=True)
    return path


def path(name):
    return os.path.join(folder(), name)


def stop_all():
    for process in _started:
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()
    _started.clear()


def _at_exit():
    stop_all()
    if _made and os.path.isdir(_made):
        print("its files are kept in " + _made, file=sys.stderr)


atexit.register(_at_exit)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
# A shell lets what it starts in the background ignore this, and so would all that is started here.
signal.signal(signal.SIGINT, signal.default_int_handler)


def environment(phrase=None, **more):
    out = {key: value for key, value in os.environ.items() if not key.startswith("KHUOI_") or key == "KHUOI_SEED"}
    if phrase:
        out["KHUOI_PASSPHRASE"] = phrase
    out.update(more)
    return out


def start(process_arguments, **options):
    process = subprocess.Popen(process_arguments, **options)
    _started.append(process)
    return process


class Node:
    """A data folder and the program."""

    def __init__(self, data, name):
        self.data = data
        self.name = name
        self.service = None

    def command(self, words, rest=()):
        return [KHUOI] + words.split() + ["--data", self.data] + [str(one) for one in rest]

    def run(self, words, *rest, code=0, phrase=None, env=None, timeout=600):
        """Runs `khuoi WORDS --data DIR REST...`; fails unless it exits with `code` (None: any)."""
        got = subprocess.run(self.command(words, rest), env=environment(phrase, **(env or {})), capture_output=True,
                             stdin=subprocess.DEVNULL, timeout=timeout)
        if code is not None and got.returncode != code:
            fail("'khuoi %s' at %s ended with %d instead of %d: %s" %
                 (words, self.name, got.returncode, code, (got.stderr or got.stdout).decode("utf-8", "replace").strip()))
        return got

    def out(self, words, *rest, **options):
        return self.run(words, *rest, **options).stdout.decode()

    def json(self, words, *rest, **options):
        return json.loads(self.out(words, "--json", *rest, **options))

    def submit(self, files, attach=(), **options):
        rest = list(files) + (["--attach"] + list(attach) if attach else [])
        return self.out("submit", *rest, **options).split()

    def sync(self, stick, **options):
        return self.json("stick sync", stick, **options)

    def list(self, **options):
        return self.json("list", **options)

    def status(self):
        return self.json("status")

    def verify(self, **options):
        self.run("verify", **options)

    def serve(self, *options):
        """Starts the service and waits until it answers. Its log is beside the data folder."""
        for name in ("http", "listen"):
            place = os.path.join(self.data, "run", name)
            if os.path.exists(place):
                os.unlink(place)
        log = open(self.data + ".log", "ab")
        at = [] if "--http" in options else ["--http", "127.0.0.1:0"]
        self.service = start([KHUOI, "serve", "--data", self.data] + at + list(options),
                             env=environment(), stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        log.close()
        wanted = ["http"] + (["listen"] if "--listen" in options else [])
        wait_until(lambda: self.service.poll() is not None or
                   all(os.path.exists(os.path.join(self.data, "run", name)) for name in wanted),
                   "the service of " + self.name)
        check(self.service.poll() is None, "the service of %s ended at once; its log is %s.log" % (self.name, self.data))
        return self

    def address(self, which="listen"):
        with open(os.path.join(self.data, "run", which)) as file:
            return file.read().strip()

    def stop(self, how=signal.SIGTERM):
        if self.service is None:
            return
        self.service.send_signal(how)
        code = self.service.wait(timeout=60)
        if self.service in _started:
            _started.remove(self.service)
        if how == signal.SIGTERM:
            same("the exit code of the service of " + self.name, code, 0)
        self.service = None

    def copy(self, to, name=None):
        """The same disk a second time, or one to go back to."""
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.data, to, ignore=shutil.ignore_patterns("run"), copy_function=copy_sparse)
        return Node(to, name or self.name)


def copy_sparse(source, target):
    subprocess.run(["cp", "-p", "--sparse=always", source, target], check=True)


def wait_until(holds, what, seconds=60):
    give_up = time.monotonic() + seconds
    while not holds():
        check(time.monotonic() < give_up, "waited %d s for %s" % (seconds, what))
        time.sleep(0.02)


def commune(name="xa"):
    node = Node(path(name), name)
    node.run("init", "--role", "commune", "--name", "Sảng Mộc", phrase=PHRASE)
    for form in sorted(os.listdir(FORMS)):
        domain = "health" if form.startswith(HEALTH_FORM) else "general"
        node.run("form add", os.path.join(FORMS, form), "--domain", domain)
    return node


def hamlet(of, name):
    """A new hamlet, enrolled; it has heard nothing of the commune yet but its grant."""
    node = Node(path(name), name)
    node.run("init", "--role", "hamlet", "--name", name, phrase=PHRASE)
    request, grant = path(name + ".request"), path(name + ".grant")
    node.run("enrol request", "--out", request)
    of.run("enrol grant", "--in", request, "--out", grant, phrase=PHRASE)
    node.run("enrol accept", "--in", grant, phrase=PHRASE)
    os.unlink(request)
    os.unlink(grant)
    return node


def carry(stick, *nodes):
    """The stick goes from node to node; gives what each said."""
    return [node.sync(stick) for node in nodes]


def submissions(name, n, seed, free=0):
    """n submissions of about 1 kB as files, in order; no attachments."""
    out = path(name)
    subprocess.run([sys.executable, os.path.join(ROOT, "tests/support/gen_submissions.py"), out, "--n", str(n), "--seed",
                    str(seed), "--free", str(free)], check=True, stdout=subprocess.DEVNULL)
    return [os.path.join(out, file) for file in sorted(os.listdir(out))]


def photo_submission(place, rng, octets, words="Đề nghị cấp bản sao"):
    """A submission with one photo of so many octets. Gives (xml file, photo file)."""
    os.makedirs(place, exist_ok=True)
    who = str(uuid.UUID(int=rng.getrandbits(128), version=4))
    photo = os.path.join(place, who[:13] + ".jpg")
    with open(photo, "wb") as file:
        file.write(b"\xff\xd8\xff\xe0" + rng.randbytes(octets - 4))
    xml = os.path.join(place, who + ".xml")
    with open(xml, "w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<data id="ban_sao_ho_tich" version="2026112101"><loai>ks</loai>'
                   "<ho_ten>%s</ho_ten><cccd>%012d</cccd><anh>%s</anh><meta><instanceID>uuid:%s</instanceID></meta></data>\n"
                   % (words, rng.randrange(10 ** 12), os.path.basename(photo), who))
    return xml, photo


def instance_id(xml_file):
    with open(xml_file, encoding="utf-8") as file:
        return file.read().split("instanceID>")[1].split("<")[0]


def id_of(xml_file):
    return hashlib.blake2b(instance_id(xml_file).encode(), digest_size=32).hexdigest()[:32]


def check_export(node, files, attachments=None, phrase=None):
    """Every file is in the export, octet for octet, with its attachments, and nothing else is."""
    out = path("export-" + node.name)
    shutil.rmtree(out, ignore_errors=True)
    node.run("export", out, phrase=phrase)
    attachments = attachments or {}
    for file in files:
        place = os.path.join(out, instance_id(file)[len("uuid:"):])
        check(os.path.exists(place), "%s is not in the export of %s" % (os.path.basename(file), node.name))
        check(filecmp.cmp(file, os.path.join(place, "submission.xml"), shallow=False),
              "%s differs in the export of %s" % (os.path.basename(file), node.name))
        for photo in attachments.get(file, ()):
            exported = os.path.join(place, os.path.basename(photo))
            check(os.path.exists(exported), "%s is not in the export of %s" % (os.path.basename(photo), node.name))
            check(filecmp.cmp(photo, exported, shallow=False), "%s differs in the export" % os.path.basename(photo))
    same("submissions in the export of " + node.name, len(os.listdir(out)), len(files))
    shutil.rmtree(out)


ZEROES = ("records_in", "records_out", "records_duplicate", "records_rejected", "control_in", "control_out", "bytes_in",
          "bytes_out", "attachments_in", "attachments_out")


def tree(place):
    """Every file below a folder with what it holds and when it was changed."""
    out = {}
    for at, _, names in os.walk(place):
        for name in names:
            whole = os.path.join(at, name)
            about = os.lstat(whole)
            with open(whole, "rb") as file:
                digest = hashlib.sha256(file.read()).hexdigest()
            out[os.path.relpath(whole, place)] = (about.st_size, about.st_mtime_ns, about.st_ino, digest)
    return out


def check_moves_nothing(node, stick):
    before = tree(stick)
    counts = node.sync(stick)
    moved = {name: counts[name] for name in ZEROES if name in counts and counts[name] != 0}
    same("what a further sync at %s moves" % node.name, moved, {})
    same("what a further sync at %s changes on the stick" % node.name, tree(stick), before)


def bundles(stick):
    place = os.path.join(stick, "KHUOI")
    return sorted(os.path.join(place, name) for name in os.listdir(place) if name.endswith(".kbn"))


def check_no_litter(stick):
    place = os.path.join(stick, "KHUOI")
    if not os.path.isdir(place):
        return
    for name in os.listdir(place):
        fine = name == "README.txt" or (len(name) == 20 and name.endswith(".kbn"))
        check(fine, "litter on the stick: " + name)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def all_received(node, ids):
    states = {row["id"]: row["state"] for row in node.list()}
    for one in ids:
        check(one in states, "%s has no dossier %s" % (node.name, one))
        check(states[one] not in ("saved", "sent"), "%s shows dossier %s as %s" % (node.name, one, states[one]))
    same("records of %s that wait" % node.name, node.status()["waiting"], 0)


def seeded():
    note("KHUOI_SEED=%d" % SEED)
    return random.Random(SEED)
