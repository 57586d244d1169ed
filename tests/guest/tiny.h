/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tiny guest's contract: where everything is, and the control pages that
 * dom0 maps to drive it. Shared by the guest, its dom0 tools and the tests.
 *
 * All numbers are fixed, so that a test may name a frame or an address
 * without asking the guest.
 */
#ifndef TINY_H
#define TINY_H

#define TINY_MAX_VCPUS		16
#define TINY_MAX_FUNCS		32
#define TINY_PAGE_BYTES		0x1000

/* Guest-physical layout. Give the guest at least 16 MB. */
#define TINY_KERNEL_GPA		0x100000	/* the guest kernel itself */
#define TINY_CODE_GPA		0x200000	/* code under test, 2 MB aligned */
#define TINY_CODE_PAGES		14
#define TINY_DATA_GPA		0x210000	/* one data page, for TOUCH */
#define TINY_CTL_GPA		0x400000	/* struct tiny_ctl */
#define TINY_VCPU_GPA		0x401000	/* struct tiny_vcpu of vCPU 0, 1, ... */
#define TINY_CTL_PAGES		(1 + TINY_MAX_VCPUS)
#define TINY_TABLES_GPA		0x500000	/* page tables, see below */
#define TINY_STACK_GPA		0x600000	/* TINY_STACK_BYTES a vCPU */
#define TINY_STACK_BYTES	0x4000
#define TINY_PRISTINE_GPA	0x700000	/* copy of the code, taken at boot */
#define TINY_SHINFO_GPA		0x7ff000	/* Xen's shared_info */
#define TINY_END_GPA		0x800000

/*
 * The code under test is mapped three times at kernel-like addresses, by
 * pages of every size, and once more in the identity map. One function at
 * code offset O runs at TINY_GVA_x + O.
 */
#define TINY_GVA_4K		0xffffffff81000000
#define TINY_GVA_2M		0xffffffff82000000
#define TINY_GVA_1G		0xffff888000200000
#define TINY_GVA_ID		0x0000000000200000

/* The tables on the way, and the slots in them that lead to the code. */
#define TINY_PML4_GPA		(TINY_TABLES_GPA + 0x0000)	/* root 0 */
#define TINY_PML4_ALT_GPA	(TINY_TABLES_GPA + 0x1000)	/* root 1 */
#define TINY_PDPT_ID_GPA	(TINY_TABLES_GPA + 0x2000)
#define TINY_PD_ID_GPA		(TINY_TABLES_GPA + 0x3000)
#define TINY_PDPT_GPA		(TINY_TABLES_GPA + 0x4000)
#define TINY_PD_GPA		(TINY_TABLES_GPA + 0x5000)
#define TINY_PT_GPA		(TINY_TABLES_GPA + 0x6000)	/* 4K leaves */
#define TINY_PDPT_1G_GPA	(TINY_TABLES_GPA + 0x7000)	/* 1G leaf, slot 0 */
#define TINY_PML4_SLOT		511
#define TINY_PML4_1G_SLOT	273
#define TINY_PDPT_SLOT		510
#define TINY_PD_4K_SLOT		8
#define TINY_PD_2M_SLOT		16
#define TINY_BENCH_ENTRY	511	/* of TINY_PT_GPA: never present */

/*
 * The functions: X(NAME, name, index, code offset). Each adds one to
 * tiny_vcpu.calls[index] of the vCPU that runs it and returns TINY_RET(index);
 * the comment is its first instruction, or why it is there.
 */
