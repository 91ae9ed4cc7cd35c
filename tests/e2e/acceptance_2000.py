"""2,000 submissions (full; 200 else) through submit, then stick or fiber, to the commune and their receipts back.

usage: acceptance_2000.py [full]
"""
from lib_campaign import *


def by_stick(files, n):
    xa = commune("xa-stick")
    meo = hamlet(xa, "Khuổi Mèo")
    stick = folder("stick")
    carry(stick, xa, meo)
    ids = meo.submit(files)
    same("ids printed", ids, [id_of(file) for file in files])
    counts = carry(stick, meo, xa, meo)
    same("records out at the hamlet", counts[0]["records_out"], n)
    same("records in at the commune", counts[1]["records_in"], n)
    same("records the commune refused", counts[1]["records_rejected"], 0)
    all_received(meo, ids)
    check_export(xa, files)
    check_export(meo, files, phrase=PHRASE)
    for node in (meo, xa, meo):
        check_moves_nothing(node, stick)
    check_no_litter(stick)
    for node in (xa, meo):
        node.verify(phrase=PHRASE)
    same("states at the commune", {row["state"] for row in xa.list()}, {"received"})
    return counts[0]["bytes_out"]


def by_fiber(files, n):
    xa = commune("xa-fiber")
    lay = hamlet(xa, "Nà Lay")
    xa.serve("--listen", "127.0.0.1:0")
    first = lay.json("contact", xa.address())
    check(first["control_in"] > 0, "the forms did not come by fiber")
    ids = lay.submit(files)
    counts = lay.json("contact", xa.address())
    same("records out by fiber", counts["records_out"], n)
    all_received(lay, ids)
    check_export(xa, files)
    again = lay.json("contact", xa.address())
    for name in ZEROES:
        if not name.startswith("bytes"):
            same("%s of a contact with nothing new" % name, again[name], 0)
    xa.stop()
    for node in (xa, lay):
        node.verify(phrase=PHRASE)
    return counts["bytes_out"] + counts["bytes_in"], again["bytes_in"] + again["bytes_out"]


def main():
    n = 2000 if FULL else 200
    files = submissions("filled", n, 20261121)
    stick_octets = by_stick(files, n)
    fiber_octets, idle_octets = by_fiber(files, n)
    done("%d submissions by stick (%d octets written) and by fiber (%d octets; %d with nothing new), all received"
         % (n, stick_octets, fiber_octets, idle_octets))


main()
