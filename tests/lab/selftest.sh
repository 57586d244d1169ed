# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Proves the lab itself: a Linux guest starts, does exactly what it is told on
# one and on two vCPUs, finds itself unharmed, and goes. Run by: run
# tests/lab/selftest.sh

. /lab/lib.sh
plan 14

is "$(xl list | wc -l)" 2 "dom0 is alone at first"
ok "symbols are there" grep -q ' T entry_SYSCALL_64$' /lab/System.map

id=$(linux_guest_start one 1)
ok "a Linux guest starts"
diag "ready after $(uptime_ms) ms"
is "$(domid_of one)" "$id" "it has the id that was printed"
is "$(linux_guest_cmd one 'run openat 1000')" "WORKLOAD-DONE openat 1000 1 ok" "a thousand calls"
is "$(linux_guest_cmd one check)" "WORKLOAD-CHECK ok" "it finds itself unharmed"
is "$(linux_guest_cmd one dmesg | tail -n 1)" "WORKLOAD-DMESG 0" "its kernel has no complaint"
text=$(sed -n 's/ T __x64_sys_getppid$//p' /lab/System.map)
peek=$(linux_guest_cmd one "peek $text 4")
ok "it reads its own kernel's code: $peek" test "${#peek}" = 39
guest_destroy one
ok "it is destroyed"

two=$(linux_guest_start two 2)
ok "a guest with two vCPUs starts as domain $two"
is "$(linux_guest_cmd two 'run openat 500 2')" "WORKLOAD-DONE openat 500 2 ok" "two threads"
linux_guest_cmd two list | grep '^[a-z]' > /run/calls
bad=
while read -r call _; do
	reply=$(linux_guest_cmd two "run $call 20 2")
	case $reply in *' ok') ;; *) bad="$bad $reply" ;; esac
done < /run/calls
is "$bad" "" "every kind of call"
totals=$(linux_guest_cmd two 'loop mix 2')
ok "a mix for two seconds" test "${totals##*WORKLOAD-}" = "LOOPED ok"
diag "$totals"
guest_destroy two
is "$(xl list | wc -l)" 2 "dom0 is alone at last"
