#!/bin/sh
# Runs every fuzz target for a while, or so many times: fuzz.sh [10s | 2000x]
set -eu
for file in $(git grep -l '^func Fuzz' -- '*_test.go'); do
	for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' "$file"); do
		echo "· $target in $(dirname "$file")"
		out=$(CGO_ENABLED=0 go test -tags ci,migrated_fynedo -run '^$' -fuzz "^$target\$" -fuzztime "${1:-10s}" -fuzzminimizetime 1s "./$(dirname "$file")" 2>&1) ||
			{ echo "$out"; exit 1; }
	done
done
