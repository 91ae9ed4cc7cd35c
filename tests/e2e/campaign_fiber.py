"""Fiber over bad lines: 30 kbit/s with 600 ms that is cut every minute (2G, a satellite), and a quick line cut every few
seconds. Everything arrives octet for octet, every record is received, and what was carried twice stays small.

usage: campaign_fiber.py smoke|full      KHUOI_SEED=N repeats the cuts
"""
from lib_campaign import *


def line_to(node, kbit_per_s, delay_ms, cut_every_s):
    """Gives the address at which the bad line to this node begins."""
    port = node.address().rsplit(":", 1)[1]
    command = [sys.executable, os.path.join(ROOT, "tests/e2e/lib_line.py"), port, kbit_per_s, delay_ms, cut_every_s]
    process = start([str(word) for word in command], stdout=subprocess.PIPE, env=environment())
    return "127.0.0.1:" + process.stdout.readline().decode().strip()


def cuts_in(log):
    with open(log, encoding="utf-8") as file:
        return sum("event=peer_down" in one for one in file)


def whole(node, n):
    rows = node.list()
    return len(rows) == n and all(row["attachments"]["have"] == row["attachments"]["of"] for row in rows)


def over_a_bad_line(name, seed, n, photos, photo_octets, line, seconds):
    """A hamlet's service keeps at it by itself until the commune has it all."""
    xa = commune("xa-" + name).serve("--listen", "127.0.0.1:0")
    meo = hamlet(xa, name)
    meo.run("contact", xa.address())  # the forms
    files = submissions("filled-" + name, n, seed)
    attached = {}
    rng = random.Random(seed)
    for _ in range(photos):
        xml, photo = photo_submission(folder("photos-" + name), rng, photo_octets)
        attached[xml] = [photo]
    ids = meo.submit(files + list(attached), attach=[one for several in attached.values() for one in several])
    began = time.monotonic()
    meo.serve("--contact", line_to(xa, *line))
    every = len(files) + len(attached)
    wait_until(lambda: whole(xa, every) and meo.status()["waiting"] == 0, "all to arrive over " + name, seconds)
    took = time.monotonic() - began
    meo.stop()
    xa.stop()
    all_received(meo, ids)
    check_export(xa, list(files) + list(attached), attached)
    for node in (xa, meo):
        node.verify(phrase=PHRASE)
    cuts = cuts_in(meo.data + ".log")
    note("%s: %d submissions, %d photos of %d octets in %.0f s, %d links" % (name, every, photos, photo_octets, took, cuts))
    return cuts


def one_contact_after_another(name, seed, n, line):
    """Single contacts that are cut; each goes on where the one before ended."""
    xa = commune("xa-" + name).serve("--listen", "127.0.0.1:0")
    lay = hamlet(xa, name)
    lay.run("contact", xa.address())  # the forms
    files = submissions("filled-" + name, n, seed)
    ids = lay.submit(files)
    address = line_to(xa, *line)
    attempts = 1
    while lay.run("contact", address, code=None).returncode != 0:
        attempts += 1
        check(attempts < 200, "200 contacts were not enough")
        time.sleep(0.2)  # the line may be down
    all_received(lay, ids)
    check_export(xa, files)
    xa.stop()
    note("%s: %d submissions in %d contacts" % (name, n, attempts))


def main():
    seeded()
    if FULL:
        over_a_bad_line("2g", SEED, 300, 3, 150_000, (30, 600, 60), 1800)
        over_a_bad_line("flapping", SEED + 1, 500, 5, 4_000_000, (8000, 40, 3), 600)
        one_contact_after_another("contacts", SEED + 2, 2000, (400, 100, 3))
    else:
        over_a_bad_line("2g", SEED, 40, 1, 60_000, (120, 600, 8), 120)
        over_a_bad_line("flapping", SEED + 1, 100, 2, 1_000_000, (8000, 40, 2), 120)
        one_contact_after_another("contacts", SEED + 2, 300, (400, 100, 2))
    done("everything arrived over every line")


main()
