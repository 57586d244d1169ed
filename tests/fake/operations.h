/* SPDX-License-Identifier: GPL-2.0 */
/* Each operation of a session, with each of its steps failing in turn. */
#ifndef GPROBE_FAKE_TEST_OPERATIONS_H
#define GPROBE_FAKE_TEST_OPERATIONS_H

#include <stdbool.h>

/**
 * struct fault - what makes steps fail
 * @set: the n-th step from now on; 0: none
 * @happened: it has failed
 * @loses_answers: an operation may be done though it says that it was not
 */
struct fault {
	void (*set)(unsigned int n);
	bool (*happened)(void);
	bool loses_answers;
};

/* Checks that each is done or not done, and leaves nothing. */
void operations_fail(const struct fault *fault);

#endif /* GPROBE_FAKE_TEST_OPERATIONS_H */
