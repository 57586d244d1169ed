// SPDX-License-Identifier: GPL-2.0
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "version.h"

#include <linux/errno.h>
#include <linux/netlink.h>
#include <linux/printk.h>

#include "hypercall.h"
#include "xen.h"

/*
 * The versions of public/domctl.h between which all that xen_abi.h has is the same,
 * what it has of vm_event.h too, and the releases of Xen that speak them.
 */
#define DOMCTL_FIRST	0x13
#define DOMCTL_LAST	0x18
#define RELEASES	"4.15 to 4.22"

/* 4.20, as Xen says it; its domctl version is that of 4.19. */
#define R_PW_SINCE	0x40014

static u32 domctl_version;
static bool has_r_pw;
/* Written at load only, so that a message may point at it. */
static char mismatch[128];

/* Xen answers a call of another version with that, whatever it asks. */
static bool speaks(u32 version)
{
	const struct gprobe_xen xen = { .domctl_version = version };
	struct gprobe_xen_info info;

	return gprobe_xen_info(&xen, &info) != -EACCES;
}

/**
 * gprobe_version_init() - Find out how to speak to this Xen.
 *
 * The versions that are known are tried: Xen tells its own release, but no table of
 * releases can know those to come, which may speak as one before them does.
 *
 * Context: Module load.
 * Return: 0; -EPROTONOSUPPORT: it speaks in none of the known ways.
 */
int gprobe_version_init(void)
{
	unsigned int xen = gprobe_hypercall_version();
	unsigned int major = xen >> 16, minor = xen & 0xffff;
	u32 version = DOMCTL_LAST;

	while (version >= DOMCTL_FIRST && !speaks(version))
		version--;
	if (version < DOMCTL_FIRST) {
		pr_err("Xen %u.%u runs here, and this module does not know its domctl interface, but those of Xen %s (versions %#x to %#x)\n",
		       major, minor, RELEASES,
		       DOMCTL_FIRST, DOMCTL_LAST);
		return -EPROTONOSUPPORT;
	}
	domctl_version = version;
	has_r_pw = xen >= R_PW_SINCE;
	snprintf(mismatch, sizeof(mismatch),
		 "Xen %u.%u speaks domctl version %#x, not the one given: use the tools of the running Xen",
		 major, minor, version);
	return 0;
}

/**
 * gprobe_version_domctl() - How this Xen is spoken to.
 *
 * Context: Any, after gprobe_version_init().
 * Return: its XEN_DOMCTL_INTERFACE_VERSION.
 */
u32 gprobe_version_domctl(void)
{
	return domctl_version;
}

/**
 * gprobe_version_has_r_pw() - Does this Xen know GPROBE_XEN_ACCESS_R_PW?
 *
 * Context: Any, after gprobe_version_init().
 * Return: true if it does; whether the CPU has what it takes is another question.
 */
bool gprobe_version_has_r_pw(void)
{
	return has_r_pw;
}

/**
 * gprobe_version_say() - Tell a caller that it expects another Xen.
 * @extack: told which one runs
 *
 * Context: Any.
 */
void gprobe_version_say(struct netlink_ext_ack *extack)
{
	/* NL_SET_ERR_MSG_FMT() is only in newer kernels. */
	extack->_msg = mismatch;
}
