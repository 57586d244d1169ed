// SPDX-License-Identifier: GPL-2.0
/* What dom0 can ask a vCPU to do: see enum tiny_op. */
#include "kernel.h"

#define IDLE_MIN_NS	1000000
#define IDLE_MAX_NS	16000000
#define XEN_VERSION_CALL 17
#define BENCH_REF_CALLS	256
#define BENCH_REF_TRIES	5
#define BENCH_STORED	0x200	/* a bit of an entry that is the guest's */
#define SUM_BLOCK_BYTES	256
#define RFLAGS_TF	0x100ul
#define MSR_EFER	0xc0000080
#define EFER_SCE	1
#define MSR_STAR	0xc0000081
#define MSR_LSTAR	0xc0000082
#define MSR_FMASK	0xc0000084
/* SYSCALL: code 0x08, data 0x10; SYSRET: data 0x18, code 0x20; see entry.S. */
#define STAR		(0x10ull << 48 | 0x08ull << 32)

static int stopped(struct tiny_vcpu *v)
{
	uint64_t count = READ_ONCE(v->cmd.count);

	return READ_ONCE(v->cmd.stop) || (count && v->rounds >= count);
}

static uint64_t func_gva(struct tiny_vcpu *v, unsigned int index)
{
	return tiny_alias_gva(v->cmd.alias) + tiny_func_off(index);
}

/* The calling convention is func.S's; @entry finds the function in %r14. */
static uint64_t call_by(struct tiny_vcpu *v, uint64_t entry, uint64_t gva)
{
	register struct tiny_vcpu *page __asm__("r15") = v;
	register uint64_t func __asm__("r14") = gva;
	uint64_t ret = XEN_VERSION_CALL;
	uintptr_t dst = (uintptr_t)v->dst, src = (uintptr_t)v->src;
	uint64_t n = TINY_MOVS_BYTES;

	__asm__ volatile("stc\n\tcall *%[entry]"
			 : "+a" (ret), "+D" (dst), "+S" (src), "+c" (n)
			 : [entry] "r" (entry), "r" (page), "r" (func)
			 : "rbx", "rdx", "r8", "r9", "r10", "r11",
			   "memory", "cc");
	return ret;
}

static uint64_t call_func(struct tiny_vcpu *v, uint64_t gva)
{
	return call_by(v, gva, gva);
}

/* Not before it is asked for: an LSTAR that is set looks like Linux. */
static void cpl3_init(void)
{
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
	wrmsr(MSR_STAR, STAR);
	wrmsr(MSR_LSTAR, (uintptr_t)cpl3_return);
	wrmsr(MSR_FMASK, 0);
}

static void set_tf(int on)
{
	unsigned long flags;

	__asm__ volatile("pushfq; popq %0" : "=r" (flags));
	flags = on ? flags | RFLAGS_TF : flags & ~RFLAGS_TF;
	__asm__ volatile("pushq %0; popfq" : : "r" (flags) : "memory", "cc");
}

static void call_checked(struct tiny_vcpu *v, unsigned int index)
{
	uint64_t gva = func_gva(v, index);
	uint64_t ret = v->cmd.mode == 3 ?
		       call_by(v, (uintptr_t)call_at_cpl3, gva) :
		       call_func(v, gva);

	/* SMC's value is WRITE's business */
	if (index != TINY_F_SMC && ret != TINY_RET(index))
		v->wrong++;
}

/*
 * mode 1: the vCPU single-steps itself through each call; 3: it calls at CPL 3,
 * which goes for what neither traps nor asks Xen for something.
 */
static void op_call(struct tiny_vcpu *v)
{
	uint64_t mask = v->cmd.mask & ((1ull << TINY_NR_FUNCS) - 1);
	unsigned int i;

	if (v->cmd.mode == 3)
		cpl3_init();
	for (; !stopped(v); v->rounds++)
		for (i = 0; i < TINY_NR_FUNCS; i++)
			if (mask >> i & 1) {
				set_tf(v->cmd.mode == 1);
				call_checked(v, i);
				set_tf(0);
			}
}

static uint64_t time_calls(struct tiny_vcpu *v, uint64_t gva, uint64_t n)
{
	uint64_t start = rdtsc();

	while (n--)
		call_func(v, gva);
	return rdtsc() - start;
}

/* Each changes what is there, if @n is even; the last leaves 0. */
static uint64_t time_stores(uint64_t gpa, uint64_t n)
{
	volatile uint64_t *word = (uint64_t *)(uintptr_t)gpa;
	uint64_t start = rdtsc();

	for (; n; n--)
		*word = n & 1 ? 0 : BENCH_STORED;
	return rdtsc() - start;
}

