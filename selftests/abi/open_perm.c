// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps with names: opening, who may open, what a descriptor may then do,
 * DESTROY, and what LIST shows to whom.
 *
 * "As somebody else" is a change of the effective ids: that drops root's
 * capabilities, too, and can be taken back.
 */
#include <fcntl.h>
#include <grp.h>

#include "harness.h"
#include "common.h"

enum { ROOT = 0, OWNER = 1001, MEMBER = 1002, STRANGER = 1003, GROUP = 2001,
       NO_GROUP = 2002 };

/* Become @uid of @gid, in no other group.  True: it worked. */
static bool become(uid_t uid, gid_t gid)
{
	if (seteuid(ROOT) || setegid(gid) || setgroups(0, NULL))
		return false;
	return seteuid(uid) == 0;
}

FIXTURE(named) {
	int control;
	int map;
	int fds;
	char name[GOMAP_NAME_LEN];
};

FIXTURE_SETUP(named)
{
	GM_NEED_CONTROL(self->control);
	strcpy(self->name, gm_unique_name("named"));
	self->map = gm_create_named(self->control, GM_U64_MAP, self->name,
				    0600);
	ASSERT_LE(0, self->map);
	ASSERT_EQ(0, gm_fill(self->map, 1, 5));
	self->fds = gm_open_fds();
}

FIXTURE_TEARDOWN(named)
{
	gm_destroy(self->map);
	close(self->map);
	close(self->control);
}

TEST_F(named, open_is_the_same_map)
{
	struct gomap_ioc_info one, two;
	int map = gm_open(self->control, self->name, GOMAP_OPEN_FLAGS);

	ASSERT_LE(0, map);
	EXPECT_EQ(FD_CLOEXEC, fcntl(map, F_GETFD));
	EXPECT_EQ(0, gm_put(map, 77, 78));
	EXPECT_EQ(6, gm_len(self->map));
	ASSERT_EQ(0, gm_info(self->map, 0, &one));
	ASSERT_EQ(0, gm_info(map, 0, &two));
	EXPECT_EQ(one.id, two.id);
	EXPECT_STREQ(self->name, two.name);
	close(map);
	EXPECT_EQ(6, gm_len(self->map));
}

TEST_F(named, open_what_is_not_there)
{
	EXPECT_EQ(-ENOENT, gm_open(self->control, "no.such.map",
				   GOMAP_OPEN_READ));
	EXPECT_EQ(self->fds, gm_open_fds());
}

TEST_F(named, open_names_that_cannot_be)
{
	static const char * const names[] = {
		"", ".", "-x", "a/b", "a b", "\xff",
		"0123456789012345678901234567890123",	/* no NUL in it */
	};
	struct gomap_ioc_open arg = { .size = sizeof(arg), .flags = 1 };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		EXPECT_EQ(-EINVAL, gm_open(self->control, names[i],
					   GOMAP_OPEN_READ)) {
			TH_LOG("name \"%s\"", names[i]);
		}
	}
	strcpy(arg.name, self->name);
	arg.name[GOMAP_NAME_LEN - 1] = 'x';
	EXPECT_EQ(-EINVAL, gm_ioctl(self->control, GOMAP_IOC_OPEN, &arg));
	EXPECT_EQ(self->fds, gm_open_fds());
}

TEST_F(named, open_for_nothing)
{
	EXPECT_EQ(-EINVAL, gm_open(self->control, self->name, 0));
	EXPECT_EQ(self->fds, gm_open_fds());
}

TEST_F(named, name_is_not_a_prefix)
{
	char longer[GOMAP_NAME_LEN + 4], shorter[GOMAP_NAME_LEN];

	snprintf(longer, sizeof(longer), "%s0", self->name);
	strcpy(shorter, self->name);
	shorter[strlen(shorter) - 1] = 0;
	EXPECT_EQ(-ENOENT, gm_open(self->control, longer, GOMAP_OPEN_READ));
	EXPECT_EQ(-ENOENT, gm_open(self->control, shorter, GOMAP_OPEN_READ));
}

