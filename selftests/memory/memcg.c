// SPDX-License-Identifier: GPL-2.0-only
/*
 * A map belongs to the memory cgroup of who created it, and that cgroup alone:
 * it pays for what others insert and for what the worker takes, it is refused
 * more than it may have and nobody is killed for it, nobody else notices, and
 * it gets all of it back.
 *
 * The test's own process is outside of the cgroup.  The creator is inside, and
 * touches no new page once the cgroup may be full: a page fault that cannot be
 * charged is what processes are killed for.
 */
#include "harness.h"
#include "common.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "cgroup.h"

#define LIMIT		"16M"
#define LIMIT_BYTES	(16LL << 20)
#define VALUE_MAX	4096
#define SECONDS		240	/* emulated, and with all that debugs */
#define PATIENCE	60.0	/* seconds for what takes grace periods */

enum order { ORDER_NONE, ORDER_FILL, ORDER_CLOSE };

/* What the creator is told, and answers. */
struct post {
	volatile enum order order;
	volatile int map;	/* its descriptor there, or -errno */
	volatile int result;
	volatile __u64 inserted;
	volatile int ms;	/* that the inserts took */
};

FIXTURE(memcg) {
	struct cgroup cg;
	struct post *post;
	pid_t creator;
	int control;
	int map;
	int neighbour;		/* a map of our own */
	__u64 neighbours;	/* entries of it */
	__u64 inserted;		/* entries of the creator's */
	long long before;	/* bytes of the cgroup without the map */
};

FIXTURE_VARIANT(memcg) {
	__u32 value_size;
	__u32 flags;
};

FIXTURE_VARIANT_ADD(memcg, inline) { 100, 0 };
FIXTURE_VARIANT_ADD(memcg, objects) { 200, 0 };
FIXTURE_VARIANT_ADD(memcg, stable) { 64, GOMAP_MAP_STABLE };
FIXTURE_VARIANT_ADD(memcg, pages) { VALUE_MAX, 0 };

static unsigned char *make_value(__u64 key, __u32 len)
{
	static unsigned char value[VALUE_MAX];
	__u64 word = gm_mix(key);

	for (__u32 i = 0; i < len; i += sizeof(word))
		memcpy(value + i, &word, len - i < 8 ? len - i : 8);
	return value;
}

/*
 * Insert from @first on; which key was refused first, and with what: 0, none of
 * twice as many as there is room for.
 */
static __u64 insert_until_refused(int map, __u32 value_size, __u64 first,
				  int *result)
{
	__u64 end = first + 2 * LIMIT_BYTES / (value_size + 16);
	__u64 key = first;

	do {
		*result = gm_insert(map, &key, sizeof(key),
				    make_value(key, value_size), value_size);
	} while (!*result && ++key < end);
	return key;
}

static __u64 count_wrong(int map, __u32 value_size, __u64 count)
{
	static unsigned char seen[VALUE_MAX];
	__u64 wrong = 0;

	for (__u64 key = 0; key < count; key++) {
		int len = gm_lookup(map, &key, sizeof(key), seen, value_size);

		wrong += len != (int)value_size ||
			 memcmp(seen, make_value(key, value_size), len);
	}
	return wrong;
}

static int create(__u32 value_size, __u32 flags)
{
	int control = gm_control();
	int map;

	if (control < 0)
		return control;
	map = gm_create(control, (struct gm_shape){ 8, value_size, flags, 0 });
	close(control);
	return map;
}

/* The life of the process inside. */
static void be_creator(const struct cgroup *cg, struct post *post,
		       __u32 value_size, __u32 flags)
{
	int result = cgroup_enter(cg);
	double begin;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!result && mlockall(MCL_CURRENT | MCL_FUTURE))
		result = -errno;
	if (!result)
		result = create(value_size, flags);
	post->map = result;
	if (result < 0)
		_exit(1);
	while (true) {
		switch (post->order) {
		case ORDER_NONE:
			usleep(1000);
			continue;
		case ORDER_FILL:
			begin = gm_now();
			post->inserted = insert_until_refused(
				post->map, value_size, post->inserted, &result);
			post->ms = 1000 * (gm_now() - begin);
			post->result = result;
			break;
		case ORDER_CLOSE:
			close(post->map);
			break;
		}
		post->order = ORDER_NONE;
	}
}

/* Wait until the creator has done it; -1: it is gone. */
static int await(FIXTURE_DATA(memcg) *self)
{
	while (self->post->order != ORDER_NONE) {
		if (waitpid(self->creator, NULL, WNOHANG) != 0)
			return -1;
		usleep(1000);
	}
	return 0;
}

static int borrow(pid_t from, int fd)
{
	int pidfd = syscall(SYS_pidfd_open, from, 0);
	int mine;

	if (pidfd < 0)
		return -errno;
	mine = syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	if (mine < 0)
		mine = -errno;
	close(pidfd);
	return mine;
}

