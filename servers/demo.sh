#!/usr/bin/env bash
# Finds, shrinks and replays a planted bug, as in README.md. Then runs the server without the bug:
# in simulation, and with real clients.
#
# usage: demo.sh FOLDER-OF-THE-PROGRAMS-OF-README    (build/release/tests/project/pages)
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")/../examples/echo
folder=${1:?usage: demo.sh FOLDER-OF-THE-PROGRAMS-OF-README}
cd "$folder"
runs=20000

work=$(mktemp -d)
server=
finish() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

bold='' plain='' width=1000
if [ -t 1 ]; then
  bold=$'\e[1m' plain=$'\e[0m' width=$(($(tput cols 2>/dev/null || echo 100) - 4))
fi
step() { printf '\n%s%s%s\n' "$bold" "$1" "$plain"; }
say() { printf '%s\n' "$@"; }
show() { sed 's/^./    &/' "$@"; }
command() { printf '    %s$ %s%s\n' "$bold" "$*" "$plain"; }
wrong() {
  printf 'demo: %s\n' "$1" >&2
  exit 1
}

# Waits until the file $2, to which the server writes, has a line that matches $1.
await() {
  while kill -0 "$server" 2>/dev/null; do
    grep -q "$1" "$2" && return
    sleep 0.05
  done
  cat "$2" >&2
  wrong "nothing like '$1' came"
}

# Prints a section of the report of a failure: from the line that matches $1 to the next empty one.
section() { sed -n "/$1/,/^\$/p" "$2" | fold -s -w "$width" | show; }
digest() { sed -n 's/^Digest: \([0-9a-f]*\)$/\1/p' "$1"; }

step '1. The bug'
say 'The echo server of README.md, but for one word: send() may take only some of the bytes.'
diff "$here/echo.hpp" planted/echo.hpp | grep '^[<>]' |
  sed 's/^< */-  /; s/^> */+  /' | show || true

step '2. It is found and shrunk'
say 'The server and three clients are run in a simulated network, each time with another order of' \
  'tasks, other delays, other short reads and writes. Virtual time: nothing here waits.'
command "cd $folder"
command planted/echo_tests
say ''
if planted/echo_tests >"$work/found"; then
  wrong 'the planted bug was not found'
fi
section ' failed in run ' "$work/found"
section '^Failure' "$work/found" | sed '$d'
step '3. One line replays and explains it'
say 'It holds all that differs from the default run, so it fails in the same way each time.'
replay=$(grep -m 1 '^REHEARSAL_REPLAY=' "$work/found")
command "$replay"
say ''
if bash -c "$replay" >"$work/again"; then
  wrong 'the line did not fail again'
fi
for heading in 'Cause' 'Point of no return' 'First difference'; do
  section "^$heading" "$work/again"
done
[ "$(digest "$work/found")" = "$(digest "$work/again")" ] || wrong 'it failed in another way'
say "Both runs have the digest $(digest "$work/again"): they are the same, to the last byte." \
  'The whole report also has the last events, and the tasks and sockets as they stood.'

step "4. Without the bug, $runs runs pass"
command "./echo_tests --rehearsal_runs=$runs"
./echo_tests "--rehearsal_runs=$runs" >"$work/passed" || {
  cat "$work/passed" >&2
  wrong 'the server without the bug fails'
}
grep '^\[       OK' "$work/passed" | show

step '5. The same server on the kernel, over epoll, with three clients (nc) at once'
command './serve 127.0.0.1:0 &'
./serve 127.0.0.1:0 >"$work/server" &
server=$!
await 'listens on' "$work/server"
show "$work/server"
port=$(sed -n 's/.*:\([0-9]*\)$/\1/p' "$work/server")
clients=()
for name in Ada Grace Barbara; do
  (printf 'hello from %s\n' "$name"; sleep 0.5; printf '%s says goodbye\n' "$name"; sleep 0.5) |
    nc -N 127.0.0.1 "$port" >"$work/$name" &
  clients+=($!)
done
sleep 0.3
say '' 'What its tasks do meanwhile, and at which lines they wait:'
command "kill -USR1 $server"
kill -USR1 "$server"
await 'obey' "$work/server"
sed 1d "$work/server" | show
wait "${clients[@]}"
say '' 'What came back to each client:'
for name in Ada Grace Barbara; do
  printf 'hello from %s\n%s says goodbye\n' "$name" "$name" | cmp -s - "$work/$name" ||
    wrong "this is not what $name sent: $(cat "$work/$name")"
  printf '    %-8s %s\n' "$name" "$(tr '\n' ';' <"$work/$name" | sed 's/;$//; s/;/, /')"
done
command "kill -TERM $server"
kill -TERM "$server"
status=0
wait "$server" || status=$?
server=
printf '    exit status %d\n' "$status"
say '' 'All of this code is in examples/echo. Continue with README.md.'
exit "$status"
