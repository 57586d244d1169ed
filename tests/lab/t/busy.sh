# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=1 seconds=900
# Probes leave a Linux guest in the middle of its work, again and again: it goes on,
# and every call of its program does what it should. With one CPU a vCPU has often been
# answered and not yet run when its probe goes.

. /lab/lib.sh

TIMES=8

# Both reply after each of their calls was right.
work()
{
	while [ -e /run/go ]; do
		linux_guest_cmd linux 'run openat 50' &&
			linux_guest_cmd linux 'run read 50' || break
	done > /run/work 2>&1
}

ok "the module loads" module_load
id=$(linux_guest_start linux 1)
ok "a Linux guest starts" test -n "$id"
gueststate "$id" > /run/before
touch /run/go
work &
pid=$!

i=0 short=0
while [ $i -lt $TIMES ]; do
	gprobe trace -d linux --symbols "$LINUX_MAP" -e 'do_sys_openat2 path=+0(%si):string' \
		-e 'r:vfs_read ret=$retval:s64' --rate 20 -c 30 -o /run/trace
	[ "$(grep -vc '^#' /run/trace)" = 30 ] || short=$((short + 1))
	i=$((i + 1))
	# As long as a guest that was hurt needs to find out.
	sleep 1
done
is $short 0 "each of $TIMES times 30 hits were traced"
rm /run/go
wait $pid
is "$(grep -c 'WORKLOAD-DONE read 50 1 ok' /run/work)" \
	"$(grep -c 'WORKLOAD-DONE openat 50 1 ok' /run/work)" "each round of work was done whole"
ok "and to the end" sh -c "tail -n 1 /run/work | grep -q 'read 50 1 ok'"
is "$(grep -cE 'BUG:|Oops|general protection|panic' "$(guest_console linux)")" 0 \
	"its kernel has nothing to complain of"
is "$(linux_guest_cmd linux 'run getpid 10')" "WORKLOAD-DONE getpid 10 1 ok" "it works on"
is "$(gueststate "$id")" "$(cat /run/before)" "it is as it was found"
guest_destroy linux
ok "the module unloads" module_unload
done_testing
