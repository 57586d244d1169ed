# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=2
# Sixteen vCPUs, twice as many as the ring has slots: those that find it full
# wait inside Xen. Each is counted exactly, and when gprobe is killed in the
# middle none of them is left waiting.

. /lab/lib.sh

N=300

ok "the module loads" module_load
id=$(tiny_guest_start tiny 16)
ok "the guest comes up" guestctl "$id" wait-ready 120
gueststate "$id" > /run/before

ok "all of them hit at once" stat_tiny /run/counts f_nopl,f_push \
	guestctl "$id" call all nopl,push $N wait=300
wrong=
for function in nopl push; do
	vcpu=0
	while [ $vcpu -lt 16 ]; do
		got=$(counted /run/counts "f_$function" $vcpu)
		[ "$got" = $N ] || wrong="$wrong $function:$vcpu=$got"
		vcpu=$((vcpu + 1))
	done
done
is "$wrong" "" "each vCPU's hits are counted exactly"
is "$(lost /run/counts)" 0 "none is lost"
is "$(guestctl "$id" get errors)" 0 "every call gave its right result"
is "$(gueststate "$id")" "$(cat /run/before)" "the guest is as it was found"

for round in 1 2 3; do
	ok "round $round: probes are set" stat_background -d tiny \
		--symbols "$TINY_MAP" -e f_nopl,f_push,f_cpuid
	before=$(guestctl "$id" get calls)
	guestctl "$id" call all nopl,push,cpuid 0
	wait_for "[ \$(guestctl $id get calls) -gt $((before + round * 150)) ]" 60
	kill -9 "$stat_pid"
	wait "$stat_pid" 2>/dev/null
	guestctl "$id" stop all
	ok "round $round: killed in the middle, and every vCPU goes on" \
		guestctl "$id" wait all 120
	is "$(guestctl "$id" get errors)" 0 "round $round: every call gave its right result"
	is "$(claims)" 0 "round $round: the module has no claim left"
	is "$(gueststate "$id")" "$(cat /run/before)" "round $round: the guest is as it was found"
done
guest_destroy tiny
ok "the module unloads" module_unload
done_testing
