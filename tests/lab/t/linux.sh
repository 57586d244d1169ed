# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=1 seconds=900
# The main job: kernel functions of a Linux guest by name, while its program
# calls each exactly 1,000 times. The program and its kernel stay well.

. /lab/lib.sh

N=1000

ok "the module loads" module_load
id=$(linux_guest_start linux 1)
ok "a Linux guest starts" test -n "$id"
gueststate "$id" > /run/before
linux_guest_cmd linux list | sed -n '/^[a-z]/p' > /run/calls
is "$(wc -l < /run/calls)" 12 "its program knows twelve calls"

for call in getpid openat read; do
	function=$(awk -v call="$call" '$1 == call { print $2 }' /run/calls)
	stat_linux /run/one linux "$function" "run $call $N" > /run/reply
	is "$(counted /run/one "$function")" $N "$function: exactly $N"
done

# All of them at once: the totals that the program reports are ours.
probes=$(awk '{ list = list "," $2 } END { print substr(list, 2) }' /run/calls)
stat_linux /run/mix linux "$probes" 'loop mix 3' > /run/reply
wrong=
while read -r call function; do
	truth=$(awk -v call="$call" '$1 == "WORKLOAD-TOTAL" && $2 == call { print $3 }' /run/reply)
	got=$(counted /run/mix "$function")
	[ "$got" = "$truth" ] || wrong="$wrong $function=$got($truth)"
done < /run/calls
is "$wrong" "" "twelve functions at once, exactly"
is "$(lost /run/mix)" 0 "none is lost"
ok "it finished well" grep -q 'WORKLOAD-LOOPED ok' /run/reply
is "$(linux_guest_cmd linux check)" "WORKLOAD-CHECK ok" "it finds itself unharmed"
is "$(linux_guest_cmd linux dmesg | tail -n 1)" "WORKLOAD-DMESG 0" "its kernel has no complaint"

# The program that users of the library start from.
hits linux "$LINUX_MAP" do_sys_openat2 > /run/hits 2>&1 &
hits_pid=$!
ok "the example starts to count" wait_for "grep -qxE '[0-9]+' /run/hits" 60
before=$(tail -n 1 /run/hits)
linux_guest_cmd linux "run openat $N" > /run/reply
ok "the example: exactly $N" wait_for "grep -qx $((before + N)) /run/hits" 60
kill "$hits_pid"
wait "$hits_pid" 2> /dev/null

# What stands there reads as ever while it is probed.
text=$(sed -n 's/ T do_sys_openat2$//p; s/ t do_sys_openat2$//p' "$LINUX_MAP" | head -n 1)
clean=$(linux_guest_cmd linux "peek $text 16")
ok "a probe is set" stat_background -d linux --symbols "$LINUX_MAP" -e do_sys_openat2
is "$(linux_guest_cmd linux "peek $text 16")" "$clean" "the guest reads its own bytes: $clean"
kill -INT "$stat_pid"
wait "$stat_pid"
is $? 0 "^C ends it well"
ok "and prints the table" grep -q 'seconds time elapsed' /run/stat.out

is "$(gueststate "$id")" "$(cat /run/before)" "Xen holds of the guest what it held before"
guest_destroy linux
ok "the module unloads" module_unload
done_testing
