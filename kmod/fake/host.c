// SPDX-License-Identifier: GPL-2.0
#include "../host.h"

#include <linux/errno.h>
#include <linux/workqueue.h>

#include "../domain.h"
#include "../map_ops.h"
#include "guest.h"

struct workqueue_struct *fake_workqueue;

/* In a kernel thread, as xenbus does it. */
static void release_domain(struct work_struct *work)
{
	gprobe_domain_check_deaths();
}

static DECLARE_WORK(release_domain_work, release_domain);

/**
 * fake_host_release_domain() - A guest has died: xenstore's @releaseDomain.
 *
 * Context: Any.
 */
void fake_host_release_domain(void)
{
	queue_work(fake_workqueue, &release_domain_work);
}

int gprobe_host_check(void)
{
	return 0;
}

/* The way that guests' memory can be shown in without a PTE of Xen's. */
const struct gprobe_map_ops *gprobe_host_map_ops(void)
{
	return &gprobe_map_auto_ops;
}

int gprobe_host_init(void)
{
	int ret;

	fake_workqueue = alloc_workqueue("gprobe-fake", 0, 0);
	if (!fake_workqueue)
		return -ENOMEM;
	ret = fake_device_init();
	if (ret)
		destroy_workqueue(fake_workqueue);
	return ret;
}

/* All guests' files are closed: each holds the module. */
void gprobe_host_exit(void)
{
	fake_device_exit();
	destroy_workqueue(fake_workqueue);
}
