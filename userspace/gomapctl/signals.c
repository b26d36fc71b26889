// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* A clean end for whoever is asked to stop in the middle of things. */
#include "gomapctl.h"

volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

/* The first signal asks for a clean end, the second one ends. */
void stop_on_signals(void)
{
	struct sigaction action = {
		.sa_handler = stop, .sa_flags = (int)SA_RESETHAND,
	};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}
