# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Runs in dom0. The guest itself reads the TSC, which counts instructions, around
# many calls of one probed function, less what the calls cost without a probe.
# The median of the rounds is printed; all are in the lines with #.

. /lab/lib.sh
trap - EXIT

HITS=3000
ROUNDS=5

# median NUMBER...
median()
{
	printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"
}

# gprobe_rounds NAME FUNCTION: with table, tracepoint and BPF counters on.
gprobe_rounds()
{
	name=$1
	costs=
	round=0
	while [ $round -lt $ROUNDS ]; do
		stat_tiny /run/counts "f_$2" guestctl "$id" bench-call 0 "$2" $HITS wait=300 > /run/cost || exit
		if [ "$(counted /run/counts "f_$2")" != $HITS ]; then
			echo "counted $(counted /run/counts "f_$2") of $HITS" >&2
			exit 1
		fi
		costs="$costs $(cat /run/cost)"
		round=$((round + 1))
	done
	echo "# gprobe_$name rounds:$costs"
	# shellcheck disable=SC2086	# several words
	echo "bench gprobe_${name}_${LAB_CPUS}cpu $(median $costs) instr/hit"
}

module_load || exit
id=$(tiny_guest_start tiny 1)
guestctl "$id" wait-ready 60 || exit
for mode in toggle fast emulate; do
	xenctrl_agent "$id" $mode hits=$HITS rounds=$ROUNDS \
		name="${mode}_${LAB_CPUS}cpu" 2>&1 || exit
done
gprobe_rounds count nopl
gprobe_rounds count_emulated push
echo 0 > /sys/module/gprobe/parameters/poll_us
gprobe_rounds count_unpolled nopl
[ "$(guestctl "$id" get errors)" = 0 ] || exit
guest_destroy tiny && module_unload
