/* SPDX-License-Identifier: GPL-2.0 */
/* How a vCPU gets past an instruction: what to answer, and what is to be noted. */
#ifndef GPROBE_STEP_H
#define GPROBE_STEP_H

#include <linux/types.h>

struct gprobe_answer;
struct gprobe_domain;
struct gprobe_event;
struct gprobe_site;
struct gprobe_store;

void gprobe_step_fast(struct gprobe_domain *domain,
		      const struct gprobe_event *event,
		      struct gprobe_answer *answer);
void gprobe_step_store(struct gprobe_domain *domain,
		       const struct gprobe_event *event,
		       const struct gprobe_store *store,
		       struct gprobe_answer *answer);
void gprobe_step_by(struct gprobe_domain *domain,
		    const struct gprobe_event *event,
		    const struct gprobe_site *site, u8 step,
		    struct gprobe_answer *answer);
void gprobe_step_past(struct gprobe_domain *domain,
		      const struct gprobe_event *event,
		      const struct gprobe_site *site, bool sets_regs,
		      struct gprobe_answer *answer);
bool gprobe_step_is_own_int3(const struct gprobe_site *site);
void gprobe_step_reinject(struct gprobe_domain *domain,
			  const struct gprobe_event *event);

#endif /* GPROBE_STEP_H */
