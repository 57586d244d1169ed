/* SPDX-License-Identifier: GPL-2.0 */
/* Files of a line, as the kernel has them. The test ends when one fails. */
#ifndef GPROBE_FAKE_TEST_FILE_H
#define GPROBE_FAKE_TEST_FILE_H

void file_write(const char *path, const char *text);
void file_write_number(const char *path, unsigned long number);
unsigned long file_read_number(const char *path);

#endif /* GPROBE_FAKE_TEST_FILE_H */
