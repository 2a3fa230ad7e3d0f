#!/usr/bin/env bash
# Fuzzes every door of `fuzz/entry.rs` with libFuzzer for DEEPCUT_FUZZ seconds each (5 unless told), from what earlier
# runs kept in fuzz/corpus, the sample archive and the fixtures. Doors may be named: tests/with-cargo-fuzz.sh html zip.
# Without sanitizers any compiler will do: there is no unsafe code that a stranger's bytes reach. What fails lies in
# fuzz/artifacts. Exits 77 where cargo-fuzz (cargo install cargo-fuzz) or a C++ compiler is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v cargo-fuzz >/dev/null || { echo "no cargo-fuzz"; exit 77; }
command -v c++ >/dev/null || { echo "no C++ compiler"; exit 77; }

seconds=${DEEPCUT_FUZZ:-5}
export RUSTC_BOOTSTRAP=1
host=$(rustc -vV | sed -n 's/^host: //p')
cargo fuzz build --sanitizer none
bin=${CARGO_TARGET_DIR:-fuzz/target}/$host/release
read -ra doors <<< "${*:-$(cargo fuzz list | tr '\n' ' ')}"
kept=$(mktemp -d)
trap 'rm -rf "$kept"' EXIT
for door in "${doors[@]}"; do
  mkdir -p "fuzz/corpus/$door" "fuzz/artifacts/$door" "$kept/$door"
  echo "== $door"
  # What is new goes to the first folder. A short run leaves the tree as it is.
  into=$kept/$door
  [ "$seconds" -ge 60 ] && into=fuzz/corpus/$door
  code=0
  "$bin/$door" "$into" "fuzz/corpus/$door" fuzz/found corpus tests/fixtures tests/gold \
    -artifact_prefix="fuzz/artifacts/$door/" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=512 \
    -max_len=200000 -print_final_stats=1 > "$kept/$door.log" 2>&1 || code=$?
  grep -E '^(stat::number_of_executed_units|stat::slowest_unit|stat::peak_rss|SUMMARY|.*panicked|.*ERROR)' "$kept/$door.log" || true
  [ "$code" = 0 ] || { tail -40 "$kept/$door.log"; exit 1; }
done
