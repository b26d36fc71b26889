/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * chunk.h - what the files of the arena know of chunks, classes and magazines,
 * and nobody else.
 */
#ifndef GOMAP_CHUNK_H
#define GOMAP_CHUNK_H

#include "arena.h"
#include "window.h"

/*
 * A handle is (number + 1) << PLACE_BITS | place.  A chunk with more places
 * than a number has takes as many numbers in a row as it needs.
 */
#define PLACE_BITS		12
#define PLACES_PER_NUMBER	(1U << PLACE_BITS)
#define NUMBERS_MAX		((1U << (32 - PLACE_BITS)) - 2)

/*
 * What link[] says of an object: on a list the place after it plus one, at the
 * end of a list and where it never was on one 0; else one of these.
 */
#define LINK_LIVE		0xffffU	/* in use */
#define LINK_MARKED		0xfffeU	/* in use, and arena_mark() saw it */
#define LINK_CACHED		0xfffdU	/* in a magazine, or on its way from there */
#define PLACES_MAX		0xfff0U

/**
 * struct arena_list - some objects of a chunk, through link[].
 * @first: Place of the first plus one, 0: none.
 * @last: Place of the last plus one, good where there is a first.
 * @nr: How many.
 */
struct arena_list {
	u16 first;
	u16 last;
	u16 nr;
};

/**
 * struct arena_chunk - objects of one class, its header.
 * @objects: The first one, behind the header in the same memory, or in @pane;
 *	constant, as all up to @account.
 * @pointers: With by_kmalloc, where each object is, if it is; else NULL.
 * @first: Handle of the first object.
 * @nr: Objects.
 * @object_size: Bytes of each.
 * @class: Their class.
 * @pinned: Taken by a presize: not given back; under arena.lock.
 * @bytes: Bytes of the chunk, header included.
 * @pane: Where the objects are shown, they lie there and not behind the header.
 * @account: Where it came from; for the grace period at its end.
 * @node: On the class's list where an object is free; under arena.lock, as all
 *	below but @rcu.
 * @retired_node: On the arena's lists where objects are retired, by phase.
 * @retired: These, by phase.
 * @free: Objects that were in use and are free.
 * @fresh: Places from here on were never in use, and are free, too.
 * @nr_free: Free objects, @fresh ones included.
 * @retire: For the grace period at its end.
 * @link: By place.  That of a cached object belongs to its magazine.
 */
struct arena_chunk {
	void *objects;
	void **pointers;
	u32 first;
	u32 nr;
	u32 object_size;
	u8 class;
	bool pinned;
	size_t bytes;
	struct window_pane pane;
	struct gomap_account *account;

	struct list_head node;
	struct list_head retired_node[2];
	struct arena_list retired[2];
	struct arena_list free;
	u16 fresh;
	u16 nr_free;
	struct rcu_work retire;
	u16 link[];
};

/**
 * struct arena_directory - chunks by number.
 * @previous: The smaller one that this one replaced.  Readers may hold it, so
 *	it is kept; all of them together are smaller than this one.
 * @size: Room in @chunk; constant.
 * @nr: Numbers that were ever in use; under arena.lock.
 * @nr_holes: Those of them that are not now; under arena.lock.
 * @entries: The same for who looks through the window, see <linux/gomap_view.h>.
 * @chunk: Published one by one, under arena.lock.
 */
struct arena_directory {
	struct arena_directory *previous;
	u32 size;
	u32 nr;
	u32 nr_holes;
	struct window_pane entries;
	struct arena_chunk __rcu *chunk[];
};

/*
 * A magazine takes half of this from the class at a time, so that arena.lock is
 * taken once for a dozen objects, and two lines of cache hold it.
 */
#define MAGAZINE_SIZE		24U
#define MAGAZINE_BATCH		(MAGAZINE_SIZE / 2)

/**
 * struct arena_magazine - free objects at hand for one CPU.
 * @lock: Protects all; taken by others than that CPU only where a class has run
 *	out, and to count.
 * @nr: Objects.
 * @handed_out: Objects handed out, less those given back unused.
 * @handle: The objects.
 */
struct arena_magazine {
	spinlock_t lock;
	u32 nr;
	u64 handed_out;
	u32 handle[MAGAZINE_SIZE];
} ____cacheline_aligned_in_smp;

/**
 * struct arena_class - the objects of one size.  Under arena.lock.
 * @usable: Chunks with free objects; those that have nothing else last.
 * @nr_chunks: Chunks.
 * @bytes: Bytes of the chunks.
 * @nr_places: Objects of the chunks, whatever they are used for.
 * @nr_free: Objects free in chunks.
 * @nr_retired: Objects that wait for a grace period.
 * @nr_pinned: Objects of pinned chunks.
 * @handed_out: As that of a magazine, for those that came past one.
 * @magazine: One for each CPU; NULL while the class is not worth it.  Set once,
 *	with a release (M) that pairs with the address dependency of who reads
 *	it (N).
 */
