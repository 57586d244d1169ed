// SPDX-License-Identifier: GPL-2.0
#include "domain_traps.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "number.h"
#include "say.h"
#include "text.h"

#define TIME_WIDTH	14
#define NAME_WIDTH	14

/* --- asked for --- */

static bool is_there(const struct traps *traps,
		     const struct gprobe_trap_spec *spec)
{
	unsigned int i;

	for (i = 0; i < traps->nr; i++)
		if (traps->specs[i].kind == spec->kind &&
		    traps->specs[i].msr == spec->msr)
			return true;
	return false;
}

static int no_event(const char *words, const char *event)
{
	return say(STATUS_USAGE,
		   "%s: '%s' is no event: cr0, cr3, cr4, xcr0, msr:NUMBER, cpuid, debug, request, descriptor, io and unimplemented are",
		   words, event);
}

/* Hexadecimal behind 0x. */
static bool parse_msr(const char *number, uint32_t *msr)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(number, &end, 0);
	*msr = value;
	return isdigit((unsigned char)*number) && !*end && !errno &&
	       value <= UINT32_MAX;
}

/* KIND, or msr:NUMBER; @event is cut at its colon. */
static int parse(struct traps *traps, const char *words, char *event)
{
	struct gprobe_trap_spec spec = { .cookie = traps->nr };
	char *number = strchr(event, ':');

	if (number)
		*number++ = '\0';
	spec.kind = gprobe_trap_kind(event);
	if (!spec.kind || !number != (spec.kind != GPROBE_TRAP_KIND_MSR))
		return no_event(words, event);
	if (number && !parse_msr(number, &spec.msr))
		return say(STATUS_USAGE,
			   "%s: msr:%s: the number of an MSR is missing, such as 0xc0000082",
			   words, number);
	if (is_there(traps, &spec))
		return say(STATUS_USAGE, "%s: '%s' is asked for twice", words,
			   traps_name(&spec).text);
	if (traps->nr == TRAPS_MAX)
		return say(STATUS_USAGE, "%s: more than %d events", words,
			   TRAPS_MAX);
	traps->specs[traps->nr++] = spec;
	return STATUS_DONE;
}

/**
 * traps_parse() - Read what is to be told of.
 * @traps: those that were read so far
 * @words: of the command
 * @list: EVENT[,EVENT...]; it is cut to pieces
 *
 * Return: the exit status.
 */
int traps_parse(struct traps *traps, const char *words, char *list)
{
	int status = STATUS_DONE;
	char *event;

	while (!status && (event = strsep(&list, ",")))
		status = parse(traps, words, event);
	return status;
}

/**
 * traps_name() - What a trap is called.
 * @spec: the trap
 *
 * Return: as traps_parse() reads it.
 */
struct traps_name traps_name(const struct gprobe_trap_spec *spec)
{
	const char *kind = gprobe_trap_name(spec->kind);
	struct traps_name name;

	if (spec->kind == GPROBE_TRAP_KIND_MSR)
		snprintf(name.text, sizeof(name.text), "%s:0x%" PRIx32, kind,
			 spec->msr);
	else
		snprintf(name.text, sizeof(name.text), "%s", kind);
	return name;
}

/* --- told of --- */

/* Which register of a descriptor table. */
static const char *table_of(uint64_t key)
{
	static const char *const tables[] = {
		"none", "idtr", "gdtr", "ldtr", "tr",
	};

	return tables[key < sizeof(tables) / sizeof(*tables) ? key : 0];
}

#define ICEBP	5

