/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The ioctl ABI of /dev/gomap.
 *
 * Rules that every command follows
 * --------------------------------
 * - The argument is a pointer to a structure whose first member, size, is the
 *   sizeof() of that structure in the caller's header.  A size below the first
 *   published layout is -EINVAL.  A larger one is fine while the bytes that the
 *   kernel does not know are zero, and -E2BIG otherwise.  So an old program
 *   runs on a new kernel, and a new one on an old kernel as long as it does not
 *   use what is new.
 * - Reserved members must be zero and unknown flag bits clear: -EINVAL.
 * - A pointer that cannot be read or written is -EFAULT.  Pointers travel as
 *   __u64 and the layout is the same for 32- and 64-bit callers.
 * - An unknown command is -ENOTTY; so is a map command on the control device
 *   and a control command on a map.
 * - A command that fails changes nothing in the map and, unless its comment
 *   says so, nothing in the caller's structure.  One exception: where the
 *   answer itself cannot be written to that, -EFAULT comes after the change.
 *
 * What the errno values mean here
 * -------------------------------
 *   EINVAL       a size, flag, reserved member or name that breaks the rules
 *   E2BIG        the structure is longer than this kernel knows, and not zero
 *   EMSGSIZE     a key or value has the wrong length for this map, or a buffer
 *                is too small for what is to be returned
 *   ENOENT       no such key; no such map
 *   EEXIST       the key is there already; the name is taken already
 *   ENOSPC       the map has as many entries as it may, or there are as many
 *                maps as the module allows
 *   EDQUOT       the map, or all maps, hold as many bytes as they may
 *   ENOMEM       the kernel, or the creator's memory cgroup, has no memory;
 *                nothing was stored
 *   EBUSY        strict maps only: another writer was inside the map
 *   ESTALE       the cursor belongs to another map, or to before a clear or a
 *                new seed
 *   EBADF        the descriptor was not opened for this (read or write)
 *   EACCES       owner, group and mode of the named map do not allow it
 *   EINTR        a fatal signal; batch and iteration say how far they came
 *
 * The control device, /dev/gomap, creates, finds and lists maps.  CREATE and
 * OPEN answer with a new descriptor (close-on-exec) that *is* the map: it can
 * be duplicated, inherited and passed on, and a map without a name lives until
 * its last descriptor is closed.
 */
#ifndef _UAPI_LINUX_GOMAP_H
#define _UAPI_LINUX_GOMAP_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define GOMAP_ABI_VERSION	1

#define GOMAP_MAX_KEY_SIZE	4096	/* bytes */
#define GOMAP_MAX_VALUE_SIZE	65536	/* bytes */
#define GOMAP_MAX_HINT		(1ULL << 31)	/* entries */
#define GOMAP_MAX_BATCH		(1U << 20)	/* operations in one batch */
#define GOMAP_NAME_LEN		32	/* bytes, the closing NUL included */
#define GOMAP_SCHEMA_LEN	64	/* bytes, the closing NUL included */

/* Flags of a map, set at create and then constant. */
#define GOMAP_MAP_VAR_KEY	(1U << 0) /* keys of 0 to key_size bytes */
#define GOMAP_MAP_VAR_VALUE	(1U << 1) /* values of 0 to value_size bytes */
#define GOMAP_MAP_STRICT	(1U << 2) /* concurrent writers get -EBUSY */
#define GOMAP_MAP_NO_SHRINK	(1U << 3) /* keeps its buckets when it empties */
#define GOMAP_MAP_STABLE	(1U << 4) /* values never move, nor change in place */
#define GOMAP_MAP_TRUSTED_KEYS	(1U << 5) /* nobody hostile chooses keys: fast hash */
#define GOMAP_MAP_VIEW		(1U << 6) /* readers may map it, see gomap_view.h */
#define GOMAP_MAP_FLAGS		(GOMAP_MAP_VAR_KEY | GOMAP_MAP_VAR_VALUE | \
				 GOMAP_MAP_STRICT | GOMAP_MAP_NO_SHRINK | \
				 GOMAP_MAP_STABLE | GOMAP_MAP_TRUSTED_KEYS | \
				 GOMAP_MAP_VIEW)

