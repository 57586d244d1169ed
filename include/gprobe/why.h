/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Why something failed, in one line for people. */
#ifndef GPROBE_WHY_H
#define GPROBE_WHY_H

/**
 * struct gprobe_why - the reason of a failure
 * @text: one line without newline; set whenever a call that takes it fails
 *
 * The caller owns it. Every call that takes one also takes NULL.
 */
struct gprobe_why {
	char text[512];
};

#endif /* GPROBE_WHY_H */
