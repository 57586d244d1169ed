# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Guests for dom0's scripts. LAB_CPUS comes from run.

LINUX_CMDLINE='console=hvc0 nokaslr quiet tsc=reliable tsc_early_khz=100000 lpj=400000 cryptomgr.notests=1 random.trust_cpu=on nowatchdog panic=1'

# guest_console NAME: the file that all it wrote is in.
guest_console()
{
	echo "/var/log/xen/console/guest-$1.log"
}

domid_of()
{
	xl domid "$1" 2>/dev/null
}

# guest_config NAME VCPUS [XL_LINE...]: later lines replace those before that
# set the same key. Reads the defaults of its kind from stdin.
guest_config()
{
	config=/run/guest-$1.cfg
	{
		cat
		echo "name=\"$1\""
		echo "vcpus=$2"
		echo 'type="pvh"'
		echo 'altp2m="external"'
		echo 'nomigrate=1'
		for event in poweroff reboot crash watchdog; do
			echo "on_$event=\"destroy\""
		done
		# dom0 has the first CPU to itself when there are more.
		case $LAB_CPUS in
		1) ;;
		2) echo 'cpus="1"' ;;
		*) echo "cpus=\"1-$((LAB_CPUS - 1))\"" ;;
		esac
	} > "$config"
	shift 2
	for xl_line in "$@"; do
		sed -i "/^${xl_line%%=*} *=/d" "$config"
		printf '%s\n' "$xl_line" >> "$config"
	done
	echo "$config"
}

# linux_guest_start NAME [VCPUS] [XL_LINE...]: prints its id once its workload
# program takes commands.
linux_guest_start()
{
	guest_name=$1
	guest_vcpus=${2:-1}
	shift
	[ $# -eq 0 ] || shift
	rm -f "$(guest_console "$guest_name")"
	guest_config "$guest_name" "$guest_vcpus" "$@" > /dev/null <<-END
		kernel="/cd/boot/vmlinux"
		ramdisk="/lab/guest-linux.cpio"
		cmdline="$LINUX_CMDLINE"
		memory=128
	END
	xl create -q "$config" >&2 || return 1
	wait_for 'grep -q ^WORKLOAD-READY "$(guest_console "$guest_name")" || ! domid_of "$guest_name"' 300
	if ! grep -q '^WORKLOAD-READY' "$(guest_console "$guest_name")"; then
		echo "guest $guest_name did not get ready; its console:" >&2
		tail -n 20 "$(guest_console "$guest_name")" >&2
		return 1
	fi
	domid_of "$guest_name"
}

# guest_type NAME LINE: into its console.
guest_type()
{
	printf '%s\n' "$2" > "$(xenstore-read "/local/domain/$(domid_of "$1")/console/tty")"
}

# linux_guest_cmd NAME COMMAND [SECONDS]: prints the reply, a line WORKLOAD-...,
# after what it wrote before that. False without one, or when it reports an
# error.
linux_guest_cmd()
{
	cmd_log=$(guest_console "$1")
	cmd_from=$(wc -c < "$cmd_log")
	guest_type "$1" "$2" || return 1
	cmd_end='^WORKLOAD-(DONE|LOOPED|CHECK|PEEK|DMESG|LIST|ERROR)'
	cmd_reply=$(wait_for_line "$cmd_log" "$cmd_end" "${3:-300}" "$cmd_from") || {
		echo "no reply to: $2" >&2
		return 1
	}
	tail -c "+$((cmd_from + 1))" "$cmd_log" | tr -d '\r' | sed -n "/^[^ ]/p;/^WORKLOAD-[A-SU-Z]/q"
	case $cmd_reply in WORKLOAD-ERROR*) return 1 ;; esac
}

# tiny_guest_start NAME [VCPUS] [XL_LINE...]: prints its id; it runs.
tiny_guest_start()
{
	guest_name=$1
	guest_vcpus=${2:-1}
	shift
	[ $# -eq 0 ] || shift
	guest_config "$guest_name" "$guest_vcpus" "$@" > /dev/null <<-END
		kernel="/lab/tiny.elf"
		memory=16
	END
	# Paused at first, so that what watches it can be there from the start.
	xl create -q -p "$config" >&2 || return 1
	[ -n "${GUEST_PAUSED:-}" ] || xl unpause "$guest_name" >&2 || return 1
	domid_of "$guest_name"
}

# guest_destroy NAME: gone when this returns.
guest_destroy()
{
	xl destroy "$1" >&2
	wait_for "! domid_of $1" 60
}
