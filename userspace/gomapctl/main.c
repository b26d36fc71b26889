// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * gomapctl: the maps of /dev/gomap from the command line.
 *
 * This file is the table of verbs and the way from a command line to one of
 * them.  A verb lives in cmd_*.c with its options and its help; types.c knows
 * keys and values, reader*.c the files that load takes, say.c the output.
 */
#include <stdlib.h>
#include <string.h>

#include "gomapctl.h"

static const struct verb *const all_verbs[] = {
	&verb_create, &verb_ls, &verb_show, &verb_put, &verb_get, &verb_del,
	&verb_test, &verb_watch, &verb_load, &verb_dump, &verb_clear,
	&verb_destroy, &verb_compact, &verb_rekey, &verb_limits, &verb_info,
	&verb_memory, &verb_leak, &verb_bench, &verb_version, &verb_help, NULL
};

const struct verb *verb_at(int index)
{
	return all_verbs[index];
}

static const char *verb_name(int index)
{
	return all_verbs[index] ? all_verbs[index]->name : NULL;
}

const struct verb *find_verb(const char *name)
{
	int i;

	for (i = 0; all_verbs[i]; i++)
		if (!strcmp(all_verbs[i]->name, name))
			return all_verbs[i];
	return NULL;
}

int unknown_verb(const char *name)
{
	int near = nearest(name, verb_name);
	struct quoted q;

	quote(&q, name, strlen(name));
	if (near >= 0)
		return complain(EXIT_USAGE, "There is no verb %s; did you mean %s?",
				q.text, verb_name(near));
	return complain(EXIT_USAGE, "There is no verb %s. gomapctl help lists what there is.",
			q.text);
}

static int run_verb(const struct verb *verb, const struct words *words)
{
	if (help_wanted) {
		char *name = (char *)verb->name;
		struct words one = { .count = 1, .at = &name };

		return verb_help.run(&one);
	}
	if (words->count < verb->min_words || words->count > verb->max_words)
		return complain(EXIT_USAGE, "%s: too %s words. It goes like this: gomapctl %s %s",
				verb->name, words->count < verb->min_words ?
				"few" : "many", verb->name, verb->words);
	return verb->run(words);
}

/* Options may stand before the verb, which is the first word without a dash. */
static int verb_position(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (argv[i][0] != '-')
			return i;
	return 0;
}

/* JSON is wanted for complaints about the command line itself, too. */
static void look_for_json(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--"); i++)
		if (!strcmp(argv[i], "-j") || !strcmp(argv[i], "--json"))
			json_mode = true;
}

static int run(int argc, char **argv)
{
	const struct verb *verb = &verb_help;
	struct words words = { 0 };
	int at = verb_position(argc, argv), ret;

	look_for_json(argc, argv);
	if (at) {
		verb = find_verb(argv[at]);
		if (!verb)
			return unknown_verb(argv[at]);
		/* argv[0] stays first, where getopt_long() expects it. */
		memmove(argv + at, argv + at + 1,
			(size_t)(argc - at) * sizeof(*argv));
		argc--;
	}
	ret = options_parse(verb->options, argc, argv, &words);
	if (!ret && !at && !help_wanted)
		ret = complain(EXIT_USAGE, "No verb was given. gomapctl help lists what there is.");
	if (!ret)
		ret = run_verb(verb, &words);
	free(words.at);
	return ret;
}

int main(int argc, char **argv)
{
	return close_output(run(argc, argv));
}
