# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=2
# A claim that is off after N hits has exactly N, and its INT3 is gone unless
# somebody else wants it; a claim with a rate counts all, and tells the
# tracepoints of no more than that in a second.

. /lab/lib.sh

N=2000
LAST=300

claim()
{
	claimctl "$@" > /run/claims
}

# few NAME: a vCPU may have met the INT3 before it went, once.
few()
{
	ok "$1" test "$(claim_figure site_hits)" -ge $LAST -a "$(claim_figure site_hits)" -le $((LAST + 2))
	diag "the place was hit $(claim_figure site_hits) times"
}

ok "the module loads" module_load
id=$(tiny_guest_start tiny 2)
ok "the guest comes up" guestctl "$id" wait-ready 60
gueststate "$id" > /run/before

cat > /run/both <<-END
	guestctl $id call 0 nopl $N && guestctl $id call 1 nopl $N &&
	guestctl $id wait 0 200 && guestctl $id wait 1 200
END
for step in 5 emulate fast toggle; do
	ok "step $step: both vCPUs, off after $LAST" claim -o $LAST "$id" $step "$(places nopl)" sh /run/both
	is "$(claim_figure hits)" $LAST "step $step: exactly $LAST are counted"
	is "$(claim_figure off)" 1 "step $step: it says that it is off"
	few "step $step: its INT3 is gone"
done
ok "off after more than come" claim -o $((2 * N + 1)) "$id" auto "$(places nopl)" sh /run/both
is "$(claim_figure hits)" $((2 * N)) "all are counted"
is "$(claim_figure off)" 0 "and it is on"
ok "off after as many as come" claim -o $((2 * N)) "$id" auto "$(places nopl)" sh /run/both
is "$(claim_figure hits)" $((2 * N)) "all are counted"
is "$(claim_figure off)" 1 "and it is off"

# Somebody who comes later puts the INT3 back, and takes it along.
cat > /run/later <<-END
	. /lab/lib.sh
	guestctl $id call 0 nopl $N wait=200 &&
	stat_tiny /run/stat f_nopl guestctl $id call 0 nopl $N wait=200 &&
	guestctl $id call 0 nopl $N wait=200
END
ok "another session comes and goes" claim -o $LAST "$id" auto "$(places nopl)" sh /run/later
is "$(claim_figure hits)" $LAST "the claim that is off stays at $LAST"
is "$(counted /run/stat f_nopl)" $N "the other one has exactly its hits"
ok "the place was hit for these two only" test "$(claim_figure site_hits)" -ge $((LAST + N)) \
	-a "$(claim_figure site_hits)" -le $((LAST + N + 2))

# Somebody who is there keeps it.
cat > /run/beside <<-END
	claimctl -o $LAST $id auto $(places nopl) sh /run/both > /run/claims
END
ok "beside a session" stat_tiny /run/stat f_nopl sh /run/beside
is "$(claim_figure hits)" $LAST "the claim has its $LAST"
is "$(counted /run/stat f_nopl)" $((2 * N)) "the session has all"
is "$(claim_figure site_hits)" $((2 * N)) "and so has the place"

# The guest's own INT3s stay the guest's, before and after.
before=$(guestctl "$id" get bp)
ok "where the guest has an INT3" claim -o $LAST "$id" auto "$(places int3first)" \
	guestctl "$id" call 0 int3first $N wait=200
is "$(claim_figure hits)" $LAST "exactly $LAST are counted"
is $(($(guestctl "$id" get bp) - before)) $N "the guest gets each of its own"

# A second by the kernel's tick is not cut short: one more is begun at most.
started=$(cut -d. -f1 /proc/uptime)
ok "ten a second" claim -s 10 "$id" auto "$(places nopl)" sh /run/both
took=$(($(cut -d. -f1 /proc/uptime) - started + 1))
is "$(claim_figure hits)" $((2 * N)) "ten a second: all are counted"
told=$(($(claim_figure hits) - $(claim_figure limited)))
ok "ten a second: the first ten are told" test $told -ge 10
ok "ten a second: no more are" test $told -le $((10 * (took + 1)))
diag "told of $told in $took s"
ok "more a second than come" claim -s $((4 * N)) "$id" auto "$(places nopl)" sh /run/both
is "$(claim_figure hits)" $((2 * N)) "all are counted"
is "$(claim_figure limited)" 0 "and told"

is "$(guestctl "$id" get errors)" 0 "every call gave its right result"
is "$(gueststate "$id")" "$(cat /run/before)" "the guest is as it was found"
guest_destroy tiny
ok "the module unloads" module_unload
done_testing
