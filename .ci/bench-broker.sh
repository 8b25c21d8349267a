#!/bin/sh
# Measures the broker: bench-broker.sh relay | idle | queue
#   [-seconds 5 -rounds 2 | -clients 1000,2000 -idle 60 | -waiting 1000 -reps 50]
# Each prints one table; broker/PERFORMANCE.md holds one and what it shows.
set -eu
export LANG=C.UTF-8 LC_ALL=C.UTF-8

case "${1:-}" in
relay) what=Relay; sh .ci/deps.sh relay ;;
idle) what=Idle ;;
queue) what=Queue ;;
*) echo "usage: bench-broker.sh relay|idle|queue [-flag value …]" >&2; exit 2 ;;
esac
shift
program=$(mktemp)
trap 'rm -f "$program"' EXIT
echo "Building"
go test -c -o "$program" ./broker
cd broker # whose tests build the program
"$program" -test.run '^$' -test.bench "^Benchmark$what\$" -test.benchtime 1x -test.timeout 0 "$@"
