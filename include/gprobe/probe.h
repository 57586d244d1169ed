/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A probe as people write it, and the place in the guest that it means:
 * [r:]TARGET[@ROOT|@PROCESS][:ACTION...], TARGET being SYMBOL, SYMBOL+OFFSET or
 * 0xADDRESS. A SYMBOL is the guest kernel's, or with FILE: before it that file's. It may be a
 * glob, with *, ? and [...] as in a shell: it means all functions whose names match
 * it, and is expanded before it is resolved.
 *
 * With r: it means that the function which begins there returns. It is resolved to
 * where that is entered; gprobe_probe_exits() tells where it is left.
 *
 * An ACTION says what is done with its hits: count, record, off=N, rate=N. These words
 * behind a colon are actions, not symbols: a function of a FILE that is called so is
 * FILE:count+0.
 */
#ifndef GPROBE_PROBE_H
#define GPROBE_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/gprobe.h>

#include <gprobe/symbols.h>
#include <gprobe/walk.h>
#include <gprobe/why.h>

/* A probe's text is its claim's label. */
#define GPROBE_PROBE_TEXT_MAX	GPROBE_LABEL_MAX

/* In place of a frame: the probe's page is not mapped now. */
#define GPROBE_PROBE_NO_GFN	UINT64_MAX

/**
 * enum gprobe_probe_part - what a place is of its probe
 * @GPROBE_PROBE_WHOLE: all of it
 * @GPROBE_PROBE_ENTRY: of r: where the function is entered
 * @GPROBE_PROBE_EXIT: of r: where it is left
 * @GPROBE_PROBE_MAYBE: of r: where it is left if the stack pointer is what it was
 *	at the entry
 */
enum gprobe_probe_part {
	GPROBE_PROBE_WHOLE,
	GPROBE_PROBE_ENTRY,
	GPROBE_PROBE_EXIT,
	GPROBE_PROBE_MAYBE,
};

/**
 * struct gprobe_probe - a probe, or a place of it
 * @text: as written
 * @part: what the place is of the probe
 * @file: whose symbol it is; "": the kernel's
 * @symbol: its name, or a glob; "" when an address was given
 * @offset: from the symbol
 * @process: only of this process of a Linux guest: its name or number; "": of any.
 *	Whoever resolves the probe sets @root and @user_root before
 * @root: only under this root: CR3 without control bits; 0: under any
 * @user_root: in its place for an address of the process' program; 0: the same
 * @action: enum gprobe_action, GPROBE_ACTION_COUNT or _RECORD; 0: not said
 * @rate: somebody is told of so many hits a second at most; 0: not said
 * @off_after: so many hits, then it is off; 0: not said
 * @gva: the guest's virtual address; given, or once expanded or resolved
 * @gfn: once resolved: its frame; GPROBE_PROBE_NO_GFN, only with a @root
 * @frame_offset: once resolved: where in that frame
 * @step: once resolved to a frame: enum gprobe_step; 0: the module's choice
 * @insn_bytes: with GPROBE_STEP_SKIP: of the instruction; else 0
 * @jumps_to: of an exit: the other function that it jumps to; 0: it returns, or it is
 *	not known
 */
struct gprobe_probe {
	char text[GPROBE_PROBE_TEXT_MAX + 1];
	enum gprobe_probe_part part;
	char file[GPROBE_PROBE_TEXT_MAX + 1];
	char symbol[GPROBE_PROBE_TEXT_MAX + 1];
	uint64_t offset;
	char process[GPROBE_PROBE_TEXT_MAX + 1];
	uint64_t root, user_root;
	uint32_t action;
	uint32_t rate;
	uint64_t off_after;
	uint64_t gva;
	uint64_t gfn;
	uint32_t frame_offset;
	uint32_t step;
	uint32_t insn_bytes;
	uint64_t jumps_to;
};

/**
 * struct gprobe_space_file - symbols of something in the guest
 * @path: of the file; probes name it by this or by what is behind its last /
 * @symbols: of that file
 * @slide: by which it is off them
 */
struct gprobe_space_file {
	const char *path;
	const struct gprobe_symbols *symbols;
	uint64_t slide;
};

/**
 * struct gprobe_space - what a probe is looked up in
 * @memory: the guest's frames
 * @vcpus: the state of its vCPUs
 * @nr_vcpus: how many, at least one
 * @symbols: of the guest's kernel, or NULL
 * @slide: by which the guest's kernel is off @symbols
 * @files: those that probes can name, the kernel's among them or not; or NULL
 * @nr_files: how many
 */
struct gprobe_space {
	struct gprobe_memory memory;
	const struct gprobe_vcpu *vcpus;
	size_t nr_vcpus;
	const struct gprobe_symbols *symbols;
	uint64_t slide;
	const struct gprobe_space_file *files;
	size_t nr_files;
};

int gprobe_probe_parse(const char *text, struct gprobe_probe *probe,
		       struct gprobe_why *why);
bool gprobe_probe_is_glob(const struct gprobe_probe *probe);
int gprobe_probe_expand(const struct gprobe_probe *glob,
			const struct gprobe_space *space,
			struct gprobe_probe **probes, size_t *nr,
			struct gprobe_why *why);
int gprobe_probe_resolve(struct gprobe_probe *probe,
			 const struct gprobe_space *space,
			 struct gprobe_why *why);
int gprobe_probe_exits(const struct gprobe_probe *probe,
		       const struct gprobe_space *space,
		       struct gprobe_probe **exits, size_t *nr,
		       struct gprobe_why *why);
int gprobe_probes_firsts(const struct gprobe_probe *probes, size_t nr,
			 size_t *firsts);
int gprobe_probes_check(const struct gprobe_probe *probes, size_t nr,
			struct gprobe_why *why);

#endif /* GPROBE_PROBE_H */