#define TINY_FUNCS(X)						  \
	X(NOPL,      nopl,	 0, 0x0000) /* nopl, 5 bytes	*/ \
	X(ENDBR,     endbr,	 1, 0x0020) /* endbr64		*/ \
	X(PUSH,      push,	 2, 0x0040) /* push %rbp	*/ \
	X(SUB,       sub,	 3, 0x0060) /* sub $24,%rsp	*/ \
	X(LOAD,      load,	 4, 0x0080) /* mov mem,%rax	*/ \
	X(CALL,      call,	 5, 0x00a0) /* call rel32	*/ \
	X(LOCK,      lock,	 6, 0x00c0) /* lock incl mem	*/ \
	X(SSE,       sse,	 7, 0x00e0) /* movups		*/ \
	X(MOVS,      movs,	 8, 0x1000) /* rep movsb	*/ \
	X(STRADDLE,  straddle,	 9, 0x2ffd) /* 11 bytes over a page end */ \
	X(SELFWRITE, selfwrite,	10, 0x4000) /* incl in its own page */ \
	X(INT3IN,    int3in,	11, 0x5000) /* the guest's int3 inside */ \
	X(INT3FIRST, int3first, 12, 0x6000) /* the guest's int3 first */ \
	X(SMC,       smc,	13, 0x7000) /* mov $imm, rewritten by WRITE */ \
	X(VMCALL,    vmcall,	14, 0x8000) /* Xen cannot emulate it */ \
	X(REF,       ref,	15, 0x9000) /* bench reference: never probe */ \
	X(REMAP,     remap,	16, 0xa000) /* its frame is changed by REMAP */ \
	X(JMP,       jmp,	17, 0xc000) /* jmp rel8		*/ \
	X(RIPREL,    riprel,	18, 0xc020) /* mov mem(%rip),%rax */ \
	X(CPUID,     cpuid,	19, 0xc040) /* cpuid		*/ \
	X(PUSHF,     pushf,	20, 0xc060) /* pushf, must not show TF */ \
	X(RDTSC,     rdtsc,	21, 0xc080) /* rdtsc		*/ \
	X(JCC,       jcc,	22, 0xc0a0) /* jc rel8, taken	*/ \
	X(SELFMOD,   selfmod,	23, 0xd000) /* rewrites its next one */

#define TINY_NR_FUNCS		24
#define TINY_RET(index)		(0x74690000 + (index))
#define TINY_REMAP_SPARE_OFF	0xb000	/* the second frame of REMAP */
#define TINY_SELF_DATUM_OFF	0x4800	/* what SELFWRITE counts up */

/* tiny_vcpu offsets that the functions use */
#define TINY_VCPU_CALLS		0x400
#define TINY_VCPU_SRC		0x800
#define TINY_VCPU_DST		0x840
#define TINY_VCPU_LOADVAL	0x880
#define TINY_VCPU_LOCKED	0x888
#define TINY_VCPU_STRADDLED	0x890
#define TINY_MOVS_BYTES		16

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

#define TINY_FUNC_ENUM(NAME, name, index, off)	\
	TINY_F_##NAME = index, TINY_OFF_##NAME = off,
enum { TINY_FUNCS(TINY_FUNC_ENUM) };

#define TINY_MAGIC		0x31594e4954504721ull
#define TINY_VERSION		1
#define TINY_HAS_1G		(1u << 0)	/* tiny_ctl.features */

enum tiny_op {
	TINY_OP_NOP	= 0,
	TINY_OP_CALL	= 1,	/* each function of mask, count times */
	TINY_OP_SUM	= 2,	/* compare the code of mask with the boot's */
	TINY_OP_WRITE	= 3,	/* rewrite SMC's immediate and call it */
	TINY_OP_INT3	= 4,	/* own int3 in the guest kernel */
	TINY_OP_REMAP	= 5,	/* change REMAP's frame and call it */
	TINY_OP_BENCH	= 6,	/* enum tiny_bench, in mode, with its TSC cost */
	TINY_OP_TOUCH	= 7,	/* data page; mode 0 write, 1 read, 2 both */
	TINY_OP_DEED	= 8,	/* enum tiny_deed, in mode; see deed.c */
	TINY_OP_MAX
};