struct arena_class {
	struct list_head usable;
	u32 nr_chunks;
	u64 bytes;
	u64 nr_places;
	u64 nr_free;
	u64 nr_retired;
	u64 nr_pinned;
	u64 handed_out;
	struct arena_magazine *magazine;
};

/* A class, or NULL: it was never needed.  P, pairs with O in class_get(). */
static inline struct arena_class *class_at(const struct gomap_arena *arena,
					   u32 class)
{
	return READ_ONCE(arena->class[class]);	/* P */
}

static inline bool chunk_is_empty(const struct arena_chunk *chunk)
{
	return chunk->nr_free == chunk->nr;
}

static inline u32 chunk_numbers(const struct arena_chunk *chunk)
{
	return (chunk->nr + PLACES_PER_NUMBER - 1) >> PLACE_BITS;
}

/* Are the objects of this class allocated one by one? */
static inline bool class_is_by_kmalloc(const struct gomap_arena *arena,
				       u32 class)
{
	return arena->by_kmalloc && class != ARENA_CLASS_BUCKET;
}

/*
 * Does the memory behind a chunk's header hold no objects?  Keys and values one
 * by one are pointed to from there; that is for kmemleak to see.
 */
static inline bool chunk_is_descriptor(const struct arena_chunk *chunk)
{
	return chunk->pointers || chunk->pane.p;
}

/* chunk.c */
u32 chunk_places(u32 object_size, size_t bytes, bool by_kmalloc);
size_t chunk_bytes(u32 object_size, u32 nr, bool by_kmalloc);
struct arena_chunk *chunk_create(struct gomap_arena *arena, u32 class,
				 u32 nr, size_t bytes, gfp_t gfp);
void chunk_destroy(struct arena_chunk *chunk);
void chunk_retire(struct arena_chunk *chunk);
void chunk_discard(struct arena_chunk *chunk);
u32 chunk_take(struct arena_class *c, struct arena_chunk *chunk);
void chunk_give(struct arena_class *c, struct arena_chunk *chunk,
		const struct arena_list *objects);
void chunk_give_one(struct arena_class *c, struct arena_chunk *chunk,
		    u32 place);
void chunk_scrub(struct arena_chunk *chunk, u32 place);
void chunk_scrub_objects(struct arena_chunk *chunk,
			 const struct arena_list *objects);
void list_push(struct arena_chunk *chunk, struct arena_list *list, u32 place);
void chunk_free_objects(struct arena_chunk *chunk,
			const struct arena_list *objects);

/* grace.c */
void grace_scrub_work(struct work_struct *work);

/* directory.c */
int directory_init(struct gomap_arena *arena, gfp_t gfp);
void directory_destroy(struct gomap_arena *arena);
struct arena_chunk *arena_chunk_of(const struct gomap_arena *arena, u32 handle);
struct arena_chunk *arena_chunk_at(const struct gomap_arena *arena, u32 *number);
int directory_add(struct gomap_arena *arena, struct arena_chunk *chunk,
		  gfp_t gfp);
void directory_remove(struct gomap_arena *arena, struct arena_chunk *chunk);

/* magazine.c */
u32 magazine_alloc(struct gomap_arena *arena, struct arena_class *c,
		   struct arena_magazine *magazines);
bool magazine_free(struct gomap_arena *arena, struct arena_class *c,
		   struct arena_chunk *chunk, u32 handle);
void magazines_provide(struct gomap_arena *arena, struct arena_class *c,
		       gfp_t gfp);
void magazines_empty(struct gomap_arena *arena, struct arena_class *c);
u64 magazines_cached(const struct arena_class *c);
u64 magazines_handed_out(const struct arena_class *c);
void magazines_destroy(struct gomap_arena *arena, struct arena_class *c);

/* arena.c */
u32 arena_take(struct gomap_arena *arena, struct arena_class *c);
void arena_put_back(struct gomap_arena *arena, u32 handle);
int object_provide(struct gomap_arena *arena, u32 handle, gfp_t gfp);
void arena_put_later(struct gomap_arena *arena);
void arena_trim_later(struct gomap_arena *arena);

/* trim.c */
void trim_count_grace_period(struct gomap_arena *arena);
bool trim_is_worth_it(const struct gomap_arena *arena);
void trim_as_due(struct gomap_arena *arena);

/* shrinker.c */
void arenas_add(struct gomap_arena *arena);
void arenas_remove(struct gomap_arena *arena);

#endif /* GOMAP_CHUNK_H */
