// SPDX-License-Identifier: GPL-2.0
#include "sim_guest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KERNEL_TEXT	0xffffffff81000000ULL
#define KERNEL_ROOT	0xffffffff81001000ULL
#define PROCESS_TEXT	0x401000ULL
#define PATH		(PROCESS_TEXT + 0x800)
#define PROCESS_STACK	0x7fffffffe000ULL
#define KERNEL_STACKS	0xffffc90000004000ULL
#define KERNEL_STACK_BYTES 0x4000ULL
#define USER		(1ULL << 2)

#define KERNEL_CS	0x10
#define USER_CS		0x33

/* Intel SDM 3, chapters 2.2.1 and 2.5. */
#define CR0_PE		(1ULL << 0)
#define CR0_PG		(1ULL << 31)
#define CR4_PAE		(1ULL << 5)
#define EFER_LME	(1ULL << 8)
#define EFER_LMA	(1ULL << 10)

/* push %rbp; mov %rsp,%rbp; pop %rbp; ret */
static const uint8_t body[] = { 0x55, 0x48, 0x89, 0xe5, 0x5d, 0xc3 };
static const uint32_t insns[] = { 0, 1, 4, 5 };

/* @args: what it is called with, in RDI, RSI and RDX. */
struct function {
	const char *name;
	uint64_t gva;
	uint64_t args[3];
};

enum {
	SYS_READ, SYS_WRITE, SYS_OPENAT, SYS_MUNMAP, SYS_MMAP, WORK,
};

static const struct function functions[] = {
	[SYS_READ] = { "sys_read", KERNEL_TEXT + 0x100, { 3, PATH, 512 } },
	[SYS_WRITE] = { "sys_write", KERNEL_TEXT + 0x140, { 1, PATH, 4 } },
	[SYS_OPENAT] = { "sys_openat", KERNEL_TEXT + 0x180, { -100, PATH, 0 } },
	[SYS_MUNMAP] = { "sys_munmap", KERNEL_TEXT + 0x1c0, { 0 } },
	[SYS_MMAP] = { "sys_mmap", KERNEL_TEXT + 0x200, { 0 } },
	[WORK] = { "work", PROCESS_TEXT + 0x40, { 0 } },
};

static const char *const paths[SIM_GUEST_VCPUS] = {
	"/etc/hostname", "/etc/passwd",
};

#define NR_FUNCTIONS	(sizeof(functions) / sizeof(functions[0]))

/* --- memory --- */

static uint64_t page_of(uint64_t gva)
{
	return gva & ~(GPROBE_PAGE_SIZE - 1ULL);
}

static int make_symbols(struct sim_guest *guest)
{
	char text[512];
	struct gprobe_why why;
	size_t i, used;

	used = snprintf(text, sizeof(text),
			"%016llx T init_top_pgt\n%016llx D path\n",
			KERNEL_ROOT, PATH);
	for (i = 0; i < NR_FUNCTIONS; i++)
		used += snprintf(text + used, sizeof(text) - used,
				 "%016" PRIx64 " T %s\n", functions[i].gva,
				 functions[i].name);
	return gprobe_symbols_parse(text, used, &guest->symbols, &why);
}

static int make_code(struct sim_guest *guest, uint64_t page, uint64_t *gfn)
{
	int ret = gprobe_sim_frame_alloc(guest->sim, gfn);
	uint8_t *frame;
	size_t i;

	if (ret)
		return ret;
	frame = gprobe_sim_frame(guest->sim, *gfn);
	for (i = 0; i < NR_FUNCTIONS; i++)
		if (page_of(functions[i].gva) == page)
			memcpy(frame + functions[i].gva % GPROBE_PAGE_SIZE,
			       body, sizeof(body));
	return 0;
}

static int map(struct sim_guest *guest, uint64_t root, uint64_t gva,
	       uint64_t gfn)
{
	return gprobe_sim_map(guest->sim, root, gva, gfn * GPROBE_PAGE_SIZE,
			      GPROBE_PAGE_SIZE);
}

