// SPDX-License-Identifier: GPL-2.0
/* Load and unload. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <net/genetlink.h>
#include <xen/xen.h>
#include <xen/xenbus.h>

#include "../include/uapi/linux/gprobe.h"
#include "domain.h"
#include "map.h"
#include "netlink.h"

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

static int __init gprobe_init(void)
{
	int ret;

	if (!xen_initial_domain()) {
		pr_err("not the initial domain (dom0) of a Xen host\n");
		return -ENODEV;
	}
	ret = gprobe_map_init();
	if (ret)
		return ret;
	ret = gprobe_netlink_init();
	if (ret)
		return ret;
	ret = register_xenstore_notifier(&xenstore_up);
	if (ret)
		goto err_netlink;
	return 0;

err_netlink:
	gprobe_netlink_exit();
	return ret;
}

/* No session is left: each holds the module. */
static void __exit gprobe_exit(void)
{
	unregister_xenstore_notifier(&xenstore_up);
	if (watching)
		unregister_xenbus_watch(&release_domain);
	gprobe_netlink_exit();
}

module_init(gprobe_init);
module_exit(gprobe_exit);

MODULE_DESCRIPTION("gprobe: probes in Xen guests");
MODULE_LICENSE("GPL");
MODULE_ALIAS_GENL_FAMILY(GPROBE_FAMILY_NAME);
