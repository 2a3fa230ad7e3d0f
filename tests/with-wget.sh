#!/usr/bin/env bash
# Captures a real site with `wget --warc-file` and holds that deepcut reads exactly its posts: as WARC, as gzipped
# WARC, and as WACZ. The site is the pages of the sample archive with lists of them, served on the loopback
# interface. Needs wget and python3; exits 77 where they are not there.
set -euo pipefail
cd "$(dirname "$0")/.."
for tool in wget python3; do
  command -v "$tool" >/dev/null || { echo "$tool is not here"; exit 77; }
done
if ! wget --help | grep -q -- --warc-file; then
  echo "this wget writes no WARC"
  exit 77
fi

# As the tests build it: examples bring the same features.
cargo build --locked --quiet --bin deepcut --example generate
bin=$PWD/target/debug/deepcut
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT

# The site: every page of the archive, and lists that show their beginnings.
mkdir -p "$work/site" "$work/folder"
cp -r corpus/html/. "$work/site/"
python3 - "$work/site" <<'PY'
import html, os, re, sys
root = sys.argv[1]
entries = []
for folder, _, names in sorted(os.walk(root)):
    for name in sorted(names):
        path = os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/")
        text = open(os.path.join(folder, name), encoding="utf-8", errors="replace").read()
        title = re.search(r"<title>(.*?)</title>", text, re.S)
        entries.append((path, html.unescape(title.group(1).strip()) if title else path))
def page(name, heading, part):
    items = "".join(
        f'<article class="post"><h2><a href="/{path}">{html.escape(title)}</a></h2><p>From the archive.</p></article>'
        for path, title in part)
    path = os.path.join(root, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as out:
        out.write(f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{heading}</title></head>'
                  f'<body><nav><a href="/tag/tapes/">tapes</a> <a href="/page/2/">older</a> <a href="/archive.html">all</a></nav>{items}</body></html>')
page("index.html", "All tapes", entries)
page("tag/tapes/index.html", "Tagged tapes", entries[:5])
page("page/2/index.html", "Older tapes", entries[5:])
page("archive.html", "The archive", entries)
PY

# What the same pages give when they are read from a folder: those are the counts to match.
cp -r corpus/html/. "$work/folder/"
expected=$("$bin" --index "$work/index-folder" index "$work/folder" --format json)

python3 - "$work/site" "$work/port" <<'PY' &
import functools, http.server, sys
class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=sys.argv[1]))
with open(sys.argv[2] + ".new", "w") as out:
    out.write(str(server.server_address[1]))
import os
os.rename(sys.argv[2] + ".new", sys.argv[2])
server.serve_forever()
PY
server=$!
for _ in $(seq 100); do
  [ -e "$work/port" ] && break
  sleep 0.1
done
url="http://127.0.0.1:$(cat "$work/port")/"

capture() {
  (cd "$work" && mkdir -p fetched && cd fetched &&
    wget --quiet --no-proxy --recursive --level=3 --no-parent --execute robots=off "$@" "$url" || [ $? -eq 8 ])
}
mkdir -p "$work/plain" "$work/gzip" "$work/wacz"
capture --warc-file="$work/plain/site" --no-warc-compression
capture --warc-file="$work/gzip/site" --warc-cdx
python3 - "$work/gzip/site.warc.gz" "$work/wacz/site.wacz" <<'PY'
import sys, zipfile
with zipfile.ZipFile(sys.argv[2], "w", zipfile.ZIP_STORED) as out:
    out.write(sys.argv[1], "archive/data.warc.gz")
    out.writestr("datapackage.json", '{"profile": "data-package", "wacz_version": "1.1.1", "resources": []}')
    out.writestr("pages/pages.jsonl", '{"format": "json-pages-1.0", "id": "pages", "title": "All Pages"}\n')
PY

for form in plain gzip wacz; do
  found=$("$bin" --index "$work/index-$form" index "$work/$form" --format json) || { echo "$form: $found"; exit 1; }
  python3 - "$form" "$expected" "$found" <<'PY'
import json, sys
form, expected, found = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
counts = lambda report: {key: report[key] for key in ("posts", "tracks", "comments")}
if counts(expected) != counts(found) or found["failed"]:
    sys.exit(f"{form}: {counts(found)} instead of {counts(expected)}; failed: {found['failed']}")
print(f"{form}: {counts(found)}")
PY
done

# A capture that was cut off keeps what came before.
mkdir "$work/cut"
python3 - "$work/plain/site.warc" "$work/cut/site.warc" <<'PY'
import sys
data = open(sys.argv[1], "rb").read()
open(sys.argv[2], "wb").write(data[: len(data) * 2 // 3])
PY
status=0
cut=$("$bin" --index "$work/index-cut" index "$work/cut" --format json 2>/dev/null) || status=$?
python3 - "$status" "$expected" "$cut" <<'PY'
import json, sys
status, expected, cut = int(sys.argv[1]), json.loads(sys.argv[2]), json.loads(sys.argv[3])
if status != 4 or not 0 < cut["posts"] < expected["posts"] or len(cut["failed"]) != 1:
    sys.exit(f"cut: exit code {status}, {cut}")
print(f"cut: {cut['posts']} posts, {cut['failed'][0]['entry']}")
PY
