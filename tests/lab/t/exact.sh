# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=1
# Every function of the tiny guest, called exactly 1,000 times, is counted
# exactly 1,000 times, whatever its first instruction is, and 250 times whichever page
# size maps it; and the guest computes what it always computes.

. /lab/lib.sh

N=1000

# Of one round: what was counted is what was called, function by function.
count_is_exact()
{
	wrong=
	for function in $(echo "$2" | tr ',' ' '); do
		got=$(counted "$1" "f_$function$3")
		[ "$got" = "$N" ] || wrong="$wrong $function=$got"
	done
	is "$wrong" "" "$4"
	is "$(lost "$1")" 0 "$4: none is lost"
}

ok "the module loads" module_load
id=$(tiny_guest_start tiny 1)
ok "the guest comes up" guestctl "$id" wait-ready 60
gueststate "$id" > /run/before
functions=$(tiny_functions)

ok "all functions are probed and called" stat_tiny /run/all "$(probes_of "$functions")" \
	guestctl "$id" call 0 "$functions" $N wait=300
count_is_exact /run/all "$functions" "" "4K pages"
is "$(guestctl "$id" get calls.nopl)" $N "the guest counted the same"
is "$(guestctl "$id" get errors)" 0 "every call gave its right result"
is "$(guestctl "$id" get bp)" $((2 * N)) "the guest got its own INT3s"

# The same code by large pages; remap's page has no such alias in use. A call of movs
# is sixteen hits to step over.
N=250
for alias in 2m 1g id; do
	[ "$alias" != 1g ] || [ "$(guestctl "$id" get has_1g)" = 1 ] || {
		skip "1g pages" "the emulated CPU has no 1G pages"
		continue
	}
	stat_tiny /run/alias "f_nopl_$alias,f_push_$alias,f_movs_$alias" \
		guestctl "$id" call 0 nopl,push,movs $N alias=$alias wait=60
	count_is_exact /run/alias nopl,push,movs "_$alias" "$alias pages"
done
is "$(guestctl "$id" get errors)" 0 "every call gave its right result there too"

# A probe under a root counts only what runs under it.
root=0x$(printf '%x' $((0x500000)))
other=0x$(printf '%x' $((0x501000)))
stat_tiny /run/root "f_nopl@$root,f_nopl@$other,f_nopl" sh -c "
	guestctl $id call 0 nopl 300 wait=60 && guestctl $id call 0 nopl 200 root=1 wait=60"
is "$(counted /run/root "f_nopl@$root")" 300 "under the first root"
is "$(counted /run/root "f_nopl@$other")" 200 "under the second root"
is "$(counted /run/root f_nopl)" 500 "under any root"

is "$(gueststate "$id")" "$(cat /run/before)" "Xen holds of the guest what it held before"
guest_destroy tiny
ok "the module unloads" module_unload
done_testing
