#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# check-layers.sh [TREE] - includes point downwards only, see ARCHITECTURE.md.
# Prints each include that does not and exits with 1 if there is one.
set -euo pipefail
cd "${1:-$(dirname "$0")/..}"

# Folder, what it may include of ours, kernel headers that it must not include.
# The first row whose pattern matches a file's path is its rule.
rules=(
	'module/arena/*'
		'module/(arena/.*|compat)\.h|include/linux/gomap_memory\.h|include/uapi/linux/gomap_view\.h'
		'linux/(fs|uaccess|cdev|miscdevice|printk)\.h'
	'module/core/view.c'
		'module/core/.*\.h|include/uapi/linux/gomap\.h'
		'linux/(fs|uaccess|cdev|miscdevice|printk)\.h'
	'module/core/*'
		'module/(core/.*|arena/.*|compat|init)\.h|include/linux/gomap\.h|include/uapi/linux/gomap_view\.h'
		'linux/(fs|uaccess|cdev|miscdevice|printk)\.h'
	'module/dev/*'
		'module/(dev/.*|compat|init)\.h|include/(uapi/)?linux/gomap\.h|include/uapi/linux/gomap_view\.h'
		'-'
	'module/compat.h'
		'-'
		'-'
	'module/*'
		'module/init\.h'
		'-'
	'include/*'
		'include/linux/gomap_(iter|memory)\.h'
		'linux/(fs|uaccess|cdev|miscdevice)\.h'
	'selftests/kmod/*'
		'selftests/kmod/.*\.h|include/linux/gomap\.h'
		'-'
	'selftests/torture/*'
		'selftests/torture/.*\.h|include/linux/gomap\.h'
		'-'
	'selftests/lin/*'
		'selftests/(lin|abi)/.*\.h|include/(uapi/)?linux/gomap\.h'
		'-'
	'selftests/faults/*'
		'selftests/(faults|abi)/.*\.h|include/uapi/linux/gomap\.h'
		'-'
	'selftests/abi/*'
		'selftests/abi/.*\.h|include/uapi/linux/gomap(_view)?\.h'
		'-'
	'userspace/*'
		'userspace/.*\.h|include/uapi/linux/gomap(_view)?\.h|module/core/(hash|tophash|slots)\.h'
		'-'
)

# included_as FILE NAME - the path of what FILE means by its #include of NAME.
included_as()
{
	case $2 in
	'<uapi/linux/gomap.h>')
		echo include/uapi/linux/gomap.h ;;
	'<linux/gomap.h>')
		case $1 in
		userspace/* | selftests/abi/* | selftests/faults/*) echo include/uapi/linux/gomap.h ;;
		*) echo include/linux/gomap.h ;;
		esac ;;
	'<linux/gomap_memory.h>' | '<linux/gomap_iter.h>')
		echo "include/${2:1:-1}" ;;
	'<uapi/linux/gomap_view.h>' | '<linux/gomap_view.h>')
		echo include/uapi/linux/gomap_view.h ;;
	'<gomap/'*)
		realpath -m --relative-to=. "userspace/libgomap/${2:1:-1}" ;;
	\<*)
		echo "${2:1:-1}" ;;
	*)
		realpath -m --relative-to=. "$(dirname "$1")/${2:1:-1}" ;;
	esac
}

# rule_of FILE - set $may and $must_not.
rule_of()
{
	local i

	for ((i = 0; i < ${#rules[@]}; i += 3)); do
		# shellcheck disable=SC2053  # the rule is a pattern
		[[ $1 == ${rules[i]} ]] || continue
		may=${rules[i + 1]} must_not=${rules[i + 2]}
		return 0
	done
	return 1
}

wrong=0
while IFS=: read -r file line text; do
	rule_of "$file" || continue
	name=$(sed -E 's/^[^<"]*([<"][^>"]*[>"]).*$/\1/' <<<"$text")
	target=$(included_as "$file" "$name")
	if [ -e "$target" ]; then
		[[ $target =~ ^($may)$ ]] && continue
	else
		[[ $target =~ ^($must_not)$ ]] || continue
	fi
	echo "$file:$line: ${file%/*} must not include $target"
	wrong=1
done < <(grep -rnE --include='*.[ch]' '^[[:space:]]*#[[:space:]]*include' \
		module include selftests/{abi,faults,kmod,lin,torture} userspace)
exit "$wrong"
