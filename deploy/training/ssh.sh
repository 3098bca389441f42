#!/usr/bin/env bash
# Machines that are reached by SSH, without a scheduler. Each has the repository, DATA and RUN at the same path.
#
#   deploy/training/ssh.sh host1,host2,host3 --data DATA --recipe RECIPE --run RUN
#
# Training starts as soon as MIN machines are there. A machine that is lost is tried again, and joins when it is back.
# Ctrl-C stops all machines after a checkpoint, and so does the end of this script for any other reason. The script ends
# when the first machine is done. The machines must know one another by the same names.
#
#   MIN    machines that training needs (1)
#   DIR    the repository on the machines; the current folder, unless it is set
#   PORT   where the first machine waits for the others (29400)
#   SSH    the command that connects (ssh -o BatchMode=yes -o ServerAliveInterval=15)
#   RETRY  seconds until a machine is tried again (30)
#   TRIES  how often a machine is tried in all (10)
set -euo pipefail

if [ $# -lt 3 ]; then
  echo "Usage: $0 HOST,HOST… --data DATA --run RUN [other options of manage.py train]" >&2
  exit 2
fi
IFS=, read -r -a hosts <<<"$1"
shift
options=$(printf ' %q' "$@")
read -r -a connect <<<"${SSH:-ssh -o BatchMode=yes -o ServerAliveInterval=15}"

# On the machine: torchrun gets SIGTERM when the connection ends, which is when nothing can be read any more.
# shellcheck disable=SC2016 # the machine expands it
REMOTE='exec 3<&0; deploy/training/node.sh "$@" & node=$!
(cat <&3 >/dev/null; kill -TERM $node) >/dev/null 2>&1 & watch=$!
code=0; wait $node || code=$?; kill $watch 2>/dev/null; exit $code'

on_host() { # NUMBER: one machine, tried again until it is done or the script ends
  local host=${hosts[$1]} stopping='' tries=1 command
  command="cd $(printf %q "${DIR:-$PWD}") && ENDPOINT=${hosts[0]}:${PORT:-29400} NODES=${MIN:-1}:${#hosts[@]} NODE=$1"
  command+=" ADDRESS=$host bash -c $(printf %q "$REMOTE") node$options"
  trap 'stopping=yes' TERM
  until "${connect[@]}" "$host" "$command" <&4; do
    if [ -n "$stopping" ] || [ "$tries" -ge "${TRIES:-10}" ]; then return 1; fi
    echo "$host: ended with an error, or was lost. It is tried again in ${RETRY:-30} s." >&2
    sleep "${RETRY:-30}" &
    wait $! || true # a signal ends this wait
    if [ -n "$stopping" ]; then return 1; fi
    tries=$((tries + 1))
  done
}

# The machines read from a pipe that nobody writes to. It ends with this script, however that ends.
pipe=$(mktemp -u)
mkfifo "$pipe"
exec 5<>"$pipe"
exec 4<"$pipe"
rm "$pipe"

loops=()
for number in "${!hosts[@]}"; do
  on_host "$number" 5>&- &
  loops+=($!)
done

stop() {
  trap '' INT TERM
  kill -TERM "${loops[@]}" 2>/dev/null || true
  exec 5>&-
  wait || true
}
trap 'stop; echo "Stopped. The same command goes on." >&2; exit 130' INT TERM

code=0
wait "${loops[0]}" || code=$?
stop
exit "$code"
