# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=2
# Watched entries of a page table: each change is told while the vCPU that made
# it waits, exactly; other entries wake nobody; whoever does not reply, or dies,
# holds nobody up.

. /lab/lib.sh

TIMEOUT=/sys/module/gprobe/parameters/upcall_timeout_ms
TABLE=506	# the gfn of the table with the 4K pages of the code
ENTRY=10	# that of the function that "remap" moves

# watched NAME ARG...: watchctl; what it says goes to /run/claims.
watched()
{
	watched_name=$1
	shift
	ok "$watched_name" sh -c 'watchctl "$@" > /run/claims' sh "$@"
}

ok "the module loads" module_load
id=$(tiny_guest_start tiny 2)
ok "the guest comes up" guestctl "$id" wait-ready 60
gueststate "$id" > /run/before

watched "a page is moved 100 times" "$id" $TABLE:$ENTRY \
	guestctl "$id" remap 0 100 wait=120
is "$(figure told)" 100 "each is told, once"
is "$(figure upcalls)" 100 "and nothing else"
is "$(figure table_writes)" 101 "the last store, which changes nothing, is seen"
is "$(grep -cE "^table $TABLE $ENTRY 20(a0.7 20b0|b0.7 20a0)07 0$" /run/claims)" 100 \
	"from one frame to the other, by vCPU 0"
# With this emulator the page walk sets it past the view: table_walks is 0.
diag "accessed bits set by us: $(figure table_walks)"

watched "one that is not there in between" "$id" $TABLE:$ENTRY \
	guestctl "$id" remap 0 100 mode=1 wait=120
is "$(figure told)" 200 "goes and comes, each told"
is "$(grep -c "^table $TABLE $ENTRY [0-9a-f]* 0 0\$" /run/claims)" 100 "a hundred times to nothing"

watched "stores to an entry that nobody watches" "$id" $TABLE:$((ENTRY + 1)) \
	guestctl "$id" remap 0 100 wait=120
is "$(figure table_writes)" 101 "are seen"
is "$(figure upcalls)" 0 "and wake nobody"

watched "both vCPUs move it at once" -q "$id" $TABLE:$ENTRY,500:511 \
	guestctl "$id" remap all 200 wait=240
is "$(figure told)" "$(figure upcalls)" "all that was sent has come"
is "$(figure upcall_timeouts)" 0 "and in time"
is "$(figure table_writes)" 402 "no store was missed"
is "$(guestctl "$id" get errors)" 0 "the guest found what it had mapped each time"

# A page that is watched and probed: released in one order and in the other.
smc_writes="guestctl $id write 0 50 mode=1 wait=120"
before=$(guestctl "$id" get calls.smc)
watched "a page that is watched and probed" -q "$id" 207:0 sh -c \
	". /lab/lib.sh; stat_tiny /run/smc f_smc $smc_writes; $smc_writes"
is "$(counted /run/smc f_smc)" 50 "its probe counts exactly"
is "$(figure told)" 200 "its entry is told exactly, with the probe and after it"
is "$(($(guestctl "$id" get calls.smc) - before))" 100 "its code ran as rewritten"
stat_tiny /run/smc f_smc sh -c \
	"watchctl -q $id 207:0 $smc_writes > /run/claims; $smc_writes"
is "$(counted /run/smc f_smc)" 100 "the probe counts with the watch and after it"
is "$(figure told)" 100 "the watch told until it went"
is "$(guestctl "$id" get writes_bad)" 0 "what it wrote is what ran"

# Nobody replies.
echo 30 > $TIMEOUT
watched "a session that does not reply" -m "$id" $TABLE:$ENTRY \
	guestctl "$id" remap 0 4 wait=60
is "$(figure upcall_timeouts)" 4 "is not waited for longer than it may be"
is "$(grep -c '^late ' /run/claims)" 4 "and is told so"
echo 60000 > $TIMEOUT
watchctl -m "$id" $TABLE:$ENTRY guestctl "$id" remap 0 5 wait=60 > /run/claims &
watch_pid=$!
wait_for 'grep -q ^table /run/claims' 30
ok "a vCPU waits" kill -9 $watch_pid
wait $watch_pid
ok "and goes on when its session is killed" guestctl "$id" wait 0 60
echo 2000 > $TIMEOUT
is "$(gueststate "$id")" "$(cat /run/before)" "Xen holds of the guest what it held before"

try 1 'no memory' "a page the guest has not" watchctl "$id" ffffff:1 true
try 1 'not attached|no such domain' "a guest that is none" watchctl 999 $TABLE:1 true
guest_destroy tiny
ok "the module unloads" module_unload
done_testing
