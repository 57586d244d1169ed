/* SPDX-License-Identifier: GPL-2.0 */
/* What every command can be told that puts probes into a guest. */
#ifndef GPROBE_TOOL_JOB_OPTIONS_H
#define GPROBE_TOOL_JOB_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gprobe/fetch.h>
#include <gprobe/probe.h>

#include "command.h"
#include "filter_option.h"
#include "option.h"
#include "symbol_files.h"

enum {
	JOB_OPTION_SYMBOLS = COMMAND_LONG_ONLY,
	JOB_OPTION_DURATION,
	JOB_OPTION_TAKE_OVER,
	JOB_OPTION_VCPU,
	JOB_OPTION_CPL,
	JOB_OPTION_USER,
	JOB_OPTION_KERNEL,
	JOB_OPTION_RATE,
	JOB_OPTION_MIN_DURATION,
	JOB_OPTION_BUFFER,
	JOB_OPTION_STRICT,
	JOB_OPTION_SLIDE,
	JOB_OPTION_BTF,
	/* The first that a command may give to one of its own. */
	JOB_OPTION_NEXT,
};

/* In the list of a command's options. */
#define JOB_OPTION_DOMAINS						\
	{ "domain", 'd', "DOMAIN[,DOMAIN...]",				\
	  "the guests: their names or domids; may be repeated" }
#define JOB_OPTIONS_WHICH						\
	{ "event", 'e', "PROBE[,PROBE...]",				\
	  "where to probe; may be repeated" },				\
	{ "symbols", JOB_OPTION_SYMBOLS, "FILE[@0xBASE]",		\
	  "the guest kernel's System.map, vmlinux or JSON; and others" }, \
	{ "slide", JOB_OPTION_SLIDE, "0xSLIDE",				\
	  "how far the kernel is off its symbols" },			\
	{ "strict", JOB_OPTION_STRICT, NULL,				\
	  "refuse a glob unless all that it means can be probed" }
#define JOB_OPTIONS_FILTER						\
	{ "vcpu", JOB_OPTION_VCPU, "LIST",				\
	  "only hits of these vCPUs, such as 0,2-3" },			\
	{ "user", JOB_OPTION_USER, NULL, "only hits at CPL 3" },	\
	{ "kernel", JOB_OPTION_KERNEL, NULL, "only hits at CPL 0" },	\
	{ "cpl", JOB_OPTION_CPL, "LIST",				\
	  "only hits at these privilege levels, 0 to 3" }
#define JOB_OPTIONS_TASK						\
	{ "btf", JOB_OPTION_BTF, "FILE",				\
	  "the guest kernel's types, for processes and tasks" }
#define JOB_OPTIONS_LIMIT						\
	{ "max-hits", 'c', "N", "end after N hits" },			\
	{ "min-duration", JOB_OPTION_MIN_DURATION, "SECONDS",		\
	  "only returns (r:) of calls that took so long" },		\
	{ "rate", JOB_OPTION_RATE, "N",					\
	  "at most N hits a second of each probe; others are left out" }, \
	{ "buffer", JOB_OPTION_BUFFER, "KIB",				\
	  "room for hits that were not yet read; 4096 unless given" }
#define JOB_OPTIONS_OUTPUT						\
	{ "output", 'o', "FILE", "write to FILE, not to stdout" }
#define JOB_OPTIONS_HOW							\
	{ "duration", JOB_OPTION_DURATION, "SECONDS",			\
	  "stop after SECONDS" },					\
	{ "take-over", JOB_OPTION_TAKE_OVER, NULL,			\
	  "take the guest from another agent, which must be dead" }

/* What a command can do with hits, as the ACTION of a probe says, and arguments. */
enum {
	JOB_TAKES_COUNT = 1,
	JOB_TAKES_RECORD = 2,
	JOB_TAKES_RATE = 4,
	JOB_TAKES_FETCH = 8,
};

