# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=1 seconds=1200
# Every hypercall of an attach, two claims and a detach fails in turn. What is
# asked for happens, or nothing does; the guest is as it was found.

. /lab/lib.sh

fail_nth=/sys/module/gprobe/parameters/fail_nth

ok "a module with faults loads" module_load /lab/gprobe-faults.ko
id=$(tiny_guest_start tiny 1)
ok "the guest comes up" guestctl "$id" wait-ready 60
gueststate "$id" > /run/before

# Two probes in two frames: the second finds the first one's set-up.
n=0
bad=
failed=0
while [ $n -lt 200 ]; do
	n=$((n + 1))
	echo $n > $fail_nth
	stat_tiny /run/stat f_nopl,f_movs guestctl "$id" call 0 nopl,movs 5 wait=60 2> /run/err
	status=$?
	[ "$(cat $fail_nth)" = 0 ] || break
	case $status in
	0) [ "$(counted /run/stat f_nopl)+$(counted /run/stat f_movs)" = 5+5 ] || bad="$bad $n:count" ;;
	1) failed=$((failed + 1)); [ "$(wc -l < /run/err)" = 1 ] || bad="$bad $n:message" ;;
	*) bad="$bad $n:status=$status" ;;
	esac
	[ "$(claims)" = 0 ] || bad="$bad $n:claims"
	[ "$(gueststate "$id")" = "$(cat /run/before)" ] || bad="$bad $n:state"
	[ "$(guestctl "$id" get errors)" = 0 ] || bad="$bad $n:guest"
done
echo 0 > $fail_nth
diag "$((n - 1)) hypercalls failed, $failed of them ended the command"
is "$bad" "" "after each the guest is as it was"
ok "there were many" test $n -gt 30
ok "some of them mattered" test $failed -gt 15
stat_tiny /run/stat f_nopl,f_movs guestctl "$id" call 0 nopl,movs 100 wait=60
is "$(counted /run/stat f_nopl)" 100 "it can be traced"
guest_destroy tiny
ok "the module unloads" module_unload
done_testing
