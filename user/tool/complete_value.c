// SPDX-License-Identifier: GPL-2.0
#include "complete_value.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gprobe/client.h>
#include <gprobe/guest.h>
#include <gprobe/symbols.h>

#include "driver.h"
#include "symbol_files.h"
#include "target.h"

/* The word up to where it is being completed, and how it may go on there. */
static void print(const char *word, const char *at, const char *name)
{
	if (!strncmp(name, at, strlen(at)))
		printf("%.*s%s\n", (int)(at - word), word, name);
}

/* Guests that can be probed; none where Xen does not tell. */
static void complete_one_domain(const char *word, const char *at)
{
	const char *const *known = driver_chosen()->guests;
	struct gprobe_guest_info *guests;
	struct gprobe_host *host;
	char number[16];
	size_t nr, i;

	for (i = 0; known && known[i]; i++)
		print(word, at, known[i]);
	if (known || gprobe_host_open(&host, NULL))
		return;
	if (!gprobe_host_guests(host, &guests, &nr)) {
		for (i = 0; i < nr; i++) {
			if (!guests[i].domid || !guests[i].hvm)
				continue;
			snprintf(number, sizeof(number), "%" PRIu32,
				 guests[i].domid);
			print(word, at,
			      guests[i].name[0] ? guests[i].name : number);
		}
		free(guests);
	}
	gprobe_host_close(host);
}

/* The last of DOMAIN,DOMAIN, where there can be several. */
static void complete_domain(const char *word, const char *at, bool several)
{
	const char *comma = several ? strrchr(at, ',') : NULL;

	complete_one_domain(word, comma ? comma + 1 : at);
}

/* Behind any probe. */
static void complete_action(const char *word, const char *at)
{
	static const char *const actions[] = {
		"count", "record", "off=", "rate=",
	};
	size_t i;

	for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		print(word, at, actions[i]);
}

/* All symbols would be too many to be of use. */
static void complete_symbol(const char *word, const char *at, const char *path)
{
	const struct gprobe_symbol *symbol;
	struct gprobe_symbols *symbols;
	size_t i;

	if (!*at || !path || gprobe_symbols_load(path, &symbols, NULL))
		return;
	for (i = 0; (symbol = gprobe_symbols_get(symbols, i)); i++)
		if (gprobe_symbol_is_code(symbol))
			print(word, at, symbol->name);
	gprobe_symbols_free(symbols);
}

/* The last of PROBE,PROBE. @symbols: as --symbols has it */
static void complete_probe(const char *word, const char *at,
			   const char *symbols)
{
	const char *comma = strrchr(at, ','), *begin, *colon;
	bool has_base;
	uint64_t base;
	char *path;

	begin = comma ? comma + 1 : at;
	/* r:FILE:SYMBOL, of whatever file, or SYMBOL:ACTION. */
	colon = strrchr(begin, ':');
	at = colon ? colon + 1 : begin;
	if (colon && colon - begin != 1)
		complete_action(word, at);
	if (!symbols)
		return;
	path = symbol_files_path(symbols, &has_base, &base);
	complete_symbol(word, at, path);
	free(path);
}

/**
 * complete_pin() - Print the names that sessions are pinned by.
 * @word: as far as it is typed
 * @value: where the name begins in it
 */
void complete_pin(const char *word, const char *value)
{
	struct gprobe_session_info *infos;
	struct gprobe_client *client;
	size_t nr, i;

	if (gprobe_client_open(&client))
		return;
	if (!gprobe_session_list(client, &infos, &nr)) {
		for (i = 0; i < nr; i++)
			if (infos[i].name[0])
				print(word, value, infos[i].name);
		free(infos);
	}
	gprobe_client_close(client);
}

/**
 * complete_driver() - Print the names of the drivers.
 * @word: as far as it is typed
 * @value: where the name begins in it
 */
void complete_driver(const char *word, const char *value)
{
	const char *name;
	size_t i;

	for (i = 0; (name = driver_name(i)); i++)
		print(word, value, name);
}

/**
 * complete_value() - Print what the value of an option may be.
 * @option: it has a value; what that is called says what it can be
 * @word: as far as it is typed
 * @value: where the value begins in it
 * @symbols: where probes are looked up, or NULL
 */
void complete_value(const struct command_option *option, const char *word,
		    const char *value, const char *symbols)
{
	if (!strncmp(option->value, "FILE", strlen("FILE")))
		puts(COMPLETE_FILES);
	else if (!strncmp(option->value, "DOMAIN", strlen("DOMAIN")))
		complete_domain(word, value, strchr(option->value, ','));
	else if (!strncmp(option->value, "PROBE", strlen("PROBE")))
		complete_probe(word, value, symbols);
	else if (!strcmp(option->name, "pin"))
		complete_pin(word, value);
}
