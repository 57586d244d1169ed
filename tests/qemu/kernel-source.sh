# SPDX-License-Identifier: GPL-2.0
# Debian's source of the kernel, and what of it is wanted. Sourced by bash, after
# env.sh.
# shellcheck shell=bash

# Prints the version that the archive has.
kernel_source_version()
{
	local version

	version=$(apt-cache policy linux-source-6.1 | sed -n 's/^ *Candidate: //p')
	[ -n "$version" ] || die "apt knows no linux-source-6.1: apt-get update first"
	echo "$version"
}

# kernel_source FOLDER PATH...: fetches it, and unpacks these, or all, into
# FOLDER/linux-source-6.1.
kernel_source()
{
	local folder=$1
	shift

	(cd "$folder" && apt-get -qq -o APT::Sandbox::User=root download linux-source-6.1) &&
		dpkg-deb --fsys-tarfile "$folder"/linux-source-6.1_*.deb |
		tar -xO ./usr/src/linux-source-6.1.tar.xz |
		tar -xJ -C "$folder" "${@/#/linux-source-6.1/}" &&
		rm "$folder"/linux-source-6.1_*.deb
}

fetch_scripts()
{
	local work=$CACHE/kernel-scripts.new

	rm -rf "$work" && mkdir -p "$work" &&
		kernel_source "$work" scripts/{checkpatch.pl,spelling.txt} \
			scripts/{const_structs.checkpatch,coccinelle} &&
		mv "$work/linux-source-6.1/scripts" "$1" && rm -r "$work"
}

# Prints the folder with checkpatch and coccinelle's rules, which no other package
# has. They are fetched once.
kernel_scripts()
{
	local folder version

	version=$(kernel_source_version) || return
	folder=$CACHE/kernel-scripts-$version
	[ -d "$folder" ] || step "fetch scripts of linux-source-6.1 $version (131 MB)" \
		fetch_scripts "$folder" >&2
	echo "$folder"
}
