#!/usr/bin/env python3
"""deepcut beside its peers, on the same posts, in one interleaved run.

    benches/peers/run.py --install            # once: packages from Debian, npm and crates.io
    benches/peers/run.py --work /tmp/peers    # 10,000 pages, 100,000 posts a line, three rounds

What each tool has to do is its usual job on the same bytes: read the pages or the lines, index all text, keep it, commit.
deepcut does its whole work besides: track rows and comments as records, artists, evidence. The floor is floor/, the least
program on the same engine. Ratios are of medians; memory is anonymous (RssAnon), summed over a tool's processes, as
mapped index files are no cost. A tool that is not installed is left out and named.
"""

import argparse
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# Debian's names bear the version.
JARS = [str(jar) for part in ("core", "analyzers-common") for jar in sorted(Path("/usr/share/java").glob(f"lucene-{part}-[0-9]*.jar"))[-1:]]
FIELDS = ["url", "title", "tags", "tracks", "body", "comments"]
DEBIAN = "xapian-omega xapian-tools recollcmd sqlite3 liblucene8-java default-jdk-headless".split()
# Only where npm is missing: the nodejs of nodesource brings its own, which Debian's conflicts with.
NODE = ["nodejs", "npm"]


def out(*words):
    print(*words, file=sys.stderr, flush=True)


def run(*command, **options):
    return subprocess.run([str(c) for c in command], check=True, **options)


# --- Measuring -------------------------------------------------------------------------------------------------------


def family(pid):
    """The processes of a tool: Pagefind and recoll start others."""
    found, open_ = [], [pid]
    while open_:
        one = open_.pop()
        found.append(one)
        try:
            open_ += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
        except OSError:
            pass
    return found


def anonymous(pid):
    total = 0
    for one in family(pid):
        try:
            status = Path(f"/proc/{one}/status").read_text()
        except OSError:
            continue
        found = re.search(r"RssAnon:\s+(\d+) kB", status)
        total += int(found[1]) * 1024 if found else 0
    return total


