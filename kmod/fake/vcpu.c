// SPDX-License-Identifier: GPL-2.0
/*
 * A vCPU executes an instruction: the processor's and Xen's part in it, with
 * all monitor events that it makes. The thread that plays the vCPU waits here.
 */
#include "guest.h"

#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#define ACCESSED	0x20

#define INT3		0xcc
#define INT3_VECTOR	3
#define DEBUG_VECTOR	1

/* What one look at a vCPU leads to. */
enum outcome {
	RETIRED,
	/* It has an event: it goes on when that is answered. */
	AGAIN,
	NO_MEMORY,
};

static bool is_on(const struct fake_guest *guest, u32 monitor)
{
	return guest->ring && guest->monitors & 1u << monitor;
}

static bool may_run(const struct fake_guest *guest,
		    const struct fake_vcpu *vcpu)
{
	return !vcpu->waiting && !guest->pause_count &&
	       (!vcpu->queued || !guest->ring || fake_ring_has_slot(guest));
}

static bool is_runnable(struct fake_guest *guest, const struct fake_vcpu *vcpu)
{
	bool runnable;

	spin_lock_irq(&guest->lock);
	runnable = guest->dying || may_run(guest, vcpu);
	spin_unlock_irq(&guest->lock);
	return runnable;
}

/* --- events --- */

static void fill(const struct fake_guest *guest, const struct fake_vcpu *vcpu,
		 const struct gprobe_fake_insn *insn,
		 struct gprobe_xen_slot *slot)
{
	const struct fake_event *event = &vcpu->event;

	memset(slot, 0, sizeof(*slot));
	slot->version = GPROBE_XEN_VM_EVENT_VERSION;
	slot->flags = event->async ? 0 : GPROBE_XEN_EV_VCPU_PAUSED;
	if (guest->altp2m) {
		slot->flags |= GPROBE_XEN_EV_ALTERNATE_P2M;
		slot->altp2m_idx = vcpu->view;
	}
	slot->reason = event->reason;
	slot->vcpu_id = insn->vcpu;
	slot->data.regs = insn->regs;
	switch (event->reason) {
	case GPROBE_XEN_REASON_MEM_ACCESS:
		slot->u.mem_access.gfn = event->gfn;
		slot->u.mem_access.offset = event->offset;
		slot->u.mem_access.flags = event->access;
		break;
	case GPROBE_XEN_REASON_BREAKPOINT:
		slot->u.breakpoint.gfn = event->gfn;
		slot->u.breakpoint.insn_length = 1;
		break;
	default:
		if (event->reason == insn->deed)
			memcpy(&slot->u, insn->detail, sizeof(insn->detail));
		break;
	}
}

/* Now, or when there is a slot: then with what the vCPU is by then. */
static enum outcome tell(struct fake_guest *guest, struct fake_vcpu *vcpu,
			 struct gprobe_fake_insn *insn)
{
	struct gprobe_xen_slot slot;

	vcpu->queued = !fake_ring_has_slot(guest);
	if (vcpu->queued)
		return AGAIN;
	fill(guest, vcpu, insn, &slot);
	vcpu->waiting = !vcpu->event.async;
	vcpu->event = (struct fake_event){};
	insn->events++;
	fake_ring_put(guest, &slot);
	return AGAIN;
}

static enum outcome mem_access(struct fake_guest *guest, struct fake_vcpu *vcpu,
			       struct gprobe_fake_insn *insn,
			       const struct fake_event *event)
{
	/* Without somebody who listens, Xen lets it happen. */
	if (!guest->ring)
		return RETIRED;
	vcpu->event = *event;
	vcpu->event.reason = GPROBE_XEN_REASON_MEM_ACCESS;
	return tell(guest, vcpu, insn);
}

/* --- memory --- */

static u8 *at(const struct fake_entry *entry, u32 offset)
{
	return (u8 *)page_address(entry->page) + offset;
}

/* A store is one for all others too. */
static void copy(void *to, const void *from, u32 bytes)
{
	switch (bytes) {
	case 1:
		WRITE_ONCE(*(u8 *)to, READ_ONCE(*(u8 *)from));
		break;
	case 2:
		WRITE_ONCE(*(u16 *)to, READ_ONCE(*(u16 *)from));
		break;
	case 4:
		WRITE_ONCE(*(u32 *)to, READ_ONCE(*(u32 *)from));
		break;
	case 8:
		WRITE_ONCE(*(u64 *)to, READ_ONCE(*(u64 *)from));
		break;
	}
}

static void load(const struct fake_entry *entry, struct gprobe_fake_insn *insn)
{
	insn->value = 0;
	copy(&insn->value, at(entry, insn->load_offset), insn->load_bytes);
}

