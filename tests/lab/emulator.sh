# SPDX-License-Identifier: GPL-2.0
# One run of the emulator: its disks, its life, its two serial lines. The first
# is the hypervisor's and dom0's console (a log), the second the script's.
# Sourced by run, which sets HOST, work, cpus, timeout, interactive.
# shellcheck shell=bash disable=SC2154

emulator=
watchdog=
relay=

# Bochs finds a disk's geometry only when it has whole cylinders.
CYLINDER_BYTES=$((16 * 63 * 512))
OUT_CYLINDERS=1040	# half a gigabyte, sparse

make_disks()
{
	truncate -s "%$CYLINDER_BYTES" "$work/payload.img"
	truncate -s $((OUT_CYLINDERS * CYLINDER_BYTES)) "$work/out.img"
	: > "$work/output.log"
	: > "$work/serial.log"
}

# sync=none makes the emulated clock count instructions, ips of them a second: a
# run repeats. With fewer a second, timer ticks alone would fill the time. The
# CPUs take turns of quantum instructions: the fewer, the truer is their race.
write_settings()
{
	cat <<-END
		config_interface: textconfig
		display_library: rfb, options="timeout=0"
		cpu: model=corei7_skylake_x, count=$cpus:1:1, ips=100000000, quantum=4, reset_on_triple_fault=1, ignore_bad_msrs=1
		memory: guest=1024, host=1024
		romimage: file=$BOCHS_SHARE/BIOS-bochs-latest
		vgaromimage: file=$BOCHS_SHARE/VGABIOS-lgpl-latest
		boot: cdrom
		ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
		ata1: enabled=1, ioaddr1=0x170, ioaddr2=0x370, irq=15
		ata0-master: type=cdrom, path=$HOST/boot.iso, status=inserted
		ata0-slave: type=disk, path=$work/payload.img, mode=flat
		ata1-master: type=disk, path=$work/out.img, mode=flat
		com1: enabled=1, mode=file, dev=$work/serial.log
		com2: enabled=1, $1
		log: $work/emulator.log
		panic: action=fatal
		error: action=ignore
		info: action=ignore
		debug: action=ignore
		clock: sync=none, time0=local
		pci: enabled=1, chipset=i440fx
		sound: driver=dummy
		plugin_ctrl: unmapped=1, biosdev=1, speaker=0, extfpuirq=1, parallel=0, serial=1, gameport=0, iodebug=1
	END
}

start_emulator()
{
	local com2="mode=file, dev=$work/output.log" alone=

	if [ -n "$interactive" ]; then
		com2="mode=term, dev=$work/terminal"
		open_terminal
	fi
	write_settings "$com2" > "$work/bochsrc"
	# Its display listens on a port: of a network of its own if that can be.
	if unshare -rn true 2>/dev/null; then
		alone="unshare -rn"
	fi
	started=$(date +%s)
	# shellcheck disable=SC2086	# any number of words
	# The kernel kills it when this script dies, however it dies.
	(cd "$work" && exec setpriv --pdeathsig KILL $alone "${BOCHS[@]}" ${LAB_BOCHS_ARGS:-} -q -f bochsrc) \
		< /dev/null > "$work/emulator.out" 2>&1 &
	emulator=$!
	# Or bash would tell how it died, which is always by us.
	[ -n "$interactive" ] || disown "$emulator"
	start_finisher
	[ "$timeout" = 0 ] || start_watchdog
}

# Ends the emulator when dom0 has handed over all it has.
start_finisher()
{
	tail -s 0.2 -f --pid="$emulator" -n +1 "$work/serial.log" 2>/dev/null |
	while IFS= read -r line; do
		[[ $line != *LAB-DONE* ]] || kill -KILL "$emulator" 2>/dev/null
	done &
}

start_watchdog()
{
	(
		sleep "$timeout" &
		trap 'kill $! 2>/dev/null; exit' TERM
		wait $!
		: > "$work/timed-out"
		kill -KILL "$emulator" 2>/dev/null
	) &
	watchdog=$!
}

stop_emulator()
{
	[ -z "$watchdog" ] || kill "$watchdog" 2>/dev/null || true
	[ -z "$relay" ] || kill "$relay" 2>/dev/null || true
	[ -z "$emulator" ] || kill -KILL "$emulator" 2>/dev/null || true
	[ -z "$emulator" ] || tail --pid="$emulator" -f /dev/null
	emulator=''
	watchdog=''
}

# progress: what of the boot is done, once each, with seconds since the start.
progress()
{
	local line

	tail -s 0.5 -f --pid="$emulator" -n +1 "$work/serial.log" 2>/dev/null |
	while IFS= read -r line; do
		case $line in
		*"Xen version 4"*"(Debian"*) line=Xen ;;
		*"] Linux version"*) line=dom0 ;;
		*"] Run /init"*) line="dom0's init" ;;
		*DOM0-READY*) line="ready" ;;
		*) continue ;;
		esac
		# A raw terminal wants its carriage return.
		printf 'lab: %3d s %s%s\n' $(($(date +%s) - started)) "$line" \
			"${interactive:+$'\r'}" >&2
		[ "$line" != ready ] || break
	done
}

follow_output()
{
	progress &
	# Ends soon after the emulator does, having read to the end. A signal ends the
	# wait, where it would wait for the end of what runs in front.
	tail -s 0.2 -f --pid="$emulator" -n +1 "$work/output.log" &
	wait $!
}

# The script's line as a terminal: socat keeps both ends of a pty, Bochs opens
# one of them as its serial line.
open_terminal()
{
	command -v socat > /dev/null || die "an interactive run needs socat"
	socat "PTY,link=$work/terminal,raw,echo=0" \
		"PTY,link=$work/near,raw,echo=0" &
	relay=$!
	until [ -e "$work/terminal" ] && [ -e "$work/near" ]; do
		sleep 0.05
	done
	# Kept open: socat ends when the last one closes its end.
	exec 7<>"$work/terminal" 8<>"$work/near"
}

# Until the emulator ends or Ctrl-] is typed.
attach_terminal()
{
	progress &
	socat "STDIO,raw,echo=0,escape=0x1d" "OPEN:$work/near,raw,echo=0" &
	# The shell would tell that the emulator was killed, which is how it ends.
	wait -n "$emulator" $! 2> /dev/null || true
}
