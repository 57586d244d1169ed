# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=2 seconds=1200
# Traps: what a guest does is told exactly, in each way, and has the effect that
# it has when nobody listens, unless a verdict says otherwise; whoever leaves, or
# dies, leaves nothing on in Xen.

. /lab/lib.sh

TIMEOUT=/sys/module/gprobe/parameters/upcall_timeout_ms
N=25
# TRAP:DEED:HOW OFTEN A ROUND
KINDS="cr0:cr0:2 cr3:cr3:2 cr4:cr4:2 msr=176:msr:2 cpuid:cpuid:1 debug:icebp:1
	descriptor:descriptor:4 request:request:1"
ALL=cr0:upcall,cr3:upcall,cr4:upcall,msr=176:upcall,cpuid:upcall,debug:upcall,descriptor:upcall,request:upcall

trapped()
{
	trapctl "$@" > /run/claims
}

# deed VCPU DEED [N]: as a command, in $deed.
deed()
{
	deed="guestctl $id deed $1 $2 ${3:-$N} wait=200"
}

# odd N NAME: so many deeds were not as they are since it was asked last.
odd_before=0
odd()
{
	odd_now=$(guestctl "$id" get odd)
	is $((odd_now - odd_before)) "$1" "$2"
	odd_before=$odd_now
}

# clean NAME: nothing unwanted has come, nothing was lost or late.
clean()
{
	is "$(figure unknown) $(figure lost) $(figure upcall_timeouts)" "0 0 0" \
		"$1: nothing unknown, lost or late"
}

ok "the module loads" module_load
id=$(tiny_guest_start tiny 2)
ok "the guest comes up" guestctl "$id" wait-ready 60
gueststate "$id" > /run/before

# --- told exactly ---

