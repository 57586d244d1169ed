# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=2
# A guest that a dead agent has left stuck: its vCPUs wait for answers that never
# come, steps are on, the ring is taken. Told to take over, gprobe frees it.

. /lab/lib.sh

ok "the module loads" module_load
id=$(tiny_guest_start tiny 2)
ok "the guest comes up" guestctl "$id" wait-ready 60

for mode in toggle fast emulate; do
	xenctrl_agent "$id" $mode serve=1 > /run/agent 2>&1 &
	agent=$!
	wait_for 'gueststate "$id" | grep -q altp2m=1' 60 || diag 'no altp2m'
	before=$(guestctl "$id" get calls.nopl)
	guestctl "$id" call all nopl 0
	wait_for '[ "$(guestctl "$id" get calls.nopl)" -gt $((before + 20)) ]' 60 || diag 'no hits'
	kill -9 $agent
	wait $agent 2>/dev/null
	ok "$mode: an agent is killed in the middle" test \
		"$(guestctl "$id" get calls.nopl)" -gt "$before"
	# Done when they stop, which they cannot yet.
	guestctl "$id" stop all &
	stop=$!
	try 1 'another agent owns .* take over from it if it is dead' \
		"$mode: its guest is not taken unasked" \
		gprobe stat -d tiny -e 0xffffffff81000000 --duration 1
	ok "$mode: it is when it is told to" gprobe stat --take-over -d tiny \
		--symbols "$TINY_MAP" -x , --per-vcpu -o /run/stat -e f_push -- sh -c \
		"guestctl $id wait all 60 && guestctl $id call all push 100 wait=60"
	wait $stop
	is $? 0 "$mode: those that waited for the dead agent stop when told"
	is "$(counted /run/stat f_push)" 200 "$mode: all vCPUs go on, and are counted"
	is "$(guestctl "$id" get errors)" 0 "$mode: every call gave its right result"
	stat_tiny /run/stat f_nopl guestctl "$id" call all nopl 100 wait=60
	is "$(counted /run/stat f_nopl)" 200 "$mode: the next attach is as any other"
	ok "$mode: no view is left on" sh -c "gueststate $id | grep -q altp2m=0"
done

# It does no harm where there is nothing to be taken.
ok "a guest that nobody has" gprobe stat --take-over -d tiny --symbols "$TINY_MAP" \
	-x , --per-vcpu -o /run/stat -e f_nopl -- guestctl "$id" call all nopl 100 wait=60
is "$(counted /run/stat f_nopl)" 200 "is traced as ever"
guest_destroy tiny
ok "the module unloads" module_unload
done_testing
