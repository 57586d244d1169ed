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

# slept FILE: the sorted durations of FILE, each against that of its rank in what the
# guest says in /run/reply: not shorter than the sleep that was asked for, not longer
# than the caller was away.
slept()
{
	sed -n 's/.* duration=\([0-9.]*\) .*/\1/p' "$1" | sort -n > /run/durations
	naps | paste /run/durations - | awk '
	NF != 3 || $1 * 1e9 < $2 * 1e6 || $1 * 1e9 > $3 { print "wrong: " $0; next }
	{ right++ }
	END { print right + 0, "right" }'
}

# naps: "MS NS" of the guest's, asked for and away, sorted.
naps()
{
	sed -n 's/^NAP //p' /run/reply | sort -k 2n
}

# napped RANK FIELD: of naps; with the greatest RANK the last.
napped()
{
	naps | sed -n "$1p" | cut -d " " -f "$2"
}

ok "the module loads" module_load
id=$(linux_guest_start linux 2)
ok "a Linux guest with two vCPUs starts" test -n "$id"
gueststate "$id" > /run/before

# --- a known time ---

ok "trace" gprobe trace -d linux --symbols "$LINUX_MAP" -o /run/naps -e "r:$SLEEP answer=\$retval:s32" \
	-- sh /run/linux-do linux "sleep $MS $N 3" > /run/reply
is "$(tail -n 1 /run/naps)" "# $((3 * N)) hits, 0 lost" "trace: a line for each return"
is "$(slept /run/naps)" "$((3 * N)) right" "trace: each lasts as long as the guest says"
is "$(grep -v '^#' /run/naps | sed 's/.* //' | sort -u)" "answer=0" "trace: what the function answers"
diag "$(head -n 4 /run/naps)"

ok "stat" gprobe stat -d linux --symbols "$LINUX_MAP" -j -o /run/stat -e "r:$SLEEP" \
	-- sh /run/linux-do linux "sleep $MS $N 3" > /run/reply
is "$(grep -o '"count":[0-9]*' /run/stat | tr '\n' ' ')" "\"count\":$((3 * N)) " \
	"stat: each return is counted"
is "$(grep -o '"duration_unknown":[0-9]*,' /run/stat)" '"duration_unknown":0,' "stat: all have a duration"
for want in p50:$(((3 * N + 1) / 2)) p90:$(((27 * N + 9) / 10)) max:$((3 * N)); do
	got=$(sed "s/.*\"duration_ns\":{[^}]*\"${want%:*}\":\([0-9]*\).*/\1/" /run/stat)
	ok "stat: ${want%:*} is that of the guest and at most an eighth more: $got" \
		test "$got" -ge "$(napped "${want#*:}" 1)000000" \
		-a "$got" -le $(($(napped "${want#*:}" 2) * 9 / 8))
done

# --- the exact number, and what is filtered ---

probes=r:__x64_sys_getpid,r:do_sys_openat2,r:__x64_sys_mmap,r:__x64_sys_read
ok "many calls" gprobe stat -d linux --symbols "$LINUX_MAP" -x , -o /run/many -e $probes \
	-- sh /run/linux-do linux "run openat 300 2"
is "$(awk -F , '$3 == "r:do_sys_openat2" { print $1 }' /run/many)" 600 "many calls: each return, on both vCPUs"
is "$(awk -F , '$3 == "r:do_sys_openat2" { print $12 }' /run/many)" 0 "many calls: each has its entry"
is "$(awk -F , '$3 == "events-lost" { print $1 }' /run/many)" 0 "many calls: none is lost"
ok "only long ones" gprobe trace -d linux --symbols "$LINUX_MAP" -o /run/long --min-duration 0.14 \
	-e "r:$SLEEP" -- sh /run/linux-do linux "sleep $MS $N 3" > /run/reply
# Those of the third thread, and who was as long away as they.
hits=$(grep -c duration= /run/long)
ok "only long ones: $hits, as many as the guest says" test "$hits" -ge $N \
	-a "$hits" -le "$(naps | awk '$2 >= 140000000' | wc -l)"
is "$(sed -n 's/.* duration=//p' /run/long | awk '$1 < 0.14')" "" "only long ones: no other"
is "$(tail -n 1 /run/long)" "# $hits hits, 0 lost, $((3 * N - hits)) left out" "only long ones: all are told"

# --- a return that comes without its entry ---

guest_type linux "sleep 15000 1 1"
gprobe trace -d linux --symbols "$LINUX_MAP" -o /run/late -e "r:$SLEEP" --duration 20
is "$(grep -c 'duration=unknown' /run/late)" 1 "who was in it before we came has no duration"

ok "record" gprobe record -d linux --symbols "$LINUX_MAP" -o /run/data -e "r:$SLEEP" \
	-- sh /run/linux-do linux "sleep $MS $N 1" > /run/reply
gprobe script -i /run/data | sed 's/$/ /' > /run/script
is "$(slept /run/script)" "$N right" "record: the same in its file"
gprobe report -i /run/data > /run/report
p50=$(sed -nE "s/^ *$N +100.00% +r:$SLEEP +([0-9.]*) ms.*/\1/p" /run/report)
ok "report: with percentiles: $p50 ms" awk -v got="${p50:-0}" -v most="$(napped $(((N + 1) / 2)) 2)" \
	"BEGIN { exit !(got >= $MS && got * 1e6 <= most * 9 / 8) }"
diag "$(cat /run/report)"

try 1 "'r:do_exit': the function has no instruction that returns" "a function that does not return is refused" \
	gprobe stat -d linux --symbols "$LINUX_MAP" -e r:do_exit --duration 1
is "$(linux_guest_cmd linux check)" "WORKLOAD-CHECK ok" "the guest finds itself unharmed"
is "$(linux_guest_cmd linux dmesg | tail -n 1)" "WORKLOAD-DMESG 0" "its kernel has no complaint"
is "$(gueststate "$id")" "$(cat /run/before)" "Xen holds of the guest what it held before"
guest_destroy linux
ok "the module unloads" module_unload
done_testing
