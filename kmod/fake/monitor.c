// SPDX-License-Identifier: GPL-2.0
/* Xen's monitors (its arch/x86/monitor.c and hvm/monitor.c), as of 4.17. */
#include "guest.h"

#define MONITOR(name)	(1u << GPROBE_XEN_MONITOR_##name)

#define KNOWN	(MONITOR(CTRLREG) | MONITOR(MSR) | MONITOR(SINGLESTEP) | \
		 MONITOR(BREAKPOINT) | MONITOR(GUEST_REQUEST) | \
		 MONITOR(DEBUG) | MONITOR(CPUID) | MONITOR(DESCRIPTOR) | \
		 MONITOR(EMUL_UNIMPL))

/* Of each reason, its monitor. */
static u32 monitor_of(u32 reason)
{
	switch (reason) {
	case GPROBE_XEN_REASON_CTRLREG:
		return MONITOR(CTRLREG);
	case GPROBE_XEN_REASON_MSR:
		return MONITOR(MSR);
	case GPROBE_XEN_REASON_GUEST_REQUEST:
		return MONITOR(GUEST_REQUEST);
	case GPROBE_XEN_REASON_DEBUG:
		return MONITOR(DEBUG);
	case GPROBE_XEN_REASON_CPUID:
		return MONITOR(CPUID);
	case GPROBE_XEN_REASON_DESCRIPTOR:
		return MONITOR(DESCRIPTOR);
	default:
		return 0;
	}
}

static int switch_ctrlreg(struct fake_monitors *settings,
			  const struct gprobe_xen_monitor_ctrlreg *op, bool on)
{
	u32 bit = 1u << op->index;

	if (op->index > GPROBE_XEN_CTRLREG_XCR0 || op->pad1 || op->pad2)
		return -EINVAL;
	if (!!(settings->ctrlregs & bit) == on)
		return -EEXIST;
	settings->ctrlregs ^= bit;
	settings->sync &= ~bit;
	settings->sync |= on && op->sync ? bit : 0;
	settings->masks[op->index] = on ? op->mask : 0;
	return 0;
}

static bool is_msr(u32 msr)
{
	return msr < 0x2000 || msr - 0x40000000 < 0x2000 ||
	       msr - 0xc0000000 < 0x2000;
}

static u32 find_msr(const struct fake_monitors *settings, u32 msr)
{
	u32 i;

	for (i = 0; i < settings->nr_msrs; i++)
		if (settings->msrs[i] == msr)
			break;
	return i;
}

static int switch_msr(struct fake_monitors *settings, u32 msr, bool on)
{
	u32 i = find_msr(settings, msr);

	if ((i < settings->nr_msrs) == on)
		return -EEXIST;
	if (!is_msr(msr))
		return -EINVAL;
	if (!on)
		settings->msrs[i] = settings->msrs[--settings->nr_msrs];
	else if (i < FAKE_MSRS)
		settings->msrs[settings->nr_msrs++] = msr;
	else
		return -ENOMEM;
	return 0;
}

static int switch_plain(struct fake_guest *guest,
			const struct gprobe_xen_monitor_op *op, bool on)
{
	u32 bit = 1u << op->event;

	if (!!(guest->monitors & bit) == on)
		return -EEXIST;
	guest->monitors ^= bit;
	if (bit == MONITOR(GUEST_REQUEST))
		guest->settings.request_sync = op->u.request.sync;
	if (bit == MONITOR(DEBUG))
		guest->settings.debug_sync = on && op->u.debug.sync;
	return 0;
}

static void set_bit_if(struct fake_guest *guest, u32 bit, bool on)
{
	guest->monitors = on ? guest->monitors | bit : guest->monitors & ~bit;
}

static int switch_monitor(struct fake_guest *guest,
			  const struct gprobe_xen_monitor_op *op, bool on)
{
	struct fake_monitors *settings = &guest->settings;
	int ret;

	if (op->event > 31)
		return -EINVAL;
	if (!(KNOWN >> op->event & 1))
		return -EOPNOTSUPP;
	switch (op->event) {
	case GPROBE_XEN_MONITOR_CTRLREG:
		ret = switch_ctrlreg(settings, &op->u.ctrlreg, on);
		set_bit_if(guest, MONITOR(CTRLREG), settings->ctrlregs);
		return ret;
	case GPROBE_XEN_MONITOR_MSR:
		ret = switch_msr(settings, op->u.msr.msr, on);
		set_bit_if(guest, MONITOR(MSR), settings->nr_msrs);
		return ret;
	default:
		return switch_plain(guest, op, on);
	}
}

/**
 * fake_monitor_op() - Switch a monitor.
 * @guest: the guest
 * @op: which, and how
 *
 * Context: The guest's lock held; so are all below.
 * Return: as Xen.
 */
int fake_monitor_op(struct fake_guest *guest,
		    const struct gprobe_xen_monitor_op *op)
{
	switch (op->op) {
	case GPROBE_XEN_MONITOR_ENABLE:
		return switch_monitor(guest, op, true);
	case GPROBE_XEN_MONITOR_DISABLE:
		return switch_monitor(guest, op, false);
	case GPROBE_XEN_MONITOR_DEFER_WRITES:
		guest->settings.defers = true;
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

/**
 * fake_monitors_off() - Whoever monitored has given up the ring.
 * @guest: the guest
 */
void fake_monitors_off(struct fake_guest *guest)
{
	guest->monitors = 0;
	guest->settings = (struct fake_monitors){};
}

static bool ctrlreg_wants(const struct fake_monitors *settings,
			  const struct gprobe_xen_ctrlreg *write, bool *sync)
{
	u32 bit = 1u << write->index;

	*sync = settings->sync & bit;
	return write->index <= GPROBE_XEN_CTRLREG_XCR0 &&
	       settings->ctrlregs & bit &&
	       (write->new_value ^ write->old_value) &
	       ~settings->masks[write->index];
}

/**
 * fake_monitor_wants() - Does a monitor tell of what an instruction does?
 * @guest: the guest
 * @insn: the instruction
 * @sync: and pause its vCPU
 *
 * Return: true if one does.
 */
bool fake_monitor_wants(const struct fake_guest *guest,
			const struct gprobe_fake_insn *insn, bool *sync)
{
	const struct fake_monitors *settings = &guest->settings;
	const void *detail = insn->detail;
	const struct gprobe_xen_msr *msr;

	*sync = true;
	if (!guest->ring || !(guest->monitors & monitor_of(insn->deed)))
		return false;
	switch (insn->deed) {
	case GPROBE_XEN_REASON_CTRLREG:
		return ctrlreg_wants(settings, detail, sync);
	case GPROBE_XEN_REASON_MSR:
		msr = detail;
		return find_msr(settings, msr->msr) < settings->nr_msrs;
	case GPROBE_XEN_REASON_GUEST_REQUEST:
		*sync = settings->request_sync;
		return true;
	case GPROBE_XEN_REASON_DEBUG:
		*sync = settings->debug_sync;
		return true;
	default:
		return true;
	}
}

/**
 * fake_monitor_defers() - Does a write wait for its answer?
 * @guest: the guest
 * @reason: GPROBE_XEN_REASON_*
 *
 * Return: true if it does.
 */
bool fake_monitor_defers(const struct fake_guest *guest, u32 reason)
{
	return guest->settings.defers &&
	       (reason == GPROBE_XEN_REASON_CTRLREG ||
		reason == GPROBE_XEN_REASON_MSR);
}
