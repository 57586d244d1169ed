// SPDX-License-Identifier: GPL-2.0
/* /dev/gprobe-fake; see uapi.h. */
#include <linux/err.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "guest.h"

static DEFINE_MUTEX(create_mutex);

static int create(struct file *file, void __user *arg)
{
	struct gprobe_fake_guest spec;
	struct fake_guest *guest;
	int ret = 0;

	if (copy_from_user(&spec, arg, sizeof(spec)))
		return -EFAULT;
	mutex_lock(&create_mutex);
	guest = file->private_data ? ERR_PTR(-EBUSY) : fake_guest_new(&spec);
	if (IS_ERR(guest))
		ret = PTR_ERR(guest);
	else	/* Pairs with on_ioctl() and on_mmap(): it is complete. */
		smp_store_release(&file->private_data, guest);
	mutex_unlock(&create_mutex);
	return ret;
}

static int run(struct fake_guest *guest, void __user *arg)
{
	struct gprobe_fake_insn insn;
	int ret;

	if (copy_from_user(&insn, arg, sizeof(insn)))
		return -EFAULT;
	ret = fake_vcpu_run(guest, &insn);
	if (!ret && copy_to_user(arg, &insn, sizeof(insn)))
		ret = -EFAULT;
	return ret;
}

static int shown(struct fake_guest *guest, struct gprobe_fake_page *page,
		 struct page **frame)
{
	const struct fake_entry *entry = NULL;
	struct fake_entry host;

	spin_lock_irq(&guest->lock);
	if (page->view <= U16_MAX && fake_p2m_has_view(guest, page->view))
		entry = fake_p2m_lookup(guest, page->view, page->gfn, &host);
	if (entry) {
		*frame = entry->page;
		get_page(*frame);
		page->access = entry->access;
	}
	spin_unlock_irq(&guest->lock);
	return entry ? 0 : -ENOENT;
}

static int look(struct fake_guest *guest, void __user *arg)
{
	struct gprobe_fake_page page;
	struct page *frame;
	int ret;

	if (copy_from_user(&page, arg, sizeof(page)))
		return -EFAULT;
	ret = shown(guest, &page, &frame);
	if (ret)
		return ret;
	if (copy_to_user(u64_to_user_ptr(page.data), page_address(frame),
			 PAGE_SIZE) ||
	    copy_to_user(arg, &page, sizeof(page)))
		ret = -EFAULT;
	put_page(frame);
	return ret;
}

static int tell_state(struct fake_guest *guest, void __user *arg)
{
	struct gprobe_fake_state state;

	fake_guest_state(guest, &state);
	return copy_to_user(arg, &state, sizeof(state)) ? -EFAULT : 0;
}

static int put(struct fake_guest *guest, void __user *arg)
{
	struct gprobe_xen_slot request;
	int ret = -ENODEV;

	if (copy_from_user(&request, arg, sizeof(request)))
		return -EFAULT;
	spin_lock_irq(&guest->lock);
	if (guest->ring)
		ret = fake_ring_has_slot(guest) ? 0 : -EAGAIN;
	if (!ret)
		fake_ring_put(guest, &request);
	spin_unlock_irq(&guest->lock);
	return ret;
}

static int kick(struct fake_guest *guest)
{
	int ret = -ENODEV;

	spin_lock_irq(&guest->lock);
	if (guest->channel) {
		fake_channel_raise(guest->channel);
		ret = 0;
	}
	spin_unlock_irq(&guest->lock);
	return ret;
}

static int die(struct fake_guest *guest)
{
	fake_guest_die(guest);
	fake_host_release_domain();
	return 0;
}

static long guest_ioctl(struct fake_guest *guest, unsigned int cmd,
			unsigned long arg)
{
	void __user *user = (void __user *)arg;

	switch (cmd) {
	case GPROBE_FAKE_RUN:
		return run(guest, user);
	case GPROBE_FAKE_LOOK:
		return look(guest, user);
	case GPROBE_FAKE_STATE:
		return tell_state(guest, user);
	case GPROBE_FAKE_PUT:
		return put(guest, user);
	case GPROBE_FAKE_KICK:
		return kick(guest);
	case GPROBE_FAKE_DIE:
		return die(guest);
	case GPROBE_FAKE_LEAVE:
		fake_guest_left(guest, arg);
		return 0;
	default:
		return -ENOTTY;
	}
}

static long on_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	/* Pairs with create(). */
	struct fake_guest *guest = smp_load_acquire(&file->private_data);

	if (cmd == GPROBE_FAKE_ZOMBIES)
		return fake_guest_zombies();
	if (cmd == GPROBE_FAKE_CREATE)
		return create(file, (void __user *)arg);
	return guest ? guest_ioctl(guest, cmd, arg) : -ENODEV;
}

static struct page *frame_of(struct fake_guest *guest, u64 gfn)
{
	struct page *frame = NULL;

	spin_lock_irq(&guest->lock);
	if (gfn < guest->nr_gfns)
		frame = guest->frames[gfn];
	if (!frame && gfn == guest->ring_gfn)
		frame = guest->ring;
	if (frame)
		get_page(frame);
	spin_unlock_irq(&guest->lock);
	return frame;
}

static int on_mmap(struct file *file, struct vm_area_struct *vma)
{
	/* Pairs with create(). */
	struct fake_guest *guest = smp_load_acquire(&file->private_data);
	unsigned long address = vma->vm_start;
	u64 gfn = vma->vm_pgoff;
	struct page *frame;
	int ret = 0;

	if (!guest)
		return -ENODEV;
	for (; address < vma->vm_end && !ret; address += PAGE_SIZE, gfn++) {
		frame = frame_of(guest, gfn);
		if (!frame)
			return -ENXIO;
		ret = vm_insert_page(vma, address, frame);
		put_page(frame);
	}
	return ret;
}

static int on_open(struct inode *inode, struct file *file)
{
	/* Not what a misc device leaves there. */
	file->private_data = NULL;
	return 0;
}

static int on_release(struct inode *inode, struct file *file)
{
	struct fake_guest *guest = file->private_data;

	if (!guest)
		return 0;
	fake_guest_die(guest);
	fake_guest_del(guest);
	fake_host_release_domain();
	return 0;
}

static const struct file_operations fake_fops = {
	.owner = THIS_MODULE,
	.open = on_open,
	.release = on_release,
	.unlocked_ioctl = on_ioctl,
	.mmap = on_mmap,
};

static struct miscdevice fake_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = GPROBE_FAKE_DEVICE,
	.fops = &fake_fops,
	.mode = 0600,
};

/**
 * fake_device_init() - Make /dev/gprobe-fake.
 *
 * Context: Module load.
 * Return: 0 or a negative errno.
 */
int fake_device_init(void)
{
	return misc_register(&fake_device);
}

/**
 * fake_device_exit() - Remove it.
 *
 * Context: Module unload.
 */
void fake_device_exit(void)
{
	misc_deregister(&fake_device);
}
