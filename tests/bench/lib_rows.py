"""Figures beside their goals, a line each, and the figures that the benches in C++ print."""
import os
import subprocess
import time

from lib_campaign import KHUOI, environment

FORMS_OF_UNITS = {"s": "%.3f", "x": "%.2f", "x as fast": "%.2f", "of the puts": "%.3f"}
MORE_IS_BETTER = ("records/s", "runs/s", "x as fast", "of the puts")
short_rows = []  # name and unit of each that did not meet its goal


def row(name, measured, unit, goal, n=None, octets=None):
    """A goal of None is none."""
    more_is_better = unit in MORE_IS_BETTER
    short = goal is not None and (measured < goal if more_is_better else measured > goal)
    if short:
        short_rows.append((name, unit))
    beside = "no goal" if goal is None else "goal %s %-8s %s" % (
        ">=" if more_is_better else "<=", "%g" % goal, "SHORT" if short else "ok   ")
    print("%-56s %10s %-9s %s%s%s" % (
        name, (FORMS_OF_UNITS.get(unit) or ("%.0f" if measured >= 1000 else "%.1f")) % measured, unit,
        beside, "  n=%d" % n if n else "", "  octets=%d" % octets if octets else ""), flush=True)


def info(text):
    print("%-56s %s" % ("", text), flush=True)


def bench_lines(tag, *beginnings, of="khuoi_bench", **settings):
    """Runs the cases of a program under a tag; gives the name=value words of its lines that begin so."""
    program = os.path.join(os.path.dirname(KHUOI), of)
    if not os.path.exists(program):
        info("%s: %s is not built" % (tag, program))
        return []
    # A goal that is not met fails the program; its figures are printed all the same.
    out = subprocess.run([program, tag], stdout=subprocess.PIPE, env=environment(**settings)).stdout.decode()
    lines = [one for one in out.split("\n") if one.startswith(tuple(each + ":" for each in beginnings))]
    if not lines:
        raise RuntimeError("%s %s printed no figures:\n%s" % (program, tag, out[-2000:]))
    return [dict(word.split("=", 1) for word in line.split() if "=" in word) for line in lines]


def timed(act):
    began = time.perf_counter()
    out = act()
    return time.perf_counter() - began, out
