# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=1 seconds=1200
# Every hypercall of an attach, two claims and a detach fails in turn, then those
# of watches and of claims that ask, beside a session that stays. What is asked for
# happens, or nothing does; the guest is as it was found.

. /lab/lib.sh

fail_nth=/sys/module/gprobe/parameters/fail_nth

ok "a module with faults loads" module_load /lab/gprobe-faults.ko
id=$(tiny_guest_start tiny 1)
ok "the guest comes up" guestctl "$id" wait-ready 60
gueststate "$id" > /run/before

# fail_each MOST COMMAND: runs COMMAND, which prints what went wrong, with a fault at
# its first call, its second, and so on, until it has no more. What it does not
# do, it says in one line of /run/err.
fail_each()
{
	n=0
	bad=
	failed=0
	# Shadow frames stay as long as anybody is attached.
	is "$($2)" "" "$2: without faults"
	gueststate "$id" > /run/found
	claims > /run/claimed
	while [ $n -lt "$1" ]; do
		n=$((n + 1))
		echo $n > $fail_nth
		said=$($2 2> /run/err)
		status=$?
		[ "$(cat $fail_nth)" = 0 ] || break
		case $status in
		0) bad="$bad${said:+ $n:$said}" ;;
		1) failed=$((failed + 1)); [ "$(wc -l < /run/err)" = 1 ] || bad="$bad $n:message" ;;
		*) bad="$bad $n:status=$status" ;;
		esac
		[ "$(claims)" = "$(cat /run/claimed)" ] || bad="$bad $n:claims"
		[ "$(gueststate "$id")" = "$(cat /run/found)" ] || bad="$bad $n:state"
		[ "$(guestctl "$id" get errors)" = 0 ] || bad="$bad $n:guest"
	done
	echo 0 > $fail_nth
	diag "$2: $((n - 1)) hypercalls failed, $failed of them ended the command"
	is "$bad" "" "$2: after each the guest is as it was"
}

# Two probes in two frames: the second finds the first one's set-up.
two_probes()
{
	stat_tiny /run/stat f_nopl,f_movs guestctl "$id" call 0 nopl,movs 5 wait=60 || return
	[ "$(counted /run/stat f_nopl)+$(counted /run/stat f_movs)" = 5+5 ] || echo count
}

# The entry that "remap" changes, as in watch.sh; and another page beside it.
two_watches()
{
	watchctl -q "$id" 506:10,500:511 guestctl "$id" remap 0 6 wait=60 > /run/claims || return
	[ "$(figure told)" = 6 ] || echo told
}

two_asked()
{
	upcallctl -q -V step "$id" auto "$(places nopl,movs)" guestctl "$id" call 0 nopl,movs 5 wait=60 \
		> /run/claims || return
	[ "$(figure told) $(figure stepped)" = "10 10" ] || echo told
}

fail_each 200 two_probes
ok "there were many" test $n -gt 30
ok "some of them mattered" test $failed -gt 15
stat_background -d tiny --symbols "$TINY_MAP" -e f_push
fail_each 60 two_watches
ok "some of them mattered" test $failed -gt 3
fail_each 60 two_asked
ok "some of them mattered" test $failed -gt 3
kill -INT $stat_pid
wait $stat_pid
is "$(gueststate "$id")" "$(cat /run/before)" "the guest is as it was found"
stat_tiny /run/stat f_nopl,f_movs guestctl "$id" call 0 nopl,movs 100 wait=60
is "$(counted /run/stat f_nopl)" 100 "it can be traced"
guest_destroy tiny
ok "the module unloads" module_unload
done_testing
