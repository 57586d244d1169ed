/* SPDX-License-Identifier: GPL-2.0 */
/* Sites: one INT3 each; claims: who wants its hits. */
#ifndef GPROBE_SITE_H
#define GPROBE_SITE_H

#include <linux/bitmap.h>
#include <linux/idr.h>
#include <linux/list.h>
#include <linux/types.h>

#include "../include/uapi/linux/gprobe.h"

struct gprobe_attachment;
struct gprobe_domain;
struct gprobe_frame;
struct gprobe_session;
struct gprobe_view;
struct netlink_ext_ack;

/* The rest of CR3 are control bits (SDM 3, 4.5). */
#define GPROBE_ROOT_MASK 0x000ffffffffff000ULL

/* vCPUs that a claim can name. */
#define GPROBE_VCPUS_MAX (8 * GPROBE_VCPU_BYTES_MAX)

/* All sites and all claims, by their ids, for dumps. */
extern struct idr gprobe_sites;
extern struct idr gprobe_claims;

/**
 * struct gprobe_site - one INT3
 * @node: in its frame's list
 * @frame: the frame it is in
 * @serial: its number in gprobe_sites
 * @key: gprobe_key() of its place
 * @offset: in the frame
 * @step: enum gprobe_step in use
 * @insn_bytes: with GPROBE_STEP_SKIP: how far RIP moves
 * @records: a claim that is on wants the registers
 * @asks: a claim that is on wants upcalls
 * @emul_failed: Xen cannot emulate what stands here
 * @claims: who wants its hits
 * @nr_claims: how many
 * @hits: under any root
 *
 * What the handler reads is changed under both locks; @records and @asks, as the
 * INT3, by the handler too, under the event lock.
 */
struct gprobe_site {
	struct list_head node;
	struct gprobe_frame *frame;
	int serial;
	u64 key;
	u16 offset;
	u8 step;
	u8 insn_bytes;
	bool records;
	bool asks;
	bool emul_failed;
	struct list_head claims;
	u32 nr_claims;
	u64 hits;
};

/**
 * struct gprobe_claim_spec - what a session asks for
 * @gfn: the frame
 * @offset: in the frame, below 4096
 * @root: CR3 without its low 12 bits
 * @any_root: @root does not matter
 * @any_vcpu: @vcpus does not matter
 * @cpls: bit n: hits at CPL n
 * @vcpus: hits of these; empty with @any_vcpu
 * @step: enum gprobe_step; 0: the module's choice
 * @insn_bytes: with GPROBE_STEP_SKIP: of the instruction; else 0
 * @action: enum gprobe_action
 * @rate: most hits a second that anybody is told of; 0: all
 * @off_after: hits, then it is off; 0: never
 * @cookie: the session's own
 * @label: for people, NUL-terminated, copied; or NULL
 */
struct gprobe_claim_spec {
	u64 gfn;
	u32 offset;
	u64 root;
	bool any_root;
	bool any_vcpu;
	u8 cpls;
	DECLARE_BITMAP(vcpus, GPROBE_VCPUS_MAX);
	u32 step;
	u32 insn_bytes;
	u32 action;
	u32 rate;
	u64 off_after;
	u64 cookie;
	const char *label;
};

/**
 * struct gprobe_claim - a session's wish for the hits of a site
 * @site_node: in its site's list
 * @session_node: in its session's list
 * @site: the site; NULL once the guest is gone
 * @session: whose
 * @attachment: that session's to the guest; outlives it
 * @id: its number in gprobe_claims
 * @spec: what was asked for; @spec.label is owned
 * @view_id: the view; outlives the site
 * @domid: the guest; outlives it
 * @hits: that its filters let through
 * @filtered: that they kept out
 * @limited: hits that nobody was told of
 * @off: it has had its hits
 * @left: of its rate, in this second
 * @second: where this second ends, in jiffies
 */
struct gprobe_claim {
	struct list_head site_node;
	struct list_head session_node;
	struct gprobe_site *site;
	struct gprobe_session *session;
	struct gprobe_attachment *attachment;
	int id;
	struct gprobe_claim_spec spec;
	u16 view_id;
	u32 domid;
	u64 hits;
	u64 filtered;
	u64 limited;
	bool off;
	u32 left;
	unsigned long second;
};

/**
 * gprobe_claim_matches() - Is a hit one of this claim's?
 * @claim: the claim
 * @cr3: the guest's CR3 at the hit
 * @vcpu: whose hit, one that the guest has
 * @cpl: at which privilege level, below 4
 */
static inline bool gprobe_claim_matches(const struct gprobe_claim *claim,
					u64 cr3, u32 vcpu, u8 cpl)
{
	const struct gprobe_claim_spec *spec = &claim->spec;

	return (spec->any_root || spec->root == (cr3 & GPROBE_ROOT_MASK)) &&
	       (spec->any_vcpu || (vcpu < GPROBE_VCPUS_MAX &&
				   test_bit(vcpu, spec->vcpus))) &&
	       spec->cpls >> cpl & 1;
}

struct gprobe_claim *gprobe_claim_new(struct gprobe_attachment *attachment,
				      struct gprobe_view *view,
				      const struct gprobe_claim_spec *spec,
				      struct netlink_ext_ack *extack);
bool gprobe_claim_hit(struct gprobe_claim *claim);
u8 gprobe_site_own_step(const struct gprobe_site *site);
void gprobe_site_choose_step(struct gprobe_site *site);
u32 gprobe_site_domid(const struct gprobe_site *site);
struct gprobe_domain *gprobe_claim_domain(const struct gprobe_claim *claim);
u64 gprobe_claim_release(struct gprobe_claim *claim, bool dying);
void gprobe_claim_free(struct gprobe_claim *claim);

#endif /* GPROBE_SITE_H */
