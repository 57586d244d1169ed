# SPDX-License-Identifier: GPL-2.0
# The kernels for the checks here and in ../verifier. Sourced by bash, after env.sh and
# archive.sh of ../lab and kernel-source.sh, as far as they are wanted.
# shellcheck shell=bash

# Debian's kernel of the installed headers, from its archive into the cache.
debian_kernel()
{
	local APT=()

	cached_kernel "$(kernel_version)"
}

# kernel_of RELEASE: the kernel that a release of Debian has now.
kernel_of()
{
	local APT kver

	know_release "$1"
	kver=$(apt-cache "${APT[@]}" depends linux-image-amd64 |
		sed -n 's/.*Depends: linux-image-//p')
	[ -n "$kver" ] || die "apt knows no kernel of $1"
	cached_kernel "$kver"
}

# Prints the file. APT: apt's options.
cached_kernel()
{
	local kver=$1 folder=$CACHE/kernel-$1

	[ -e "$folder/vmlinuz" ] || step "fetch linux-image-$kver" fetch_kernel "$kver" "$folder" >&2
	printf '%s\n' "$folder/vmlinuz"
}

fetch_kernel()
{
	local kver=$1 folder=$2 work

	work=$(mktemp -d)
	(cd "$work" && apt-get ${APT[@]+"${APT[@]}"} -qq -o APT::Sandbox::User=root \
		download "linux-image-$kver") &&
		mkdir -p "$folder" &&
		dpkg-deb --fsys-tarfile "$work"/linux-image-*.deb |
		tar -xO "./boot/vmlinuz-$kver" > "$folder/vmlinuz.new" &&
		mv "$folder/vmlinuz.new" "$folder/vmlinuz"
	rm -rf "$work"
}

# The kernel that watches the module, built once for each configuration and
# source, into the cache: bzImage, and in build what a module is built against.
# Sets DEBUG_KERNEL, its folder.
debug_kernel()
{
	local version

	version=$(kernel_source_version)
	DEBUG_KERNEL=$CACHE/debug-kernel-$(printf '%s\n' "$version" |
		cat - "$QEMU/debug.config" | sha256sum | cut -c 1-12)
	[ -e "$DEBUG_KERNEL/bzImage" ] ||
		step "build a debug kernel of linux-source-6.1 $version" build_debug_kernel
}

build_debug_kernel()
{
	rm -rf "$DEBUG_KERNEL"
	mkdir -p "$DEBUG_KERNEL/build" &&
		fetch_source &&
		configure &&
		nice make -s -j "$(nproc)" -C "$DEBUG_KERNEL/source" O="$DEBUG_KERNEL/build" \
			bzImage modules > "$DEBUG_KERNEL/log" 2>&1 &&
		trim &&
		cp "$DEBUG_KERNEL/build/arch/x86/boot/bzImage" "$DEBUG_KERNEL/bzImage"
}

fetch_source()
{
	kernel_source "$DEBUG_KERNEL" &&
		mv "$DEBUG_KERNEL/linux-source-6.1" "$DEBUG_KERNEL/source"
}

# tinyconfig and ours; whatever of ours does not come about is an error.
configure()
{
	local build=$DEBUG_KERNEL/build

	(cd "$DEBUG_KERNEL/source" &&
		make -s O="$build" tinyconfig &&
		scripts/kconfig/merge_config.sh -m -O "$build" "$build/.config" "$QEMU/debug.config" &&
		make -s O="$build" olddefconfig) > "$DEBUG_KERNEL/log" 2>&1 &&
		! grep '^CONFIG_' "$QEMU/debug.config" | grep -vxF -f "$build/.config"
}

# What a module needs no more: four fifths.
trim()
{
	find "$DEBUG_KERNEL/source" -type f \( -name '*.[cS]' -o -name '*.dts*' -o -name '*.rst' \) \
		-not -path '*/scripts/*' -delete &&
		find "$DEBUG_KERNEL/build" -type f \( -name '*.[oa]' -o -name '.*.cmd' -o -name 'vmlinux*' \) \
			-not -path '*/scripts/*' -delete
}
