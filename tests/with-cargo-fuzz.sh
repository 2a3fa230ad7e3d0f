#!/usr/bin/env bash
# Fuzzes every door of `fuzz/entry.rs` for DEEPCUT_FUZZ seconds each, from the sample archive, the fixtures and what
# earlier runs kept in fuzz/corpus. Exits 77 where that is not asked for, or cargo-fuzz or a nightly compiler is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

[ -n "${DEEPCUT_FUZZ:-}" ] || { echo "DEEPCUT_FUZZ (seconds a door) is not set"; exit 77; }
command -v cargo-fuzz >/dev/null || { echo "no cargo-fuzz"; exit 77; }
cargo +nightly --version >/dev/null 2>&1 || { echo "no nightly compiler"; exit 77; }

doors=${*:-$(cargo +nightly fuzz list)}
for door in $doors; do
  mkdir -p "fuzz/corpus/$door"
  echo "== $door"
  cargo +nightly fuzz run "$door" "fuzz/corpus/$door" corpus tests/fixtures tests/gold -- \
    -max_total_time="$DEEPCUT_FUZZ" -timeout=10 -rss_limit_mb=2048 -max_len=200000 -print_final_stats=1 2>&1 |
    tee "fuzz/corpus/$door.log" | grep -E '^(stat::|==|SUMMARY|Done|.*ERROR)' || true
  ! grep -q '^SUMMARY' "fuzz/corpus/$door.log" || exit 1
done