enum tiny_bench {
	TINY_BENCH_CALL = 0,	/* of one function */
	TINY_BENCH_STORE,	/* to TINY_BENCH_ENTRY */
	TINY_BENCH_FLAT,	/* calls of NOPL in 32-bit code, without paging */
	TINY_BENCH_MAX
};

/* What a hypervisor may tell of; each so often a round. */
enum tiny_deed {
	TINY_DEED_CR0 = 0,	/* 2: CR0.WP, there and back */
	TINY_DEED_CR3,		/* 2: the other root, and back */
	TINY_DEED_CR4,		/* 2: CR4.PCE, there and back */
	TINY_DEED_MSR,		/* 2: TINY_DEED_MSR_NR, the same value twice */
	TINY_DEED_CPUID,	/* 1: TINY_DEED_LEAF, TINY_DEED_SUBLEAF */
	TINY_DEED_ICEBP,	/* 1 */
	TINY_DEED_DESCRIPTOR,	/* 4: SGDT, SIDT, LIDT, SLDT */
	TINY_DEED_REQUEST,	/* 1: HVMOP_guest_request_vm_event */
	TINY_DEED_IO,		/* 2: OUT to and IN from TINY_DEED_PORT */
	TINY_DEED_MAX
};

#define TINY_DEED_MSR_NR	0x176	/* IA32_SYSENTER_EIP */
#define TINY_DEED_LEAF		1
#define TINY_DEED_SUBLEAF	0x5a
/* None that Xen lets a guest at by itself, as it does 0x80 and 0xed. */
#define TINY_DEED_PORT		0xe0

enum tiny_state {
	TINY_STATE_OFF = 0, TINY_STATE_IDLE, TINY_STATE_RUNNING,
	TINY_STATE_ERROR,	/* a fault: see tiny_vcpu.fault, never leaves */
};

enum tiny_alias {
	TINY_ALIAS_4K = 0, TINY_ALIAS_2M, TINY_ALIAS_1G, TINY_ALIAS_ID,
	TINY_ALIAS_MAX
};

/*
 * What dom0 asks for. It fills in the rest, then changes seq; the vCPU runs
 * the command and sets tiny_vcpu.done_seq to it.
 */
struct tiny_cmd {
	uint32_t seq;
	uint32_t op;		/* enum tiny_op */
	uint64_t mask;		/* bit i: function i */
	uint64_t count;		/* 0: until stop */
	uint32_t alias;		/* enum tiny_alias */
	uint32_t root;		/* 0 or 1: which PML4 */
	uint32_t mode;		/* CALL, WRITE, REMAP, BENCH, TOUCH: see cmd.c */
	uint32_t len_bytes;	/* SUM: bytes from each function's block */
	uint32_t stop;		/* not 0: end the command early */
	uint32_t pad;
};

struct tiny_fault {
	uint64_t vector;
	uint64_t error_code;
	uint64_t rip;
	uint64_t cr2;
};

/* One page a vCPU; written by that vCPU only, except cmd (dom0). */
struct tiny_vcpu {
	struct tiny_cmd cmd;
	uint8_t pad0[0x40 - sizeof(struct tiny_cmd)];

