#!/bin/sh
# Sweeps a scenario on a Slurm cluster: a job array runs the shards, then a job merges them.
#
# usage: slurm_sweep.sh SHARDS FOLDER PROGRAM SCENARIO FIRST..LAST [FLAGS]
#
# FLAGS are flags of `PROGRAM run`. FOLDER is created; it must be on a disk that all nodes share.
# The report of the whole sweep is FOLDER/report.txt, and the merging job has its exit status.
# Prints the numbers of the two jobs. Other options of sbatch come from the environment, such as
# the variable SBATCH_PARTITION.
set -eu

refuse() {
  echo "slurm_sweep.sh: $1" >&2
  exit 2
}

[ $# -ge 5 ] || refuse "expected SHARDS FOLDER PROGRAM SCENARIO FIRST..LAST [FLAGS]"
shards=$1 folder=$2 asked=$3 scenario=$4 seeds=$5
shift 5
case $shards in
  '' | 0* | *[!0-9]*) refuse "'$shards' is not a number of shards, from 1 on" ;;
esac
program=$(command -v -- "$asked") || refuse "$asked: no such program"
mkdir -p "$folder"
for there in "$folder"/shard-*.jsonl; do
  [ ! -e "$there" ] || refuse "$folder: there are results of another sweep; expected none"
done
folder=$(cd "$folder" && pwd)
case $program in
  /*) ;;
  *) program=$PWD/$program ;;
esac
here=$(cd "$(dirname "$0")" && pwd)

array=$(sbatch --parsable --array="1-$shards" --output="$folder/shard-%a.log" \
  "$here/slurm_shard.sh" "$shards" "$folder" "$program" "$scenario" "$seeds" "$@")
array=${array%%;*}
# Runs after the tasks, even if some failed: the merge reports which shards are missing.
merge=$(sbatch --parsable --dependency="afterany:$array" --output="$folder/report.txt" \
  "$here/slurm_merge.sh" "$folder" "$program")
echo "shards: job $array, merge: job ${merge%%;*}, report: $folder/report.txt"
