// SPDX-License-Identifier: GPL-2.0
#include "fake_module.h"

#include <linux/gprobe.h>

void module_put_domain(struct nlmsghdr *head, uint32_t domid)
{
	struct nlattr *nest;
	uint16_t attribute;

	mnl_attr_put_u32(head, GPROBE_A_DOMAIN_ID, domid);
	for (attribute = GPROBE_A_DOMAIN_STATE;
	     attribute < GPROBE_A_DOMAIN_STATS; attribute++)
		mnl_attr_put_u32(head, attribute, 1);
	nest = mnl_attr_nest_start(head, GPROBE_A_DOMAIN_STATS);
	for (attribute = GPROBE_A_STATS_EVENTS;
	     attribute <= GPROBE_A_STATS_MAX; attribute++)
		mnl_attr_put_u64(head, attribute, 1);
	mnl_attr_nest_end(head, nest);
	mnl_attr_put_u32(head, GPROBE_A_DOMAIN_WATCHES, 1);
}

void module_put_view(struct nlmsghdr *head, uint32_t id)
{
	mnl_attr_put_u32(head, GPROBE_A_VIEW_DOMAIN, 1);
	mnl_attr_put_u32(head, GPROBE_A_VIEW_ID, id);
	mnl_attr_put_u32(head, GPROBE_A_VIEW_SITES, 1);
	mnl_attr_put_u32(head, GPROBE_A_VIEW_FRAMES, 1);
}

void module_put_site(struct nlmsghdr *head, uint64_t gfn)
{
	mnl_attr_put_u32(head, GPROBE_A_SITE_DOMAIN, 1);
	mnl_attr_put_u32(head, GPROBE_A_SITE_VIEW, 1);
	mnl_attr_put_u64(head, GPROBE_A_SITE_GFN, gfn);
	mnl_attr_put_u32(head, GPROBE_A_SITE_OFFSET, 1);
	mnl_attr_put_u32(head, GPROBE_A_SITE_STEP, 1);
	mnl_attr_put_u32(head, GPROBE_A_SITE_CLAIMS, 1);
	mnl_attr_put_u64(head, GPROBE_A_SITE_HITS, 1);
}

void module_put_claim(struct nlmsghdr *head, uint32_t id)
{
	mnl_attr_put_u32(head, GPROBE_A_CLAIM_ID, id);
	mnl_attr_put_u32(head, GPROBE_A_CLAIM_DOMAIN, 1);
	mnl_attr_put_u32(head, GPROBE_A_CLAIM_VIEW, 1);
	mnl_attr_put_u64(head, GPROBE_A_CLAIM_GFN, 1);
	mnl_attr_put_u32(head, GPROBE_A_CLAIM_OFFSET, 1);
	mnl_attr_put_u32(head, GPROBE_A_CLAIM_ACTION, 1);
	mnl_attr_put_u64(head, GPROBE_A_CLAIM_COOKIE, 1);
	mnl_attr_put_u32(head, GPROBE_A_CLAIM_SESSION, 1);
	mnl_attr_put_u64(head, GPROBE_A_CLAIM_HITS, 1);
}

void module_put_watch(struct nlmsghdr *head, uint64_t gfn)
{
	static const uint8_t entries[GPROBE_ENTRIES_BYTES] = { 1 };

	mnl_attr_put_u32(head, GPROBE_A_WATCH_DOMAIN, 1);
	mnl_attr_put_u32(head, GPROBE_A_WATCH_VIEW, 1);
	mnl_attr_put_u64(head, GPROBE_A_WATCH_GFN, gfn);
	mnl_attr_put(head, GPROBE_A_WATCH_ENTRIES, sizeof(entries), entries);
	mnl_attr_put_u32(head, GPROBE_A_WATCH_SESSION, 1);
}

void module_put_upcall(struct nlmsghdr *head, uint64_t seq)
{
	mnl_attr_put_u32(head, GPROBE_A_UPCALL_DOMAIN, 1);
	mnl_attr_put_u64(head, GPROBE_A_UPCALL_SEQ, seq);
	mnl_attr_put_u32(head, GPROBE_A_UPCALL_VCPU, 1);
	mnl_attr_put_u32(head, GPROBE_A_UPCALL_REASON, 1);
	mnl_attr_put_u32(head, GPROBE_A_UPCALL_VIEW, 1);
	mnl_attr_put_u64(head, GPROBE_A_UPCALL_GFN, 1);
	mnl_attr_put_u32(head, GPROBE_A_UPCALL_INDEX, 1);
	mnl_attr_put_u64(head, GPROBE_A_UPCALL_OLD, 1);
	mnl_attr_put_u64(head, GPROBE_A_UPCALL_NEW, 1);
}
