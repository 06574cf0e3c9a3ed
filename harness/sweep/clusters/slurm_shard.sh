#!/bin/sh
# Runs one shard of a sweep as a task of a Slurm job array.
#
# usage: sbatch --array=1-SHARDS slurm_shard.sh SHARDS FOLDER PROGRAM SCENARIO FIRST..LAST [FLAGS]
#
# Writes FOLDER/shard-TASK.jsonl. SHARDS is an argument, not SLURM_ARRAY_TASK_COUNT, so that a lost
# task can be run again alone: --array=7.
set -eu

if [ $# -lt 5 ]; then
  echo "usage: slurm_shard.sh SHARDS FOLDER PROGRAM SCENARIO FIRST..LAST [FLAGS]" >&2
  exit 2
fi
shards=$1 folder=$2 program=$3 scenario=$4 seeds=$5
shift 5
task=${SLURM_ARRAY_TASK_ID:?this is a task of a job array: sbatch --array=1-$shards}

status=0
"$program" run "$scenario" --seeds "$seeds" --shard "$task/$shards" \
  --results "$folder/shard-$task.jsonl" "$@" || status=$?
# The merge reports the failures found. The task fails only if it could not do its work.
if [ "$status" -eq 1 ]; then
  status=0
fi
exit "$status"
