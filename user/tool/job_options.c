// SPDX-License-Identifier: GPL-2.0
#include "job_options.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "say.h"
#include "target.h"

#define BLANKS		" \t"
#define MAX_HITS	999999999999ULL
#define MAX_BUFFER_KIB	(1u << 20)
#define MAX_CPL		3
#define MAX_VCPU	(8 * GPROBE_VCPU_BYTES_MAX - 1)

static int make_room(struct job_options *options)
{
	size_t nr = options->nr_probes + 1;
	struct gprobe_fetch **fetches;
	struct gprobe_probe *probes;

	probes = reallocarray(options->probes, nr, sizeof(*probes));
	if (!probes)
		return say_no_memory();
	options->probes = probes;
	fetches = reallocarray(options->fetches, nr, sizeof(*fetches));
	if (!fetches)
		return say_no_memory();
	options->fetches = fetches;
	return STATUS_DONE;
}

/* "PROBE", or "PROBE ARGUMENT ARGUMENT" */
static int add_probe(struct job_options *options,
		     const struct option_reader *reader, char *text)
{
	const char *words = reader->command->words;
	struct gprobe_why why;
	char *arguments;
	size_t index;

	if (make_room(options))
		return STATUS_FAILED;
	text += strspn(text, BLANKS);
	arguments = text + strcspn(text, BLANKS);
	if (*arguments)
		*arguments++ = '\0';
	if (gprobe_probe_parse(text, &options->probes[options->nr_probes],
			       &why))
		return say(STATUS_USAGE, "%s: %s", words, why.text);
	if (gprobe_fetch_parse(arguments,
			       &options->fetches[options->nr_probes], &why))
		return say(STATUS_USAGE, "%s: probe '%s': %s", words, text,
			   why.text);
	/* From now on it is there to be freed. */
	index = options->nr_probes++;
	if (gprobe_fetch_check(options->fetches[index],
			       options->probes[index].part ==
			       GPROBE_PROBE_ENTRY, &why))
		return say(STATUS_USAGE, "%s: probe '%s': %s", words, text,
			   why.text);
	return STATUS_DONE;
}

static int add_probes(struct job_options *options,
		      const struct option_reader *reader, char *list)
{
	int status = STATUS_DONE;
	char *text;

	while (!status && (text = strsep(&list, ",")))
		status = add_probe(options, reader, text);
	return status;
}

/* Of a list such as 0,2-3: what stands before a comma. */
static bool read_range(char *range, uint64_t max, uint8_t *set)
{
	char *last = strchr(range, '-');
	uint64_t from, to;

	if (last)
		*last++ = '\0';
	if (!number_parse(range, &from) ||
	    !number_parse(last ? last : range, &to) || from > to || to > max)
		return false;
	for (; from <= to; from++)
		set[from / 8] |= 1 << from % 8;
	return true;
}

/* Add to @set, which has room for @max. */
static int read_set(const struct option_reader *reader, const char *name,
		    const char *text, uint64_t max, uint8_t *set)
{
	char *copy = strdup(text), *rest = copy, *range;
	bool good = true;

	if (!copy)
		return say_no_memory();
	while (good && (range = strsep(&rest, ",")))
		good = read_range(range, max, set);
	free(copy);
	if (good)
		return STATUS_DONE;
	return say(STATUS_USAGE,
		   "%s: %s '%s': must be numbers up to %u such as 0 or 0,2-3",
		   reader->command->words, name, text, (unsigned int)max);
}

static int read_cpls(struct job_options *options,
		     const struct option_reader *reader, const char *text)
{
	uint8_t set = 0;
	int status = read_set(reader, "--cpl", text, MAX_CPL, &set);

	options->cpls |= set;
	return status;
}

static int read_seconds(const struct option_reader *reader, const char *name,
			const char *text, uint64_t *ns)
{
	if (number_parse_seconds(text, ns) && *ns)
		return STATUS_DONE;
	return say(STATUS_USAGE,
		   "%s: %s '%s': must be seconds above 0, such as 10 or 0.5",
		   reader->command->words, name, text);
}