TEST_F(named, survives_without_a_descriptor)
{
	close(self->map);
	self->map = gm_open(self->control, self->name, GOMAP_OPEN_FLAGS);
	ASSERT_LE(0, self->map);
	EXPECT_EQ(5, gm_len(self->map));
	EXPECT_EQ(0, gm_count_wrong(self->map, 1, 5));
}

TEST_F(named, destroy_takes_the_name_only)
{
	EXPECT_EQ(0, gm_destroy(self->map));
	EXPECT_EQ(-ENOENT, gm_open(self->control, self->name,
				   GOMAP_OPEN_READ));
	EXPECT_EQ(0, gm_count_wrong(self->map, 1, 5));
	EXPECT_EQ(0, gm_put(self->map, 99, 99));
	EXPECT_EQ(6, gm_len(self->map));
}

TEST_F(named, destroy_twice)
{
	EXPECT_EQ(0, gm_destroy(self->map));
	EXPECT_EQ(-ENOENT, gm_destroy(self->map));
}

TEST_F(named, destroy_of_the_old_spares_the_new)
{
	int second;

	EXPECT_EQ(0, gm_destroy(self->map));
	second = gm_create_named(self->control, GM_U64_MAP, self->name, 0600);
	ASSERT_LE(0, second);
	EXPECT_EQ(-ENOENT, gm_destroy(self->map));
	EXPECT_EQ(0, close(gm_open(self->control, self->name,
				   GOMAP_OPEN_READ)));
	EXPECT_EQ(0, gm_destroy(second));
	close(second);
}

TEST_F(named, destroy_without_a_name)
{
	int map = gm_create(self->control, GM_U64_MAP);

	ASSERT_LE(0, map);
	EXPECT_EQ(-ENOENT, gm_destroy(map));
	close(map);
}

/* One variant: one way to open, and what each command then says. */
FIXTURE(rights) {
	int control;
	int map;
	int limited;
};

FIXTURE_VARIANT(rights) {
	__u32 flags;
	int read_error;
	int write_error;
};

FIXTURE_VARIANT_ADD(rights, read) {
	.flags = GOMAP_OPEN_READ,
	.write_error = -EBADF,
};

FIXTURE_VARIANT_ADD(rights, write) {
	.flags = GOMAP_OPEN_WRITE,
	.read_error = -EBADF,
};

FIXTURE_VARIANT_ADD(rights, both) {
	.flags = GOMAP_OPEN_FLAGS,
};

FIXTURE_SETUP(rights)
{
	struct gm_shape shape = { 8, 8, GOMAP_MAP_NO_SHRINK, 0 };
	const char *name = gm_unique_name("rights");

	GM_NEED_CONTROL(self->control);
	self->map = gm_create_named(self->control, shape, name, 0600);
	ASSERT_LE(0, self->map);
	ASSERT_EQ(0, gm_fill(self->map, 1, 5));
	self->limited = gm_open(self->control, name, variant->flags);
	ASSERT_LE(0, self->limited);
}

FIXTURE_TEARDOWN(rights)
{
	gm_destroy(self->map);
	close(self->limited);
	close(self->map);
	close(self->control);
}

TEST_F(rights, info)
{
	struct gomap_ioc_info info;

	EXPECT_EQ(variant->read_error, gm_info(self->limited, 0, &info));
}

TEST_F(rights, lookup)
{
	__u64 key = 1, value = 0;
	int len = gm_lookup(self->limited, &key, 8, &value, 8);

	EXPECT_EQ(variant->read_error ?: 8, len);
	EXPECT_EQ(variant->read_error ? 0 : 1, value);
}

TEST_F(rights, iter)
{
	struct gomap_ioc_iter iter = { 0 };

	EXPECT_EQ(variant->read_error,
		  gm_iter(self->limited, &iter, 0, NULL, 0, 0));
	EXPECT_EQ(variant->read_error ? 0 : 5, iter.count);
}

TEST_F(rights, insert)
{
	__u64 key = 50;

	EXPECT_EQ(variant->write_error,
		  gm_insert(self->limited, &key, 8, &key, 8));
	EXPECT_EQ(variant->write_error ? 5 : 6, gm_len(self->map));
}

