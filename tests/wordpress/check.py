"""Holds what the crawls of a WordPress brought against its export, and against the server's log."""

import collections
import json
import subprocess
import sys

binary, work, kills = sys.argv[1], sys.argv[2], int(sys.argv[3])
faults = []


def fault(text):
    faults.append(text)


def ask(index, *args):
    out = subprocess.run([binary, "--index", f"{work}/{index}", *args, "--format", "json"], capture_output=True)
    return json.loads(out.stdout)


def posts(index):
    """Every post: its rows and its comments, by title."""
    found = {}
    for hit in ask(index, "search", "*", "--limit", "500")["hits"]:
        post = ask(index, "show", hit["post"]["id"])
        post = post["posts"][0]
        rows = [(t["artist"], t["title"]) for l in post["tracklists"] for t in l["tracks"]]
        texts = {c["id"]: c["text"] for c in post["comments"]}
        comments = sorted((c["author"], c["text"], texts.get(c["parent"])) for c in post["comments"])
        found[post["title"]] = (rows, comments)
    return found


def log(name):
    lines = []
    for line in open(f"{work}/{name}.log"):
        path, status, rest = line.rstrip("\n").split(" ", 2)
        lines.append((path, int(status), not rest.startswith("- - "), int(rest.rsplit(" ", 1)[1])))
    return lines


def report(name):
    return json.load(open(f"{work}/{name}.json"))


expected = posts("expected")
hidden = [title for title in expected if title.endswith(", part 29")]
for index in ("full", "pieces"):
    found = posts(index)
    for title, (rows, comments) in expected.items():
        if title in hidden:
            continue
        if title not in found:
            fault(f"{index}: {title} is not there")
            continue
        if rows != found[title][0]:
            fault(f"{index}: {title}: rows {found[title][0]} instead of {rows}")
        got = [c for c in found[title][1] if "401" not in c[1]]
        if [c[:2] for c in comments] != [c[:2] for c in got]:
            missing = [c for c in comments if c not in got]
            more = [c for c in got if c not in comments]
            fault(f"{index}: {title}: {len(got)} comments instead of {len(comments)}; missing {missing[:2]}, more {more[:2]}")
        elif [c[2] for c in comments] != [c[2] for c in got]:
            apart = sum(a[2] != b[2] for a, b in zip(comments, got))
            fault(f"{index}: {title}: {apart} comments answer another one")
    for title in found:
        # The page is forbidden, its comments in the REST interface are not.
        if title not in expected and title != "found tape 29":
            fault(f"{index}: {title} is no post")

first = log("first")
for path, status, conditional, size in first + log("second") + log("third") + log("pieces"):
    if "found-tape-29" in path or path.startswith(("/wp-admin", "/author/")):
        fault(f"robots.txt forbids {path}")
    if "replytocom" in path or path.startswith("/wp-login") or "?s=" in path:
        fault(f"a trap was asked for: {path}")
twice = [path for path, n in collections.Counter(path for path, *_ in first).items() if n > 1]
if twice:
    fault(f"first crawl: asked twice for {twice[:5]}")
if not any("comment-page-" in path for path, *_ in first):
    fault("no page of comments was asked for")

second = log("second")
for path, status, conditional, size in second:
    if not conditional:
        fault(f"second crawl: not conditional: {path}")
    if size:
        fault(f"second crawl: {size} bytes of {path}")
third = [path for path, status, _, _ in log("third") if status == 200]
pages = [p for p in third if "feed" not in p and "wp-json" not in p and "rest_route" not in p]
if sorted({p.split("/comment-page-")[0].rstrip("/").rsplit("/", 1)[-1] for p in pages}) != ["found-tape-12", "found-tape-7"]:
    fault(f"third crawl: came: {pages}")
if not ask("full", "search", '"minute of thunderstorm"')["total"]:
    fault("third crawl: the edited post is not there")
if not ask("full", "search", "author:Lena in:comments \"years later\"")["total"] and not ask("full", "search", "\"years later\"")["total"]:
    fault("third crawl: the new comment is not there")
# What was under way at a kill is asked for once more; a run after the last page is one of conditional requests.
again = sum(n - 1 for n in collections.Counter(path for path, status, *_ in log("pieces") if status == 200).values())
if again > kills:
    fault(f"{again} requests again after {kills} kills")

print(json.dumps({
    "first": {k: report("first")[k] for k in ("posts", "fetched", "forbidden", "requests", "seconds")},
    "second": {"requests": len(second), "unchanged": report("second")["unchanged"]},
    "third": third, "kills": kills, "again": again,
    "index": {k: report("pieces")["index"][k] for k in ("posts", "tracks", "comments")},
}, indent=1))
if faults:
    sys.exit("\n".join(faults[:30] + [f"{len(faults)} faults"]))
