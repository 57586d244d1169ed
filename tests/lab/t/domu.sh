# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# lab: cpus=1
# In a guest, which is not dom0, gprobe and its module say so and do nothing.

. /lab/lib.sh

# What the guest runs: dom0's own root, with this for its init.
mkdir -p /run/domu/lab/bin
(cd / && { echo usr && find bin lib lib64 usr/lib; } | cpio -o -H newc) > /run/domu.cpio 2>/dev/null
cp /lab/gprobe.ko /run/domu/lab/
cp /lab/bin/gprobe /run/domu/lab/bin/
mkdir -p /run/domu/proc /run/domu/sys /run/domu/dev /run/domu/run /run/domu/tmp
cat > /run/domu/init <<-'END'
	#!/bin/busybox sh
	export PATH=/lab/bin:/bin
	mount -t proc proc /proc
	mount -t sysfs sysfs /sys
	mount -t devtmpfs devtmpfs /dev
	while read -r module; do
		insmod "/lib/lab-modules/$module.ko" 2>/dev/null
	done < /lib/lab-modules/order
	mount -t xenfs xenfs /proc/xen
	for words in 'stat -d 1 -e 0x1000' 'domain list' 'probe list' 'feature'; do
		gprobe $words > /run/out 2> /run/err
		echo "SAYS $? $(wc -l < /run/err) $words: $(cat /run/err)"
		sed "s/^/OUT $words: /" /run/out
	done
	insmod /lab/gprobe.ko 2> /run/err
	echo "SAYS $? $(wc -l < /run/err) insmod: $(cat /run/err)"
	dmesg | sed -n 's/.*gprobe: not/KERNEL not/p'
	echo DOMU-DONE
	poweroff -f
END
chmod +x /run/domu/init
(cd /run/domu && find . | cpio -o -H newc) >> /run/domu.cpio 2>/dev/null
diag "initramfs: $(wc -c < /run/domu.cpio) bytes"

says()
{
	grep "^SAYS [0-9]* [0-9]* $1:" "$(guest_console domu)" | tr -d '\r'
}

guest_config domu 1 'memory=192' 'kernel="/cd/boot/vmlinux"' 'ramdisk="/run/domu.cpio"' \
	"cmdline=\"$LINUX_CMDLINE\"" > /dev/null < /dev/null
ok "a Linux guest with gprobe in it starts" xl create -q "$config"
ok "it runs to its end" wait_for 'grep -q ^DOMU-DONE "$(guest_console domu)"' 300
for words in "stat -d 1 -e 0x1000" "domain list"; do
	case $(says "$words") in
	"SAYS 3 1 $words: "*"not dom0"*) tap_pass "$(says "$words")" ;;
	*) not_ok "$words: one line says that this is not dom0"; diag "$(says "$words")" ;;
	esac
done
diag "$(grep -E '^(SAYS|OUT|KERNEL)' "$(guest_console domu)" | tr -d '\r')"
case $(says insmod) in
"SAYS "[1-9]*" 1 insmod: "*"No such device"*) tap_pass "$(says insmod)" ;;
*) not_ok "the module is refused"; diag "$(says insmod)" ;;
esac
ok "and says why" grep -q '^KERNEL not the initial domain (dom0) of a Xen host' "$(guest_console domu)"
ok "feature says it too" grep -qE '^OUT feature: .*dom0 .*no' "$(guest_console domu)"
done_testing