static uint64_t time_ref(struct tiny_vcpu *v)
{
	switch (v->cmd.mode) {
	case TINY_BENCH_STORE:
		return time_stores(TINY_DATA_GPA, BENCH_REF_CALLS);
	case TINY_BENCH_FLAT:
		return flat_time(TINY_CODE_GPA + TINY_OFF_REF, v, BENCH_REF_CALLS);
	default:
		return time_calls(v, func_gva(v, TINY_F_REF), BENCH_REF_CALLS);
	}
}

static void bench_stores(struct tiny_vcpu *v)
{
	const uint64_t gpa = TINY_PT_GPA + 8 * TINY_BENCH_ENTRY;

	v->bench_tsc = time_stores(gpa, v->cmd.count);
	v->stores += v->cmd.count;
	if (*(volatile uint64_t *)(uintptr_t)gpa)
		v->stores_bad++;
}

static void bench_what(struct tiny_vcpu *v)
{
	unsigned int index = __builtin_ctzll(v->cmd.mask | 1ull << TINY_F_REF);

	switch (v->cmd.mode) {
	case TINY_BENCH_STORE:
		bench_stores(v);
		break;
	case TINY_BENCH_FLAT:
		v->bench_tsc = flat_time(TINY_CODE_GPA + TINY_OFF_NOPL, v,
					 v->cmd.count);
		break;
	default:
		v->bench_tsc = time_calls(v, func_gva(v, index), v->cmd.count);
	}
}

/*
 * The cost of one call is bench_tsc / count less bench_ref_tsc /
 * bench_ref_calls, of the same loop over a function nobody probes; of a store to a
 * page table, less that of one to the data page. The best of several short runs is
 * one that dom0 did not interrupt.
 */
static void op_bench(struct tiny_vcpu *v)
{
	uint64_t best = ~0ull, t;
	int i;

	if (v->cmd.mode >= TINY_BENCH_MAX)
		return;
	for (i = 0; i < BENCH_REF_TRIES; i++) {
		t = time_ref(v);
		if (t < best)
			best = t;
	}
	v->bench_ref_tsc = best;
	v->bench_ref_calls = BENCH_REF_CALLS;
	bench_what(v);
	v->rounds = v->cmd.count;
}

static void sum_bad(struct tiny_vcpu *v, uint64_t gva, uint64_t got)
{
	if (!v->sums_bad++) {
		v->bad_gva = gva;
		v->bad_got = got;
	}
}

/* The block of one function, by bytes and by 8 bytes, against the boot's. */
static void sum_block(struct tiny_vcpu *v, unsigned int index, uint32_t len)
{
	uint32_t off = tiny_func_off(index) & ~(SUM_BLOCK_BYTES - 1u), i;
	uintptr_t code = tiny_alias_gva(v->cmd.alias) + off;
	uintptr_t want = TINY_PRISTINE_GPA + off;

	v->sums++;
	for (i = 0; i < len; i++) {
		uint8_t got = *(volatile uint8_t *)(code + i);

		if (got != *(uint8_t *)(want + i)) {
			sum_bad(v, code + i, got);
			return;
		}
	}
	for (i = 0; i + 8 <= len; i += 8) {
		uint64_t got = *(volatile uint64_t *)(code + i);

		if (got != *(uint64_t *)(want + i)) {
			sum_bad(v, code + i, got);
			return;
		}
	}
}

static void op_sum(struct tiny_vcpu *v)
{
	uint32_t len = v->cmd.len_bytes ? v->cmd.len_bytes : SUM_BLOCK_BYTES;
	unsigned int i;

	for (; !stopped(v); v->rounds++)
		for (i = 0; i < TINY_NR_FUNCS; i++)
			if (v->cmd.mask >> i & 1)
				sum_block(v, i, len);
}

static void smc_lock(void)
{
	while (__atomic_exchange_n(&ctl_page()->smc_lock, 1, __ATOMIC_ACQUIRE))
		__asm__ volatile("pause");
}

static void smc_unlock(void)
{
	__atomic_store_n(&ctl_page()->smc_lock, 0, __ATOMIC_RELEASE);
}

/*
 * mode 0: one byte of the immediate; 1: 8 bytes at once, the opcode included;
 * 2: the immediate by a read-modify-write; 3: the opcode byte alone.
 * Then SMC must return the new value. It has the boot's again afterwards.
 */
static void smc_write(struct tiny_vcpu *v, uint64_t gva, uint64_t old, uint8_t n)
{
	uint32_t want = TINY_RET(TINY_F_SMC);

	switch (v->cmd.mode) {
	case 0:
		*(volatile uint8_t *)(gva + 1) = n;
		want = (want & ~0xffu) | n;
		break;
	case 1:
		want = (want & ~0xffu) | n;
		*(volatile uint64_t *)gva =
			(old & ~0xffffffffffull) | (uint64_t)want << 8 | 0xb8;
		break;
	case 2:
		__asm__ volatile("addl %1, (%0)" : : "r" (gva + 1),
						     "r" ((uint32_t)n) : "memory");
		want += n;
		break;
	default:
		*(volatile uint8_t *)gva = 0xb8;
		break;
	}
	if (call_func(v, gva) != want)
		v->writes_bad++;
	v->writes++;
}

