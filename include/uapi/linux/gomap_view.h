/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The view of a map: its memory, mapped read-only, for lookups without a system
 * call.  libgomap reads it (gomap_view_open(3)); this is what it goes by.
 *
 * mmap(2) of a descriptor of a map that was created with GOMAP_MAP_VIEW
 * --------------------------------------------------------------------
 * The view begins at offset 0 with struct gomap_view_super; another offset is
 * -EINVAL, and so is a private mapping or a length above @window.  A shorter
 * mapping is a view of what lies in it.  Writing is refused for good, -EACCES,
 * by mmap() and by mprotect(); executing is -EPERM and -EACCES; -EACCES the
 * descriptor is not open for reading, -ENODEV the map has no view.  The mapping
 * holds the map, whatever becomes of the descriptor.
 *
 * Places are given in units of 4096 bytes from the start of the view.  A place
 * that the view has named stays readable as long as it is mapped: when the
 * memory goes, zeroes are read there.  A place that it never named may raise
 * SIGBUS.  What the places named so far are is in no order.
 *
 *	super ---> spans [ u | u | u ] ---> 2^span_shift buckets each
 *	  |	     array, and old in a resize
 *	  +------> root ---> directory [ e | e | e ] ---> objects
 *
 * A *span* is part of an array of buckets.  Its entry in the table of spans is
 * the unit where it begins; 0: nothing was ever stored there; GOMAP_VIEW_ASK: it
 * is not in the view.  A bucket is a __u32 version, a __u32 handle of the next
 * bucket of its chain, eight bytes of tophashes, and eight slots for key and
 * value; what lies where is said in module/core/slots.h.
 *
 * An *object* is an overflow bucket, or a key or value that does not fit its
 * slot, and is named by a handle: the directory's entry number
 * (handle >> 12) - 1 says where, and the low 12 bits which of those there.  An
 * entry of 0: not in the view.
 *
 * How it is read
 * --------------
 *	kernel				reader
 *	------				------
 *	sequence = odd			s = sequence, even	(V)
 *	smp_wmb()		(W)	read array, old, root
 *	change array, old, root		hash, find and read a bucket
 *	sequence = even, release (U)	read barrier		(X)
 *					sequence still s?
 *
 *	zeroed memory, made visible	u = entry of a span or	(Z)
 *	entry = unit, release	(Y)	    of the directory, acquire
 *					read what lies there
 *
 * V reads what U wrote: what is read then is as new as the sequence.  Without it
 * the reader could use the old array with the new seed.  W and X: who has read
 * any part of a change sees an odd or a later sequence when he looks again.  Y
 * and Z: who sees an entry sees memory that was zeroed before, and not, on
 * weakly ordered machines, what the page held for somebody else's bucket.  None
 * can be weaker than it is.  Buckets have versions of the same kind: A to D in
 * module/core/slots.h.
 *
 * What was read counts when version and sequence are what they were, looked at in
 * this order, a read barrier before each: in between the arrays were current,
 * their buckets were buckets, and nothing of the chain changed.  Root and entries
 * of the directory change without the sequence: they are read with acquire after
 * the version, for each handle anew; a root never says again what it said before.
 * And before a place is looked at that something read has named, what it was read
 * by is looked at again: the sequence, or the root.  A table that has gone can be
 * a bucket by then, and what looks like a unit there may never have been one.
 * Until then it may be anything, a handle of an object that is another
 * one's now, a length, a chain that leads in a circle.  So a reader keeps to the
 * mapping whatever he reads, and to a number of steps; after some attempts he
 * asks by GOMAP_IOC_LOOKUP.
 *
 * In a resize (@resizing is not 0, @old.spans neither; an old array has all of its
 * spans) a key is in the bucket of the old array that
 * its hash, under @old.seed, chooses, unless that bucket is marked as evacuated:
 * slot 0 has tophash 2, to be read with acquire; then it is in that of the new
 * one.  A mark counts at once, and that there is none when the version says so.
 *
 * What it gives away
 * ------------------
 * Everything that GOMAP_IOC_ITER would, and the seed: who can map the view can
 * compute hashes, and choose keys that collide if he, or somebody whom he tells,
 * can also store them.  The map answers a chain that is too long to be chance
 * with a new seed, as ever, which is to be seen in the view, too.  Deleted keys
 * and values are zeroed, memory is zeroed before it is shown, and no address of
 * the kernel is ever in it.  A map without GOMAP_MAP_VIEW shows nothing.
 */
