#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# guest.sh - look through views while everything happens to their maps.
# GOMAP_VIEW_READS says how often in all.
: "${GOMAP_TEST_TIMEOUT:=900}"
export GOMAP_TEST_TIMEOUT

exec run-programs.sh "$(dirname "$0")/view_readers"
