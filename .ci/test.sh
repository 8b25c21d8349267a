#!/bin/sh
# All tests, from the quick ones to the slow ones. See Taskfile.yml.
set -eu
export LANG=C.UTF-8 LC_ALL=C.UTF-8 FYNE_SCALE=1
export GOFLAGS="${GOFLAGS:-} -trimpath" # as the programs are built, so that what is read and tested is compiled once
step() { printf '\n== %s (%s)\n' "$1" "$(date +%H:%M:%S)"; }

step "packages of the system"
sh .ci/deps.sh test
step "reading the code"
sh .ci/check.sh
step "windows, without a display"
CGO_ENABLED=0 go test -tags ci,migrated_fynedo $(sh .ci/rooms.sh view)
step "everything else, with the race detector"
sh .ci/race.sh $(sh .ci/rooms.sh pure door worker test | grep -vx -e ./shared/e2e -e ./shared/natlab)
step "how prompt the picture is over simulated networks"
go test ./shared/share
step "building the programs"
go tool task build
step "the broker as a process"
go test -timeout 10m -tags x11,migrated_fynedo $(sh .ci/rooms.sh main) ./shared/robot
step "sessions between networks of all kinds, where this machine allows it"
sh .ci/natlab.sh
step "the main job, with the real programs on real screens"
go test -timeout 20m -count 1 -v ./shared/e2e -programs "$PWD/dist" -out "$PWD/dist/e2e"
