#!/usr/bin/env python3
"""At a terminal: a new node offers a phrase of four words and wants it typed once; prompts do not echo; a wrong phrase is
told; what can be done without a phrase never asks."""
import os
import pty
import select
import time

from lib_campaign import KHUOI, PHRASE, Node, check, done, environment, folder, path, same


class Terminal:
    """A command with a terminal of its own."""

    def __init__(self, *arguments):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(KHUOI, [KHUOI] + list(arguments), environment())
        self.said = ""

    def read(self, until=None):
        give_up = time.monotonic() + 60
        while until is None or until not in self.said:
            ready, _, _ = select.select([self.fd], [], [], give_up - time.monotonic())
            check(ready, "waited for %r; what came: %s" % (until, self.said))
            try:
                some = os.read(self.fd, 4096)
            except OSError:
                some = b""
            if not some:
                check(until is None, "ended without %r: %s" % (until, self.said))
                break
            self.said += some.decode("utf-8", "replace")
        got, self.said = self.said, ""
        return got

    def type(self, text):
        os.write(self.fd, (text + "\n").encode())

    def end(self, *codes):
        rest = self.read()
        _, status = os.waitpid(self.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        check(code in codes, "the exit code at a terminal is %d: %s" % (code, rest.strip()))
        return rest


def offered_phrase(said):
    lines = [line.strip() for line in said.replace("\r", "").split("\n")]
    phrases = [line for line in lines if len(line.split()) == 4 and not line.endswith(":")]
    same("phrases offered in %r" % said, len(phrases), 1)
    return phrases[0]


def new_node(name, answers):
    terminal = Terminal("init", "--data", path(name), "--role", "hamlet", "--name", "Khuổi Mèo")
    phrase = offered_phrase(terminal.read("type another one: "))
    for prompt, answer in answers(phrase):
        if prompt:
            terminal.read(prompt)
        terminal.type(answer)
    return phrase, terminal


phrase, terminal = new_node("takes", lambda phrase: [("", ""), ("noted: ", "  " + phrase.upper().lower() + " ")])
rest = terminal.end(0)
check(phrase not in rest, "what was typed was echoed: " + rest)
takes = Node(path("takes"), "takes")
takes.run("export", folder("out"), phrase=phrase)
takes.run("export", folder("out"), phrase=PHRASE, code=1)

_, terminal = new_node("forgets", lambda phrase: [("", ""), ("noted: ", "khác")])
terminal.end(2)
check(Node(path("forgets"), "forgets").run("status", code=None).returncode == 1, "a node was made all the same")

_, terminal = new_node("own", lambda phrase: [("", "một con suối"), ("more: ", "một con suối")])
terminal.end(0)
Node(path("own"), "own").run("export", folder("out"), phrase="một con suối")

_, terminal = new_node("differs", lambda phrase: [("", "một"), ("more: ", "hai")])
terminal.end(2)

terminal = Terminal("export", folder("out"), "--data", path("takes"))
terminal.read("Passphrase: ")
os.write(terminal.fd, b"su\x03")
terminal.end(-2, 2)  # 2 where whoever started this script had SIGINT ignored

terminal = Terminal("export", folder("out"), "--data", path("takes"))
terminal.read("Passphrase: ")
terminal.type("sai bét")
rest = terminal.end(1)
check("wrong" in rest and "sai" not in rest, "a wrong phrase: " + rest)
takes.serve()
terminal = Terminal("export", folder("out"), "--data", path("takes"))
terminal.read("Passphrase: ")
terminal.type(phrase)
terminal.end(0)
takes.stop()
for command in (["list"], ["status"], ["form", "list"], ["verify"]):
    rest = Terminal(*command, "--data", path("takes")).end(0)
    check("assphrase:" not in rest, "%s asks for a phrase" % command)
done("phrases are offered, typed unseen and checked, through the service too")
