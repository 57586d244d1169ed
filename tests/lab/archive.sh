# SPDX-License-Identifier: GPL-2.0
# Debian's archive, and its releases that are not this machine's. Sourced by bash,
# after env.sh.
# shellcheck shell=bash

# The archive this machine's apt uses for its own Debian release.
archive_site()
{
	apt-get indextargets --format '$(SITE) $(LABEL)' 'Created-By: Packages' |
		awk '$2 == "Debian" { print $1; exit }'
}

# Sets APT, the options with which apt knows the release RELEASE and nothing
# else. Its lists are fetched when there are none, or old ones.
know_release()
{
	local folder=$CACHE/apt-$1 site

	APT=(-o "Dir::Etc::sourcelist=$folder/sources" -o Dir::Etc::sourceparts=/dev/null
	     -o "Dir::State::lists=$folder/lists" -o "Dir::State::status=$folder/status"
	     -o "Dir::Cache=$folder" -o Acquire::Languages=none
	     -o APT::Sandbox::User=root -o Debug::NoLocking=1)
	if [ -n "$(find "$folder/updated" -mtime -7 2>/dev/null)" ]; then
		return
	fi
	site=$(archive_site)
	[ -n "$site" ] || die "apt knows no Debian archive: apt-get update first"
	mkdir -p "$folder/lists/partial"
	: > "$folder/status"
	printf 'deb [signed-by=%s] %s %s main\n' \
		/usr/share/keyrings/debian-archive-keyring.gpg "$site" "$1" > "$folder/sources"
	step "fetch the list of packages of $1" apt-get "${APT[@]}" -qq update >&2
	touch "$folder/updated"
}
