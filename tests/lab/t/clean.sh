# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=2
# A probed guest is not changed: it reads its own bytes, its own INT3s arrive,
# and what it writes to its probed code is what runs next.

. /lab/lib.sh

ok "the module loads" module_load
id=$(tiny_guest_start tiny 2)
ok "the guest comes up" guestctl "$id" wait-ready 60
functions=$(tiny_functions)
probes=$(probes_of "$functions")

# From inside, byte by byte and by eight bytes, over all page sizes.
for alias in 4k 2m id; do
	ok "its code reads as ever by $alias pages" stat_tiny /run/sum "$probes" \
		guestctl "$id" sum 1 "$functions" 2 len=32 alias=$alias wait=300
done
is "$(guestctl "$id" get sums_bad)" 0 "not one byte was different"
ok "and it did read, each function six times" test "$(guestctl "$id" get sums)" = $((3 * 2 * 23))

stat_tiny /run/int3 "f_int3first,f_int3in" guestctl "$id" int3 0 500 wait=60
is "$(guestctl "$id" get bp)" 500 "an INT3 of the guest's own, not probed"
stat_tiny /run/int3 "f_int3first,f_int3in" \
	guestctl "$id" call 0 int3first,int3in 500 wait=60
is "$(counted /run/int3 f_int3first)" 500 "a probe on an INT3 of the guest's own"
is "$(guestctl "$id" get bp)" 1500 "it got each of them"
is "$(guestctl "$id" get bp_bad)" 0 "and none of ours"

# Rewrites of a probed instruction: a byte, eight, read-modify-write, the
# probed byte itself.
for mode in 0 1 2 3; do
	before=$(guestctl "$id" get calls.smc)
	stat_tiny /run/smc f_smc guestctl "$id" write 0 200 mode=$mode wait=120
	calls=$(($(guestctl "$id" get calls.smc) - before))
	is "$(counted /run/smc f_smc)" "$calls" "code it rewrites, way $mode: every call counted"
done
is "$(guestctl "$id" get writes_bad)" 0 "what it wrote is what ran"
# The other vCPU reads the page while it is rewritten.
guestctl "$id" sum 1 "$(tiny_functions smc)" 0 len=32
stat_tiny /run/smc f_smc,f_selfwrite sh -c \
	"guestctl $id write 0 100 mode=1 wait=120 && guestctl $id call 0 selfwrite 200 wait=120"
guestctl "$id" stop 1
is "$(guestctl "$id" get sums_bad)" 0 "the other vCPU saw nothing of it"
is "$(guestctl "$id" get self_datum)" "$(guestctl "$id" get calls.selfwrite)" \
	"a probed instruction that writes to its own page did so each time"
is "$(guestctl "$id" get errors)" 0 "every call gave its right result"
guest_destroy tiny
ok "the module unloads" module_unload
done_testing
