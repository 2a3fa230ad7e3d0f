#!/usr/bin/env bash
# Playlists against the schema of XSPF (tests/xspf.xsd) and a validator that is not ours. Needs xmllint (Debian:
# libxml2-utils); ends with 77 where it is not there.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v xmllint >/dev/null || { echo "xmllint is not installed" >&2; exit 77; }
# As the tests build it: examples bring the same features.
cargo build --locked --quiet --bin deepcut --example generate
deepcut=${CARGO_TARGET_DIR:-$PWD/target}/debug/deepcut
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# A post whose texts try to be markup, links that are none, letters of many scripts, a row without an artist.
cat > "$folder/hostile.jsonl" <<'POST'
{"title": "]]></title><script>alert(1)</script> & \"more\"", "url": "https://x.example/a?b=1&c=<d> e", "body": "words", "tracklists": [{"album": "A & B", "tracks": [{"artist": "<b>", "title": "</title></track>", "duration_s": 263}, {"title": "no artist \ufffe"}, {"artist": "日本語 & Co", "title": "‘quotes’"}]}]}
{"title": "no link", "url": "javascript:alert(1)", "body": "words", "tracklists": [{"tracks": [{"artist": "A", "title": "One"}, {"artist": "B", "title": "Two"}]}]}
POST
"$deepcut" --index "$folder/index" --quiet index corpus "$folder/hostile.jsonl" >/dev/null
for query in '*' 'tepper' 'hostile OR words'; do
  "$deepcut" --index "$folder/index" export "$query" --to xspf > "$folder/list.xspf"
  grep -q '<track>' "$folder/list.xspf"
  xmllint --noout --nonet --schema tests/xspf.xsd "$folder/list.xspf"
done
# The schema must be able to say no.
sed 's|<trackNum>|<trackNum>zero |' "$folder/list.xspf" > "$folder/wrong.xspf"
if xmllint --noout --nonet --schema tests/xspf.xsd "$folder/wrong.xspf" 2>/dev/null; then
  echo "the schema accepts anything" >&2
  exit 1
fi
