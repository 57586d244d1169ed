# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=2 seconds=900
# The action upcall: each hit that its filters let through is told once, with the
# registers, while its vCPU waits; it goes on as the reply says, and whoever does
# not reply, replies nonsense, or dies holds nobody up.

. /lab/lib.sh

TIMEOUT=/sys/module/gprobe/parameters/upcall_timeout_ms
N=200
RET=0x74690000	# what the function with index 0, nopl, returns

asked()
{
	upcallctl "$@" > /run/claims
}

# told_all NAME HITS: so many were told, no more, and all in time.
told_all()
{
	is "$(figure told) $(figure upcalls) $(claim_figure hits)" "$2 $2 $2" "$1: each hit is told, once"
	is "$(figure upcall_timeouts) $(figure lost) $(grep -c ^refused /run/claims)" "0 0 0" \
		"$1: all in time, nothing lost or refused"
}

# gva FUNCTION
gva()
{
	guestctl func "$1" | sed -n 's/^gva_4k=0x//p'
}

# calls VCPU FUNCTION [N]: as a command, in $calls.
calls()
{
	calls="guestctl $id call $1 $2 ${3:-$N} wait=200"
}

# wrong N NAME: so many calls returned a wrong value since it was asked last.
wrong_before=0
wrong()
{
	wrong_now=$(guestctl "$id" get wrong)
	is $((wrong_now - wrong_before)) "$1" "$2"
	wrong_before=$wrong_now
}

ok "the module loads" module_load
id=$(tiny_guest_start tiny 2)
ok "the guest comes up" guestctl "$id" wait-ready 60
gueststate "$id" > /run/before
cat > /run/both <<-END
	guestctl $id call 0 \$1 $N && guestctl $id call 1 \$1 $N &&
	guestctl $id wait 0 200 && guestctl $id wait 1 200
END

# --- told, and on they go ---

for step in 5 emulate fast toggle store; do
	ok "step $step: both vCPUs" asked "$id" $step "$(places nopl)" sh /run/both nopl
	told_all "step $step" $((2 * N))
	is "$(grep -cE "^hit [01] $(places nopl) [1-9] $(gva nopl) 11\$" /run/claims)" $((2 * N)) \
		"step $step: with its place and registers"
done
ok "replied to together" asked -a -q "$id" auto "$(places nopl)" sh /run/both nopl
told_all "replied to together" $((2 * N))
# selfmod writes its own page: that needs more than the module chooses by itself.
functions=$(tiny_functions int3in smc selfmod)
calls 0 "$functions" 20
ok "all functions, by the module's choice" asked -q "$id" auto "$(places "$functions")" $calls
nr=$(echo "$functions" | tr ',' '\n' | wc -l)
told_all "all functions" $((20 * nr))
is "$(guestctl "$id" get errors)" 0 "every call gave its right result"

# --- filters, limits ---

ok "vCPU 1 at CPL 3 alone" asked -q -v 1 -l 3 "$id" auto "$(places nopl)" sh -c \
	"sh /run/both nopl && guestctl $id call 1 nopl $N mode=3 wait=200"
told_all "vCPU 1 at CPL 3" $N
is "$(claim_figure filtered)" $((2 * N)) "vCPU 1 at CPL 3: the others woke nobody"
ok "off after 50" asked -q -o 50 "$id" auto "$(places nopl)" sh /run/both nopl
told_all "off after 50" 50
ok "20 a second" asked -q -s 20 "$id" auto "$(places nopl)" sh /run/both nopl
is "$(($(figure told) + $(claim_figure limited))) $(claim_figure hits)" "$((2 * N)) $((2 * N))" \
	"20 a second: told or limited, and all counted"
ok "20 a second: some of both" test "$(figure told)" -ge 20 -a "$(claim_figure limited)" -gt 0
is "$(figure upcalls)" "$(figure told)" "20 a second: what is limited wakes nobody"

# --- registers ---

wrong 0 "so far all is well"
calls all nopl
ok "RIP behind what sets the result" asked -q -V regs=rip:+10 "$id" 5 "$(places nopl)" $calls
told_all "RIP" $((2 * N))
wrong $((2 * N)) "the guest sees that it was left out"
is "$(figure skipped)" 0 "and nothing was stepped over"
ok "the same, with the result" asked -q -V regs=rip:+10,rax:$RET "$id" auto "$(places nopl)" $calls
told_all "RIP and RAX" $((2 * N))
wrong 0 "the guest sees no difference"
calls 0 movs
for step in emulate fast toggle store; do
	ok "step $step: RSI elsewhere" asked -q -V regs=rsi:+16 "$id" $step "$(places movs)" $calls
	told_all "step $step, RSI" $N
	wrong $N "step $step: the instruction is executed, with the new RSI"
