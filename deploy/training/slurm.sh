#!/usr/bin/env bash
# Slurm. From the repository's root, which all machines see at the same path, as they see DATA and RUN:
#
#   sbatch deploy/training/slurm.sh --data DATA --recipe RECIPE --run RUN
#
# A job that reaches its time limit saves a checkpoint and queues itself again. So does Slurm with a job whose machine is
# lost or that is preempted. The job ends when the bundle is written.
#SBATCH --job-name=dogbreed
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=1
#SBATCH --cpus-per-task=8
#SBATCH --time=12:00:00
#SBATCH --signal=B:TERM@120
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=dogbreed-%j.log
set -euo pipefail

first=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
export ENDPOINT="$first:$((20000 + SLURM_JOB_ID % 10000))" NODES="$SLURM_JOB_NUM_NODES" JOB="$SLURM_JOB_ID" GRACE=90

stopping=
# shellcheck disable=SC2329 # the trap calls it
stop() {
  stopping=yes
  scancel --signal=TERM "$SLURM_JOB_ID" # the processes of the job, and not this script
}
trap stop TERM

srun deploy/training/node.sh "$@" &
step=$!
code=0
wait "$step" || code=$? # a signal ends this wait
if [ -n "$stopping" ]; then
  wait "$step" || true # until the checkpoint is written
  scontrol requeue "$SLURM_JOB_ID"
  exit 0
fi
exit "$code"
