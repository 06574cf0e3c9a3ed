#!/usr/bin/env bash
# Rehearses the echo server, then shows it with real clients: demo.sh PATH-OF-REHEARSAL
set -euo pipefail

rehearsal=${1:?usage: demo.sh PATH-OF-REHEARSAL}
work=$(mktemp -d)
server=
finish() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

step() { printf '\n\033[1m%s\033[0m\n' "$*"; }
show() { sed 's/^/    /' "$1"; }

step '1. The echo server is rehearsed, in simulated networks and virtual time, with faults.'
for scenario in echo.jitter echo.resets echo.restart; do
  command=(run "$scenario" --seeds 1..200)
  printf '    $ rehearsal %s\n' "${command[*]}"
  "$rehearsal" "${command[@]}" >"$work/out" || { cat "$work/out" >&2; exit 1; }
  show "$work/out"
done
rm "$work/out"

step '2. Now for real. It starts on a free port: coroutines over a scheduler over select().'
command=(serve echo --listen 127.0.0.1:0 --source select --prefix 'GOT:' --log-level debug)
printf '    $ rehearsal %s\n' "${command[*]}"
"$rehearsal" "${command[@]}" >"$work/out" 2>"$work/log" &
server=$!
for _ in $(seq 100); do
  [ -s "$work/out" ] && break
  kill -0 "$server" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
  sleep 0.05
done
show "$work/out"
port=$(sed -E 's/.*:([0-9]+) .*/\1/' "$work/out")

step '3. Three clients (nc) connect at once; each says two things and stays connected for a while.'
clients=()
for name in Ada Grace Barbara; do
  (printf 'hello from %s\n' "$name"; sleep 0.4; printf '%s says goodbye\n' "$name"; sleep 0.8) |
    nc -N 127.0.0.1 "$port" >"$work/$name" &
  clients+=($!)
done
sleep 0.8

step '4. Meanwhile SIGUSR1 asks the server what its tasks do, and at which line each one waits.'
kill -USR1 "$server"
for _ in $(seq 40); do
  grep -q 'WAITS ON' "$work/log" && break
  sleep 0.05
done
sleep 0.1
sed -n '/ tasks$/,$p' "$work/log" | grep -v '^\[' | sed 's/^/    /'

step '5. What each client got back. The server puts GOT: before each piece.'
wait "${clients[@]}"
for name in Ada Grace Barbara; do
  printf '    %s:\n' "$name"
  sed 's/^/        /' "$work/$name"
  printf 'GOT:hello from %s\nGOT:%s says goodbye\n' "$name" "$name" | cmp -s - "$work/$name" ||
    { echo "this is not what $name sent" >&2; exit 1; }
done

step '6. SIGTERM stops the server: it takes no new clients, lets the others finish, and exits.'
kill -TERM "$server"
status=0
wait "$server" || status=$?
server=
grep -v ' tasks$' "$work/log" | grep '^\[' | sed 's/^/    /'
printf '    exit status %d\n' "$status"
exit "$status"