TEST_F(rights, replace)
{
	__u64 key = 1, value = 50, seen = 0;

	EXPECT_EQ(variant->write_error,
		  gm_replace(self->limited, &key, 8, &value, 8));
	EXPECT_EQ(8, gm_get(self->map, 1, &seen));
	EXPECT_EQ(variant->write_error ? 1 : 50, seen);
}

TEST_F(rights, store)
{
	__u64 seen = 0;

	EXPECT_EQ(variant->write_error ?: 1, gm_put(self->limited, 1, 50));
	EXPECT_EQ(8, gm_get(self->map, 1, &seen));
	EXPECT_EQ(variant->write_error ? 1 : 50, seen);
}

TEST_F(rights, delete)
{
	EXPECT_EQ(variant->write_error ?: 1, gm_del(self->limited, 1));
	EXPECT_EQ(variant->write_error ? 5 : 4, gm_len(self->map));
}

TEST_F(rights, clear)
{
	EXPECT_EQ(variant->write_error, gm_clear(self->limited));
	EXPECT_EQ(variant->write_error ? 5 : 0, gm_len(self->map));
}

TEST_F(rights, compact)
{
	struct gomap_ioc_info info;

	for (__u64 key = 6; key < 300; key++)
		ASSERT_EQ(0, gm_put(self->map, key, key));
	for (__u64 key = 6; key < 300; key++)
		ASSERT_EQ(1, gm_del(self->map, key));
	EXPECT_EQ(variant->write_error, gm_compact(self->limited));
	ASSERT_EQ(0, gm_info(self->map, 0, &info));
	EXPECT_EQ(variant->write_error ? 6 : 0, info.b);
	EXPECT_EQ(0, gm_count_wrong(self->map, 1, 5));
}

TEST_F(rights, rekey)
{
	struct gomap_ioc_info info;

	EXPECT_EQ(variant->write_error, gm_rekey(self->limited));
	ASSERT_EQ(0, gm_info(self->map, 0, &info));
	EXPECT_EQ(variant->write_error ? 1 : 2, info.seed_generation);
	EXPECT_EQ(0, gm_count_wrong(self->map, 1, 5));
}

TEST_F(rights, destroy)
{
	EXPECT_EQ(variant->write_error, gm_destroy(self->limited));
	EXPECT_EQ(variant->write_error ? 0 : -ENOENT, gm_destroy(self->map));
}

TEST_F(rights, batch_by_operation)
{
	__u64 key = 1, new = 60, value = 0;
	struct gomap_ioc_batch batch;
	struct gomap_batch_op ops[] = {
		gm_batch_op(GOMAP_OP_LOOKUP, &key, 8, &value, 8),
		gm_batch_op(GOMAP_OP_STORE, &new, 8, &new, 8),
		gm_batch_op(GOMAP_OP_DELETE, &key, 8, NULL, 0),
	};

	EXPECT_EQ(0, gm_batch(self->limited, ops, ARRAY_LEN(ops), &batch));
	EXPECT_EQ(3, batch.done);
	EXPECT_EQ(!!variant->read_error + 2 * !!variant->write_error,
		  batch.failed);
	EXPECT_EQ(variant->read_error, ops[0].status);
	EXPECT_EQ(variant->write_error, ops[1].status);
	EXPECT_EQ(variant->write_error, ops[2].status);
	EXPECT_EQ(5, gm_len(self->map));
}

/* A descriptor keeps its rights wherever it goes. */
TEST_F(rights, reopened_through_proc)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", self->limited);
	EXPECT_EQ(-1, open(path, O_RDWR));
}

/* One variant: one mode, and what owner, member and stranger may do with it. */
FIXTURE(mode) {
	int control;
	int map;
	char name[GOMAP_NAME_LEN];
};

FIXTURE_VARIANT(mode) {
	__u32 mode;
	__u32 owner;
	__u32 member;
	__u32 stranger;
};

