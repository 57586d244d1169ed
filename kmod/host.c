// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "host.h"

#include <linux/errno.h>
#include <linux/notifier.h>
#include <linux/printk.h>
#include <xen/features.h>
#include <xen/xen.h>
#include <xen/xenbus.h>

#include "domain.h"
#include "map_ops.h"

static bool watching;

static void on_release_domain(struct xenbus_watch *watch, const char *path,
			      const char *token)
{
	gprobe_domain_check_deaths();
}

/* Fires when any guest shuts down or dies. */
static struct xenbus_watch release_domain = {
	.node = "@releaseDomain",
	.callback = on_release_domain,
};

/* Called at once when the store is there, else when it comes up. */
static int on_xenstore(struct notifier_block *nb, unsigned long event,
		       void *data)
{
	int ret = register_xenbus_watch(&release_domain);

	if (ret)
		pr_err("cannot watch for dying guests: %d\n", ret);
	watching = !ret;
	return NOTIFY_DONE;
}

static struct notifier_block xenstore_up = { .notifier_call = on_xenstore };

/**
 * gprobe_host_check() - Can guests be probed from here?
 *
 * Context: Module load.
 * Return: 0; -ENODEV: not in a dom0 of Xen.
 */
int gprobe_host_check(void)
{
	if (xen_initial_domain())
		return 0;
	pr_err("not the initial domain (dom0) of a Xen host\n");
	return -ENODEV;
}

/**
 * gprobe_host_map_ops() - How this dom0 maps frames.
 *
 * Context: Module load.
 * Return: the operations.
 */
const struct gprobe_map_ops *gprobe_host_map_ops(void)
{
	return xen_feature(XENFEAT_auto_translated_physmap) ?
	       &gprobe_map_auto_ops : &gprobe_map_pv_ops;
}

/**
 * gprobe_host_init() - From now on, hear of guests that die.
 *
 * Context: Module load.
 * Return: 0 or a negative errno.
 */
int gprobe_host_init(void)
{
	return register_xenstore_notifier(&xenstore_up);
}

/**
 * gprobe_host_exit() - Hear no more.
 *
 * Context: Module unload.
 */
void gprobe_host_exit(void)
{
	unregister_xenstore_notifier(&xenstore_up);
	if (watching)
		unregister_xenbus_watch(&release_domain);
}
