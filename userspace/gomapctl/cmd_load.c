// SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
/*
 * load: a file into a map.
 *
 * As it is, good lines go in and bad ones are reported.  With --strict all lines
 * are read and set aside first; one bad line, and the map is never touched; one
 * refusal of the kernel, and what was done is undone.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader.h"
#include "reader.h"

static const char *format, *types;
static uint64_t batch = 4096, hint;
static bool strict, only_new, only_old;
static struct reader_opts columns;
static struct watch watch;

static const struct option_row load_options[] = {
	{ "format", 'f', OPTION_TEXT, "FORMAT", &format,
	  "csv, tsv or jsonl, if the name does not say" },
	{ "key", 'k', OPTION_TEXT, "COL", &columns.key,
	  "column of the keys: its number, or its name" },
	{ "value", 'v', OPTION_TEXT, "COL", &columns.value,
	  "column of the values, the same way" },
	{ "no-header", 0, OPTION_FLAG, NULL, &columns.no_header,
	  "the first line is an entry, too" },
	{ "create", 'c', OPTION_TEXT, "KEY:VALUE", &types,
	  "make the map first, with these two types" },
	{ "hint", 'n', OPTION_NUMBER, "N", &hint,
	  "with --create: make room for N entries at once" },
	{ "insert", 'i', OPTION_FLAG, NULL, &only_new,
	  "only new keys; one that is there is a bad line" },
	{ "replace", 'r', OPTION_FLAG, NULL, &only_old,
	  "only keys that are there; a new one is a bad line" },
	{ "strict", 's', OPTION_FLAG, NULL, &strict,
	  "all or nothing" },
	{ "batch", 'b', OPTION_NUMBER, "N", &batch,
	  "entries handed to the kernel at a time (4096)" },
	{ "growth", 'g', OPTION_FLAG, NULL, &watch.growth,
	  "print a line for each growth of the map" },
	{ "step", 0, OPTION_NUMBER, "N", &watch.step,
	  "print a line every N entries" },
	{ 0 }
};

struct job {
	const char *file;	/* for people */
	int fd;
	struct target target;
	bool created;		/* by us, so that undoing is destroying */
	struct reader reader;
	struct report report;
	struct loader loader;
	int code;		/* EXIT_OK, or what error holds */
	bool undone;
	struct why error;	/* a sentence without its final stop */
};

static struct entry entry;

static int fail(struct job *job, int code)
{
	job->code = code;
	return -1;
}

static int fail_errno(struct job *job, int err)
{
	because(&job->error, "Cannot go on loading %s: %s", job->file,
		refusal(err));
	return fail(job, EXIT_REFUSED);
}

/* -- reading ------------------------------------------------------------- */

/* The record's bytes into entry; -1: it is a bad line, and reported. */
static int convert(struct job *job, const struct record *record)
{
	const struct schema *schema = &job->target.schema;
	struct why why;

	if (type_read(&schema->key, &record->key, entry.key, &entry.key_len,
		      &why)) {
		report_line(&job->report, record->line, "key: %s", why.text);
		return -1;
	}
	if (type_read(&schema->value, &record->value, entry.value,
		      &entry.value_len, &why)) {
		report_line(&job->report, record->line, "value: %s", why.text);
		return -1;
	}
	return 0;
}

/* 1: entry holds the next one, 0: there are no more, -1: the job failed. */
static int next_entry(struct job *job, uint64_t *line)
{
	struct record record;
	struct why why;

	while (!stopped) {
		switch (reader_next(&job->reader, &record, &why)) {
		case FOUND_RECORD:
			*line = record.line;
			if (!convert(job, &record))
				return 1;
			break;
		case FOUND_BAD:
			report_line(&job->report, record.line, "%s", why.text);
			break;
		case FOUND_FAILURE:
			because(&job->error, "Cannot load %s: %s", job->file,
				why.text);
			return fail(job, EXIT_USAGE);
		case FOUND_END:
			return 0;
		}
	}
	return 0;
}

/* -- loading ------------------------------------------------------------- */

static void add_to_error(struct job *job, const char *text)
{
	size_t len = strlen(job->error.text);

	snprintf(job->error.text + len, sizeof(job->error.text) - len, "%s",
		 text);
}

/* A strict load failed, and the map is as it was. */
static void nothing_loaded(struct job *job)
{
	add_to_error(job, ". Nothing was loaded (--strict)");
	if (job->code == EXIT_PARTLY)
		job->code = EXIT_REFUSED;
	job->loader.added = job->loader.replaced = 0;
	job->undone = true;
}

static int check_stopped(struct job *job)
{
	if (!stopped)
		return 0;
	because(&job->error, "Loading %s was interrupted", job->file);
	return fail(job, EXIT_PARTLY);
}

static int load_lines(struct job *job)
{
	struct loader *l = &job->loader;
	uint64_t line;
	int got, err = 0;

	while (!err && (got = next_entry(job, &line)) > 0) {
		l->bytes = lines_taken(&job->reader.lines);
		err = loader_add(l, line, &entry);
	}
	if (!err)
		err = loader_flush(l);
	if (err)
		return fail_errno(job, err);
	return job->code ? -1 : check_stopped(job);
}