static void store(const struct fake_entry *entry,
		  const struct gprobe_fake_insn *insn)
{
	copy(at(entry, insn->store_offset), &insn->value, insn->store_bytes);
}

/* --- ways to execute --- */

static void set_registers(struct fake_vcpu *vcpu, struct gprobe_fake_insn *insn)
{
	vcpu->answer.flags &= ~GPROBE_XEN_EV_SET_REGISTERS;
	memcpy(insn->regs.gpr, vcpu->answer.gpr, sizeof(insn->regs.gpr));
	insn->regs.rip = vcpu->answer.rip;
	insn->regs.rflags = vcpu->answer.rflags;
}

static enum outcome retire(struct gprobe_fake_insn *insn, u32 how)
{
	insn->how = how;
	if (how == GPROBE_FAKE_NATIVE || how == GPROBE_FAKE_EMULATED ||
	    how == GPROBE_FAKE_DENIED)
		insn->regs.rip += insn->bytes;
	return RETIRED;
}

/* Xen's emulator knows no views: it reads and writes the guest's own frames. */
static enum outcome emulate(struct fake_guest *guest, struct fake_vcpu *vcpu,
			    struct gprobe_fake_insn *insn)
{
	u32 flags = vcpu->answer.flags;
	const struct fake_entry *entry;
	struct fake_entry host;

	vcpu->answer.flags = 0;
	if (insn->flags & GPROBE_FAKE_NO_EMULATION) {
		if (!is_on(guest, GPROBE_XEN_MONITOR_EMUL_UNIMPL))
			return retire(insn, GPROBE_FAKE_UD);
		vcpu->event.reason = GPROBE_XEN_REASON_EMUL_UNIMPL;
		return tell(guest, vcpu, insn);
	}
	entry = fake_p2m_lookup(guest, 0, insn->gfn, &host);
	if (!entry)
		return NO_MEMORY;
	if (flags & GPROBE_XEN_EV_SET_EMUL_INSN)
		memcpy(insn->executed, vcpu->answer.insn,
		       sizeof(insn->executed));
	else
		memcpy(insn->executed, at(entry, insn->offset), insn->bytes);
	if (insn->load_bytes) {
		entry = fake_p2m_lookup(guest, 0, insn->load_gfn, &host);
		if (!entry)
			return NO_MEMORY;
		load(entry, insn);
	}
	if (insn->store_bytes && !(flags & GPROBE_XEN_EV_EMULATE_NOWRITE)) {
		entry = fake_p2m_lookup(guest, 0, insn->store_gfn, &host);
		if (!entry)
			return NO_MEMORY;
		store(entry, insn);
	}
	return retire(insn, GPROBE_FAKE_EMULATED);
}

static u8 rights(u8 access)
{
	return access == GPROBE_XEN_ACCESS_R_PW ? FAKE_CAN_READ : access;
}

/* The page walk on the way to the instruction sets the accessed bit of an entry. */
static enum outcome walk(struct fake_guest *guest, struct fake_vcpu *vcpu,
			 struct gprobe_fake_insn *insn)
{
	struct fake_event want = {
		.gfn = insn->store_gfn, .offset = insn->store_offset,
		.access = GPROBE_XEN_MEM_W | GPROBE_XEN_MEM_FAULT_IN_GPT,
	};
	const struct fake_entry *entry;
	struct fake_entry host;
	u8 *byte;

	entry = fake_p2m_lookup(guest, vcpu->view, want.gfn, &host);
	if (!entry)
		return NO_MEMORY;
	byte = at(entry, want.offset);
	if (!(rights(entry->access) & FAKE_CAN_READ)) {
		want.access |= GPROBE_XEN_MEM_R;
		return mem_access(guest, vcpu, insn, &want);
	}
	if (READ_ONCE(*byte) & ACCESSED)
		return RETIRED;
	if (!fake_p2m_walk_may_write(entry->access))
		return mem_access(guest, vcpu, insn, &want);
	WRITE_ONCE(*byte, *byte | ACCESSED);
	return RETIRED;
}

/*
 * An access of the instruction: to be found in @entry. RETIRED: it may be made.
 */
static enum outcome reach(struct fake_guest *guest, struct fake_vcpu *vcpu,
			  struct gprobe_fake_insn *insn,
			  const struct fake_event *want, u8 right,
			  struct fake_entry *entry)
{
	const struct fake_entry *found;
	struct fake_entry host;

