# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=1 seconds=900
# gprobe trace: a line for each hit, in their order, with what the guest's
# program really passed; none is missing that is not counted as lost.

. /lab/lib.sh

N=100

# trace_linux FILE GUEST_COMMAND PROBE [OPTION...]: the guest's reply goes to
# /run/reply.
trace_linux()
{
	trace_file=$1
	trace_command=$2
	trace_probe=$3
	shift 3
	gprobe trace -d linux --symbols "$LINUX_MAP" -o "$trace_file" -e "$trace_probe" "$@" \
		-- sh /run/linux-do linux "$trace_command" > /run/reply
}

# hits FILE: those lines; sum FILE: the last one.
hits()
{
	grep -v '^#' "$1"
}

sum()
{
	tail -n 1 "$1"
}

# args FILE: what was fetched, a line a hit.
args()
{
	hits "$1" | sed 's/^[^=]* \([a-z0-9]*=\)/\1/'
}

ok "the module loads" module_load
id=$(linux_guest_start linux 1)
ok "a Linux guest starts" test -n "$id"
gueststate "$id" > /run/before

# --- exactly the hits ---

ok "getpid" trace_linux /run/getpid "run getpid $N" __x64_sys_getpid
is "$(hits /run/getpid | wc -l)" $N "getpid: $N lines"
is "$(sum /run/getpid)" "# $N hits, 0 lost" "getpid: and so says the last one"
is "$(hits /run/getpid | awk '{ print $2, $3, $5 }' | sort -u)" "0 0 __x64_sys_getpid" \
	"getpid: by vCPU 0 at CPL 0"
ok "getpid: each is later than the one before" sh -c \
	"grep -v '^#' /run/getpid | awk '{ print \$1 }' | sort -c -u -n"
diag "$(head -n 3 /run/getpid)"

# --- registers and strings, in their order ---

ok "paths" trace_linux /run/paths "paths open $N" \
	'do_sys_openat2 folder=%di:s32 path=+0(%si):string again=+u0($arg2):ustring'
awk '/^PATH / { printf "folder=%d path=\"%s\" again=\"%s\"\n", 1000 + i++, $2, $2 }' \
	/run/reply > /run/truth
is "$(wc -l < /run/truth)" $N "paths: the program opened $N"
args /run/paths > /run/args
ok "paths: exactly these, in their order" cmp /run/args /run/truth
is "$(sum /run/paths)" "# $N hits, 0 lost" "paths: none is lost"
diag "$(head -n 4 /run/paths)"

# Each stands in the same place, and is written over as soon as it was tried.
ok "paths in one place" trace_linux /run/reuse "paths reuse $N" \
	'do_sys_openat2 folder=%di:s32 path=+0(%si):string'
awk '/^PATH / { printf "folder=%d path=\"%s\"\n", 1000 + i++, $2 }' /run/reply > /run/truth
args /run/reuse > /run/args
ok "paths in one place: exactly these, in their order" cmp /run/args /run/truth
is "$(sum /run/reuse)" "# $N hits, 0 lost" "paths in one place: none is lost"

ok "odd paths" trace_linux /run/odd "paths odd" 'do_sys_openat2 %di path=+0(%si):string'
cat > /run/truth <<-END
	arg1=0x0 path=""
	arg1=0x1 path="/none/\\"\\\\\\n\\t\\x1b[1m"
	arg1=0x2 path="/none/ä\\xff"
	arg1=0x3 path="/none/border"
	arg1=0x4 path="LONGx///"
	arg1=0x5 path="LONGx///"...
	arg1=0x6 path=(fault)
END
args /run/odd > /run/args
is "$(sed 's|//////*|LONG|' /run/args)" "$(cat /run/truth)" "odd paths: as they are"
is "$(awk 'NR == 5 { print length($2) }' /run/args)" 4102 "odd paths: the longest is whole"

# --- the kernel's own memory and symbols ---

ok "symbols" trace_linux /run/symbols "run openat 3" \
	'do_sys_openat2 banner=@linux_banner:string from=$stack0:symbol flags=+0($arg3):x64 here=%ip:symbol bytes=@linux_banner:char[5] cs=%cs:u16 low=%cs:b2@0/8'
is "$(args /run/symbols | sed 's/banner=".*" from/from/' | sort | uniq -c |
	sed 's/^ *//; s/+0x[1-9a-f][0-9a-f]* /+N /')" \
	"3 from=__x64_sys_openat+N flags=0x8000 here=do_sys_openat2+0x0 bytes={'L','i','n','u','x'} cs=16 low=0" \
	"symbols: memory by its name, addresses with theirs"
