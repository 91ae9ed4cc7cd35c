#!/usr/bin/env python3
"""False success of the loudspeaker: what nobody could hear is not played, for box, page and commune. A box without a
loudspeaker says so; one whose player fails before a word tries again until it is heard, once."""
import os
import stat

from lib_campaign import PHRASE, check, commune, done, hamlet, note, path, same, wait_until
from lib_counter import Browser

OFFICERS = ("Chủ tịch", "Trưởng công an")


def has_sound_card():
    try:
        with open("/proc/asound/cards") as cards:
            return any(line.strip()[:1].isdigit() for line in cards)
    except OSError:
        return False


def emergency(xa, text, to):
    one = xa.out("announce", "--text", text, "--class", "emergency", "--to", to).strip()
    for name in OFFICERS:
        xa.run("announce approve", one[:8], "--officer", name, phrase=PHRASE)
    return one


def row(node, text):
    return [row for row in node.json("announce list") if row["text"] == text][0]


def without_a_loudspeaker(xa, meo):
    if has_sound_card():
        note("this machine has a sound card: a box without a loudspeaker is not tried")
        return
    meo.serve()
    page = Browser(meo)
    page.look()
    page.login(meo.json("slot list")[0]["person"], phrase=PHRASE)
    state = page.get("/api/speaker").json()
    check(state["sound"] is False and "Không có tiếng" in state["problem"], "the page hides that there is no sound: %r" % state)
    one = emergency(xa, "Lũ quét", "meo")
    meo.run("contact", xa.address("listen"))
    wait_until(lambda: row(meo, "Lũ quét")["state"] == "no-sound", "the box to say that there is no sound")
    same("times it was played", row(meo, "Lũ quét")["played"], [])
    page.post("/api/announcements/%s/play" % one, {}, 503)
    got = meo.run("announce list")
    check("no sound" in got.stderr.decode(), "the command says nothing: %r" % got.stderr)
    meo.run("announce play", one, code=1)
    meo.run("contact", xa.address("listen"))
    at_commune = row(xa, "Lũ quét")
    same("at the commune", (at_commune["state"], at_commune["played"], [told["hamlet"] for told in at_commune["not_heard"]]),
         ("no-sound", [], ["meo"]))
    check("no sound" in xa.out("announce list"), "the commune's list does not say it")
    meo.stop()
    got = meo.run("announce play", one, code=1)  # without a service either
    check("no sound" in got.stderr.decode() and "played" not in got.stdout.decode(), "it claims to have played: %r" % got.stdout)


def a_player_that_fails_first(xa, lay):
    """First it finds no device, then it plays. Every word is heard once."""
    player, log = path("player.sh"), path("heard")
    with open(player, "w") as file:
        file.write('#!/bin/sh\necho x >> %s.tries\n[ $(wc -l < %s.tries) -gt 1 ] || { echo "no device" >&2; exit 1; }\n'
                   'echo heard >> %s\n' % (log, log, log))
    os.chmod(player, stat.S_IRWXU)
    with open(os.path.join(lay.data, "config.toml"), "w") as file:
        file.write('[speaker]\nplayer = "%s"\n' % player)
    lay.serve()
    emergency(xa, "Cháy rừng", "lay")
    lay.run("contact", xa.address("listen"))
    wait_until(lambda: row(lay, "Cháy rừng")["not_heard"], "the first try to fail")
    lay.stop()
    lay.serve()  # the tries are counted over a restart
    lay.run("contact", xa.address("listen"))
    wait_until(lambda: os.path.exists(log), "it to be heard", 90)
    wait_until(lambda: not Browser(lay).get("/api/speaker").json()["speaking"], "the end of the sound")
    seen = row(lay, "Cháy rừng")
    same("tries and playings", (len(seen["not_heard"]), len(seen["played"]), seen["state"]), (1, 1, "played"))
    lay.run("contact", xa.address("listen"))
    at_commune = row(xa, "Cháy rừng")
    same("at the commune", (at_commune["state"], len(at_commune["not_heard"]), len(at_commune["played"])), ("played", 1, 1))
    lay.stop()
    with open(log) as file:
        same("times it was heard", file.read().split(), ["heard"])


def main():
    xa = commune("xa")
    for name in OFFICERS:
        xa.run("officer add", "--name", name, phrase=PHRASE)
    meo, lay = hamlet(xa, "meo"), hamlet(xa, "lay")
    xa.serve("--listen", "127.0.0.1:0")
    without_a_loudspeaker(xa, meo)
    a_player_that_fails_first(xa, lay)
    xa.stop()
    done("what nobody could hear is not played, and is tried again until somebody can")


main()