static int set_aside(struct job *job, struct spool *aside)
{
	uint64_t line, count = 0;
	int got, err = spool_open(aside);

	while (!err && (got = next_entry(job, &line)) > 0) {
		err = spool_add(aside, line, false, entry.key, entry.key_len,
				entry.value, entry.value_len);
		watch_reading(&watch, ++count,
			      lines_taken(&job->reader.lines));
	}
	if (!err)
		err = spool_to_start(aside);
	if (err) {
		because(&job->error, "Cannot set %s aside in a temporary file: %s",
			job->file, strerror(-err));
		return fail(job, EXIT_REFUSED);
	}
	if (job->code)
		return -1;
	if (check_stopped(job)) {
		nothing_loaded(job);
		return -1;
	}
	if (!job->report.bad)
		return 0;
	because(&job->error, "Nothing was loaded from %s because of the lines above (--strict)",
		job->file);
	return fail(job, EXIT_USAGE);
}

static int load_set_aside(struct job *job, struct spool *aside)
{
	struct spooled note = { .entry = &entry };
	int got = 0, err = 0;

	while (!err && !stopped && (got = spool_next(aside, &note)) > 0)
		err = loader_add(&job->loader, note.line, &entry);
	if (!err && got < 0)
		err = got;
	if (!err)
		err = loader_flush(&job->loader);
	return err ? fail_errno(job, err) : check_stopped(job);
}

static void undo(struct job *job)
{
	int err = job->created ? 0 : loader_undo(&job->loader);

	if (!err) {
		nothing_loaded(job);
		return;
	}
	add_to_error(job, ". Putting back what the map held before failed, too: ");
	add_to_error(job, refusal(err));
	job->code = EXIT_PARTLY;
}

static void load_strictly(struct job *job)
{
	struct spool aside = { 0 }, journal = { 0 };
	int err = 0;

	if (!set_aside(job, &aside)) {
		if (!job->created)
			err = spool_open(&journal);
		job->loader.journal = job->created ? NULL : &journal;
		if (!err)
			err = loader_open(&job->loader);
		if (err)
			fail_errno(job, err);
		else if (load_set_aside(job, &aside))
			undo(job);
	}
	spool_close(&aside);
	spool_close(&journal);
}

static void load_as_it_comes(struct job *job)
{
	int err = loader_open(&job->loader);

	if (err)
		fail_errno(job, err);
	else
		load_lines(job);
	/* Whatever ended it, it is partly done if anything was. */
	if (job->code ? job->loader.added + job->loader.replaced
		      : job->report.bad)
		job->code = EXIT_PARTLY;
}

/* -- saying how it went -------------------------------------------------- */

static json_t *result_json(const struct job *job)
{
	const struct loader *l = &job->loader;
	double seconds = watch_seconds(&watch);
	int64_t len = job->created && strict && job->code ? 0 :
		      gomap_len(job->target.map);

	return json_pack("{s:s,s:s,s:I,s:I,s:I,s:I,s:f,s:b,s:b}",
			 "map", job->target.name, "file", job->file,
			 "added", (json_int_t)l->added,
			 "replaced", (json_int_t)l->replaced,
			 "bad", (json_int_t)job->report.bad,
			 "len", (json_int_t)len, "seconds", seconds,
			 "complete", job->code == EXIT_OK,
			 "undone", job->undone);
}

static void say_result_json(struct job *job)
{
	json_t *doc = document();

	json_object_set_new(doc, "load", result_json(job));
	json_object_set(doc, "bad_lines", job->report.lines);
	if (watch.growths)
		json_object_set(doc, "growth", watch.growths);
	if (job->error.text[0])
		json_object_set_new(doc, "error",
				    json_pack("{s:i,s:s}", "exit", job->code,
					      "message", job->error.text));
	say_document(doc);
}

static void say_result(struct job *job)
{
	const struct loader *l = &job->loader;
	double seconds = watch_seconds(&watch);
	uint64_t n = l->added + l->replaced;
	char a[NUMBER_MAX], b[NUMBER_MAX];

	wipe_line();
	report_rest(&job->report);
	if (job->error.text[0])
		complain(job->code, "%s.", job->error.text);
	if (job->undone || (strict && job->code))
		return;
	printf("%s: %s entries from %s in %.2f s", job->target.name,
	       grouped(n, a), job->file, seconds);
	if (seconds > 0 && n)
		printf(" (%s a second)",
		       grouped((uint64_t)((double)n / seconds), a));
	printf(", %s new and %s replaced", grouped(l->added, a),
	       grouped(l->replaced, b));
	if (job->report.bad)
		printf("; %s bad lines left out", grouped(job->report.bad, a));
	putchar('\n');
}

/* -- the verb ------------------------------------------------------------ */

