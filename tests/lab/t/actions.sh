# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=2
# What stands behind a probe is done with its hits: it is gone after so many, is told
# of so often, is counted alone or recorded; and no other probe is concerned.

. /lab/lib.sh

N=200

# figure KEY: of the only claim that is in
figure()
{
	gprobe probe list -j | tr '{,' '\n\n' | sed -n "s/.*\"$1\":\"*\([a-z0-9]*\).*/\1/p"
}

ok "the module loads" module_load
id=$(tiny_guest_start tiny 2)
ok "the guest comes up" guestctl "$id" wait-ready 60
gueststate "$id" > /run/before
cat > /run/both <<-END
	guestctl $id call 0 push,sub $N && guestctl $id call 1 push,sub $N &&
	guestctl $id wait 0 400 && guestctl $id wait 1 400
END

ok "off" stat_tiny /run/stat f_push:off=30,f_sub,f_endbr:off=1 sh /run/both
is "$(counted /run/stat f_push:off=30) $(counted /run/stat f_sub) $(counted /run/stat f_endbr:off=1)" \
	"30 $((2 * N)) 0" "off: so many hits, and all of the others"
is "$(lost /run/stat)" 0 "off: none is lost"

ok "trace" gprobe trace -d tiny --symbols "$TINY_MAP" -o /run/trace -e 'f_push:off=7 at=%ip:symbol,f_sub:count' -- sh /run/both
is "$(grep -v '^#' /run/trace | awk '{ print $5, $6 }' | sort | uniq -c | sed 's/^ *//')" \
	"7 f_push:off=7 at=f_push+0x0" "trace: so many lines"
is "$(tail -n 2 /run/trace | paste -sd ' ')" "# f_sub:count: $((2 * N)) counted # 7 hits, 0 lost" \
	"trace: what is counted alone has no line, and all its hits"
ok "rate" gprobe trace -d tiny --symbols "$TINY_MAP" -o /run/rate -e f_push:rate=5,f_sub:off=3 -- sh /run/both
lines=$(grep -c ' f_push:rate=5$' /run/rate)
left=$(sed -n '$s/.* 0 lost, \([0-9]*\) left out$/\1/p' /run/rate)
ok "rate: some have lines" test "$lines" -ge 5
is "$((lines + left)) $(grep -c ' f_sub:off=3$' /run/rate)" "$((2 * N)) 3" "rate: the others are left out"

ok "probe add" gprobe probe add -d tiny --symbols "$TINY_MAP" -e f_push:record:off=20 --pin work
is "$(figure action)" record "probe add: it records"
sh /run/both
is "$(figure hits)" 20 "probe add: so many hits"
ok "session unpin" gprobe session unpin work

is "$(guestctl "$id" get errors)" 0 "every call gave its right result"
is "$(claims)" 0 "no claim is left"
is "$(gueststate "$id")" "$(cat /run/before)" "the guest is as it was found"
guest_destroy tiny
ok "the module unloads" module_unload
done_testing