/* Why something was refused, next to -ENOSPC, -EDQUOT and -ENOMEM. */
enum gomap_reason {
	GOMAP_REASON_NONE = 0,
	GOMAP_REASON_ENTRIES = 1,	/* ENOSPC: max_entries of the map */
	GOMAP_REASON_BYTES = 2,		/* EDQUOT: max_bytes of the map */
	GOMAP_REASON_TOTAL_BYTES = 3,	/* EDQUOT: the module's max_bytes */
	GOMAP_REASON_MAPS = 4,		/* ENOSPC: the module's max_maps */
	GOMAP_REASON_MEMORY = 5		/* ENOMEM: kernel or memory cgroup */
};

#define GOMAP_NR_REASONS	6

/* What a descriptor may do. */
#define GOMAP_OPEN_READ		(1U << 0)
#define GOMAP_OPEN_WRITE	(1U << 1)
#define GOMAP_OPEN_FLAGS	(GOMAP_OPEN_READ | GOMAP_OPEN_WRITE)

/**
 * struct gomap_ioc_version - GOMAP_IOC_VERSION: what this kernel offers.
 * @size: sizeof(struct gomap_ioc_version).
 * @abi: Out: GOMAP_ABI_VERSION of the module.
 * @features: Out: bits of features; none are defined yet.
 * @max_key_size: Out: longest key, bytes.
 * @max_value_size: Out: longest value, bytes.
 * @max_hint: Out: largest hint, entries.
 * @version: Out: module version, closed by NUL.
 */
struct gomap_ioc_version {
	__u32 size;
	__u32 abi;
	__aligned_u64 features;
	__u32 max_key_size;
	__u32 max_value_size;
	__aligned_u64 max_hint;
	char version[32];
};

/**
 * struct gomap_ioc_create - GOMAP_IOC_CREATE: make a map, get its descriptor.
 * @size: sizeof(struct gomap_ioc_create).
 * @flags: GOMAP_MAP_* bits.
 * @key_size: Bytes of a key, 1 to GOMAP_MAX_KEY_SIZE; the longest one with
 *	GOMAP_MAP_VAR_KEY.
 * @value_size: Bytes of a value, 0 to GOMAP_MAX_VALUE_SIZE; the longest one
 *	with GOMAP_MAP_VAR_VALUE (then at least 1).
 * @hint: Entries to make room for at once, at most GOMAP_MAX_HINT; 0: none.
 * @mode: Permission bits of a named map, within 0666; 0 without a name.
 * @fd: Out: the new descriptor, open for reading and writing.
 * @name: Name to register, [A-Za-z0-9_.-] and not starting with '.' or '-', or
 *	empty; closed by NUL and zero after it.
 * @schema: Words of the creator about the types of keys and values, kept as
 *	they are: printable ASCII, closed by NUL and zero after it.
 * @max_entries: Most entries; 0: no limit.
 * @max_bytes: Most bytes to take from the kernel's allocators; 0: no limit.
 * @reason: Out: GOMAP_REASON_*, written with -ENOSPC, -EDQUOT and -ENOMEM too.
 *
 * Errors besides the common ones: -EEXIST the name is taken, -ENOMEM the hint
 * does not fit into memory, -EDQUOT it does not fit into a limit on bytes,
 * -ENOSPC it is above @max_entries, or there are too many maps, -EMFILE no
 * descriptor left.
 */
struct gomap_ioc_create {
	__u32 size;
	__u32 flags;
	__u32 key_size;
	__u32 value_size;
	__aligned_u64 hint;
	__u32 mode;
	__s32 fd;
	char name[GOMAP_NAME_LEN];
	char schema[GOMAP_SCHEMA_LEN];
	__aligned_u64 max_entries;
	__aligned_u64 max_bytes;
	__aligned_u64 reason;
};

/**
 * struct gomap_ioc_open - GOMAP_IOC_OPEN: a descriptor for a named map.
 * @size: sizeof(struct gomap_ioc_open).
 * @flags: GOMAP_OPEN_* bits, at least one.
 * @fd: Out: the new descriptor.
 * @reserved: Must be 0.
 * @name: Name of the map, closed by NUL and zero after it.
 */