static int create_target(struct job *job, const char *name)
{
	GOMAP_OPTS(gomap_create_opts, opts, .hint = hint, .mode = 0660);
	char key[GOMAP_SCHEMA_LEN], *at;
	const char *value = NULL;
	struct quoted q;
	struct why why;
	struct type type;

	/* "str:9:hex:4" splits where the first part is a type of its own. */
	snprintf(key, sizeof(key), "%s", types);
	for (at = strchr(key, ':'); at && !value; at = strchr(at + 1, ':')) {
		*at = '\0';
		if (at[1] && (at[1] < '0' || at[1] > '9') && at[1] != '.' &&
		    !type_parse(&type, key, TYPE_OF_KEY, &why))
			value = at + 1;
		else
			*at = ':';
	}
	if (!value)
		return complain(EXIT_USAGE, "--create takes the type of the keys and the type of the values, such as mac:str:64, not %s.",
				quote(&q, types, strlen(types)));
	job->created = true;
	return target_create(&job->target, name, key, value, &opts);
}

static int check_options(void)
{
	if (only_new && only_old)
		return complain(EXIT_USAGE, "--insert and --replace exclude each other.");
	if (!batch || batch > GOMAP_MAX_BATCH)
		return complain(EXIT_USAGE, "--batch takes a number from 1 to %u.",
				GOMAP_MAX_BATCH);
	return EXIT_OK;
}

static int open_input(struct job *job, const char *path,
		      const struct reader_kind **kind)
{
	bool from_stdin = !strcmp(path, "-");
	struct quoted q;

	job->file = from_stdin ? "<stdin>" : path;
	*kind = format ? reader_kind_named(format) : reader_kind_of_file(path);
	if (!*kind && format)
		return complain(EXIT_USAGE, "There is no format %s; there are csv, tsv and jsonl.",
				quote(&q, format, strlen(format)));
	if (!*kind)
		return complain(EXIT_USAGE, "The name %s does not say what the format is; add --format csv, tsv or jsonl.",
				job->file);
	job->fd = from_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (job->fd < 0)
		return complain(EXIT_USAGE, "Cannot open %s: %s.", path,
				strerror(errno));
	return EXIT_OK;
}

static uint64_t input_size(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISREG(st.st_mode) ? (uint64_t)st.st_size
						      : 0;
}

static int run_job(struct job *job, const struct reader_kind *kind)
{
	stop_on_signals();
	columns.is_set = !job->target.schema.value.size;
	watch_open(&watch, &job->target, input_size(job->fd));
	report_open(&job->report, job->file);
	job->loader = (struct loader) {
		.target = &job->target, .report = &job->report,
		.watch = &watch, .most = (uint32_t)batch,
		.all_or_nothing = strict,
		.op = only_new ? GOMAP_OP_INSERT :
		      only_old ? GOMAP_OP_REPLACE : GOMAP_OP_STORE,
	};
	if (reader_open(&job->reader, kind, job->fd, &columns)) {
		because(&job->error, "Cannot read %s: %s", job->file,
			strerror(errno));
		fail(job, EXIT_USAGE);
	} else if (strict) {
		load_strictly(job);
	} else {
		load_as_it_comes(job);
	}
	if (strict && job->created && job->code)
		gomap_destroy(job->target.map);
	if (json_mode)
		say_result_json(job);
	else
		say_result(job);
	reader_close(&job->reader);
	loader_close(&job->loader);
	report_close(&job->report);
	watch_close(&watch);
	return job->code;
}

static int load(const struct words *words)
{
	const char *path = words->count > 1 ? words->at[1] : "-";
	static struct job job = { .fd = -1 };
	const struct reader_kind *kind;
	int ret = check_options();

	if (!ret)
		ret = open_input(&job, path, &kind);
	if (ret)
		return ret;
	ret = types ? create_target(&job, words->at[0])
		    : target_open(&job.target, words->at[0], GOMAP_OPEN_WRITE);
	if (!ret) {
		ret = run_job(&job, kind);
		target_close(&job.target);
	}
	close(job.fd);
	return ret;
}

const struct verb verb_load = {
	.name = "load", .run = load, .min_words = 1, .max_words = 2,
	.options = load_options, .words = "MAP [FILE|-]",
	.line = "store the entries of a CSV, TSV or JSON lines file",
	.help =
	"Reads FILE or standard input. A bad line is reported as FILE:LINE and left\n"
	"out; exit code 5 then. With --strict it is all or nothing: exit code 2 if a\n"
	"line is bad, 4 if the kernel refused and everything was put back.\n"
	"CSV and TSV begin with a header unless --no-header; keys and values are in\n"
	"columns 1 and 2 unless --key and --value say otherwise. JSON lines are\n"
	"objects with the members key and value, or those that --key and --value name.\n"
	"\n"
	"  gomapctl load vendors oui.csv --key Assignment --value 'Organization Name'\n"
	"  gomapctl load vendors oui.csv --key 2 --value 3 --create str:9:str:128\n"
	"  sort -u list | gomapctl load blocked - --format tsv --no-header --strict\n"
	"  gomapctl dump old --format jsonl | gomapctl load new - --format jsonl\n",
};
