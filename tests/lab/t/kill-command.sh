# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=2 seconds=900
# kill -9 of gprobe at random moments of attach, arm, hit, read and detach, while
# two vCPUs call what it probes. However it dies, the guest goes on and is as it
# was found. KILLS sets how often, SEED where the moments start.

. /lab/lib.sh

KILLS=${KILLS:-40}
SEED=${SEED:-1}

# Its life takes about so many microseconds.
LIFE_US=450000

next_random()
{
	SEED=$(((SEED * 1103515245 + 12345) % 2147483648))
	random=$((SEED / 65536))
}

ok "the module loads" module_load
id=$(tiny_guest_start tiny 2)
ok "the guest comes up" guestctl "$id" wait-ready 60
gueststate "$id" > /run/before
guestctl "$id" call all nopl,push,movs 0

kills=0 early=0 hit=0 trouble=
while [ $kills -lt "$KILLS" ] && [ -z "$trouble" ]; do
	next_random
	moment=$((random * LIFE_US / 32768))
	rm -f /run/out
	gprobe stat -d tiny --symbols "$TINY_MAP" -x , --duration 0.2 -I 20 -o /run/out \
		-e f_nopl,f_push,f_movs 2> /dev/null &
	pid=$!
	usleep $moment
	kill -9 $pid 2>/dev/null || early=$((early + 1))
	wait $pid 2>/dev/null
	kills=$((kills + 1))
	[ ! -s /run/out ] || hit=$((hit + 1))
	[ "$(claims)" = 0 ] || trouble="claims are left"
	gprobe domain list -j | grep -q '"sessions":[1-9]' && trouble="a session is left"
	[ "$(guestctl "$id" get errors)" = 0 ] || trouble="the guest found an error"
	[ "$(gueststate "$id")" = "$(cat /run/before)" ] || trouble="the guest is not as it was found"
done
is "$trouble" "" "killed $kills times: the guest is as it was found each time"
diag "$hit while counting, $early over before"
ok "some of them while it counted" test $hit -gt $((KILLS / 10))
ok "some of them before" test $hit -lt $((KILLS - 3))
guestctl "$id" stop all
ok "both vCPUs are well" guestctl "$id" wait all 120
is "$(guestctl "$id" get errors)" 0 "every call gave its right result"
stat_tiny /run/next f_nopl guestctl "$id" call 0 nopl 100 wait=60
is "$(counted /run/next f_nopl)" 100 "the next attach works at once"
guest_destroy tiny
ok "the module unloads" module_unload
done_testing
