// SPDX-License-Identifier: GPL-2.0
/* Lines for people; those that are no hit begin with #. */
#include <inttypes.h>
#include <string.h>

#include <gprobe/guest.h>

#include "lines.h"
#include "number.h"
#include "text.h"

#define TIME_WIDTH	16
#define WALL_WIDTH	30
#define ROOT_WIDTH	14
#define MAX_NAME_WIDTH	32

/* Bytes of a character of UTF-8. */
#define MAX_CHARACTER	4

static int time_width(const struct lines *lines)
{
	return lines->time == LINES_TIME_WALL ? WALL_WIDTH : TIME_WIDTH;
}

static int name_width(const struct lines *lines)
{
	size_t width = strlen("PROBE"), columns, i;

	for (i = 0; i < lines->nr_probes; i++) {
		columns = text_columns(text_name(lines->probes[i].text).text);
		if (columns > width && columns <= MAX_NAME_WIDTH)
			width = columns;
	}
	return width;
}

/* Of several guests, that of the column with their names. */
static int domain_width(const struct lines *lines)
{
	size_t width = strlen("DOMAIN"), i;

	for (i = 0; i < lines->nr_domains; i++)
		width = text_wider(width,
				   text_name(lines->domains[i].name).text);
	return width;
}

/* Padded, with a blank before it. */
static void print_domain(const struct lines *lines, const char *name)
{
	int pad = lines->domain_width - (int)text_columns(name);

	fprintf(lines->file, " %s%*s", name, pad, "");
}

static void print_titles(struct lines *lines)
{
	lines->name_width = name_width(lines);
	lines->domain_width = domain_width(lines);
	fprintf(lines->file, "#%*s", time_width(lines) - 1, "TIME");
	if (lines->nr_domains > 1)
		print_domain(lines, "DOMAIN");
	fprintf(lines->file, " VCPU CPL %-*s %s\n", ROOT_WIDTH, "ROOT",
		"PROBE");
}

/* The first character, terminated; 0 bytes: it cannot be printed. */
static size_t first_of(const char *text, size_t bytes, char *one)
{
	size_t nr = bytes < MAX_CHARACTER ? bytes : MAX_CHARACTER;

	memcpy(one, text, nr);
	one[nr] = '\0';
	nr = text_printable(one);
	one[nr] = '\0';
	return nr;
}

static void print_escaped(FILE *file, char c)
{
	if (c == '\n')
		fputs("\\n", file);
	else if (c == '\t')
		fputs("\\t", file);
	else
		fprintf(file, "\\x%02x", (unsigned char)c);
}

/* What would end the text, or a terminal act on, is written as in C. */
static void print_text(FILE *file, const char *text, size_t bytes, char quote)
{
	char one[MAX_CHARACTER + 1];
	size_t nr;

	fputc(quote, file);
	for (; bytes; text += nr, bytes -= nr) {
		nr = first_of(text, bytes, one);
		if (!nr)
			print_escaped(file, *text);
		else if (*one == quote || *one == '\\')
			fprintf(file, "\\%c", *one);
		else
			fputs(one, file);
		nr += !nr;
	}
	fputc(quote, file);
}

static void print_symbol(FILE *file, const struct gprobe_fetch_value *value)
{
	if (value->text_bytes)
		fprintf(file, "%.*s", (int)value->text_bytes, value->text);
	else
		fprintf(file, "0x%" PRIx64, value->number);
}

static void print_value(FILE *file, enum gprobe_fetch_kind kind,
			const struct gprobe_fetch_value *value)
{
	const char character = value->number;

	if (value->state == GPROBE_FETCH_FAULT) {
		fputs("(fault)", file);
		return;
	}
	switch (kind) {
	case GPROBE_FETCH_UNSIGNED:
		fprintf(file, "%" PRIu64, value->number);
		break;
	case GPROBE_FETCH_SIGNED:
		fprintf(file, "%" PRId64, (int64_t)value->number);
		break;
	case GPROBE_FETCH_HEX:
		fprintf(file, "0x%" PRIx64, value->number);
		break;
	case GPROBE_FETCH_CHAR:
		print_text(file, &character, 1, '\'');
		break;
	case GPROBE_FETCH_STRING:
		print_text(file, value->text, value->text_bytes, '"');
		if (value->state == GPROBE_FETCH_CUT)
			fputs("...", file);
		break;
	case GPROBE_FETCH_SYMBOL:
		print_symbol(file, value);
		break;
	}
}