FIXTURE_VARIANT_ADD(mode, 0000) { 0000, 0, 0, 0 };
FIXTURE_VARIANT_ADD(mode, 0600) { 0600, GOMAP_OPEN_FLAGS, 0, 0 };
FIXTURE_VARIANT_ADD(mode, 0400) { 0400, GOMAP_OPEN_READ, 0, 0 };
FIXTURE_VARIANT_ADD(mode, 0200) { 0200, GOMAP_OPEN_WRITE, 0, 0 };
FIXTURE_VARIANT_ADD(mode, 0640) { 0640, GOMAP_OPEN_FLAGS, GOMAP_OPEN_READ, 0 };
FIXTURE_VARIANT_ADD(mode, 0664) { 0664, GOMAP_OPEN_FLAGS, GOMAP_OPEN_FLAGS,
				  GOMAP_OPEN_READ };
FIXTURE_VARIANT_ADD(mode, 0666) { 0666, GOMAP_OPEN_FLAGS, GOMAP_OPEN_FLAGS,
				  GOMAP_OPEN_FLAGS };
/* The first class that applies decides, even where a later one gives more. */
FIXTURE_VARIANT_ADD(mode, 0066) { 0066, 0, GOMAP_OPEN_FLAGS,
				  GOMAP_OPEN_FLAGS };
FIXTURE_VARIANT_ADD(mode, 0606) { 0606, GOMAP_OPEN_FLAGS, 0,
				  GOMAP_OPEN_FLAGS };
FIXTURE_VARIANT_ADD(mode, 0022) { 0022, 0, GOMAP_OPEN_WRITE,
				  GOMAP_OPEN_WRITE };

FIXTURE_SETUP(mode)
{
	GM_NEED_CONTROL(self->control);
	if (geteuid() != ROOT)
		SKIP(return, "only root can try what others may do");
	strcpy(self->name, gm_unique_name("mode"));
	ASSERT_TRUE(become(OWNER, GROUP));
	self->map = gm_create_named(self->control, GM_U64_MAP, self->name,
				    variant->mode);
	ASSERT_TRUE(become(ROOT, ROOT));
	ASSERT_LE(0, self->map);
}

FIXTURE_TEARDOWN(mode)
{
	become(ROOT, ROOT);
	gm_destroy(self->map);
	close(self->map);
	close(self->control);
}

static void expect_may(struct __test_metadata *_metadata,
		       FIXTURE_DATA(mode) *self, __u32 allowed)
{
	for (__u32 flags = 1; flags <= GOMAP_OPEN_FLAGS; flags++) {
		int fd = gm_open(self->control, self->name, flags);

		if (flags & ~allowed) {
			EXPECT_EQ(-EACCES, fd);
		} else {
			EXPECT_LE(0, fd);
			close(fd);
		}
	}
}

/* Is this name in the list?  Its permission bits and owner come along. */
static bool is_listed(int control, const char *name,
		      struct gomap_ioc_list *list)
{
	memset(list, 0, sizeof(*list));
	list->size = sizeof(*list);
	while (gm_ioctl(control, GOMAP_IOC_LIST, list) == 0) {
		if (!strcmp(list->name, name))
			return true;
	}
	return false;
}

static void expect_listed(struct __test_metadata *_metadata,
			  FIXTURE_DATA(mode) *self, __u32 allowed)
{
	struct gomap_ioc_list list;

	EXPECT_EQ(!!(allowed & GOMAP_OPEN_READ),
		  is_listed(self->control, self->name, &list));
}

TEST_F(mode, owner)
{
	ASSERT_TRUE(become(OWNER, NO_GROUP));
	expect_may(_metadata, self, variant->owner);
	expect_listed(_metadata, self, variant->owner);
}

TEST_F(mode, member_of_the_group)
{
	ASSERT_TRUE(become(MEMBER, GROUP));
	expect_may(_metadata, self, variant->member);
	expect_listed(_metadata, self, variant->member);
}

