#!/bin/sh
# The main job, for whoever has just arrived: demo.sh FOLDER-OF-PROGRAMS
# On a display it opens a console and a customer's window that are connected by
# a session key, and ends when both are closed. Without one it plays a short
# session on two virtual displays and leaves pictures of it.
set -eu
bin=$1
out=dist/demo

if [ -z "${DISPLAY:-}" ]; then
	echo "There is no display here, so the session is played on two virtual ones."
	rm -rf "$out"
	go test ./shared/e2e -count 1 -v -run 'TestX04MainJob$' -programs "$PWD/$bin" -out "$PWD/$out"
	echo
	echo "What both saw, step by step, and what they said:"
	for f in "$out"/*; do echo "  $f"; done
	exit
fi

data=$(mktemp -d)
broker="" rep="" customer=""
finish() {
	for pid in $customer $rep $broker; do kill "$pid" 2>/dev/null || true; done
	wait
	rm -rf "$data"
}
trap finish EXIT
trap 'exit 130' INT TERM

mkfifo "$data/ready" "$data/key"
"$bin/broker" run --data "$data/broker" --name "Example Ltd" --listen 127.0.0.1:0 --turn 127.0.0.1:0 --public 127.0.0.1 >"$data/ready" 2>"$data/broker.log" &
broker=$!
read -r line <"$data/ready"
echo "The broker runs: $line"
"$bin/broker" site --data "$data/broker" >"$data/site.json"
"$bin/broker" enrol --data "$data/broker" --name "Anna Weber" 2>/dev/null |
	"$bin/rep-console" --site "$data/site.json" --data "$data/rep" --enrol - --print-key >"$data/key" &
rep=$!
"$bin/customer-client" --site "$data/site.json" --data "$data/customer" --key - <"$data/key" &
customer=$!
echo "The console and the customer's window open. In the console, press Accept. Close both windows to end the demo."
wait "$customer" "$rep" || true
