#!/usr/bin/env bash
# Trains on one of several machines. Run it on each of them at the same time, with the same options of `manage.py train`:
#
#   ENDPOINT=first-machine:29400 NODES=1:2 NODE=0 deploy/training/node.sh --data DATA --recipe RECIPE --run RUN
#
#   ENDPOINT   where the machines meet: a port of machine 0 that all of them reach
#   NODES      how many machines train: a number, or MIN:MAX, where training goes on while at least MIN are there
#   NODE       the number of this machine, from 0; Slurm, Kubernetes and SkyPilot set it themselves
#   ADDRESS    this machine's address, where the others cannot resolve its name
#   PROCESSES  on this machine; as many as it has GPUs, or 1, unless it is set
#   RESTARTS   how often processes that fail, or that were asked to stop, are started again (20)
#   GRACE      seconds that they have to write a checkpoint when they are asked to stop (60)
#   LAST_CALL  seconds that MIN machines wait for more (30)
#   JOB        tells several jobs on one port apart
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

: "${ENDPOINT:?Set ENDPOINT to HOST:PORT of machine 0.}"
node=${NODE:-${SLURM_NODEID:-${JOB_COMPLETION_INDEX:-${SKYPILOT_NODE_RANK:-0}}}}
python=${PYTHON:-.venv/bin/python}
[ -x "$python" ] || python=$(command -v python3)
processes=${PROCESSES:-$("$python" -c 'import torch; print(torch.cuda.device_count() or 1)')}
first=false
if [ "$node" = 0 ]; then first=true; fi

# Without it, processes that are restarted read addresses that an earlier start left in torchrun's store, and hang
# (PyTorch 2.15, https://github.com/pytorch/pytorch/issues/135712).
export TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1

exec "$python" -m torch.distributed.run \
  --nnodes="${NODES:-1}" --nproc-per-node="$processes" \
  --max-restarts="${RESTARTS:-20}" --shutdown-timeout="${GRACE:-60}" \
  --rdzv-backend=c10d --rdzv-endpoint="$ENDPOINT" --rdzv-id="${JOB:-dogbreed}" \
  --rdzv-conf="is_host=$first,read_timeout=300,last_call_timeout=${LAST_CALL:-30}" \
  ${ADDRESS:+--local-addr="$ADDRESS"} \
  -- manage.py train --continue "$@"