TEST_F(mode, member_by_a_supplementary_group)
{
	gid_t groups[] = { 77, GROUP };

	ASSERT_EQ(0, setgroups(ARRAY_LEN(groups), groups));
	ASSERT_EQ(0, setegid(NO_GROUP));
	ASSERT_EQ(0, seteuid(MEMBER));
	expect_may(_metadata, self, variant->member);
}

TEST_F(mode, stranger)
{
	ASSERT_TRUE(become(STRANGER, NO_GROUP));
	expect_may(_metadata, self, variant->stranger);
	expect_listed(_metadata, self, variant->stranger);
}

TEST_F(mode, root)
{
	expect_may(_metadata, self, GOMAP_OPEN_FLAGS);
	expect_listed(_metadata, self, GOMAP_OPEN_FLAGS);
}

TEST_F(mode, list_tells_owner_and_mode)
{
	struct gomap_ioc_list list;

	ASSERT_TRUE(is_listed(self->control, self->name, &list));
	EXPECT_EQ(variant->mode, list.mode);
	EXPECT_EQ(OWNER, list.uid);
	EXPECT_EQ(GROUP, list.gid);
	EXPECT_EQ(8, list.key_size);
	EXPECT_EQ(8, list.value_size);
	EXPECT_EQ(0, list.map_flags);
}

/* A name that one may not open is taken all the same, and says no more. */
TEST_F(mode, name_is_taken_for_all)
{
	ASSERT_TRUE(become(STRANGER, NO_GROUP));
	EXPECT_EQ(-EEXIST, gm_create_named(self->control, GM_U64_MAP,
					   self->name, 0600));
}

/* What a descriptor may do was settled when it was opened. */
TEST_F(mode, descriptor_outlives_the_right)
{
	ASSERT_TRUE(become(STRANGER, NO_GROUP));
	EXPECT_EQ(0, gm_put(self->map, 1, 2));
	EXPECT_EQ(1, gm_len(self->map));
}

TEST(list_goes_by_id)
{
	enum { MAPS = 5 };
	struct gomap_ioc_list list = { .size = sizeof(list) };
	char names[MAPS][GOMAP_NAME_LEN];
	int maps[MAPS], control, seen = 0;
	__u64 last = 0;

	GM_NEED_CONTROL(control);
	for (int i = 0; i < MAPS; i++) {
		snprintf(names[i], sizeof(names[i]), "list%d.%d", i, getpid());
		maps[i] = gm_create_named(control, GM_U64_MAP, names[i], 0600);
		ASSERT_LE(0, maps[i]);
		EXPECT_EQ(0, gm_fill(maps[i], 0, i));
	}
	while (gm_ioctl(control, GOMAP_IOC_LIST, &list) == 0) {
		EXPECT_LT(last, list.id);
		last = list.id;
		if (seen < MAPS && !strcmp(list.name, names[seen])) {
			EXPECT_EQ(seen, list.len);
			seen++;
		}
	}
	EXPECT_EQ(-ENOENT, gm_ioctl(control, GOMAP_IOC_LIST, &list));
	EXPECT_EQ(MAPS, seen);
	for (int i = 0; i < MAPS; i++) {
		gm_destroy(maps[i]);
		EXPECT_FALSE(is_listed(control, names[i], &list));
	}
}

TEST(list_from_the_largest_id)
{
	struct gomap_ioc_list list = { .size = sizeof(list), .id = ~0ULL };
	int control;

	GM_NEED_CONTROL(control);
	EXPECT_EQ(-ENOENT, gm_ioctl(control, GOMAP_IOC_LIST, &list));
	EXPECT_EQ(~0ULL, list.id);
}

TEST(list_leaves_out_maps_without_a_name)
{
	struct gomap_ioc_list list = { .size = sizeof(list) };
	struct gomap_ioc_info info;
	int control, map;

	GM_NEED_CONTROL(control);
	map = gm_create(control, GM_U64_MAP);
	ASSERT_LE(0, map);
	ASSERT_EQ(0, gm_info(map, 0, &info));
	while (gm_ioctl(control, GOMAP_IOC_LIST, &list) == 0)
		EXPECT_NE(info.id, list.id);
}

TEST_HARNESS_MAIN
