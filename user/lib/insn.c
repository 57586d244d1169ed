// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gprobe/insn.h>

#include <errno.h>
#include <stdbool.h>

#include <Zydis/Zydis.h>

/* An instruction and what it works on, implied operands too. */
struct decoded {
	ZydisDecodedInstruction insn;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
};

static int decode(const uint8_t *code, size_t bytes, struct decoded *decoded)
{
	ZydisDecoder decoder;
	ZyanStatus status;

	if (!ZYAN_SUCCESS(ZydisDecoderInit(&decoder,
					   ZYDIS_MACHINE_MODE_LONG_64,
					   ZYDIS_STACK_WIDTH_64)))
		return -EINVAL;
	status = ZydisDecoderDecodeFull(&decoder, code, bytes, &decoded->insn,
					decoded->operands);
	if (status == ZYDIS_STATUS_NO_MORE_DATA)
		return -ENODATA;
	return ZYAN_SUCCESS(status) ? 0 : -EILSEQ;
}

/**
 * gprobe_insn_length() - How long an instruction is.
 * @code: its bytes
 * @bytes: how many there are; GPROBE_INSN_MAX_BYTES are always enough
 *
 * Return: bytes; -ENODATA it goes on behind @bytes; -EILSEQ not an instruction.
 */
int gprobe_insn_length(const uint8_t *code, size_t bytes)
{
	struct decoded decoded;
	int ret = decode(code, bytes, &decoded);

	return ret ? ret : decoded.insn.length;
}

/* A jump by a table, as of a switch, stays where it is. */
static enum gprobe_insn_kind kind_of_jump(const struct decoded *decoded)
{
	const ZydisDecodedOperand *to = &decoded->operands[0];

	if (to->type == ZYDIS_OPERAND_TYPE_IMMEDIATE)
		return GPROBE_INSN_JUMPS;
	if (to->type == ZYDIS_OPERAND_TYPE_MEMORY &&
	    to->mem.index != ZYDIS_REGISTER_NONE)
		return GPROBE_INSN_GOES_ON;
	return GPROBE_INSN_JUMPS_ANYWHERE;
}

static enum gprobe_insn_kind kind_of(const struct decoded *decoded)
{
	switch (decoded->insn.meta.category) {
	case ZYDIS_CATEGORY_RET:
		return decoded->insn.mnemonic == ZYDIS_MNEMONIC_RET ?
		       GPROBE_INSN_RETURNS : GPROBE_INSN_GOES_ON;
	case ZYDIS_CATEGORY_UNCOND_BR:
		return kind_of_jump(decoded);
	case ZYDIS_CATEGORY_COND_BR:
		return GPROBE_INSN_BRANCHES;
	default:
		return GPROBE_INSN_GOES_ON;
	}
}

/**
 * gprobe_insn_flow() - Tell where an instruction leads.
 * @code: its bytes
 * @bytes: how many there are; GPROBE_INSN_MAX_BYTES are always enough
 * @gva: where it is
 * @flow: the answer
 *
 * Return: its length; -ENODATA it goes on behind @bytes; -EILSEQ not an
 * instruction.
 */
int gprobe_insn_flow(const uint8_t *code, size_t bytes, uint64_t gva,
		     struct gprobe_insn_flow *flow)
{
	struct decoded decoded;
	int ret = decode(code, bytes, &decoded);
	ZyanU64 target;

	*flow = (struct gprobe_insn_flow){ 0 };
	if (ret)
		return ret;
	flow->kind = kind_of(&decoded);
	if ((flow->kind == GPROBE_INSN_JUMPS ||
	     flow->kind == GPROBE_INSN_BRANCHES) &&
	    ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(&decoded.insn,
						  &decoded.operands[0], gva,
						  &target)))
		flow->target = target;
	return decoded.insn.length;
}

/*
 * Xen's emulator covers the integer instructions well, the others in part and
 * with state to save around them.
 */
