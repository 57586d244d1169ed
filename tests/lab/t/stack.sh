# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=1 seconds=900
# The stack of a Linux guest's kernel is walked whole, from where a probe is to where
# the process entered it, through functions with and without a frame of their own.

. /lab/lib.sh

N=50

ok "the module loads" module_load
id=$(linux_guest_start linux 1)
ok "a Linux guest starts" test -n "$id"
gueststate "$id" > /run/before

# stacks: each once, without offsets but that of the probe.
stacks()
{
	grep -v '^#' /run/hits | sed 's/.*kstack="//; s/"$//; s/+0x[1-9a-f][0-9a-f]*//g' | sort | uniq -c |
		sed 's/^ *//'
}

ok "a system call" gprobe trace -d linux --symbols "$LINUX_MAP" -o /run/hits \
	-e '__x64_sys_getpid $kstack' -- sh /run/linux-do linux "run getpid $N" > /run/reply
diag "$(head -n 2 /run/hits | cut -c -300)"
is "$(stacks)" "$N __x64_sys_getpid+0x0;do_syscall_64;entry_SYSCALL_64_after_hwframe" \
	"a system call: its stack is whole"
ok "a file is opened" gprobe trace -d linux --symbols "$LINUX_MAP" -o /run/hits \
	-e 'do_filp_open $kstack' -- sh /run/linux-do linux "paths open $N" > /run/reply
diag "$(head -n 2 /run/hits | cut -c -300)"
is "$(stacks)" "$N do_filp_open+0x0;do_sys_openat2;__x64_sys_openat;do_syscall_64;entry_SYSCALL_64_after_hwframe" \
	"a file is opened: through functions that have frames"
ok "it is recorded" gprobe record -d linux --symbols "$LINUX_MAP" -g -o /run/data \
	-e __x64_sys_getpid,do_filp_open -- sh /run/linux-do linux "paths open $N" > /run/reply
gprobe script -i /run/data > /run/hits
is "$(stacks)" "$N do_filp_open+0x0;do_sys_openat2;__x64_sys_openat;do_syscall_64;entry_SYSCALL_64_after_hwframe" \
	"it is recorded: the same stacks"
# In an interrupt, the stack goes on in what was interrupted. Linux 6.10 renamed it.
tick=$(sed -nE 's/.* (scheduler_tick|sched_tick)$/\1/p' "$LINUX_MAP")
ok "interrupts" gprobe trace -d linux --symbols "$LINUX_MAP" -o /run/hits -c 20 \
	-e "$tick \$kstack"
diag "$(head -n 2 /run/hits | cut -c -400)"
is "$(grep -v '^#' /run/hits | grep -c "$tick+0x0;.*asm_sysvec_[a-z_]*+")" \
	"$(grep -vc '^#' /run/hits)" "interrupts: their stacks reach where they came in"
is "$(grep -c '\.\.\.$' /run/hits)" 0 "and on to the end of what they interrupted"
is "$(gueststate "$id")" "$(cat /run/before)" "the guest is as it was found"
guest_destroy linux
ok "the module unloads" module_unload
done_testing
