# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=2
# Eight sessions on one guest, with probes of their own and the same ones, under
# different roots: each has exactly its own hits, and those that leave, by their
# own will or killed, take nothing from the others.

. /lab/lib.sh

N=400

# session NUMBER PROBES: one more, in the background; its figures go to
# /run/session.NUMBER when it ends.
session()
{
	gprobe stat -d tiny --symbols "$TINY_MAP" -x , --per-vcpu -o "/run/session.$1" -e "$2" &
	eval "session_$1=\$!"
	wanted=$((wanted + $(echo "$2" | tr ',' '\n' | wc -l)))
	wait_for "[ \$(claims) -eq $wanted ]" 60
}

# leave NUMBER SIGNAL
leave()
{
	eval "leave_pid=\$session_$1"
	kill "-$2" "$leave_pid"
	wait "$leave_pid" 2>/dev/null
}

# got NUMBER PROBE WANTED
got()
{
	is "$(counted "/run/session.$1" "$2")" "$3" "session $1: $2"
}

ok "the module loads" module_load
id=$(tiny_guest_start tiny 2)
ok "the guest comes up" guestctl "$id" wait-ready 60
gueststate "$id" > /run/before
root=0x500000
other=0x501000

wanted=0
session 1 f_nopl
session 2 "f_nopl@$root"
session 3 "f_nopl@$other"
session 4 f_nopl,f_push,f_movs
session 5 f_push
session 6 "f_movs@$root,f_nopl@$other"
session 7 f_sub
ok "eight sessions with twelve probes" session 8 f_nopl,f_push
is "$(gprobe domain list -j | sed 's/.*"sessions":\([0-9]*\).*/\1/')" 8 "the module has eight"

# Both vCPUs, then one under the other root.
guestctl "$id" call all nopl,push,movs $N wait=300
guestctl "$id" call 0 nopl,push,movs $N root=1 wait=300
leave 7 INT
leave 5 INT
leave 8 KILL
is "$(claims)" 8 "three leave, one of them killed"
guestctl "$id" call all nopl,push,movs $N wait=300
leave 4 KILL
is "$(claims)" 5 "one more is killed"
guestctl "$id" call 1 nopl,push,movs $N root=1 wait=300
for number in 1 2 3 6; do
	leave $number INT
done

got 1 f_nopl $((6 * N))
got 2 "f_nopl@$root" $((4 * N))
got 3 "f_nopl@$other" $((2 * N))
got 5 f_push $((3 * N))
got 6 "f_movs@$root" $((4 * N))
got 6 "f_nopl@$other" $((2 * N))
got 7 f_sub 0
for number in 1 2 3 5 6 7; do
	is "$(lost /run/session.$number)" 0 "session $number: none is lost"
done
is "$(guestctl "$id" get errors)" 0 "every call gave its right result"
is "$(claims)" 0 "no claim is left"
is "$(gueststate "$id")" "$(cat /run/before)" "the guest is as it was found"
guest_destroy tiny
ok "the module unloads" module_unload
done_testing
