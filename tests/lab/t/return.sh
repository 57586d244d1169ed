# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=1 seconds=900
# Return probes of a Linux guest: each return is there once, with what the function
# answers, and a function that sleeps a known time has that duration, in threads
# that take turns on each other's vCPUs.

. /lab/lib.sh

N=5
MS=50
SLEEP=__x64_sys_clock_nanosleep

# naps FILE: durations in ms as "THREAD COUNT", in thread N of N * MS up to 25 more.
naps()
{
	sed -n 's/.* duration=\([0-9.]*\) .*/\1/p' "$1" | awk -v ms=$MS '
	{
		thread = int($1 * 1000 / ms)
		over = $1 * 1000 - thread * ms
		print thread, over < 25 ? "right" : "wrong:" $1
	}' | sort | uniq -c | awk '{ print $2, $3, $1 }'
}

ok "the module loads" module_load
id=$(linux_guest_start linux 2)
ok "a Linux guest with two vCPUs starts" test -n "$id"
gueststate "$id" > /run/before

# --- a known time ---

ok "trace" gprobe trace -d linux --symbols "$LINUX_MAP" -o /run/naps -e "r:$SLEEP answer=\$retval:s32" \
	-- sh /run/linux-do linux "sleep $MS $N 3"
is "$(tail -n 1 /run/naps)" "# $((3 * N)) hits, 0 lost" "trace: a line for each return"
is "$(naps /run/naps)" "1 right $N
2 right $N
3 right $N" "trace: each thread slept as long as it was to"
is "$(grep -v '^#' /run/naps | sed 's/.* //' | sort -u)" "answer=0" "trace: what the function answers"
diag "$(head -n 4 /run/naps)"

ok "stat" gprobe stat -d linux --symbols "$LINUX_MAP" -j -o /run/stat -e "r:$SLEEP" \
	-- sh /run/linux-do linux "sleep $MS $N 3"
is "$(grep -o '"count":[0-9]*' /run/stat | tr '\n' ' ')" "\"count\":$((3 * N)) " \
	"stat: each return is counted"
is "$(grep -o '"duration_unknown":[0-9]*,' /run/stat)" '"duration_unknown":0,' "stat: all have a duration"
for want in p50:100 p90:150 max:150; do
	got=$(sed "s/.*\"duration_ns\":{[^}]*\"${want%:*}\":\([0-9]*\).*/\1/" /run/stat)
	ok "stat: ${want%:*} is ${want#*:} ms and at most an eighth and 25 ms more: $got" \
		test "$got" -ge $((${want#*:} * 1000000)) -a "$got" -le $(((${want#*:} * 9 / 8 + 25) * 1000000))
done

# --- the exact number, and what is filtered ---

probes=r:__x64_sys_getpid,r:do_sys_openat2,r:__x64_sys_mmap,r:__x64_sys_read
ok "many calls" gprobe stat -d linux --symbols "$LINUX_MAP" -x , -o /run/many -e $probes \
	-- sh /run/linux-do linux "run openat 300 2"
is "$(awk -F , '$3 == "r:do_sys_openat2" { print $1 }' /run/many)" 600 "many calls: each return, on both vCPUs"
is "$(awk -F , '$3 == "r:do_sys_openat2" { print $12 }' /run/many)" 0 "many calls: each has its entry"
is "$(awk -F , '$3 == "events-lost" { print $1 }' /run/many)" 0 "many calls: none is lost"
ok "only long ones" gprobe trace -d linux --symbols "$LINUX_MAP" -o /run/long --min-duration 0.14 \
	-e "r:$SLEEP" -- sh /run/linux-do linux "sleep $MS $N 3"
is "$(tail -n 1 /run/long)" "# $N hits, 0 lost, $((2 * N)) left out" "only long ones: those of the third thread"

# --- a return that comes without its entry ---

guest_type linux "sleep 15000 1 1"
gprobe trace -d linux --symbols "$LINUX_MAP" -o /run/late -e "r:$SLEEP" --duration 20
is "$(grep -c 'duration=unknown' /run/late)" 1 "who was in it before we came has no duration"

ok "record" gprobe record -d linux --symbols "$LINUX_MAP" -o /run/data -e "r:$SLEEP" \
	-- sh /run/linux-do linux "sleep $MS $N 1"
gprobe script -i /run/data | sed 's/$/ /' > /run/script
is "$(naps /run/script)" "1 right $N" "record: the same in its file"
gprobe report -i /run/data > /run/report
ok "report: with percentiles" grep -qE "^ *$N +100.00% +r:$SLEEP +[5-7][0-9.]* ms" /run/report
diag "$(cat /run/report)"

try 1 "'r:do_exit': the function has no instruction that returns" "a function that does not return is refused" \
	gprobe stat -d linux --symbols "$LINUX_MAP" -e r:do_exit --duration 1
is "$(linux_guest_cmd linux check)" "WORKLOAD-CHECK ok" "the guest finds itself unharmed"
is "$(linux_guest_cmd linux dmesg | tail -n 1)" "WORKLOAD-DMESG 0" "its kernel has no complaint"
is "$(gueststate "$id")" "$(cat /run/before)" "Xen holds of the guest what it held before"
guest_destroy linux
ok "the module unloads" module_unload
done_testing
