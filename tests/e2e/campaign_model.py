#!/usr/bin/env python3
"""The rules of statements as a model (tests/model/README.md), searched whole by Spin: no receipt lies, none goes back
but by a restore, and nothing moves for ever. Rules broken on purpose have to be found, and random traces of the model
are replayed on real replicas. Smoke: small bounds and 100 traces. Full: large ones, which take 11 GB, and 1,000.

usage: campaign_model.py smoke|full [TRACES]      KHUOI_SEED=N: the traces' first seed
"""
import os
import re
import subprocess
import sys
import time

from lib_campaign import FULL, KHUOI, ROOT, SEED, check, done, folder, note, path

MODEL = os.path.join(ROOT, "tests/model/statements.pml")
TESTS = os.path.join(os.path.dirname(KHUOI), "khuoi_sync_tests")
MEMORY_MB = 12000 if FULL else 4000

SMALL = {
    "two restores": dict(RESTORES=2),
    "a restart and a restore, a proof lost": dict(RESTORES=1, RESTARTS=1, PROOFS_LOST=1),
    "a clone, a made-up echo, a wrong tally": dict(CLONES=1, LIES=1, FAULTS=1),
}
LARGE = {
    "two restores and a clone": dict(RESTORES=2, CLONES=1),
    "two restores, four statements": dict(RESTORES=2, STATES=4),
    "two restores, two hellos": dict(RESTORES=2, HELLOS=2),
    "two restores, of later backups": dict(RESTORES=2, BACKUPS=1),
    "two restores, two replays, a proof lost": dict(RESTORES=2, REPLAYS=2, PROOFS_LOST=1),
    "a restore, five statements": dict(RESTORES=1, STATES=5),
    "a restore, a clone and a hello": dict(RESTORES=1, CLONES=1, HELLOS=1, ORDINALS=9, STARTS=11),
}
# Each with the bound that finds it.
PLANTED = {
    "SUM_UNCHECKED": dict(RESTORES=2),
    "OLDER_APPLIED": dict(RESTORES=2),
    "NO_SUPERSEDES": dict(RESTORES=2, PROOFS_LOST=1),
    "WANTS_UNTOLD": dict(RESTORES=2),
    "PAST_UNANSWERED": dict(RESTORES=2, PROOFS_LOST=1),
    "PROOFS_IGNORED": dict(RESTORES=1, RESTARTS=1),
    "ECHO_RAISES": dict(LIES=1),
    "NO_WHOLE_WHEN_ASKED": dict(FAULTS=1),
    "NEVER_ASKS": dict(FAULTS=1),
    "EQUAL_HEADS_BELIEVED": dict(FAULTS=1),
}
# Of this one replicas must differ.
REPLAYED_PLANT = "NO_SUPERSEDES"
# Longer than what can be searched whole.
TRACE = dict(TRACE=1, STATES=8, HELLOS=4, WRITES=1, RESTORES=3, BACKUPS=2, CLONES=1, RESTARTS=2, HOURS=1, LIES=1,
             FAULTS=1, REPLAYS=20, PROOFS_LOST=2, GIFTS=3, ORDINALS=15, STARTS=15)


def defines(bounds, plant=None):
    return ["-D%s=%d" % one for one in bounds.items()] + (["-DPLANT_" + plant] if plant else [])


def run(command, where):
    ran = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout + ran.stderr


def search(name, bounds, plant=None):
    """Spin's verifier over all states within these bounds. Gives its whole report."""
    where = folder(re.sub(r"\W+", "_", name))
    code, said = run(["spin", "-a"] + defines(bounds, plant) + [MODEL], where)
    check(code == 0 and "rror" not in said, "spin cannot read the model: " + said)
    code, said = run(["gcc", "-O0" if plant else "-O2" if FULL else "-O1", "-w", "-DSAFETY", "-DNOREDUCE", "-DCOLLAPSE",
                      "-DVECTORSZ=2048", "-DMEMLIM=%d" % MEMORY_MB, "-o", "pan", "pan.c"], where)
    check(code == 0, "gcc cannot compile the verifier: " + said)
    return run(["./pan", "-m100000", "-w%d" % (26 if FULL else 22)], where)[1]


def figure(report, pattern):
    found = re.search(pattern, report)
    return found.group(1) if found else "?"


def search_whole(name, bounds):
    began = time.monotonic()
    report = search(name, bounds)
    whole = "errors: 0" in report and "not completed" not in report and "too small" not in report
    check(whole, "%s (%s): a rule is broken, or not all states were seen\n%s"
          % (name, " ".join(defines(bounds)), report[-3000:]))
    note("%-42s %9s states, depth %s, %s MB, %.0f s" %
         (name, figure(report, r"(\d+) states, stored"), figure(report, r"depth reached (\d+)"),
          figure(report, r"([\d.]+)\ttotal actual memory"), time.monotonic() - began))


def search_planted(plant, bounds):
    report = search(plant, bounds, plant)
    found = figure(report, r"assertion violated (.*) \(at depth")
    check("errors: 1" in report and found != "?", "the planted rule %s was not found\n%s" % (plant, report[-3000:]))
    note("planted %-34s found within %s states" % (plant, figure(report, r"(\d+) states, stored")))


def replay(count, plant=None):
    """Random traces of the model on real replicas. Gives what the test says of them, and whether it holds."""
    where = folder("traces" + (plant or ""))
    for seed in range(SEED, SEED + count):
        code, said = run(["spin", "-n%d" % seed, "-B"] + defines(TRACE, plant) + [MODEL], where)
        check(plant or code == 0 and "> end" in said, "trace %d: the model itself fails\n%s" % (seed, said[-2000:]))
        with open(os.path.join(where, "seed_%06d" % seed), "w", encoding="utf-8") as file:
            file.write(said)
    ran = subprocess.run([TESTS, "[statement-model]"], env=dict(os.environ, KHUOI_MODEL_TRACES=where), check=False,
                         capture_output=True, text=True)
    with open(path("replay.log"), "w", encoding="utf-8") as file:
        file.write(ran.stdout + ran.stderr)
    return ran.returncode == 0, ran.stdout


def replay_all(count):
    same, said = replay(count)
    check(same, "the model and the program differ; all of it is in %s\n%s" % (path("replay.log"), said[:4000]))
    note("%d traces replayed on real replicas" % count)
    same, said = replay(20, REPLAYED_PLANT)
    check(not same and "row.superseded" in said, "replicas do what a model with a broken rule does: the replay is blind")


def main():
    numbers = [int(one) for one in sys.argv[1:] if one.isdigit()]
    traces = numbers[0] if numbers else 1000 if FULL else 100
    replay_all(traces)
    for plant, bounds in PLANTED.items():
        search_planted(plant, bounds)
    bounds = dict(SMALL, **LARGE) if FULL else SMALL
    for name, within in bounds.items():
        search_whole(name, within)
    done("%d bounds searched whole, %d planted rules found, %d traces replayed" % (len(bounds), len(PLANTED), traces))


if __name__ == "__main__":
    main()
