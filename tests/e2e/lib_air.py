"""RNodes on ptys in one air: khuoi-sim --air, driven by lines."""
import json
import os
import subprocess

from lib_campaign import KHUOI, check, environment, start

SIM = os.environ.get("KHUOI_SIM") or os.path.join(os.path.dirname(KHUOI), "khuoi-sim")


class Air:
    def __init__(self, place, modems, *options):
        self.place = place
        os.makedirs(place, exist_ok=True)
        self.process = start([SIM, "--air", place, "--modems", ",".join(modems)] + [str(one) for one in options],
                             env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        check(self.process.stdout.readline() == b"ready\n", "the air did not begin")

    def port(self, modem):
        return os.path.join(self.place, modem)

    def say(self, line):
        check(self.process.poll() is None, "the air has ended")
        self.process.stdin.write((line + "\n").encode())
        self.process.stdin.flush()

    def figures(self):
        self.say("figures")
        return json.loads(self.process.stdout.readline())

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)


def radio_config(node, **settings):
    """DIR/config.toml of a node with a table [radio]."""
    with open(os.path.join(node.data, "config.toml"), "a", encoding="utf-8") as file:
        file.write("[radio]\n" + "".join("%s = %s\n" % one for one in settings.items()))