/* From 1 to @max. */
static int read_count(const struct option_reader *reader, const char *name,
		      const char *text, uint64_t max, uint64_t *count)
{
	if (number_parse(text, count) && *count && *count <= max)
		return STATUS_DONE;
	return say(STATUS_USAGE,
		   "%s: %s '%s': must be a number from 1 to %" PRIu64,
		   reader->command->words, name, text, max);
}

/* The ring's size must be a power of two. */
static int read_buffer(struct job_options *options,
		       const struct option_reader *reader, const char *text)
{
	uint64_t kib;

	if (!number_parse(text, &kib) || kib < 4 || kib > MAX_BUFFER_KIB ||
	    kib & (kib - 1))
		return say(STATUS_USAGE,
			   "%s: --buffer '%s': must be a power of two from 4 to %u",
			   reader->command->words, text, MAX_BUFFER_KIB);
	options->buffer_kib = kib;
	return STATUS_DONE;
}

static int read_rate(struct job_options *options,
		     const struct option_reader *reader, const char *text)
{
	uint64_t rate;
	int status = read_count(reader, "--rate", text, UINT32_MAX, &rate);

	if (!status)
		options->rate = rate;
	return status;
}

static int add_domain(struct job_options *options,
		      const struct option_reader *reader, const char *name)
{
	const char *words = reader->command->words;
	struct job_domain *domains;
	size_t i;

	if (!*name)
		return say(STATUS_USAGE,
			   "%s: no domain: -d DOMAIN names the guest", words);
	for (i = 0; i < options->nr_domains; i++)
		if (!strcmp(options->domains[i].name, name))
			return say(STATUS_USAGE,
				   "%s: domain '%s' is asked for twice", words,
				   name);
	if (options->nr_domains == TARGETS_MAX)
		return say(STATUS_USAGE, "%s: there can be %d domains at most",
			   words, TARGETS_MAX);
	domains = reallocarray(options->domains, options->nr_domains + 1,
			       sizeof(*domains));
	if (!domains)
		return say_no_memory();
	options->domains = domains;
	domains[options->nr_domains++] = (struct job_domain){ .name = name };
	return STATUS_DONE;
}

static int add_domains(struct job_options *options,
		       const struct option_reader *reader, char *list)
{
	int status = STATUS_DONE;
	char *name;

	while (!status && (name = strsep(&list, ",")))
		status = add_domain(options, reader, name);
	return status;
}

static int add_value(struct job_values *values, const char *text)
{
	const char **all = reallocarray(values->all, values->nr + 1,
					sizeof(*all));

	if (!all)
		return say_no_memory();
	values->all = all;
	all[values->nr++] = text;
	return STATUS_DONE;
}

/**
 * job_options_take() - Take an option of those that all commands share.
 * @options: zeroed at first; for job_options_free()
 * @reader: has just read it
 * @letter: the option
 *
 * Return: the exit status.
 */
int job_options_take(struct job_options *options,
		     const struct option_reader *reader, int letter)
{
	switch (letter) {
	case 'd':
		return add_domains(options, reader, optarg);
	case 'e':
		return add_probes(options, reader, optarg);
	case 'o':
		options->output = optarg;
		break;
	case JOB_OPTION_SYMBOLS:
		return add_value(&options->symbols, optarg);
	case JOB_OPTION_SLIDE:
		return add_value(&options->slides, optarg);
	case JOB_OPTION_BTF:
		return add_value(&options->btfs, optarg);
	case JOB_OPTION_STRICT:
		options->strict = true;
		break;
	case 'c':
		return read_count(reader, "-c", optarg, MAX_HITS,
				  &options->max_hits);
	case JOB_OPTION_RATE:
		return read_rate(options, reader, optarg);
	case JOB_OPTION_BUFFER:
		return read_buffer(options, reader, optarg);
	case JOB_OPTION_VCPU:
		return read_set(reader, "--vcpu", optarg, MAX_VCPU,
				options->vcpus);
	case JOB_OPTION_CPL:
		return read_cpls(options, reader, optarg);
	case JOB_OPTION_USER:
		options->cpls |= 1 << MAX_CPL;
		break;
	case JOB_OPTION_KERNEL:
		options->cpls |= 1 << 0;
		break;
	case JOB_OPTION_TAKE_OVER:
		options->take_over = true;
		break;
	case JOB_OPTION_DURATION:
		return read_seconds(reader, "--duration", optarg,
				    &options->duration_ns);
	case JOB_OPTION_MIN_DURATION:
		return read_seconds(reader, "--min-duration", optarg,
				    &options->min_duration_ns);
	case FILTER_OPTION:
		return filter_option_take(&options->filter, reader);
	}
	return STATUS_DONE;
}

