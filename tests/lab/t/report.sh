# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=1 seconds=600
# gprobe record, report, script: a file of hits that has all of them, says what
# was lost, and can be read though its writer was killed.

. /lab/lib.sh

N=100

record_linux()
{
	gprobe record -d linux --symbols "$LINUX_MAP" "$@"
}

# without_times FILE: those of trace and of script are not of the same hits.
without_times()
{
	grep -v '^#' "$1" | sed 's/^ *[0-9.]* //'
}

ok "the module loads" module_load
id=$(linux_guest_start linux 1)
ok "a Linux guest starts" test -n "$id"
gueststate "$id" > /run/before

# --- all hits, as trace prints them ---

probes='do_sys_openat2 folder=%di:s32 path=+0(%si):string,__x64_sys_getpid'
record_linux -o /run/data -e "$probes" -- sh /run/linux-do linux "paths reuse $N" \
	> /run/reply 2> /run/err
is "$? $(cat /run/err)" "0 gprobe: $N hits in /run/data, 0 lost" "record says what is in the file"
ok "script" gprobe script -i /run/data -o /run/script
awk '/^PATH / { printf "folder=%d path=\"%s\"\n", 1000 + i++, $2 }' /run/reply > /run/truth
is "$(wc -l < /run/truth)" $N "the program opened $N paths"
grep -v '^#' /run/script | sed 's/.* folder=/folder=/' > /run/args
ok "script: exactly these, in their order" cmp /run/args /run/truth
is "$(tail -n 1 /run/script)" "# $N hits, 0 lost" "script: the last line"
gprobe trace -d linux --symbols "$LINUX_MAP" -e "$probes" -o /run/trace \
	-- sh /run/linux-do linux "paths open $N" > /run/reply
without_times /run/trace > /run/trace.lines
without_times /run/script > /run/script.lines
ok "script prints what trace does" cmp /run/trace.lines /run/script.lines

gprobe report -i /run/data > /run/report
diag "$(cat /run/report)"
is "$(sed '/^#/d' /run/report)" "HITS    SHARE  PROBE
 100  100.00%  do_sys_openat2" "report: the table"
is "$(tail -n 1 /run/report)" "# $N hits, 0 lost" "report: the last line"
ok "report: the guest" grep -q "^# domain 'linux' (id $id), 1 vCPU, " /run/report
ok "report: its kernel" grep -q '^# Linux version 6' /run/report
ok "report: how it was recorded" grep -qF \
	"# gprobe record -d linux --symbols $LINUX_MAP -o /run/data -e '$probes' -- sh /run/linux-do linux 'paths reuse $N'" \
	/run/report

# --- what was lost is in the file ---

many=3000
cat > /run/stopper <<-END
	kill -STOP \$PPID
	sh /run/linux-do linux "run getpid $many"
	kill -CONT \$PPID
END
record_linux -o /run/lossy -e __x64_sys_getpid --buffer 64 -- sh /run/stopper > /run/reply 2> /run/err
is $? 0 "stopped while hits come: it ends well"
sed 's/^gprobe: \([0-9,]*\) hits in .*, \([0-9,]*\) lost$/\1 \2/; s/,//g' /run/err > /run/figures
read -r hits lost < /run/figures
is $((hits + lost)) $many "each hit is in the file or counted as lost: $hits, $lost"
ok "some are lost" test "$lost" -gt 0
is "$(gprobe script -i /run/lossy | tail -n 1 | tr -d ,)" "# $hits hits $lost lost" "and so says script"
is "$(gprobe script -i /run/lossy | grep -vc '^#')" "$hits" "which prints the others"

# --- a writer that is killed ---

gprobe record -d linux --symbols "$LINUX_MAP" -o /run/killed -e __x64_sys_getpid 2> /run/err &
recorder=$!
wait_for '[ "$(claims)" -gt 0 ]' 60
linux_guest_cmd linux "run getpid $N" > /run/reply
ok "hits are in the file as they come" wait_for \
	'[ "$(gprobe script -i /run/killed 2>/dev/null | grep -vc "^#")" = '$N' ]' 60
kill -KILL $recorder
wait $recorder 2>/dev/null
try 0 "ends at offset [0-9]* without an end: gprobe record was killed" "killed: report says so" \
	gprobe report -i /run/killed
is "$(grep -c '^ *100  100.00%  __x64_sys_getpid$' /run/try.out)" 1 "killed: and counts all hits"
head -c -5 /run/killed > /run/cut
try 0 "without an end" "cut in the last hit: script says so" gprobe script -i /run/cut
is "$(grep -vc '^#' /run/try.out)" $((N - 1)) "cut in the last hit: and prints the others"
{ head -c 2000 /run/killed; printf 'x'; tail -c +2002 /run/killed; } > /run/damaged
try 1 "/run/damaged: damaged at offset [0-9]+: " "a damaged file is refused" gprobe script -i /run/damaged
is "$(cat /run/try.out)" "" "without a line of it"

# --- a disk that is full, a limit ---

try 1 "/dev/full: No space left on device" "a full disk" record_linux -o /dev/full \
	-e __x64_sys_getpid -- sh /run/linux-do linux "run getpid 1"
record_linux -o /run/ten -e __x64_sys_getpid -c 10 -- sh /run/linux-do linux "run getpid $N" \
	> /run/reply 2> /run/err
is "$(cat /run/err)" "gprobe: 10 hits in /run/ten, 0 lost" "ten hits and no more"

is "$(claims)" 0 "no claim is left"
is "$(linux_guest_cmd linux check)" "WORKLOAD-CHECK ok" "the guest finds itself unharmed"
is "$(gueststate "$id")" "$(cat /run/before)" "Xen holds of the guest what it held before"
guest_destroy linux
ok "the module unloads" module_unload
done_testing
