#!/usr/bin/env bash
# Holds that others read what a crawl writes: warcio (from PyPI) checks every digest and lists every record of the
# web archives of two crawls, and of one that was killed. Needs python3 with venv and the network of PyPI; exits 77
# where they are not there.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v python3 >/dev/null || { echo "python3 is not here"; exit 77; }
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
python3 -m venv "$work/venv" 2>/dev/null && "$work/venv/bin/pip" install --quiet --disable-pip-version-check warcio 2>/dev/null ||
  { echo "warcio cannot be had"; exit 77; }
# As the tests build it: examples bring the same features.
cargo build --locked --quiet --bin deepcut --example generate
bin=$PWD/target/debug/deepcut
mkdir -p "$work/site"
cp -r corpus/html/. "$work/site/"
python3 - "$work/site" <<'PY'
import os, sys
root = sys.argv[1]
links = [os.path.relpath(os.path.join(f, n), root) for f, _, names in sorted(os.walk(root)) for n in sorted(names)]
page = "".join(f'<p><a href="/{link}">{link}</a></p>' for link in links)
open(f"{root}/index.html", "w").write(f"<html><head><title>All</title></head><body>{page}</body></html>")
PY
python3 tests/served/serve.py "$work/site" "$work/port" "$work/log" &
server=$!
for _ in $(seq 100); do [ -e "$work/port" ] && break; sleep 0.1; done
url=http://127.0.0.1:$(cat "$work/port")/
crawl() { "$bin" --index "$work/index" crawl "$url" --into "$1" --allow-private --delay 0 --format json "${@:2}"; }
# The process itself, not a shell before it, is what is killed.
begin() { exec "$bin" --index "$work/index" crawl "$url" --into "$1" --allow-private --delay 0 --no-index; }
crawl "$work/posts" > "$work/first.json"
sleep 1
crawl "$work/posts" > "$work/second.json"
for moment in 0.15 0.3 0.2; do
  begin "$work/killed" >/dev/null 2>&1 &
  pid=$!
  sleep "$moment"
  kill -9 "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
done
crawl "$work/killed" --no-index > "$work/killed.json"

"$work/venv/bin/warcio" check -v "$work"/posts/*.warc.gz "$work"/killed/*.warc.gz > "$work/check.txt" ||
  { cat "$work/check.txt"; exit 1; }
"$work/venv/bin/python" - "$work" <<'PY'
import collections, glob, json, sys
from warcio.archiveiterator import ArchiveIterator
work = sys.argv[1]
faults = []
def read(path):
    kinds, pages = collections.Counter(), {}
    with open(path, "rb") as stream:
        for record in ArchiveIterator(stream, check_digests="raise"):
            kinds[record.rec_type] += 1
            head = record.rec_headers
            if head.get_header("WARC-Date") is None or not head.get_header("WARC-Record-ID").startswith("<urn:uuid:"):
                faults.append(f"{path}: {head}")
            body = record.content_stream().read()
            if record.rec_type == "response":
                url = head.get_header("WARC-Target-URI")
                if url in pages:
                    faults.append(f"{path}: {url} twice")
                pages[url] = body
                if int(record.http_headers.get_header("content-length")) != len(body) and not record.http_headers.get_header("content-encoding"):
                    faults.append(f"{path}: {url}: the length is not that of the body")
            if record.rec_type == "revisit":
                if "server-not-modified" not in head.get_header("WARC-Profile") or body:
                    faults.append(f"{path}: {head}")
    return kinds, pages
first, second = (read(path) for path in sorted(glob.glob(f"{work}/posts/*.warc.gz")))
(killed,) = (read(path) for path in glob.glob(f"{work}/killed/*.warc.gz"))
fetched = json.load(open(f"{work}/first.json"))["fetched"]
pages = {url: body for url, body in first[1].items() if b"<html" in body.lower() or b"<!doctype" in body.lower()}
if len(pages) != fetched:
    faults.append(f"{len(pages)} pages in the archive, {fetched} in the report")
if first[0]["warcinfo"] != 1 or first[0]["response"] != first[0]["request"]:
    faults.append(f"first: {first[0]}")
if second[0]["response"] or second[0]["revisit"] != json.load(open(f"{work}/second.json"))["requests"]:
    faults.append(f"second: {second[0]}")
if killed[1] != first[1]:
    faults.append("the archive of the killed crawls is another one")
for name, (kinds, _) in (("first", first), ("second", second), ("killed", killed)):
    print(name, dict(kinds))
sys.exit("\n".join(faults) or 0)
PY
