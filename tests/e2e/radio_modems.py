#!/usr/bin/env python3
"""Records by radio over the other kinds of modems, with real services in one air: a concentrator at the commune with RNodes
at the hamlets, AT modems of both families; a modem that is pulled, starts anew, is busy, or lies about its settings. The
four communes have an air each and run side by side, for what takes time here is waiting: for a forwarder that is silent for
half a minute, or an answer that never comes."""
from concurrent.futures import ThreadPoolExecutor

from lib_air import Air, radio_config
from lib_campaign import carry, check, commune, done, folder, free_port, hamlet, note, path, same, submissions, wait_until, PHRASE


def radio_of(node):
    return [link for link in node.status()["links"] if link["kind"] == "radio"][0]


def is_up(node):
    wait_until(lambda: radio_of(node)["state"] == "up", "the radio of " + node.name, 60)


def is_down(node, part):
    wait_until(lambda: radio_of(node)["state"] == "down" and part in radio_of(node)["why"],
               "the radio of %s to be down with '%s'" % (node.name, part), 60)


def all_in(node, seconds=120):
    wait_until(lambda: node.status()["waiting"] == 0, "the receipts of " + node.name + " by radio", seconds)


def world(name):
    """A commune and a hamlet that know each other, with a form between them."""
    xa = commune(name + "-xa")
    meo = hamlet(xa, name + "-meo")
    stick = folder(name + "-stick")
    carry(stick, xa, meo, xa, meo)
    for node in (xa, meo):
        radio_config(node, spreading_factor=7)
    return xa, meo


def concentrator():
    xa = commune("xa")
    meo, nam = hamlet(xa, "meo"), hamlet(xa, "nam")
    stick = folder("stick")
    carry(stick, xa, meo, nam, xa, meo, nam)
    port = free_port()
    air = Air(path("air"), ["xa=udp:%d" % port, "meo", "nam"], "--hidden", "meo,nam")
    for node in (xa, meo, nam):
        radio_config(node, spreading_factor=7)
    where = "udp:127.0.0.1:%d" % port
    refused = meo.run("serve", "--http", "127.0.0.1:0", "--radio", where, code=2)
    told = refused.stderr.decode()
    check("a concentrator is for the commune alone" in told, "a hamlet with a concentrator was told: " + told)
    xa.serve("--radio", where)
    for node in (meo, nam):
        node.serve("--radio", "rnode:" + air.port(node.name))
    for node in (xa, meo, nam):
        is_up(node)
    same("what the status calls the link", radio_of(xa)["name"], where)
    before = len(xa.list())
    files = submissions("heard", 10, 5)
    ids = []
    for node, file in ((meo, files[:1]), (nam, files[1:2])):  # two first words at once collide, and cost 12 s each
        ids += node.submit(file)
        all_in(node)
    xa.run("state", ids[0], "--set", "accepted")
    wait_until(lambda: [one["state"] for one in meo.list(phrase=PHRASE) if one["id"] == ids[0]] == ["accepted"],
               "the answer", 120)
    ids += meo.submit(files[2:6]) + nam.submit(files[6:8])
    for node in (meo, nam):
        all_in(node)
    # The commune's service starts anew: the forwarder asks by itself.
    xa.stop()
    ids += meo.submit(files[8:10])
    xa.serve("--radio", where)
    all_in(meo, 240)
    for node in (xa, meo, nam):
        node.stop()
        node.verify()
    figures = air.figures()
    air.stop()
    there = [one["id"] for one in xa.list()]
    same("dossiers at the commune", len(there), before + 10)
    same("dossiers that came by radio", sorted(set(ids) & set(there)), sorted(ids))
    note("a concentrator and two hidden RNodes: %d frames, %.3f s on the air" %
         (figures["total"]["frames"], figures["total"]["airtime_us"] / 1e6))


def forwarder():
    """It is gone, comes back, and says that it may not send. Once that is put right the commune's service starts anew, which
    does not wait out the minute for which it would leave the forwarder alone."""
    xa, meo = world("forwarder")
    port = free_port()
    air = Air(path("forwarder"), ["%s=udp:%d" % (xa.name, port), meo.name])
    where = "udp:127.0.0.1:%d" % port
    xa.serve("--radio", where)
    meo.serve("--radio", "rnode:" + air.port(meo.name))
    for node in (xa, meo):
        is_up(node)
    files = submissions("to-forwarder", 3, 6)
    ids = meo.submit(files[:1])
    all_in(meo)
    air.say("pull " + xa.name)
    is_down(xa, "has been silent for 30 s")
    ids += meo.submit(files[1:2])
    air.say("plug " + xa.name)
    is_up(xa)
    all_in(meo)
    air.say("lie " + xa.name)
    ids += meo.submit(files[2:])
    is_down(xa, "TX_FREQ")
    air.say("honest " + xa.name)
    xa.stop()
    xa.serve("--radio", where)
    all_in(meo, 240)
    for node in (xa, meo):
        node.stop()
        node.verify()
    air.stop()
    there = [one["id"] for one in xa.list()]
    same("dossiers that came over a forwarder with faults", sorted(set(ids) & set(there)), sorted(ids))


def at_modems(model):
    xa, meo = world(model)
    air = Air(path(model), [xa.name + "=" + model, meo.name + "=" + model])
    for node in (xa, meo):
        node.serve("--radio", "rylr:" + air.port(node.name))
    for node in (xa, meo):
        is_up(node)
    same("what the status calls the link", radio_of(meo)["name"], "rylr:" + air.port(meo.name))
    before = len(xa.list())
    files = submissions(model, 7, 3)
    ids = meo.submit(files[:1])
    all_in(meo)
    xa.run("state", ids[0], "--set", "accepted")
    wait_until(lambda: [one["state"] for one in meo.list(phrase=PHRASE) if one["id"] == ids[0]] == ["accepted"],
               "the answer", 120)
    ids += meo.submit(files[1:4])
    all_in(meo)
    air.say("delay %s 150" % meo.name)
    ids += meo.submit(files[6:7])
    all_in(meo)
    air.say("delay %s 0" % meo.name)
    air.say("pull " + meo.name)
    is_down(meo, "the modem's cable")
    ids += meo.submit(files[4:5])
    air.say("plug " + meo.name)
    all_in(meo)
    air.say("reset " + meo.name)
    air.say("full " + meo.name)
    ids += meo.submit(files[5:6])
    air.say("empty " + meo.name)
    all_in(meo)
    air.say("lie " + meo.name)
    is_down(meo, "keeps BAND")
    air.say("honest " + meo.name)
    is_up(meo)
    for node in (xa, meo):
        node.stop()
        node.verify()
    figures = air.figures()
    air.stop()
    there = [one["id"] for one in xa.list()]
    same("dossiers of " + model, len(there), before + 7)
    same("dossiers that came by radio", sorted(set(ids) & set(there)), sorted(ids))
    note("%s: %d frames, %.3f s on the air" % (model, figures["total"]["frames"], figures["total"]["airtime_us"] / 1e6))


folder()
with ThreadPoolExecutor() as side_by_side:
    parts = [side_by_side.submit(one) for one in (concentrator, forwarder)]
    parts += [side_by_side.submit(at_modems, model) for model in ("rylr998", "rylr896")]
    for part in parts:
        part.result()
done("all arrived over a concentrator, and over AT modems of both families")
