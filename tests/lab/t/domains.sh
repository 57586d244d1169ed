# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=2
# Several guests in one command: each is counted, traced and monitored exactly and by
# itself, all have the probes or none has, also those that stay, and one that dies
# leaves the others.

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

cat > /run/deeds <<-END
	guestctl $one deed 0 cr3 5 wait=200 && guestctl $two deed 0 cpuid 3 wait=200
END
ok "both are monitored" sh -c 'gprobe domain monitor -d one,two -e cr3,cpuid -- sh /run/deeds > /run/lines'
is "$(grep -c ' one  *0 cr3  *old=0x' /run/lines) $(grep -c ' two  *0 cpuid  *leaf=0x1 ' /run/lines)" "10 3" \
	"a line for each event of each, with its name"
is "$(head -n 1 /run/lines)" "#         TIME DOMAIN VCPU EVENT" "below titles"
is "$(sed '1,/^DOMAIN/d' /run/lines | awk '{ print $1, $3 "=" $2 }' | tr '\n' ' ')" \
	"one cr3=10 one cpuid=0 one events-without-line=0 two cr3=0 two cpuid=3 two events-without-line=0 " \
	"and a row for each count of each"
ok "in JSON" sh -c "gprobe domain monitor -j -d one -d $two -e cpuid -- sh /run/deeds > /run/lines"
is "$(grep -c '^{"time_seconds":[0-9.]*,"domain":"two","vcpu":0,"event":"cpuid",' /run/lines)" 3 "a line says whose it is"
is "$(tail -n 1 /run/lines)" "{\"counts\":{\"cpuid\":3},\"events_without_line\":0,\"domains\":[\
{\"domain\":\"one\",\"domid\":$one,\"counts\":{\"cpuid\":0},\"events_without_line\":0,\"died\":false},\
{\"domain\":\"two\",\"domid\":$two,\"counts\":{\"cpuid\":3},\"events_without_line\":0,\"died\":false}]}" \
	"the last has all counts, and those of each"

# pinned: each guest's probes that stay, and how often they were hit.
pinned()
{
	gprobe probe list -j | tr '{' '\n' |
		sed -n 's/.*"domain":"\([a-z]*\)",.*"probe":"\([a-z_]*\)",.*"hits":\([0-9]*\),.*/\1 \2 \3/p' |
		sort | tr '\n' ' '
}

add="gprobe probe add --symbols $TINY_MAP"
ok "probes stay in both" $add -d one,two -e f_nopl --pin both
ok "in one session" sh -c 'gprobe session list -j | grep -q "\"pin\":\"both\",\"domains\":2,\"probes\":2"'
guestctl "$one" call 0 nopl 30 wait=60
guestctl "$two" call 0 nopl 40 wait=60
is "$(pinned)" "one f_nopl 30 two f_nopl 40 " "which counts in each"
ok "that ends in both" gprobe session unpin both
is "$(gueststate "$one") $(gueststate "$two")" "$(cat /run/before-one) $(cat /run/before-two)" "which are as they were found"

ok "a session of one" $add -d one -e f_nopl --pin both
try 1 "domain 'one': .*already" "what is refused in the second" $add -d two,one -e f_push,f_nopl --pin both
is "$(pinned)" "one f_nopl 0 " "leaves nothing in the first, nor in itself"
is "$(gueststate "$two")" "$(cat /run/before-two)" "which is as it was found"

plain=$(tiny_guest_start plain 1 'altp2m="disabled"')
ok "a third guest cannot be probed" test -n "$plain"
try 1 "domain 'plain': " "with it none is" gprobe stat -d one,plain --symbols "$TINY_MAP" -e f_nopl --duration 1
try 1 "domain 'plain': " "nor gets probes that stay" $add -d two,plain -e f_push --pin both
try 1 "domain 'plain': " "in a new session either" $add -d two,plain -e f_push --pin fresh
try 1 "domain 'plain': " "nor is any monitored" gprobe domain monitor -d two,plain -e cr3 --duration 1
guest_destroy plain
is "$(pinned)" "one f_nopl 0 " "no other has a probe more"
is "$(gueststate "$two")" "$(cat /run/before-two)" "and one that had none is as it was found"
ok "both get one more" $add -d two,one -e f_push --pin both
is "$(pinned)" "one f_nopl 0 one f_push 0 two f_push 0 " "in the session of one"
ok "it ends" gprobe session unpin both
is "$(claims)" 0 "the first has no probe left"
is "$(gueststate "$one")" "$(cat /run/before-one)" "which is as it was found"

gprobe stat -d one,two --symbols "$TINY_MAP" -x , -o /run/stat.csv -e f_nopl 2> /run/stat.err &
stat_pid=$!
wait_for '[ "$(claims)" = 2 ]' 60
gprobe domain monitor -j -d one,two -e cpuid > /run/monitor 2> /run/monitor.err &
monitor_pid=$!
ok "both are monitored besides" wait_for \
	'guestctl "$two" deed 0 cpuid 1 wait=60 && grep -q "\"domain\":\"two\"" /run/monitor' 60
guestctl "$two" call 0 nopl 40 wait=60
xl destroy two
ok "one dies: no zombie is left" wait_for "! xl list | awk '{ print \$2 }' | grep -qx $two" 60
guestctl "$one" call 0 nopl 70 wait=60
kill -INT $stat_pid
wait $stat_pid
is "$? $(cat /run/stat.err)" "1 gprobe: domain 'two' died while it was traced" "that is said in the end"
is "$(counted_in one f_nopl) $(counted_in two f_nopl)" "70 40" "the other counts on, and what it had counted is kept"
guestctl "$one" deed 0 cpuid 7 wait=60
kill -INT $monitor_pid
wait $monitor_pid
is "$? $(cat /run/monitor.err)" "1 gprobe: domain 'two' died while it was monitored" "so does the monitor"
is "$(grep -c '"domain":"one","vcpu":0,"event":"cpuid"' /run/monitor)" 7 "with its lines"
is "$(sed -n '$s/.*"domain":"one",[^{]*\({[^}]*}\).*"died":\([a-z]*\)},.*"died":\([a-z]*\)}.*/\1 \2 \3/p' /run/monitor)" \
	'{"cpuid":7} false true' "and in the end it says which is dead"
is "$(guestctl "$one" get errors)" 0 "every call gave its right result"
is "$(gueststate "$one")" "$(cat /run/before-one)" "the guest is as it was found"
is "$(claims)" 0 "no claim is left"
guest_destroy one
ok "the module unloads" module_unload
done_testing
