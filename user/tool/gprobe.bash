# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Completion of gprobe in bash: the command itself is asked.

_gprobe()
{
	local words=() replies=() line=${COMP_LINE:0:COMP_POINT}
	local breaks=${COMP_WORDBREAKS//[!=:]} word gap i cur path

	# Put together what COMP_WORDBREAKS has taken apart, as --name=value.
	for ((i = 0; i <= COMP_CWORD; i++)); do
		gap=${line%%[![:space:]]*}
		line=${line#"$gap"}
		word=${COMP_WORDS[i]}
		# Only up to the cursor.
		[[ $i = "$COMP_CWORD" ]] && word=$line
		if [[ $i = 0 || $gap ]]; then
			words+=("$word")
		else
			words[-1]+=$word
		fi
		line=${line#"$word"}
	done
	words=("${words[@]/#\~\//$HOME/}")
	cur=${words[-1]}

	mapfile -t replies < <("${words[0]}" complete -- "${words[@]:1}" 2>/dev/null)
	case ${replies[0]-} in
	:files)
		compopt -o filenames 2>/dev/null
		path=${cur#--*=}
		mapfile -t replies < <(compgen -f -- "$path")
		replies=("${replies[@]/#/"${cur%"$path"}"}")
		;;
	:programs)
		mapfile -t replies < <(compgen -c -- "$cur")
		;;
	?*)
		mapfile -t replies < <(printf '%q\n' "${replies[@]}")
		replies=("${replies[@]//\\,/,}")
		# A number is to follow.
		[[ ${replies[0]} = *= ]] && compopt -o nospace 2>/dev/null
		;;
	esac
	# bash puts them behind the last of the characters it breaks words at.
	[[ $breaks && $cur = *["$breaks"]* ]] &&
		replies=("${replies[@]#"${cur%"${cur##*["$breaks"]}"}"}")
	COMPREPLY=("${replies[@]}")
}

complete -F _gprobe gprobe
