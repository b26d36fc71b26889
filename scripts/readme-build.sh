#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# readme-build.sh WHAT DEST - build an example of README.md into the folder DEST:
# kernel (readme_example.ko), user (readme_example) or shell (readme_example.sh).
# gomap itself has to be built.  The code is taken from README.md as it stands
# there; the kernel's gets the frame that every module has around it.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

[ $# -eq 2 ] || die "usage: readme-build.sh kernel|user|shell DEST"
KDIR=${KDIR:-$("$top/scripts/kernel-dir.sh")}
mkdir -p "$2"
dest=$(cd "$2" && pwd)

# block LANGUAGE N - the N-th block of code in that language.
block()
{
	awk -v language="$1" -v wanted="$2" '
		/^```/ { inside = $0 == "```" language && ++seen == wanted; next }
		inside' "$top/README.md" | grep . ||
		die "README.md has no block $2 of $1"
}

build_kernel()
{
	{
		echo '#include <linux/module.h>'
		echo '#include <linux/gomap.h>'
		block c 1
		echo 'static int __init readme_init(void) { return example(); }'
		echo 'static void __exit readme_exit(void) { }'
		echo 'module_init(readme_init);'
		echo 'module_exit(readme_exit);'
		echo 'MODULE_DESCRIPTION("the example of the README");'
		echo 'MODULE_LICENSE("GPL");'
	} >"$dest/readme_example.c"
	{
		echo 'obj-m := readme_example.o'
		echo "ccflags-y := -I$top/include -Werror"
	} >"$dest/Kbuild"
	env -u MAKEFLAGS make -C "$KDIR" M="$dest" W=1 \
		KBUILD_EXTRA_SYMBOLS="$top/Module.symvers" modules
}

build_user()
{
	block c 2 >"$dest/example.c"
	gcc -Wall -Wextra -Werror -I"$top/include/uapi" -I"$top/userspace/libgomap" \
		"$dest/example.c" "$top/userspace/build/libgomap.a" \
		-o "$dest/readme_example"
}

build_shell()
{
	{
		echo '#!/bin/sh -e'
		block sh 1
	} >"$dest/readme_example.sh"
	chmod +x "$dest/readme_example.sh"
}

"build_$1"