#ifndef _UAPI_LINUX_GOMAP_VIEW_H
#define _UAPI_LINUX_GOMAP_VIEW_H

#include <linux/types.h>

#define GOMAP_VIEW_MAGIC	0x776569562d70616dULL	/* "map-View" */
#define GOMAP_VIEW_ABI		1

#define GOMAP_VIEW_UNIT		4096U	/* bytes */
#define GOMAP_VIEW_ASK		(~0U)	/* instead of a unit: not in the view */

/* Of an entry of the directory, from its lowest bit on. */
#define GOMAP_VIEW_UNIT_BITS	32	/* unit of the first object */
#define GOMAP_VIEW_SIZE_BITS	14	/* bytes of an object, divided by 8 */
#define GOMAP_VIEW_NR_BITS	13	/* objects there */

/* Of a handle: the objects that an entry can have. */
#define GOMAP_VIEW_PLACE_BITS	12

/**
 * struct gomap_view_array - an array of buckets.
 * @spans: Unit of its table of spans, __u32 each; 0: there is no array;
 *	GOMAP_VIEW_ASK, as for the root and the directory: it is not in the view.
 * @mask: Low bits of a hash that are the number of a bucket.
 * @span_shift: Log2 of the buckets in a span.
 * @reserved: 0.
 * @seed: What the hash of its keys starts from; struct gomap_seed of
 *	module/core/hash.h.
 */
struct gomap_view_array {
	__u32 spans;
	__u32 mask;
	__u32 span_shift;
	__u32 reserved;
	__aligned_u64 seed[4];
};

/**
 * struct gomap_view_super - the first page of a view.
 * @magic: GOMAP_VIEW_MAGIC, in the kernel's byte order, as everything here.
 * @abi: GOMAP_VIEW_ABI.
 * @size: sizeof(struct gomap_view_super).
 * @window: Bytes that the view can grow to, and so that can be mapped.
 * @map_flags: GOMAP_MAP_* bits.
 * @key_size: As at create.
 * @value_size: As at create.
 * @bucket_size: Bytes of a bucket.
 * @key_offset: Of the key of slot 0, bytes from the start of its bucket.
 * @key_stride: Bytes from one key to the next.
 * @value_offset: The same of values.
 * @value_stride: The same of values.
 * @reserved: 0.
 * @len: Number of entries; exact while no writer is inside.
 * @reserved2: 0.
 * @sequence: Odd while what follows changes.
 * @hash: Which hash: enum gomap_hash_function of module/core/hash.h.
 * @root: Unit of the root: a __u64 whose low half is the unit of the directory
 *	and whose high half is the number of its entries.
 * @resizing: GOMAP_RESIZE_*: why there is an old array.
 * @array: The current array.
 * @old: The one that is being evacuated.
 * @generation: Of the content: another one after a clear and in a rekey.
 * @seed_generation: How many seeds the map has had.
 * @reserved3: 0.
 *
 * The constant part, the count, what each lookup needs, and what it needs in a
 * resize, each have a cache line to themselves.
 */
struct gomap_view_super {
	__aligned_u64 magic;
	__u32 abi;
	__u32 size;
	__aligned_u64 window;
	__u32 map_flags;
	__u32 key_size;
	__u32 value_size;
	__u32 bucket_size;
	__u32 key_offset;
	__u32 key_stride;
	__u32 value_offset;
	__u32 value_stride;
	__aligned_u64 reserved;

	__aligned_u64 len;
	__aligned_u64 reserved2[7];

	__u32 sequence;
	__u32 hash;
	__u32 root;
	__u32 resizing;
	struct gomap_view_array array;

	struct gomap_view_array old;
	__u32 generation;
	__u32 seed_generation;
	__aligned_u64 reserved3;
};

#endif /* _UAPI_LINUX_GOMAP_VIEW_H */