FIXTURE_SETUP(memcg)
{
	int err = cgroup_make(&self->cg, "gomap-test", LIMIT);

	if (err)
		SKIP(return, "no memory cgroup: %s", strerror(-err));
	GM_NEED_CONTROL(self->control);
	self->post = mmap(NULL, sizeof(*self->post), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->post);
	self->post->map = -EINPROGRESS;
	self->neighbour = gm_create(self->control, GM_U64_MAP);
	ASSERT_LE(0, self->neighbour);

	self->creator = fork();
	ASSERT_LE(0, self->creator);
	if (!self->creator)
		be_creator(&self->cg, self->post, variant->value_size,
			   variant->flags);
	while (self->post->map == -EINPROGRESS)
		usleep(1000);
	ASSERT_LE(0, self->post->map);
	self->map = borrow(self->creator, self->post->map);
	ASSERT_LE(0, self->map);
	self->before = cgroup_settled_bytes(&self->cg);
	ASSERT_LT(0, self->before);
}

FIXTURE_TEARDOWN(memcg)
{
	if (self->creator > 0)
		gm_kill(self->creator);
	close(self->map);
	close(self->neighbour);
	close(self->control);
	cgroup_remove(&self->cg);
}

static int live_next_door(FIXTURE_DATA(memcg) *self)
{
	__u64 key = self->neighbours++;

	return gm_put(self->neighbour, key, key);
}

/* The creator fills its map up while a neighbour goes on with its own. */
static void let_creator_fill(struct __test_metadata *_metadata,
			     FIXTURE_DATA(memcg) *self)
{
	self->post->order = ORDER_FILL;
	while (self->post->order != ORDER_NONE) {
		ASSERT_EQ(0, live_next_door(self));
		ASSERT_EQ(0, waitpid(self->creator, NULL, WNOHANG));
		usleep(1000);
	}
	self->inserted = self->post->inserted;
	TH_LOG("%llu inserts in %d ms", (unsigned long long)self->inserted,
	       self->post->ms);
	ASSERT_EQ(-ENOMEM, self->post->result);
}

static void expect_full_and_sound(struct __test_metadata *_metadata,
				  FIXTURE_DATA(memcg) *self, __u32 value_size)
{
	long long bytes = cgroup_number(&self->cg, "memory.current", NULL);
	double end = gm_now() + PATIENCE;
	struct gomap_ioc_info info;

	/* The worker may be inside: then what it says of leaks says nothing. */
	do {
		ASSERT_EQ(0, gm_info(self->map, GOMAP_INFO_CHECK |
				     GOMAP_INFO_LEAKS, &info));
	} while (!info.leaks_certain && gm_now() < end);
	EXPECT_EQ(1, info.leaks_certain);
	TH_LOG("%llu entries, %llu bytes of the map, %lld of the cgroup",
	       (unsigned long long)info.len,
	       (unsigned long long)info.bytes_held, bytes);
	EXPECT_EQ(0, info.check);
	EXPECT_EQ(0, info.leaked_objects + info.dangling);
	EXPECT_EQ(self->inserted, info.len);
	EXPECT_LE(1, info.refused[GOMAP_REASON_MEMORY]);
	EXPECT_EQ(0, count_wrong(self->map, value_size, self->inserted));
	EXPECT_GE(LIMIT_BYTES, bytes);
	EXPECT_LE(LIMIT_BYTES / 8 * 7, bytes);
	EXPECT_LE((__u64)LIMIT_BYTES / 2, info.bytes_held);
	EXPECT_EQ(0, cgroup_number(&self->cg, "memory.events", "oom_kill "));
	EXPECT_EQ(0, waitpid(self->creator, NULL, WNOHANG));
}

/* As many as there are, and one a second time with another value. */
static void expect_neighbour_well(struct __test_metadata *_metadata,
				  FIXTURE_DATA(memcg) *self)
{
	for (int i = 0; i < 10000; i++)
		ASSERT_EQ(0, live_next_door(self));
	EXPECT_EQ(0, gm_count_wrong(self->neighbour, 0, self->neighbours));
	EXPECT_EQ(self->neighbours, gm_len(self->neighbour));
	TH_LOG("meanwhile %llu inserts next door",
	       (unsigned long long)self->neighbours);
}

/* What is deleted makes room, at the latest after a grace period. */
static void expect_room_after_deletes(struct __test_metadata *_metadata,
				      FIXTURE_DATA(memcg) *self,
				      __u32 value_size)
{
	double end = gm_now() + PATIENCE;
	__u64 key, half = self->inserted / 2;
	int err;

	for (key = 0; key < half; key++)
		ASSERT_EQ(1, gm_delete(self->map, &key, sizeof(key)));
	key = 0;
	while (key < half && gm_now() < end) {
		err = gm_insert(self->map, &key, sizeof(key),
				make_value(key, value_size), value_size);
		if (err)
			ASSERT_EQ(-ENOMEM, err);
		if (err)
			usleep(10000);
		else
			key++;
	}
	EXPECT_LE(half / 10 * 9, key);
	EXPECT_EQ(0, gm_check(self->map));
	EXPECT_EQ(0, count_wrong(self->map, value_size, key));
}

