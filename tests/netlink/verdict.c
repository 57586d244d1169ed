// SPDX-License-Identifier: GPL-2.0
#include "verdict.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REG(name) { #name, offsetof(struct gprobe_regs, name) / 8 }

static const struct {
	const char *name;
	unsigned int index;
} names[] = {
	REG(rax), REG(rcx), REG(rdx), REG(rbx), REG(rsp), REG(rbp), REG(rsi),
	REG(rdi), REG(r8), REG(r15), REG(rip), REG(rflags), REG(cr3),
};

static int parse_reg(struct verdict *verdict, char *word)
{
	char *value = strchr(word, ':');
	size_t i;

	if (!value || verdict->nr == VERDICT_REGS)
		return -EINVAL;
	*value++ = '\0';
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(names[i].name, word))
			continue;
		verdict->regs[verdict->nr] = names[i].index;
		verdict->added[verdict->nr] = *value == '+';
		verdict->values[verdict->nr++] = strtoull(value, NULL, 0);
		return 0;
	}
	return -EINVAL;
}

static int parse_regs(struct verdict *verdict, char *words)
{
	char *word;
	int ret = 0;

	while ((word = strsep(&words, ",")) && !ret)
		ret = parse_reg(verdict, word);
	return ret;
}

static int parse_insn(struct gprobe_verdict *verdict, const char *hex)
{
	unsigned int byte;

	for (; *hex; hex += 2) {
		if (verdict->insn_bytes == sizeof(verdict->insn) ||
		    sscanf(hex, "%2x", &byte) != 1 || !hex[1])
			return -EINVAL;
		verdict->insn[verdict->insn_bytes++] = byte;
	}
	return 0;
}

static int parse_fault(struct gprobe_verdict *verdict, const char *words)
{
	unsigned long long cr2 = 0;

	if (sscanf(words, "%u:%x:%llx", &verdict->vector,
		   &verdict->error_code, &cr2) < 1)
		return -EINVAL;
	verdict->cr2 = cr2;
	return 0;
}

static int parse_view(struct verdict *verdict, const char *word)
{
	verdict->own_view = !strcmp(word, "own");
	verdict->verdict.view = strtoul(word, NULL, 10);
	return 0;
}

int verdict_parse(struct verdict *verdict, char *words)
{
	static const char *const kinds[] = {
		[GPROBE_VERDICT_CONTINUE] = "continue",
		[GPROBE_VERDICT_STEP] = "step",
		[GPROBE_VERDICT_EMULATE] = "emulate",
		[GPROBE_VERDICT_REGISTERS] = "regs",
		[GPROBE_VERDICT_INJECT] = "inject",
		[GPROBE_VERDICT_VIEW] = "view",
		[GPROBE_VERDICT_DENY] = "deny",
	};
	char *name = strsep(&words, "=");
	uint32_t kind = GPROBE_VERDICT_MAX;

	while (kind && strcmp(kinds[kind], name))
		kind--;
	verdict->verdict.kind = kind;
	switch (words ? kind : 0) {
	case GPROBE_VERDICT_EMULATE:
		return parse_insn(&verdict->verdict, words);
	case GPROBE_VERDICT_REGISTERS:
		return parse_regs(verdict, words);
	case GPROBE_VERDICT_INJECT:
		return parse_fault(&verdict->verdict, words);
	case GPROBE_VERDICT_VIEW:
		return parse_view(verdict, words);
	default:
		return kind && !words ? 0 : -EINVAL;
	}
}

struct gprobe_verdict verdict_make(const struct verdict *from,
				   const struct gprobe_upcall *upcall)
{
	struct gprobe_verdict verdict = from->verdict;
	uint64_t *word;
	unsigned int i;

	verdict.regs = upcall->regs;
	for (i = 0; i < from->nr; i++) {
		word = (uint64_t *)&verdict.regs + from->regs[i];
		*word = from->values[i] + (from->added[i] ? *word : 0);
	}
	return verdict;
}

static void try_one(struct gprobe_client *client,
		    const struct gprobe_upcall *upcall, const char *name,
		    const struct gprobe_verdict *verdict)
{
	int ret = gprobe_upcall_reply(client, upcall, verdict);

	printf("bad %s %d %s\n", name, -ret, gprobe_client_message(client));
}

static void try_regs(struct gprobe_client *client,
		     const struct gprobe_upcall *upcall)
{
	static const struct {
		const char *name;
		size_t offset;
		uint64_t changed;
	} changes[] = {
		{ "cr3", offsetof(struct gprobe_regs, cr3), 1ULL << 12 },
		{ "cr0", offsetof(struct gprobe_regs, cr0), 1 },
		{ "efer", offsetof(struct gprobe_regs, efer), 1ULL << 10 },
		{ "cs", offsetof(struct gprobe_regs, cpl), 1ULL << 35 },
		{ "if", offsetof(struct gprobe_regs, rflags), 1 << 9 },
		{ "tf", offsetof(struct gprobe_regs, rflags), 1 << 8 },
		{ "vm", offsetof(struct gprobe_regs, rflags), 1 << 17 },
		{ "bit1", offsetof(struct gprobe_regs, rflags), 1 << 1 },
		{ "flag63", offsetof(struct gprobe_regs, rflags), 1ULL << 63 },
		{ "rip62", offsetof(struct gprobe_regs, rip), 1ULL << 62 },
		{ "rip47", offsetof(struct gprobe_regs, rip), 1ULL << 47 },
	};
	struct gprobe_verdict verdict = { .kind = GPROBE_VERDICT_REGISTERS };
	size_t i;

	for (i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		verdict.regs = upcall->regs;
		*(uint64_t *)((char *)&verdict.regs + changes[i].offset) ^=
			changes[i].changed;
		try_one(client, upcall, changes[i].name, &verdict);
	}
}

void verdict_try_bad(struct gprobe_client *client,
		     const struct gprobe_upcall *upcall)
{
	static const struct {
		const char *name;
		struct gprobe_verdict verdict;
	} others[] = {
		{ "unknown", { .kind = GPROBE_VERDICT_MAX + 1 } },
		{ "huge", { .kind = UINT32_MAX } },
		{ "deny", { .kind = GPROBE_VERDICT_DENY } },
		{ "nmi", { .kind = GPROBE_VERDICT_INJECT, .vector = 2 } },
		{ "int3", { .kind = GPROBE_VERDICT_INJECT, .vector = 3 } },
		{ "machine_check", { .kind = GPROBE_VERDICT_INJECT, .vector = 18 } },
		{ "vector31", { .kind = GPROBE_VERDICT_INJECT, .vector = 31 } },
		{ "interrupt", { .kind = GPROBE_VERDICT_INJECT, .vector = 32 } },
		{ "code", { .kind = GPROBE_VERDICT_INJECT, .vector = 13,
			    .error_code = 0x8000 } },
		{ "no_view", { .kind = GPROBE_VERDICT_VIEW, .view = 77 } },
		{ "wide_view", { .kind = GPROBE_VERDICT_VIEW, .view = 0x10001 } },
	};
	struct gprobe_upcall none = *upcall;
	size_t i;

	try_regs(client, upcall);
	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		try_one(client, upcall, others[i].name, &others[i].verdict);
	none.seq = upcall->seq + 1000;
	try_one(client, &none, "seq", NULL);
}