for kind in $KINDS; do
	trap_=${kind%%:*}
	name=${trap_%%=*}
	rest=${kind#*:}
	deed all "${rest%:*}"
	events=$((${rest#*:} * N * 2))
	for action in count record upcall; do
		ok "$name, $action: both vCPUs" trapped -q "$id" "$trap_:$action" $deed
		is "$(figure "$name")" $events "$name, $action: each is told, once"
		odd 0 "$name, $action: it had its effect"
		clean "$name, $action"
		[ $action != upcall ] ||
			is "$(figure told) $(figure upcalls)" "$events $events" "$name: the session heard of each"
	done
done

# --- with which values ---

value=$(printf '%x' $((($(guestctl "$id" get v0.deeds) + 1) * 0x10001)))
deed 0 msr 1
ok "an MSR" trapped "$id" msr=176:upcall $deed
is "$(awk '/^trap msr 0 176 0/ { print $7 }' /run/claims | tr '\n' ' ')" "$value $value " "its number and value"
is "$(awk '/^trap msr/ { print $6 }' /run/claims | tail -n 1)" "$value" "and what it was"
deed 1 cr3 1
ok "CR3" trapped "$id" cr3:upcall $deed
is "$(sed -n 's/^\(trap cr3 .*\) [0-9a-f]*$/\1/p' /run/claims)" "trap cr3 1 0 0 500000 501000
trap cr3 1 0 0 501000 500000" "from root to root"
deed 0 cpuid 1
ok "CPUID" trapped "$id" cpuid:upcall $deed
is "$(sed -n 's/^\(trap cpuid .*\) [0-9a-f]*$/\1/p' /run/claims)" "trap cpuid 0 1 5a 0 0" "its leaf and subleaf"
deed 0 descriptor 1
ok "descriptor tables" trapped "$id" descriptor:upcall $deed
is "$(awk '/^trap descriptor/ { print $4 "," $5 }' /run/claims | tr '\n' ' ')" "2,0 1,0 1,1 3,0 " "which, and whether loaded"
deed 0 icebp 1
ok "ICEBP" trapped "$id" debug:upcall $deed
is "$(awk '/^trap debug/ { print $5 }' /run/claims)" 5 "is told from a step"

# --- only what is wanted ---

deed all msr
ok "an MSR's changes" trapped -q "$id" msr=176+change $deed
is "$(figure msr)" $((2 * N)) "are half of its writes"
ok "another MSR" trapped -q "$id" msr=c0000082 $deed
is "$(figure msr)" 0 "is another"
deed all cr4
ok "CR4 but for PCE" trapped -q "$id" cr4~100 $deed
is "$(figure cr4)" 0 "does not change"
clean "what is not wanted"

# --- as it is said ---

deed 0 cr0
ok "CR0 is denied" trapped -q -V deny "$id" cr0:upcall $deed
is "$(figure cr0)" $N "the way back is no change"
odd $N "it stays as it was"
deed 0 cr3
ok "CR3 is denied" trapped -q -V deny "$id" cr3:upcall $deed
odd $N "it stays as it was"
deed 0 cr4
ok "CR4 is denied" trapped -q -V deny "$id" cr4:upcall $deed
odd $N "it stays as it was"
deed 0 msr
ok "an MSR is denied" trapped -q -V deny "$id" msr=176:upcall $deed
is "$(figure msr)" $((2 * N)) "each write is told"
odd $((2 * N)) "it stays as it was"
deed 0 icebp
ok "a debug exception is denied" trapped -q -V deny "$id" debug:upcall $deed
odd $N "the guest hears of none"
clean "what is denied"
deed 0 request
ok "a request is replied to" trapped -q -V regs=rax:0x1234 "$id" request:upcall $deed
odd $N "with a value"
is "$(guestctl "$id" get v0.odd_value)" $((0x1234)) "that the guest gets"
deed 0 cpuid
ok "CPUID answers" trapped -q -V regs=rax:0x77 "$id" cpuid:upcall $deed
odd $N "something else"
is "$(guestctl "$id" get v0.odd_value)" $((0x77)) "that a session says"
deed 0 msr
ok "behind a WRMSR" trapped -q -V regs=rip:+2 "$id" msr=176:upcall $deed
odd 0 "what is written is written"
ok "nowhere in particular" trapped -q -V regs=rax:+1 "$id" msr=176:upcall $deed
is "$(grep -c '^refused .*where this instruction ends' /run/claims)" $((2 * N)) "is refused"
odd 0 "and the guest goes on as if nobody had asked"
deed 0 descriptor
ok "no step" trapped -q -V step "$id" descriptor:upcall $deed
is "$(grep -c '^refused only the instruction that' /run/claims)" $((4 * N)) "where there is no hit"
ok "no denial" trapped -q -V deny "$id" descriptor:upcall $deed
is "$(grep -c '^refused what can be denied' /run/claims)" $((4 * N)) "of what cannot be denied"
ok "another view" trapped -q -V view=0 "$id" descriptor:upcall $deed
odd 0 "is as good"
clean "verdicts"

# --- several at once ---

cat > /run/inner <<-END
	trapctl -q $id cr3:upcall,msr=176:upcall,cpuid sh -c \
		'guestctl $id deed all cr3 $N wait=200 && guestctl $id deed all msr $N wait=200' > /run/inner.out &&
	guestctl $id deed all cr3 $N wait=200 && guestctl $id deed all msr $N wait=200
END
ok "a session in another's time" trapped -q "$id" cr3,msr=176+change,cr4:record sh /run/inner
is "$(figure cr3) $(figure msr) $(figure cr4)" "$((8 * N)) $((4 * N)) 0" "the outer one has all of its"
is "$(awk '$1 == "cr3" || $1 == "msr" || $1 == "cpuid" || $1 == "unknown" { printf "%s ", $2 }' /run/inner.out)" \
	"$((4 * N)) $((4 * N)) 0 0 " "the inner one has its own"
clean "two sessions"
odd 0 "and the guest what it wanted"
cat > /run/inner <<-END
	trapctl -q -V deny $id cr3:upcall guestctl $id deed 0 cr3 $N wait=200 > /run/inner.out
END
ok "two are asked" trapped -q "$id" cr3:upcall sh /run/inner
is "$(figure told) $(awk '$1 == "told" { print $2 }' /run/inner.out)" "$N $N" "both hear of each"
odd $N "what one denies is not done"

# A guest that single-steps itself, and one that is probed.
steps()
{
	steps_before=$(guestctl "$id" get db)
	"$@" guestctl "$id" call 0 cpuid,nopl 20 mode=1 wait=60
	echo $(($(guestctl "$id" get db) - steps_before)) > /run/steps
}
steps sh -c '"$@"' sh
alone=$(cat /run/steps)
steps trapped -q "$id" cpuid,debug
is "$(cat /run/steps)" "$alone" "a guest that steps over CPUID has all its traps"
is "$(figure cpuid)" 20 "and CPUID is told"
steps trapped -q "$id" cpuid:upcall,debug:upcall
is "$(cat /run/steps)" "$alone" "also if it is asked for"
is "$(figure told)" $((20 + $(figure debug))) "of each"
ok "a probe among traps" stat_tiny /run/stat f_nopl,f_vmcall \
	trapctl -q "$id" $ALL guestctl "$id" call all nopl,vmcall $N wait=200 > /run/claims
is "$(counted /run/stat f_nopl) $(counted /run/stat f_vmcall)" "$((2 * N)) $((2 * N))" "is hit as often"
clean "a probe among traps"
ok "what cannot be emulated" stat_tiny /run/stat f_vmcall \
	trapctl "$id" unimplemented guestctl "$id" call 0 vmcall $N wait=200 > /run/claims
diag "told of $(figure unimplemented)"
is "$(guestctl "$id" get errors)" 0 "the guest is well"

# --- by the command ---

deed 0 cr3
ok "gprobe domain monitor" sh -c "gprobe domain monitor -d tiny -e cr3,msr:0x176,cpuid -- $deed > /run/lines"
is "$(grep -c ' cr3  *old=0x50[01]000 new=0x50[01]000 rip=0x' /run/lines)" $((2 * N)) "prints a line for each"
is "$(head -n 1 /run/lines)" "#         TIME VCPU EVENT" "below titles"
is "$(awk '$1 ~ /^[0-9]+$/ && NF == 2 { print $2 "=" $1 }' /run/lines | tr '\n' ' ')" \
	"cr3=$((2 * N)) msr:0x176=0 cpuid=0 events-without-line=0 " "and counts them"
deed 0 cpuid
ok "in JSON" sh -c "gprobe domain monitor -j -d tiny -e cpuid -- $deed > /run/lines"
is "$(grep -c '^{"time_seconds":[0-9.]*,"vcpu":0,"event":"cpuid","leaf":"0x1","subleaf":"0x5a","rip":"0x[0-9a-f]*"}$' /run/lines)" \
	$N "a line is an object"
is "$(tail -n 1 /run/lines)" "{\"counts\":{\"cpuid\":$N},\"events_without_line\":0}" "and so is the last"
deed 0 msr
ok "only counts" sh -c "gprobe domain monitor -c -d tiny -e msr:374,cr0 -- $deed > /run/lines"
is "$(awk 'NR > 1 { print $2 "=" $1 }' /run/lines | tr '\n' ' ')" "msr:0x176=$((2 * N)) cr0=0 " "are a table"
try 3 "'call'.*on ARM only" "what this host cannot" gprobe domain monitor -d tiny -e call -- true
odd 0 "the guest notices nothing"

# --- what cannot be ---

try 1 'on ARM only' "privileged calls" trapctl "$id" call true
if trapctl -q "$id" io true > /run/claims 2> /run/err; then
	deed all io
	for action in count upcall; do
		ok "io, $action" trapped -q "$id" io:$action $deed
		is "$(figure io)" $((4 * N)) "io, $action: each is told, once"
		odd 0 "io, $action: it had its effect"
	done
else
	ok "I/O is told of from Xen 4.18 on" grep -q '4\.18' /run/err
fi
try 1 'MSRs 0 to 1fff' "an MSR that Xen does not monitor" trapctl "$id" msr=20000 true
try 1 'kind already' "the same twice" trapctl "$id" cr3,cr3 true
try 1 'another kind' "a mask without a register" trapctl "$id" cpuid~1 true
# shellcheck disable=SC2016
pinned='gprobe session pin "$(gprobe session list -j | sed -n "s/.*\"id\":\([0-9]*\),.*/\1/p")" work'
try 1 'cannot be pinned' "a session that has to reply" trapctl -q "$id" cr3:upcall sh -c "$pinned"
echo "$pinned && gprobe session unpin work" > /run/pin
ok "one that counts" trapctl -q "$id" cr3 sh /run/pin

# Somebody turns a monitor on behind our back.
for monitor in cpuid descriptor; do
	deed all $monitor
	monitorctl "$id" $monitor on
	ok "$monitor: nobody wants it" trapped -q "$id" request $deed
	ok "$monitor: it is counted" test "$(figure unknown)" -ge $((2 * N))
	odd 0 "$monitor: and answered"
	monitorctl "$id" $monitor on
	ok "$monitor: it is on already" trapped -q "$id" $monitor $deed
	ok "$monitor: and told" test "$(figure $monitor)" -ge $((2 * N))
	is "$(figure unknown)" 0 "$monitor: now somebody wants it"
	odd 0 "$monitor: and answered"
done
deed 0 cpuid 5
cat > /run/vmexit <<-END
	monitorctl $id vmexit on && $deed && monitorctl $id vmexit off
END
ok "events of a reason that nobody knows" trapped -q "$id" request sh /run/vmexit
ok "are counted" test "$(figure unknown)" -ge 5
is "$(figure lost)" 0 "and answered"
odd 0 "and the guest runs on"
is "$(gueststate "$id")" "$(cat /run/before)" "Xen holds of the guest what it held before"

# --- who does not reply, and who dies ---

echo 30 > $TIMEOUT
deed 0 cr3 2
ok "a session that does not reply" trapped -m -q "$id" cr3:upcall $deed
is "$(figure upcall_timeouts) $(grep -c ^late /run/claims)" "4 4" "is not waited for longer than it may be"
odd 0 "and what was to be done is done"

echo 60000 > $TIMEOUT
round=0
for deeds in cr0,cr3 cr4,msr cpuid,icebp descriptor,request cr3,cpuid msr,cr0; do
	round=$((round + 1))
	mute=
	[ $((round % 2)) = 1 ] || mute=-m
	guestctl "$id" deed 0 "${deeds%,*}" 0
	guestctl "$id" deed 1 "${deeds#*,}" 0
	trapctl $mute "$id" $ALL guestctl "$id" wait all 600 > /run/claims &
	ctl=$!
	ok "$deeds: both vCPUs are told of" wait_for \
		'[ $(grep -c "^trap [a-z0-9]* 0" /run/claims) -ge 1 ] && [ $(grep -c "^trap [a-z0-9]* 1" /run/claims) -ge 1 ]' 60
	kill -9 $ctl
	wait $ctl 2>/dev/null
	ok "$deeds: killed, they go on" guestctl "$id" stop all
	odd 0 "$deeds: no deed was lost or done twice"
	is "$(gueststate "$id")" "$(cat /run/before)" "$deeds: the guest is as it was found"
done

# One that stays is told of nothing that the dead one wanted.
cat > /run/die <<-END
	. /lab/lib.sh
	guestctl $id deed 0 descriptor 0
	trapctl $id $ALL guestctl $id wait 0 600 > /run/inner.out & ctl=\$!
	wait_for 'grep -q ^trap /run/inner.out' 60 || exit
	kill -9 \$ctl; wait \$ctl; guestctl $id stop 0
	for deed in cr0 cr3 cr4 msr cpuid icebp descriptor; do
		guestctl $id deed all \$deed 10 wait=60 || exit
	done
END
ok "of two, one is killed" trapped -q "$id" request sh /run/die
is "$(figure request) $(figure unknown)" "0 0" "what it wanted is off in Xen"
odd 0 "and has its effect"
echo 2000 > $TIMEOUT

# A fault instead, from which this vCPU does not come back.
ok "a fault instead of a WRMSR" sh -c "trapctl -V inject=13:0 $id msr=176:upcall guestctl $id deed 1 msr 1 wait=5 > /run/claims 2>&1; true"
wait_for '[ "$(guestctl "$id" get v1.gp)" = 1 ]' 30
is "$(guestctl "$id" get v1.fault.vector)" 13 "is the guest's"
is "$(printf '%x' "$(guestctl "$id" get v1.fault.rip)")" \
	"$(awk '/^trap msr/ { print $NF; exit }' /run/claims)" "at that instruction"
guest_destroy tiny
ok "the module unloads" module_unload
done_testing
