# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What `make demo` runs in dom0. The table is checked against the totals that
# the guest's own program reports: a demo that counts wrongly fails.

. /lab/wait.sh
. /lab/guests.sh
. /lab/gprobe.sh

PROBES=__x64_sys_getpid,do_sys_openat2,__x64_sys_newstat,__x64_sys_read,__x64_sys_write,__x64_sys_mmap

step()
{
	printf '\n# %s\n' "$*"
	"$@"
}

module_load || exit
echo "starting a Linux guest (its kernel boots in the emulator) ..."
linux_guest_start linux 1 > /dev/null || exit

step gprobe domain list
step gprobe feature || exit
cat <<-END

	# gprobe stat -d linux --symbols System.map -e $PROBES \\
	#     -- (the guest's program works for 5 s)
END
gprobe stat -d linux --symbols "$LINUX_MAP" -e "$PROBES" -o /run/table \
	-- sh /run/linux-do linux 'loop mix 5' > /run/reply
status=$?
cat /run/table
[ "$status" = 0 ] || exit "$status"

echo "the guest's program itself counted:"
sed -n 's/^WORKLOAD-TOTAL/ /p' /run/reply
for pair in getpid:__x64_sys_getpid openat:do_sys_openat2 stat:__x64_sys_newstat \
	read:__x64_sys_read write:__x64_sys_write mmap:__x64_sys_mmap; do
	truth=$(awk -v call="${pair%%:*}" '$2 == call { print $3 }' /run/reply)
	shown=$(awk -v probe="${pair#*:}" '$2 == probe { gsub(",", "", $1); print $1 }' /run/table)
	if [ -z "$truth" ] || [ "$truth" != "$shown" ]; then
		echo "not exact: ${pair#*:} was called $truth times, $shown were counted"
		exit 1
	fi
done
echo "every count is exact"
guest_destroy linux && module_unload
