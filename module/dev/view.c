// SPDX-License-Identifier: GPL-2.0-only
/*
 * view.c - mmap() of a map: the view for readers that make no system call.
 *
 * What is mapped, and how it is read, says <linux/gomap_view.h>; which memory is
 * where, window.c.
 *
 * The mapping is shared and can only ever be read: VM_MAYWRITE and VM_MAYEXEC go,
 * so mprotect() is refused as well.  Page table entries are filled in on faults,
 * by page number (VM_PFNMAP) and without references: nobody can hold the kernel's
 * memory, by get_user_pages() or otherwise, longer than it is shown.  What makes
 * that safe is that memory is only given back after unmap_mapping_pages() took it
 * from all mappings, and that entries are made under the lock which that takes
 * (window.c): none can come after it.
 */
#include <linux/err.h>
#include <linux/mm.h>

#include "../compat.h"
#include "window.h"

/*
 * Pages that one fault maps, if they belong together: a reader who touches one
 * bucket of a span will touch others, in no order.
 */
#define PAGES_AROUND	16U

/* The part of the place that is mapped together with the page of a fault. */
static void pages_around(const struct vm_fault *vmf,
			 const struct dev_window_page *seen, pgoff_t *first,
			 pgoff_t *end)
{
	struct vm_area_struct *vma = vmf->vma;
	pgoff_t aligned = round_down(vmf->pgoff, PAGES_AROUND);

	*first = max3(aligned, seen->first, vma->vm_pgoff);
	*end = min3(aligned + PAGES_AROUND, seen->end,
		    vma->vm_pgoff + vma_pages(vma));
}

static vm_fault_t map_page(struct vm_area_struct *vma, pgoff_t page,
			   const struct dev_window_page *seen)
{
	unsigned long address;

	address = vma->vm_start + ((page - vma->vm_pgoff) << PAGE_SHIFT);
	return vmf_insert_pfn(vma, address, seen->is_hidden ?
			      page_to_pfn(ZERO_PAGE(address)) : seen->pfn);
}

/* The page of the fault first: it is what counts. */
static vm_fault_t map_around(struct dev_window *w, struct vm_fault *vmf,
			     const struct dev_window_page *seen)
{
	vm_fault_t ret = map_page(vmf->vma, vmf->pgoff, seen);
	struct dev_window_page other;
	pgoff_t page, end;

	if (ret != VM_FAULT_NOPAGE || seen->is_hidden)
		return ret;
	pages_around(vmf, seen, &page, &end);
	for (; page < end; page++)
		if (page != vmf->pgoff && dev_window_find(w, page, &other) &&
		    map_page(vmf->vma, page, &other) != VM_FAULT_NOPAGE)
			break;
	return ret;
}

static vm_fault_t view_fault(struct vm_fault *vmf)
{
	struct dev_window *w = vmf->vma->vm_private_data;
	struct dev_window_page seen;
	vm_fault_t ret = VM_FAULT_SIGBUS;

	down_read(&w->lock);
	if (dev_window_find(w, vmf->pgoff, &seen))
		ret = map_around(w, vmf, &seen);
	up_read(&w->lock);
	return ret;
}

static const struct vm_operations_struct view_vm_ops = {
	.fault = view_fault,
};

/* The descriptor is open for reading: mmap() itself sees to that. */
static int check_mapping(const struct dev_window *w,
			 struct vm_area_struct *vma)
{
	if (!(vma->vm_flags & VM_MAYSHARE))
		return -EINVAL;
	if (vma->vm_flags & (VM_WRITE | VM_EXEC))
		return -EACCES;
	if (vma->vm_pgoff || vma_pages(vma) > w->nr_pages)
		return -EINVAL;
	return 0;
}

/**
 * gomap_view_mmap() - Map the view of a map.
 * @file: The descriptor.
 * @vma: Where to.
 *
 * Context: Process context, with mmap_lock.
 * Return: 0, -ENODEV the map has no view, -EINVAL a private mapping, or one that
 *	is not from the start on or longer than the view can be, -EACCES one that
 *	is to be written or executed.
 */
int gomap_view_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct gomap_devmap *dm = file->private_data;
	int err;

	if (!dm->window)
		return -ENODEV;
	err = check_mapping(dm->window, vma);
	if (err)
		return err;

	gomap_vma_flags(vma, VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP,
			VM_MAYWRITE | VM_MAYEXEC);
	vma->vm_private_data = dm->window;
	vma->vm_ops = &view_vm_ops;
	return 0;
}

/**
 * gomap_view_prepare() - Make a new descriptor one that can be mapped.
 * @file: The descriptor, which nobody else knows yet.
 * @dm: The map.
 *
 * Context: Process context.
 */
void gomap_view_prepare(struct file *file, struct gomap_devmap *dm)
{
	if (!dm->window)
		return;
	WRITE_ONCE(dm->window->mapping.host, file_inode(file));
	file->f_mapping = &dm->window->mapping;
}
