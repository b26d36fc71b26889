// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module is loaded with each allocation of its init function failing in turn:
 * either it is not there then, and nothing of it is, or it is and works.
 *
 * What the kernel allocates before it calls that function is none of gomap's
 * business, and not all of it fails in silence.  So this goes from the last
 * allocation of a load backwards, until the function is not called any more.
 */
#include "harness.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "common.h"
#include "inject.h"

/* More than any load has opportunities for. */
#define FAULTS_MAX	100000

#define TRACING		"/sys/kernel/debug/tracing/"

static int open_module(void)
{
	static const char *const folders[] = { "updates", "updates/dkms",
					       "extra" };
	struct utsname kernel;
	char path[512];
	int fd = -1;

	uname(&kernel);
	for (size_t i = 0; fd < 0 && i < ARRAY_LEN(folders); i++) {
		snprintf(path, sizeof(path), "/lib/modules/%s/%s/gomap.ko",
			 kernel.release, folders[i]);
		fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	return fd;
}

static int load(int fd)
{
	return syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
}

static int unload(void)
{
	return syscall(SYS_delete_module, "gomap", O_NONBLOCK) ? -errno : 0;
}

static bool is_there(void)
{
	return !access("/sys/module/gomap", F_OK) ||
	       !access("/sys/class/misc/gomap", F_OK) ||
	       !access(GM_DEVICE, F_OK);
}

static bool works(void)
{
	int control = gm_control();
	int map = control < 0 ? control : gm_create(control, GM_U64_MAP);
	bool good = map >= 0 && gm_put(map, 1, 2) == 0 && gm_check(map) == 0;

	if (map >= 0)
		close(map);
	if (control >= 0)
		close(control);
	return good;
}

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	bool good = fd >= 0 && write(fd, text, strlen(text)) > 0;

	if (fd >= 0)
		close(fd);
	return good;
}

/* The kernel traces the begin of each init function; that takes little room. */
static bool trace_init(void)
{
	return write_file(TRACING "buffer_size_kb", "64") &&
	       write_file(TRACING "events/initcall/initcall_start/enable",
			  "1") &&
	       write_file(TRACING "trace", "\n");
}

/*
 * Has one been called since this was asked last?  Its name may be gone, together
 * with its module.
 */
static bool init_was_called(void)
{
	FILE *trace = fopen(TRACING "trace", "r");
	bool called = false;
	char line[256];

	while (trace && fgets(line, sizeof(line), trace))
		if (strstr(line, "initcall_start:"))
			called = true;
	if (trace)
		fclose(trace);
	write_file(TRACING "trace", "\n");
	return called;
}

/* What came of one load with its n-th allocation failing. */
static bool taken_well(unsigned int n, int err, enum fault_kind kind)
{
	bool good = err ? err == -ENOMEM : works();

	if (!err && unload())
		good = false;
	if (is_there())
		good = false;
	if (!good)
		printf("# fault %u, %s: the load says %d, gomap is %sthere\n",
		       n, inject_kind_name(kind), err, is_there() ? "" : "not ");
	return good;
}

FIXTURE(load) {
	int module;
};

FIXTURE_SETUP(load)
{
	const char *why_not = inject_open();

	if (why_not)
		SKIP(return, "%s", why_not);
	if (!trace_init())
		SKIP(return, "this kernel does not trace init functions");
	self->module = open_module();
	if (self->module < 0)
		SKIP(return, "gomap.ko is not where it could be loaded from");
	if (is_there() && unload())
		SKIP(return, "gomap is in use by others, or cannot be unloaded");
}

FIXTURE_TEARDOWN(load)
{
	EXPECT_EQ(0, load(self->module));
}

static unsigned int opportunities_of_a_load(int module)
{
	unsigned int nr = 0;

	inject_nth(FAULTS_MAX);
	if (!load(module))
		nr = inject_opportunities(FAULTS_MAX);
	unload();
	init_was_called();
	return nr;
}

TEST_F_TIMEOUT(load, each_allocation_of_init_fails, 500)
{
	unsigned int refused = 0, borne = 0, bad = 0;
	unsigned int n = opportunities_of_a_load(self->module);
	struct fault_counts faults;
	int err;

	ASSERT_LT(0, n);
	for (; n; n--) {
		inject_nth(n);
		err = load(self->module);
		faults = inject_end();
		bad += !taken_well(n, err, inject_kind(&faults));
		if (!init_was_called())
			break;
		refused += err != 0;
		borne += !err && inject_sum(&faults);
	}
	TH_LOG("%u faults: %u loads failed, %u did not", refused + borne,
	       refused, borne);
	EXPECT_EQ(0, bad);
	EXPECT_LT(0, n);
	EXPECT_LT(10, refused);
}

TEST_HARNESS_MAIN
