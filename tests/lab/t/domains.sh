# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=2
# Several guests in one command: each is counted exactly and by itself, all have the
# probes or none has, and one that dies leaves the others.

. /lab/lib.sh

ok "the module loads" module_load
one=$(tiny_guest_start one 1)
two=$(tiny_guest_start two 1)
ok "the guests come up" guestctl "$one" wait-ready 60
ok "both" guestctl "$two" wait-ready 60
gueststate "$one" > /run/before-one
gueststate "$two" > /run/before-two

# counted_in DOMAIN PROBE: of CSV with domains.
counted_in()
{
	awk -F, -v domain="$1" -v probe="$2" '$1 == domain && $4 == probe { print $2 }' /run/stat.csv
}

cat > /run/calls <<-END
	guestctl $one call 0 nopl 300 && guestctl $two call 0 nopl 500 &&
	guestctl $one wait 0 200 && guestctl $two wait 0 200 && guestctl $one call 0 push 20 wait=60
END
ok "both are counted" gprobe stat -d one,two --symbols "$TINY_MAP" -x , -o /run/stat.csv \
	-e f_nopl,f_push -- sh /run/calls
diag "$(cat /run/stat.csv)"
is "$(counted_in one f_nopl) $(counted_in one f_push) $(counted_in one events-lost)" "300 20 0" "the first, exactly"
is "$(counted_in two f_nopl) $(counted_in two f_push) $(counted_in two events-lost)" "500 0 0" "the second, exactly"

ok "both are traced" gprobe trace -d one -d "$two" --symbols "$TINY_MAP" --symbols "$TINY_MAP" -j -o /run/lines \
	-e 'f_nopl %ip:symbol code=+0(%ip):u8' -- sh /run/calls
is "$(grep -c '"domain":"one",' /run/lines) $(grep -c '"domain":"two","vcpu"' /run/lines)" "301 500" \
	"a line for each hit of each, and one for their sum"
is "$(sed 's/^{"time_seconds":\([0-9.]*\).*/\1/; $d' /run/lines | sort -c -n 2>&1)" "" "all in the order of their times"
ok "none is lost" grep -q '^{"hits":800,"events_lost":0,' /run/lines

plain=$(tiny_guest_start plain 1 'altp2m="disabled"')
ok "a third guest cannot be probed" test -n "$plain"
try 1 "domain 'plain': " "with it none is" gprobe stat -d one,plain --symbols "$TINY_MAP" -e f_nopl --duration 1
guest_destroy plain
is "$(claims)" 0 "the first has no probe left"
is "$(gueststate "$one")" "$(cat /run/before-one)" "which is as it was found"

gprobe stat -d one,two --symbols "$TINY_MAP" -x , -o /run/stat.csv -e f_nopl 2> /run/stat.err &
stat_pid=$!
wait_for '[ "$(claims)" = 2 ]' 60
guestctl "$two" call 0 nopl 40 wait=60
xl destroy two
ok "one dies: no zombie is left" wait_for "! xl list | awk '{ print \$2 }' | grep -qx $two" 60
guestctl "$one" call 0 nopl 70 wait=60
kill -INT $stat_pid
wait $stat_pid
is "$? $(cat /run/stat.err)" "1 gprobe: domain 'two' died while it was traced" "that is said in the end"
is "$(counted_in one f_nopl) $(counted_in two f_nopl)" "70 40" "the other counts on, and what it had counted is kept"
is "$(guestctl "$one" get errors)" 0 "every call gave its right result"
is "$(gueststate "$one")" "$(cat /run/before-one)" "the guest is as it was found"
is "$(claims)" 0 "no claim is left"
guest_destroy one
ok "the module unloads" module_unload
done_testing
