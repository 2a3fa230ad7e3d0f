#!/usr/bin/env bash
# Completions in real shells: bash, fish and zsh complete commands, flags, values, and names of the index. Needs fish and
# zsh (Debian: fish, zsh); ends with 77 where one is not there.
set -euo pipefail
cd "$(dirname "$0")/.."
for shell in bash fish zsh; do
  command -v "$shell" >/dev/null || { echo "$shell is not installed" >&2; exit 77; }
done
# As the tests build it: examples bring the same features.
cargo build --locked --quiet --bin deepcut --example generate
bin=${CARGO_TARGET_DIR:-$PWD/target}/debug
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export PATH="$bin:$PATH" HOME="$folder" DEEPCUT_INDEX="$folder/index"
"$bin/deepcut" --quiet index corpus >/dev/null

failed=0
expect() { # shell, line, word that must be offered, what was offered
  if ! grep -qF -- "$3" <<<"$4"; then
    echo "$1: '$2' does not offer '$3' but: $4" >&2
    failed=1
  fi
}

# The line to complete, and a word that must be among what is offered.
while IFS='|' read -r line word; do
  expect fish "$line" "$word" "$(fish --no-config -c "deepcut completions fish | source; complete -C '$line'" 2>&1)"

  words=($line)
  [[ $line == *' ' ]] && words+=('')
  expect bash "$line" "$word" "$(bash --norc -c '
    source <(deepcut completions bash)
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_TYPE=9
    COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
    complete -p deepcut | grep -q . || exit 1
    f=$(complete -p deepcut | sed "s/.*-F \([^ ]*\).*/\1/")
    "$f" deepcut "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
    printf "%s\n" "${COMPREPLY[@]}"' bash "${words[@]}" 2>&1 | tr -d '\\')"

  cat > "$folder/drive.zsh" <<'Z'
zmodload zsh/zpty
drain() { local o; while zpty -r -t z o; do print -rn -- "$o"; done }
zpty -b z zsh -f -i
sleep 0.5; drain >/dev/null
zpty -w z 'autoload -Uz compinit; compinit -u; source <(deepcut completions zsh); unsetopt zle_bracketed_paste; setopt list_ambiguous; LISTMAX=0; print ready'
for n in {1..100}; do sleep 0.1; [[ $(drain) == *ready* ]] && break; done
sleep 0.5; drain >/dev/null
zpty -w -n z "$1"$'\t\t'
for n in {1..30}; do sleep 0.1; drain; done
Z
  expect zsh "$line" "$word" "$(zsh -f "$folder/drive.zsh" "$line" 2>&1 | sed 's/\x1b\[[0-9;?]*[a-zA-Z]//g' | tr -d '\\')"
done <<'LINES'
deepcut sea|search
deepcut search --form|--format
deepcut search --format json|jsonl
deepcut artist Rob|Robert Tepper
LINES
exit $failed
