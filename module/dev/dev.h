/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dev.h - what the files of the device layer share.
 *
 * The device layer puts maps behind file descriptors.  It is a user of
 * <linux/gomap.h> like any other module and knows nothing else of the map.
 *
 *	chardev.c	/dev/gomap and the table of its commands
 *	mapfd.c		the descriptor that is a map, and its commands' table
 *	dispatch.c	from an ioctl to its handler: all that commands share
 *	create.c	CREATE and OPEN: how a program comes by such a descriptor
 *	registry.c	the names of maps, and who may open them
 *	names.c		what a name and a schema may consist of
 *	ops.c		LOOKUP, INSERT, REPLACE, STORE, DELETE
 *	batch.c		BATCH: many of those in one call
 *	iter.c		ITER
 *	info.c		VERSION, INFO, LIST and fdinfo: what is told about maps
 *	limits.c	LIMITS, and the reason why something was refused
 *	memory.c	MEMORY
 *	view.c		mmap(): the view of a map
 *	window.c	which memory is where in it
 *	bounce.c	kernel memory for keys and values on their way
 *
 * Who holds what
 * --------------
 * A struct gomap_devmap is counted.  One reference belongs to each descriptor
 * (struct file, so duplicates share it) and one to the registry as long as the
 * map has a name.  The descriptor pins the module; the registry does not, so
 * maps that have a name but no descriptor go when the module is unloaded.
 *
 * A view has a window, which the map's memory holds on to until the last of it
 * was given back; a mapping has a struct file, and so a descriptor's reference.
 *
 * Locks
 * -----
 * There is one but those of window.c: the rwsem in registry.c.  Nothing else is
 * locked under it, no user memory is touched, no function of the map is called
 * and no reference given back.  User memory is never touched under any lock nor under RCU:
 * everything passes through kernel memory (bounce.c).
 */
#ifndef GOMAP_DEV_H
#define GOMAP_DEV_H

#include <linux/build_bug.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/gomap.h>
#include <linux/kref.h>
#include <linux/rbtree.h>
#include <linux/stddef.h>
#include <linux/uidgid.h>
#include <uapi/linux/gomap.h>

struct dev_window;
struct seq_file;
struct vm_area_struct;

/**
 * struct gomap_devmap - a map as the device knows it.
 * @ref: Descriptors and the registry.
 * @map: The map; set before anybody else can see this, then constant.
 * @window: Where its view is; NULL: it has none.  Likewise.
 * @id: Given when the map is published, then constant.
 * @flags: GOMAP_MAP_* bits, constant.
 * @key_size: As at create, constant.
 * @value_size: As at create, constant.
 * @mode: Permission bits, constant.
 * @uid: Owner, constant.
 * @gid: Group, constant.
 * @named: From publication until the name is taken away.  Written under the
 *	registry's lock, read anywhere with READ_ONCE().
 * @by_name: The registry's.
 * @by_id: The registry's.
 * @name: Name that it has, had or will have, zero-padded, constant.
 * @schema: Zero-padded, constant.
 */
struct gomap_devmap {
	struct kref ref;
	struct gomap *map;
	struct dev_window *window;
	u64 id;
	u32 flags;
	u32 key_size;
	u32 value_size;
	umode_t mode;
	kuid_t uid;
	kgid_t gid;
	bool named;
	struct rb_node by_name;
	struct rb_node by_id;
	char name[GOMAP_NAME_LEN];
	char schema[GOMAP_SCHEMA_LEN];
};

/*
 * For what a call needs of its own.  The caller's memory cgroup pays; when that
 * is full, often because of the map, the call is refused and the OOM killer
 * left out of it.
 */
#define GOMAP_GFP_CALL	(GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

/* dispatch.c */

union gomap_arg {
	struct gomap_ioc_plain plain;
	struct gomap_ioc_version version;
	struct gomap_ioc_create create;
	struct gomap_ioc_open open;
	struct gomap_ioc_list list;
	struct gomap_ioc_info info;
	struct gomap_ioc_op op;
	struct gomap_ioc_batch batch;
	struct gomap_ioc_iter iter;
	struct gomap_ioc_limits limits;
	struct gomap_ioc_memory memory;
};

/**
 * enum gomap_reply - when the structure goes back to the caller.
 * @GOMAP_REPLY_NONE: Not by the dispatcher: there are no answers in it, or the
 *	handler has to write them itself, before it does what can't be undone.
 * @GOMAP_REPLY_AFTER: When the handler was successful.
 * @GOMAP_REPLY_TRIED: The same, and once before, unchanged, so that a structure
 *	that can't be written is found out before the map is changed.
 */
enum gomap_reply {
	GOMAP_REPLY_NONE,
	GOMAP_REPLY_AFTER,
	GOMAP_REPLY_TRIED,
};

/**
 * struct gomap_call - one ioctl being carried out.
 * @command: Its row of the table.
 * @file: The descriptor that it was made on.
 * @uarg: The caller's structure.
 * @usize: Bytes of it that the caller and this kernel both know.
 * @reply_on_error: The handler failed and has answers all the same.
 * @arg: Kernel copy of the structure; zero where the caller's is shorter.
 */
