# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=1
# What gprobe top and gprobe stat --openmetrics show of a guest is exactly what it did;
# the rights of the systemd unit are enough for that, and are needed.

. /lab/lib.sh

N=500
FILE=/run/tiny.prom

# as_unit RIGHT COMMAND...: with the unit's rights, but for RIGHT. busybox's setpriv
# has no bounding set.
as_unit()
{
	without=$1
	rights=$(sed -n 's/^CapabilityBoundingSet=//p' /lab/gprobe-metrics@.service |
		tr 'A-Z ' 'a-z\n' | sed 's/^cap_/+/' | grep -vx -- "+$without" | paste -sd ,)
	shift
	/lab/bin/setpriv --no-new-privs --bounding-set "-all,$rights" "$@"
}

# metric NAME: that of f_nopl, or of the guest.
metric()
{
	sed -n "s/^$1{domain=\"tiny\",domid=\"$id\"\(,probe=\"f_nopl\",gva=\"0x[0-9a-f]*\"\)*} //p" $FILE
}

ok "the module loads" module_load
id=$(tiny_guest_start tiny 1)
ok "the guest comes up" guestctl "$id" wait-ready 60

ok "metrics are kept by a program with the unit's rights" as_unit nothing \
	gprobe stat -d tiny --symbols "$TINY_MAP" -e f_nopl,f_push -I 100 --openmetrics $FILE -- \
	guestctl "$id" call 0 nopl $N wait=300
is "$(metric gprobe_hits_total)" $N "they are exact"
is "$(sed -n 's/^gprobe_handling_seconds_bucket.*"f_nopl".*le="+Inf"} //p' $FILE)" $N "so is the histogram"
is "$(metric gprobe_events_lost_total)" 0 "no event is lost"
is "$(tail -n 1 $FILE)" "# EOF" "the file is whole"
as_unit sys_admin gprobe stat -d tiny --symbols "$TINY_MAP" -e f_nopl --duration 1 \
	--openmetrics $FILE > /run/out 2>&1
is "$?" 1 "without CAP_SYS_ADMIN it fails"
is "$(claims)" 0 "no probe is left"

gprobe top -d tiny --symbols "$TINY_MAP" -e f_nopl,f_push,f_sub -b -s 0.2 > /run/top 2> /run/err &
top=$!
ok "gprobe top puts its probes in" wait_for '[ "$(claims)" -gt 1 ]' 60
ok "functions are called" guestctl "$id" call 0 nopl,push $N wait=300
kill -INT $top
wait $top
is "$? $(cat /run/err)" "0 " "gprobe top ends well"
diag "$(head -n 8 /run/top)"
is "$(awk '$NF == "f_nopl" { total = $1 } END { print total }' /run/top)" $N "it shows what was called"
is "$(awk '$NF == "f_push" { total = $1 } END { print total }' /run/top)" $N "of each function"
is "$(grep -c '^[0-9,]* hits, [0-9.]* /sec, 0 lost; by rate$' /run/top)" \
	"$(grep -c '^gprobe top: .*; tiny (id ' /run/top)" "no event is lost"
guest_destroy tiny
ok "the module unloads" module_unload
done_testing
