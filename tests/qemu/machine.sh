# SPDX-License-Identifier: GPL-2.0
# A machine in qemu with a kernel and a few programs. Sourced by bash. Its root is
# made in $root, packed to $work/initramfs; $out gets serial.log (the kernel),
# output.log (the second serial line) and qemu.log. $emulator is its process.
# GPROBE_QEMU_ACCEL: qemu's -accel, tcg unless set.
# shellcheck shell=bash

emulator=

# A program's libraries, at their places.
install_program()
{
	local program=$1 library

	install -D "$program" "$root/t/$(basename "$program")"
	ldd "$program" | grep -o '/[^ ]*' | while read -r library; do
		[ -e "$root$library" ] || install -D "$library" "$root$library"
	done
}

# make_root INIT: with busybox.
make_root()
{
	mkdir -p "$root"/{bin,dev,proc,sys,tmp,t}
	install "$(command -v busybox)" "$root/bin/busybox"
	ln -s busybox "$root/bin/sh"
	install "$1" "$root/init"
}

pack_root()
{
	(cd "$root" && find . | cpio --quiet -o -H newc | gzip -1) > "$work/initramfs"
}

# start KERNEL CPUS
start()
{
	: > "$out/serial.log"
	: > "$out/output.log"
	qemu-system-x86_64 -accel "${GPROBE_QEMU_ACCEL:-tcg}" -cpu max -smp "$2" -m 1G \
		-display none -nodefaults -no-reboot -kernel "$1" \
		-initrd "$work/initramfs" -append 'console=ttyS0 panic=-1 oops=panic' \
		-serial "file:$out/serial.log" -serial "file:$out/output.log" \
		< /dev/null > "$out/qemu.log" 2>&1 &
	emulator=$!
}

# wait_for_end SECONDS: until qemu ends or its time is up.
wait_for_end()
{
	local deadline=$((SECONDS + $1))

	while kill -0 "$emulator" 2>/dev/null; do
		if [ $SECONDS -ge $deadline ]; then
			echo "not ok - the tests end within $1 s"
			kill "$emulator"
		fi
		sleep 0.2
	done
}