/**
 * job_options_any_return() - Is a return to be probed?
 * @options: at any stage
 *
 * Return: true if one is.
 */
bool job_options_any_return(const struct job_options *options)
{
	size_t i;

	for (i = 0; i < options->nr_probes; i++)
		if (options->probes[i].part == GPROBE_PROBE_ENTRY)
			return true;
	return false;
}

/* --- which domain has what --- */

static int give_symbols(const struct option_reader *reader,
			struct job_domain *domain, const char *text)
{
	(void)reader;
	return symbol_files_add(&domain->symbols, text);
}

static int give_slide(const struct option_reader *reader,
		      struct job_domain *domain, const char *text)
{
	struct symbol_files *symbols = &domain->symbols;

	symbols->has_slide = number_parse_address(text, &symbols->slide);
	if (symbols->has_slide)
		return STATUS_DONE;
	return say(STATUS_USAGE,
		   "%s: --slide '%s': must be a number such as 0x1e00000",
		   reader->command->words, text);
}

static int give_btf(const struct option_reader *reader,
		    struct job_domain *domain, const char *text)
{
	(void)reader;
	domain->symbols.btf = text;
	return STATUS_DONE;
}

/* Several domains have one each, in their order, or one for all; one has all. */
static int deal_out(const struct job_options *options,
		    const struct option_reader *reader, const char *name,
		    const struct job_values *values,
		    int (*give)(const struct option_reader *reader,
				struct job_domain *domain, const char *text))
{
	size_t nr_domains = options->nr_domains, nr = values->nr, i;
	int status = STATUS_DONE;

	if (nr > 1 && nr_domains > 1 && nr != nr_domains)
		return say(STATUS_USAGE,
			   "%s: %zu %s for %zu domains: there must be one for all, or one for each in their order",
			   reader->command->words, nr, name, nr_domains);
	if (nr == 1)
		nr = nr_domains;
	for (i = 0; i < nr && !status; i++)
		status = give(reader, &options->domains[i % nr_domains],
			      values->all[i % values->nr]);
	return status;
}

static int deal_out_all(const struct job_options *options,
			const struct option_reader *reader)
{
	int status = deal_out(options, reader, "--symbols", &options->symbols,
			      give_symbols);

	if (!status)
		status = deal_out(options, reader, "--slide", &options->slides,
				  give_slide);
	return status ? status : deal_out(options, reader, "--btf",
					  &options->btfs, give_btf);
}

static bool any_rate(const struct job_options *options)
{
	size_t i;

	for (i = 0; i < options->nr_probes; i++)
		if (options->probes[i].rate)
			return true;
	return options->rate;
}

/**
 * job_options_leave_out() - Can there be hits that are left out, as was asked for?
 * @options: at any stage
 *
 * Return: true: it is to be said how many there were.
 */
bool job_options_leave_out(const struct job_options *options)
{
	return any_rate(options) || options->min_duration_ns ||
	       options->filter.filter;
}

/* --filter fits what is probed. */
static int check_filter(const struct job_options *options)
{
	const struct filter_scope scope = {
		.probes = options->probes,
		.fetches = options->fetches,
		.nr_probes = options->nr_probes,
		.nr_domains = options->nr_domains,
	};
	int status = filter_option_bind(&options->filter, &scope);

	return status ? status : OPTION_GO_ON;
}

