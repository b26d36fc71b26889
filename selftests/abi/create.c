// SPDX-License-Identifier: GPL-2.0-only
/*
 * GOMAP_IOC_CREATE and GOMAP_IOC_VERSION: which sizes, hints, names, modes and
 * schemas make a map, and which are refused with which errno.
 */
#include <fcntl.h>

#include "harness.h"
#include "common.h"

FIXTURE(create) {
	int control;
	int fds;
	struct gomap_ioc_create arg;
};

FIXTURE_SETUP(create)
{
	GM_NEED_CONTROL(self->control);
	self->fds = gm_open_fds();
	self->arg = (struct gomap_ioc_create){
		.size = sizeof(self->arg),
		.key_size = 8,
		.value_size = 8,
	};
}

FIXTURE_TEARDOWN(create)
{
	EXPECT_EQ(self->fds, gm_open_fds());
	close(self->control);
}

/* Create, check what INFO says of it, and close; 0 or -errno. */
static int try_create(struct __test_metadata *_metadata,
		      FIXTURE_DATA(create) *self)
{
	struct gomap_ioc_create arg = self->arg;
	int err = gm_ioctl(self->control, GOMAP_IOC_CREATE, &arg);
	struct gomap_ioc_info info;

	if (err) {
		EXPECT_EQ(err == -ENOMEM ? GOMAP_REASON_MEMORY :
					   GOMAP_REASON_NONE, arg.reason);
		arg.reason = self->arg.reason;
		EXPECT_EQ(0, memcmp(&arg, &self->arg, sizeof(arg)));
		return err;
	}
	EXPECT_EQ(0, gm_info(arg.fd, 0, &info));
	EXPECT_EQ(self->arg.key_size, info.key_size);
	EXPECT_EQ(self->arg.value_size, info.value_size);
	EXPECT_EQ(self->arg.flags, info.map_flags);
	EXPECT_EQ(0, memcmp(info.name, self->arg.name, sizeof(info.name)));
	EXPECT_EQ(0, memcmp(info.schema, self->arg.schema,
			    sizeof(info.schema)));
	EXPECT_EQ(0, info.len);
	EXPECT_EQ(1, info.seed_generation);
	if (self->arg.name[0])
		EXPECT_EQ(0, gm_destroy(arg.fd));
	EXPECT_EQ(0, close(arg.fd));
	return 0;
}

struct size_case {
	__u32 key_size;
	__u32 value_size;
	__u32 flags;
	int error;
};

static void try_sizes(struct __test_metadata *_metadata,
		      FIXTURE_DATA(create) *self,
		      const struct size_case *cases, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		self->arg.key_size = cases[i].key_size;
		self->arg.value_size = cases[i].value_size;
		self->arg.flags = cases[i].flags;
		EXPECT_EQ(cases[i].error, try_create(_metadata, self)) {
			TH_LOG("key %u, value %u, flags %#x",
			       cases[i].key_size, cases[i].value_size,
			       cases[i].flags);
		}
	}
}

TEST_F(create, key_sizes)
{
	static const struct size_case cases[] = {
		{ 0, 8, 0, -EINVAL },
		{ 1, 8, 0, 0 },
		{ 3, 8, 0, 0 },
		{ 128, 8, 0, 0 },
		{ 129, 8, 0, 0 },
		{ 4095, 8, 0, 0 },
		{ 4096, 8, 0, 0 },
		{ 4097, 8, 0, -EINVAL },
		{ 65536, 8, 0, -EINVAL },
		{ 1U << 31, 8, 0, -EINVAL },
		{ ~0U, 8, 0, -EINVAL },
		{ ~0U - 7, 8, 0, -EINVAL },
	};

	try_sizes(_metadata, self, cases, ARRAY_LEN(cases));
}

TEST_F(create, value_sizes)
{
	static const struct size_case cases[] = {
		{ 8, 0, 0, 0 },
		{ 8, 1, 0, 0 },
		{ 8, 128, 0, 0 },
		{ 8, 129, 0, 0 },
		{ 8, 65535, 0, 0 },
		{ 8, 65536, 0, 0 },
		{ 8, 65537, 0, -EINVAL },
		{ 8, 1U << 31, 0, -EINVAL },
		{ 8, ~0U, 0, -EINVAL },
		{ 4096, 65536, 0, 0 },
		{ 4097, 65537, 0, -EINVAL },
	};

	try_sizes(_metadata, self, cases, ARRAY_LEN(cases));
}

