// SPDX-License-Identifier: GPL-2.0-only
/*
 * speed_bpf.c - BPF HASH as a program inside of the kernel uses it, and by system
 * calls.  The program is written down as instructions, so that no other compiler
 * is needed, and runs by BPF_PROG_TEST_RUN, which attaches it to nothing.
 *
 * Each run does CHUNK operations on keys that lie in an array map, which is mapped
 * here, too; the run is repeated until all are done.  That the keys are copied
 * there is part of what is measured, and so is no call of a helper that the kernel
 * itself has not made a direct one.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/bpf.h>

#include "speed_bpf.h"

#define KEYS		(1U << 20)	/* of the array, a power of two */
#define CHUNK		64
#define BATCH		256
#define CALLS		(1U << 16)

/* What the program and we share. */
struct desk {
	speed_u64 position, nr, sum, unused;
	speed_u64 key[KEYS];
};

enum operation { INSERT, HIT, DEPENDENT, REMOVE, NR_OPERATIONS };

/* One table at a time. */
static int map = -1, array = -1, program[NR_OPERATIONS];
static struct desk *desk;

static int bpf(enum bpf_cmd cmd, union bpf_attr *attr)
{
	return (int)syscall(__NR_bpf, cmd, attr, sizeof(*attr));
}

static int create_map(enum bpf_map_type type, unsigned int key_size,
		      unsigned int value_size, size_t entries, unsigned int flags)
{
	union bpf_attr attr = {
		.map_type = type,
		.key_size = key_size,
		.value_size = value_size,
		.max_entries = (unsigned int)entries,
		.map_flags = flags,
	};

	return bpf(BPF_MAP_CREATE, &attr);
}

/* -- the program ---------------------------------------------------------- */

#define INSN(c, d, s, o, i) ((struct bpf_insn){				\
	.code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) })
#define MOV(d, s)	INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define MOV_IMM(d, i)	INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define ALU(op, d, s)	INSN(BPF_ALU64 | (op) | BPF_X, d, s, 0, 0)
#define ALU_IMM(op, d, i) INSN(BPF_ALU64 | (op) | BPF_K, d, 0, 0, i)
#define LOAD(d, s, o)	INSN(BPF_LDX | BPF_MEM | BPF_DW, d, s, o, 0)
#define STORE(d, o, s)	INSN(BPF_STX | BPF_MEM | BPF_DW, d, s, o, 0)
#define STORE_IMM(d, o, i) INSN(BPF_ST | BPF_MEM | BPF_DW, d, 0, o, i)
#define JUMP(op, d, s, o) INSN(BPF_JMP | (op) | BPF_X, d, s, o, 0)
#define JUMP_IMM(op, d, i, o) INSN(BPF_JMP | (op) | BPF_K, d, 0, o, i)
#define CALL(helper)	INSN(BPF_JMP | BPF_CALL, 0, 0, 0, helper)
#define EXIT()		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
#define FD(d, kind, fd)	INSN(BPF_LD | BPF_IMM | BPF_DW, d, kind, 0, fd), \
			INSN(0, 0, 0, 0, 0)

#define OFF(member)	((short)offsetof(struct desk, member))

enum { R0, R1, R2, R3, R4, R5, DESK, POSITION, ROUND, SUM, STACK };

/* Places on its stack. */
#define KEY		(-8)
#define VALUE		(-16)
#define NOTHING		(-24)

struct code {
	struct bpf_insn insn[80];
	unsigned int nr;
};

#define ADD(code, ...) do {						\
	const struct bpf_insn added[] = { __VA_ARGS__ };		\
	memcpy((code)->insn + (code)->nr, added, sizeof(added));	\
	(code)->nr += sizeof(added) / sizeof(added[0]);			\
} while (0)

static void add_call(struct code *code, int helper)
{
	ADD(code, FD(R1, BPF_PSEUDO_MAP_FD, map), MOV(R2, STACK),
	    ALU_IMM(BPF_ADD, R2, KEY));
	if (helper == BPF_FUNC_map_update_elem)
		ADD(code, MOV(R3, STACK), ALU_IMM(BPF_ADD, R3, VALUE),
		    MOV_IMM(R4, BPF_NOEXIST));
	ADD(code, CALL(helper));
}

/* What is found is summed up; the value is kept for the key that waits for it. */
static void add_lookup(struct code *code, bool is_dependent)
{
	add_call(code, BPF_FUNC_map_lookup_elem);
	ADD(code, JUMP_IMM(BPF_JEQ, R0, 0, is_dependent ? 6 : 2),
	    LOAD(R1, R0, 0), ALU(BPF_ADD, SUM, R1));
	if (is_dependent)
		ADD(code, LOAD(R2, STACK, KEY), ALU_IMM(BPF_XOR, R2, -1),
		    ALU(BPF_XOR, R1, R2), STORE(STACK, NOTHING, R1));
}