static void op_write(struct tiny_vcpu *v)
{
	uint64_t gva = func_gva(v, TINY_F_SMC);
	uint64_t old;

	for (; !stopped(v); v->rounds++) {
		smc_lock();
		old = *(uint64_t *)(uintptr_t)(TINY_PRISTINE_GPA +
					       TINY_OFF_SMC);
		smc_write(v, gva, old, v->rounds * 7 + 1);
		*(volatile uint64_t *)gva = old;
		smc_unlock();
	}
}

static void op_int3(struct tiny_vcpu *v)
{
	for (; !stopped(v); v->rounds++) {
		own_int3();
		v->int3s++;
	}
}

/*
 * Moves REMAP's 4K page to its other frame and calls it there. mode 1: not
 * present in between. Ends on the frame of the boot.
 */
static void op_remap(struct tiny_vcpu *v)
{
	static const uint64_t frames[2] = {
		TINY_CODE_GPA + TINY_OFF_REMAP,
		TINY_CODE_GPA + TINY_REMAP_SPARE_OFF,
	};
	uint64_t *pte = (uint64_t *)(uintptr_t)TINY_PT_GPA +
			TINY_OFF_REMAP / TINY_PAGE_BYTES;
	uint64_t gva = TINY_GVA_4K + TINY_OFF_REMAP;
	uint64_t flags = PTE_P | PTE_W | PTE_U;

	for (; !stopped(v); v->rounds++) {
		if (v->cmd.mode & 1) {
			WRITE_ONCE(*pte, 0);
			invlpg(gva);
		}
		WRITE_ONCE(*pte, frames[~v->rounds & 1] | flags);
		invlpg(gva);
		if (call_func(v, gva) != TINY_RET(TINY_F_REMAP))
			v->wrong++;
		v->remaps++;
	}
	WRITE_ONCE(*pte, frames[0] | flags);
	invlpg(gva);
}

/* Each vCPU has its own word of the data page. */
static void op_touch(struct tiny_vcpu *v)
{
	volatile uint64_t *word =
		(uint64_t *)(tiny_alias_gva(v->cmd.alias) +
			     TINY_DATA_GPA - TINY_CODE_GPA) + self_id();

	for (; !stopped(v); v->rounds++) {
		switch (v->cmd.mode) {
		case 0:
			*word = v->rounds;
			break;
		case 1:
			(void)*word;
			break;
		default:
			*word = ~v->rounds;
			if (*word != ~v->rounds)
				v->touches_bad++;
		}
		v->touches++;
	}
}

static void op_deed(struct tiny_vcpu *v)
{
	for (; !stopped(v); v->rounds++)
		deed_round(v);
}

static void run(struct tiny_vcpu *v)
{
	static void (*const ops[TINY_OP_MAX])(struct tiny_vcpu *) = {
		[TINY_OP_CALL] = op_call,
		[TINY_OP_SUM] = op_sum,
		[TINY_OP_WRITE] = op_write,
		[TINY_OP_INT3] = op_int3,
		[TINY_OP_REMAP] = op_remap,
		[TINY_OP_BENCH] = op_bench,
		[TINY_OP_TOUCH] = op_touch,
		[TINY_OP_DEED] = op_deed,
	};
	uint32_t op = v->cmd.op;

	v->rounds = 0;
	if (op >= TINY_OP_MAX || !ops[op] || v->cmd.alias >= TINY_ALIAS_MAX)
		return;

	if (v->cmd.root)
		set_root(TINY_PML4_ALT_GPA);
	ops[op](v);
	if (v->cmd.root)
		set_root(TINY_PML4_GPA);
}

static void init_operands(struct tiny_vcpu *v)
{
	uint64_t *src = (uint64_t *)v->src;

	src[0] = TINY_RET(TINY_F_MOVS);
	src[2] = TINY_RET(TINY_F_SSE);
	v->loadval = TINY_RET(TINY_F_LOAD);
}

void cmd_loop(struct tiny_vcpu *v)
{
	uint64_t idle_ns = IDLE_MIN_NS;

	init_operands(v);
	barrier();
	WRITE_ONCE(v->state, TINY_STATE_IDLE);
	for (;;) {
		uint32_t seq = READ_ONCE(v->cmd.seq);

		if (seq == v->done_seq) {
			xen_sleep(idle_ns);
			if (idle_ns < IDLE_MAX_NS)
				idle_ns *= 2;
			continue;
		}
		barrier();
		WRITE_ONCE(v->state, TINY_STATE_RUNNING);
		run(v);
		barrier();
		WRITE_ONCE(v->state, TINY_STATE_IDLE);
		WRITE_ONCE(v->done_seq, seq);
		idle_ns = IDLE_MIN_NS;
	}
}
