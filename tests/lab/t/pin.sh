# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=2
# A session that is pinned by a name outlives its process and counts on, exactly;
# it is found, added to and ended by that name, and a guest is as it was found.

. /lab/lib.sh

N=300

# hits PROBE: of the pinned probe, as any shell sees it.
hits()
{
	gprobe probe list -d tiny -j | tr '{' '\n' |
		sed -n "s/.*\"probe\":\"$1\".*\"hits\":\([0-9]*\).*/\1/p"
}

# sessions: how many there are.
sessions()
{
	gprobe session list | awk 'END { print NR - 1 }'
}

# call FUNCTION TIMES: on vCPU 0
call()
{
	guestctl "$id" call 0 "${1#f_}" "$2" wait=120 > /dev/null
}

ok "the module loads" module_load
id=$(tiny_guest_start tiny 2)
ok "the guest comes up" guestctl "$id" wait-ready 60
gueststate "$id" > /run/before

add="gprobe probe add -d tiny --symbols $TINY_MAP"
ok "probes are added to a session that is made" $add -e f_nopl,f_push --pin work
is "$(sessions)" 1 "it is there when the command has ended"
ok "and listed, with its name and no process" sh -c \
	'gprobe session list -j | grep -q "\"id\":null,\"pin\":\"work\",\"domains\":1,\"probes\":2"'
call f_nopl $N
is "$(hits f_nopl)" $N "hits are counted"
call f_nopl $N
call f_push $N
is "$(hits f_nopl)" $((2 * N)) "and counted on"
is "$(hits f_push)" $N "each by its own"

ok "more can be added" $add -e f_movs --pin work
is "$(claims)" 3 "to the same session"
try 1 "already" "the same once more" $add -e f_sub,f_movs --pin work
is "$(claims)" 3 "adds none of them"
is "$(hits f_nopl)" $((2 * N)) "and what was there counts on"
try 1 "letters, digits" "a name that is none" $add -e f_sub --pin 'a/b'
is "$(claims)" 3 "leaves nothing"
try 1 "no session is pinned" "a name of nobody" gprobe session unpin nobody
try 1 "no such claim" "a probe that is not there" gprobe probe del 99999
try 1 "in use|cannot|busy|unavailable" "the module stays while a session is pinned" rmmod gprobe

first=$(gprobe probe list -d tiny -j | tr '{' '\n' | sed -n 's/"id":\([0-9]*\),.*"probe":"f_push".*/\1/p')
ok "one can be taken out" gprobe probe del "$first"
is "$(claims)" 2 "the others stay"
call f_push $N
call f_nopl $N
is "$(hits f_nopl)" $((3 * N)) "and count on"

# Others come and go meanwhile.
ok "a stat beside it" stat_tiny /run/stat f_nopl guestctl "$id" call 0 nopl $N wait=120
is "$(counted /run/stat f_nopl)" $N "has its own count"
is "$(hits f_nopl)" $((4 * N)) "the pinned one has all"

# A running session is pinned, and killed.
gprobe stat -d tiny --symbols "$TINY_MAP" -e f_sub -o /dev/null &
stat=$!
wait_for '[ $(claims) -eq 3 ]' 60
running=$(gprobe session list -j | tr '{' '\n' | sed -n 's/"id":\([0-9]*\),.*/\1/p')
try 1 "pinned by that name" "a name is one session's" gprobe session pin "$running" work
try 1 "no session 4000000000; " "one that is not there is refused" gprobe session pin 4000000000 none
ok "a running session is pinned" gprobe session pin "$running" other
try 1 "has a socket" "its probes are its own while it runs" gprobe probe del \
	"$(gprobe probe list -d tiny -j | tr '{' '\n' | sed -n 's/"id":\([0-9]*\),.*"probe":"f_sub".*/\1/p')"
kill -9 $stat
wait $stat 2>/dev/null
call f_sub $N
is "$(hits f_sub)" $N "it counts on though its process was killed"
ok "and ends by its name" gprobe session unpin other
is "$(claims)" 2 "with its probes"

ok "the first one ends" gprobe session unpin work
is "$(sessions)" 0 "and is gone"
is "$(gueststate "$id")" "$(cat /run/before)" "the guest is as it was found"
is "$(guestctl "$id" get errors)" 0 "and well"
guest_destroy tiny
ok "the module unloads" module_unload
done_testing
