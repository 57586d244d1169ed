# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=1 seconds=600
# The task that a vCPU of a Linux guest runs at a hit: its name and its numbers, by
# the types of the guest's kernel, which is dom0's too.

. /lab/lib.sh

N=20
BTF=/sys/kernel/btf/vmlinux

ok "the module loads" module_load
id=$(linux_guest_start linux 1)
ok "a Linux guest starts" test -n "$id"
ok "trace" gprobe trace -d linux --symbols "$LINUX_MAP" --btf $BTF -o /run/task \
	-e '__x64_sys_getpid comm=$comm pid=$pid tid=$tid' -- sh /run/linux-do linux "run getpid $N"
is "$(tail -n 1 /run/task)" "# $N hits, 0 lost" "each hit"
is "$(grep -v '^#' /run/task | grep -c ' comm="init" pid=1 tid=[1-9][0-9]*$')" $N \
	"the guest's program, by its name and number"
is "$(grep -v '^#' /run/task | sed 's/.*tid=//' | sort -u | wc -l)" 1 "all by one thread"
diag "$(head -n 3 /run/task)"
# Volatility's JSON has symbols and types.
isf "$LINUX_MAP" $BTF > /run/linux.json
ok "trace, by JSON alone" gprobe trace -d linux --symbols /run/linux.json -o /run/json \
	-e '__x64_sys_getpid comm=$comm pid=$pid tid=$tid' -- sh /run/linux-do linux "run getpid $N"
is "$(grep -v '^#' /run/json | grep -c ' comm="init" pid=1 tid=[1-9][0-9]*$')" $N \
	"by JSON alone: the same task, each time"
ok "trace whoever comes" gprobe trace -d linux --symbols "$LINUX_MAP" --btf $BTF -o /run/idle -c 100 \
	--duration 60 -e 'finish_task_switch* comm=$comm pid=$pid'
diag "$(tail -n 4 /run/idle)"
is "$(grep -v '^#' /run/idle | grep -cE 'comm="[^"]+" pid=[0-9]+$')" 100 "each has a name and a number"
ok "also the kernel's own threads" grep -qE 'comm="(swapper/0" pid=0|k[^"]*" pid=[1-9][0-9]*|rcu_[^"]*" pid=[1-9][0-9]*)$' /run/idle
# Of one task alone, or of all others.
ok "trace one task" gprobe trace -d linux --symbols "$LINUX_MAP" --btf $BTF -o /run/one \
	-e '__x64_sys_getpid comm=$comm pid=$pid' --filter 'comm == "init" && pid == 1' \
	-- sh /run/linux-do linux "run getpid $N"
is "$(tail -n 1 /run/one)" "# $N hits, 0 lost, 0 left out" "each of its hits"
ok "record another task" gprobe record -d linux --symbols "$LINUX_MAP" --btf $BTF -o /run/other.data \
	-e '__x64_sys_getpid comm=$comm pid=$pid' --filter 'comm == "sh" || comm ~ "init?*" || pid != 1' \
	-- sh /run/linux-do linux "run getpid $N"
is "$(gprobe script -i /run/other.data | tail -n 1)" "# 0 hits, 0 lost, $N left out" "none is in the file, all were left out"
ok "trace whoever else comes" gprobe trace -d linux --symbols "$LINUX_MAP" --btf $BTF -o /run/others -c 20 \
	--duration 60 -e 'finish_task_switch* comm=$comm pid=$pid' --filter 'comm != "init"'
is "$(grep -v '^#' /run/others | grep -c ' comm="init"') $(grep -vc '^#' /run/others)" "0 20" "20 hits, none of the one that is not wanted"
try 2 "no field 'com'; nearest: comm; there are vcpu, cpl, root, ip, probe, comm" "a field that is not there" \
	gprobe trace -d linux --symbols "$LINUX_MAP" --btf $BTF -e '__x64_sys_getpid comm=$comm' --filter 'com == "init"'
try 1 "need the guest kernel's System.map, --symbols FILE, and its types, --btf FILE" "no types" \
	gprobe trace -d linux --symbols "$LINUX_MAP" -e '__x64_sys_getpid $comm'
try 1 "System.map: no BTF is in it" "a file without types" \
	gprobe trace -d linux --symbols "$LINUX_MAP" --btf "$LINUX_MAP" -e '__x64_sys_getpid $comm'
# One process alone, by its name or its number; there is one.
for process in init 1; do
	ok "count what $process does" gprobe stat -d linux --symbols "$LINUX_MAP" --btf $BTF -x , -o /run/stat \
		-e "__x64_sys_getpid@$process" -- sh /run/linux-do linux "run getpid $N"
	is "$(awk -F, '{ print $1, $3 }' /run/stat | tr '\n' ' ')" "$N __x64_sys_getpid@$process 0 events-lost " "$process: each hit"
done
try 1 "has no process 'inti'; nearest: init \(pid 1\)" "a process that is not there" \
	gprobe stat -d linux --symbols "$LINUX_MAP" --btf $BTF -e __x64_sys_getpid@inti --duration 1
try 1 "'kthreadd' \(pid 2\) has no root of its own" "a thread of the kernel" \
	gprobe stat -d linux --symbols "$LINUX_MAP" --btf $BTF -e __x64_sys_getpid@2 --duration 1
# A process and its child have one name.
linux_guest_cmd linux "page map" > /run/reply
ok "the guest's program has a child" linux_guest_cmd linux "page child"
try 1 "2 processes are called 'init': @PID names one, of 1, [1-9][0-9]*$" "a name of several processes" \
	gprobe stat -d linux --symbols "$LINUX_MAP" --btf $BTF -e __x64_sys_getpid@init --duration 1
child=$(sed 's/.*, //' /run/try.err)
ok "count what the child does" gprobe stat -d linux --symbols "$LINUX_MAP" --btf $BTF -x , -o /run/stat \
	-e "__x64_sys_getpid@$child,vfs_read@$child" -- sh -c \
	"sh /run/linux-do linux 'run getpid $N' && sh /run/linux-do linux 'page both 1'"
is "$(awk -F, '{ print $1, $3 }' /run/stat | tr '\n' ' ')" \
	"0 __x64_sys_getpid@$child 1 vfs_read@$child 0 events-lost " "the child alone: nothing of its parent's"
is "$(linux_guest_cmd linux "page reap" | tail -n 1 | sed 's/ pti.*//')" "WORKLOAD-DONE page reap" "the child ends"
is "$(linux_guest_cmd linux check)" "WORKLOAD-CHECK ok" "the guest finds itself unharmed"
guest_destroy linux
ok "the module unloads" module_unload
done_testing