static void print_values(const struct gprobe_upcall *event)
{
	switch (event->kind) {
	case GPROBE_TRAP_KIND_CPUID:
		printf("leaf=0x%" PRIx64 " subleaf=0x%" PRIx64, event->key,
		       event->subkey);
		break;
	case GPROBE_TRAP_KIND_DEBUG:
		printf("icebp=%d", event->subkey == ICEBP);
		break;
	case GPROBE_TRAP_KIND_DESCRIPTOR:
		printf("table=%s loaded=%" PRIu64, table_of(event->key),
		       event->subkey);
		break;
	case GPROBE_TRAP_KIND_IO:
		printf("port=0x%" PRIx64 " bytes=%" PRIu64 " in=%d string=%d",
		       event->key, event->subkey & GPROBE_IO_BYTES_MASK,
		       !!(event->subkey & GPROBE_IO_IN),
		       !!(event->subkey & GPROBE_IO_STRING));
		break;
	case GPROBE_TRAP_KIND_REQUEST:
		printf("rax=0x%llx", event->regs.rax);
		break;
	case GPROBE_TRAP_KIND_UNIMPLEMENTED:
		printf("cr3=0x%llx", event->regs.cr3);
		break;
	default:
		printf("old=0x%" PRIx64 " new=0x%" PRIx64, event->old_value,
		       event->new_value);
		break;
	}
}

/* Padded, with a blank behind it. */
static void print_domain(const char *domain, size_t width)
{
	struct text_name name = text_name(domain);

	printf("%s%*s ", name.text, (int)(width - text_columns(name.text)), "");
}

/**
 * traps_print_titles() - Write what the columns of traps_print() are.
 * @domain_width: of the guests' names; 0: there is one guest
 */
void traps_print_titles(size_t domain_width)
{
	printf("#%*s ", TIME_WIDTH - 1, "TIME");
	if (domain_width)
		print_domain("DOMAIN", domain_width);
	puts("VCPU EVENT");
}

/**
 * traps_print() - Write a line about an event, for people.
 * @traps: what was asked for
 * @event: of one of them
 */
void traps_print(const struct traps *traps, const struct traps_event *event)
{
	const struct gprobe_upcall *upcall = event->upcall;

	printf("%*s ", TIME_WIDTH, number_seconds(event->time_ns).text);
	if (event->domain)
		print_domain(event->domain, event->domain_width);
	printf("%4" PRIu32 " %-*s ", upcall->vcpu, NAME_WIDTH,
	       traps_name(&traps->specs[upcall->cookie]).text);
	print_values(upcall);
	printf(" rip=0x%llx\n", upcall->regs.rip);
}

static void put_values(struct json *json, const struct gprobe_upcall *event)
{
	switch (event->kind) {
	case GPROBE_TRAP_KIND_CPUID:
		json_put_hex(json, "leaf", event->key);
		json_put_hex(json, "subleaf", event->subkey);
		break;
	case GPROBE_TRAP_KIND_DEBUG:
		json_put_bool(json, "icebp", event->subkey == ICEBP);
		break;
	case GPROBE_TRAP_KIND_DESCRIPTOR:
		json_put_string(json, "table", table_of(event->key));
		json_put_bool(json, "loaded", event->subkey);
		break;
	case GPROBE_TRAP_KIND_IO:
		json_put_hex(json, "port", event->key);
		json_put_number(json, "bytes",
				event->subkey & GPROBE_IO_BYTES_MASK);
		json_put_bool(json, "in", event->subkey & GPROBE_IO_IN);
		json_put_bool(json, "string",
			      event->subkey & GPROBE_IO_STRING);
		break;
	case GPROBE_TRAP_KIND_REQUEST:
		json_put_hex(json, "rax", event->regs.rax);
		break;
	case GPROBE_TRAP_KIND_UNIMPLEMENTED:
		json_put_hex(json, "cr3", event->regs.cr3);
		break;
	default:
		json_put_hex(json, "old", event->old_value);
		json_put_hex(json, "new", event->new_value);
		break;
	}
}

/**
 * traps_print_json() - Write an object, a line, about an event.
 * @traps: what was asked for
 * @event: of one of them
 */
void traps_print_json(const struct traps *traps,
		      const struct traps_event *event)
{
	const struct gprobe_upcall *upcall = event->upcall;
	struct json json = { .file = stdout };

	json_open_object(&json, NULL);
	json_put_seconds(&json, "time_seconds", event->time_ns);
	if (event->domain)
		json_put_string(&json, "domain", event->domain);
	json_put_number(&json, "vcpu", upcall->vcpu);
	json_put_string(&json, "event",
			traps_name(&traps->specs[upcall->cookie]).text);
	put_values(&json, upcall);
	json_put_hex(&json, "rip", upcall->regs.rip);
	json_close_object(&json);
	json_end_line(&json);
}