/* The kernel's own root is in the kernel's memory, as Linux has it. */
static int map_kernel(struct sim_guest *guest, uint64_t root, uint64_t text,
		      uint64_t kernel_root)
{
	int ret = map(guest, root, KERNEL_TEXT, text);

	return ret ?: map(guest, root, KERNEL_ROOT,
			  kernel_root / GPROBE_PAGE_SIZE);
}

static int make_page(struct sim_guest *guest, uint32_t process, uint64_t *gfn)
{
	int ret = make_code(guest, PROCESS_TEXT, gfn);

	if (!ret)
		strcpy((char *)gprobe_sim_frame(guest->sim, *gfn) +
		       PATH % GPROBE_PAGE_SIZE, paths[process]);
	return ret;
}

static int make_process(struct sim_guest *guest, uint32_t process)
{
	uint64_t *frames = guest->frames[process];
	int ret = make_page(guest, process, &frames[0]);

	if (!ret)
		ret = make_page(guest, process, &frames[1]);
	if (!ret)
		ret = map(guest, guest->roots[process], PROCESS_TEXT,
			  frames[0]);
	return ret ?: gprobe_sim_entry(guest->sim, guest->roots[process],
				       PROCESS_TEXT, 1,
				       &guest->entries[process]);
}

static int make_memory(struct sim_guest *guest)
{
	uint64_t kernel_root, text;
	uint32_t i;
	int ret;

	ret = gprobe_sim_root_new(guest->sim, &guest->roots[0]);
	if (!ret)
		ret = gprobe_sim_root_new(guest->sim, &guest->roots[1]);
	if (!ret)
		ret = gprobe_sim_root_new(guest->sim, &kernel_root);
	if (!ret)
		ret = make_code(guest, KERNEL_TEXT, &text);
	if (!ret)
		ret = map_kernel(guest, kernel_root, text, kernel_root);
	for (i = 0; i < SIM_GUEST_VCPUS && !ret; i++) {
		ret = map_kernel(guest, guest->roots[i], text, kernel_root);
		if (!ret)
			ret = make_process(guest, i);
	}
	return ret;
}

/**
 * sim_guest_new() - Make the guest; it does nothing yet.
 * @guest: for sim_guest_free()
 *
 * Return: 0 or -ENOMEM.
 */
int sim_guest_new(struct sim_guest **guest)
{
	const struct gprobe_sim_config config = {
		.frames = 64, .shadows = 64, .vcpus = SIM_GUEST_VCPUS,
	};
	struct sim_guest *new = calloc(1, sizeof(*new));
	int ret;

	if (!new)
		return -ENOMEM;
	ret = gprobe_sim_new(&config, &new->sim);
	if (!ret)
		ret = make_symbols(new);
	if (!ret)
		ret = make_memory(new);
	if (ret) {
		sim_guest_free(new);
		return ret;
	}
	*guest = new;
	return 0;
}

/**
 * sim_guest_free() - Free all of it.
 * @guest: or NULL
 */
void sim_guest_free(struct sim_guest *guest)
{
	if (!guest)
		return;
	gprobe_symbols_free(guest->symbols);
	gprobe_sim_free(guest->sim);
	free(guest);
}

/**
 * sim_guest_vcpus() - Tell how its vCPUs mean addresses.
 * @guest: the guest
 * @vcpus: room for SIM_GUEST_VCPUS
 */
void sim_guest_vcpus(const struct sim_guest *guest, struct gprobe_vcpu *vcpus)
{
	uint32_t i;

	for (i = 0; i < SIM_GUEST_VCPUS; i++)
		vcpus[i] = (struct gprobe_vcpu){
			.cr0 = CR0_PE | CR0_PG, .cr3 = guest->roots[i],
			.cr4 = CR4_PAE, .efer = EFER_LME | EFER_LMA,
		};
}