/* What went wrong is counted. */
static void add_write(struct code *code, int helper)
{
	add_call(code, helper);
	ADD(code, JUMP_IMM(BPF_JEQ, R0, 0, 1), ALU_IMM(BPF_ADD, SUM, 1));
}

static void add_operation(struct code *code, enum operation operation)
{
	switch (operation) {
	case HIT:
	case DEPENDENT:
		add_lookup(code, operation == DEPENDENT);
		break;
	case INSERT:
		add_write(code, BPF_FUNC_map_update_elem);
		break;
	default:
		add_write(code, BPF_FUNC_map_delete_elem);
	}
}

static void write_code(struct code *code, enum operation operation)
{
	unsigned int loop, leave;

	ADD(code, FD(DESK, BPF_PSEUDO_MAP_VALUE, array),
	    LOAD(POSITION, DESK, OFF(position)), LOAD(SUM, DESK, OFF(sum)),
	    STORE_IMM(STACK, NOTHING, 0), MOV_IMM(ROUND, 0));
	loop = code->nr;
	ADD(code, LOAD(R1, DESK, OFF(nr)), JUMP(BPF_JGE, POSITION, R1, 0));
	leave = code->nr - 1;
	ADD(code, MOV(R1, POSITION), ALU_IMM(BPF_AND, R1, KEYS - 1),
	    ALU_IMM(BPF_LSH, R1, 3), ALU(BPF_ADD, R1, DESK),
	    LOAD(R3, R1, OFF(key)));
	if (operation == DEPENDENT)
		ADD(code, LOAD(R2, STACK, NOTHING), ALU(BPF_XOR, R3, R2));
	ADD(code, STORE(STACK, KEY, R3), ALU_IMM(BPF_XOR, R3, -1),
	    STORE(STACK, VALUE, R3));
	add_operation(code, operation);
	ADD(code, ALU_IMM(BPF_ADD, POSITION, 1), ALU_IMM(BPF_ADD, ROUND, 1));
	ADD(code, JUMP_IMM(BPF_JLT, ROUND, CHUNK, (short)(loop - code->nr - 1)));
	code->insn[leave].off = (short)(code->nr - leave - 1);
	ADD(code, STORE(DESK, OFF(position), POSITION),
	    STORE(DESK, OFF(sum), SUM), MOV_IMM(R0, 0), EXIT());
}

static int load_program(enum operation operation)
{
	static char log[1 << 16];
	struct code code = { .nr = 0 };
	union bpf_attr attr;
	int fd;

	write_code(&code, operation);
	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_SCHED_CLS;
	attr.insns = (uintptr_t)code.insn;
	attr.insn_cnt = code.nr;
	attr.license = (uintptr_t)"GPL";
	fd = bpf(BPF_PROG_LOAD, &attr);
	if (fd >= 0)
		return fd;
	attr.log_buf = (uintptr_t)log;
	attr.log_size = sizeof(log);
	attr.log_level = 1;
	bpf(BPF_PROG_LOAD, &attr);
	fprintf(stderr, "speed: no BPF program: %s\n%.2000s\n", strerror(errno),
		log);
	return -1;
}

static bool run_program(int fd, size_t nr)
{
	static const char packet[64];
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.test.prog_fd = (unsigned int)fd;
	attr.test.data_in = (uintptr_t)packet;
	attr.test.data_size_in = sizeof(packet);
	attr.test.repeat = (unsigned int)((nr + CHUNK - 1) / CHUNK);
	return !bpf(BPF_PROG_TEST_RUN, &attr);
}

static speed_u64 run(enum operation operation, const speed_u64 *keys, size_t nr)
{
	size_t i, some;

	desk->sum = 0;
	for (i = 0; i < nr; i += some) {
		some = nr - i < KEYS ? nr - i : KEYS;
		memcpy(desk->key, keys + i, some * sizeof(*keys));
		desk->position = 0;
		desk->nr = some;
		speed_expect(run_program(program[operation], some));
		speed_expect(desk->position == some);
	}
	return desk->sum;
}

/* -- the peer ------------------------------------------------------------- */

static bool set_up(size_t entries)
{
	int i;

	if (array < 0) {
		array = create_map(BPF_MAP_TYPE_ARRAY, 4, sizeof(struct desk), 1,
				   BPF_F_MMAPABLE);
		desk = mmap(NULL, sizeof(*desk), PROT_READ | PROT_WRITE,
			    MAP_SHARED, array, 0);
	}
	map = create_map(BPF_MAP_TYPE_HASH, sizeof(speed_u64), sizeof(speed_u64),
			 entries, 0);
	if (array < 0 || desk == MAP_FAILED || map < 0)
		return false;
	for (i = 0; i < NR_OPERATIONS; i++) {
		program[i] = load_program((enum operation)i);
		if (program[i] < 0)
			return false;
	}
	return true;
}

