// SPDX-License-Identifier: GPL-2.0
/* Load and unload. */
#include <linux/module.h>
#include <net/genetlink.h>

#include "../include/uapi/linux/gprobe.h"
#include "host.h"
#include "map.h"
#include "netlink.h"
#include "poller.h"
#include "version.h"

static int __init gprobe_init(void)
{
	int ret = gprobe_host_check();

	if (ret)
		return ret;
	ret = gprobe_version_init();
	if (ret)
		return ret;
	gprobe_map_init();
	ret = gprobe_poller_init();
	if (ret)
		return ret;
	ret = gprobe_netlink_init();
	if (ret)
		goto err_poller;
	ret = gprobe_host_init();
	if (ret)
		goto err_netlink;
	return 0;

err_netlink:
	gprobe_netlink_exit();
err_poller:
	gprobe_poller_exit();
	return ret;
}

/* No session is left: each holds the module. */
static void __exit gprobe_exit(void)
{
	gprobe_host_exit();
	gprobe_netlink_exit();
	gprobe_poller_exit();
}

module_init(gprobe_init);
module_exit(gprobe_exit);

MODULE_DESCRIPTION("gprobe: probes in Xen guests");
MODULE_LICENSE("GPL");
MODULE_ALIAS_GENL_FAMILY(GPROBE_FAMILY_NAME);