struct gomap_ioc_open {
	__u32 size;
	__u32 flags;
	__s32 fd;
	__u32 reserved;
	char name[GOMAP_NAME_LEN];
};

/**
 * struct gomap_ioc_list - GOMAP_IOC_LIST: the named map after a given id.
 * @size: sizeof(struct gomap_ioc_list).
 * @flags: Must be 0.
 * @id: In: 0, or the id of the last answer.  Out: id of this map.
 * @len: Out: number of entries.
 * @map_flags: Out: GOMAP_MAP_* bits.
 * @key_size: Out: bytes.
 * @value_size: Out: bytes.
 * @mode: Out: permission bits.
 * @uid: Out: owner, as seen in the caller's user namespace.
 * @gid: Out: group, as seen in the caller's user namespace.
 * @name: Out: name.
 * @schema: Out: schema.
 *
 * Answers maps in ascending order of their id, those that the caller may not
 * read left out.  -ENOENT: there are no more.
 */
struct gomap_ioc_list {
	__u32 size;
	__u32 flags;
	__aligned_u64 id;
	__aligned_u64 len;
	__u32 map_flags;
	__u32 key_size;
	__u32 value_size;
	__u32 mode;
	__u32 uid;
	__u32 gid;
	char name[GOMAP_NAME_LEN];
	char schema[GOMAP_SCHEMA_LEN];
};

#define GOMAP_FILL_BINS		17	/* 0 .. 15 entries, then 16 and more */

/* Values of gomap_ioc_info.growing: why there are two arrays. */
enum gomap_resize_kind {
	GOMAP_RESIZE_NONE = 0,		/* there is one */
	GOMAP_RESIZE_DOUBLE = 1,	/* growth to twice the buckets */
	GOMAP_RESIZE_SAME_SIZE = 2,	/* growth that sheds overflow buckets */
	GOMAP_RESIZE_SHRINK = 3,	/* to fewer buckets */
	GOMAP_RESIZE_REKEY = 4		/* to a new seed */
};

/* Flags of GOMAP_IOC_INFO. */
#define GOMAP_INFO_FILL		(1U << 0) /* visit every bucket for fill[] */
#define GOMAP_INFO_CHECK	(1U << 1) /* verify every invariant, too */
#define GOMAP_INFO_LEAKS	(1U << 2) /* look for objects nobody refers to */
#define GOMAP_INFO_FLAGS	(GOMAP_INFO_FILL | GOMAP_INFO_CHECK | \
				 GOMAP_INFO_LEAKS)

