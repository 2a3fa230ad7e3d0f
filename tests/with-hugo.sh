#!/usr/bin/env bash
# Crawls a site that Hugo made (Debian's), served on the loopback interface: with its sitemap, then with its feed
# alone, in which whole posts stand. Each post and each row must arrive, and a second crawl must bring no body.
# Installs Hugo where it may (root, apt-get); exits 77 where that cannot be.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v python3 >/dev/null || { echo "python3 is not here"; exit 77; }
if ! command -v hugo >/dev/null; then
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || { echo "hugo is not here"; exit 77; }
  echo "installing Hugo by apt-get"
  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends hugo; } >/dev/null 2>&1 ||
    { echo "hugo cannot be installed here"; exit 77; }
fi
# As the tests build it: examples bring the same features.
cargo build --locked --quiet --bin deepcut --example generate
bin=$PWD/target/debug/deepcut
serve=$PWD/tests/served/serve.py
work=$(mktemp -d)
pids=()
trap 'for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done; rm -rf "$work"' EXIT
cd "$work"

start() { # FOLDER NAME: sets `port`
  python3 "$serve" "$1" "$work/$2.port" "$work/$2.log" &
  pids+=($!)
  for _ in $(seq 100); do [ -e "$work/$2.port" ] && break; sleep 0.1; done
  port=$(cat "$work/$2.port")
}

# The site as its author keeps it: 40 posts in Markdown, with own templates.
mkdir -p site/content/posts site/layouts/_default served
python3 - site/content/posts <<'PY'
import sys
for n in range(1, 41):
    rows = "\n".join(f"{r}. Ensemble {n % 9} - Piece {n}.{r}" for r in range(1, 6))
    open(f"{sys.argv[1]}/cassette-{n}.md", "w").write(
        f"---\ntitle: Cassette {n} of the shelf\ndate: {2015 + n // 12}-{n % 12 + 1:02}-{n % 27 + 1:02}\ntags: [shelf{n % 5}]\n---\n\n"
        f"Cassette {n} stood behind the others on the shelf, with its ribbon wound back by hand.\n\n## Track Listing\n\n{rows}\n")
PY
cat > site/layouts/_default/single.html <<'HTML'
<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{{ .Title }}</title>
<link rel="canonical" href="{{ .Permalink }}"><meta name="generator" content="Hugo"></head><body>
<nav><a href="/">Home</a> <a href="/tags/">Tags</a></nav><article><h1>{{ .Title }}</h1>
<time datetime="{{ .Date.Format "2006-01-02" }}">{{ .Date.Format "January 2, 2006" }}</time>{{ .Content }}</article></body></html>
HTML
cat > site/layouts/_default/list.html <<'HTML'
<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{{ .Title }}</title>
<link rel="alternate" type="application/rss+xml" href="/index.xml"></head><body>
{{ range (.Paginate .Pages).Pages }}<article><h2><a href="{{ .Permalink }}">{{ .Title }}</a></h2><p>{{ .Summary | truncate 40 }}</p></article>{{ end }}
{{ with .Paginator }}{{ if .HasNext }}<a href="{{ .Next.URL }}">Older</a>{{ end }}{{ end }}</body></html>
HTML
cat > site/layouts/_default/rss.xml <<'XML'
{{ printf "<?xml version=\"1.0\" encoding=\"utf-8\"?>" | safeHTML }}<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>The shelf</title><link>{{ .Site.BaseURL }}</link>{{ range .Site.RegularPages }}<item><title>{{ .Title }}</title><link>{{ .Permalink }}</link>
<pubDate>{{ .Date.Format "Mon, 02 Jan 2006 15:04:05 -0700" }}</pubDate><content:encoded>{{ printf "<![CDATA[%s]]>" .Content | safeHTML }}</content:encoded></item>{{ end }}</channel></rss>
XML
start "$work/served" hugo
printf 'baseURL = "http://127.0.0.1:%s/"\ntitle = "The shelf"\npaginate = 6\n' "$port" > site/config.toml
hugo --source site --destination "$work/served" --quiet
crawl() { "$bin" --index "$work/index-$1" crawl "http://127.0.0.1:$2/" --into "$work/posts-$1" --allow-private --delay 0 --format json; }

"$bin" --index "$work/index-expected" index site/content --format json > expected.json
crawl hugo "$port" > first.json
: > hugo.log
crawl hugo "$port" > second.json
cp hugo.log second.log

# The same without a sitemap: lists and links.
rm served/sitemap.xml
crawl links "$port" > links.json

# A site that is its feed: the pages are on a server that is gone.
mkdir feed
cp served/index.xml feed/index.xml
sed -i "s#http://127.0.0.1:$port/posts/#http://127.0.0.1:1/posts/#g" feed/index.xml
echo '<html><head><title>The shelf</title><link rel="alternate" type="application/rss+xml" href="/index.xml"></head><body><p>Subscribe.</p></body></html>' > feed/index.html
start "$work/feed" feed
crawl feed "$port" > feed.json

python3 - <<'PY'
import json, sys
load = lambda name: json.load(open(name + ".json"))
counts = lambda report: [report[key] for key in ("posts", "tracks", "comments")]
expected = counts(load("expected"))
faults = [f"{name}: {counts(load(name)['index'])} instead of {expected}"
          for name in ("first", "links", "feed") if counts(load(name)["index"]) != expected]
for line in open("second.log"):
    path, status, conditional, size = line.split()
    if status != "304" or conditional != "if":
        faults.append(f"second crawl: {line.strip()}")
second = load("second")
if second["fetched"] or second["bytes"] or not second["unchanged"]:
    faults.append(f"second crawl: {second['fetched']} fetched, {second['bytes']} bytes")
for name in ("first", "second", "links", "feed"):
    print(name, counts(load(name)["index"]), load(name)["requests"], "requests")
sys.exit("\n".join(faults) or 0)
PY
