# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=2
# The action record: each hit gives one record with exactly the registers that
# the guest had, or is counted as lost or as limited.

. /lab/lib.sh

N=1000

record()
{
	recordctl "$@" > /run/claims
}

# registers VCPU FUNCTION [ROOT [CPL [CS]]]: the record of a call of the tiny
# guest (cmd.c, call_by()): RAX is 17, RCX 16, CF set, R15 the vCPU's page, RDI
# and RSI are operands in it.
registers()
{
	page=$((0x401000 + $1 * 0x1000))
	printf 'record %u %s %s %s %s %s 1 11 10 %x %x %x\n' "$1" "$(places "$2")" \
		"$(guestctl func "$2" | sed -n 's/^gva_4k=0x//p')" \
		"${3:-500000}" "${4:-0}" "${5:-8}" $((page + 0x840)) $((page + 0x800)) $page
}

# recorded: each different record and how often it came.
recorded()
{
	grep '^record ' /run/claims | sort | uniq -c | sed 's/^ *//'
}

# nothing_wrong NAME: none is another's, and each is later than the one before.
nothing_wrong()
{
	is "$(figure strange) $(figure disordered)" "0 0" "$1: all are its own, in order"
}

ok "the module loads" module_load
id=$(tiny_guest_start tiny 2)
ok "the guest comes up" guestctl "$id" wait-ready 60
gueststate "$id" > /run/before
cat > /run/both <<-END
	guestctl $id call 0 \$1 \$2 && guestctl $id call 1 \$1 \$2 &&
	guestctl $id wait 0 200 && guestctl $id wait 1 200
END

for step in 5 emulate fast toggle; do
	ok "step $step: both vCPUs" record "$id" $step "$(places nopl)" sh /run/both nopl $N
	is "$(recorded)" "$N $(registers 0 nopl)
$N $(registers 1 nopl)" "step $step: a record of each call, with its registers"
	is "$(claim_figure hits)" $((2 * N)) "step $step: all are counted"
	is "$(figure lost_of_all)" 0 "step $step: none is lost"
	nothing_wrong "step $step"
done

ok "at CPL 3 under the other root" record "$id" auto "$(places push)" \
	guestctl "$id" call 1 push $N mode=3 root=1 wait=200
is "$(recorded)" "$N $(registers 1 push 501000 3 23)" "a record of each call, with its registers"

functions=nopl,push,load,cpuid,rdtsc,jcc
ok "six places" record -v 0 "$id" auto "$(places $functions)" sh /run/both $functions $N
is "$(recorded | sort)" "$(for function in $(echo $functions | tr ',' ' '); do
	echo "$N $(registers 0 $function)"
done | sort)" "the records of one vCPU"
is "$(claim_figure records)" $((6 * N)) "and no others"
nothing_wrong "six places"

# Told late, the reader looks by itself; the ring holds what comes meanwhile.
ok "with a wake-up at 64 KiB" record -w 65536 -q "$id" auto "$(places nopl)" sh /run/both nopl $N
is "$(claim_figure records)" $((2 * N)) "with a wake-up at 64 KiB: all are read"
is "$(figure lost_of_all)" 0 "with a wake-up at 64 KiB: none is lost"

ok "off after 300" record -o 300 "$id" auto "$(places nopl)" sh /run/both nopl $N
is "$(claim_figure records)" 300 "off after 300: exactly 300"

ok "twenty a second" record -s 20 "$id" auto "$(places nopl)" sh /run/both nopl $N
is "$(claim_figure hits)" $((2 * N)) "twenty a second: all are counted"
is $(($(claim_figure records) + $(claim_figure limited))) $((2 * N)) \
	"twenty a second: recorded or limited"
ok "twenty a second: twenty at least" test "$(claim_figure records)" -ge 20 \
	-a "$(claim_figure limited)" -gt 0
is "$(figure lost_of_all)" 0 "twenty a second: none is lost"

# A ring of fifteen records that nobody reads until all is over.
ok "a full ring" record -b 4096 -n "$id" auto "$(places nopl,push)" sh /run/both nopl,push $N
is "$(claim_figure records)" 15 "a full ring: fifteen records"
is "$(claim_figure lost)" $((4 * N - 15)) "a full ring: the others are lost, claim by claim"
is "$(figure lost_of_all)" $((4 * N - 15)) "a full ring: and in all"
is "$(awk '/^(records|lost) / { sum[$2] += $3 } END { for (place in sum) print sum[place] }' /run/claims |
	uniq)" $((2 * N)) "a full ring: of each place all are accounted for"
is "$(claim_figure hits)" $((4 * N)) "a full ring: all are counted"
nothing_wrong "a full ring"

# Two sessions at once, and one that counts: each has its own.
cat > /run/inner <<-END
	gprobe probe list > /run/list
	recordctl -v 1 $id auto $(places nopl) sh /run/both nopl $N > /run/inner.out
END
cat > /run/outer <<-END
	recordctl -v 0 $id auto $(places nopl) sh /run/inner > /run/claims
END
ok "beside others" stat_tiny /run/stat f_nopl sh /run/outer
is "$(recorded)" "$N $(registers 0 nopl)" "the first one's records are its own"
nothing_wrong "beside others"
mv /run/inner.out /run/claims
is "$(recorded)" "$N $(registers 1 nopl)" "so are the second one's"
is "$(counted /run/stat f_nopl)" $((2 * N)) "the third one counts both"
ok "the list says which records" grep -q ' record ' /run/list

try 1 "a ring of 5000 bytes: it must be a power of two, 4096 at least" "a ring that cannot be" \
	recordctl -b 5000 "$id" auto "$(places nopl)" true

is "$(guestctl "$id" get errors)" 0 "every call gave its right result"
is "$(gueststate "$id")" "$(cat /run/before)" "the guest is as it was found"
guest_destroy tiny
ok "the module unloads" module_unload
done_testing
