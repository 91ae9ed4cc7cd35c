#!/usr/bin/env python3
"""Records by radio, with real services on emulated RNodes in one air, in real time: there and back, a modem that is pulled
out or starts anew, a service that is killed, a stick meanwhile; what it costs on the air, by the channel's own count."""
import json
import os
import signal
import subprocess

from lib_air import Air, radio_config
from lib_campaign import (KHUOI, PHRASE, carry, check, commune, done, environment, folder, free_port, hamlet, id_of, note, path,
                          same, start, submissions, wait_until)


def radio_of(node):
    return [link for link in node.status()["links"] if link["kind"] == "radio"][0]


def up(node):
    wait_until(lambda: radio_of(node)["state"] == "up", "the radio of " + node.name)


def all_in(node, seconds=300):
    wait_until(lambda: node.status()["waiting"] == 0, "the receipts of " + node.name + " by radio", seconds)


def airtime(air):
    return air.figures()["total"]["airtime_us"] / 1e6


def serve(node, air):
    node.serve("--radio", "rnode:" + air.port(node.name))


xa = commune()
meo, nam = hamlet(xa, "meo"), hamlet(xa, "nam")
stick = folder("stick")
carry(stick, xa, meo, nam)
meo.submit(submissions("trained", 100, 1))
carry(stick, meo, xa, meo)
xa.run("dictionary train")
carry(stick, xa, meo, nam, xa, meo, nam, xa)
same("waiting after the sticks", meo.status()["waiting"], 0)
before = len(xa.list())

for words in ("radio monitor", "radio survey"):
    said = meo.run(words, code=1).stderr.decode()
    check("serve --radio" in said, "'%s' without a service said: %s" % (words, said))

air = Air(path("air"), ["xa", "meo", "nam", "lay"])
for node in (xa, meo, nam):
    radio_config(node, spreading_factor=7)
    serve(node, air)
for node in (xa, meo, nam):
    up(node)
same("what the status calls the link", radio_of(meo)["name"], "rnode:" + air.port("meo"))

# A technician looks on.
monitor = start([KHUOI, "radio", "monitor", "--json", "--data", xa.data], env=environment(), stdout=subprocess.PIPE)

# The first word after a start, then one when everything is warm, then many at once.
files = submissions("filled", 30, 7)
ids = meo.submit(files[:1])
all_in(meo)
same("the first one's way", [one["state"] for one in meo.list() if one["id"] == ids[0]], ["received"])
cold = airtime(air)
ids += meo.submit(files[1:2])
all_in(meo)
warm = airtime(air) - cold
ids += meo.submit(files[2:22])
all_in(meo)
many = airtime(air) - cold - warm
note("on the air: first word after a start %.3f s (two hamlets joining), one when warm %.3f s, 20 at once %.3f s" % (cold, warm, many))
check(warm < 0.4, "one submission took %.3f s of air" % warm)
check(many < 5, "20 submissions took %.3f s of air" % many)

# What the monitor saw, and how well the commune hears its hamlets.
same("the commune's service, while a monitor looks on", radio_of(xa)["state"], "up")
monitor.send_signal(signal.SIGINT)
frames = [json.loads(line) for line in monitor.communicate(timeout=30)[0].decode().splitlines()]
same("frames that passed while the monitor looked on", [one["number"] for one in frames],
     list(range(frames[0]["number"], frames[0]["number"] + len(frames))))
same("boxes of which the monitor saw data that is verified",
     {one["name"] for one in frames if one["type"] == "data" and one["direction"] == "in" and one["verified"]}, {"meo"})