struct gomap_call {
	const struct gomap_command *command;
	struct file *file;
	void __user *uarg;
	u32 usize;
	bool reply_on_error;
	union gomap_arg arg;
};

/**
 * struct gomap_command - a row of a table of commands.
 * @min_size: Bytes of the structure as it was first published.
 * @size: Bytes of the structure now.
 * @known_flags: Bits that its member flags may have.
 * @reserved: Offset of its member that must be 0; 0: it has none.
 * @opcode: For commands on one key: its number in a batch.
 * @needs: FMODE_* bits that the descriptor must have.
 * @reply: When the structure goes back.
 * @run: The handler; finds everything checked that the row speaks of.
 */
struct gomap_command {
	u16 min_size;
	u16 size;
	u32 known_flags;
	u16 reserved;
	u16 opcode;
	fmode_t needs;
	enum gomap_reply reply;
	int (*run)(struct gomap_call *call);
};

/* Sizes of a row: the structure, and its last member when first published. */
#define GOMAP_COMMAND_ARG(type, last)					\
	.min_size = offsetofend(struct type, last),			\
	.size = sizeof(struct type) +					\
		BUILD_BUG_ON_ZERO(offsetof(struct type, size)) +	\
		BUILD_BUG_ON_ZERO(sizeof(struct type) > sizeof(union gomap_arg))

/**
 * struct gomap_commands - the commands of one kind of descriptor.
 * @first: Lowest ioctl number, that of rows[0].
 * @count: Rows.
 * @rows: One for each number from there on; gaps have no handler.
 */
struct gomap_commands {
	unsigned int first;
	unsigned int count;
	const struct gomap_command *rows;
};

long gomap_dispatch(const struct gomap_commands *commands, struct file *file,
		    unsigned int cmd, unsigned long arg);
int gomap_call_reply(const struct gomap_call *call);

/* mapfd.c */

/**
 * struct gomap_newfd - a descriptor that its owner-to-be cannot use yet.
 * @fd: Its number, reserved.
 * @file: The file that it will name.
 */
struct gomap_newfd {
	int fd;
	struct file *file;
};

int gomap_newfd_prepare(struct gomap_newfd *newfd, struct gomap_devmap *dm,
			u32 open_flags);
void gomap_newfd_install(struct gomap_newfd *newfd);
void gomap_newfd_abandon(struct gomap_newfd *newfd);

static inline struct gomap_devmap *gomap_call_map(const struct gomap_call *call)
{
	return call->file->private_data;
}

/* create.c */
int gomap_create_command(struct gomap_call *call);
int gomap_open_command(struct gomap_call *call);
void gomap_devmap_put(struct gomap_devmap *dm);

/* registry.c */
int gomap_registry_reserve(struct gomap_devmap *dm);
void gomap_registry_publish(struct gomap_devmap *dm);
void gomap_registry_abandon(struct gomap_devmap *dm);
int gomap_registry_unlink(struct gomap_devmap *dm);
struct gomap_devmap *gomap_registry_open(const char *name, u32 open_flags);
struct gomap_devmap *gomap_registry_next(u64 id);
void gomap_registry_clear(void);

/* names.c */
bool gomap_name_valid(const char *name);
bool gomap_schema_valid(const char *schema);

/* bounce.c */

/* Key and value together of most maps: these never see an allocator. */
#define GOMAP_BOUNCE_SMALL	256	/* bytes */

/**
 * struct gomap_bounce - kernel memory that grows as it is needed.
 * @base: @small, or memory from kvmalloc().
 * @size: Bytes at @base.
 * @small: Enough for most.
 */
struct gomap_bounce {
	void *base;
	size_t size;
	u8 small[GOMAP_BOUNCE_SMALL] __aligned(8);
};

void gomap_bounce_init(struct gomap_bounce *bounce);
void *gomap_bounce_room(struct gomap_bounce *bounce, size_t size, size_t keep);
void gomap_bounce_free(struct gomap_bounce *bounce);

/* ops.c */
void gomap_op_run(struct file *file, struct gomap_bounce *bounce,
		  struct gomap_batch_op *op);
u32 gomap_op_run_lookups(struct file *file, struct gomap_bounce *bounce,
			 struct gomap_batch_op *ops, u32 count);
int gomap_op_command(struct gomap_call *call);

/* batch.c */
int gomap_batch_command(struct gomap_call *call);

/* iter.c */
int gomap_iter_command(struct gomap_call *call);

/* info.c */
int gomap_version_command(struct gomap_call *call);
int gomap_list_command(struct gomap_call *call);
int gomap_info_command(struct gomap_call *call);
void gomap_show_fdinfo(struct seq_file *seq, struct file *file);

/* limits.c */
bool gomap_is_refusal(int err);
enum gomap_reason gomap_reason_of(const struct gomap_devmap *dm, int err);
int gomap_limits_command(struct gomap_call *call);

/* memory.c */
int gomap_memory_command(struct gomap_call *call);

/* view.c */
int gomap_view_mmap(struct file *file, struct vm_area_struct *vma);
void gomap_view_prepare(struct file *file, struct gomap_devmap *dm);

#endif /* GOMAP_DEV_H */