TEST_F(create, variable_sizes)
{
	static const struct size_case cases[] = {
		{ 0, 8, GOMAP_MAP_VAR_KEY, -EINVAL },
		{ 1, 8, GOMAP_MAP_VAR_KEY, 0 },
		{ 4096, 8, GOMAP_MAP_VAR_KEY, 0 },
		{ 4097, 8, GOMAP_MAP_VAR_KEY, -EINVAL },
		{ 8, 0, GOMAP_MAP_VAR_KEY, 0 },
		{ 8, 0, GOMAP_MAP_VAR_VALUE, -EINVAL },
		{ 8, 1, GOMAP_MAP_VAR_VALUE, 0 },
		{ 8, 65536, GOMAP_MAP_VAR_VALUE, 0 },
		{ 8, 65537, GOMAP_MAP_VAR_VALUE, -EINVAL },
		{ 1, 1, GOMAP_MAP_FLAGS, 0 },
		{ 4096, 65536, GOMAP_MAP_FLAGS, 0 },
	};

	try_sizes(_metadata, self, cases, ARRAY_LEN(cases));
}

/* A flag that this kernel does not know is no flag, whoever is beside it. */
TEST_F(create, every_flag_bit)
{
	for (int bit = 0; bit < 32; bit++) {
		bool known = GOMAP_MAP_FLAGS >> bit & 1;

		self->arg.flags = 1U << bit;
		EXPECT_EQ(known ? 0 : -EINVAL, try_create(_metadata, self)) {
			TH_LOG("flag %#x", self->arg.flags);
		}
		self->arg.flags |= GOMAP_MAP_TRUSTED_KEYS;
		EXPECT_EQ(known ? 0 : -EINVAL, try_create(_metadata, self)) {
			TH_LOG("flags %#x", self->arg.flags);
		}
	}
}

TEST_F(create, flags_in_every_combination)
{
	for (__u32 flags = 0; flags <= GOMAP_MAP_FLAGS; flags++) {
		self->arg.flags = flags & GOMAP_MAP_FLAGS;
		EXPECT_EQ(0, try_create(_metadata, self)) {
			TH_LOG("flags %#x", self->arg.flags);
		}
	}
}

TEST_F(create, hints_above_the_limit)
{
	static const __u64 hints[] = {
		GOMAP_MAX_HINT + 1, 1ULL << 32, 1ULL << 63, ~0ULL,
		(1ULL << 32) + 8, ~0ULL - GOMAP_MAX_HINT + 1,
	};

	for (size_t i = 0; i < ARRAY_LEN(hints); i++) {
		self->arg.hint = hints[i];
		EXPECT_EQ(-EINVAL, try_create(_metadata, self)) {
			TH_LOG("hint %llu", (unsigned long long)hints[i]);
		}
	}
}

/* The guest has nowhere near that: refused, and the machine goes on. */
TEST_F(create, hint_beyond_memory)
{
	int map;

	self->arg.hint = GOMAP_MAX_HINT;
	self->arg.key_size = 128;
	self->arg.value_size = 128;
	EXPECT_EQ(-ENOMEM, try_create(_metadata, self));

	map = gm_create(self->control, GM_U64_MAP);
	ASSERT_LE(0, map);
	EXPECT_EQ(0, gm_fill(map, 0, 1000));
	EXPECT_EQ(0, gm_count_wrong(map, 0, 1000));
	close(map);
}

TEST_F(create, hint_beyond_memory_with_tiny_entries)
{
	self->arg.hint = GOMAP_MAX_HINT;
	self->arg.key_size = 1;
	self->arg.value_size = 0;
	EXPECT_EQ(-ENOMEM, try_create(_metadata, self));
}

TEST_F(create, hint_makes_room_at_once)
{
	struct gm_shape shape = GM_U64_MAP;
	struct gomap_ioc_info info;
	int map;

	shape.hint = 1000;
	map = gm_create(self->control, shape);
	ASSERT_LE(0, map);
	ASSERT_EQ(0, gm_info(map, 0, &info));
	EXPECT_EQ(8, info.b);
	EXPECT_EQ(256, info.nr_buckets);
	EXPECT_LE(256 * info.bucket_size, info.bytes_held);
	close(map);
}

struct name_case {
	const char *name;
	int error;
};

