# SPDX-License-Identifier: GPL-2.0
# The kernels for check. Sourced by bash, after tests/lab/env.sh.
# shellcheck shell=bash

# Debian's kernel of the installed headers, from its archive into the cache.
debian_kernel()
{
	local kver folder

	kver=$(kernel_version)
	folder=$CACHE/kernel-$kver
	[ -e "$folder/vmlinuz" ] || step "fetch linux-image-$kver" fetch_kernel "$kver" "$folder" >&2
	printf '%s\n' "$folder/vmlinuz"
}

fetch_kernel()
{
	local kver=$1 folder=$2 work

	work=$(mktemp -d)
	(cd "$work" && apt-get -qq -o APT::Sandbox::User=root download "linux-image-$kver") &&
		mkdir -p "$folder" &&
		dpkg-deb --fsys-tarfile "$work"/linux-image-*.deb |
		tar -xO "./boot/vmlinuz-$kver" > "$folder/vmlinuz.new" &&
		mv "$folder/vmlinuz.new" "$folder/vmlinuz"
	rm -rf "$work"
}