acks = [one for one in frames if one["type"] == "ack" and one["direction"] == "out"]
check(acks and all(one["ack"]["through"] < 256 and one["counter"] is not None for one in acks), "no ACK was seen: %r" % acks)
survey = xa.json("radio survey")
same("the radios of the survey", [one["spreading_factor"] for one in survey], [7])
boxes = {box["name"]: box for box in survey[0]["boxes"]}
same("boxes of the survey", sorted(set(boxes) - {"all hamlets"}), ["meo", "nam"])
same("what is suggested at 8 dB", boxes["meo"]["suggested_spreading_factor"], 7)
check(boxes["meo"]["frames"] > 5 and boxes["meo"]["loss"] == 0 and boxes["meo"]["snr_worst_db"] == 8, "%r" % boxes["meo"])
check("meo" in xa.out("radio survey", "--hours", 24), "the survey's table has no row for meo")
check("24" in xa.run("radio survey", "--hours", 25, code=2).stderr.decode(), "--hours 25 was not refused by its limit")

# The answer comes back, to a hamlet that nobody unlocked, and shows once somebody does.
xa.run("state", ids[0], "--set", "accepted")
wait_until(lambda: [one["state"] for one in meo.list(phrase=PHRASE) if one["id"] == ids[0]] == ["accepted"], "the answer", 120)

# A modem pulled out, and put back; one that starts anew; a service that is killed; the commune's service restarted.
air.say("pull meo")
wait_until(lambda: radio_of(meo)["state"] == "down", "the radio of meo to be down")
check(radio_of(meo)["why"], "nobody says why the radio is down")
ids += meo.submit(files[22:24])
air.say("plug meo")
all_in(meo)
air.say("reset meo")
ids += meo.submit(files[24:26])
all_in(meo)
meo.stop(signal.SIGKILL)
ids += meo.submit(files[26:28])
serve(meo, air)
all_in(meo)
xa.stop()
serve(xa, air)
ids += meo.submit(files[28:30])
all_in(meo, 600)

# A hamlet that is enrolled while the commune's service runs; one whose fiber goes down.
lay = hamlet(xa, "lay")
carry(stick, xa, lay, xa)
radio_config(lay, spreading_factor=7)
serve(lay, air)
lay.submit(submissions("late", 2, 11))
all_in(lay)
# What the commune says to all goes out once for both.
words = "Họp thôn tối thứ Bảy."
xa.run("announce", "--text", words, "--slot", "noon")
for node in (meo, lay):
    wait_until(lambda: words in [row["text"] for row in node.json("announce list")], "the announcement", 300)
lay.stop()
xa.stop()
port = free_port()
xa.serve("--listen", "127.0.0.1:%d" % port, "--radio", "rnode:" + air.port("xa"))
lay.serve("--contact", "127.0.0.1:%d" % port, "--radio", "rnode:" + air.port("lay"))
wait_until(lambda: [link for link in lay.status()["links"] if link["name"] == "contact"][0]["state"] == "up", "the fiber")
lay.submit(submissions("by-fiber", 1, 12))
wait_until(lambda: lay.status()["waiting"] == 0, "the receipt by fiber")
hours = os.path.join(lay.data, "fiber-hours")
wait_until(lambda: os.path.exists(hours) and len(open(hours).read().split()) == 2, "the box to note when the fiber was up")
same("what waits while the fiber is up", radio_of(lay)["outlook"]["why"], "fiber")
xa.stop()
serve(xa, air)
lay.submit(submissions("by-radio", 1, 13))
all_in(lay)

# Both ways: what came by radio is not on the next stick, and all is at the commune once.
for node in (meo, xa, lay):
    node.stop()
counts = meo.sync(stick)
same("records written to a stick after the radio", counts["records_out"], 0)
carry(stick, xa, meo)
there = [one["id"] for one in xa.list()]
same("dossiers at the commune", len(there), before + 34)
same("dossiers that came by radio", sorted(set(ids) & set(there)), sorted(ids))
for node in (xa, meo, nam, lay):
    if node.service:
        node.stop()
    node.verify()
figures = air.figures()
air.stop()
check(os.path.getsize(os.path.join(meo.data, "radio-duty")) > 0, "the duty ledger is on no disk")
done("all of 34 arrived, %d frames" % figures["total"]["frames"])