def measured(command):
    """Wall seconds, processor seconds and peak anonymous bytes of one process and those it starts."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [str(c) for c in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    told = []
    reader = threading.Thread(target=lambda: told.append(process.stderr.read()))
    reader.start()
    peak = 0
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        peak = max(peak, anonymous(process.pid))
        time.sleep(0.02)
    wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    reader.join()
    if process.returncode:
        raise RuntimeError(f"{command[0]}: {process.returncode}: {told[0].decode(errors='replace')[-500:]}")
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "anon": peak}


def quick(command):
    """Wall seconds of a whole short process."""
    begun = time.perf_counter()
    subprocess.run([str(c) for c in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - begun


DROP = Path("/proc/sys/vm/drop_caches")


def from_disk(command):
    """The same with nothing of the disk in memory."""
    os.sync()
    DROP.write_text("3")
    return quick(command)


def size(path):
    path = Path(path)
    files = [path] if path.is_file() else [f for f in path.rglob("*") if f.is_file()]
    return sum(f.stat().st_size for f in files)


def median(rows, key):
    return statistics.median(row[key] for row in rows)


# --- Tools -----------------------------------------------------------------------------------------------------------


class Bench:
    def __init__(self, args):
        self.args = args
        self.work = Path(args.work).resolve()
        self.work.mkdir(parents=True, exist_ok=True)
        self.tools = Path(args.tools or self.work / "tools").resolve()
        self.deepcut = Path(args.deepcut or ROOT / "target/release/deepcut").resolve()
        self.floor = Path(args.floor or self.tools / "floor/release/floor").resolve()
        self.told = self.work / "results.json"
        # A part that is measured again takes the place of what was measured before.
        self.results = json.loads(self.told.read_text()) if args.only and self.told.exists() else {}
        self.results |= {"machine": {"cpus": os.cpu_count()}, "missing": []}

    def install(self):
        run("apt-get", "install", "-y", "-q", *DEBIAN, *([] if shutil.which("npm") else NODE))
        run("npm", "install", "--no-audit", "--no-fund", "--prefix", self.tools / "npm", "pagefind")
        run("cargo", "install", "tantivy-cli", "--root", self.tools / "cargo")

    def build(self):
        if not self.args.deepcut:
            run("cargo", "build", "--release", "--locked", cwd=ROOT)
        if not self.args.floor:
            run("cargo", "build", "--release", cwd=HERE / "floor", env={**os.environ, "CARGO_TARGET_DIR": str(self.tools / "floor")})
        if shutil.which("javac") and len(JARS) == 2:
            run("javac", "-cp", ":".join(JARS), "-d", self.tools / "java", HERE / "Lucene.java")

    def found(self, name, path):
        if path and Path(path).exists():
            return True
        if name not in self.results["missing"]:
            self.results["missing"].append(name)
        return False

    def corpus(self, form, posts):
        """A generated archive; the smaller one is the beginning of the larger."""
        folder = self.work / f"{form}-{posts}"
        if not folder.exists():
            out(f"writing {posts} posts as {form}")
            made = folder.with_suffix(".part")
            shutil.rmtree(made, ignore_errors=True)
            generate = [self.args.generate] if self.args.generate else ["cargo", "run", "--release", "--example", "generate", "--"]
            run(*generate, "--posts", posts, "--format", form, "--out", made, cwd=ROOT, stdout=subprocess.DEVNULL)
            made.rename(folder)
        return folder

    def flat(self, folder):
        """The same posts for tools that read no nested JSON: five texts a post."""
        lines, parted = folder / "flat.ndjson.txt", folder / "flat.txt"
        if not parted.exists():
            with open(folder / "posts.jsonl") as posts, open(lines, "w") as ndjson, open(parted, "w") as text:
                for line in posts:
                    p = json.loads(line)
                    tracks = [f"{t['artist']} {t['title']}" for l in p["tracklists"] for t in l["tracks"]]
                    comments = [f"{c['author']} {c['text']}" for c in p["comments"]]
                    values = [p["url"], p["title"], " ".join(p["tags"]), " ".join(tracks), p["body"], " ".join(comments)]
                    values = [v.replace("\n", " ") for v in values]
                    ndjson.write(json.dumps(dict(zip(FIELDS, values))) + "\n")
                    text.write("\x01".join(values) + "\n")
        return lines, parted

    def java(self, *words):
        return ["java", "-Xmx2g", "-cp", ":".join([*JARS, str(self.tools / "java")]), "Lucene", *words]

    def html_tools(self, folder):
        """Name to (command, folder of the index, preparation)."""
        threads = str(os.cpu_count())
        index = lambda name: self.work / f"index-html-{name}"
        tools = {
            "floor": [self.floor, "html", folder, index("floor")],
            "deepcut": [self.deepcut, "-q", "index", "--index", index("deepcut"), folder],
        }
        if folder.name.split("-")[-1] == str(self.args.pages_peers):
            pagefind = self.tools / "npm/node_modules/.bin/pagefind"
            if self.found("pagefind", pagefind):
                tools["pagefind"] = [pagefind, "--site", folder, "--output-path", index("pagefind")]
            if self.found("omindex", shutil.which("omindex")):
                tools["omindex"] = ["omindex", "--db", index("omindex"), "--url", "/", folder]
            if self.found("recoll", shutil.which("recollindex")):
                settings = self.work / "recoll"
                settings.mkdir(exist_ok=True)
                (settings / "recoll.conf").write_text(
                    f"topdirs = {folder}\ndbdir = {index('recoll')}\nthrTCounts = {threads} {threads} 1\n"
                )
                tools["recoll"] = ["recollindex", "-c", settings, "-z"]
        return {name: (command, index(name)) for name, command in tools.items()}

    def jsonl_tools(self, folder):
        index = lambda name: self.work / f"index-jsonl-{folder.name.split('-')[-1]}-{name}"
        posts = folder / "posts.jsonl"
        tools = {
            "floor": [self.floor, "jsonl", posts, index("floor")],
            "deepcut": [self.deepcut, "-q", "index", "--index", index("deepcut"), posts],
        }
        if not self.args.no_peers:
            ndjson, parted = self.flat(folder)
            threads = str(os.cpu_count())
            cli = self.tools / "cargo/bin/tantivy"
            if self.found("tantivy-cli", cli):
                tools["tantivy-cli"] = [cli, "index", "-i", index("tantivy-cli"), "-f", ndjson, "-t", threads, "-m", "512000000"]
            if self.found("Lucene", self.tools / "java/Lucene.class"):
                tools["Lucene"] = self.java("index", parted, index("Lucene"), threads)
            tools["FTS5"] = [sys.executable, __file__, "--fts5", parted, index("FTS5")]
        return {name: (command, index(name)) for name, command in tools.items()}

    # --- Rows ---------------------------------------------------------------------------------------------------------

    def index_all(self, title, tools, documents, source):
        """Interleaved rounds; the last round's indexes stay."""
        rows = {name: [] for name in tools}
        for number in range(self.args.rounds):
            for name, (command, index) in tools.items():
                shutil.rmtree(index, ignore_errors=True)
                if name in ("tantivy-cli", "FTS5"):
                    index.mkdir(parents=True)
                if name == "tantivy-cli":
                    (index / "meta.json").write_text(tantivy_meta())
                row = measured(command)
                row["index"] = size(index)
                rows[name].append(row)
                out(f"{title} {number + 1}/{self.args.rounds} {name}: {row['wall']:.1f} s, cpu {row['cpu']:.1f} s, {row['anon'] >> 20} MiB, index {row['index'] / 1e6:.0f} MB")
        ours = rows["deepcut"]
        table = []
        for name, all_ in rows.items():
            wall = median(all_, "wall")
            table.append({
                "tool": name, "per_second": documents / wall, "wall_s": wall, "cpu_s": median(all_, "cpu"),
                "deepcut_is_times_faster": statistics.median(r["wall"] / o["wall"] for r, o in zip(all_, ours)),
                "deepcut_cpu_times_less": statistics.median(r["cpu"] / o["cpu"] for r, o in zip(all_, ours)),
                "anon_bytes": max(r["anon"] for r in all_),
                "index_bytes": all_[-1]["index"], "index_per_source": all_[-1]["index"] / source,
            })
        self.results[title] = table

    def cold(self, title, commands, times=21):
        """Whole processes, one after the other, one of each at a time."""
        taken = {name: [] for name in commands}
        for _ in range(times):
            for name, command in commands.items():
                taken[name].append(quick(command))
        disk = {name: [] for name in commands}
        # Only root may drop caches.
        for _ in range(7 if os.access(DROP, os.W_OK) and not self.args.no_disk else 0):
            for name, command in commands.items():
                disk[name].append(from_disk(command))
        ours, table = statistics.median(taken["deepcut"]), []
        for name, t in taken.items():
            row = {"tool": name, "median_ms": statistics.median(t) * 1e3, "deepcut_is": ours / statistics.median(t)}
            if disk[name]:
                row["from_disk_ms"] = statistics.median(disk[name]) * 1e3
                row["deepcut_is_from_disk"] = statistics.median(disk["deepcut"]) / statistics.median(disk[name])
            table.append(row)
        self.results[title] = table

    def queries(self, folder, each):
        """Queries of every class, from posts of the archive: a class, a tab, the query."""
        draw = random.Random(1)
        posts = []
        with open(folder / "posts.jsonl") as lines:
            for line in lines:
                posts.append(line)
                if len(posts) >= 20000:
                    break
        classes = {"one word": [], "and": [], "or": [], "phrase": [], "name": [], "corrected": [], "prefix": []}
        while any(len(all_) < each for all_ in classes.values()):
            post = json.loads(draw.choice(posts))
            words = re.findall(r"[a-z]{4,12}", post["body"])
            at = draw.randrange(len(words) - 1)
            track = draw.choice(post["tracklists"][0]["tracks"])
            long = draw.choice([w for w in words if len(w) >= 6])
            slip = draw.randrange(1, len(long))
            pair = re.findall(r"(?<![\w'’-])([a-z]+) ([a-z]+)(?![\w'’-])", post["body"])
            made = {
                "one word": draw.choice(words),
                "and": f"{draw.choice(words)} {draw.choice(words)}",
                "or": f"{draw.choice(words)} OR {draw.choice(words)}",
                "phrase": '"%s %s"' % draw.choice(pair),
                "name": re.sub(r"[^\w ]", " ", track["artist"]).lower(),
                "corrected": long[:slip] + draw.choice("abcdefghijklmnopqrstuvwxyz") + long[slip + 1:],
                "prefix": words[at][:4] + "*",
            }
            for name, query in made.items():
                if len(classes[name]) < each and query not in classes[name]:
                    classes[name].append(query)
        path = self.work / "queries.tsv"
        path.write_text("".join(f"{name}\t{query}\n" for name, all_ in classes.items() for query in all_))
        return path

    def answer(self, title, folder, index):
        """Each class whole, against the floor's queries and the floor's queries with snippets."""
        file = self.queries(folder, self.args.queries)
        floor = json.loads(subprocess.check_output([self.floor, "queries", f"{index}-floor", file, "3"]))
        ours = json.loads(subprocess.check_output(
            [self.deepcut, "bench", "--index", f"{index}-deepcut", "--queries", file, "--threads", "1", "--seconds", str(self.args.seconds), "--json"]))
        table = []
        for one in ours["search"]["classes"]:
            peer = floor.get(one["name"])
            if not peer:
                continue
            p50, p99 = one["p50_ms"]["value"] * 1e3, one["p99_ms"]["value"] * 1e3
            table.append({
                "class": one["name"], "queries": one["queries"], "deepcut_p50_us": p50, "deepcut_p99_us": p99,
                "floor_p50_us": peer["p50_us"], "floor_p99_us": peer["p99_us"],
                "floor_snippets_p50_us": peer["snippets_p50_us"], "floor_snippets_p99_us": peer["snippets_p99_us"],
                "p50": p50 / peer["p50_us"], "p99": p99 / peer["p99_us"],
                "p50_whole": p50 / peer["snippets_p50_us"], "p99_whole": p99 / peer["snippets_p99_us"],
            })
        self.results[title] = table

    def agree(self, folder, index, tools):
        """Hit counts of words in the prose; a difference is an error of the comparison."""
        body = json.loads((folder / "posts.jsonl").open().readline())["body"]
        words = sorted(set(re.findall(r"(?<![\w'’-])[a-z]{5,}(?![\w'’-])", body)))[:40]
        counted = {}
        for word in words:
            told = subprocess.check_output(
                [self.deepcut, "search", "--index", f"{index}-deepcut", "--exact", f"body:{word}", "--limit", "1", "--json"])
            found = json.loads(told)
            counted.setdefault("deepcut", []).append(found["total"])
        if "FTS5" in tools:
            db = sqlite3.connect(f"{index}-FTS5/posts.db")
            count = lambda w: db.execute("SELECT count(*) FROM posts WHERE posts MATCH ?", (f'body:"{w}"',)).fetchone()[0]
            counted["FTS5"] = [count(w) for w in words]
        if "Lucene" in tools:
            list_ = self.work / "words.txt"
            list_.write_text("\n".join(words) + "\n")
            told = subprocess.check_output(self.java("count", f"{index}-Lucene", list_), text=True)
            counted["Lucene"] = [int(n) for n in told.split()]
        self.results["hit counts"] = {
            "words": len(words),
            "equal": {name: sum(a == b for a, b in zip(c, counted["deepcut"])) for name, c in counted.items()},
        }

    def update(self, title, folder, index):
        """One changed post, committed and searchable; and a run that finds nothing to do."""
        beside = self.work / "beside"
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir()
        post = beside / "post.jsonl"
        write = lambda n: post.write_text(json.dumps({"url": "https://changed.example/post", "title": "A changed post", "text": f"One more paragraph, the {n}th."}) + "\n")
        ours, nothing, floor = [], [], []
        command = [self.deepcut, "-q", "index", "--index", f"{index}-deepcut", beside]
        write(0)
        run(*command, stdout=subprocess.DEVNULL)
        for n in range(1, 8):
            write(n)
            ours.append(quick(command))
            nothing.append(quick([self.deepcut, "-q", "index", "--index", f"{index}-deepcut"]))
            floor.append(float(subprocess.check_output([self.floor, "update", f"{index}-floor"])))
        self.results[title] = {
            "one_post_ms": statistics.median(ours) * 1e3, "floor_one_commit_ms": statistics.median(floor) * 1e3,
            "deepcut_is": statistics.median(ours) / statistics.median(floor), "nothing_changed_ms": statistics.median(nothing) * 1e3,
        }

    def save(self):
        self.told.write_text(json.dumps(self.results, indent=1))

    def whole(self):
        try:
            self.rows()
        finally:
            self.save()

    def rows(self):
        a = self.args
        wanted = lambda name: not a.only or name in a.only
        if wanted("html"):
            for pages in sorted({a.pages_peers, a.pages} - {0}):
                folder = self.corpus("html", pages)
                self.index_all(f"pages to index, {pages}", self.html_tools(folder), pages, size(folder))
        folder = self.corpus("jsonl", a.posts)
        index = self.work / f"index-jsonl-{a.posts}"
        tools = self.jsonl_tools(folder)
        if wanted("jsonl"):
            self.index_all(f"posts a line to index, {a.posts}", tools, a.posts, size(folder / "posts.jsonl"))
        if wanted("agree"):
            self.agree(folder, index, tools)
        if wanted("cold"):
            word = json.loads((folder / "posts.jsonl").open().readline())["tracklists"][0]["tracks"][0]["title"].split()[0].lower()
            commands = {
                "deepcut": [self.deepcut, "search", "--index", f"{index}-deepcut", word],
                "floor": [self.floor, "one", f"{index}-floor", word],
            }
            if "tantivy-cli" in tools:
                commands["tantivy-cli"] = [self.tools / "cargo/bin/tantivy", "search", "-i", f"{index}-tantivy-cli", "-q", word]
            if "FTS5" in tools:
                ask = f"SELECT title, snippet(posts, 4, '[', ']', '…', 20) FROM posts WHERE posts MATCH '{word}' ORDER BY rank LIMIT 10"
                commands["FTS5"] = ["sqlite3", f"{index}-FTS5/posts.db", ask]
            self.cold(f"one whole search, {a.posts} posts", commands)
            pages = self.work / "index-html-omindex"
            if pages.exists():
                self.cold(f"one whole search, {a.pages_peers} pages", {
                    "deepcut": [self.deepcut, "search", "--index", self.work / "index-html-deepcut", word],
                    "quest": ["quest", "-d", pages, word],
                    "recoll": ["recollq", "-c", self.work / "recoll", "-A", word],
                    "floor": [self.floor, "one", self.work / "index-html-floor", word],
                })
        if wanted("queries"):
            self.answer(f"queries, {a.posts} posts", folder, index)
        if wanted("update"):
            self.update(f"one changed post in {a.posts}", folder, index)
        table = beside(self.results)
        (self.work / "table.md").write_text(table)
        print(table)
        print(tables(self.results))


