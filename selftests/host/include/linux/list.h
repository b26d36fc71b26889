/* SPDX-License-Identifier: GPL-2.0-only */
/* linux/list.h - doubly linked lists that close in a circle at their head. */
#ifndef HOST_LIST_H
#define HOST_LIST_H

#include <linux/kernel.h>

struct list_head {
	struct list_head *next, *prev;
};

#define LIST_HEAD(name) struct list_head name = { &(name), &(name) }

static inline void INIT_LIST_HEAD(struct list_head *list)
{
	list->next = list;
	list->prev = list;
}

static inline bool list_empty(const struct list_head *list)
{
	return list->next == list;
}

static inline void list_between(struct list_head *entry,
				struct list_head *prev, struct list_head *next)
{
	entry->prev = prev;
	entry->next = next;
	prev->next = entry;
	next->prev = entry;
}

static inline void list_add(struct list_head *entry, struct list_head *list)
{
	list_between(entry, list, list->next);
}

static inline void list_add_tail(struct list_head *entry,
				 struct list_head *list)
{
	list_between(entry, list->prev, list);
}

static inline void list_del_init(struct list_head *entry)
{
	entry->prev->next = entry->next;
	entry->next->prev = entry->prev;
	INIT_LIST_HEAD(entry);
}

#define list_del(entry)	list_del_init(entry)

static inline void list_move_tail(struct list_head *entry,
				  struct list_head *list)
{
	list_del_init(entry);
	list_add_tail(entry, list);
}

#define list_entry(p, type, member)	container_of(p, type, member)
#define list_first_entry(list, type, member) \
	list_entry((list)->next, type, member)
#define host_list_step(pos, way, member) \
	list_entry((pos)->member.way, __typeof__(*(pos)), member)

#define host_list_walk(pos, list, way, member)				\
	for (pos = list_entry((list)->way, __typeof__(*pos), member);	\
	     &pos->member != (list);					\
	     pos = host_list_step(pos, way, member))
#define list_for_each_entry(pos, list, member) \
	host_list_walk(pos, list, next, member)
#define list_for_each_entry_reverse(pos, list, member) \
	host_list_walk(pos, list, prev, member)
#define list_for_each_entry_safe(pos, n, list, member)			\
	for (pos = list_entry((list)->next, __typeof__(*pos), member),	\
	     n = host_list_step(pos, next, member);			\
	     &pos->member != (list);					\
	     pos = n, n = host_list_step(n, next, member))

#endif