/**
 * struct gomap_ioc_info - GOMAP_IOC_INFO: everything there is to say of a map.
 * @size: sizeof(struct gomap_ioc_info).
 * @flags: GOMAP_INFO_* bits: the expensive answers that are wanted.
 * @id: Out: number of the map, unique until the module is unloaded.
 * @len: Out: number of entries.
 * @map_flags: Out: GOMAP_MAP_* bits.
 * @key_size: Out: bytes.
 * @value_size: Out: bytes.
 * @bucket_size: Out: bytes of one bucket of 8 slots.
 * @b: Out: B, the log2 of the number of buckets (Go's name for it).
 * @old_b: Out: B of the array that is being evacuated; equal to @b where none
 *	is, and where the new one has the same size.
 * @growing: Out: GOMAP_RESIZE_*: what is under way.
 * @key_inline: Out: 1 when keys lie in their slots, 0 when in arena objects.
 * @value_inline: Out: the same for values.
 * @seed_generation: Out: how many seeds the map has had; 1 at create.
 * @nr_buckets: Out: 2^B, or 0 while nothing was ever inserted (B = 0).
 * @nr_overflow: Out: overflow buckets of the current array.
 * @nr_evacuated: Out: old buckets evacuated so far in this resize.
 * @nr_old_buckets: Out: old buckets in all; 0 when no resize is under way.
 * @grows: Out: doublings begun since create.
 * @same_size_grows: Out: same-size growths begun since create.
 * @grow_failures: Out: growths put off because memory was refused.
 * @clears: Out: times the map was cleared.
 * @bytes_live: Out: bytes in use by entries outside the bucket array: overflow
 *	buckets and out-of-line keys and values.
 * @bytes_held: Out: bytes taken from the kernel's allocators for this map.
 * @bytes_peak: Out: highest value of @bytes_held.
 * @objects_live: Out: arena objects in use.
 * @object_allocs: Out: arena objects handed out since create.
 * @kernel_allocs: Out: calls of the kernel's allocators for this map.
 * @read_retries: Out: lookups that had to take the lock after their retries.
 * @fill: Out: with GOMAP_INFO_FILL: fill[i] buckets have i entries, overflow
 *	buckets counted with their head; the last bin takes all above.
 * @check: Out: with GOMAP_INFO_CHECK: 0 or the number of the invariant (see
 *	module/core/core.h) that does not hold.
 * @reserved2: Out: 0.
 * @name: Out: name, empty if it has none.
 * @schema: Out: schema, as it was given at create.
 * @shrinks: Out: shrinks begun since create.
 * @rekeys: Out: times that entries were moved to a new seed.
 * @attacks: Out: times that a chain was too long to be chance, each answered
 *	by a new seed.
 * @max_entries: Out: the limit on entries, 0: none.
 * @max_bytes: Out: the limit on @bytes_held, 0: none.
 * @write_allocs: Out: times that a write stopped for memory: to start a growth,
 *	for buckets, or for an object; 0 for a map whose hint was large enough.
 * @nr_chunks: Out: chunks that objects lie in.
 * @bytes_chunks: Out: bytes of these chunks.
 * @bytes_idle: Out: bytes of them that no object in use takes.
 * @refused: Out: by GOMAP_REASON_*, how many writes were refused.
 * @leaked_objects: Out: with GOMAP_INFO_LEAKS: objects in use that no bucket
 *	refers to.
 * @leaked_bytes: Out: bytes of these.
 * @dangling: Out: with GOMAP_INFO_LEAKS: references to no object in use, and
 *	to one of another entry.
 * @empty_buckets: Out: with GOMAP_INFO_LEAKS: overflow buckets without an
 *	entry.  No leak: the next growth or compaction takes them.
 * @leaks_certain: Out: with GOMAP_INFO_LEAKS: 1 no writer was inside meanwhile;
 *	0: one was, and the four figures before say nothing.
 */
struct gomap_ioc_info {
	__u32 size;
	__u32 flags;
	__aligned_u64 id;
	__aligned_u64 len;
	__u32 map_flags;
	__u32 key_size;
	__u32 value_size;
	__u32 bucket_size;
	__u32 b;
	__u32 old_b;
	__u32 growing;
	__u32 key_inline;
	__u32 value_inline;
	__u32 seed_generation;
	__aligned_u64 nr_buckets;
	__aligned_u64 nr_overflow;
	__aligned_u64 nr_evacuated;
	__aligned_u64 nr_old_buckets;
	__aligned_u64 grows;
	__aligned_u64 same_size_grows;
	__aligned_u64 grow_failures;
	__aligned_u64 clears;
	__aligned_u64 bytes_live;
	__aligned_u64 bytes_held;
	__aligned_u64 bytes_peak;
	__aligned_u64 objects_live;
	__aligned_u64 object_allocs;
	__aligned_u64 kernel_allocs;
	__aligned_u64 read_retries;
	__aligned_u64 fill[GOMAP_FILL_BINS];
	__u32 check;
	__u32 reserved2;
	char name[GOMAP_NAME_LEN];
	char schema[GOMAP_SCHEMA_LEN];
	__aligned_u64 shrinks;
	__aligned_u64 rekeys;
	__aligned_u64 attacks;
	__aligned_u64 max_entries;
	__aligned_u64 max_bytes;
	__aligned_u64 write_allocs;
	__aligned_u64 nr_chunks;
	__aligned_u64 bytes_chunks;
	__aligned_u64 bytes_idle;
	__aligned_u64 refused[GOMAP_NR_REASONS];
	__aligned_u64 leaked_objects;
	__aligned_u64 leaked_bytes;
	__aligned_u64 dangling;
	__aligned_u64 empty_buckets;
	__aligned_u64 leaks_certain;
};