/* In a command's notes. */
#define JOB_HELP_PROBE							\
"A PROBE is SYMBOL, SYMBOL+OFFSET or 0xADDRESS. A SYMBOL with *, ? or [...] is a\n" \
"glob: all functions that match are probed. FILE: before it looks it up in that\n" \
"file of --symbols, not in the kernel's. With @0xROOT behind a PROBE, only\n" \
"hits under that root (CR3) count; with @PROCESS, the name or number of a Linux\n" \
"guest's process, under its roots. Its page need not be mapped yet: the probe is\n" \
"there whenever the page is, wherever the guest puts it. With r: before it the\n" \
"function's return is probed, and how long the call took is measured.\n" \
"With :off=N behind it, it is gone after N hits.\n"
#define JOB_HELP_RATE							\
"With :rate=N behind a PROBE, at most N of its hits a second are told of.\n"
#define JOB_HELP_DOMAINS						\
"Several DOMAINs have the same probes, or none has any. Of --symbols, --slide and\n" \
"--btf there is one for all of them, or one for each in their order.\n"
#define JOB_HELP_FETCH							\
"Behind a PROBE, after a blank each, stands what is to be fetched at a hit, in\n" \
"the syntax of the kernel's kprobe_events: [NAME=]WHAT[:TYPE], WHAT being\n" \
"  %REG                a register: %ax (or %rax) ... %r15, %ip, %cr3, ...\n" \
"  $arg1 ... $arg6     an argument of the function that is entered\n"	\
"  $retval             of r: what the function answers\n"		\
"  $comm, $pid, $tid   a Linux task's name, its process' and its thread's number\n" \
"  $stack, $stackN     the stack pointer, the Nth entry on the stack\n"	\
"  $kstack             the functions on the kernel's stack\n"		\
"  @ADDR, @SYM[+OFFS]  memory at an address or a symbol\n"		\
"  +OFFS(WHAT)         memory at WHAT plus OFFS; -OFFS(WHAT) minus\n"	\
"  \\NUMBER             a number\n"					\
"and TYPE x8 to x64, u8 to u64, s8 to s64, char, string, symbol,\n"	\
"bWIDTH@OFFSET/CONTAINER (bits), or of memory TYPE[N], an array; x64 if none is\n" \
"given. What cannot be read is shown as (fault). Where memory is read, the vCPU\n" \
"waits meanwhile, so that it is what it was at the hit.\n"

/**
 * struct job_domain - a guest
 * @name: its name or number
 * @symbols: of its --symbols, --slide and --btf
 */
struct job_domain {
	const char *name;
	struct symbol_files symbols;
};

/* What an option said that may be repeated: one for each domain, or for all. */
struct job_values {
	const char **all;
	size_t nr;
};

/**
 * struct job_options - what was said
 * @domains: of all -d
 * @nr_domains: how many; one at least
 * @probes: of all -e, parsed
 * @fetches: what each of them fetches
 * @nr_probes: how many
 * @symbols: all --symbols
 * @slides: all --slide
 * @btfs: all --btf
 * @strict: --strict
 * @duration_ns: --duration; 0: no limit
 * @output: -o, or NULL
 * @vcpus: --vcpu, as a claim has them
 * @cpls: --cpl, --user and --kernel, as a claim has them
 * @max_hits: -c; 0: no limit
 * @rate: --rate; 0: no limit
 * @min_duration_ns: --min-duration; 0: none
 * @filter: --filter
 * @buffer_kib: --buffer; 0: as is usual
 * @take_over: --take-over
 * @command: the COMMAND and its arguments, or NULL
 */
struct job_options {
	struct job_domain *domains;
	size_t nr_domains;
	struct gprobe_probe *probes;
	struct gprobe_fetch **fetches;
	size_t nr_probes;
	struct job_values symbols, slides, btfs;
	bool strict;
	uint64_t duration_ns;
	const char *output;
	uint8_t vcpus[GPROBE_VCPU_BYTES_MAX];
	uint32_t cpls;
	uint64_t max_hits, min_duration_ns;
	struct filter_option filter;
	uint32_t rate, buffer_kib;
	bool take_over;
	char **command;
};

int job_options_take(struct job_options *options,
		     const struct option_reader *reader, int letter);
int job_options_guests(struct job_options *options,
		       const struct option_reader *reader);
int job_options_end(struct job_options *options,
		    const struct option_reader *reader, int takes);
bool job_options_leave_out(const struct job_options *options);
bool job_options_any_return(const struct job_options *options);
void job_options_free(struct job_options *options);

#endif /* GPROBE_TOOL_JOB_OPTIONS_H */
