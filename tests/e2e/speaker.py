#!/usr/bin/env python3
"""The loudspeaker of a real service: what the commune announces travels by stick and by fiber, and what is heard is kept
as WAVs. What is late, for elsewhere, for another hour, or not signed by two officers stays silent; after a restart nothing
speaks by itself until the box knows the time again or a person presses play; the commune hears what was played."""
import json
import math
import os
import struct
import threading
import time
import urllib.request

from lib_campaign import (PHRASE, Node, carry, check, commune, done, fail, folder, hamlet, note, path, same, wait_until)
from lib_counter import Browser, quoted
from lib_forms import copy_request, new_id, write
import random

rng = random.Random(4)
OFFICERS = {"Chủ tịch": "một hai ba bốn", "Trưởng công an": "năm sáu bảy tám"}
LASTS = 30  # minutes of a slot


def slots_around_now():
    """One slot begins a few minutes ago, the other is over or far: (settings, the slot under way, the other one)."""
    minutes_of = lambda: int(time.time() // 60 + 7 * 60) % 1440
    wait_until(lambda: minutes_of() < 1435, "midnight in Vietnam to pass", 600)
    now = minutes_of()
    text = lambda minutes: "%02d:%02d" % divmod(minutes, 60)
    start = min(max(0, now - 2), 1440 - LASTS)
    if start + 3 * LASTS <= 1440:
        noon, afternoon, under_way = start, 1440 - LASTS, "noon"
    else:
        noon, afternoon, under_way = 0, start, "afternoon"
    settings = '[speaker]\nnoon = "%s"\nafternoon = "%s"\nlasts = %d\nplayer = "file:spoken"\n' % (text(noon), text(afternoon), LASTS)
    return settings, under_way, "afternoon" if under_way == "noon" else "noon"


class Ear:
    """Which sounds a box made, in order, by the name of the sound or the words."""

    def __init__(self, node, page):
        self.place = os.path.join(node.data, "spoken")
        self.page = page
        self.known = {}

    def knows(self, name, samples):
        self.known[name] = samples

    def learns(self, words):
        """How the box's voice says it; a chime goes before it when it is announced."""
        self.knows(words, samples_of(self.page.get("/api/speech?text=" + quoted(words)).body))

    def heard(self):
        names = sorted(os.listdir(self.place)) if os.path.isdir(self.place) else []
        return [self.name_of(os.path.join(self.place, name)) for name in names if name.endswith(".wav")]

    def name_of(self, file):
        with open(file, "rb") as wav:
            samples = samples_of(wav.read())
        fits = [name for name, wanted in self.known.items() if samples.endswith(wanted)]
        return fits[0] if fits else "a chime" if len(samples) < 22050 * 2 * 2 else "unknown words"

    def words(self):
        return [name for name in self.heard() if name != "a chime"]

    def waits_for(self, *words):
        wait_until(lambda: all(self.words().count(one) >= 1 for one in words),
                   "the loudspeaker to say %r; it said" % (words,), 60)


def samples_of(wav):
    at = wav.index(b"data")
    return wav[at + 8:]


def clip(name):
    """Two seconds of a tone that no voice makes."""
    samples = b"".join(struct.pack("<h", int(9000 * math.sin(i / 7))) for i in range(22050 * 2))
    head = b"RIFF" + struct.pack("<I", 36 + len(samples)) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 22050, 44100, 2, 16)
    return write(name, head + b"data" + struct.pack("<I", len(samples)) + samples), samples


class Listening:
    """A page that listens to /api/events, on a thread of its own."""

    def __init__(self, page):
        self.seen = []
        request = urllib.request.Request("http://%s/api/events" % page.address)
        if page.cookies:
            request.add_header("Cookie", "; ".join("%s=%s" % one for one in page.cookies.items()))
        self.stream = urllib.request.urlopen(request, timeout=300)
        threading.Thread(target=self.listen, daemon=True).start()
        self.waits_for("home", "announcements")

    def listen(self):
        try:
            for line in self.stream:
                if line.startswith(b"event: "):
                    self.seen.append(line[7:].decode().strip())
        except (OSError, ValueError):
            pass

    def waits_for(self, *names):
        wait_until(lambda: all(name in self.seen for name in names), "the events %r" % (names,))
        self.seen.clear()


