# SPDX-License-Identifier: GPL-2.0
# A minimal system of this machine's Debian release, to be used up. Sourced by bash
# after tap.sh; $top is the tree, $build a folder for all of it. It needs root. The
# system is made once for all who want one, in $base, and copied to $root.
# shellcheck shell=bash

mkdir -p "$build" || exit
base=$(dirname "$build")/clean-system
root=$build/root
release=$(. /etc/os-release && echo "$VERSION_CODENAME")

# own_mounts ARGUMENT...: starts the script once more, with these, where what it mounts is
# gone when it ends, though it was killed. A chroot's root is no mount that could be made
# private; whoever made the chroot has seen to that.
own_mounts()
{
	local propagation=private

	[ -z "${OWN_MOUNTS-}" ] || { unset OWN_MOUNTS; return; }
	unshare --mount true 2> /dev/null || propagation=unchanged
	OWN_MOUNTS=y exec unshare --mount --propagation "$propagation" "$0" "$@"
}

leave()
{
	local folder

	for folder in proc sys dev; do
		! mountpoint -q "$root/$folder" || umount -R -l "$root/$folder" || return
	done
	rm -rf --one-file-system "$root"
}

# copy_tree FOLDER: the tree as others get it.
copy_tree()
{
	mkdir -p "$1" &&
		tar -C "$top" --exclude=./build --exclude=./.git -c . | tar -C "$1" --no-same-owner -x
}

# What of this machine's apt is Debian: lines for a sources.list.
sources()
{
	apt-get indextargets --format '$(LABEL) deb $(SITE) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' | sed -n 's/^Debian[^ ]* //p'
}

make_base()
{
	[ -e "$base/complete" ] && return
	rm -rf "$base"
	debootstrap --variant=minbase "$release" "$base" \
		"$(sources | awk -v release="$release" '$3 == release { print $2; exit }')" &&
		touch "$base/complete"
}

make_root()
{
	leave
	cp -a "$base" "$root" && mount -t proc proc "$root/proc" || return
	sources > "$root/etc/apt/sources.list"
	in_root apt-get -q update && in_root apt-get -q -y upgrade
}

in_root()
{
	DEBIAN_FRONTEND=noninteractive LC_ALL=C chroot "$root" "$@"
}