done
ok "RSI to where it was" asked -q -V regs=rsi:+0 "$id" auto "$(places movs)" $calls
wrong 0 "the guest sees no difference"

# --- steps ---

calls 0 push
ok "step" asked -V step "$id" emulate "$(places push)" $calls
is "$(figure told) $(figure stepped) $(figure upcalls)" "$N $N $((2 * N))" "step: each is told, then told as done"
is "$(grep -c "^step 0 $(printf %x $((0x$(gva push | cut -c9-) + 1)) | sed 's/^/ffffffff/') 11\$" /run/claims)" $N \
	"step: one instruction further"
is "$(figure emulated) $(figure toggled)" "0 $N" "step: by a single-step"
calls 0 load
ok "registers after the step" asked -q -V step -W regs=rax:0x1234 "$id" auto "$(places load)" $calls
wrong $N "step: its result can be changed"
ok "a step after the step" asked -q -V step -W step "$id" auto "$(places load)" $calls
is "$(grep -c '^refused only the instruction that a claim.s hit is before' /run/claims)" $N "step: another one is refused"
wrong 0 "step: and it goes on"

# --- emulation ---

ok "emulate the original" asked -q -V emulate "$id" toggle "$(places load)" $calls
told_all "emulate" $N
is "$(figure emulated) $(figure toggled)" "$N 0" "emulate: instead of the claim's way"
wrong 0 "emulate: the guest sees no difference"
ok "emulate a load from elsewhere" asked -q -V emulate=498b8700080000 "$id" auto "$(places load)" $calls
told_all "given bytes" $N
wrong $N "given bytes: they are what is executed"
ok "emulate what Xen cannot" asked -q -V emulate=0f01c1 "$id" auto "$(places load)" $calls
told_all "not emulated" $N
is "$(figure emul_failed)" $N "not emulated: each falls back"
wrong 0 "not emulated: to the original"
ok "emulate afterwards" asked -q -V emulate "$id" auto "$(places load)" $calls
is "$(figure emulated)" $N "a failure of given bytes says nothing of the place"
calls 0 straddle
ok "emulate over a page's end" asked -q -V emulate "$id" auto "$(places straddle)" $calls
is "$(grep -c '^refused this instruction cannot be emulated' /run/claims)" $N "is refused"
wrong 0 "and it goes on"

# --- the guest's own INT3 ---

for verdict in continue step emulate regs=rax:17; do
	before=$(guestctl "$id" get bp)
	calls 0 int3first
	ok "own INT3, $verdict" asked -q -V $verdict "$id" auto "$(places int3first)" $calls
	told_all "own INT3, $verdict" $N
	is "$(($(guestctl "$id" get bp) - before)) $(figure stepped)" "$N 0" "own INT3, $verdict: the guest gets it"
done

# --- views ---

calls all nopl
ok "view 0" asked -q -V view=0 "$id" auto "$(places nopl)" $calls
told_all "view 0" 2
wrong 0 "view 0: what is probed nowhere is not hit"
ok "the next session" stat_tiny /run/stat f_nopl $calls
is "$(counted /run/stat f_nopl)" $((2 * N)) "the next session has all hits"
ok "a view of its own" asked -q -V view=own "$id" auto "$(places nopl)" $calls
is "$(figure told) $(figure own)" "2 $((2 * N))" "own view: it is hit there, from the first on"
is "$(gueststate "$id")" "$(cat /run/before)" "own view: nothing of it is left"
ok "beside a session" stat_tiny /run/stat f_nopl sh -c \
	"upcallctl -q -V view=0 $id auto $(places nopl) $calls > /run/claims"
is "$(grep -c '^refused another session has claims' /run/claims)" $((2 * N)) "its vCPUs are not taken away"
is "$(counted /run/stat f_nopl)" $((2 * N)) "it has all hits"
cat > /run/leave <<-END
	upcallctl -q -V view=own $id auto $(places nopl) $calls > /run/claims
	$calls
END
ok "whose view it was has gone" asked -q "$id" auto "$(places push)" sh /run/leave
ok "the guest is well" $calls

# --- several sessions at one place ---

# both_asked VERDICT1 VERDICT2: of the first and of the second claim.
both_asked()
{
	cat > /run/inner <<-END
		upcallctl -q -V $2 $id auto $(places nopl) $calls > /run/inner.out
	END
	ok "$1, then $2" asked -q -V "$1" "$id" auto "$(places nopl)" sh /run/inner
	is "$(figure told) $(sed -n 's/^told //p' /run/inner.out)" "$((2 * N)) $((2 * N))" "$1, then $2: both are told of all"
}

both_asked continue continue
wrong 0 "both continue: nothing happens"
both_asked regs=rip:+10 continue
wrong $((2 * N)) "the first says something: it is done"
both_asked continue regs=rip:+10
wrong $((2 * N)) "the second says something: it is done"
both_asked regs=rip:+10,rax:$RET regs=rip:+10
wrong 0 "both do: the first's is done"
cat > /run/count <<-END
	upcallctl -q $id auto $(places nopl) $calls > /run/claims
