# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=1
# What gprobe-events(7) says of trace_pipe and trace-cmd: they are told of every hit.

. /lab/lib.sh

N=300
TRACING=/sys/kernel/tracing

# call ID: the guest calls the function that is probed N times.
cat > /run/call <<-END
	exec guestctl \$1 call 0 nopl $N wait=300
END

ok "the module loads" module_load
id=$(tiny_guest_start tiny 1)
ok "the guest comes up" guestctl "$id" wait-ready 60
ok "a probe is in" stat_background -d tiny --symbols "$TINY_MAP" -e f_nopl -o /run/stat

echo 1 > $TRACING/events/gprobe/enable
ok "without any tool" sh /run/call "$id"
echo 0 > $TRACING/events/gprobe/enable
is "$(grep -c " gprobe_hit: domid=$id " $TRACING/trace)" $N "each hit is in the trace"
echo > $TRACING/trace

ok "trace-cmd record" trace-cmd record -q -e gprobe -o /run/trace.dat sh /run/call "$id"
trace-cmd report -q -i /run/trace.dat > /run/report 2> /run/err
is "$(grep -c 'gprobe_hit: ' /run/report)" $N "each hit is in trace-cmd's report"
diag "$(grep gprobe_hit /run/report | head -n 2)"

ok "trace-cmd record of another guest" trace-cmd record -q -e gprobe:gprobe_hit \
	-f "domid != $id" -o /run/trace.dat sh /run/call "$id"
is "$(trace-cmd report -q -i /run/trace.dat 2> /dev/null | grep -c 'gprobe_hit: ')" 0 "has none"

kill -INT $stat_pid
wait $stat_pid
is "$?" 0 "gprobe stat ends well"
ok "and has counted them all" grep -q "^ *900 *f_nopl" /run/stat
guest_destroy tiny
ok "the module unloads" module_unload
done_testing
