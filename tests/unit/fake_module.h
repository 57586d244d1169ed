/* SPDX-License-Identifier: GPL-2.0 */
/* What the module writes of its objects; all else in them is 1. */
#ifndef GPROBE_UNIT_FAKE_MODULE_H
#define GPROBE_UNIT_FAKE_MODULE_H

#include <stdint.h>

#include <libmnl/libmnl.h>

void module_put_domain(struct nlmsghdr *head, uint32_t domid);
void module_put_view(struct nlmsghdr *head, uint32_t id);
void module_put_site(struct nlmsghdr *head, uint64_t gfn);
void module_put_claim(struct nlmsghdr *head, uint32_t id);
void module_put_watch(struct nlmsghdr *head, uint64_t gfn);
void module_put_upcall(struct nlmsghdr *head, uint64_t seq);

#endif /* GPROBE_UNIT_FAKE_MODULE_H */
