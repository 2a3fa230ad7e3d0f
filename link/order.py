#!/usr/bin/env python3
"""Writes link/search.ld: the functions that a search runs, so that the linker puts them side by side.

A search runs some 1.5 MB of the 17 MB of the program. Strewn over all of it, nearly every 64 kB of the program are mapped
for a function or two, and each mapping costs what a hundred such functions do.

Names carry hashes of the compiler, the dependencies and the types that a function is made for. They are left out: a
pattern stands for all functions of a name. Where a search runs less than three tenths of their bytes, those it
runs are named with their hashes, which another compiler does not find; the program is then laid out a little less well.

    link/order.py [--work DIR]

builds the program with its names kept and a generated archive, and runs valgrind over searches of many kinds: minutes.
Needed where much of what a search runs has changed; a list that is old costs speed alone.
"""

import argparse
import collections
import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# The first are the commonest, and their functions stand together.
SEARCHES = [
    ["crowns"],
    ["the", "river"],
    ["no such wordd"],
    ["crowns", "--format", "json"],
    ['"one more"'],
    ["crown*"],
    ["crownz"],
    ["love", "OR", "river"],
    ["artist:wilder"],
    ["in:tracks", "river"],
    ["river", "-n", "30"],
]

# Of all functions of a name, the least share of bytes that a search must run.
SHARE = 0.3


def run(*command, **settings):
    return subprocess.run([str(c) for c in command], check=True, cwd=ROOT, **settings)


def exact(name):
    """The section of a function."""
    return ".text." + re.sub(r"\.llvm\.\d+$", "*", name)


def pattern(name):
    """The sections of all functions of its name, whatever hashes are in it."""
    if name.startswith("_R"):
        return re.sub(r"Cs[0-9A-Za-z]+_", "Cs*_", exact(name))
    return re.sub(r"(?<=17h)[0-9a-f]{16}E.*$", "*", exact(name))


def executed(program, index, search, out):
    run("valgrind", "--tool=callgrind", "--demangle=no", f"--callgrind-out-file={out}",
        program, "search", "--index", index, *search, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for line in out.read_text().splitlines():
        found = re.match(r"c?fn=\(\d+\) (\S+?)('\d+)?$", line)
        if found:
            yield found[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=ROOT / "target" / "order")
    work = parser.parse_args().work.resolve()
    work.mkdir(parents=True, exist_ok=True)

    # Apart: what examples need of the dependencies changes the hashes of those.
    for what in (["--bin", "deepcut"], ["--example", "generate"]):
        run("cargo", "build", "--release", "--locked", *what, "--target-dir", work,
            env={**os.environ, "RUSTFLAGS": "-C strip=none"})
    program, archive, index = work / "release/deepcut", work / "archive", work / "index"
    if not archive.exists():
        run(work / "release/examples/generate", "--posts", 20000, "--format", "jsonl", "--out", archive)
    run(program, "--index", index, "index", archive, "--rebuild", "--quiet")

    # In the order of their first use; a dictionary keeps it.
    used = dict.fromkeys(name for search in SEARCHES for name in executed(program, index, search, work / "callgrind.out"))
    sizes = {}
    for line in run("nm", "-S", program, capture_output=True, text=True).stdout.splitlines():
        match line.split():
            case [_, size, "t" | "T" | "W", name]:
                sizes[name] = int(size, 16)
    script, run_bytes, bytes_in_all = ordered(used, sizes)
    (ROOT / "link/search.ld").write_text(script)
    print(f"{run_bytes:,} bytes that searches run; {bytes_in_all:,} that are put side by side")


def ordered(used, sizes):
    """The script, bytes of the functions used, bytes of all that it names."""
    bytes_of, used_of = collections.Counter(), collections.Counter()
    for name, size in sizes.items():
        bytes_of[pattern(name)] += size
        used_of[pattern(name)] += size * (name in used)
    common = lambda name: used_of[pattern(name)] >= SHARE * bytes_of[pattern(name)]
    kept = dict.fromkeys((pattern if common(name) else exact)(name) for name in used if name in sizes)
    named = sum(size for name, size in sizes.items() if pattern(name) in kept or exact(name) in kept)
    lines = "".join(f"    *({section})\n" for section in kept)
    script = (
        "/* What a search runs, side by side. Written by link/order.py, which says why. */\n"
        f"SECTIONS\n{{\n  .text.search :\n  {{\n{lines}  }}\n}}\nINSERT BEFORE .text;\n"
    )
    return script, sum(sizes[name] for name in used if name in sizes), named


if __name__ == "__main__":
    main()