def announcements(meo):
    return {row["text"]: row for row in meo.json("announce list")}


def emergency(xa, text, officers):
    one = xa.out("announce", "--text", text, "--class", "emergency").strip()
    approve(xa, one, officers)
    return one


def approve(xa, one, officers):
    for name in officers:
        xa.run("announce approve", one[:8], "--officer", name, phrase=OFFICERS[name])


def wrong_settings(meo):
    """A mistake in config.toml is told with its line; the box runs on with what it had."""
    with open(os.path.join(meo.data, "config.toml"), "w") as file:
        file.write("[speaker]\nspeed = 9000\n")
    meo.serve()
    with open(meo.data + ".log") as log:
        line = [one for one in log if "event=speaker_config" in one]
    check(line and "line 2" in line[0] and "write 140" in line[0], "wrong settings were not told: %r" % line)
    meo.stop()


def by_stick(xa, meo, stick, now, other, ear):
    """Routine, priority, with a recording; late, elsewhere, another hour; an emergency with one officer."""
    file, samples = clip("loa.wav")
    ear.knows("the recording", samples)
    for words in ("Ngày mai họp xóm", "Chiều nay tiêm phòng", "Lũ quét", "Tin của xóm khác", "Tin đã cũ", "Tin giờ khác"):
        ear.learns(words)
    now_minute = int(time.time() // 60)
    xa.run("announce", "--text", "Tin đã cũ", "--slot", "noon,afternoon", "--expires",
           time.strftime("%Y-%m-%dT%H:%M", time.localtime((now_minute + 1) * 60)), code=None)
    check("Tin đã cũ" in [row["text"] for row in xa.json("announce list")], "the minute ended too soon: start again")
    flood = emergency(xa, "Lũ quét", ["Chủ tịch"])
    wait_until(lambda: time.time() > (now_minute + 1) * 60 + 1, "the old announcement to expire", 90)
    xa.run("announce", "--text", "Ngày mai họp xóm", "--slot", now)
    xa.run("announce", "--text", "Chiều nay tiêm phòng", "--slot", "noon,afternoon", "--clip", file, "--class", "priority")
    xa.run("announce", "--text", "Tin của xóm khác", "--to", "lay")
    xa.run("announce", "--text", "Tin giờ khác", "--slot", other)
    xa.sync(stick)
    ear.waits_for("Ngày mai họp xóm", "the recording")
    rows = announcements(meo)
    same("what is known here", sorted(rows), sorted(["Ngày mai họp xóm", "Chiều nay tiêm phòng", "Tin đã cũ", "Tin giờ khác"]))
    same("the late one", (rows["Tin đã cũ"]["state"], rows["Tin đã cũ"]["played"]), ("expired", []))
    same("one for another hour", (rows["Tin giờ khác"]["state"], rows["Tin giờ khác"]["played"]), ("waiting", []))
    same("times that a spoken one was played", len(rows["Ngày mai họp xóm"]["played"]), 1)
    got = meo.run("announce play", rows["Tin đã cũ"]["id"], code=1)
    check(b"expired" in got.stderr, "a late announcement was refused without a reason: %r" % got.stderr)
    return flood


def emergencies(xa, meo, stick, flood, ear):
    """The second officer signs, and it is heard at once."""
    check("Lũ quét" not in ear.words(), "an emergency with one officer was spoken")
    approve(xa, flood, ["Trưởng công an"])
    xa.sync(stick)
    ear.waits_for("Lũ quét")
    same("spoken so far", sorted(ear.words()), ["Lũ quét", "Ngày mai họp xóm", "the recording"])
    check(ear.heard().count("a chime") >= 2, "nobody could hear that the stick may be pulled: %r" % ear.heard())


def played_arrives(xa, meo, stick):
    meo.sync(stick)
    xa.sync(stick)
    states = {row["text"]: row["state"] for row in xa.json("announce list")}
    same("what the commune knows", states, {"Ngày mai họp xóm": "played", "Chiều nay tiêm phòng": "played", "Lũ quét": "played",
                                            "Tin đã cũ": "published", "Tin của xóm khác": "published", "Tin giờ khác": "published"})
    hamlet_says = announcements(meo)
    for row in xa.json("announce list"):
        told = [(one["hamlet"], one["at"]) for one in row["played"]]
        known = hamlet_says.get(row["text"], {"played": []})["played"]
        same("where and when '%s' was played" % row["text"], told, [("meo", at) for at in known])
    check("    meo " in xa.out("announce list"), "the list names no hamlet")


def after_restart(xa, meo, stick, now, settings):
    """New words come while no service runs; the one that starts later was told no time, and waits for a person."""
    meo.stop()
    xa.run("announce", "--text", "Tin lúc tắt máy", "--slot", now)
    carry(stick, xa, meo)
    meo.serve()
    page = head_of(meo)
    ear = Ear(meo, page)
    ear.learns("Tin lúc tắt máy")
    row = [row for row in page.get("/api/announcements").json() if row["text"] == "Tin lúc tắt máy"][0]
    same("after a restart", (row["state"], row["played"]), ("held", []))
    check("chưa biết chắc giờ" in row["why"], "nobody is told why it waits: %r" % row["why"])
    Browser(meo).post("/api/announcements/%s/play" % row["id"], {}, 403)  # without a login, without the token
    stranger = Browser(meo)
    stranger.look()
    stranger.post("/api/announcements/%s/play" % row["id"], {}, 403)
    before = len(ear.words())
    page.post("/api/announcements/%s/play" % row["id"])
    ear.waits_for("Tin lúc tắt máy")
    # What is due by itself goes before what people ask for: had it been due, it would have been heard twice.
    same("words heard since", ear.words()[before:], ["Tin lúc tắt máy"])
    same("times", len(announcements(meo)["Tin lúc tắt máy"]["played"]), 1)
    late = announcements(meo)["Tin đã cũ"]
    same("the late one, since the commune issued others after its end", late["state"], "expired")
    home = page.get("/api/home").json()
    same("what the door counts as new", home["counts"]["announcements_unplayed"], 1)  # the one for another hour
    return page


def by_fiber(xa, meo, now, page):
    """A contact tells the time, and what comes over it is heard; the pages learn of it without asking."""
    listening = Listening(page)
    meo.run("contact", xa.address("listen"))
    listening.waits_for("announcements", "home")
    ear = Ear(meo, page)
    for words in ("Tin qua cáp", "Khẩn cấp qua cáp"):
        ear.learns(words)
    xa.run("announce", "--text", "Tin qua cáp", "--slot", now)
    emergency(xa, "Khẩn cấp qua cáp", OFFICERS)
    xa.run("message send", "--to", "meo", "--text", "Mai có đoàn khám")
    xa.run("document add", write("hd.pdf", b"%PDF" + rng.randbytes(3000)), "--title", "Hướng dẫn", "--to", "meo")
    meo.run("contact", xa.address("listen"))
    listening.waits_for("announcements", "messages", "documents", "home")
    ear.waits_for("Tin qua cáp", "Khẩn cấp qua cáp")
    same("once each", (ear.words().count("Tin qua cáp"), ear.words().count("Khẩn cấp qua cáp")), (1, 1))
    meo.run("contact", xa.address("listen"))
    states = {row["text"]: row["state"] for row in xa.json("announce list")}
    same("what the commune knows", (states["Tin qua cáp"], states["Khẩn cấp qua cáp"]), ("played", "played"))


def at_the_counter(xa, meo, page):
    """A villager is called by number; sentences are read aloud; the stop button."""
    ear = Ear(meo, page)
    number = page.submit(copy_request(new_id(rng), name="Nông Thị Mỷ")).json()["number"]
    row = page.get("/api/dossiers").json()["rows"][0]
    call = "Mời người có hồ sơ số %d tới nhà trưởng xóm." % number
    ear.learns(call + "\n" + call)
    listening = Listening(page)
    page.post("/api/dossiers/%s/call" % row["id"])
    ear.waits_for(call + "\n" + call)
    page.post("/api/dossiers/%s/call" % ("0" * 32), {}, 404)
    Browser(meo).get("/api/speaker")
    stranger = Browser(meo)
    stranger.look()
    stranger.post("/api/dossiers/%s/call" % row["id"], {}, 403)
    stranger.post("/api/speaker/stop", {}, 403)
    page.post("/api/speaker/stop")
    xa.run("state", row["id"], "--set", "accepted", code=1)  # not there yet
    meo.run("contact", xa.address("listen"))
    xa.run("state", row["id"], "--set", "accepted", "--note", "Mời đến lấy")
    meo.run("contact", xa.address("listen"))
    listening.waits_for("dossiers", "home")
    same("said at once", stranger.get("/api/speech?text=" + quoted("Họ và tên")).headers["Content-Type"], "audio/wav")
    stranger.get("/api/speech", 400)
    stranger.get("/api/speech?text=" + "a" * 601, 413)
    answers = []
    crowd = [threading.Thread(target=lambda: answers.append(Browser(meo).ask("GET", "/api/speech?text=" + quoted("một hai ba " * 20)).status))
             for _ in range(40)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    check(set(answers) <= {200, 503} and 200 in answers, "a crowd of readers got %r" % answers)
    same("the page answers on", stranger.get("/healthz").status, 200)


def commands(meo, lay, xa):
    same("without a service", lay.run("announce stop", code=1).stderr.decode().count("khuoi serve"), 1)
    got = meo.json("announce stop")
    same("stop", got, {"stopped": True})
    xa.run("announce stop", code=1)
    xa.run("announce play", "abcdef", code=1)
    meo.run("announce play", "abc", code=2)
    meo.run("announce play", "f" * 32, code=1)


def head_of(meo):
    page = Browser(meo)
    page.login(meo.json("slot list")[0]["person"], phrase=PHRASE)
    return page


def first_start(now_settings):
    """A node that its page made has a loudspeaker at once."""
    new = Node(path("new"), "new")
    new.serve()
    page = Browser(new)
    page.look()
    page.get("/api/speaker", 404)
    page.post("/api/setup", {"name": "Nà Lay", "person": "trưởng xóm", "phrase": PHRASE}, 201)
    same("its loudspeaker", page.get("/api/speaker").json()["enabled"], True)
    new.stop()


def main():
    settings, now, other = slots_around_now()
    note("the slot under way is " + now)
    xa = commune("xa")
    meo, lay = hamlet(xa, "meo"), hamlet(xa, "lay")
    for name, phrase in OFFICERS.items():
        xa.run("officer add", "--name", name, phrase=PHRASE, env={"KHUOI_NEW_PASSPHRASE": phrase})
    wrong_settings(meo)
    for node in (meo, lay):
        with open(os.path.join(node.data, "config.toml"), "w") as file:
            file.write(settings)
    stick = folder("stick")
    meo.serve("--stick", stick)
    page = head_of(meo)
    ear = Ear(meo, page)
    flood = by_stick(xa, meo, stick, now, other, ear)
    emergencies(xa, meo, stick, flood, ear)
    played_arrives(xa, meo, stick)
    page = after_restart(xa, meo, stick, now, settings)
    xa.serve("--listen", "127.0.0.1:0")
    by_fiber(xa, meo, now, page)
    at_the_counter(xa, meo, page)
    commands(meo, lay, xa)
    first_start(settings)
    for node in (meo, xa):
        node.stop()
        node.verify()
    done("what may be spoken is, once and in its slot; what may not stays silent")


main()