/* With what stands before and behind it. */
static void print_element(FILE *file, const struct gprobe_fetch_info *info,
			  const struct gprobe_fetch_value *value)
{
	if (!value->element)
		fprintf(file, " %s=%s", info->name, info->is_array ? "{" : "");
	else
		fputc(',', file);
	print_value(file, info->kind, value);
	if (info->is_array && value->element == info->count - 1)
		fputc('}', file);
}

static void print_values(FILE *file, const struct gprobe_fetch *fetch,
			 const struct hit *hit)
{
	struct gprobe_fetch_cursor cursor = lines_cursor(hit);
	struct gprobe_fetch_value value;
	struct gprobe_fetch_info info;

	while (gprobe_fetch_next(fetch, &cursor, &value) > 0) {
		gprobe_fetch_info(fetch, value.arg, &info);
		print_element(file, &info, &value);
	}
}

static void print_duration(FILE *file, const struct hit *hit)
{
	if (hit->duration_ns == HIT_NO_DURATION)
		fputs(" duration=unknown", file);
	else
		fprintf(file, " duration=%s",
			number_seconds(hit->duration_ns).text);
}

static void print_hit(const struct lines *lines, const struct hit *hit)
{
	const struct gprobe_fetch *fetch = lines->fetches[hit->probe];
	const struct hits_domain *domain = lines_domain(lines, hit->probe);
	struct text_name name = text_name(lines->probes[hit->probe].text);
	bool is_return = lines_is_return(lines, hit);
	int pad = lines->name_width - (int)text_columns(name.text);

	fprintf(lines->file, "%*s", time_width(lines),
		lines_time(lines, hit->time_ns).text);
	if (domain)
		print_domain(lines, text_name(domain->name).text);
	fprintf(lines->file, " %4" PRIu32 " %3" PRIu32 " 0x%-*" PRIx64 " %s",
		hit->vcpu, hit->cpl, ROOT_WIDTH - 2, hit->root, name.text);
	if (is_return || gprobe_fetch_nr(fetch))
		fprintf(lines->file, "%*s", pad > 0 ? pad : 0, "");
	if (is_return)
		print_duration(lines->file, hit);
	print_values(lines->file, fetch, hit);
	fputc('\n', lines->file);
}

static void print_count(const struct lines *lines, uint32_t probe)
{
	const struct hits_domain *domain = lines_domain(lines, probe);
	const struct target_hits *count = &lines->counts[probe];

	fputs("# ", lines->file);
	if (domain)
		fprintf(lines->file, "domain '%s': ", text_name(domain->name).text);
	fprintf(lines->file, "%s: %s counted\n",
		text_name(lines->probes[probe].text).text,
		count->known ? number_grouped(count->hits).text : "not");
}

static void print_counts(const struct lines *lines)
{
	size_t i;

	for (i = 0; i < lines->nr_probes; i++)
		if (lines_is_counted(lines, i))
			print_count(lines, i);
}

static void print_figures(const struct lines *lines, const struct hits_sum *sum)
{
	fprintf(lines->file, "%s, %s lost",
		number_of(sum->shown, "hit").text, number_grouped(sum->lost).text);
	if (lines->is_limited)
		fprintf(lines->file, ", %s left out",
			number_grouped(sum->limited).text);
	fputc('\n', lines->file);
}

static void print_sum(const struct lines *lines, const struct hits_sum *sum)
{
	const struct hits_domain *domain = lines->domains;
	size_t i;

	print_counts(lines);
	for (i = 0; lines->nr_domains > 1 && i < lines->nr_domains;
	     i++, domain++) {
		fprintf(lines->file, "# domain '%s': ",
			text_name(domain->name).text);
		print_figures(lines, &domain->sum);
	}
	fputs("# ", lines->file);
	print_figures(lines, sum);
}

const struct lines_format lines_format_text = {
	.begin = print_titles,
	.hit = print_hit,
	.end = print_sum,
};
