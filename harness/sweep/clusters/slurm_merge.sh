#!/bin/sh
# Merges the shards of a sweep, as a Slurm job that runs after them.
#
# usage: sbatch slurm_merge.sh FOLDER PROGRAM
set -eu

if [ $# -ne 2 ]; then
  echo "usage: slurm_merge.sh FOLDER PROGRAM" >&2
  exit 2
fi
exec "$2" merge "$1"/shard-*.jsonl
