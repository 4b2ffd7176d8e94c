#!/bin/sh
# Make the real model's runs on a GPU (docs/analysis-plan-smollm2.md) until the minutes are over: all arms of a seed,
# then the next seed. Call it again to go on. At the end it writes the tables of all complete seeds.
#
#   sh docs/gpu_smollm2.sh MINUTES [cotempqa|babi] [first seed] [last seed]
set -eu
minutes=${1:?expected how many minutes to start runs for}
setting=${2:-cotempqa} first=${3:-1} last=${4:-10}
arms=${ARMS:-vanilla-tagged correct both-wrong random-fact}
# Without this, matrix products on a GPU are not reproducible.
export CUBLAS_WORKSPACE_CONFIG=:4096:8

end=$(($(date +%s) + 60 * minutes))
cells=$(for arm in $arms; do printf '%s ' "$setting-$arm"; done)
whole=""
for seed in $(seq "$first" "$last"); do
    for cell in $cells; do
        left=$((end - $(date +%s)))
        [ "$left" -gt 0 ] || break 2
        # A run that does not end in time is stopped; the next call goes on from its last checkpoint.
        timeout --signal=INT "$left" tracelib run smollm2-gpu "$cell-s$seed" || break 2
    done
    whole="$whole $seed"
done
[ -n "$whole" ] || { echo "no seed is whole yet; call it again to go on"; exit 0; }
# shellcheck disable=SC2086
tracelib grid smollm2-gpu --cells $cells --seeds $whole
