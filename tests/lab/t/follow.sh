# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=1 seconds=1800
# A probe follows its page: in a Linux process from before the page is there, in
# a tiny guest that moves its page all the time. Each count is exact.

. /lab/lib.sh

MOVES=10000	# the one way; the other takes longer
MOVES_OTHER=2000
ADDRESS=0x10000000	# of the page, PAGES_ADDRESS of the guest's program
TRACING=/sys/kernel/tracing

# user_root: of the process that made the last hit, by the tracepoint. Under PTI
# user space has the table behind the kernel's.
user_root()
{
	kernel_root=$(sed -n 's/.* root=\(0x[0-9a-f]*\).*/\1/p' $TRACING/trace | tail -n 1)
	printf '0x%x\n' $((kernel_root / 4096 * 4096 + pti * 4096))
}

# do-pages COMMAND...: in the Linux guest, one after another.
cat > /run/do-pages <<-'END'
	. /lab/lib.sh
	for command; do
		linux_guest_cmd linux "page $command" || exit 1
	done
END

# stat_pages PROBES COMMAND...: counted while the guest's program does it.
stat_pages()
{
	pages_probes=$1
	shift
	gprobe stat -d linux --symbols "$LINUX_MAP" -x , --per-vcpu \
		-o /run/pages -e "$pages_probes" -- sh /run/do-pages "$@" > /run/reply
}

ok "the module loads" module_load
echo 1 > $TRACING/events/gprobe/gprobe_hit/enable
id=$(tiny_guest_start tiny 1)
ok "the tiny guest comes up" guestctl "$id" wait-ready 60
root=0x500000
for mode in 0 1; do
	moves=$MOVES
	[ $mode = 0 ] || moves=$MOVES_OTHER
	before=$(guestctl "$id" get calls.remap)
	ok "a page is moved $moves times, way $mode" stat_tiny /run/stat \
		"f_remap@$root,f_remap@0x501000" \
		guestctl "$id" remap 0 $moves mode=$mode wait=1500
	is "$(($(guestctl "$id" get calls.remap) - before))" $moves "its code is called each time"
	is "$(counted /run/stat "f_remap@$root")" $moves "and counted each time"
	is "$(counted /run/stat "f_remap@0x501000")" 0 "under no other root"
	is "$(lost /run/stat)" 0 "none is lost"
done
is "$(guestctl "$id" get errors)" 0 "the guest is well"
guest_destroy tiny

id=$(linux_guest_start linux 1)
ok "a Linux guest starts" test -n "$id"
gueststate "$id" > /run/before
pti=$(linux_guest_cmd linux "page map" | sed -n 's/.*pti=//p')
ok "its program maps a page" linux_guest_cmd linux "page unmap" > /dev/null
stat_linux /run/root linux __x64_sys_getppid "run getppid 1" > /run/reply
root=$(user_root)
diag "pti=$pti, root $root"
probe=$ADDRESS@$root

ok "a page that is not there yet" stat_pages "$probe" map "call 1"
is "$(counted /run/pages "$probe")" 1 "the first call of it is caught"
ok "it is unmapped, mapped and moved" stat_pages "$probe" "call 300" unmap map \
	"call 200" move "call 100" unmap map "call 50"
is "$(counted /run/pages "$probe")" 650 "each call is counted"
ok "by its root and by none" stat_pages "$probe,$ADDRESS" "call 40"
is "$(counted /run/pages "$probe")" 40 "the one with the root gets each"
is "$(counted /run/pages "$ADDRESS")" 40 "so does the one without"

# Two processes share the frame.
echo > $TRACING/trace
stat_pages __x64_sys_getppid child
child=$(user_root)
ok "a second process has the page" test "$child" != "$root"
ok "both call it" stat_pages "$probe,$ADDRESS@$child" "both 100"
is "$(counted /run/pages "$probe")" 100 "the first one's calls"
is "$(counted /run/pages "$ADDRESS@$child")" 200 "and the second one's"
ok "the second one ends" stat_pages "$probe,$ADDRESS@$child" "both 10" reap "call 100"
is "$(counted /run/pages "$probe")" 110 "the first one is counted on"
is "$(counted /run/pages "$ADDRESS@$child")" 20 "the second one as far as it came"
is "$(linux_guest_cmd linux check)" "WORKLOAD-CHECK ok" "the program finds itself unharmed"
is "$(linux_guest_cmd linux dmesg | tail -n 1)" "WORKLOAD-DMESG 0" "its kernel has no complaint"
try 1 "is no root|no such root" "a root that is none" gprobe stat -d linux \
	-e "$ADDRESS@0xfffffffff000" --duration 1
is "$(gueststate "$id")" "$(cat /run/before)" "Xen holds of the guest what it held before"
guest_destroy linux
ok "the module unloads" module_unload
done_testing
