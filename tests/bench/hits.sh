# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Runs in dom0. The guest itself reads the TSC, which counts instructions, around
# many calls of one probed function, less what the calls cost without a probe.
# The median of the rounds is printed; all are in the lines with #. The peer has one
# round, but where it never sleeps.
#
#   hits.sh HITS ROUNDS; the lines of a CPU that waits need two

. /lab/lib.sh
trap - EXIT

HITS=$1
ROUNDS=$2

# median NUMBER...
median()
{
	printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"
}

# rounds NR NAME ROUND ARG...: `ROUND ARG...` measures once, into /run/cost, and
# prints how many of the hits it was told of.
rounds()
{
	nr=$1
	name=$2
	shift 2
	costs=
	round=0
	while [ $round -lt "$nr" ]; do
		told=$("$@") || exit
		if [ "$told" != $HITS ]; then
			echo "$name: told of $told of $HITS" >&2
			exit 1
		fi
		costs="$costs $(cat /run/cost)"
		round=$((round + 1))
	done
	echo "# $name rounds:$costs"
	# shellcheck disable=SC2086	# several words
	echo "bench ${name}_${LAB_CPUS}cpu $(median $costs) instr/hit"
}

# agent_round MODE [OPTION...]: the peer; it sees to it itself that it is told of all.
agent_round()
{
	xenctrl_agent "$id" "$@" hits=$HITS > /run/cost && echo $HITS
}

# stat_round FUNCTION [OPTION]: with table, tracepoint and BPF counters on.
stat_round()
{
	# shellcheck disable=SC2086	# none or one
	stat_tiny /run/counts "f_$1" guestctl "$id" bench-call 0 "$1" $HITS wait=300 ${2:-} > /run/cost &&
		counted /run/counts "f_$1"
}

# ctl_round FIGURE FUNCTION PROGRAM ARG...: one of the programs that claim it,
# while gprobe counts another place, so that its tracepoint is on.
ctl_round()
{
	ctl_figure=$1
	ctl_function=$2
	shift 2
	stat_tiny /run/counts f_cpuid "$@" "$(places "$ctl_function")" \
		guestctl "$id" bench-call 0 "$ctl_function" $HITS wait=300 > /run/claims || return
	grep -E '^[0-9]+$' /run/claims > /run/cost
	claim_figure "$ctl_figure"
}

# watch_round FIGURE ENTRY: stores to the last entry of a page table, while ENTRY
# of it is watched.
watch_round()
{
	watchctl -q "$id" "506:$2" guestctl "$id" bench-call 0 ref $HITS mode=1 wait=300 \
		> /run/claims || return
	grep -E '^[0-9]+$' /run/claims > /run/cost
	figure "$1"
}

version=/sys/hypervisor/version
echo "version xen $(cat $version/major).$(cat $version/minor)$(cat $version/extra)"
echo "version linux $(uname -r)"
module_load || exit
id=$(tiny_guest_start tiny 1)
guestctl "$id" wait-ready 60 || exit
for mode in toggle fast emulate; do
	rounds 1 xenctrl_$mode agent_round $mode
done
rounds 1 xenctrl_emulate_flat agent_round emulate flat=1
rounds 1 xenctrl_ptwrite agent_round store
if [ "$LAB_CPUS" -gt 1 ]; then
	rounds $ROUNDS xenctrl_spin agent_round emulate spin=1
	rounds $ROUNDS xenctrl_spin_flat agent_round emulate flat=1 spin=1
fi
rounds $ROUNDS gprobe_count stat_round nopl
rounds $ROUNDS gprobe_count_flat stat_round nopl mode=2
rounds $ROUNDS gprobe_count_emulated stat_round push
rounds $ROUNDS gprobe_filtered ctl_round filtered nopl claimctl -l 3 "$id" 5
rounds $ROUNDS gprobe_record ctl_round records nopl recordctl -q -w 65536 "$id" 5
rounds $ROUNDS gprobe_upcall ctl_round hits nopl upcallctl -q "$id" 5
rounds $ROUNDS gprobe_upcall_emulated ctl_round hits push upcallctl -q "$id" auto
rounds $ROUNDS gprobe_ptwrite_unwatched watch_round table_writes 510
rounds $ROUNDS gprobe_ptwrite_watched watch_round told 511
if [ "$LAB_CPUS" -gt 1 ]; then
	echo 0 > /sys/module/gprobe/parameters/poll_cpu
	rounds $ROUNDS gprobe_count_poll stat_round nopl
	rounds $ROUNDS gprobe_count_poll_flat stat_round nopl mode=2
	echo -1 > /sys/module/gprobe/parameters/poll_cpu
fi
echo 0 > /sys/module/gprobe/parameters/poll_us
rounds $ROUNDS gprobe_count_unpolled stat_round nopl
[ "$(guestctl "$id" get errors)" = 0 ] || exit
guest_destroy tiny && module_unload
