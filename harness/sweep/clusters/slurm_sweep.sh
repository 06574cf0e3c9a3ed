#!/bin/sh
# Sweeps a scenario on a Slurm cluster: a job array runs the shards, a job after it merges them.
#
# usage: slurm_sweep.sh SHARDS FOLDER PROGRAM SCENARIO FIRST..LAST [FLAGS]
#
# FLAGS are those of `PROGRAM run`. FOLDER is made, on a disk that all nodes share; report.txt there
# is what the whole sweep says, and the merging job ends with its exit status. Prints the two jobs.
# What sbatch is to be told besides comes from its environment, such as SBATCH_PARTITION.
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
# After the tasks, however they ended: the merge says which shard is missing.
merge=$(sbatch --parsable --dependency="afterany:$array" --output="$folder/report.txt" \
  "$here/slurm_merge.sh" "$folder" "$program")
echo "shards: job $array, merge: job ${merge%%;*}, report: $folder/report.txt"