static bool is_integer(const ZydisDecodedInstruction *insn)
{
	if (insn->encoding != ZYDIS_INSTRUCTION_ENCODING_LEGACY)
		return false;
	switch (insn->meta.isa_ext) {
	case ZYDIS_ISA_EXT_BASE:
	case ZYDIS_ISA_EXT_LONGMODE:
	case ZYDIS_ISA_EXT_CET:
	case ZYDIS_ISA_EXT_PAUSE:
	case ZYDIS_ISA_EXT_SMAP:
	case ZYDIS_ISA_EXT_LZCNT:
	case ZYDIS_ISA_EXT_MOVBE:
		break;
	default:
		return false;
	}
	switch (insn->meta.category) {
	case ZYDIS_CATEGORY_INTERRUPT:
	case ZYDIS_CATEGORY_IO:
	case ZYDIS_CATEGORY_IOSTRINGOP:
	case ZYDIS_CATEGORY_SYSCALL:
	case ZYDIS_CATEGORY_SYSRET:
	case ZYDIS_CATEGORY_SYSTEM:
		return false;
	default:
		return true;
	}
}

/* By way of the stack pointer no code and no page table is written. */
static bool is_store(const ZydisDecodedOperand *operand)
{
	return operand->type == ZYDIS_OPERAND_TYPE_MEMORY &&
	       operand->mem.type == ZYDIS_MEMOP_TYPE_MEM &&
	       operand->mem.base != ZYDIS_REGISTER_RSP &&
	       operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE;
}

static bool stores(const struct decoded *decoded)
{
	uint8_t i;

	for (i = 0; i < decoded->insn.operand_count; i++)
		if (is_store(&decoded->operands[i]))
			return true;
	return false;
}

/**
 * gprobe_insn_step() - Choose how the instruction under an INT3 is executed.
 * @code: the instruction
 * @bytes: how many there are in its frame
 * @step: GPROBE_STEP_SKIP for a NOP; GPROBE_STEP_STORE for one that stores to
 *	memory other than the stack or that crosses into the next frame;
 *	GPROBE_STEP_FAST for one that Xen may not emulate; 0: the module's
 *	choice
 *
 * Return: 0; -EILSEQ not an instruction.
 */
int gprobe_insn_step(const uint8_t *code, size_t bytes, uint32_t *step)
{
	struct decoded decoded;
	int ret = decode(code, bytes, &decoded);

	/* What it does is not known. */
	*step = GPROBE_STEP_STORE;
	if (ret == -ENODATA)
		return 0;
	*step = GPROBE_STEP_FAST;
	if (ret)
		return ret;
	if (decoded.insn.mnemonic == ZYDIS_MNEMONIC_NOP)
		*step = GPROBE_STEP_SKIP;
	else if (stores(&decoded))
		*step = GPROBE_STEP_STORE;
	else if (is_integer(&decoded.insn))
		*step = 0;
	return 0;
}

/**
 * gprobe_insn_step_at() - Choose how the instruction at a place is executed.
 * @memory: the guest's frames
 * @gfn: the frame
 * @offset: where in it
 * @step: as gprobe_insn_step() has it
 * @insn_bytes: with GPROBE_STEP_SKIP: its length; else 0
 *
 * Return: 0; -EILSEQ there is no instruction; what reading the frame answers.
 */
int gprobe_insn_step_at(const struct gprobe_memory *memory, uint64_t gfn,
			uint32_t offset, uint32_t *step, uint32_t *insn_bytes)
{
	size_t bytes = GPROBE_PAGE_SIZE - offset;
	uint8_t code[GPROBE_INSN_MAX_BYTES];
	int ret;

	if (bytes > sizeof(code))
		bytes = sizeof(code);
	ret = memory->read(memory->arg, gfn, offset, code, bytes);
	if (ret)
		return ret;
	ret = gprobe_insn_step(code, bytes, step);
	*insn_bytes = !ret && *step == GPROBE_STEP_SKIP ?
		      gprobe_insn_length(code, bytes) : 0;
	return ret;
}
