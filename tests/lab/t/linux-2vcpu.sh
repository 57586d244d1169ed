# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=1 seconds=900
# A Linux guest with two vCPUs, both at it at once: each thread's 1,000 calls
# are counted on its vCPU.

. /lab/lib.sh

N=1000

ok "the module loads" module_load
id=$(linux_guest_start linux 2)
ok "a Linux guest with two vCPUs starts" test -n "$id"
for pair in getpid:__x64_sys_getpid openat:do_sys_openat2 mmap:__x64_sys_mmap; do
	call=${pair%%:*}
	function=${pair#*:}
	stat_linux /run/two linux "$function" "run $call $N 2" > /run/reply
	is "$(counted /run/two "$function" 0)+$(counted /run/two "$function" 1)" \
		"$N+$N" "$function: exactly $N on each vCPU"
done
is "$(lost /run/two)" 0 "none is lost"
is "$(linux_guest_cmd linux check)" "WORKLOAD-CHECK ok" "it finds itself unharmed"
is "$(linux_guest_cmd linux dmesg | tail -n 1)" "WORKLOAD-DMESG 0" "its kernel has no complaint"
guest_destroy linux
ok "the module unloads" module_unload
done_testing
