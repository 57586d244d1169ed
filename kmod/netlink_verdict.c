// SPDX-License-Identifier: GPL-2.0
/* Messages to verdicts: nothing that is in one of them is believed. */
#include <linux/bits.h>
#include <linux/string.h>
#include <net/genetlink.h>

#include "../include/uapi/linux/gprobe.h"
#include "verdict.h"
#include "xen.h"

#define PAGE_FAULT	14

/* Xen takes sixteen bytes, and executes one instruction of them. */
#define NOP		0x90

/*
 * Faults that a guest can have at any instruction, and of these, those with an
 * error code (SDM 3, 6.3.1 and 6.13). A debug build of Xen asserts that the
 * code fits the vector.
 */
#define FAULTS	(BIT(0) | BIT(5) | BIT(6) | BIT(7) | BIT(10) | BIT(11) | \
		 BIT(12) | BIT(13) | BIT(14) | BIT(16) | BIT(17) | BIT(19))
#define WITH_ERROR_CODE	(BIT(10) | BIT(11) | BIT(12) | BIT(13) | BIT(14) | \
			 BIT(17))

/* Which verdict an attribute belongs to. */
static const struct {
	int attribute;
	u32 kind;
} parts[] = {
	{ GPROBE_A_UPCALL_VIEW, GPROBE_VERDICT_VIEW },
	{ GPROBE_A_UPCALL_REGS, GPROBE_VERDICT_REGISTERS },
	{ GPROBE_A_UPCALL_INSN, GPROBE_VERDICT_EMULATE },
	{ GPROBE_A_UPCALL_VECTOR, GPROBE_VERDICT_INJECT },
	{ GPROBE_A_UPCALL_ERROR_CODE, GPROBE_VERDICT_INJECT },
	{ GPROBE_A_UPCALL_CR2, GPROBE_VERDICT_INJECT },
};

static int check_parts(struct genl_info *info, u32 kind)
{
	struct nlattr *attr;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		attr = info->attrs[parts[i].attribute];
		if (!attr || parts[i].kind == kind)
			continue;
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "this attribute belongs to another verdict");
		return -EINVAL;
	}
	return 0;
}

static int parse_fault(struct genl_info *info, struct gprobe_verdict *verdict)
{
	struct nlattr *vector = info->attrs[GPROBE_A_UPCALL_VECTOR];
	struct nlattr *code = info->attrs[GPROBE_A_UPCALL_ERROR_CODE];
	struct nlattr *cr2 = info->attrs[GPROBE_A_UPCALL_CR2];

	if (!vector || !(FAULTS >> nla_get_u32(vector) & 1)) {
		NL_SET_ERR_MSG(info->extack, "what is injected is a fault: vector 0, 5 to 7, 10 to 14, 16, 17 or 19");
		return -EINVAL;
	}
	verdict->vector = nla_get_u32(vector);
	if (!code != !(WITH_ERROR_CODE >> verdict->vector & 1) ||
	    !cr2 != (verdict->vector != PAGE_FAULT)) {
		NL_SET_ERR_MSG(info->extack, "an error code goes with the vectors 10 to 14 and 17, CR2 with 14, and with no others");
		return -EINVAL;
	}
	verdict->error_code = code ? nla_get_u32(code) : GPROBE_NO_ERROR_CODE;
	verdict->cr2 = cr2 ? nla_get_u64(cr2) : 0;
	return 0;
}

static int parse_regs(struct genl_info *info, struct gprobe_verdict *verdict)
{
	struct nlattr *regs = info->attrs[GPROBE_A_UPCALL_REGS];

	if (!regs) {
		NL_SET_ERR_MSG(info->extack, "the registers to go on with are missing");
		return -EINVAL;
	}
	nla_memcpy(&verdict->regs, regs, sizeof(verdict->regs));
	return 0;
}

static void parse_insn(struct genl_info *info, struct gprobe_verdict *verdict)
{
	struct nlattr *insn = info->attrs[GPROBE_A_UPCALL_INSN];

	verdict->is_insn_given = insn;
	memset(verdict->insn, NOP, sizeof(verdict->insn));
	if (insn)
		memcpy(verdict->insn, nla_data(insn), nla_len(insn));
}

static int parse_view(struct genl_info *info, struct gprobe_verdict *verdict)
{
	struct nlattr *view = info->attrs[GPROBE_A_UPCALL_VIEW];

	if (!view || nla_get_u32(view) > U16_MAX) {
		NL_SET_ERR_MSG(info->extack, "the view to go on in is missing, or is none");
		return -EINVAL;
	}
	verdict->view = nla_get_u32(view);
	return 0;
}

/**
 * gprobe_verdict_parse() - Read the verdict of a reply.
 * @info: the reply
 * @verdict: the verdict; that it can be done is still to be seen
 *
 * Context: Process.
 * Return: 0; -EINVAL and said why.
 */
int gprobe_verdict_parse(struct genl_info *info,
			 struct gprobe_verdict *verdict)
{
	struct nlattr *kind = info->attrs[GPROBE_A_UPCALL_VERDICT];
	int ret;

	memset(verdict, 0, sizeof(*verdict));
	verdict->kind = kind ? nla_get_u32(kind) : GPROBE_VERDICT_CONTINUE;
	ret = check_parts(info, verdict->kind);
	if (ret)
		return ret;
	switch (verdict->kind) {
	case GPROBE_VERDICT_EMULATE:
		parse_insn(info, verdict);
		return 0;
	case GPROBE_VERDICT_REGISTERS:
		return parse_regs(info, verdict);
	case GPROBE_VERDICT_INJECT:
		return parse_fault(info, verdict);
	case GPROBE_VERDICT_VIEW:
		return parse_view(info, verdict);
	default:
		return 0;
	}
}