/* Flags of single and batched operations. */
#define GOMAP_OP_MUST_EXIST	(1U << 0) /* delete: an absent key is -ENOENT */
#define GOMAP_OP_FLAGS		GOMAP_OP_MUST_EXIST

/**
 * struct gomap_ioc_op - GOMAP_IOC_LOOKUP, _INSERT, _REPLACE, _STORE, _DELETE.
 * @size: sizeof(struct gomap_ioc_op).
 * @flags: GOMAP_OP_* bits; GOMAP_OP_MUST_EXIST is for DELETE alone.
 * @key: Address of the key.
 * @value: Address of the value: read by INSERT, REPLACE and STORE, written by
 *	LOOKUP (0: only ask whether the key is there), 0 for DELETE.
 * @key_len: Bytes of the key; key_size of the map unless keys vary.
 * @value_len: In: bytes of the value, or of the buffer for LOOKUP; 0 when
 *	@value is 0.  Out: LOOKUP: bytes of the value, also with -EMSGSIZE when
 *	the buffer was too small.
 * @existed: Out: 1 when the key was in the map before the operation.
 * @reserved: Must be 0.
 * @reason: Out: GOMAP_REASON_*, written with -ENOSPC, -EDQUOT and -ENOMEM too.
 *
 * LOOKUP: -ENOENT no such key.  INSERT: -EEXIST it is there already.  REPLACE:
 * -ENOENT it is not there.  STORE: either.  DELETE: an absent key is success
 * with @existed = 0, as in Go, or -ENOENT with GOMAP_OP_MUST_EXIST.
 */
struct gomap_ioc_op {
	__u32 size;
	__u32 flags;
	__aligned_u64 key;
	__aligned_u64 value;
	__u32 key_len;
	__u32 value_len;
	__u32 existed;
	__u32 reserved;
	__aligned_u64 reason;
};

/* Values of struct gomap_batch_op::op. */
enum gomap_batch_opcode {
	GOMAP_OP_LOOKUP = 1,
	GOMAP_OP_INSERT = 2,
	GOMAP_OP_REPLACE = 3,
	GOMAP_OP_STORE = 4,
	GOMAP_OP_DELETE = 5
};

/**
 * struct gomap_batch_op - one operation of a batch.
 * @op: One of enum gomap_batch_opcode.
 * @flags: As in struct gomap_ioc_op.
 * @key: As in struct gomap_ioc_op.
 * @value: As in struct gomap_ioc_op.
 * @key_len: As in struct gomap_ioc_op.
 * @value_len: As in struct gomap_ioc_op; written back.
 * @status: Out: 0, or the negative errno that the single command would give.
 * @existed: Out: as in struct gomap_ioc_op.
 */
struct gomap_batch_op {
	__u32 op;
	__u32 flags;
	__aligned_u64 key;
	__aligned_u64 value;
	__u32 key_len;
	__u32 value_len;
	__s32 status;
	__u32 existed;
};

/**
 * struct gomap_ioc_batch - GOMAP_IOC_BATCH: many operations in one call.
 * @size: sizeof(struct gomap_ioc_batch).
 * @flags: Must be 0.
 * @ops: Address of an array of struct gomap_batch_op.
 * @count: Elements of @ops, at most GOMAP_MAX_BATCH.
 * @done: Out: operations carried out, from the first on.
 * @failed: Out: how many of these have a status other than 0.
 * @reserved: Must be 0.
 * @reason: Out: GOMAP_REASON_* of the last operation with status -ENOSPC,
 *	-EDQUOT or -ENOMEM.
 *
 * Operations are carried out in order and each on its own; a failed one does
 * not stop the others, its status tells.  Lookups that follow one another go
 * together: the keys of some are read before any of their values is written, so
 * none should take its key from what another one finds.  The call itself fails only where it
 * cannot go on, and then @done and @failed are written all the same: -EINTR a
 * fatal signal, -EFAULT the array @ops itself could not be read or written.
 * A batch with a write in it needs a descriptor open for writing; on others
 * such an operation has status -EBADF.
 */
