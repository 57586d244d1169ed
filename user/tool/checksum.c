// SPDX-License-Identifier: GPL-2.0
#include "checksum.h"

/* The polynomial, its bits reversed. */
#define POLYNOMIAL	0x82f63b78u

static uint32_t table[256];

static void make_table(void)
{
	uint32_t value;
	unsigned int i, bit;

	for (i = 0; i < 256; i++) {
		for (value = i, bit = 0; bit < 8; bit++)
			value = value >> 1 ^ (value & 1 ? POLYNOMIAL : 0);
		table[i] = value;
	}
}

/**
 * checksum() - Calculate a checksum.
 * @bytes: of these
 * @nr: how many
 *
 * Return: the CRC-32C.
 */
uint32_t checksum(const void *bytes, size_t nr)
{
	const uint8_t *at = bytes;
	uint32_t value = UINT32_MAX;

	if (!table[1])
		make_table();
	while (nr--)
		value = value >> 8 ^ table[(value ^ *at++) & 0xff];
	return ~value;
}