ok "symbols: the kernel says its version" grep -q 'banner="Linux version 6' /run/symbols

# --- filters and limits ---

ok "two probes" trace_linux /run/two "run openat $N" 'do_sys_openat2 %di:s32,__x64_sys_openat' -j
is "$(grep -c '"probe":"do_sys_openat2".*"args":{"arg1":-100}' /run/two)" $N "two probes: hits of the first"
is "$(grep -c '"probe":"__x64_sys_openat".*"args":{}' /run/two)" $N "two probes: and of the second"
is "$(sum /run/two)" "{\"hits\":$((2 * N)),\"events_lost\":0,\"left_out\":0}" "two probes: the last line"
is "$(grep -o '"probe":"[^"]*"' /run/two | uniq -c | awk '{ print $1 }' | sort -u)" 1 \
	"two probes: one after the other"

# One vCPU waits for a hit of the first, and not for one of the second.
ok "two ways" trace_linux /run/ways "run openat $N" '__x64_sys_openat,do_sys_openat2 path=+0(%si):string'
is "$(sum /run/ways)" "# $((2 * N)) hits, 0 lost" "two ways: all hits"
is "$(hits /run/ways | awk '{ print $5 }' | uniq -c | awk '{ print $1, $2 }' | sort | uniq -c | sed 's/^ *//')" \
"$N 1 __x64_sys_openat
$N 1 do_sys_openat2" "two ways: one after the other"
ok "two ways: each is later than the one before" sh -c \
	"grep -v '^#' /run/ways | awk '{ print \$1 }' | sort -c -u -n"

ok "at CPL 3 alone" trace_linux /run/user "run getpid $N" __x64_sys_getpid --user
is "$(sum /run/user)" "# 0 hits, 0 lost" "at CPL 3 alone: none"
ok "at CPL 0 of vCPU 0" trace_linux /run/kernel "run getpid $N" __x64_sys_getpid --cpl 0,2 --vcpu 0
is "$(sum /run/kernel)" "# $N hits, 0 lost" "at CPL 0 of vCPU 0: all"
ok "stat too, at CPL 3" sh -c "gprobe stat -d linux --symbols $LINUX_MAP -e __x64_sys_getpid --user -x , \
	-o /run/stat -- sh /run/linux-do linux 'run getpid $N' > /run/reply"
is "$(cut -d , -f 1 /run/stat | tr '\n' ' ')" "0 0 " "stat too, at CPL 3: none"
try 1 "domain 'linux' has no vCPU 7: it has 1" "a vCPU that it does not have" \
	gprobe trace -d linux -e 0xffffffff81000000 --vcpu 0,7

ok "the first ten" trace_linux /run/ten "run getpid $N" __x64_sys_getpid,__x64_sys_getppid -c 10
is "$(hits /run/ten | wc -l)" 10 "the first ten: ten lines"
is "$(sum /run/ten)" "# 10 hits, 0 lost" "the first ten: none is lost"
guest_type linux "loop getpid 0"
ok "ten without a COMMAND" gprobe trace -d linux --symbols "$LINUX_MAP" -e __x64_sys_getpid -c 10 -o /run/ten
is "$(hits /run/ten | wc -l)" 10 "ten without a COMMAND: it ends by itself"
ok "five a second" gprobe trace -d linux --symbols "$LINUX_MAP" -e __x64_sys_getpid --rate 5 \
	--duration 2 -o /run/rate
linux_guest_cmd linux "" > /run/reply
is "$(sum /run/rate | sed 's/^# \([0-9]*\) hits, 0 lost, [0-9,]* left out$/\1/')" \
	"$(hits /run/rate | wc -l)" "five a second: the last line says what was left out"
ok "five a second: two seconds of them" test "$(hits /run/rate | wc -l)" -ge 10
# By the kernel's tick, which may come late.
is "$(hits /run/rate | awk '{ at[NR] = $1 } NR > 10 && at[NR] - at[NR - 10] < 0.9')" "" \
	"five a second: ten in each two seconds"

# --- a reader that is slow ---

# The guest's reply goes elsewhere, or it would come between two halves of a line.
many=2000
cat > /run/slowly <<-END
	gprobe trace -d linux --symbols $LINUX_MAP -e "\$1" --buffer 64 \
		-- sh -c 'sh /run/linux-do linux "run openat $many" > /run/reply' 2> /run/slow.err
	echo \$? > /run/slow.status
END
for probe in __x64_sys_openat 'do_sys_openat2 path=+0(%si):string'; do
	from=$(wc -c < "$(guest_console linux)")
	sh /run/slowly "$probe" | {
		wait_for_line "$(guest_console linux)" "WORKLOAD-DONE openat $many" 300 "$from" > /dev/null
		cat
	} > /run/slow
	is "$(cat /run/slow.status) $(cat /run/slow.err)" "0 " "a slow reader of $probe: it ends well"
	lines=$(grep -c " ${probe%% *}" /run/slow)
	lost=$(sum /run/slow | sed -n 's/^# .* hits, \([0-9,]*\) lost$/\1/p' | tr -d ,)
	is $((lines + lost)) $many "a slow reader of $probe: each is shown or counted as lost: $lines, $lost"
	ok "a slow reader of $probe: some are lost" test "$lost" -gt 0
done

# --- how it ends ---

gprobe trace -d linux --symbols "$LINUX_MAP" -e __x64_sys_getpid > /run/stopped 2> /run/stopped.err &
tracer=$!
wait_for '[ "$(claims)" -gt 0 ]' 60
linux_guest_cmd linux "run getpid 5" > /run/reply
ok "hits are there as they come" wait_for '[ "$(grep -vc "^#" /run/stopped)" = 5 ]' 60
kill -INT $tracer
wait $tracer
is "$? $(cat /run/stopped.err)" "0 " "^C ends it well"
is "$(sum /run/stopped)" "# 5 hits, 0 lost" "and the last line is there"
# Its vCPU may be waiting just then.
guest_type linux "loop openat 0"
for round in 1 2 3; do
	gprobe trace -d linux --symbols "$LINUX_MAP" -e 'do_sys_openat2 path=+0(%si):string' > /run/killed 2> /run/killed.err &
	tracer=$!
	ok "round $round: it traces" wait_for '[ "$(grep -c path=./init /run/killed)" -gt 50 ]' 60
	kill -KILL $tracer
	wait $tracer 2> /dev/null
	is "$(claims)" 0 "round $round: killed: no probe is left"
done
linux_guest_cmd linux "" > /run/reply
ok "the guest goes on" test -s /run/reply
ok "and was well all the time" grep -q 'WORKLOAD-LOOPED ok' /run/reply
is "$(linux_guest_cmd linux check)" "WORKLOAD-CHECK ok" "the guest finds itself unharmed"
is "$(gueststate "$id")" "$(cat /run/before)" "Xen holds of the guest what it held before"

try 1 "linux.*died while it was traced" "a guest that dies" sh -c \
	"gprobe trace -d linux --symbols $LINUX_MAP -e '__x64_sys_getpid +0(%di):string' -o /run/died \
	-- xl destroy linux"
is "$(sum /run/died)" "# 0 hits, 0 lost" "a guest that dies: the last line is there"
wait_for "! domid_of linux" 60
ok "the module unloads" module_unload
done_testing
