/* SPDX-License-Identifier: GPL-2.0-only */
/* A program's tracepoints have no bodies to be made here. */
