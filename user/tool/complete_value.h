/* SPDX-License-Identifier: GPL-2.0 */
/* What values an option may have: domains, symbols, files, pins. */
#ifndef GPROBE_TOOL_COMPLETE_VALUE_H
#define GPROBE_TOOL_COMPLETE_VALUE_H

#include "command.h"

/* In place of a word: what the shell knows itself. */
#define COMPLETE_FILES		":files"
#define COMPLETE_PROGRAMS	":programs"

void complete_value(const struct command_option *option, const char *word,
		    const char *value, const char *symbols);
void complete_pin(const char *word, const char *value);
void complete_driver(const char *word, const char *value);

#endif /* GPROBE_TOOL_COMPLETE_VALUE_H */