TEST_F_TIMEOUT(memcg, creator_is_refused_and_nobody_else, SECONDS)
{
	let_creator_fill(_metadata, self);
	expect_full_and_sound(_metadata, self, variant->value_size);
	expect_neighbour_well(_metadata, self);
	expect_room_after_deletes(_metadata, self, variant->value_size);
}

/* Who inserts does not matter: it is the creator's map. */
TEST_F_TIMEOUT(memcg, others_insert_at_the_creators_expense, SECONDS)
{
	int result;

	self->inserted = insert_until_refused(self->map, variant->value_size,
					      0, &result);
	EXPECT_EQ(-ENOMEM, result);
	expect_full_and_sound(_metadata, self, variant->value_size);
	expect_neighbour_well(_metadata, self);
}

/*
 * Others may take the page that the creator's system call needs for a moment:
 * a refusal is all that comes of it.
 */
TEST_F_TIMEOUT(memcg, creator_lives_on_while_others_insert, SECONDS)
{
	__u64 others;
	int result;

	let_creator_fill(_metadata, self);
	others = 1ULL << 40;
	for (int i = 0; i < 100; i++) {
		others = insert_until_refused(self->map, variant->value_size,
					      others + 1, &result);
		ASSERT_EQ(-ENOMEM, result);
		self->post->order = ORDER_FILL;
		ASSERT_EQ(0, await(self));
		ASSERT_EQ(-ENOMEM, self->post->result);
	}
	EXPECT_EQ(0, cgroup_number(&self->cg, "memory.events", "oom_kill "));
	EXPECT_EQ(0, gm_check(self->map));
}

TEST_F_TIMEOUT(memcg, memory_comes_back, SECONDS)
{
	double begin, end;
	long long full, after, fallen;
	struct gomap_ioc_info info;

	let_creator_fill(_metadata, self);
	full = cgroup_settled_bytes(&self->cg);
	ASSERT_EQ(0, gm_info(self->map, 0, &info));
	begin = gm_now();
	end = begin + PATIENCE;
	self->post->order = ORDER_CLOSE;
	ASSERT_EQ(0, await(self));
	close(self->map);
	do {
		usleep(10000);
		after = cgroup_settled_bytes(&self->cg);
		fallen = full - after;
	} while (100 * fallen < 99 * (long long)info.bytes_held &&
		 gm_now() < end);
	TH_LOG("%lld bytes before, %lld full, %lld after; the map had %llu, %lld.%02lld %% came back in %d ms",
	       self->before, full, after, (unsigned long long)info.bytes_held,
	       100 * fallen / (long long)info.bytes_held,
	       10000 * fallen / (long long)info.bytes_held % 100,
	       (int)(1000 * (gm_now() - begin)));
	EXPECT_LE(99 * (long long)info.bytes_held, 100 * fallen);
	EXPECT_EQ(0, cgroup_number(&self->cg, "memory.events", "oom_kill "));
}

/* Insert from outside until a growth has begun with so many entries. */
static int begin_growth(int map, __u32 value_size, __u64 least,
			struct gomap_ioc_info *info)
{
	int err = 0;

	for (__u64 key = 0; !err; key++) {
		err = gm_insert(map, &key, sizeof(key),
				make_value(key, value_size), value_size);
		if (err || key < least)
			continue;
		err = gm_info(map, 0, info);
		if (!err && info->growing == GOMAP_RESIZE_DOUBLE)
			break;
	}
	return err;
}

/*
 * Of a map that was grown by the worker nearly all buckets are memory that the
 * worker has taken.
 */
TEST_F_TIMEOUT(memcg, creator_pays_for_what_the_worker_takes, SECONDS)
{
	__u64 least = (2LL << 20) / (variant->value_size + 16);
	struct gomap_ioc_info begun, grown;
	long long bytes;

	ASSERT_EQ(0, begin_growth(self->map, variant->value_size, least,
				  &begun));
	EXPECT_GT(begun.nr_old_buckets / 2, begun.nr_evacuated);
	ASSERT_TRUE(gm_wait_until_grown(self->map));
	ASSERT_EQ(0, gm_info(self->map, 0, &grown));
	EXPECT_EQ(begun.len, grown.len);
	EXPECT_LT(begun.b - 1, grown.b);
	bytes = cgroup_settled_bytes(&self->cg) - self->before;
	TH_LOG("%llu bytes when the growth began, %llu after it, %lld of them the cgroup's",
	       (unsigned long long)begun.bytes_held,
	       (unsigned long long)grown.bytes_held, bytes);
	EXPECT_LE(99 * (long long)grown.bytes_held, 100 * bytes);
}

TEST_HARNESS_MAIN
