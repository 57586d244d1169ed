# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=1 seconds=900
# Whatever is wrong: one clear line, the right status, nothing changed.

. /lab/lib.sh

stat="gprobe stat --duration 1 --symbols $TINY_MAP"

id=$(tiny_guest_start tiny 1)
ok "a guest comes up" guestctl "$id" wait-ready 60
gueststate "$id" > /run/before

try 3 "module is not loaded.*modprobe gprobe" "no module" $stat -d tiny -e f_nopl
ok "the module loads" module_load

nobody()
{
	shift
	start-stop-daemon -S -c nobody -x /lab/bin/gprobe -- "$@"
}
try 1 "root" "no rights" nobody $stat -d tiny -e f_nopl
try 1 "no domain 'tony'; nearest: tiny" "unknown domain" $stat -d tony -e f_nopl
try 1 "no domain '4242'" "unknown domid" $stat -d 4242 -e f_nopl
try 1 "dom0" "dom0 itself" $stat -d 0 -e f_nopl
try 1 "no symbol 'f_nop'; nearest: f_nopl" "unknown symbol" $stat -d tiny -e f_nop
try 1 "nothing is mapped at 0xffffffff90000000" "unmapped address" \
	$stat -d tiny -e 0xffffffff90000000
try 1 "canonical" "no address at all" $stat -d tiny -e 0x8000000000000000
try 1 "probe twice: 'f_nopl' and '0xffffffff81000000'" "probe twice" \
	$stat -d tiny -e f_nopl,0xffffffff81000000
try 1 "probe twice: 'f_nopl' and 'f_nopl_2m'" "the same place by another address" \
	$stat -d tiny -e f_nopl,f_nopl_2m
try 1 "middle of an instruction.*f_nopl\+0 and \+5" "in the middle of an instruction" \
	$stat -d tiny -e f_nopl+1
try 1 "/nowhere: No such file" "no such symbol file" \
	gprobe stat --duration 1 --symbols /nowhere -d tiny -e f_nopl
try 1 "no code symbol" "not a symbol file" \
	gprobe stat --duration 1 --symbols /etc/passwd -d tiny -e f_nopl
try 1 "LSTAR" "a Linux kernel's symbols for what is none" \
	gprobe stat --duration 1 --symbols "$LINUX_MAP" -d tiny -e getpid
try 2 "root behind @" "a root that is none" $stat -d tiny -e f_nopl@0x7z
try 1 "a process needs the guest kernel" "a process without its types" $stat -d tiny -e f_nopl@7
try 2 "-I 'x'" "an interval that is none" $stat -d tiny -e f_nopl -I x
try 2 "nearest: stat" "a wrong word" gprobe sta
try 2 "-d" "no domain" gprobe stat -e f_nopl
try 2 "-e" "no probe" gprobe stat -d tiny
try 127 "/no/such" "a command that is not there" gprobe stat --symbols "$TINY_MAP" \
	-d tiny -e f_nopl -- /no/such

GUEST_PAUSED=1 tiny_guest_start plain 1 'altp2m="disabled"' > /dev/null
try 1 'altp2m="external"' "a guest without altp2m" $stat -d plain -e 0x100000
guest_destroy plain

is "$(gueststate "$id")" "$(cat /run/before)" "the guest is as it was"

xenctrl_agent "$id" emulate serve=1 > /run/agent 2>&1 &
agent=$!
wait_for_line /run/agent serving 60 > /dev/null
try 1 "another agent owns the guest's monitor ring: stop it" "another agent" \
	$stat -d tiny -e f_nopl
kill "$agent"
wait "$agent"
is $? 0 "the other agent was not disturbed"
# Which takes the ring's page along for ever.
gueststate "$id" > /run/before

# Not one of these has left anything.
is "$(claims)" 0 "no claim is left"
is "$(gueststate "$id")" "$(cat /run/before)" "the guest is as it was"
stat_tiny /run/after f_nopl guestctl "$id" call 0 nopl 100 wait=60
is "$(counted /run/after f_nopl)" 100 "and can be traced"

# Netlink garbage beside a session that counts.
ok "a session counts" stat_background -d tiny --symbols "$TINY_MAP" -x , --per-vcpu -e f_nopl
guestctl "$id" call 0 nopl 2000
garbage 3000 7 | grep -v '^1\.\.'
guestctl "$id" wait 0 60
is "$(claims)" 1 "garbage made and removed no claim"
kill -INT "$stat_pid"
wait "$stat_pid"
is "$(counted /run/stat.out f_nopl)" 2000 "the session noticed nothing"
is "$(lost /run/stat.out)" 0 "and lost nothing"
is "$(guestctl "$id" get errors)" 0 "nor did the guest"
guest_destroy tiny
ok "the module unloads" module_unload
done_testing