def tantivy_meta():
    text = {"indexing": {"record": "position", "fieldnorms": True, "tokenizer": "default"}, "stored": True, "fast": False}
    raw = {"indexing": {"record": "basic", "fieldnorms": True, "tokenizer": "raw"}, "stored": True, "fast": False}
    schema = [{"name": f, "type": "text", "options": raw if f == "url" else text} for f in FIELDS]
    settings = {"docstore_compression": "lz4", "docstore_blocksize": 16384}
    return json.dumps({"index_settings": settings, "segments": [], "schema": schema, "opstamp": 0})


def fts5(parted, folder):
    """SQLite's own full-text index: one transaction, then optimised."""
    db = sqlite3.connect(f"{folder}/posts.db")
    db.execute("PRAGMA journal_mode = OFF")
    db.execute("PRAGMA synchronous = OFF")
    db.execute(f"CREATE VIRTUAL TABLE posts USING fts5({', '.join(FIELDS)})")
    with open(parted) as lines:
        rows = (line.rstrip("\n").split("\x01") for line in lines)
        db.executemany("INSERT INTO posts VALUES (?, ?, ?, ?, ?, ?)", rows)
    db.execute("INSERT INTO posts(posts) VALUES ('optimize')")
    db.commit()


def beside(results):
    """The README's table: a tool a row, a work a column; time, and how many times faster deepcut is."""
    works, tools = [], {}
    for title, rows in results.items():
        key = next((key for key in ("wall_s", "median_ms") if isinstance(rows, list) and rows and key in rows[0]), None)
        if not key or all(row["tool"] in ("deepcut", "floor") for row in rows):
            continue
        works.append(re.sub(r"\d{4,}", lambda number: f"{int(number[0]):,}", title))
        ours = next(row[key] for row in rows if row["tool"] == "deepcut")
        for row in rows:
            took = f"{row[key]:.{1 if row[key] < 100 else 0}f} {key.split('_')[1]}"
            faster = row.get("deepcut_is_times_faster", row[key] / ours)
            times = f" · {faster:.{2 if faster < 10 else 0}f} ×"
            tools.setdefault(row["tool"], {})[works[-1]] = took + times * (row["tool"] != "deepcut")
    if not works:
        return ""
    lines = [f"| | {' | '.join(works)} |", f"|{'---|' * (len(works) + 1)}"]
    for tool in sorted(tools, key=lambda tool: tool != "deepcut"):
        lines.append(f"| {tool} | {' | '.join(tools[tool].get(work, '') for work in works)} |")
    return "\n".join(lines) + "\n"