/* The function that an instruction is in. */
static const struct function *function_of(uint64_t gva)
{
	size_t i;

	for (i = 0; i < NR_FUNCTIONS; i++)
		if (gva >= functions[i].gva &&
		    gva < functions[i].gva + sizeof(body))
			return &functions[i];
	return NULL;
}

/* At an entry: the kernel has one for each process. */
static uint64_t stack_of(const struct gprobe_event *event)
{
	if (event->gva < KERNEL_TEXT)
		return PROCESS_STACK;
	return KERNEL_STACKS + event->vcpu * KERNEL_STACK_BYTES;
}

/* Between push %rbp and the end of pop %rbp. */
static bool has_pushed(uint64_t offset)
{
	return offset && offset < sizeof(body) - 1;
}

/**
 * sim_guest_regs() - Tell the registers of a vCPU.
 * @guest: the guest
 * @event: the vCPU's, which waits
 * @regs: gets them; those that its functions do not use are 0
 */
void sim_guest_regs(const struct sim_guest *guest,
		    const struct gprobe_event *event, struct gprobe_regs *regs)
{
	const struct function *function = function_of(event->gva);
	bool is_user = event->gva < KERNEL_TEXT;
	struct gprobe_vcpu vcpus[SIM_GUEST_VCPUS];

	sim_guest_vcpus(guest, vcpus);
	*regs = (struct gprobe_regs){
		.rip = event->gva,
		.cr0 = vcpus[event->vcpu].cr0, .cr3 = event->root,
		.cr4 = vcpus[event->vcpu].cr4, .efer = vcpus[event->vcpu].efer,
		.cpl = is_user ? 3 : 0, .cs = is_user ? USER_CS : KERNEL_CS,
	};
	if (!function)
		return;
	regs->rsp = stack_of(event) -
		    (has_pushed(event->gva - function->gva) ? 8 : 0);
	regs->rdi = function->args[0];
	regs->rsi = function->args[1];
	regs->rdx = function->args[2];
}

/* --- what it does --- */

struct script {
	struct gprobe_sim_insn *insns;
	size_t nr;
};

static void call(struct script *script, int function, unsigned int times)
{
	size_t i;

	while (times--)
		for (i = 0; i < sizeof(insns) / sizeof(insns[0]); i++)
			script->insns[script->nr++] = (struct gprobe_sim_insn){
				.op = GPROBE_SIM_EXEC,
				.gva = functions[function].gva + insns[i],
			};
}

static void store(struct script *script, uint64_t gpa, uint64_t value)
{
	struct gprobe_sim_insn *insn = &script->insns[script->nr++];

	*insn = (struct gprobe_sim_insn){
		.op = GPROBE_SIM_STORE, .gva = gpa, .bytes = sizeof(value),
	};
	memcpy(insn->data, &value, sizeof(value));
}

/**
 * sim_guest_begin_round() - Give the vCPUs another round to do.
 * @guest: the guest, its vCPUs done with what they had
 *
 * Return: 0; -EBUSY they are not.
 */
int sim_guest_begin_round(struct sim_guest *guest)
{
	uint64_t entry = guest->rounds++ % 2 ? 0 : 1;
	struct script script;
	uint32_t i;
	int ret = 0;

	for (i = 0; i < SIM_GUEST_VCPUS && !ret; i++) {
		script = (struct script){ .insns = guest->scripts[i] };
		call(&script, SYS_MUNMAP, 1);
		store(&script, guest->entries[i], 0);
		call(&script, SYS_MMAP, 1);
		store(&script, guest->entries[i],
		      guest->frames[i][entry] * GPROBE_PAGE_SIZE | USER |
		      GPROBE_SIM_WRITABLE | GPROBE_SIM_PRESENT);
		call(&script, WORK, 2);
		call(&script, SYS_READ, 6);
		call(&script, SYS_WRITE, 3);
		call(&script, SYS_OPENAT, 1);
		ret = gprobe_sim_vcpu_load(guest->sim, i, guest->roots[i],
					   script.insns, script.nr);
	}
	return ret;
}
