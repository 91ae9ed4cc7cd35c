"""100,000 announcements (smoke: 4,000), most of them forged, altered, replayed, expired or misdirected, at boxes whose
clocks show 1970, 2099 or the right time: none is spoken that should not be, and those that should are. The deciding code
runs over stores in memory; an oracle beside it knows how each announcement was really made.

usage: campaign_speaker.py smoke|full [CASES]      KHUOI_SEED=N repeats it
"""
import glob
import re
from lib_campaign import *

TESTS = os.path.join(os.path.dirname(KHUOI), "khuoi_sync_tests")
MUTANTS = sorted(glob.glob(os.path.join(os.path.dirname(KHUOI), "khuoi_speaker_mutant_*")))
MUTANT_CASES = 4_000


def run(program, cases):
    return subprocess.run([program, "[speaker-campaign]"], env=environment(KHUOI_CASES=str(cases), KHUOI_SEED=str(SEED)),
                          capture_output=True, stdin=subprocess.DEVNULL)


def find_mutants():
    """What each says must be the oracle's own objection, not a crash."""
    check(len(MUTANTS) >= 11, "only %d mutants are built" % len(MUTANTS))
    for mutant in MUTANTS:
        got = run(mutant, MUTANT_CASES)
        name = os.path.basename(mutant)[len("khuoi_speaker_mutant_"):]
        objected = got.returncode > 0 and b"REQUIRE( " in got.stdout and b"assertions" in got.stdout
        check(objected, "the campaign does not notice the planted fault '%s' (exit code %d)" % (name, got.returncode))


def main():
    numbers = [one for one in sys.argv[1:] if one.isdigit()]
    cases = int(numbers[0]) if numbers else 100_000 if FULL else 4_000
    check(os.path.exists(TESTS), "%s is not built" % TESTS)
    got = run(TESTS, cases)
    out = got.stdout.decode()
    same("exit code of the campaign, which ended with\n" + out[-2000:], got.returncode, 0)
    said = re.search(r"cases=(\d+)\nspoken=(\d+)", out)
    check(said, "the campaign did not say what it did")
    same("cases", int(said[1]), cases)
    find_mutants()
    done("%s announcements, %s times one was spoken, each time by right; %d planted faults were all found; seed %d" %
         (said[1], said[2], len(MUTANTS), SEED))


main()