	found = fake_p2m_lookup(guest, vcpu->view, want->gfn, &host);
	if (!found)
		return NO_MEMORY;
	*entry = *found;
	if (rights(entry->access) & right)
		return RETIRED;
	return mem_access(guest, vcpu, insn, want);
}

/* The event of a single-step; after it the instruction is done. */
static enum outcome stepped(struct fake_guest *guest, struct fake_vcpu *vcpu,
			    struct gprobe_fake_insn *insn)
{
	retire(insn, GPROBE_FAKE_NATIVE);
	if (vcpu->fast) {
		vcpu->fast = false;
		vcpu->view = vcpu->fast_view;
		return RETIRED;
	}
	if (!vcpu->stepping || !is_on(guest, GPROBE_XEN_MONITOR_SINGLESTEP))
		return RETIRED;
	vcpu->retired = true;
	vcpu->event.reason = GPROBE_XEN_REASON_SINGLESTEP;
	return tell(guest, vcpu, insn);
}

static enum outcome inject(struct fake_vcpu *vcpu, struct gprobe_fake_insn *insn)
{
	vcpu->injected = false;
	vcpu->answer.flags = 0;
	return retire(insn, vcpu->vector == INT3_VECTOR ? GPROBE_FAKE_INT3 :
							  GPROBE_FAKE_FAULT);
}

/* What Xen does by itself. */
static enum outcome do_by_itself(struct fake_guest *guest,
				 struct fake_vcpu *vcpu,
				 struct gprobe_fake_insn *insn)
{
	if (insn->deed != GPROBE_XEN_REASON_DEBUG)
		return stepped(guest, vcpu, insn);
	vcpu->injected = true;
	vcpu->vector = DEBUG_VECTOR;
	return inject(vcpu, insn);
}

static enum outcome do_deed(struct fake_guest *guest, struct fake_vcpu *vcpu,
			    struct gprobe_fake_insn *insn)
{
	bool sync;

	if (!fake_monitor_wants(guest, insn, &sync))
		return do_by_itself(guest, vcpu, insn);
	vcpu->told = true;
	vcpu->event.reason = insn->deed;
	vcpu->event.async = !sync;
	if (!sync && insn->deed == GPROBE_XEN_REASON_DEBUG) {
		vcpu->injected = true;
		vcpu->vector = DEBUG_VECTOR;
	}
	return tell(guest, vcpu, insn);
}

static enum outcome execute(struct fake_guest *guest, struct fake_vcpu *vcpu,
			    struct gprobe_fake_insn *insn)
{
	const struct fake_event fetch = { .gfn = insn->gfn, .access = GPROBE_XEN_MEM_X,
					  .offset = insn->offset };
	const struct fake_event read = { .gfn = insn->load_gfn,
					 .access = GPROBE_XEN_MEM_R,
					 .offset = insn->load_offset };
	const struct fake_event write = { .gfn = insn->store_gfn,
					  .access = GPROBE_XEN_MEM_W,
					  .offset = insn->store_offset };
	struct fake_entry code, from = {}, to = {};
	enum outcome outcome;

	outcome = insn->flags & GPROBE_FAKE_WALKS ? walk(guest, vcpu, insn) :
						    RETIRED;
	if (outcome != RETIRED)
		return outcome;
	outcome = reach(guest, vcpu, insn, &fetch, FAKE_CAN_EXECUTE, &code);
	if (outcome != RETIRED)
		return outcome;
	memcpy(insn->executed, at(&code, insn->offset), insn->bytes);
	if (insn->executed[0] == INT3) {
		if (!is_on(guest, GPROBE_XEN_MONITOR_BREAKPOINT))
			return retire(insn, GPROBE_FAKE_INT3);
		vcpu->event = fetch;
		vcpu->event.reason = GPROBE_XEN_REASON_BREAKPOINT;
		return tell(guest, vcpu, insn);
	}
	if (insn->deed)
		return do_deed(guest, vcpu, insn);
	if (insn->load_bytes)
		outcome = reach(guest, vcpu, insn, &read, FAKE_CAN_READ, &from);
	if (outcome == RETIRED && insn->store_bytes)
		outcome = reach(guest, vcpu, insn, &write, FAKE_CAN_WRITE, &to);
	if (outcome != RETIRED)
		return outcome;
	if (from.page)
		load(&from, insn);
	if (to.page)
		store(&to, insn);
	return stepped(guest, vcpu, insn);
}

/* CPUID and accesses to descriptor tables are not done yet; the others are. */
static bool is_done(const struct gprobe_fake_insn *insn)
{
	return insn->deed == GPROBE_XEN_REASON_CTRLREG ||
	       insn->deed == GPROBE_XEN_REASON_MSR ||
	       insn->deed == GPROBE_XEN_REASON_GUEST_REQUEST;
}

