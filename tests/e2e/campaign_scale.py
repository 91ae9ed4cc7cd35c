#!/usr/bin/env python3
"""What acts cost when much is stored: tests/bench/scale.py. Smoke: 2,000 dossiers; octets and counts are judged, which are
the same on any machine. Full: all of `khuoi_bench.py scale` with 100,000.

usage: campaign_scale.py smoke|full
"""
import os
import subprocess
import sys

from lib_campaign import FULL, ROOT, check, done

BENCH = os.path.join(ROOT, "tests/bench")
sys.path.insert(0, BENCH)

# An opener, an author copy and a checkpoint of fixed forms take two thirds of it: docs/campaigns.md.
KNOWN_SHORT = ("a record by fiber, each in a run of its own",)

if __name__ == "__main__":
    if FULL:
        code = subprocess.run([sys.executable, os.path.join(BENCH, "khuoi_bench.py"), "scale"]).returncode
        check(code == 0, "a row fell short: see above")
        done("100,000 dossiers")
    else:
        import lib_rows
        from scale import Scale
        Scale(2000).run()
        counted = [name for name, unit in lib_rows.short_rows if unit not in ("ms", "x", "s") or "octets" in name]
        short = [name for name in counted if name not in KNOWN_SHORT]
        check(not short, "fall short: " + "; ".join(short))
        done("2,000 dossiers; octets and counts do not grow with them")
