#!/usr/bin/env python3
"""A chain of real services on emulated RNodes: the commune and the far hamlet never hear each other, and the near one, which
hears both, passes frames on that it cannot read. What the far one hands in arrives octet for octet, and it gets the commune's
announcement. Its technician knew that it is hidden, and said so in its settings."""
from lib_air import Air, radio_config
from lib_campaign import (carry, check_export, commune, done, folder, hamlet, note, path, same, submissions,
                          wait_until)


def radio_of(node):
    return [link for link in node.status()["links"] if link["kind"] == "radio"][0]


xa = commune()
gan, xa_xoi = hamlet(xa, "gan"), hamlet(xa, "xa-xoi")
stick = folder("stick")
carry(stick, xa, gan, xa_xoi, xa)
air = Air(path("air"), ["xa", "gan", "xa-xoi"], "--hidden", "xa,xa-xoi")
for node in (xa, gan):
    radio_config(node, spreading_factor=7)
radio_config(xa_xoi, spreading_factor=7, relay='"ask at once"')
for node in (xa, gan, xa_xoi):
    node.serve("--radio", "rnode:" + air.port(node.name))
for node in (xa, gan, xa_xoi):
    wait_until(lambda: radio_of(node)["state"] == "up", "the radio of " + node.name)

near = submissions("near", 1, 3)
gan.submit(near)
wait_until(lambda: gan.status()["waiting"] == 0, "the receipt of the near hamlet")
files = submissions("far", 2, 4)
ids = xa_xoi.submit(files)
wait_until(lambda: xa_xoi.status()["waiting"] == 0, "the receipts of the far hamlet, over the near one", 120)
check_export(xa, near + files)

words = "Họp thôn tối thứ Bảy."
xa.run("announce", "--text", words, "--slot", "noon")
for node in (gan, xa_xoi):
    wait_until(lambda: words in [row["text"] for row in node.json("announce list")], "the announcement at " + node.name, 120)

# The near one passed it all on, and has nothing of it.
same("dossiers at the near hamlet", [row["id"] in ids for row in gan.list()], [False])
for node in (xa, gan, xa_xoi):
    node.stop()
    node.verify()
figures = air.figures()
air.stop()
note("%d frames, %.3f s on the air" % (figures["total"]["frames"], figures["total"]["airtime_us"] / 1e6))
done("the far hamlet was served by the near one")
