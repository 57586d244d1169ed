# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=1
# Every way to step over counts exactly and leaves the guest right, also where
# nobody has looked at the instruction: an emulation that Xen cannot do falls
# back, and that is remembered.

. /lab/lib.sh

N=200

# places FUNCTIONS: with commas, as GFN:OFFSET.
places()
{
	for function in $(echo "$1" | tr ',' ' '); do
		guestctl func "$function" | awk -F'=0x' '
		$1 == "gfn" { gfn = $2 }
		$1 == "offset" { print gfn ":" $2 }'
	done | tr '\n' ',' | sed 's/,$//'
}

figure()
{
	awk -v name="$1" '$1 == name { print $2 }' /run/claims
}

# claim_all STEP COMMAND...: all functions are claimed while COMMAND runs.
claim_all()
{
	claim_step=$1
	shift
	claimctl "$id" "$claim_step" "$(places "$functions")" "$@" > /run/claims
}

# What the guest's INT3s do is no step.
functions=$(tiny_functions int3first)
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
	diag "$step: $(grep -v '^hits' /run/claims | tr '\n' ' ')"
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
stat_tiny /run/stat "$(probes_of "$functions")" sh -c \
	'gprobe probe list > /run/list; guestctl '"$id call 0 $functions $N wait=300"
is "$(awk '$8 == "skip" { print $3 }' /run/list | sort | tr '\n' ' ')" "f_int3in f_nopl f_remap " \
	"the command asks for it where a NOP stands"
is "$(guestctl "$id" get errors)" 0 "and the guest is well"
guest_destroy tiny
ok "the module unloads" module_unload
done_testing
