# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=2
# Where hits come one after another an idle dom0 waits for them awake, as does a
# session that has replied; not where there is something else to do; and hits are
# counted exactly either way.

. /lab/lib.sh

N=2000
POLL_US=/sys/module/gprobe/parameters/poll_us
POLL_CPU=/sys/module/gprobe/parameters/poll_cpu

# count_calls: of N, into /run/claims.
count_calls()
{
	claimctl "$id" 5 "$(places nopl)" guestctl "$id" call 0 nopl $N wait=300 > /run/claims
}

# ask_for_calls: of N, into /run/claims.
ask_for_calls()
{
	upcallctl -q "$id" 5 "$(places nopl)" guestctl "$id" call 0 nopl $N wait=300 > /run/claims
}

# hits: of the only claim.
hits()
{
	awk '$1 == "hits" { print $3 }' /run/claims
}

ok "the module loads" module_load
id=$(tiny_guest_start tiny 2)
ok "the guest comes up" guestctl "$id" wait-ready 60
gueststate "$id" > /run/before

# In the emulator an instruction takes as long as thirty do elsewhere.
echo 1000 > $POLL_US
ok "an idle dom0" count_calls
is "$(hits)" $N "an idle dom0: each hit is counted"
ok "an idle dom0 takes most without an interrupt" test "$(figure polled)" -gt $((N / 2))
diag "polled: $(figure polled)"

ok "a session that is asked" ask_for_calls
is "$(figure told)" $N "a session that is asked: it hears of each hit"
ok "a session that is asked takes most without an interrupt" test "$(figure polled)" -gt $((N / 2))
diag "polled: $(figure polled)"

while :; do :; done &
busy=$!
ok "a busy dom0" count_calls
is "$(hits)" $N "a busy dom0: each hit is counted"
is "$(figure polled)" 0 "a busy dom0 waits for none"
ok "a session that is asked in a busy dom0" ask_for_calls
is "$(figure told)" $N "a session that is asked in a busy dom0: it hears of each hit"
is "$(figure polled)" 0 "a session that is asked in a busy dom0 waits for none"
kill $busy

# A CPU that waits for all guests is not idle, nor need it be.
echo 0 > $POLL_CPU
ok "poll_cpu=0" count_calls
is "$(hits)" $N "poll_cpu=0: each hit is counted"
ok "poll_cpu=0: it takes most without an interrupt" test "$(figure polled)" -gt $((N / 2))
diag "polled: $(figure polled)"
ok "poll_cpu=0, hits without end" stat_background -d tiny --symbols "$TINY_MAP" -e f_push
guestctl "$id" call all push 0
ok "poll_cpu=0: a sleeper wakes" timeout 20 sleep 1
ok "poll_cpu=0: a program runs" sh -c 'i=0; while [ $i -lt 1000 ]; do i=$((i + 1)); done'
echo -1 > $POLL_CPU
guestctl "$id" stop all
ok "poll_cpu=-1 again: the guest stops" guestctl "$id" wait all 60
kill -INT "$stat_pid"
wait "$stat_pid"
is "$(awk '$2 == "f_push" { gsub(",", "", $1); print $1 }' /run/stat.err /run/stat.out)" \
	"$(guestctl "$id" get calls.push)" "poll_cpu: all of them are counted"

echo 0 > $POLL_US
ok "poll_us=0" count_calls
is "$(hits)" $N "poll_us=0: each hit is counted"
is "$(figure polled)" 0 "poll_us=0: dom0 waits for none"
ok "poll_us=0, a session that is asked" ask_for_calls
is "$(figure told) $(figure polled)" "$N 0" "poll_us=0: it hears of each hit, and waits for none"
echo 1000 > $POLL_US

# While hits never end, dom0's programs run, its timers fire, and a claim more
# or less is no matter.
ok "hits without end" stat_background -d tiny --symbols "$TINY_MAP" -e f_nopl
guestctl "$id" call all nopl 0
ok "a sleeper wakes" timeout 20 sleep 1
ok "a program runs" sh -c 'i=0; while [ $i -lt 1000 ]; do i=$((i + 1)); done'
stat_tiny /run/push f_push sleep 1
is "$(counted /run/push f_push)" 0 "another session comes and goes"
guestctl "$id" stop all
ok "the guest stops" guestctl "$id" wait all 60
kill -INT "$stat_pid"
wait "$stat_pid"
is "$(awk '$2 == "f_nopl" { gsub(",", "", $1); print $1 }' /run/stat.err /run/stat.out)" \
	$(($(guestctl "$id" get calls.nopl) - 7 * N)) "all of them are counted"
is "$(guestctl "$id" get errors)" 0 "every call gave its right result"
is "$(gueststate "$id")" "$(cat /run/before)" "the guest is as it was found"
guest_destroy tiny
ok "the module unloads" module_unload
done_testing