def tables(results):
    said = []
    for title, rows in results.items():
        if isinstance(rows, list) and rows and isinstance(rows[0], dict):
            heads = list(rows[0])
            said.append(f"\n### {title}\n\n| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
            for row in rows:
                cells = [f"{v:,.3g}" if isinstance(v, float) and v < 1000 else f"{v:,.0f}" if isinstance(v, (int, float)) else str(v) for v in row.values()]
                said.append(f"| {' | '.join(cells)} |")
        else:
            said.append(f"\n### {title}\n\n{json.dumps(rows)}")
    return "\n".join(said)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", default="/tmp/deepcut-peers", help="folder for corpora, indexes and results.json")
    parser.add_argument("--tools", help="folder of installed peers [default: WORK/tools]")
    parser.add_argument("--install", action="store_true", help="install the peers, and end")
    parser.add_argument("--posts", type=int, default=100_000, help="posts of the JSON Lines corpus")
    parser.add_argument("--pages", type=int, default=10_000, help="pages of the HTML corpus, for deepcut and the floor")
    parser.add_argument("--pages-peers", type=int, default=10_000, help="pages of the HTML corpus for slower tools")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--queries", type=int, default=100, help="queries of each class")
    parser.add_argument("--seconds", type=int, default=10, help="how long deepcut's queries are asked")
    parser.add_argument("--only", nargs="*", choices=["html", "jsonl", "agree", "cold", "queries", "update"])
    parser.add_argument("--no-peers", action="store_true", help="deepcut and the floor alone, where lines are indexed")
    parser.add_argument("--no-disk", action="store_true", help="no searches with the disk's cache dropped")
    parser.add_argument("--deepcut", help="a built deepcut, instead of building this clone")
    parser.add_argument("--floor", help="a built floor")
    parser.add_argument("--generate", help="a built generator of archives")
    parser.add_argument("--fts5", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.fts5:
        return fts5(*args.fts5)
    bench = Bench(args)
    if args.install:
        return bench.install()
    bench.build()
    bench.whole()


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    main()
