#!/usr/bin/env bash
# Work is counted in instructions, not in seconds: the same on a busy machine. Each count has a ceiling in
# benches/instructions.tsv; more than that fails. `--write` sets the ceilings 8 % above what is counted now: seeds of hash
# maps move a count by up to 2 %. Counted is the development build, which is there anyway: what makes one slower makes both. An
# incremental build is cut into other units, which inlines otherwise (4 % on a page), so none is counted. Needs valgrind;
# ends with 77 without.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v valgrind >/dev/null || { echo "valgrind is not installed" >&2; exit 77; }
export CARGO_INCREMENTAL=0
cargo build --locked --quiet --bin deepcut --example instructions --example generate
built=${CARGO_TARGET_DIR:-$PWD/target}/debug
ceilings=benches/instructions.tsv
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

count() {
  valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>"$folder/told" >/dev/null ||
    { cat "$folder/told" >&2; return 1; }
  awk '/Collected/ {print $4}' "$folder/told"
}
within() { count --toggle-collect='*instructions::measured*' "$built/examples/instructions" "$@"; }

"$built/examples/generate" --posts 1000 --format jsonl --out "$folder/posts" >/dev/null
# Threads change who does what, not how much; one keeps the count still.
index=(--quiet --index "$folder/index" index --threads 1 "$folder/posts")
note() { printf '%s\t%s\n' "$1" "$2" >>"$folder/counted"; }
counted=$(within page)
note 'one page' "$counted"
counted=$(within scraper)
note 'one page, parsed by scraper' "$counted"
counted=$(count "$built/deepcut" "${index[@]}")
note 'index of 1,000 posts' "$counted"
while read -r class; do
  counted=$(within query "$class" "$folder/index/main")
  note "queries: $class" "$counted"
done < <("$built/examples/instructions" classes)

if [ "${1-}" = --write ]; then
  awk -F '\t' -v OFS='\t' '{printf "%s\t%.0f\n", $1, $2 * 1.08}' "$folder/counted" >"$ceilings"
fi
awk -F '\t' '
  NR == FNR { ceiling[$1] = $2; next }
  !($1 in ceiling) { printf "%s has no ceiling\n", $1; bad = 1; next }
  { printf "%-28s %14.0f of %14.0f  %5.1f %%\n", $1, $2, ceiling[$1], 100 * $2 / ceiling[$1] }
  $2 > ceiling[$1] { printf "%s: more instructions than its ceiling\n", $1; bad = 1 }
  { seen[$1] = 1 }
  END { for (name in ceiling) if (!(name in seen)) { printf "%s was not counted\n", name; bad = 1 }; exit bad }
' "$ceilings" "$folder/counted"
