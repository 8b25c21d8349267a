#!/bin/sh
# Measures the picture: bench.sh [-workloads type,term] [-columns vnc,wire,video] …
# Packages first, then recordings that are not there yet, then one table. -help
# names all flags.
set -eu
export LANG=C.UTF-8 LC_ALL=C.UTF-8

sh .ci/deps.sh bench
case " $* " in *rdp*) sh .ci/deps.sh rdp ;; esac
program=$(mktemp)
trap 'rm -f "$program"' EXIT
echo "Building"
go test -c -o "$program" ./shared/bench
"$program" -test.run '^$' -test.bench '^BenchmarkPicture$' -test.benchtime 1x -test.timeout 0 "$@"
