#!/bin/sh
# The real model at the size of a GPU (docs/analysis-plan-smollm2.md): runs until the minutes are up, all arms of a
# seed before the next seed. Call it again to go on. In the end it writes the tables of every seed that is whole.
#
#   sh docs/gpu_smollm2.sh MINUTES [cotempqa|babi] [first seed] [last seed]
set -eu
minutes=${1:?expected how many minutes to start runs for}
setting=${2:-cotempqa} first=${3:-1} last=${4:-10}
arms=${ARMS:-vanilla-tagged correct both-wrong random-fact}
# Products on a GPU come out the same each time only with this.
export CUBLAS_WORKSPACE_CONFIG=:4096:8

end=$(($(date +%s) + 60 * minutes))
cells=$(for arm in $arms; do printf '%s ' "$setting-$arm"; done)
whole=""
for seed in $(seq "$first" "$last"); do
    for cell in $cells; do
        left=$((end - $(date +%s)))
        [ "$left" -gt 0 ] || break 2
        # A run that does not end in time is stopped; it goes on from its last checkpoint.
        timeout --signal=INT "$left" tracelib run smollm2-gpu "$cell-s$seed" || break 2
    done
    whole="$whole $seed"
done
[ -n "$whole" ] || { echo "no seed is whole yet; call it again to go on"; exit 0; }
# shellcheck disable=SC2086
tracelib grid smollm2-gpu --cells $cells --seeds $whole
