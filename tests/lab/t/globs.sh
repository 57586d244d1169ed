# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=1 seconds=1500
# All system calls of a Linux guest by one glob: hundreds of probes, and those
# that its program calls have exactly its totals.

. /lab/lib.sh

N=100

ok "the module loads" module_load
id=$(linux_guest_start linux 1)
ok "a Linux guest starts" test -n "$id"
gueststate "$id" > /run/before
linux_guest_cmd linux list | sed -n '/^[a-z]/p' > /run/calls

# Places, whatever names they have, of functions and not of their cold parts.
places=$(awk '$2 ~ /[TtWw]/ && $3 ~ /^__x64_sys_/ && $3 !~ /[.]cold/ { print $1 }' "$LINUX_MAP" | sort -u | wc -l)
ok "its kernel has hundreds of them: $places" test "$places" -gt 300

ok "stat" gprobe stat -d linux --symbols "$LINUX_MAP" -x , -o /run/stat --strict -e '__x64_sys_*' \
	-- sh /run/linux-do linux 'loop mix 3' > /run/reply
is "$(grep -c ',__x64_sys_' /run/stat)" "$places" "stat: each has its row"
# Those that the program reports by the same function, or by one that it leads to.
sed 's/ do_sys_openat2$/ __x64_sys_openat/; s/ do_pipe2$/ __x64_sys_pipe2/' /run/calls > /run/wanted
wrong=
while read -r call function; do
	truth=$(awk -v call="$call" '$1 == "WORKLOAD-TOTAL" && $2 == call { print $3 }' /run/reply)
	got=$(awk -F , -v name="$function" '$3 == name { print $1 }' /run/stat)
	[ "$got" = "$truth" ] || wrong="$wrong $function=$got($truth)"
done < /run/wanted
is "$wrong" "" "stat: $(wc -l < /run/wanted) system calls, exactly"
is "$(awk -F , '$3 == "events-lost" { print $1 }' /run/stat)" 0 "stat: none is lost"
called=$(awk -F , '$3 ~ /^__x64_sys_/ && $1 > 0' /run/stat | wc -l)
diag "$called of them were called"
diag "$(awk -F , '$3 ~ /^__x64_sys_/ && $1 > 0 { printf "%s=%s ", $3, $1 }' /run/stat)"
is "$(linux_guest_cmd linux check)" "WORKLOAD-CHECK ok" "the guest finds itself unharmed"

ok "trace" gprobe trace -d linux --symbols "$LINUX_MAP" -o /run/trace -e '__x64_sys_get[up]id,__x64_sys_getp[p]* here=%ip:symbol' \
	-- sh /run/linux-do linux "run getppid $N" > /run/reply
is "$(grep -v '^#' /run/trace | awk '{ print $5, $6 }' | sort | uniq -c | sed 's/^ *//')" \
	"$N __x64_sys_getppid here=__x64_sys_getppid+0x0" "trace: what a glob fetches"

ok "probe add" gprobe probe add -d linux --symbols "$LINUX_MAP" -e '__x64_sys_*' --pin all
is "$(claims)" "$places" "probe add: all are in"
linux_guest_cmd linux "run getpid $N" > /run/reply
is "$(gprobe probe list -d linux -j | tr '{' '\n' | sed -n '/"__x64_sys_getpid"/s/.*"hits":\([0-9]*\).*/\1/p')" \
	$N "probe add: they count"
ok "session unpin" gprobe session unpin all
is "$(claims)" 0 "session unpin: all are gone"

try 1 "no function matches '__x64_sis_o\*'; nearest: __x64_sys_o" "a glob that means none" \
	gprobe stat -d linux --symbols "$LINUX_MAP" -e '__x64_sis_o*'
is "$(gueststate "$id")" "$(cat /run/before)" "Xen holds of the guest what it held before"
is "$(linux_guest_cmd linux dmesg | tail -n 1)" "WORKLOAD-DMESG 0" "its kernel has no complaint"
guest_destroy linux
ok "the module unloads" module_unload
done_testing