TEST_F(create, names)
{
	static const struct name_case cases[] = {
		{ "a", 0 },
		{ "Z9_.-", 0 },
		{ "0", 0 },
		{ "_", 0 },
		{ "a.b", 0 },
		{ "a..b", 0 },
		{ "abcdefghijklmnopqrstuvwxyz_ABCD", 0 },	/* 31 bytes */
		{ ".", -EINVAL },
		{ "..", -EINVAL },
		{ ".hidden", -EINVAL },
		{ "-option", -EINVAL },
		{ "a/b", -EINVAL },
		{ "/", -EINVAL },
		{ "a b", -EINVAL },
		{ "a\n", -EINVAL },
		{ "%s%n", -EINVAL },
		{ "a\x7f", -EINVAL },
		{ "\x01", -EINVAL },
		{ "na\xc3\xafve", -EINVAL },
		{ "a:b", -EINVAL },
		{ "a@b", -EINVAL },
		{ "a,b", -EINVAL },
	};

	self->arg.mode = 0600;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		memset(self->arg.name, 0, sizeof(self->arg.name));
		strcpy(self->arg.name, cases[i].name);
		EXPECT_EQ(cases[i].error, try_create(_metadata, self)) {
			TH_LOG("name \"%s\"", cases[i].name);
		}
	}
}

TEST_F(create, every_byte_in_a_name)
{
	self->arg.mode = 0600;
	for (int byte = 1; byte < 256; byte++) {
		bool fine = (byte >= '0' && byte <= '9') ||
			    (byte >= 'A' && byte <= 'Z') ||
			    (byte >= 'a' && byte <= 'z') ||
			    byte == '_' || byte == '.' || byte == '-';

		strcpy(self->arg.name, "x_");
		self->arg.name[1] = byte;
		EXPECT_EQ(fine ? 0 : -EINVAL, try_create(_metadata, self)) {
			TH_LOG("byte %#x in the name", byte);
		}
	}
}

TEST_F(create, name_without_nul)
{
	self->arg.mode = 0600;
	memset(self->arg.name, 'n', sizeof(self->arg.name));
	EXPECT_EQ(-EINVAL, try_create(_metadata, self));
}

TEST_F(create, bytes_after_the_nul_of_a_name)
{
	self->arg.mode = 0600;
	strcpy(self->arg.name, "name");
	for (size_t i = 5; i < GOMAP_NAME_LEN; i++) {
		self->arg.name[i] = 'x';
		EXPECT_EQ(-EINVAL, try_create(_metadata, self));
		self->arg.name[i] = 0;
	}
	self->arg.name[0] = 0;
	EXPECT_EQ(-EINVAL, try_create(_metadata, self));
}

TEST_F(create, schemas)
{
	strcpy(self->arg.schema, "mac str:64");
	EXPECT_EQ(0, try_create(_metadata, self));

	memset(self->arg.schema, '~', GOMAP_SCHEMA_LEN - 1);
	EXPECT_EQ(0, try_create(_metadata, self));

	self->arg.schema[GOMAP_SCHEMA_LEN - 1] = '~';
	EXPECT_EQ(-EINVAL, try_create(_metadata, self));
}

TEST_F(create, every_byte_in_a_schema)
{
	for (int byte = 1; byte < 256; byte++) {
		self->arg.schema[0] = byte;
		EXPECT_EQ(byte >= ' ' && byte <= '~' ? 0 : -EINVAL,
			  try_create(_metadata, self)) {
			TH_LOG("byte %#x in the schema", byte);
		}
	}
}

TEST_F(create, bytes_after_the_nul_of_a_schema)
{
	strcpy(self->arg.schema, "u64 u64");
	for (size_t i = 8; i < GOMAP_SCHEMA_LEN; i++) {
		self->arg.schema[i] = 1;
		EXPECT_EQ(-EINVAL, try_create(_metadata, self));
		self->arg.schema[i] = 0;
	}
}

TEST_F(create, every_mode_bit)
{
	strcpy(self->arg.name, gm_unique_name("mode"));
	for (int bit = 0; bit < 32; bit++) {
		self->arg.mode = 1U << bit;
		EXPECT_EQ(self->arg.mode & 0666 ? 0 : -EINVAL,
			  try_create(_metadata, self)) {
			TH_LOG("mode %#o", self->arg.mode);
		}
	}
	self->arg.mode = 0666;
	EXPECT_EQ(0, try_create(_metadata, self));
	self->arg.mode = 0;
	EXPECT_EQ(0, try_create(_metadata, self));
}