/* Why not, of what @takes says; NULL: it can be done. */
static const char *why_no_action(const struct gprobe_probe *probe,
				 const struct gprobe_fetch *fetch, int takes)
{
	bool counts = probe->action == GPROBE_ACTION_COUNT;
	bool records = probe->action == GPROBE_ACTION_RECORD;

	if (records && !(takes & JOB_TAKES_RECORD))
		return "hits are counted here; gprobe trace shows them, gprobe record keeps them";
	if (counts && !(takes & JOB_TAKES_COUNT))
		return "hits are kept here; gprobe stat counts them";
	if (probe->rate && !(takes & JOB_TAKES_RATE))
		return "each hit is counted here, there is no rate to limit";
	if (records && gprobe_fetch_reads(fetch))
		return "memory is read while the vCPU waits, and for record it does not";
	if (counts && gprobe_fetch_nr(fetch))
		return "where hits are counted alone, nothing is fetched";
	if (counts && takes & JOB_TAKES_RECORD &&
	    probe->part == GPROBE_PROBE_ENTRY)
		return "gprobe stat counts returns";
	return NULL;
}

static int check_actions(const struct job_options *options,
			 const struct option_reader *reader, int takes)
{
	const char *why;
	size_t i;

	for (i = 0; i < options->nr_probes; i++) {
		why = why_no_action(&options->probes[i], options->fetches[i],
				    takes);
		if (why)
			return say(STATUS_USAGE, "%s: probe '%s': %s",
				   reader->command->words,
				   options->probes[i].text, why);
	}
	return OPTION_GO_ON;
}

static int check_no_fetch(const struct job_options *options,
			  const struct option_reader *reader)
{
	size_t i;

	for (i = 0; i < options->nr_probes; i++)
		if (gprobe_fetch_nr(options->fetches[i]))
			return say(STATUS_USAGE,
				   "%s: probe '%s' has arguments, which are not shown here: gprobe trace shows them",
				   reader->command->words,
				   options->probes[i].text);
	return OPTION_GO_ON;
}

/**
 * job_options_guests() - Take what is behind the options, and see that there is a guest.
 * @options: all taken
 * @reader: at its end
 *
 * Of commands that have no probes; job_options_end() does it too.
 *
 * Return: OPTION_GO_ON or the exit status.
 */
int job_options_guests(struct job_options *options,
		       const struct option_reader *reader)
{
	const char *words = reader->command->words;

	if (optind < reader->argc)
		options->command = reader->argv + optind;
	if (!options->nr_domains)
		return say(STATUS_USAGE,
			   "%s: no domain: -d DOMAIN names the guest", words);
	if (options->duration_ns && options->command)
		return say(STATUS_USAGE,
			   "%s: --duration and a COMMAND exclude each other: the COMMAND's end ends it",
			   words);
	return OPTION_GO_ON;
}

/**
 * job_options_end() - Take what is behind the options, and check them.
 * @options: all taken
 * @reader: at its end
 * @takes: what the command can do with hits: JOB_TAKES_*
 *
 * Return: OPTION_GO_ON or the exit status.
 */
int job_options_end(struct job_options *options,
		    const struct option_reader *reader, int takes)
{
	const char *words = reader->command->words;
	int status = job_options_guests(options, reader);

	if (status != OPTION_GO_ON)
		return status;
	if (!options->nr_probes)
		return say(STATUS_USAGE,
			   "%s: no probe: -e PROBE says where to probe", words);
	if (options->slides.nr && !options->symbols.nr)
		return say(STATUS_USAGE,
			   "%s: --slide needs the symbols that it is of: --symbols FILE",
			   words);
	if (options->min_duration_ns && !job_options_any_return(options))
		return say(STATUS_USAGE,
			   "%s: --min-duration is for return probes, such as r:vfs_read",
			   words);
	status = deal_out_all(options, reader);
	if (status)
		return status;
	status = takes & JOB_TAKES_FETCH ? OPTION_GO_ON :
					   check_no_fetch(options, reader);
	if (status == OPTION_GO_ON)
		status = check_filter(options);
	return status == OPTION_GO_ON ? check_actions(options, reader, takes) :
					status;
}

/**
 * job_options_free() - Free what reading took.
 * @options: read, or not
 */
void job_options_free(struct job_options *options)
{
	while (options->nr_probes)
		gprobe_fetch_free(options->fetches[--options->nr_probes]);
	free(options->fetches);
	free(options->probes);
	while (options->nr_domains)
		symbol_files_free(&options->domains[--options->nr_domains].symbols);
	free(options->domains);
	free(options->symbols.all);
	free(options->slides.all);
	free(options->btfs.all);
	filter_free(options->filter.filter);
}
