# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=2
# A claim's filters: it counts the hits of its vCPUs at its privilege levels,
# exactly, and no others; its place is hit by all.

. /lab/lib.sh

N=500

# Both vCPUs at CPL 0, then vCPU 1 alone at CPL 3 and under the other root.
cat > /run/calls <<-END
	guestctl \$1 call 0 nopl,push $N && guestctl \$1 call 1 nopl,push $N &&
	guestctl \$1 wait 0 200 && guestctl \$1 wait 1 200 &&
	guestctl \$1 call 1 nopl,push $((2 * N)) mode=3 wait=200 &&
	guestctl \$1 call 0 nopl,push $((4 * N)) root=1 wait=200
END

claim()
{
	claimctl "$@" > /run/claims
}

# filtered_to HITS NAME OPTION...: of the eight N calls, a claim with the
# options has so many.
filtered_to()
{
	filters_hits=$1
	filters_name=$2
	shift 2
	ok "$filters_name" claim "$@" "$id" auto "$(places nopl,push)" sh /run/calls "$id"
	is "$(claim_figure hits)" $((2 * filters_hits)) "$filters_name: counted"
	is "$(claim_figure filtered)" $((2 * (8 * N - filters_hits))) "$filters_name: filtered"
	is "$(claim_figure site_hits)" $((16 * N)) "$filters_name: all hit the place"
}

ok "the module loads" module_load
id=$(tiny_guest_start tiny 2)
ok "the guest comes up" guestctl "$id" wait-ready 60
gueststate "$id" > /run/before

filtered_to $((8 * N)) "no filter"
filtered_to $((5 * N)) "vCPU 0" -v 0
filtered_to $((3 * N)) "vCPU 1" -v 1
filtered_to $((8 * N)) "vCPUs 0 and 1" -v 1,0
filtered_to $((6 * N)) "CPL 0" -l 0
filtered_to $((2 * N)) "CPL 3" -l 3
filtered_to 0 "CPL 1 or 2" -l 1,2
filtered_to $((8 * N)) "CPL 0 or 3" -l 0,3
filtered_to $N "vCPU 0 under the first root" -v 0 -r 500000
filtered_to 0 "vCPU 0 at CPL 3" -v 0 -l 3
filtered_to $((2 * N)) "vCPU 1 at CPL 3 under the first root" -v 1 -l 3 -r 500000

try 1 "vCPUs names one that the guest does not have" "vCPU 2 of two" \
	claimctl -v 0,2 "$id" auto "$(places nopl)" true
try 1 "vCPUs names one that the guest does not have" "the last vCPU that can be named" \
	claimctl -v 511 "$id" auto "$(places nopl)" true
try 1 "with this cookie and these filters on this place already" "the same twice" \
	claimctl -v 1 -k 7 "$id" auto "$(places nopl,nopl)" true
is "$(claims)" 0 "no claim is left"

# Nobody sees a hit that is filtered: the session of gprobe stat beside it does.
cat > /run/beside <<-END
	claimctl -v 1 $id auto $(places nopl) sh /run/calls $id > /run/claims
END
ok "beside a session without filters" stat_tiny /run/stat f_nopl sh /run/beside
is "$(claim_figure hits)" $((3 * N)) "the claim has its vCPU's hits"
is "$(counted /run/stat f_nopl)" $((8 * N)) "the other session has all"
is "$(counted /run/stat f_nopl 0)" $((5 * N)) "and each vCPU's"

is "$(guestctl "$id" get errors)" 0 "every call gave its right result"
is "$(gueststate "$id")" "$(cat /run/before)" "the guest is as it was found"
guest_destroy tiny
ok "the module unloads" module_unload
done_testing
