# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=2
# A guest that dies while it is traced: nothing keeps it a zombie, what was
# counted is shown, and it is said.

. /lab/lib.sh

gone()
{
	wait_for "! xl list | awk '{ print \$2 }' | grep -qx $1" 60
}

ok "the module loads" module_load
for how in running paused; do
	id=$(tiny_guest_start tiny 2)
	ok "$how: the guest comes up" guestctl "$id" wait-ready 60
	ok "$how: probes are set" stat_background -d tiny --symbols "$TINY_MAP" \
		-x , --per-vcpu -e f_nopl,f_push
	ok "$how: it calls" guestctl "$id" call all nopl 500 wait=60
	guestctl "$id" call all push 0
	[ $how = running ] || xl pause tiny
	xl destroy tiny
	ok "$how: no zombie is left" gone "$id"
	wait "$stat_pid"
	is $? 1 "$how: gprobe ends with status 1"
	is "$(cat /run/stat.err)" "gprobe: domain 'tiny' died while it was traced" \
		"$how: and says why"
	is "$(counted /run/stat.out f_nopl)" 1000 "$how: what was counted is kept"
	is "$(claims)" 0 "$how: the module has no claim left"
done

# Destroyed while its symbols are read.
id=$(tiny_guest_start tiny 1)
mkfifo /run/symbols
gprobe stat -d tiny --symbols /run/symbols -e f_nopl > /run/early 2>&1 &
early=$!
exec 3> /run/symbols
guest_destroy tiny
cat "$TINY_MAP" >&3
exec 3>&-
wait $early
is "$? $(cat /run/early)" "1 gprobe: domain 'tiny' died before it was probed" "a guest that died early: says so"

# A dying domain, kept from going by a mapping of its frames.
id=$(tiny_guest_start tiny 1)
guestctl "$id" wait-ready 60
guestctl "$id" call 0 nopl 0
guestctl "$id" wait 0 600 &
holder=$!
usleep 300000
xl destroy tiny
try 1 "is dying" "a dying domain is refused" gprobe stat -d "$id" -e 0x1000 --duration 1
kill "$holder"
wait "$holder" 2>/dev/null
ok "it goes when nothing holds it" gone "$id"
ok "the module unloads" module_unload
done_testing