struct gomap_ioc_batch {
	__u32 size;
	__u32 flags;
	__aligned_u64 ops;
	__u32 count;
	__u32 done;
	__u32 failed;
	__u32 reserved;
	__aligned_u64 reason;
};

/**
 * struct gomap_cursor - where an iteration stands; all zero: at its beginning.
 * @generation: Which content of the map the cursor belongs to.
 * @seed_generation: Which seed it was made under.
 * @flags: State bits, the kernel's own.
 * @start: Where the iteration began, and so where it ends.
 * @position: The last entry that was returned.
 * @tie: Tells apart entries of the same @position.
 *
 * Opaque to programs, but theirs to keep: the cursor is all the state there
 * is, so an iteration can be continued by another process, or later.
 */
struct gomap_cursor {
	__u32 generation;
	__u32 seed_generation;
	__aligned_u64 flags;
	__aligned_u64 start;
	__aligned_u64 position;
	__aligned_u64 tie;
};

/* Flags of GOMAP_IOC_ITER: what is wanted of each entry.  None: count only. */
#define GOMAP_ITER_KEYS		(1U << 0)
#define GOMAP_ITER_VALUES	(1U << 1)
#define GOMAP_ITER_FLAGS	(GOMAP_ITER_KEYS | GOMAP_ITER_VALUES)

/**
 * struct gomap_ioc_iter - GOMAP_IOC_ITER: the next entries of an iteration.
 * @size: sizeof(struct gomap_ioc_iter).
 * @flags: GOMAP_ITER_* bits.
 * @cursor: In and out: zero to begin with, then as the last call left it.
 * @buf: Address of the buffer for entries; 0 when only counting.
 * @buf_len: Bytes of the buffer; 0 when only counting.
 * @max: Most entries to return; 0: as many as fit.
 * @count: Out: entries returned (or counted).
 * @used: Out: bytes of the buffer that were written.
 * @needed: Out: with -EMSGSIZE: bytes that the next entry needs.
 * @done: Out: 1 when there are no more entries after these.
 * @reserved: Must be 0.
 *
 * Entries lie in the buffer one after the other without gaps: the key, then the
 * value, as far as wanted.  A key or value of fixed size is its bytes; one of
 * variable length is a __u32 with the length, then its bytes.
 *
 * Every key that is in the map from the first call to the last is returned
 * exactly once, over any number of grows and shrinks, a key that was deleted never after
 * its deletion, and one inserted meanwhile at most once.  The order is not
 * specified and differs from one iteration to the next.
 *
 * -EMSGSIZE: the buffer cannot take a single entry; @needed says how long it
 * has to be, and @cursor stands before that entry.  -ESTALE: the map was
 * cleared or got a new seed since, or the cursor is not of this map.  -ENOMEM:
 * a change of seed is under way and cannot be finished now; the cursor is good
 * for another try.  -EINTR: a fatal signal; the entries counted in @count are delivered and
 * the cursor stands after them.
 */
struct gomap_ioc_iter {
	__u32 size;
	__u32 flags;
	struct gomap_cursor cursor;
	__aligned_u64 buf;
	__u32 buf_len;
	__u32 max;
	__aligned_u64 count;
	__u32 used;
	__u32 needed;
	__u32 done;
	__u32 reserved;
};

/**
 * struct gomap_ioc_plain - GOMAP_IOC_CLEAR, _DESTROY, _COMPACT and _REKEY.
 * @size: sizeof(struct gomap_ioc_plain).
 * @flags: Must be 0.
 *
 * CLEAR removes every entry at once, keeps B and draws a new seed.  DESTROY
 * takes the name away, after which nobody can open the map any more; its
 * memory goes when the last descriptor is closed, as with unlink(2).  -ENOENT:
 * the map has no name (any more).
 *
 * COMPACT moves the entries to as few buckets as their number (and the hint of
 * the map) allow.  REKEY moves them to a new seed; iterations in progress end
 * with -ESTALE.  Both run beside readers and writers, return when they are
 * done, and give -ENOMEM, or -EINTR on a fatal signal: what was moved stays
 * moved, and the rest follows in the background.
 */
