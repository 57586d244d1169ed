/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Digits of hexadecimal numbers, whatever the locale. */
#ifndef GPROBE_HEX_H
#define GPROBE_HEX_H

/* 0 to 15; -1: it is none. */
static inline int gprobe_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif /* GPROBE_HEX_H */
