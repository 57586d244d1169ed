# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=1
# Every way to step over counts exactly and leaves the guest right, also where
# nobody has looked at the instruction: an emulation that Xen cannot do falls
# back, and that is remembered.

. /lab/lib.sh

N=200

# claim_all STEP COMMAND...: all $functions are claimed while COMMAND runs.
claim_all()
{
	claim_step=$1
	shift
	claimctl "$id" "$claim_step" "$(places "$functions")" "$@" > /run/claims
}

# What the guest's INT3s do is no step. What selfmod does needs "store".
functions=$(tiny_functions int3first selfmod)
ok "the module loads" module_load
id=$(tiny_guest_start tiny 1)
ok "the guest comes up" guestctl "$id" wait-ready 60
for step in auto emulate fast toggle; do
	ok "$step: all functions are called" claim_all $step \
		guestctl "$id" call 0 "$functions" $N wait=300
	wrong=$(awk -v n=$N '$1 == "hits" && $3 != n { print $2 "=" $3 }' /run/claims)
	is "$wrong" "" "$step: each is counted exactly"
	is "$(grep -c '^hits' /run/claims)" 21 "$step: all of them"
	is "$(figure lost)" 0 "$step: none is lost"
	is "$(guestctl "$id" get errors)" 0 "$step: every call gave its right result"
	diag "$step: $(awk 'NF == 2' /run/claims | tr '\n' ' ')"
	case $step in
	auto) ok "what Xen cannot emulate falls back" test "$(figure emul_failed)" -gt 0
	      ok "and is remembered" test "$(figure emul_failed)" -lt $N ;;
	# A step does one round of the sixteen that movs has.
	fast) is "$(figure fast)" $(((21 + 15) * N)) "fast: each by fast single-step" ;;
	toggle) is "$(figure toggled)" $(((21 + 15) * N)) "toggle: each by toggle single-step" ;;
	esac
done

# A NOP is passed by moving RIP, and only a NOP.
ok "skip: a NOP of five bytes" claimctl "$id" 5 "$(places nopl)" \
	guestctl "$id" call 0 nopl $N wait=60 > /run/claims
is "$(figure skipped)" $N "skip: each was passed"
is "$(guestctl "$id" get errors)" 0 "skip: with its right result"
try 1 "Invalid argument" "skip: no length" claimctl "$id" 0 "$(places nopl)" true
try 1 "out of range" "skip: a length that no instruction has" \
	claimctl "$id" 16 "$(places nopl)" true

# An instruction that rewrites the next one, in its own probed page.
ok "store: an instruction that rewrites its own page" claimctl "$id" store \
	"$(places selfmod)" guestctl "$id" call 0 selfmod $N wait=120 > /run/claims
is "$(awk '$1 == "hits" { print $3 }' /run/claims)" $N "store: is counted exactly"
is "$(figure toggled)" $N "store: each by toggle single-step"
is "$(guestctl "$id" get errors)" 0 "store: what it wrote is what ran"
stat_tiny /run/stat f_selfmod sh -c \
	'gprobe probe list > /run/list; guestctl '"$id call 0 selfmod $N wait=120"
is "$(awk '{ print $8 }' /run/list | tail -n 1)" store "the command asks for it"
is "$(counted /run/stat f_selfmod)" $N "and counts it exactly"
is "$(guestctl "$id" get errors)" 0 "and what it wrote is what ran"

# A guest that single-steps itself gets each of its traps, however its
# instructions are stepped over. (A hypercall's or a pushf's value would differ.)
functions=$(tiny_functions int3first int3in pushf vmcall selfmod)
traps=$(guestctl "$id" get db)
ok "TF: unprobed" guestctl "$id" call 0 "$functions" 1 mode=1 wait=60
once=$(($(guestctl "$id" get db) - traps))
ok "TF: the guest traps" test "$once" -gt 60
for step in auto emulate fast toggle; do
	traps=$(guestctl "$id" get db)
	ok "TF, $step: all functions are called" claim_all $step \
		guestctl "$id" call 0 "$functions" 20 mode=1 wait=300
	is $(($(guestctl "$id" get db) - traps)) $((20 * once)) "TF, $step: the guest gets every trap"
	wrong=$(awk '$1 == "hits" && $3 != 20 { print $2 "=" $3 }' /run/claims)
	is "$wrong" "" "TF, $step: each hit is counted exactly"
	is "$(guestctl "$id" get errors)" 0 "TF, $step: every call gave its right result"
done
traps=$(guestctl "$id" get db)
ok "TF, skip: a NOP, unprobed" guestctl "$id" call 0 nopl 20 mode=1 wait=60
once=$(($(guestctl "$id" get db) - traps))
traps=$(guestctl "$id" get db)
claimctl "$id" 5 "$(places nopl)" guestctl "$id" call 0 nopl 20 mode=1 wait=60 > /run/claims
is $(($(guestctl "$id" get db) - traps)) "$once" "TF, skip: a probed one traps as often"
is "$(figure skipped)" 0 "TF, skip: it is not passed"
functions=$(tiny_functions int3first)
stat_tiny /run/stat "$(probes_of "$functions")" sh -c \
	'gprobe probe list > /run/list; guestctl '"$id call 0 $functions $N wait=300"
is "$(awk '$8 == "skip" { print $3 }' /run/list | sort | tr '\n' ' ')" "f_int3in f_nopl f_remap " \
	"the command asks for it where a NOP stands"
is "$(guestctl "$id" get errors)" 0 "and the guest is well"
guest_destroy tiny
ok "the module unloads" module_unload
done_testing