TEST_F(create, mode_without_a_name)
{
	self->arg.mode = 0600;
	EXPECT_EQ(-EINVAL, try_create(_metadata, self));
}

TEST_F(create, same_name_twice)
{
	const char *name = gm_unique_name("twice");
	int first = gm_create_named(self->control, GM_U64_MAP, name, 0600);

	ASSERT_LE(0, first);
	EXPECT_EQ(0, gm_fill(first, 0, 10));
	EXPECT_EQ(-EEXIST, gm_create_named(self->control, GM_U64_MAP, name,
					   0600));
	EXPECT_EQ(10, gm_len(first));
	EXPECT_EQ(0, gm_destroy(first));
	EXPECT_EQ(0, close(first));
}

TEST_F(create, name_again_after_destroy)
{
	const char *name = gm_unique_name("again");
	struct gomap_ioc_info one, two;
	int first = gm_create_named(self->control, GM_U64_MAP, name, 0600);
	int second;

	ASSERT_LE(0, first);
	EXPECT_EQ(0, gm_fill(first, 0, 10));
	EXPECT_EQ(0, gm_destroy(first));
	second = gm_create_named(self->control, GM_U64_MAP, name, 0600);
	ASSERT_LE(0, second);
	EXPECT_EQ(0, gm_len(second));
	EXPECT_EQ(10, gm_len(first));
	ASSERT_EQ(0, gm_info(first, 0, &one));
	ASSERT_EQ(0, gm_info(second, 0, &two));
	EXPECT_LT(one.id, two.id);
	EXPECT_EQ(0, gm_destroy(second));
	close(first);
	close(second);
}

TEST_F(create, without_a_name_as_often_as_you_like)
{
	int maps[20];

	for (size_t i = 0; i < ARRAY_LEN(maps); i++) {
		maps[i] = gm_create(self->control, GM_U64_MAP);
		ASSERT_LE(0, maps[i]);
		EXPECT_EQ(0, gm_fill(maps[i], 100 * i, i));
	}
	for (size_t i = 0; i < ARRAY_LEN(maps); i++) {
		EXPECT_EQ(i, gm_len(maps[i]));
		EXPECT_EQ(0, gm_count_wrong(maps[i], 100 * i, i));
		EXPECT_EQ(0, close(maps[i]));
	}
}

TEST_F(create, descriptor_is_readable_writable_and_close_on_exec)
{
	int map = gm_create(self->control, GM_U64_MAP);

	ASSERT_LE(0, map);
	EXPECT_EQ(FD_CLOEXEC, fcntl(map, F_GETFD));
	EXPECT_EQ(O_RDWR, fcntl(map, F_GETFL) & O_ACCMODE);
	EXPECT_EQ(0, gm_put(map, 1, 1));
	EXPECT_EQ(1, gm_len(map));
	close(map);
}

TEST_F(create, members_for_answers_are_not_read)
{
	self->arg.fd = -77;
	EXPECT_EQ(0, gm_ioctl(self->control, GOMAP_IOC_CREATE, &self->arg));
	EXPECT_LE(0, self->arg.fd);
	close(self->arg.fd);
}

TEST_F(create, version_tells_the_limits)
{
	struct gomap_ioc_version version;
	size_t len;

	memset(&version, 0xa5, sizeof(version));
	version.size = sizeof(version);
	ASSERT_EQ(0, gm_ioctl(self->control, GOMAP_IOC_VERSION, &version));
	EXPECT_EQ(sizeof(version), version.size);
	EXPECT_EQ(GOMAP_ABI_VERSION, version.abi);
	EXPECT_EQ(0, version.features);
	EXPECT_EQ(GOMAP_MAX_KEY_SIZE, version.max_key_size);
	EXPECT_EQ(GOMAP_MAX_VALUE_SIZE, version.max_value_size);
	EXPECT_EQ(GOMAP_MAX_HINT, version.max_hint);
	len = strnlen(version.version, sizeof(version.version));
	EXPECT_LT(0, len);
	ASSERT_GT(sizeof(version.version), len);
	for (size_t i = len; i < sizeof(version.version); i++)
		EXPECT_EQ(0, version.version[i]);
}

TEST_HARNESS_MAIN
