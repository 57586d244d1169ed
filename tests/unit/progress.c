// SPDX-License-Identifier: GPL-2.0
/* How far something is, on a terminal. */
#include "../../user/tool/progress.h"
#include "../../user/tool/say.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "fake_clock.h"
#include "unit.h"

#define SECOND_NS	1000000000ULL

/* Stderr is a terminal from now on, and the clock stands. Returns its other end. */
static int open_terminal(void)
{
	int near = posix_openpt(O_RDWR | O_NOCTTY), far;
	struct termios raw;

	ck_assert_int_ge(near, 0);
	ck_assert_int_eq(grantpt(near) | unlockpt(near), 0);
	far = open(ptsname(near), O_RDWR | O_NOCTTY);
	ck_assert_int_ge(far, 0);
	ck_assert_int_eq(tcgetattr(far, &raw), 0);
	cfmakeraw(&raw);
	ck_assert_int_eq(tcsetattr(far, TCSANOW, &raw), 0);
	ck_assert_int_eq(dup2(far, STDERR_FILENO), STDERR_FILENO);
	close(far);
	fake_clock_at_ns = SECOND_NS;
	return near;
}

/* Waits for as much as it is to be; what is more comes before what is next. */
static void assert_shown(int near, const char *text)
{
	size_t bytes = 0, wanted = strlen(text);
	char shown[200] = "";
	ssize_t got;

	while (bytes < wanted) {
		got = read(near, shown + bytes, wanted - bytes);
		ck_assert_int_gt(got, 0);
		bytes += got;
	}
	ck_assert_str_eq(shown, text);
}

static void step_after(struct progress *progress, uint64_t ns)
{
	fake_clock_at_ns += ns;
	progress_step(progress);
}

START_TEST(what_takes_long_is_shown_and_taken_away)
{
	struct progress progress;
	int near = open_terminal();

	progress_begin(&progress, "working", 340);
	progress_step(&progress);
	step_after(&progress, SECOND_NS);
	assert_shown(near, "\rworking: 2 of 340");
	progress_step(&progress);
	step_after(&progress, SECOND_NS / 10);
	assert_shown(near, "\rworking: 4 of 340");
	progress_end(&progress);
	assert_shown(near, "\r\033[K");
	close(near);
}
END_TEST

START_TEST(several_things_in_a_row_are_as_long_as_all)
{
	struct progress first, second;
	int near = open_terminal();

	progress_begin(&first, "looking", 2);
	step_after(&first, SECOND_NS / 2);
	progress_end(&first);
	progress_begin(&second, "working", 3);
	step_after(&second, SECOND_NS / 2);
	assert_shown(near, "\rworking: 1 of 3");
	progress_end(&second);
	close(near);
}
END_TEST

START_TEST(what_is_said_meanwhile_has_a_line_of_its_own)
{
	struct progress progress;
	int near = open_terminal();

	progress_begin(&progress, "working", 3);
	step_after(&progress, SECOND_NS);
	assert_shown(near, "\rworking: 1 of 3");
	say(1, "something");
	assert_shown(near, "\r\033[Kgprobe: something\n");
	progress_end(&progress);
	assert_shown(near, "\r\033[K");
	say(1, "more");
	assert_shown(near, "gprobe: more\n");
	close(near);
}
END_TEST

START_TEST(what_is_no_terminal_is_shown_nothing)
{
	struct progress progress;
	int ends[2];
	char shown;

	ck_assert_int_eq(pipe2(ends, O_NONBLOCK), 0);
	ck_assert_int_eq(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	fake_clock_at_ns = SECOND_NS;
	progress_begin(&progress, "working", 3);
	step_after(&progress, 2 * SECOND_NS);
	progress_end(&progress);
	ck_assert_int_eq(read(ends[0], &shown, 1), -1);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

Suite *progress_suite(void)
{
	return UNIT_SUITE("progress",
		what_takes_long_is_shown_and_taken_away,
		several_things_in_a_row_are_as_long_as_all,
		what_is_said_meanwhile_has_a_line_of_its_own,
		what_is_no_terminal_is_shown_nothing);
}
