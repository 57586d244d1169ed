# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=2
# kill -9 of gprobe in the middle of 10,000 hits: the guest runs on, Xen holds
# of it what it held before, and the next attach works at once.

. /lab/lib.sh

N=10000

ok "the module loads" module_load
id=$(tiny_guest_start tiny 2)
ok "the guest comes up" guestctl "$id" wait-ready 60
gueststate "$id" > /run/before
diag "$(cat /run/before)"

for round in 1 2 3; do
	ok "round $round: three probes are set" stat_background -d tiny \
		--symbols "$TINY_MAP" -e f_nopl,f_push,f_movs
	before=$(guestctl "$id" get calls)
	guestctl "$id" call all nopl,push,movs $N
	wait_for "[ \$(guestctl $id get calls) -gt $((before + round * 300)) ]" 60
	# The rest takes the guest no time once it is not probed.
	calls=$(($(guestctl "$id" get calls) - before))
	kill -9 "$stat_pid"
	wait "$stat_pid" 2>/dev/null
	ok "round $round: killed in the middle, at $calls calls" test "$calls" -lt $((3 * N))
	ok "round $round: the guest finishes its calls" guestctl "$id" wait all 120
	is $(($(guestctl "$id" get calls) - before)) $((6 * N)) "round $round: all of them"
	is "$(guestctl "$id" get errors)" 0 "round $round: with right results"
	is "$(claims)" 0 "round $round: the module has no claim left"
	is "$(gueststate "$id")" "$(cat /run/before)" "round $round: the guest is as it was found"
	stat_tiny /run/next f_nopl guestctl "$id" call 0 nopl 100 wait=60
	is "$(counted /run/next f_nopl)" 100 "round $round: the next attach works at once"
done

# Another kind of agent can have the ring and the views, so all is free.
ok "a libxenctrl agent takes over" xenctrl_agent "$id" emulate hits=100 warmup=10
is "$(guestctl "$id" get errors)" 0 "the guest is well under it"
# Which takes the ring's page along for ever.
gueststate "$id" > /run/before

ok "a probe is set" stat_background -d tiny --symbols "$TINY_MAP" -e f_nopl
guestctl "$id" call all nopl 0
try 1 "temporarily unavailable" "rmmod is refused while a session is open" rmmod gprobe
ok "the session goes on" kill -0 "$stat_pid"
kill -9 "$stat_pid"
wait "$stat_pid" 2>/dev/null
ok "rmmod works right after a kill" module_unload
guestctl "$id" stop all
is "$(guestctl "$id" get errors)" 0 "the guest is well"
is "$(gueststate "$id")" "$(cat /run/before)" "and as it was found"
guest_destroy tiny
done_testing
