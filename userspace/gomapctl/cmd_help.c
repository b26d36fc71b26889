// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/* help: the table of verbs in words, or all there is to say of one verb. */
#include "gomapctl.h"
#include "types.h"

static const char closing[] =
	"gomapctl help VERB explains a verb with examples; gomapctl(8) has it all.\n"
	"\n"
	"Exit codes: 0 done, 1 the answer is no, 2 wrong command line or input,\n"
	"3 no device or no permission, 4 the kernel refused, 5 partly done.\n";

static int help_all(void)
{
	int i;

	printf("%sgomapctl%s: maps in the kernel, Go's kind\n\n"
	       "  gomapctl VERB [MAP] ... [OPTION]...\n\n", bold(), plain());
	for (i = 0; verb_at(i); i++)
		printf("  %s%-8s%s %s\n", bold(), verb_at(i)->name, plain(),
		       verb_at(i)->line);
	printf("\n%s", closing);
	return EXIT_OK;
}

static json_t *verb_json(const struct verb *verb)
{
	return json_pack("{s:s,s:s,s:s,s:s}", "verb", verb->name,
			 "words", verb->words, "line", verb->line,
			 "help", verb->help);
}

static int help_json(const struct verb *only)
{
	json_t *doc = document(), *list = json_array();
	int i;

	for (i = 0; verb_at(i); i++)
		if (!only || only == verb_at(i))
			json_array_append_new(list, verb_json(verb_at(i)));
	json_object_set_new(doc, "verbs", list);
	return say_document(doc);
}

static int help_verb(const struct verb *verb)
{
	printf("%sgomapctl %s%s %s [OPTION]...\n\n%s\nOptions:\n", bold(),
	       verb->name, plain(), verb->words, verb->help);
	options_explain(verb->options, stdout);
	if (verb == &verb_create) {
		printf("\nTypes of keys and values:\n");
		types_explain(stdout);
	}
	return EXIT_OK;
}

static int help(const struct words *words)
{
	const struct verb *verb = NULL;

	if (words->count) {
		verb = find_verb(words->at[0]);
		if (!verb)
			return unknown_verb(words->at[0]);
	}
	if (json_mode)
		return help_json(verb);
	return verb ? help_verb(verb) : help_all();
}

const struct verb verb_help = {
	.name = "help", .run = help, .max_words = 1, .words = "[VERB]",
	.line = "explain gomapctl, or one verb",
	.help =
	"  gomapctl help\n"
	"  gomapctl help load\n",
};