static void *create(size_t entries)
{
	speed_expect(set_up(entries));
	return &map;
}

static void destroy(void *table)
{
	int i;

	for (i = 0; i < NR_OPERATIONS; i++)
		close(program[i]);
	close(map);
}

static void insert(void *table, const speed_u64 *keys, size_t nr)
{
	speed_expect(!run(INSERT, keys, nr));
}

static speed_u64 hit(void *table, const speed_u64 *keys, size_t nr)
{
	return run(HIT, keys, nr);
}

static speed_u64 dependent(void *table, const speed_u64 *keys, size_t nr)
{
	return run(DEPENDENT, keys, nr);
}

static void miss(void *table, const speed_u64 *keys, size_t nr)
{
	speed_expect(!run(HIT, keys, nr));
}

static void remove_all(void *table, const speed_u64 *keys, size_t nr)
{
	speed_expect(!run(REMOVE, keys, nr));
}

const struct speed_peer speed_bpf = {
	.insert = insert,
	.hit = hit,
	.dependent = dependent,
	.miss = miss,
	.remove = remove_all,
	.name = "BPF HASH in the kernel",
	.fixed = true,
	.create = create,
	.destroy = destroy,
};

bool speed_bpf_works(void)
{
	bool works = set_up(1);

	if (works)
		destroy(NULL);
	else
		fprintf(stderr, "BPF maps cannot be measured here: %s.\n",
			strerror(errno));
	return works;
}

/* -- by system calls ------------------------------------------------------ */

static double look_up_each(const struct setting *s)
{
	double began = speed_now();
	speed_u64 value;
	size_t i;

	for (i = 0; i < CALLS; i++) {
		union bpf_attr attr = {
			.map_fd = (unsigned int)map,
			.key = (uintptr_t)&names.present[i],
			.value = (uintptr_t)&value,
		};

		speed_expect(!bpf(BPF_MAP_LOOKUP_ELEM, &attr) &&
			     value == ~names.present[i]);
	}
	return (speed_now() - began) / CALLS;
}

/* What is there, in the map's own order: it has no batch of keys to look up. */
static double dump_batches(const struct setting *s)
{
	static speed_u64 keys[BATCH], values[BATCH];
	unsigned long long at = 0;
	double began = speed_now();
	union bpf_attr attr;
	size_t nr = 0;
	int err;

	memset(&attr, 0, sizeof(attr));
	do {
		attr.batch.in_batch = nr ? (uintptr_t)&at : 0;
		attr.batch.out_batch = (uintptr_t)&at;
		attr.batch.keys = (uintptr_t)keys;
		attr.batch.values = (uintptr_t)values;
		attr.batch.count = BATCH;
		attr.batch.map_fd = (unsigned int)map;
		err = bpf(BPF_MAP_LOOKUP_BATCH, &attr);
		nr += attr.batch.count;
	} while (!err && nr < CALLS);
	speed_expect(!err || errno == ENOENT);
	return (speed_now() - began) / (double)nr;
}

static double overwrite_batches(const struct setting *s)
{
	static speed_u64 values[BATCH];
	size_t nr = s->entries / BATCH < CALLS / BATCH ? s->entries / BATCH :
							 CALLS / BATCH;
	double began = speed_now();
	union bpf_attr attr;
	size_t i, j;

	for (i = 0; i < nr; i++) {
		for (j = 0; j < BATCH; j++)
			values[j] = ~names.removal[i * BATCH + j];
		memset(&attr, 0, sizeof(attr));
		attr.batch.keys = (uintptr_t)&names.removal[i * BATCH];
		attr.batch.values = (uintptr_t)values;
		attr.batch.count = BATCH;
		attr.batch.map_fd = (unsigned int)map;
		speed_expect(!bpf(BPF_MAP_UPDATE_BATCH, &attr));
	}
	return (speed_now() - began) / (double)(nr * BATCH);
}

void speed_bpf_calls(const struct setting *s)
{
	static const struct {
		const char *name;
		double (*measure)(const struct setting *s);
	} calls[] = {
		{ "hit", look_up_each },
		{ "dump in batches of 256", dump_batches },
		{ "overwrite in batches of 256", overwrite_batches },
	};
	double ns[SPEED_ROUNDS_MAX];
	unsigned int round;
	size_t i;

	speed_expect(set_up(s->entries));
	insert(NULL, names.all, s->entries);
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		for (round = 0; round < s->rounds; round++)
			ns[round] = calls[i].measure(s);
		speed_record_rounds(s, calls[i].name, "BPF HASH, system calls", ns);
	}
	destroy(NULL);
}