END
ok "beside one that counts" stat_tiny /run/stat f_nopl sh /run/count
is "$(figure told) $(counted /run/stat f_nopl)" "$((2 * N)) $((2 * N))" "both have all"

# --- nonsense ---

calls 0 nopl 3
ok "bad replies" asked -b "$id" auto "$(places nopl)" $calls
told_all "bad replies" 3
is "$(sed -n 's/^bad \([a-z0-9_]* [0-9]*\) .*/\1/p' /run/claims | sort | uniq -c | sed 's/^ *//')" "3 bit1 95
3 code 34
3 cr0 95
3 cr3 95
3 cs 95
3 deny 95
3 efer 95
3 flag63 95
3 huge 34
3 if 95
3 int3 22
3 interrupt 34
3 machine_check 22
3 nmi 22
3 no_view 22
3 rip47 22
3 rip62 22
3 seq 2
3 tf 95
3 unknown 34
3 vector31 22
3 vm 95
3 wide_view 22" "each is refused, with its error"
is "$(grep -c '^bad [a-z0-9_]* [0-9]* [a-zA-Z]' /run/claims)" 69 "and with words"
diag "$(sed -n 's/^bad //p' /run/claims | sort -u)"
wrong 0 "and none did anything"

# --- nobody replies ---

echo 30 > $TIMEOUT
calls 0 nopl 4
ok "a session that does not reply" asked -m "$id" auto "$(places nopl)" $calls
is "$(figure upcall_timeouts) $(grep -c '^late ' /run/claims)" "4 4" "is told that it was not waited for"
wrong 0 "and the guest goes on"
echo 60000 > $TIMEOUT
upcallctl -m "$id" auto "$(places nopl)" guestctl "$id" call all nopl 5 wait=60 > /run/claims &
upcall_pid=$!
wait_for '[ $(grep -c ^hit /run/claims) = 2 ]' 30
ok "both vCPUs wait" kill -9 $upcall_pid
wait $upcall_pid
ok "and go on when their session is killed" guestctl "$id" wait all 60
upcallctl -m "$id" auto "$(places nopl)" sh -c "guestctl $id call 0 nopl 5; usleep 300000" > /run/claims
is "$(figure told)" 1 "a claim that is released while a vCPU waits"
ok "holds it up no longer" guestctl "$id" wait 0 60
echo 2000 > $TIMEOUT
wrong 0 "every call gave its right result"
is "$(claims)" 0 "no claim is left"
is "$(gueststate "$id")" "$(cat /run/before)" "the guest is as it was found"
guest_destroy tiny

# --- faults: each ends what the vCPU does ---

# faulted VCPU KEY
faulted()
{
	printf '%x' "$(guestctl "$id" get "v$1.fault.$2")"
}

id=$(tiny_guest_start tiny 2)
ok "another guest comes up" guestctl "$id" wait-ready 60
ok "a #GP" asked -q -v 0 -V inject=13:abc "$id" auto "$(places nopl)" sh -c \
	"guestctl $id call 0 nopl 1 wait=60 2> /dev/null; true"
told_all "#GP" 1
is "$(faulted 0 vector) $(faulted 0 error_code) $(faulted 0 rip)" "d abc $(gva nopl)" "#GP: comes with its code, before the instruction"
ok "a #PF" asked -q -v 1 -V inject=14:2:12345678 "$id" auto "$(places push)" sh -c \
	"guestctl $id call 1 push 1 wait=60 2> /dev/null; true"
is "$(faulted 1 vector) $(faulted 1 error_code) $(faulted 1 cr2)" "e 2 12345678" "#PF: comes with its code and CR2"
is "$(guestctl "$id" get calls)" 0 "and none was executed"
guest_destroy tiny
id=$(tiny_guest_start tiny 2)
ok "a third guest comes up" guestctl "$id" wait-ready 60
ok "a #UD" asked -q -v 0 -V inject=6 "$id" auto "$(places nopl)" sh -c \
	"guestctl $id call 0 nopl 1 wait=60 2> /dev/null; true"
is "$(faulted 0 vector) $(faulted 0 rip)" "6 $(gva nopl)" "#UD: comes, without a code"
# jc over a ud2
ok "no carry" asked -q -v 1 -V regs=rflags:+0xffffffffffffffff "$id" auto "$(places jcc)" sh -c \
	"guestctl $id call 1 jcc 1 wait=60 2> /dev/null; true"
is "$(faulted 1 vector) $(figure lost)" "6 0" "a flag: the jump that needs it is not taken"
guest_destroy tiny
ok "the module unloads" module_unload
done_testing
