#!/usr/bin/env python3
"""The pages in a real browser against a real hamlet, commune, stick and fiber: the whole story, start to end.

tests/web/pages.mjs drives Chromium; what happens outside the browser (a courier, the commune's clerk, a power cut) it asks
of this script, one line at a time. Pictures of every page go to build/screens, or to KHUOI_SCREENS.
"""
import glob
import os
import re
import shutil

from lib_campaign import KHUOI, PHRASE, ROOT, Node, check, done, fail, folder, free_port, path, wait_until
from lib_pages import Hamlet, drive

PUBLIC = os.path.join(ROOT, "tests/data/public")


class World:
    """What pages.mjs can ask for. Each method's value goes back as JSON."""

    def __init__(self):
        self.xa = Node(path("xa"), "xa")
        self.xa.run("init", "--role", "commune", "--name", "Sảng Mộc", phrase=PHRASE)
        self.fiber = "127.0.0.1:%d" % free_port()
        self.meo = Hamlet("--stick", path("meo-usb"), "--contact", self.fiber)
        # There is no sound card here: each sound is kept as a file.
        os.makedirs(self.meo.data, exist_ok=True)
        with open(os.path.join(self.meo.data, "config.toml"), "w") as file:
            file.write('[speaker]\nplayer = "file:spoken"\n')
        self.meo.serve()
        self.stick = folder("stick")

    # ---- the courier ------------------------------------------------------------------------------------------------

    def plug(self):
        os.rename(self.stick, path("meo-usb"))

    def pull(self):
        os.rename(path("meo-usb"), self.stick)

    def stick_at_commune(self):
        return self.xa.sync(self.stick)

    # ---- the commune ------------------------------------------------------------------------------------------------

    def grant(self, fingerprint):
        asked = glob.glob(os.path.join(self.xa.data, "papers", "*.request"))
        check(len(asked) == 1, "the stick brought %d requests" % len(asked))
        self.xa.run("enrol grant", "--in", asked[0], "--out", path("meo.grant"), "--fingerprint", fingerprint, phrase=PHRASE)

    def grant_file(self):
        return path("meo.grant")

    def state(self, dossier, *words):
        self.xa.run("state", dossier, *words)

    def commune_list(self):
        return self.xa.list()

    def exported(self, dossier):
        """The submission's XML as the commune gives it back, and the names of the files beside it."""
        instance = next((row["instanceID"] for row in self.xa.list() if row["id"] == dossier), None)
        check(instance is not None, "the commune has no dossier " + dossier)
        out = path("export")
        shutil.rmtree(out, ignore_errors=True)
        self.xa.run("export", out)
        for place in os.listdir(out):
            with open(os.path.join(out, place, "submission.xml"), encoding="utf-8") as file:
                xml = file.read()
            if instance in xml:
                return {"xml": xml, "files": sorted(name for name in os.listdir(os.path.join(out, place)) if name != "submission.xml")}
        return fail("the commune's export has no %s" % instance)

    def paper(self, name, text):
        with open(path(name), "wb") as file:
            file.write(text.encode())
        return path(name)

    def at_commune(self, words, *rest):
        return self.xa.out(words, *rest)

    def fiber_up(self):
        """The line is whole again; a person asks for a contact rather than wait for the next try."""
        if self.xa.service is not None:
            return
        self.xa.serve("--listen", self.fiber)
        self.meo.run("contact", self.fiber)

    def fiber_down(self):
        self.xa.stop()

    def commune_page(self):
        self.fiber_up()
        return "http://" + self.xa.address("http").replace("127.0.0.1", "khuoi.local")

    def public_forms(self):
        """ODK's own forms, and what the engine says of each."""
        out = []
        with open(os.path.join(PUBLIC, "manifest.tsv"), encoding="utf-8") as file:
            for line in file.read().splitlines()[1:]:
                name, says = line.split("\t")[:2]
                if name == "collect--different-search-appearances.xml":
                    continue  # 'form add' refuses it: its lists come by search()
                out.append({"file": name, "says": says})
        return out

    def publish(self, file):
        """A public form by its name, or any file by its path. Some share id and version: then as its author would, under
        another version."""
        place = os.path.join(PUBLIC, file)
        said = self.xa.run("form add", place, "--domain", "general", code=None)
        if said.returncode == 0:
            return
        if b"raise the version" not in said.stderr:
            fail("form add: " + said.stderr.decode())
        with open(place, encoding="utf-8") as form:
            before, instance = re.split(r"(?=<(?:\w+:)?instance)", form.read(), maxsplit=1)
        root = re.search(r'<[^>]*\bid="[^"]*"[^>]*>', instance).group(0)
        raised = re.sub(r'(\bid="[^"]*")', r'\1 version="raised"', re.sub(r'\sversion="[^"]*"', "", root), count=1)
        with open(path("raised.xml"), "w", encoding="utf-8") as form:
            form.write(before + instance.replace(root, raised, 1))
        self.xa.run("form add", path("raised.xml"), "--domain", "general")

    def arrived(self, dossier):
        wait_until(lambda: dossier in [row["id"] for row in self.xa.list()], "dossier %s at the commune" % dossier)
        return self.exported(dossier)

    # ---- the hamlet's box -------------------------------------------------------------------------------------------

    def power_cut(self):
        self.meo.stop(9)
        self.meo.serve()

    def spoken(self):
        """What was said so far."""
        return sorted(glob.glob(os.path.join(self.meo.data, "spoken", "*.wav")))

    def hamlet_list(self):
        return self.meo.list()


def main():
    check(os.path.exists(KHUOI), "there is no program " + KHUOI)
    world = World()
    drive("pages.mjs", world.meo.origin, world)
    world.meo.stop()
    world.meo.verify()
    done("the pages from the first start to the answer, in a browser")


if __name__ == "__main__":
    main()