static enum outcome told(struct fake_guest *guest, struct fake_vcpu *vcpu,
			 struct gprobe_fake_insn *insn)
{
	bool denied = vcpu->answer.flags & GPROBE_XEN_EV_DENY &&
		      fake_monitor_defers(guest, insn->deed);

	vcpu->answer.flags = 0;
	if (denied)
		return retire(insn, GPROBE_FAKE_DENIED);
	return stepped(guest, vcpu, insn);
}

static enum outcome look(struct fake_guest *guest, struct fake_vcpu *vcpu,
			 struct gprobe_fake_insn *insn)
{
	u64 rip = insn->regs.rip;
	bool was_told = vcpu->told;

	vcpu->ran++;
	if (vcpu->event.reason)
		return tell(guest, vcpu, insn);
	/* As hvm_do_resume() returns early. */
	if (vcpu->skips) {
		vcpu->skips = false;
		if (!vcpu->retired && !vcpu->told && !vcpu->injected)
			return execute(guest, vcpu, insn);
	}
	vcpu->told = false;
	if (vcpu->answer.flags & GPROBE_XEN_EV_SET_REGISTERS)
		set_registers(vcpu, insn);
	if (vcpu->retired) {
		vcpu->retired = false;
		return RETIRED;
	}
	if (vcpu->injected)
		return inject(vcpu, insn);
	if (insn->regs.rip != rip) {
		vcpu->answer.flags = 0;
		return retire(insn, GPROBE_FAKE_MOVED);
	}
	if (was_told && is_done(insn))
		return told(guest, vcpu, insn);
	if (vcpu->answer.flags & (GPROBE_XEN_EV_EMULATE |
				  GPROBE_XEN_EV_EMULATE_NOWRITE))
		return emulate(guest, vcpu, insn);
	return execute(guest, vcpu, insn);
}

static bool fits(u32 offset, u32 bytes)
{
	return offset < PAGE_SIZE && bytes <= PAGE_SIZE - offset;
}

static bool is_width(u32 bytes)
{
	return bytes <= sizeof(u64) && !(bytes & (bytes - 1));
}

static bool makes_sense(const struct fake_guest *guest,
			const struct gprobe_fake_insn *insn)
{
	return insn->vcpu < guest->nr_vcpus && insn->bytes &&
	       insn->bytes < GPROBE_XEN_INSN_BYTES &&
	       fits(insn->offset, insn->bytes) &&
	       is_width(insn->load_bytes) && is_width(insn->store_bytes) &&
	       fits(insn->load_offset, insn->load_bytes) &&
	       fits(insn->store_offset, insn->store_bytes);
}

static int run(struct fake_guest *guest, struct fake_vcpu *vcpu,
	       struct gprobe_fake_insn *insn)
{
	enum outcome outcome = AGAIN;
	int ret = 0;

	while (!ret && outcome == AGAIN) {
		ret = wait_event_killable(guest->wait,
					  is_runnable(guest, vcpu));
		if (ret)
			break;
		spin_lock_irq(&guest->lock);
		if (guest->dying)
			ret = -ESHUTDOWN;
		else if (may_run(guest, vcpu))
			outcome = look(guest, vcpu, insn);
		spin_unlock_irq(&guest->lock);
	}
	return ret ?: outcome == NO_MEMORY ? -EFAULT : 0;
}

/**
 * fake_vcpu_run() - Execute an instruction.
 * @guest: the guest
 * @insn: what, by whom; and what became of it
 *
 * Context: Process, sleeps until it is done.
 * Return: 0; -EINVAL it makes no sense; -EBUSY another thread plays the vCPU;
 * -EFAULT no memory there; -ESHUTDOWN the guest died; -ERESTARTSYS killed.
 */
int fake_vcpu_run(struct fake_guest *guest, struct gprobe_fake_insn *insn)
{
	struct fake_vcpu *vcpu;
	int ret;

	if (!makes_sense(guest, insn))
		return -EINVAL;
	vcpu = &guest->vcpus[insn->vcpu];
	spin_lock_irq(&guest->lock);
	ret = vcpu->busy ? -EBUSY : 0;
	vcpu->busy = true;
	spin_unlock_irq(&guest->lock);
	if (ret)
		return ret;
	insn->how = 0;
	insn->events = 0;
	memset(insn->executed, 0, sizeof(insn->executed));
	ret = run(guest, vcpu, insn);
	spin_lock_irq(&guest->lock);
	vcpu->busy = false;
	spin_unlock_irq(&guest->lock);
	return ret;
}
