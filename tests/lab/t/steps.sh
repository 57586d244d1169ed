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
	fast) is "$(figure fast)" $((21 * N)) "fast: each by fast single-step" ;;
	toggle) is "$(figure toggled)" $((21 * N)) "toggle: each by toggle single-step" ;;
	esac
done
guest_destroy tiny
ok "the module unloads" module_unload
done_testing
