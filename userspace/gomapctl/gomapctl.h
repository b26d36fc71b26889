/* SPDX-License-Identifier: LGPL-2.1-or-later OR MIT */
/*
 * What the files of gomapctl share: exit codes, verbs, options and the ways to
 * speak to whoever called.
 *
 * One rule for output: text goes to standard output for answers and to standard
 * error for complaints; with -j standard output holds exactly one JSON
 * document, be it the answer or {"error": ...}, and standard error is silent.
 */
#ifndef GOMAPCTL_H
#define GOMAPCTL_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "text.h"

/* -- exit codes ---------------------------------------------------------- */

enum exit_code {
	EXIT_OK = 0,
	EXIT_NO = 1,		/* a negative answer: the key is not there */
	EXIT_USAGE = 2,		/* the command line or the input is wrong */
	EXIT_DEVICE = 3,	/* no device, or no permission */
	EXIT_REFUSED = 4,	/* the kernel said no */
	EXIT_PARTLY = 5,	/* some of it was done */
};

/* -- options: options.c -------------------------------------------------- */

enum option_kind {
	OPTION_FLAG, OPTION_TEXT, OPTION_NUMBER, OPTION_MODE, OPTION_SIZE
};

/*
 * One option; @to is a bool, a const char * or a uint64_t, as the kind says.  A
 * size is a number of bytes, or of KiB, MiB, GiB with K, M, G behind it.
 */
struct option_row {
	const char *name;
	char letter;		/* 0: none */
	enum option_kind kind;
	const char *arg;	/* its name in the help, NULL for a flag */
	void *to;
	const char *help;
};

/* What is left of a command line without its options. */
struct words {
	int count;
	char **at;
};

/* @rows ends with an empty row, NULL: none.  EXIT_OK or EXIT_USAGE. */
int options_parse(const struct option_row *rows, int argc, char **argv,
		  struct words *words);
void options_explain(const struct option_row *rows, FILE *out);

/* -- verbs: main.c holds the table --------------------------------------- */

struct verb {
	const char *name;
	int (*run)(const struct words *words);
	int min_words, max_words;
	const struct option_row *options;
	const char *words;	/* synopsis after the name */
	const char *line;
	const char *help;
};

/* The verb of a row, NULL after the last. */
const struct verb *verb_at(int index);
const struct verb *find_verb(const char *name);
int unknown_verb(const char *name);

extern const struct verb verb_create, verb_clear, verb_destroy, verb_ls;
extern const struct verb verb_put, verb_get, verb_del, verb_test;
extern const struct verb verb_watch, verb_bench;
extern const struct verb verb_load, verb_dump, verb_show;
extern const struct verb verb_compact, verb_rekey;
extern const struct verb verb_limits, verb_memory, verb_leak;
extern const struct verb verb_info, verb_version, verb_help;

/* -- speaking: say.c ----------------------------------------------------- */

extern bool json_mode;
extern bool help_wanted;

/* Complain in a sentence; returns @code, so that callers can return it. */
int complain(int code, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A document with its schema number in it, and its way to standard output. */
#define JSON_SCHEMA 1
json_t *document(void);
int say_document(json_t *doc);

/*
 * The one line of a terminal that is drawn over and over, on standard error.
 * Whoever prints anything else meanwhile wipes it first.
 */
void draw_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
void wipe_line(void);

/* Whether somebody watches there who understands escape sequences. */
bool is_terminal(int fd);

/* Escape sequences, empty where colour is not wanted. */
const char *bold(void);
const char *dim(void);
const char *bar_colour(void);
const char *plain(void);

/* 1234567 as "1,234,567", 123456789 bytes as "117.7 MiB". */
#define NUMBER_MAX 32
const char *grouped(uint64_t n, char out[NUMBER_MAX]);
const char *in_bytes(uint64_t n, char out[NUMBER_MAX]);

/* Everything written, or a complaint about where it went. */
int close_output(int code);

/* -- signals: signals.c -------------------------------------------------- */

/* Set by SIGINT and SIGTERM once stop_on_signals() was called. */
extern volatile sig_atomic_t stopped;
void stop_on_signals(void);

#endif /* GOMAPCTL_H */
