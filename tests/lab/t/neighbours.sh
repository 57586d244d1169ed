# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=2
# Pages that are probed and watched beside each other, in one large page of the
# guest's: where one is so no more, the others are still.

. /lab/lib.sh

ok "the module loads" module_load
id=$(tiny_guest_start tiny 2)
ok "the guest comes up" guestctl "$id" wait-ready 60
gueststate "$id" > /run/before

stat_background -d tiny --symbols "$TINY_MAP" -x , --per-vcpu -o /run/stays -e f_nopl
smc_writes="guestctl $id write 0 10 mode=1 wait=60"
watchctl -q "$id" 207:0 sh -c ". /lab/lib.sh
	stat_tiny /run/leaves f_movs guestctl $id call 0 movs,nopl 10 wait=60
	guestctl $id call all movs,nopl 10 wait=60
	$smc_writes" > /run/claims
is "$(counted /run/leaves f_movs)" 10 "one counts and leaves"
is "$(figure told)" 20 "a watch beside it tells what is stored after that"
guestctl "$id" call all movs,nopl 10 wait=60
stat_tiny /run/again f_movs guestctl "$id" call 0 movs,nopl 10 wait=60
is "$(counted /run/again f_movs)" 10 "it can come again"
kill -INT $stat_pid
wait $stat_pid
is "$(counted /run/stays f_nopl)" 60 "one that stays counts each hit"
is "$(lost /run/stays)" 0 "and none is lost"
is "$(guestctl "$id" get errors)" 0 "every call gave its right result"
is "$(gueststate "$id")" "$(cat /run/before)" "the guest is as it was found"
guest_destroy tiny
ok "the module unloads" module_unload
done_testing
