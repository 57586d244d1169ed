# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What `make lab` shows. Not a test: a failure is told, the shell comes anyway.

. /lab/guests.sh
. /lab/wait.sh

if [ -e /lab/gprobe.ko ]; then
	insmod /lab/gprobe.ko && echo "gprobe.ko is loaded"
fi
echo "starting a Linux guest ..."
id=$(linux_guest_start linux 1) && echo "guest \"linux\" is domain $id"
cat <<-'END'
	Its workload: linux_guest_cmd linux 'run openat 1000' (also: list, check)
	Its console:  tail -f /var/log/xen/console/guest-linux.log
	Symbols:      /lab/System.map
	`exit` or Ctrl-] ends the lab.
END
# The functions come along.
cat > /root/.profile <<-'END'
	. /lab/guests.sh
	. /lab/wait.sh
	PS1='dom0# '
END
ENV=/root/.profile exec sh -i
