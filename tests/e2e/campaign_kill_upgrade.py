"""The program is killed at every single write with which it brings a store of an earlier program up to date, before it
and in its middle. Afterwards the store opens, verifies and tells what that program said was in it.

usage: campaign_kill_upgrade.py smoke|full      smoke: a spread of the writes, and the list alone; full: each of them,
                                                both ways, and all that the store is asked for
"""
from lib_kill import *
from lib_stores import *


def first_command(node, at, half, code=None):
    return killed_at(node, "status", [], [node.data], at, half, code)


def killed(name, role):
    """How many kills, of how many writes."""
    nodes, expected = unpacked(name)
    image = nodes[role].data
    trial = Node(path("trial"), "%s of %s" % (role, name))

    def fresh():
        shutil.rmtree(trial.data, ignore_errors=True)
        shutil.copytree(image, trial.data)
        return trial

    _, count = first_command(fresh(), 0, False, 0)
    check(count > 3, "only %d writes were seen: is %s in force?" % (count, SHIM))
    tried = moments(count)
    for at, half in tried:
        where = "%s, killed %s write %d of %d" % (trial.name, "in the middle of" if half else "before", at, count)
        try:
            first_command(fresh(), at, half)
            trial.verify(phrase=PHRASE)
            for what, now in (told(trial) if FULL else {"list": facts(trial)}).items():
                same(what, now, expected[role][what])
        except SystemExit as failed:
            fail("%s: %s" % (where, failed))
    shutil.rmtree(image)
    shutil.rmtree(trial.data)
    note("%s: %d kills at %d of its %d writes" % (trial.name, len(tried), len({at for at, _ in tried}), count))
    return len(tried)


def main():
    check_shim()
    kills = sum(killed(name, role) for name in golden_stores() for role in ("commune", "hamlet"))
    done("%d kills; every store verified, and held what it had held" % kills)


main()