	uint32_t state;		/* enum tiny_state */
	uint32_t done_seq;
	uint64_t rounds;	/* iterations of the last command */
	uint64_t wrong;		/* calls that returned a wrong value */
	uint64_t sums;		/* SUM: done */
	uint64_t sums_bad;	/* SUM: different from the boot's */
	uint64_t bad_gva;	/* SUM: first byte that differed */
	uint64_t bad_got;
	uint64_t writes;	/* WRITE: done */
	uint64_t writes_bad;	/* WRITE: old code ran after the write */
	uint64_t remaps;
	uint64_t touches;
	uint64_t touches_bad;	/* TOUCH: read back something else */
	uint64_t int3s;		/* INT3: own int3 executed */
	uint64_t bp;		/* #BP handler: own int3s seen */
	uint64_t bp_bad;	/* #BP handler: at an address not ours */
	uint64_t bp_rip;	/* #BP handler: address of the last int3 */
	uint64_t pf;
	uint64_t ud;
	uint64_t gp;
	struct tiny_fault fault;
	uint64_t bench_tsc;	/* BENCH: TSC for count calls */
	uint64_t bench_ref_tsc;	/* BENCH: TSC for bench_ref_calls of REF */
	uint64_t bench_ref_calls;
	uint64_t db;		/* #DB handler: steps of its own, and ICEBPs */
	uint64_t deeds;		/* DEED: done */
	uint64_t odd;		/* DEED: of these, not as the guest alone has it */
	uint64_t odd_value;	/* DEED: what it got of the last such */
	uint64_t stores;	/* BENCH: of STORE, done */
	uint64_t stores_bad;	/* BENCH: of STORE, read back something else */
	uint8_t pad1[TINY_VCPU_CALLS - 0x140];

	uint64_t calls[TINY_MAX_FUNCS];	/* the truth */
	uint8_t pad2[TINY_VCPU_SRC - TINY_VCPU_CALLS - 8 * TINY_MAX_FUNCS];

	uint8_t src[64];	/* operands of the functions */
	uint8_t dst[64];
	uint64_t loadval;
	uint64_t locked;	/* LOCK's own count, must equal calls[] */
	uint64_t straddled;
	uint8_t pad3[TINY_PAGE_BYTES - TINY_VCPU_STRADDLED - 8];
};

/* The first control page; constant after ready is set. */
struct tiny_ctl {
	uint64_t magic;		/* set last, with ready */
	uint32_t version;
	uint32_t ready;
	uint32_t nr_vcpus;
	uint32_t features;
	uint32_t smc_lock;	/* the guest's own */
	uint32_t pad;
};

_Static_assert(sizeof(struct tiny_ctl) <= TINY_PAGE_BYTES, "control page");
_Static_assert(sizeof(struct tiny_cmd) <= 0x40, "command slot");
_Static_assert(sizeof(struct tiny_vcpu) == TINY_PAGE_BYTES, "vCPU page");
_Static_assert(offsetof(struct tiny_vcpu, state) == 0x40, "state");
_Static_assert(offsetof(struct tiny_vcpu, calls) == TINY_VCPU_CALLS, "calls");
_Static_assert(offsetof(struct tiny_vcpu, src) == TINY_VCPU_SRC, "src");
_Static_assert(offsetof(struct tiny_vcpu, dst) == TINY_VCPU_DST, "dst");
_Static_assert(offsetof(struct tiny_vcpu, loadval) == TINY_VCPU_LOADVAL, "load");
_Static_assert(offsetof(struct tiny_vcpu, locked) == TINY_VCPU_LOCKED, "lock");
_Static_assert(offsetof(struct tiny_vcpu, straddled) == TINY_VCPU_STRADDLED,
	       "straddle");
_Static_assert(TINY_VCPU_GPA == TINY_CTL_GPA + TINY_PAGE_BYTES, "vCPU pages");

static inline uint32_t tiny_func_off(unsigned int index)
{
#define TINY_FUNC_OFF(NAME, name, index, off)	[index] = off,
	static const uint32_t offs[] = { TINY_FUNCS(TINY_FUNC_OFF) };
#undef TINY_FUNC_OFF
	_Static_assert(sizeof(offs) == 4 * TINY_NR_FUNCS, "TINY_NR_FUNCS");

	return offs[index];
}

static inline uint64_t tiny_alias_gva(unsigned int alias)
{
	static const uint64_t gvas[TINY_ALIAS_MAX] = {
		TINY_GVA_4K, TINY_GVA_2M, TINY_GVA_1G, TINY_GVA_ID,
	};

	return gvas[alias];
}

#endif /* __ASSEMBLER__ */
#endif /* TINY_H */
