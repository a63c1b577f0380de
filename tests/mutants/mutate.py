#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""./dev mutate: whether the unit tests of the trust core notice when one thing in it is wrong.

  mutate.py check         whether the lists still apply to the sources: the gate's part of it
  mutate.py run [WORD...] builds all mutants as switches of one program a suite, runs the suites with each one on, and says
                          which were noticed; with words only those whose file or text has one of them

tests/mutants/*.txt are the lists. A line "@ FILE" names the file of the mutants behind it. A mutant is a paragraph:

  what is wrong then, in words
  - the text as it stands in the file, where it occurs once; what is replaced may stand between « and »
  + what replaces it: an expression for an expression; statements for what ends with ; or begins with if or for
  = why no test can notice it: it is named as equivalent

A run that was broken off goes on: a result counts again while the program that gave it is the same.
"""

import concurrent.futures
import hashlib
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

LISTS = Path("tests/mutants")
PLACE = Path("build/mutate")
COPY = PLACE / "checkout"
# The suites of the trust core, as CMake calls their programs.
SUITES = ["core", "hash_chain", "operate", "files", "journal", "config", "authz", "agent"]
FEWEST = 200
LEAST_PERCENT = 95
SLOW = 1.0  # seconds; a case that takes longer is asked after the others
MEMORY = 4 << 30  # of this and each program: a mutant may loop while it takes memory


class Mutant:
    def __init__(self, file, where, what):
        self.file, self.where, self.what = file, where, what
        self.old, self.new, self.equivalent = [], [], []

    def close(self):
        """The pieces as one text each, and the number, which hangs on nothing but what the mutant is."""
        self.old = "\n".join(self.old)
        self.new = "\n".join(self.new).strip()
        self.equivalent = " ".join(self.equivalent)
        text = "\0".join([self.file, self.old, self.new])
        self.number = zlib.crc32(text.encode()) or 1

    def find(self, source):
        """The span that is replaced, or why there is none. Blanks and line ends are as good as each other."""
        before, piece, after = re.fullmatch("([^«]*)«([^»]*)»(.*)", self.old, re.S).groups() if "«" in self.old else (
            "", self.old, "")
        pattern = "".join(f"(?P<{name}>{spaced(part)})" for name, part in
                          [("before", before), ("piece", piece), ("after", after)])
        found = list(re.finditer(pattern, source))
        if len(found) != 1:
            raise Wrong(f"{self.where}: «{self.what}»: its text occurs {len(found)} times in {self.file}, not once.\n"
                        f"  Where the code says the same in other words, write its text anew into the list; where there "
                        f"is no such rule any more, take the mutant out, or put one like it in its place:\n"
                        + "".join(f"    - {line}\n" for line in self.old.split("\n")))
        self.span = found[0].span("piece")
        self.line = source.count("\n", 0, self.span[0]) + 1
        return self.span


class Wrong(Exception):
    pass


def spaced(text):
    words = [re.escape(word) for word in re.split(r"\s+", text)]
    return r"\s*".join(words) if not text.strip() else r"\s+".join(words)


def read_lists():
    mutants = []
    for path in sorted(LISTS.glob("*.txt")):
        file, one = None, None
        for number, line in enumerate(path.read_text().split("\n"), 1):
            sign, text = line[:1], line[2:]
            if sign in ("-", "+", "=") and one:
                {"-": one.old, "+": one.new, "=": one.equivalent}[sign].append(text)
            elif sign == "@":
                file, one = text.strip(), None
            elif line.strip() and sign != "#":
                one = Mutant(file, f"{path}:{number}", line.strip())
                mutants.append(one)
            elif not line.strip():
                one = None
    for one in mutants:
        if one.file is None or not one.old or not one.new:
            raise Wrong(f"{one.where}: «{one.what}» lacks its file (@), its text (-) or what replaces it (+)")
        one.close()
    numbers = {}
    for one in mutants:
        if numbers.setdefault(one.number, one) is not one:
            raise Wrong(f"{one.where}: «{one.what}» is the same as {numbers[one.number].where}")
    return mutants


def by_file(mutants):
    files = {}
    for one in mutants:
        files.setdefault(one.file, []).append(one)
    return files


def mutated(file, mutants):
    """The file's text with every mutant in it behind its switch."""
    if not Path(file).exists():
        raise Wrong(f"{mutants[0].where}: there is no file {file}: name the one that the rules stand in now")
    source = Path(file).read_text()
    spans = {}
    for one in mutants:
        spans.setdefault(one.find(source), []).append(one)
    # The outer ones first; one inside of another is part of what is left as it was.
    ordered = sorted(spans, key=lambda span: (span[0], -span[1]))
    for outer, inner in zip(ordered, ordered[1:]):
        if inner[0] < outer[1] < inner[1]:
            raise Wrong(f"{spans[inner][0].where}: its text and that of {spans[outer][0].where} overlap")

    def render(begin, end, inside):
        text, at = "", begin
        while inside:
            span = inside[0]
            nested = [other for other in inside[1:] if other[1] <= span[1]]
            inside = inside[1 + len(nested):]
            text += source[at:span[0]] + switched(render(*span, nested), spans[span])
            at = span[1]
        return text + source[at:end]

    return render(0, len(source), ordered)


def switched(text, mutants):
    for one in mutants:
        on = f"felhom_mutant<{one.number}u>()"
        if text.endswith(";") or text.startswith(("if (", "for (")):
            end = "\n" if "//" in text else ""
            text = f"if ({on}) {{ {one.new} }} else {{ {text}{end} }}"
        elif one.new in ("true", "false"):  # of what only can be taken for a bool, too
            text = f"({on} || ({text}))" if one.new == "true" else f"(!{on} && ({text}))"
        else:
            text = f"({on} ? ({one.new}) : ({text}))"
    return text


def check():
    mutants = read_lists()
    faults = []
    for file, some in by_file(mutants).items():
        for one in some:
            try:
                mutated(file, [one])
            except Wrong as fault:
                faults.append(str(fault))
        if not faults:
            mutated(file, some)
    if faults:
        raise Wrong("\n".join(faults))
    if len(mutants) < FEWEST:
        raise Wrong(f"{LISTS}: {len(mutants)} mutants, fewer than {FEWEST}")
    print(f"{len(mutants)} mutants apply")


# ---------------------------------------------------------------- building and running

def write_copy(mutants):
    """The checkout with the mutants in it. What is as it was before keeps its time, so that little is built again."""
    tracked = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], check=True,
                             capture_output=True, text=True).stdout.split("\0")[:-1]
    changed = {file: mutated(file, some).encode() for file, some in by_file(mutants).items()}
    wanted = set()
    for name in tracked:
        source, target = Path(name), COPY / name
        if not source.is_file():
            continue
        wanted.add(target)
        text = changed.get(name) or source.read_bytes()
        if not target.exists() or target.read_bytes() != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text)
            shutil.copymode(source, target)
    for target in COPY.rglob("*"):
        if target.is_file() and "build" not in target.relative_to(COPY).parts[:1] and target not in wanted:
            target.unlink()


def build():
    switch = "tests/mutants/switch.hpp"
    if not (COPY / "build/dev/build.ninja").exists():
        # Its warnings are not for what was written to be wrong.
        subprocess.run(["cmake", "--preset", "dev", f"-DCMAKE_CXX_FLAGS=-std=c++20 -w -include {(COPY / switch).resolve()}"],
                       cwd=COPY, check=True)
    subprocess.run(["cmake", "--build", "build/dev", "--target", *[f"{suite}_test" for suite in SUITES]], cwd=COPY,
                   check=True)


def filter_of(name):
    """Catch2 2.13 passes over a name with a comma, unless it is the only one; it may be cut there."""
    return re.sub(r"[,\[\\\"].*", "*", name)


class Program:
    """One suite's program, and which of its cases come to which mutants."""

    def __init__(self, suite):
        found = [path for path in (COPY / "build/dev/tests").rglob(f"{suite}_test") if path.is_file()]
        self.suite, self.path = suite, found[0].resolve()
        self.hash = hashlib.sha256(self.path.read_bytes()).hexdigest()[:16]

    def run(self, mutant, names, limit):
        """Nothing when these cases pass; else the first that does not, or how the program ended."""
        with tempfile.NamedTemporaryFile("w", suffix=".cases") as wanted:
            wanted.write("".join(f"{filter_of(name)}\n" for name in names))
            wanted.flush()
            started = subprocess.Popen([self.path, "--abort", "--warn", "NoTests", "--input-file", wanted.name], cwd=COPY,
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
                                       env={**os.environ, "FELHOM_MUTANT": str(mutant)})
            try:
                output = started.communicate(timeout=limit)[0].decode(errors="replace")
            except subprocess.TimeoutExpired:
                os.killpg(started.pid, signal.SIGKILL)
                started.communicate()
                return "it does not end"
        if started.returncode == 0 and "All tests passed" in output:
            return None
        named = re.search(r"^-{70,}\n(.+?)\n-{70,}$", output, re.M | re.S)
        return re.sub(r"\s+", " ", named[1] if named else f"ended with {started.returncode}: {output[-300:].strip()}")

    def examine(self, pool):
        """Runs each case as it should be: which mutants does it come to, and how long does it take?"""
        kept = PLACE / f"cases.{self.suite}.{self.hash}"
        if not kept.exists():
            listed = subprocess.run([self.path, "--list-test-names-only"], cwd=COPY, capture_output=True, text=True).stdout
            cases = list(pool.map(self.examine_case, listed.split("\n")[:-1]))
            if any(case["failed"] for case in cases):
                self.cases = cases
                return
            kept.write_text(json.dumps(cases))
        self.cases = json.loads(kept.read_text())

    def examine_case(self, name):
        with tempfile.NamedTemporaryFile(suffix=".reached") as trace:
            os.chmod(trace.name, 0o666)  # for tests that give up root
            begun = time.monotonic()
            failed = self.run(trace.name, [name], 3600)
            seconds = time.monotonic() - begun
            reached = [] if failed else sorted({int(line) for line in trace.read().split()})
            return {"name": name, "seconds": seconds, "reached": reached, "failed": failed}

    def reaching(self, mutant):
        """The cases that come to a mutant, in runs of their own: the quick ones together, each slow one by itself."""
        cases = [case for case in self.cases if mutant.number in case["reached"]]
        quick = [case for case in cases if case["seconds"] < SLOW]
        slow = sorted((case for case in cases if case["seconds"] >= SLOW), key=lambda case: case["seconds"])
        return [(self, run, sum(case["seconds"] for case in run)) for run in [quick, *[[case] for case in slow]] if run]


def judge(mutant, programs, known):
    """The result of one mutant: what noticed it, if anything did."""
    runs = sorted((run for program in programs for run in program.reaching(mutant)), key=lambda run: run[2])
    asked = {program.suite: program.hash for program, *_ in runs}
    before = known.get(mutant.number)
    if before and (asked.get(before["suite"]) == before["asked"].get(before["suite"]) if before["by"] else
                   before["asked"] == asked):
        return before
    result = {"number": mutant.number, "asked": asked, "suite": "", "by": "", "reached": bool(runs)}
    for program, cases, seconds in runs:
        if by := program.run(mutant.number, [case["name"] for case in cases], 30 + 10 * seconds):
            return {**result, "suite": program.suite, "by": by}
    return result


def table(mutants, results):
    total = [0, 0, 0, 0]
    print(f"\n{'file':<62} {'mutants':>7} {'killed':>7} {'equivalent':>10} {'survivors':>9}")
    for file, some in [*by_file(mutants).items()]:
        killed = sum(bool(results[one.number]["by"]) for one in some)
        named = sum(bool(one.equivalent) for one in some)
        left = sum(not one.equivalent and not results[one.number]["by"] for one in some)
        row = [len(some), killed, named, left]
        total = [a + b for a, b in zip(total, row)]
        print(f"{file:<62} {row[0]:>7} {row[1]:>7} {row[2]:>10} {row[3]:>9}")
    print(f"{'all':<62} {total[0]:>7} {total[1]:>7} {total[2]:>10} {total[3]:>9}")
    return total


def run(words):
    mutants = read_lists()
    write_copy(mutants)
    build()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    programs = [Program(suite) for suite in SUITES]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for program in programs:
            program.examine(pool)
            reached = {number for case in program.cases for number in case["reached"]}
            print(f"{program.suite}_test: {len(program.cases)} cases come to {len(reached)} mutants", flush=True)
    if words:
        mutants = [one for one in mutants if any(word in one.file or word in one.what for word in words)]
    log = PLACE / "results"
    known = {}
    if log.exists():
        known = {one["number"]: one for one in map(json.loads, log.read_text().split("\n")[:-1])}
    results, begun = {}, time.monotonic()
    with log.open("a") as out, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        # What nothing has noticed so far comes first.
        order = sorted(mutants, key=lambda one: bool(known.get(one.number, {}).get("by")))
        waiting = {pool.submit(judge, one, programs, known): one for one in order}
        for done in concurrent.futures.as_completed(waiting):
            one, result = waiting[done], done.result()
            results[one.number] = result
            out.write(json.dumps(result) + "\n")
            out.flush()
            verdict = f"killed by {result['suite']}: {result['by']}" if result["by"] else "NOT NOTICED"
            print(f"[{len(results)}/{len(mutants)}] {one.file}:{one.line}: {one.what}: {verdict}", flush=True)
    total = table(mutants, results)
    print(f"{time.monotonic() - begun:.0f} s")
    faults = [f"{program.suite}_test fails without a mutant: {case['name']}: {case['failed']}"
              for program in programs for case in program.cases if case["failed"]]
    for one in mutants:
        result = results[one.number]
        if one.equivalent and result["by"]:
            faults.append(f"{one.where}: «{one.what}» is no equivalent: {result['suite']} noticed it: {result['by']}")
        elif one.equivalent:
            print(f"equivalent: {one.file}:{one.line}: {one.what}: {one.equivalent}")
        elif not result["by"]:
            how = "no test noticed it" if result["reached"] else "no test comes to it"
            faults.append(f"{one.where}: {one.file}:{one.line}: «{one.what}»: {how}")
    percent = 100 * total[1] / max(total[0], 1)
    print(f"score: {percent:.1f} % of {total[0]} mutants were noticed")
    if not words and percent < LEAST_PERCENT:
        faults.append(f"the score is below {LEAST_PERCENT} %")
    if faults:
        raise Wrong("\n".join(faults))


try:
    os.chdir(Path(__file__).resolve().parents[2])
    if sys.argv[1:] == ["check"]:
        check()
    elif sys.argv[1:2] == ["run"]:
        run(sys.argv[2:])
    else:
        sys.exit(__doc__)
except Wrong as fault:
    sys.exit(f"mutate: {fault}")
