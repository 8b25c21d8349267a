#!/bin/sh
# Runs every fuzz target for a while, or so many times: fuzz.sh [10s | 2000x]
# Inputs are drawn anew each time, so this is not among the tests: the same code
# is to get the same verdict there. What is found lies in testdata/fuzz beside
# its test afterwards; commit it, and every test run reads it from then on.
set -eu
found=""
for file in $(git grep -l '^func Fuzz' -- '*_test.go'); do
	for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' "$file"); do
		echo "· $target in $(dirname "$file")"
		out=$(CGO_ENABLED=0 go test -tags ci,migrated_fynedo -run '^$' -fuzz "^$target\$" -fuzztime "${1:-10s}" -fuzzminimizetime 1s "./$(dirname "$file")" 2>&1) ||
			{ echo "$out"; found="$found $target"; }
	done
done
[ -z "$found" ] || { echo "Found something:$found"; exit 1; }
