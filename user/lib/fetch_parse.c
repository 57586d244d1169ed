// SPDX-License-Identifier: LGPL-2.1-or-later
/* The text of a fetch. What is wrong with it is told with its column. */
#include "fetch.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "why.h"

#define BLANKS		" \t"
#define MAX_ARGUMENT	6

/* The next is likely meant. */
#define NEAR_DISTANCE	1

/**
 * struct parser - at work on one argument
 * @arg: what it becomes
 * @index: its number, from 0
 * @text: the argument
 * @end: behind it
 * @at: where the parser is
 * @nesting: so many FETCHARGs are open
 * @why: says why not
 */
struct parser {
	struct fetch_arg *arg;
	uint32_t index;
	const char *text, *end, *at;
	uint32_t nesting;
	struct gprobe_why *why;
};

/* What is wrong is at @at. */
static int fail(const struct parser *parser, const char *at,
		const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int fail(const struct parser *parser, const char *at,
		const char *format, ...)
{
	char what[192];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return gprobe_why(parser->why, -EINVAL,
			  "argument %u '%.*s': at column %zu: %s",
			  parser->index + 1,
			  (int)(parser->end - parser->text > 160 ? 160 :
				parser->end - parser->text),
			  parser->text, (size_t)(at - parser->text + 1), what);
}

/* How many characters from here on are none of @stops. */
static size_t word(const struct parser *parser, const char *stops)
{
	const char *at = parser->at;

	while (at < parser->end && !strchr(stops, *at))
		at++;
	return at - parser->at;
}

static bool next_is(const struct parser *parser, char c)
{
	return parser->at < parser->end && *parser->at == c;
}

/* Decimal, 0x hexadecimal or 0 octal, as the kernel reads it; 0 on failure. */
static int parse_number(struct parser *parser, uint64_t max, uint64_t *number)
{
	size_t length = word(parser, "():+-[]@/");
	char digits[32], *rest;

	*number = 0;
	if (!length || !isdigit((unsigned char)*parser->at))
		return fail(parser, parser->at,
			    "a number such as 8 or 0x10 is missing");
	if (length >= sizeof(digits))
		return fail(parser, parser->at, "no such number");
	memcpy(digits, parser->at, length);
	digits[length] = '\0';
	errno = 0;
	*number = strtoull(digits, &rest, 0);
	if (*rest || errno || *number > max)
		return fail(parser, parser->at, "'%s' is %s", digits,
			    *rest ? "no number" : "too large");
	parser->at += length;
	return 0;
}

/* --- the value --- */

static const struct {
	const char *name, *other;
	size_t place, bytes;
} registers[] = {
#define REGISTER(name, other, field) \
	{ name, other, offsetof(struct gprobe_regs, field), \
	  sizeof(((struct gprobe_regs *)NULL)->field) }
	REGISTER("ax", "rax", rax),
	REGISTER("bx", "rbx", rbx),
	REGISTER("cx", "rcx", rcx),
	REGISTER("dx", "rdx", rdx),
	REGISTER("si", "rsi", rsi),
	REGISTER("di", "rdi", rdi),
	REGISTER("bp", "rbp", rbp),
	REGISTER("sp", "rsp", rsp),
	REGISTER("r8", "r8", r8),
	REGISTER("r9", "r9", r9),
	REGISTER("r10", "r10", r10),
	REGISTER("r11", "r11", r11),
	REGISTER("r12", "r12", r12),
	REGISTER("r13", "r13", r13),
	REGISTER("r14", "r14", r14),
	REGISTER("r15", "r15", r15),
	REGISTER("ip", "rip", rip),
	REGISTER("flags", "rflags", rflags),
	REGISTER("cs", "cs", cs),
	REGISTER("cr0", "cr0", cr0),
	REGISTER("cr2", "cr2", cr2),
	REGISTER("cr3", "cr3", cr3),
	REGISTER("cr4", "cr4", cr4),
	REGISTER("efer", "efer", efer),
	REGISTER("fs_base", "fs_base", fs_base),
	REGISTER("gs_base", "gs_base", gs_base),
	REGISTER("shadow_gs", "shadow_gs", shadow_gs),
	REGISTER("cpl", "cpl", cpl),
#undef REGISTER
};

#define NR_REGISTERS	(sizeof(registers) / sizeof(registers[0]))

/* Of the arguments of a function, in their order. */
static const char *const argument_registers[MAX_ARGUMENT] = {
	"di", "si", "dx", "cx", "r8", "r9",
};

/* NULL: there is none of that name. */
static bool set_register(struct fetch_arg *arg, const char *name)
{
	size_t i;

	for (i = 0; i < NR_REGISTERS; i++) {
		if (strcmp(name, registers[i].name) &&
		    strcmp(name, registers[i].other))
			continue;
		arg->reg = registers[i].place;
		arg->reg_bytes = registers[i].bytes;
		return true;
	}
	return false;
}

static int no_register(const struct parser *parser, const char *at,
		       const char *name)
{
	size_t i;

	for (i = 0; i < NR_REGISTERS; i++)
		if (gprobe_name_distance(name, registers[i].name,
					 NEAR_DISTANCE) <= NEAR_DISTANCE)
			return fail(parser, at, "no register %%%s; nearest: %%%s",
				    name, registers[i].name);
	return fail(parser, at, "no register %%%s", name);
}

static int parse_register(struct parser *parser)
{
	const char *start = parser->at++;
	size_t length = word(parser, "():+-");
	char name[24];

	snprintf(name, sizeof(name), "%.*s", (int)length, parser->at);
	if (length >= sizeof(name) || !set_register(parser->arg, name))
		return no_register(parser, start, name);
	parser->at += length;
	return 0;
}

static int push(struct parser *parser, const char *at, int64_t offset)
{
	struct fetch_arg *arg = parser->arg;

	if (arg->depth == GPROBE_FETCH_DEPTH_MAX)
		return fail(parser, at, "memory is read more than %d times",
			    GPROBE_FETCH_DEPTH_MAX);
	arg->offsets[arg->depth++] = offset;
	return 0;
}

/* At @digits: what of $stackN and $argN is the N; all of the rest. */
static int parse_index(struct parser *parser, const char *start,
		       const char *digits, uint64_t max, uint64_t *index)
{
	size_t length = parser->at - digits;

	if (strspn(digits, "0123456789") < length)
		return fail(parser, start, "no variable '%.*s'",
			    (int)(parser->at - start), start);
	*index = length > 6 ? UINT64_MAX : strtoull(digits, NULL, 10);
	if (*index > max)
		return fail(parser, digits, "the highest number is %u",
			    (unsigned int)max);
	return 0;
}

static int parse_argument(struct parser *parser, const char *start)
{
	uint64_t index;
	int ret = parse_index(parser, start, start + 4, 99, &index);

	if (ret)
		return ret;
	if (!index)
		return fail(parser, start, "arguments are numbered from 1");
	if (index > MAX_ARGUMENT)
		return fail(parser, start,
			    "only six arguments are in registers; a function that is entered has this one in $stack%u",
			    (unsigned int)index - MAX_ARGUMENT);
	set_register(parser->arg, argument_registers[index - 1]);
	parser->arg->when = FETCH_AT_ENTRY;
	return 0;
}

static int parse_stack(struct parser *parser, const char *start)
{
	const char *digits = start + 6;
	uint64_t index;
	int ret;

	set_register(parser->arg, "sp");
	if (digits == parser->at)
		return 0;
	ret = parse_index(parser, start, digits, 65535, &index);
	return ret ? ret : push(parser, start, index * sizeof(uint64_t));
}

/* With no type of its own. */
static int set_stack(struct parser *parser)
{
	struct fetch_arg *arg = parser->arg;

	if (next_is(parser, ':'))
		return fail(parser, parser->at, "$kstack has no type");
	if (parser->nesting)
		return fail(parser, parser->at, "$kstack is no address");
	if (*parser->text == '$')
		snprintf(arg->name, sizeof(arg->name), "kstack");
	arg->is_stack = true;
	arg->type.kind = GPROBE_FETCH_STRING;
	return 0;
}

/* Of the task that runs; the type is that unless one is given. */
static const struct {
	const char *name;
	enum fetch_task task;
	enum gprobe_fetch_kind kind;
	uint8_t bytes;
} tasks[] = {
	{ "$comm", FETCH_TASK_COMM, GPROBE_FETCH_STRING, 8 },
	{ "$pid", FETCH_TASK_PID, GPROBE_FETCH_SIGNED, 4 },
	{ "$tid", FETCH_TASK_TID, GPROBE_FETCH_SIGNED, 4 },
};

static int parse_task(struct parser *parser, const char *start, size_t index)
{
	struct fetch_arg *arg = parser->arg;
	int ret;

	if (parser->nesting)
		return fail(parser, start, "%s stands alone: there is no memory at it",
			    tasks[index].name);
	if (*parser->text == '$')
		snprintf(arg->name, sizeof(arg->name), "%s",
			 tasks[index].name + 1);
	arg->task = tasks[index].task;
	arg->reg = FETCH_KERNEL_GS;
	arg->reg_bytes = sizeof(uint64_t);
	arg->type.kind = tasks[index].kind;
	arg->type.bytes = tasks[index].bytes;
	/* Where the task is, and where in it. */
	ret = push(parser, start, 0);
	return ret ? ret : push(parser, start, 0);
}

static int parse_variable(struct parser *parser)
{
	const char *start = parser->at;
	size_t length = word(parser, "():+-"), i;

	parser->at += length;
	if (length > 4 && !memcmp(start, "$arg", 4))
		return parse_argument(parser, start);
	if (length >= 6 && !memcmp(start, "$stack", 6))
		return parse_stack(parser, start);
	if (length == 7 && !memcmp(start, "$kstack", 7))
		return set_stack(parser);
	if (length == 7 && !memcmp(start, "$retval", 7)) {
		set_register(parser->arg, "ax");
		parser->arg->when = FETCH_AT_RETURN;
		return 0;
	}
	for (i = 0; i < sizeof(tasks) / sizeof(tasks[0]); i++)
		if (length == strlen(tasks[i].name) &&
		    !memcmp(start, tasks[i].name, length))
			return parse_task(parser, start, i);
	return fail(parser, start, "no variable '%.*s'; there are $argN, $retval, $stack, $stackN, $kstack, $comm, $pid and $tid",
		    (int)(length > 40 ? 40 : length), start);
}

static int parse_symbol(struct parser *parser)
{
	const char *start = parser->at;
	size_t length = word(parser, "():+-");
	uint64_t offset;
	bool minus;
	int ret;

	if (!length)
		return fail(parser, start,
			    "an address or a symbol is missing behind @");
	if (length > GPROBE_PROBE_TEXT_MAX)
		return fail(parser, start, "no symbol is that long");
	memcpy(parser->arg->symbol, start, length);
	parser->at += length;
	if (!next_is(parser, '+') && !next_is(parser, '-'))
		return 0;
	minus = *parser->at++ == '-';
	ret = parse_number(parser, INT64_MAX, &offset);
	if (!ret)
		parser->arg->number = minus ? -offset : offset;
	return ret;
}

/* @ADDR and @SYM. */
static int parse_at(struct parser *parser)
{
	const char *start = parser->at++;
	int ret;

	if (parser->at < parser->end && isdigit((unsigned char)*parser->at))
		ret = parse_number(parser, UINT64_MAX, &parser->arg->number);
	else
		ret = parse_symbol(parser);
	return ret ? ret : push(parser, start, 0);
}

static int parse_immediate(struct parser *parser)
{
	uint64_t number;
	bool minus;
	int ret;

	parser->at++;
	if (next_is(parser, '"'))
		return fail(parser, parser->at,
			    "texts behind \\ are not supported, only numbers");
	minus = next_is(parser, '-');
	if (minus || next_is(parser, '+'))
		parser->at++;
	ret = parse_number(parser, minus ? 1ULL << 63 : UINT64_MAX, &number);
	if (!ret)
		parser->arg->number = minus ? -number : number;
	return ret;
}

static int parse_value(struct parser *parser);

/* +|-[u]OFFS(FETCHARG) */
static int parse_memory(struct parser *parser)
{
	const char *start = parser->at;
	bool minus = *parser->at++ == '-';
	uint64_t offset;
	int ret;

	if (next_is(parser, 'u'))
		parser->at++;
	ret = parse_number(parser, INT64_MAX, &offset);
	if (ret)
		return ret;
	if (!next_is(parser, '('))
		return fail(parser, parser->at,
			    "a ( must follow the offset: +OFFS(FETCHARG)");
	if (parser->nesting++ == GPROBE_FETCH_DEPTH_MAX)
		return fail(parser, start, "more than %d are in each other",
			    GPROBE_FETCH_DEPTH_MAX);
	parser->at++;
	ret = parse_value(parser);
	if (ret)
		return ret;
	if (!next_is(parser, ')'))
		return fail(parser, parser->at, "a ) is missing");
	parser->at++;
	return push(parser, start, minus ? -offset : offset);
}

static int parse_value(struct parser *parser)
{
	switch (parser->at < parser->end ? *parser->at : '\0') {
	case '%':
		return parse_register(parser);
	case '$':
		return parse_variable(parser);
	case '@':
		return parse_at(parser);
	case '+':
	case '-':
		return parse_memory(parser);
	case '\\':
		return parse_immediate(parser);
	case '\0':
		return fail(parser, parser->at, "what to fetch is missing");
	default:
		return fail(parser, parser->at,
			    "must be %%REG, $argN, $stackN, $kstack, @ADDRESS, @SYMBOL, +OFFSET(...) or \\NUMBER");
	}
}

/* --- the type --- */

static const struct {
	const char *name;
	enum gprobe_fetch_kind kind;
	uint8_t bytes;
} types[] = {
	{ "u8", GPROBE_FETCH_UNSIGNED, 1 },
	{ "u16", GPROBE_FETCH_UNSIGNED, 2 },
	{ "u32", GPROBE_FETCH_UNSIGNED, 4 },
	{ "u64", GPROBE_FETCH_UNSIGNED, 8 },
	{ "s8", GPROBE_FETCH_SIGNED, 1 },
	{ "s16", GPROBE_FETCH_SIGNED, 2 },
	{ "s32", GPROBE_FETCH_SIGNED, 4 },
	{ "s64", GPROBE_FETCH_SIGNED, 8 },
	{ "x8", GPROBE_FETCH_HEX, 1 },
	{ "x16", GPROBE_FETCH_HEX, 2 },
	{ "x32", GPROBE_FETCH_HEX, 4 },
	{ "x64", GPROBE_FETCH_HEX, 8 },
	{ "char", GPROBE_FETCH_CHAR, 1 },
	{ "string", GPROBE_FETCH_STRING, 8 },
	{ "ustring", GPROBE_FETCH_STRING, 8 },
	{ "symbol", GPROBE_FETCH_SYMBOL, 8 },
};

#define NR_TYPES	(sizeof(types) / sizeof(types[0]))

static int no_type(const struct parser *parser, const char *name)
{
	size_t i;

	for (i = 0; i < NR_TYPES; i++)
		if (gprobe_name_distance(name, types[i].name,
					 NEAR_DISTANCE) <= NEAR_DISTANCE)
			return fail(parser, parser->at,
				    "no type '%s'; nearest: %s", name,
				    types[i].name);
	return fail(parser, parser->at,
		    "no type '%s'; there are u8 to u64, s8 to s64, x8 to x64, char, string, ustring, symbol and bWIDTH@OFFSET/CONTAINER",
		    name);
}

static int parse_type_name(struct parser *parser)
{
	struct fetch_type *type = &parser->arg->type;
	size_t length = word(parser, "["), i;
	char name[24];

	snprintf(name, sizeof(name), "%.*s", (int)length, parser->at);
	for (i = 0; i < NR_TYPES && strcmp(name, types[i].name); i++)
		;
	if (i == NR_TYPES)
		return no_type(parser, name);
	type->kind = types[i].kind;
	type->bytes = types[i].bytes;
	parser->at += length;
	return 0;
}

/* The next of the numbers of b<WIDTH>@<OFFSET>/<CONTAINER>, and what follows. */
static int parse_bits(struct parser *parser, char follows, uint64_t *bits)
{
	int ret = parse_number(parser, 64, bits);

	if (ret || !follows)
		return ret;
	if (!next_is(parser, follows))
		return fail(parser, parser->at,
			    "a %c is missing in bWIDTH@OFFSET/CONTAINER",
			    follows);
	parser->at++;
	return 0;
}

static int parse_bitfield(struct parser *parser)
{
	struct fetch_type *type = &parser->arg->type;
	const char *start = parser->at++;
	uint64_t width, offset, container;
	int ret = parse_bits(parser, '@', &width);

	if (!ret)
		ret = parse_bits(parser, '/', &offset);
	if (!ret)
		ret = parse_bits(parser, '\0', &container);
	if (ret)
		return ret;
	if (container < 8 || container & (container - 1))
		return fail(parser, start,
			    "the container must have 8, 16, 32 or 64 bits");
	if (!width || width + offset > container)
		return fail(parser, start,
			    "%u bits from bit %u on are not in a container of %u",
			    (unsigned int)width, (unsigned int)offset,
			    (unsigned int)container);
	type->kind = GPROBE_FETCH_UNSIGNED;
	type->bytes = container / 8;
	type->bit_offset = offset;
	type->bit_width = width;
	return 0;
}

static int parse_array(struct parser *parser)
{
	struct fetch_type *type = &parser->arg->type;
	const char *start = parser->at++;
	uint64_t count;
	int ret = parse_number(parser, UINT32_MAX, &count);

	if (ret)
		return ret;
	if (!count || count > GPROBE_FETCH_ARRAY_MAX)
		return fail(parser, start, "an array has 1 to %d elements",
			    GPROBE_FETCH_ARRAY_MAX);
	if (!next_is(parser, ']'))
		return fail(parser, parser->at, "a ] is missing");
	parser->at++;
	type->count = count;
	type->is_array = true;
	return 0;
}

static int parse_type(struct parser *parser)
{
	struct fetch_type *type = &parser->arg->type;
	const char *start = parser->at;
	int ret;

	if (parser->end - start > 1 && *start == 'b' &&
	    isdigit((unsigned char)start[1]))
		ret = parse_bitfield(parser);
	else
		ret = parse_type_name(parser);
	if (!ret && next_is(parser, '['))
		ret = parse_array(parser);
	if (ret)
		return ret;
	if (!parser->arg->depth &&
	    (type->is_array || type->kind == GPROBE_FETCH_STRING))
		return fail(parser, start, "%s must be read from memory, such as +0(...)",
			    type->is_array ? "an array" : "a string");
	return 0;
}

/* --- the argument --- */

static int parse_name(struct parser *parser)
{
	struct fetch_arg *arg = parser->arg;
	size_t length = word(parser, "="), i;

	if (parser->at + length == parser->end) {
		snprintf(arg->name, sizeof(arg->name), "arg%u",
			 parser->index + 1);
		return 0;
	}
	if (!length)
		return fail(parser, parser->at, "a name is missing before =");
	if (length > GPROBE_FETCH_NAME_MAX)
		return fail(parser, parser->at,
			    "a name has at most %d characters",
			    GPROBE_FETCH_NAME_MAX);
	for (i = 0; i < length; i++)
		if (!isalnum((unsigned char)parser->at[i]) &&
		    parser->at[i] != '_')
			return fail(parser, parser->at + i,
				    "a name has letters, digits and _ only");
	if (isdigit((unsigned char)*parser->at))
		return fail(parser, parser->at,
			    "a name cannot begin with a digit");
	memcpy(arg->name, parser->at, length);
	parser->at += length + 1;
	return 0;
}

static int parse_arg(struct parser *parser)
{
	int ret;

	*parser->arg = (struct fetch_arg){
		.reg = -1,
		.type = { .kind = GPROBE_FETCH_HEX, .bytes = 8, .count = 1 },
	};
	ret = parse_name(parser);
	if (!ret)
		ret = parse_value(parser);
	if (!ret && next_is(parser, ':')) {
		parser->at++;
		ret = parse_type(parser);
	}
	if (!ret && parser->at < parser->end)
		ret = fail(parser, parser->at, "'%.*s' is too much",
			   (int)(parser->end - parser->at > 40 ? 40 :
				 parser->end - parser->at), parser->at);
	return ret;
}

static int check_name(const struct parser *parser,
		      const struct gprobe_fetch *fetch)
{
	uint32_t i;

	for (i = 0; i < parser->index; i++)
		if (!strcmp(fetch->args[i].name, parser->arg->name))
			return fail(parser, parser->text,
				    "argument %u is called '%s' too", i + 1,
				    parser->arg->name);
	return 0;
}

static int parse_next(struct gprobe_fetch *fetch, const char *text,
		      struct gprobe_why *why)
{
	struct parser parser = {
		.index = fetch->nr, .text = text, .at = text,
		.end = text + strcspn(text, BLANKS), .why = why,
	};
	struct fetch_arg *args;
	int ret;

	if (fetch->nr == GPROBE_FETCH_ARGS_MAX)
		return gprobe_why(why, -E2BIG,
				  "more than %d arguments for one probe",
				  GPROBE_FETCH_ARGS_MAX);
	args = reallocarray(fetch->args, fetch->nr + 1, sizeof(*args));
	if (!args)
		return gprobe_why(why, -ENOMEM, "not enough memory");
	fetch->args = args;
	parser.arg = &args[fetch->nr];
	ret = parse_arg(&parser);
	if (!ret)
		ret = check_name(&parser, fetch);
	if (!ret)
		fetch->nr++;
	return ret;
}

static int parse_all(struct gprobe_fetch *fetch, struct gprobe_why *why)
{
	const char *at = fetch->text + strspn(fetch->text, BLANKS);
	int ret = 0;

	while (*at && !ret) {
		ret = parse_next(fetch, at, why);
		at += strcspn(at, BLANKS);
		at += strspn(at, BLANKS);
	}
	if (!ret && gprobe_fetch_bytes(fetch) > GPROBE_FETCH_BYTES_MAX)
		return gprobe_why(why, -E2BIG,
				  "arguments '%.160s': all together may have %zu bytes; %d at most",
				  fetch->text, gprobe_fetch_bytes(fetch),
				  GPROBE_FETCH_BYTES_MAX);
	return ret;
}

/**
 * gprobe_fetch_parse() - Read what is to be fetched.
 * @text: arguments with blanks between them; there may be none
 * @fetch: for gprobe_fetch_free()
 * @why: says what is wrong, and where
 *
 * Return: 0; -EINVAL not such a text; -E2BIG too much of it; -ENOMEM.
 */
int gprobe_fetch_parse(const char *text, struct gprobe_fetch **fetch,
		       struct gprobe_why *why)
{
	struct gprobe_fetch *made;
	int ret;

	if (strlen(text) > GPROBE_FETCH_TEXT_MAX)
		return gprobe_why(why, -E2BIG,
				  "arguments '%.20s...': longer than %d bytes",
				  text, GPROBE_FETCH_TEXT_MAX);
	made = calloc(1, sizeof(*made));
	if (made)
		made->text = strdup(text);
	if (!made || !made->text)
		ret = gprobe_why(why, -ENOMEM, "not enough memory");
	else
		ret = parse_all(made, why);
	if (ret) {
		gprobe_fetch_free(made);
		return ret;
	}
	*fetch = made;
	return 0;
}

/**
 * gprobe_fetch_check() - See that arguments suit the hits they are fetched at.
 * @fetch: the fetch
 * @is_return: functions return there
 * @why: says which does not
 *
 * Return: 0; -EINVAL: $retval where none returns, or $argN where one does.
 */
int gprobe_fetch_check(const struct gprobe_fetch *fetch, bool is_return,
		       struct gprobe_why *why)
{
	uint32_t i;

	for (i = 0; i < fetch->nr; i++) {
		if (fetch->args[i].when == FETCH_AT_RETURN && !is_return)
			return gprobe_why(why, -EINVAL,
					  "argument '%s': $retval is for return probes (r:)",
					  fetch->args[i].name);
		if (fetch->args[i].when == FETCH_AT_ENTRY && is_return)
			return gprobe_why(why, -EINVAL,
					  "argument '%s': $argN is what a function is entered with; when it returns it is gone",
					  fetch->args[i].name);
	}
	return 0;
}

/**
 * gprobe_fetch_free() - Free a fetch.
 * @fetch: or NULL
 */
void gprobe_fetch_free(struct gprobe_fetch *fetch)
{
	if (!fetch)
		return;
	free(fetch->args);
	free(fetch->text);
	free(fetch);
}