struct gomap_ioc_plain {
	__u32 size;
	__u32 flags;
};

/**
 * struct gomap_ioc_limits - GOMAP_IOC_LIMITS: change how far a map may grow.
 * @size: sizeof(struct gomap_ioc_limits).
 * @flags: Must be 0.
 * @max_entries: Most entries; 0: no limit.
 * @max_bytes: Most bytes to take from the kernel's allocators; 0: no limit.
 *
 * Holds at once.  A map that is over a new limit keeps what it has, and gets
 * nothing more until it is below.
 */
struct gomap_ioc_limits {
	__u32 size;
	__u32 flags;
	__aligned_u64 max_entries;
	__aligned_u64 max_bytes;
};

/**
 * struct gomap_ioc_memory - GOMAP_IOC_MEMORY: the objects of one size.
 * @size: sizeof(struct gomap_ioc_memory).
 * @flags: Must be 0.
 * @index: In: which of the size classes that have chunks, from 0 on.
 * @object_size: Out: bytes of each object.
 * @is_bucket: Out: 1 they are overflow buckets; 0 keys and values.
 * @nr_chunks: Out: chunks that they lie in.
 * @bytes: Out: bytes of these chunks.
 * @live: Out: objects in use.
 * @retired: Out: objects that wait for a grace period.
 * @cached: Out: free ones on the lists of CPUs.
 * @free: Out: other free ones.
 *
 * -ENOENT: there are no more classes.
 */
struct gomap_ioc_memory {
	__u32 size;
	__u32 flags;
	__u32 index;
	__u32 object_size;
	__u32 is_bucket;
	__u32 nr_chunks;
	__aligned_u64 bytes;
	__aligned_u64 live;
	__aligned_u64 retired;
	__aligned_u64 cached;
	__aligned_u64 free;
};

#define GOMAP_IOC_TYPE		0xB9

/* On /dev/gomap. */
#define GOMAP_IOC_VERSION	_IO(GOMAP_IOC_TYPE, 0x00)
#define GOMAP_IOC_CREATE	_IO(GOMAP_IOC_TYPE, 0x01)
#define GOMAP_IOC_OPEN		_IO(GOMAP_IOC_TYPE, 0x02)
#define GOMAP_IOC_LIST		_IO(GOMAP_IOC_TYPE, 0x03)

/* On a map. */
#define GOMAP_IOC_INFO		_IO(GOMAP_IOC_TYPE, 0x10)	/* read */
#define GOMAP_IOC_LOOKUP	_IO(GOMAP_IOC_TYPE, 0x11)	/* read */
#define GOMAP_IOC_INSERT	_IO(GOMAP_IOC_TYPE, 0x12)	/* write */
#define GOMAP_IOC_REPLACE	_IO(GOMAP_IOC_TYPE, 0x13)	/* write */
#define GOMAP_IOC_STORE		_IO(GOMAP_IOC_TYPE, 0x14)	/* write */
#define GOMAP_IOC_DELETE	_IO(GOMAP_IOC_TYPE, 0x15)	/* write */
#define GOMAP_IOC_BATCH		_IO(GOMAP_IOC_TYPE, 0x16)	/* by operation */
#define GOMAP_IOC_ITER		_IO(GOMAP_IOC_TYPE, 0x17)	/* read */
#define GOMAP_IOC_CLEAR		_IO(GOMAP_IOC_TYPE, 0x18)	/* write */
#define GOMAP_IOC_DESTROY	_IO(GOMAP_IOC_TYPE, 0x19)	/* write */
#define GOMAP_IOC_COMPACT	_IO(GOMAP_IOC_TYPE, 0x1a)	/* write */
#define GOMAP_IOC_REKEY		_IO(GOMAP_IOC_TYPE, 0x1b)	/* write */
#define GOMAP_IOC_LIMITS	_IO(GOMAP_IOC_TYPE, 0x1c)	/* write */
#define GOMAP_IOC_MEMORY	_IO(GOMAP_IOC_TYPE, 0x1d)	/* read */

#endif /* _UAPI_LINUX_GOMAP_H */
