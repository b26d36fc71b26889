#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
#
# gomapctl from end to end, in KTAP.  GOMAPCTL names the program; with FAKE=1 it
# is the one that is linked with the stand-in for the device, otherwise the
# module must be loaded, and maps with names from "t-" on are its own.
#
# A case runs gomapctl one or more times and then says what must be true of the
# last run: its exit code, and what is in its two outputs.
set -u
GOMAPCTL=${GOMAPCTL:-gomapctl}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ -z "${FAKE:-}" ] || export GOMAP_FAKE="$work/maps"
export NO_COLOR=1 TMPDIR="$work"
cd "$work" || exit 1
nr=0 failed=0 wrong=''

g() { "$GOMAPCTL" "$@" >out 2>err </dev/null; code=$?; }
feed() { file=$1; shift; "$GOMAPCTL" "$@" >out 2>err <"$file"; code=$?; }

note() { wrong="$wrong
# $*"; }
code() { [ "$code" -eq "$1" ] || note "exit code $code, wanted $1: $(cat out err)"; }
quiet() { [ ! -s "$1" ] || note "there is something in $1: $(cat "$1")"; }
is() { [ "$(cat out)" = "$1" ] || note "printed '$(cat out)', wanted '$1'"; }
says() { case $(cat "$1") in *"$2"*) ;; *) note "$1 does not say '$2': $(cat "$1")" ;; esac; }
sorted() { sort out >sorted; [ "$(cat sorted)" = "$1" ] || note "printed $(cat sorted)"; }
# The document on standard output: one line of JSON, and a value in it.
json() { case $(cat out) in '{"schema":1,'*"$1"*) ;; *) note "not JSON with $1: $(cat out)" ;; esac; quiet err; }

ok()
{
	nr=$((nr + 1))
	if [ -z "$wrong" ]; then
		echo "ok $nr - $1"
	else
		echo "$wrong" | sed '1d'
		echo "not ok $nr - $1"
		failed=1
	fi
	wrong=''
}

skip() { nr=$((nr + 1)); echo "ok $nr - $1 # SKIP $2"; }

# -- the command line ----------------------------------------------------------

echo 'TAP version 13'
g; code 2; says err 'No verb was given'; quiet out
ok 'no verb'
g loads; code 2; says err "There is no verb 'loads'; did you mean load?"
ok 'the nearest verb is suggested'
g frobnicate; code 2; says err 'gomapctl help lists what there is'
ok 'a verb like no other'
g help; code 0; says out 'partly done'; quiet err
for verb in create ls show put get del test watch load dump clear destroy compact rekey limits info memory leak bench version help; do
	says out "  $verb "
	"$GOMAPCTL" help $verb >one; "$GOMAPCTL" $verb --help >other
	grep -q "^gomapctl $verb" one || note "help $verb explains something else"
	cmp -s one other || note "$verb --help is not help $verb"
done
ok 'every verb explains itself, by help and by --help'
g help nosuch; code 2
ok 'help for no verb'
g create t-x; code 2; says err 'too few words'; says err 'gomapctl create MAP KEYTYPE'
ok 'too few words'
g clear t-x y; code 2; says err 'too many words'
ok 'too many words'
g ls --nosuch; code 2; says err 'There is no option --nosuch here'
ok 'an option that is not there'
g create t-x u8 --hint; code 2; says err 'The option --hint needs a value'
ok 'an option without its value'
g create t-x u8 --hint=-1; code 2; says err "--hint takes a number, not '-1'"
g create t-x u8 --hint -1; code 2; says err "--hint takes a number, not '-1'"
ok 'an option that is no number'
g create t-x u8 --mode 0777; code 2; says err 'in octal, such as 0660'
ok 'a mode that is none'

# -- maps ----------------------------------------------------------------------

g create '' u8 u8; code 2; says err 'The name of the map is empty'
ok 'an empty name'
g create t-234567890123456789012345678901 u8 u8; code 2; says err 'is 32 characters long; a map'
ok 'a name that is too long'
g create t-23456789012345678901234567890 u8 u8; code 0
g destroy t-23456789012345678901234567890; code 0
ok 'the longest name'
g create t/x u8 u8; code 2; says err 'because of its character 2'
ok 'a name with a slash'
g create .t u8; code 2; says err "does not begin with '.'"
ok 'a name that begins with a dot'
g create t-x u7 u8; code 2; says err "'u7' is not a type; did you mean u8?"
ok 'a type that is none'
g create t-x str:5000; code 2; says err 'a number from 1 to 4096'
ok 'a key type that is too long'
g create t-x u8 hex:70000; code 2; says err 'a number from 1 to 65536'
ok 'a value type that is too long'
g create t-x u8 u8 --hint 99999999999; code 2; says err 'is more than the largest, 2147483648'
ok 'a hint beyond what there is'
g create t-x u64 u64 --hint 2147483648; code 4; says err 'no memory for 2147483648 entries'
g ls; code 0; case $(cat out) in *t-x*) note 'the map is there' ;; esac
ok 'a hint beyond the memory'
g create t-num u16 i32 --hint 1000 --mode 0640; code 0; quiet out; quiet err
g ls; says out 't-num'; says out 'u16'; says out '0640'
ok 'create, and ls shows it'
g create t-num u16 i32; code 4; says err 'the name is taken'; says err 'gomapctl destroy t-num'
ok 'a map is not created twice'
g create t-num u16 i32 --exist; code 0
g create t-num u16 i64 --exist; code 4
ok 'create --exist is content with the same types alone'
g ls -j; json '"name":"t-num","key_type":"u16","value_type":"i32","typed":true,"len":0'
ok 'ls -j'
g get t-absent 1; code 4; says err 'Cannot open map t-absent: there is none'
ok 'a map that is not there'
g destroy t-absent; code 4
ok 'destroy a map that is not there'

# -- entries -------------------------------------------------------------------

g put t-num 443 -5; code 0; quiet out; quiet err
g get t-num 0x1bb; code 0; is -5
ok 'put and get, numbers below zero included'
g get t-num 80; code 1; says err "There is no key '80' in map t-num"
ok 'get a key that is not there'
g get t-num 443 80 -j; code 1; json '[{"key":443,"found":true,"value":-5},{"key":80,"found":false}]'
ok 'get several, in JSON'
g get t-num 443 0x1bb; is '443	-5
0x1bb	-5'
g get t-num 443 --keys; is '443	-5'
ok 'get with the keys'
g put t-num 65536 1; code 2; says err 'The key does not suit map t-num: 65536 does not fit into u16 (0 to 65535)'
ok 'a key out of range'
g put t-num x 1; code 2; says err "'x' is not a number"
ok 'a key of the wrong type'
g put t-num 1 2147483648; code 2; says err 'The value does not suit map t-num'
ok 'a value out of range'
g put t-num 1; code 2; says err 'has values, and none was given'
g test t-num 1; code 1
ok 'a value that is missing'
g put t-num 443 7 --insert; code 1; says err 'is in map t-num already; nothing was changed'
g get t-num 443; is -5
ok 'put --insert spares what is there'
g put t-num 444 7 --replace; code 1; says err "There is no key '444' in map t-num to replace"
g put t-num 443 7 --replace; code 0
g get t-num 443; is 7
ok 'put --replace adds nothing'
g put t-num 443 7 --insert --replace; code 2
ok 'put --insert --replace'
g put t-num 443 8 -j; code 0; json '"put":{"existed":true}'
ok 'put -j'
g test t-num 443; code 0; is '443 is in t-num'
g test t-num 80 --quiet; code 1; quiet out; quiet err
g test t-num nonsense; code 2
g test t-absent 1; code 4
ok 'test: 0 present, 1 absent, 2 and more an error'
g del t-num 443 80; code 0; quiet out
g del t-num 443 --strict; code 1; says err 'There is no key'
g del t-num 443 -j; code 0; json '"del":{"deleted":0,"absent":1}'
ok 'del, and del of what is not there'
g put t-num 1 1; g del t-num 1 nonsense; code 2; g test t-num 1; code 0
ok 'del deletes nothing if one key is no key'
g create t-set ip4; code 0
g put t-set 192.0.2.1; code 0
g put t-set 192.0.2.1 x; code 2; says err 'the map is a set and takes no value'
g get t-set 192.0.2.1; code 0; is ''
g dump t-set; is 192.0.2.1
ok 'a map without values is a set'
g create t-blob str hex:..65536; code 0
head -c 65536 /dev/zero | tr '\0' '\377' >blob; printf '\0' >small
g put t-blob big @blob; code 0
g put t-blob small @small; code 0
g get t-blob big --raw; cmp -s out blob || note 'not the same bytes'
g get t-blob small; is 00
printf x >>blob; g put t-blob big @blob; code 2; says err 'more than the 65536 bytes'
g put t-blob big @nosuch; code 2; says err 'Cannot read nosuch'
ok 'blobs from files and back'
g create t-text str:8 str; g put t-text "tab	x" "esc$(printf '\033')[m"; code 0
g get t-text "tab	x"; is 'esc\x1b[m'
g dump t-text; is 'tab\tx	esc\x1b[m'
g put t-text 123456789 x; code 2; says err "'123456789' is 9 bytes long; str:8 takes at most 8"
ok 'text is made safe to print'
g put t-text -- --key value; code 0; g get t-text -- --key; is value
ok 'words after -- are no options'

# -- load ----------------------------------------------------------------------

cat >good.csv <<-'END'
	id,name,port
	7,"seven, or ""7""",1
	8,eight,2
	8,"and
	again",3
END
g load t-new good.csv; code 4; says err 'Cannot open map t-new'
ok 'load into no map'
g load t-new good.csv --create u8:str:64 --value name; code 0
is_summary='t-new: 3 entries from good.csv in'
says out "$is_summary"; says out '2 new and 1 replaced'; quiet err
g get t-new 8; is 'and\nagain'
g get t-new 7; is 'seven, or "7"'
ok 'load --create, quotes, a doubled key'
g load t-new good.csv --value nom; code 2; says err "it has no column 'nom'; its header names 'id', 'name', 'port'"
ok 'load with a column that is not there'
g load t-new nosuch.csv; code 2; says err 'Cannot open nosuch.csv: No such file'
ok 'load a file that is not there'
g load t-new .; code 2; g load t-new . --format csv; code 2; says err 'Cannot read .: Is a directory'
ok 'load a folder'
g load t-new good; code 2; says err 'does not say what the format is'
g load t-new good.csv --format xml; code 2; says err 'there are csv, tsv and jsonl'
ok 'load in a format that is none'
g load t-new good.csv --batch 0; code 2; g load t-new good.csv --batch 1048577; code 2
ok 'load --batch out of range'
g clear t-new; code 0
printf '1\tone\n300\tbig\n2\ttwo\nx\ty\n3\n4\tfour' >bad.tsv
g load t-new bad.tsv --no-header; code 5
says err 'bad.tsv:2: key: 300 does not fit into u8 (0 to 255)'
says err "bad.tsv:4: key: 'x' is not a number"
says err 'bad.tsv:5: the row has 1 column'
says out '3 new and 0 replaced; 3 bad lines left out'
g dump t-new; sorted '1	one
2	two
4	four'
ok 'bad lines are told and left out'
feed bad.tsv load t-new - --no-header --format tsv; code 5; says err '<stdin>:2: '
ok 'load from standard input'
g clear t-new; g load t-new bad.tsv --no-header --strict; code 2
says err 'bad.tsv:2: '; says err 'Nothing was loaded from bad.tsv'; quiet out
g dump t-new; quiet out
ok 'load --strict: one bad line, and the map is not touched'
g load t-strict bad.tsv --no-header --strict --create u8:str; code 2
g test t-strict 1; code 4
ok 'load --strict --create: the map goes, too'
g put t-new 2 old; printf '1\tone\n2\ttwo\n3\tthree\n' >good.tsv
g load t-new good.tsv --no-header --insert; code 5; says err 'good.tsv:2: the map did not take it: it is there already'
g get t-new 2; is old; g get t-new 3; is three
ok 'load --insert'
g clear t-new; g put t-new 2 old; g load t-new good.tsv --no-header --insert --strict; code 4
says err 'good.tsv:2: the map did not take it'; says err 'Nothing was loaded (--strict)'
g dump t-new; is '2	old'
ok 'load --insert --strict puts everything back'
printf '9\tx\n2\tnew\n2\tnewer\n1\ta\n1\tb\n7\tno\n' >replace.tsv
g put t-new 1 one; g put t-new 9 nine
g load t-new replace.tsv --no-header --replace --strict --batch 2; code 4
says err 'replace.tsv:6: the map did not take it: there is no such key to replace'
g dump t-new; sorted '1	one
2	old
9	nine'
ok 'load --replace --strict puts old values back, doubled keys too'
g clear t-new; g load t-new good.tsv --no-header --strict; code 0; says out '3 new'
g dump t-new; sorted '1	one
2	two
3	three'
ok 'load --strict of a good file'
i=0; while [ $i -lt 30 ]; do echo x; i=$((i + 1)); done >thirty.tsv
g load t-set thirty.tsv --no-header; code 5
says err 'thirty.tsv:20: '; says err 'thirty.tsv: and 10 more lines like these'
[ "$(wc -l <err)" -eq 21 ] || note 'not 21 lines'
ok 'only the first bad lines are told one by one'
g load t-new bad.tsv --no-header -j; code 5
json '"added":1,"replaced":2,"bad":3,"len":4'
says out '{"line":2,"message":"key: 300 does not fit into u8 (0 to 255)"}'; says out '"complete":false'
ok 'load -j'
g load t-new bad.tsv --no-header --strict -j; code 2; json '"error":{"exit":2,"message":"Nothing was loaded'
ok 'load --strict -j'
printf '{"key":5,"value":"five"}\nnot json\n{"key":6,"value":{"hex":"ff"}}\n' >some.jsonl
g load t-new some.jsonl; code 5; says err 'some.jsonl:2: it is not JSON'
g get t-new 6; is '\xff'
ok 'load JSON lines'
head -c 10485760 /dev/zero | tr '\0' y >huge.tsv; printf '\n5\tafter\n' >>huge.tsv
g load t-new huge.tsv --no-header; code 5; says err 'huge.tsv:1: longer than 1048576 bytes'
g get t-new 5; is after
ok 'load past a line of 10 MB'
printf '1\ta\0b\n2\tok\n' >nul.tsv
g load t-new nul.tsv --no-header; code 5; says err "nul.tsv:1: value: 'a\\x00b' has a NUL byte (byte 2)"
g get t-new 2; is ok
ok 'load past a NUL byte'
: >empty.csv; g load t-new empty.csv; code 0; says out '0 entries'
ok 'load an empty file'
i=0; while [ $i -lt 60 ]; do echo $i; i=$((i + 1)); done >sixty.tsv
g load t-grow sixty.tsv --no-header --create u8:none --growth --step 25; code 0
says out 'B  0 ->  1  at             9 entries  load  9.00 -> 4.50'
says out 'B  1 ->  2  at            14 entries'
says out 'B  2 ->  3  at            27 entries'
says out 'B  3 ->  4  at            53 entries'
says out '             25 entries'; says out '             50 entries'
[ "$(grep -c '^  B' out)" -eq 4 ] || note 'not four growths'
ok 'load --growth sees each growth at its entry'
g clear t-grow; g destroy t-grow
g load t-grow sixty.tsv --no-header --create u8:none --growth -j; code 0
json '"growth":[{"from":0,"to":1,"len":9,"load":4.5'
ok 'load --growth -j'
g load t-x sixty.tsv --no-header --create u8; code 2; says err '--create takes the type of the keys and the type of the values'
g load t-long sixty.tsv --no-header --key 1 --value 1 --create str:9:str:12; code 0
g ls -j; says out '"name":"t-long","key_type":"str:9","value_type":"str:12"'
ok 'load --create with two lengths'

# A load that waits for its input is told to stop.
interrupt()
{
	mkfifo pipe
	"$GOMAPCTL" load t-new - --format tsv --no-header "$@" <pipe >out 2>err &
	pid=$!
	exec 3>pipe
	printf '1\tstopped\n' >&3
	sleep 1
	kill -TERM $pid
	wait $pid; code=$?
	exec 3>&-
	rm pipe
}
g clear t-new
interrupt --strict; code 4; says err 'Loading <stdin> was interrupted. Nothing was loaded'
g dump t-new; quiet out
interrupt; code 5; says out '1 entries from <stdin>'
g dump t-new; is '1	stopped'
ok 'a load that is told to stop says how far it came'

# -- dump, show, info ------------------------------------------------------------

for format in csv tsv jsonl; do
	g dump t-long --format $format; code 0; quiet err; cp out "again.$format"
	g load "t-$format" "again.$format" --create str:9:str:12; code 0; says out '60 new'
	g dump "t-$format"; sort out >b; g dump t-long; sort out >a
	cmp -s a b || note "not the same after $format"
	ok "dump --format $format is what load takes"
done
g create t-odd str str; printf '{"key":{"hex":"6100"},"value":"x\\ty"}\n' >odd.jsonl
g load t-odd odd.jsonl; code 0
g dump t-odd --format tsv; code 5; says err 'which TSV cannot hold'; says err '1 entries of map t-odd are left out'
g dump t-odd --format csv; code 5; says err 'which CSV cannot hold'
g dump t-odd --format jsonl; code 0; is '{"key":{"hex":"6100"},"value":"x\ty"}'
ok 'dump says what a format cannot hold'
g dump t-odd --format xml; code 2
ok 'dump in a format that is none'
g dump t-grow -j; code 0; json '"entries":['; says out '],"count":60,"complete":true}'
[ "$(wc -l <out)" -eq 62 ] || note 'not a line for each entry'
ok 'dump -j is one document, an entry a line'
g show t-grow; code 0; says out 't-grow: a set of u8, 60 entries'; says out '... gomapctl dump t-grow prints all'
[ "$(wc -l <out)" -eq 12 ] || note 'not ten entries'
g show t-grow --limit 100; [ "$(wc -l <out)" -eq 61 ] || note 'not all entries'
g show t-grow --limit 0 -j; json '"len":60'; says out '"entries":[]'
ok 'show'
g info t-grow; code 0; says out 'entries      60'; says out 'B            4, 16 buckets'
says out 'load         3.75'; says out '|'; quiet err
ok 'info'
g info t-grow --check; code 0; says out 'every invariant holds'
ok 'info --check'
g info t-grow -j; json '"B":4'; says out '"load":3.75'; says out '"fill":['; says out '"grows":4'
ok 'info -j'
g version; code 0; says out 'gomapctl '; says out 'module '
g version -j; json '"abi":1'
ok 'version'
"$GOMAPCTL" dump t-grow >/dev/full 2>err; code=$?; code 5; says err 'Cannot write to standard output: No space left'
ok 'an output that is full'
g load t-move sixty.tsv --no-header --create u8:none
tail -n +2 sixty.tsv | xargs "$GOMAPCTL" del t-move
g compact t-move; code 0; quiet err; says out 't-move: before '; says out '; now 1 bucket, 0 of overflow, '
g info t-move; says out 'B            0, 1 buckets'; says out ', rekeys 0'
g load t-move sixty.tsv --no-header; g info t-move; says out 'B            4, 16 buckets'
g compact t-move -j; code 0; json '"compacted":{"name":"t-move","len":60,"before":{"B":4,"nr_buckets":16,'
says out '"after":{"B":4,"nr_buckets":16,"nr_overflow":'; says out '"bytes_held":'
g dump t-move; sort out >a; sort sixty.tsv >b; cmp -s a b || note 'the entries have changed'
ok 'compact says how large the map was and is'
g create t-hint u16 u16 --hint 100; g compact t-hint; code 0; says out '; now 16 buckets, 0 of overflow, '
ok 'compact leaves what the hint made room for'
g rekey t-move; code 0; quiet err; says out 't-move: before seed number '
g info t-move; says out ', rekeys 1'
g rekey t-move -j; code 0; json '"rekeyed":{"name":"t-move","len":60,"before":{"seed_generation":'
g info t-move -j; json '"rekeys":2'; says out '"attacks":0'; says out '"growing":"no"'; says out '"no_shrink":false'
g dump t-move; sort out >a; cmp -s a b || note 'the entries have changed'
ok 'rekey says which seed the map had and has'
g compact t-absent; code 4; says err 'Cannot open map t-absent: there is none'
g rekey t-absent -j; code 4; json '"error":{"exit":4'
g compact; code 2; says err 'compact: too few words'; g rekey t-move 7; code 2; says err 'rekey: too many words'
ok 'compact and rekey of what is not there'
g create t-limits u16 u16 --max-entries 3 --max-bytes 64K --stable; code 0
g info t-limits -j; json '"stable":true,"trusted_keys":false'
g create t-trusted u32 u32 --trusted-keys; code 0; g put t-trusted 1 2; code 0; g get t-trusted 1; says out 2
g info t-trusted -j; json '"stable":false,"trusted_keys":true'; g info t-trusted; says out 'of a hash for trusted keys'
g ls -j; says out '"trusted_keys":true'; g destroy t-trusted; code 0; g info t-limits; quiet err
grep -q 'trusted' out && note 'a map like others has trusted keys'
ok 'create --trusted-keys'

# -- views ---------------------------------------------------------------------

g create t-view u64 u64 --view; code 0; g info t-view; says out ', with a view'; g ls -j; says out '"view":true'
for i in 1 2 3 4 5; do g put t-view $i ${i}0; code 0; done
g get t-view 3 --view; code 0; is 30; quiet err
g get t-view 3 4 9 --view -j; code 1; json '{"key":4,"found":true,"value":40},{"key":9,"found":false}'
g get t-view 9 --view; code 1; says err "There is no key '9' in map t-view"
g get t-view x --view; code 2; says err 'The key does not suit map t-view'
ok 'get --view looks into the map'
g create t-str str str --view; code 0; g put t-str one uno; g put t-str two 'dos y dos'
g get t-str two --view; code 0; is 'dos y dos'; g destroy t-str; code 0
ok 'get --view of text'
g get t-limits 3 --view; code 4; says err 'Map t-limits has no view; one is made with: gomapctl create MAP KEYTYPE VALUETYPE --view'
ok 'get --view of a map without one'
g watch t-view 3 --count 1; code 0; is 30; quiet err
g watch t-view 9 --count 1; code 0; is '(not there)'
g watch t-view 3 --count 1 -j; code 0; tr '\n' ' ' <out >flat
[ "$(cat flat)" = '{"schema":1,"values":[ {"found":true,"value":30} ],"count":1,"complete":true} ' ] || note "printed $(cat out)"
g watch t-limits 3 --count 1; code 0; quiet err
g watch t-view x; code 2; g watch t-absent 3; code 4
ok 'watch prints a value'
"$GOMAPCTL" watch t-view 3 --interval 1 >out 2>err & pid=$!
sleep 0.3; kill -INT $pid; wait $pid; code=$?; code 0; is 30
ok 'watch ends when it is told to'
g bench t-view --keys 3 --time 5; code 0; says out 't-view: 3 keys of 5 entries'; says out 'view, 32 together'
says out 'batch of 256'; says out '1.0 times'; quiet err
g bench t-view --time 5 -j; code 0; json '"keys":5,"len":5,"not_found":0,"asked":0,"ways":[{"way":"view","ns":'
says out '"way":"view_many"'; says out '"way":"call"'; says out '"way":"batch"'
g bench t-limits --time 5; code 1; says err 'Map t-limits has no entries'
g bench t-view --keys 0; code 2; g bench t-absent; code 4
ok 'bench compares the ways to look up'
g destroy t-view; code 0
for i in 1 2 3; do g put t-limits $i $i; code 0; done
g put t-limits 4 4; code 4
says err "Cannot put key '4' into map t-limits: it has 3 entries, as many as its limit allows. Raise it with: gomapctl limits t-limits --max-entries N"
g put t-limits 4 4 -j; code 4; json '"error":{"exit":4'
g put t-limits 3 9; code 0
printf '7\t7\n' >more.tsv; g load t-limits more.tsv --no-header; code 4
says err 'the map has as many entries as its limit allows'
g create t-toomuch u16 u16 --hint 1000 --max-entries 999; code 4
says err 'Cannot create map t-toomuch: --hint 1000 is above its limit, --max-entries 999.'
g create t-toomuch u16 u16 --hint 100000 --max-bytes 64K; code 4
says err 'it needs more than its limit of 65536 bytes from the start'
ok 'put says when a limit is reached'
g limits t-limits; code 0; says out 'entries  3, now 3'; says out 'memory   64.0 KiB, now '; quiet err
g limits t-limits --max-entries 4; code 0; says out 'entries  4, now 3'; says out 'memory   64.0 KiB'
g put t-limits 4 4; code 0
g limits t-limits --max-entries 2 --max-bytes 0; says out 'entries  2, now 4: nothing more until it is less'
says out 'memory   no limit'
g limits t-limits -j; json '"limits":{"name":"t-limits","max_entries":2,"max_bytes":0,"len":4,"bytes_held":'
g limits t-limits --max-bytes 1G -j; json '"max_bytes":1073741824'
g limits t-limits --max-bytes 1T; code 2; says err 'takes a number of bytes, such as 4096, 64K, 16M or 2G'
g limits t-limits --max-bytes 99999999999999G; code 2; g limits t-limits --max-bytes K; code 2
g info t-limits; says out 'limits       2 entries, 1.0 GiB of memory; '; says out ' writes refused'
g info t-limits -j; json '"max_entries":2'; says out '"refused":{"max_entries":3,"max_bytes":0,"module_max_bytes":0,"memory":0}'; says out '"write_allocs":'; says out '"bytes_idle":'
ok 'limits are shown and changed'
g memory t-limits; code 0; quiet err; says out 't-limits holds '; says out ' of it in chunks, '; says out ' of those idle'
says out ' key or value                4 '; says out ' |#'
g memory t-limits -j; json '"memory":{"name":"t-limits","bytes_held":'; says out '"overflow_buckets":false,'; says out '"live":4,'
ok 'memory shows the objects of each size'
g leak t-limits; code 0; quiet err; says out 't-limits: every object in use belongs to an entry'
g leak t-limits -j; code 0; json '"leak":{"name":"t-limits","certain":true,"objects":0,'
g leak t-absent; code 4; g memory; code 2; g limits; code 2
ok 'leak finds nothing where nothing is'
g info t-move; says out 'it grows above 6.5, and shrinks below 1)'; says out 'resizing     no'
g create t-keep u16 u16 --no-shrink; code 0
g info t-keep; says out 'it grows above 6.5, and shrinks on request only)'
g ls -j; says out '"name":"t-keep"'; says out '"no_shrink":true'
ok 'create --no-shrink'
g clear t-grow; code 0; g info t-grow; says out 'entries      0'
g clear t-grow -j; json '"cleared":{"name":"t-grow","len":0}'
ok 'clear'
g -j get t-absent 1; code 4; json '"error":{"exit":4,"message":"Cannot open map t-absent'
g -j nosuch; code 2; json '"error":'
ok 'complaints in JSON'

# -- what only the stand-in can do -----------------------------------------------

if [ -n "${FAKE:-}" ]; then
	export GOMAP_FAKE_OPEN=2; g ls; code 3
	says err 'Cannot open /dev/gomap: no such device. The gomap module is not loaded; load it with: modprobe gomap'
	ok 'no device'
	export GOMAP_FAKE_OPEN=13; g get t-num 1; code 3; says err 'Cannot open /dev/gomap: permission denied. The device is for root'
	unset GOMAP_FAKE_OPEN
	ok 'no permission for the device'
	g create t-closed u8 --mode 0220; g get t-closed 1; code 3; says err 'Cannot open map t-closed: permission denied. Owner and mode'
	ok 'no permission for the map'
	g clear t-new; g put t-new 2 old
	export GOMAP_FAKE_FAIL=3:12; g load t-new good.tsv --no-header --strict --batch 1; code 4
	says err 'Cannot go on loading good.tsv: the kernel has no memory for it. Nothing was loaded'
	g dump t-new; is '2	old'
	ok 'load --strict: no memory midway, everything is put back'
	g load t-new good.tsv --no-header --batch 1; code 5; says out '2 entries'; says err 'no memory'
	g load t-new good.tsv --no-header; code 5
	unset GOMAP_FAKE_FAIL
	ok 'load: no memory midway, partly done'
	export GOMAP_FAKE_FAIL=1:12; g load t-new good.tsv --no-header --batch 1; code 4; unset GOMAP_FAKE_FAIL
	ok 'load: no memory at once, nothing done'
	export GOMAP_FAKE_FAIL=1:122; g load t-new good.tsv --no-header; code 4
	says err 'all maps together would take more memory than the module allows'
	g load t-limits more.tsv --no-header; code 4; says err 'the map would take more memory than its limit allows'
	unset GOMAP_FAKE_FAIL; ok 'load: which limit on memory it was'
	export GOMAP_FAKE_LEAK=3; g leak t-limits; code 1; quiet out
	says err '3 objects of map t-limits, 432 bytes, are in use and no bucket refers to them.'; says err 'That is a bug of gomap'
	g leak t-limits -j; code 1; json '"objects":3,"bytes":432,'
	export GOMAP_FAKE_LEAK=uncertain; g leak t-limits; code 1; says err 'written to all the time'
	unset GOMAP_FAKE_LEAK; ok 'leak tells of a leak, and when it does not know'
	export GOMAP_FAKE_MOVE=12; g compact t-move; code 4
	says err 'Cannot compact map t-move: for a while new buckets lie beside the old ones'; quiet out
	g rekey t-move; code 4; says err 'Cannot rekey map t-move: for a while'; quiet out
	export GOMAP_FAKE_MOVE=25; g compact t-move; code 4
	says err 'Cannot compact map t-move: the module does not know this command. It is older than gomapctl'
	unset GOMAP_FAKE_MOVE
	ok 'compact and rekey: no memory, and a module of before'
else
	for name in 'no device' 'no permission for the device' 'no permission for the map' \
		'load --strict: no memory midway' 'load: no memory midway' 'load: no memory at once' \
		'compact and rekey: no memory' 'load: which limit on memory it was' \
		'leak tells of a leak, and when it does not know'; do
		skip "$name" 'the stand-in for the device alone can be told to fail'
	done
fi

for map in num set blob text new long csv tsv jsonl odd grow move hint keep closed limits; do
	"$GOMAPCTL" destroy t-$map 2>/dev/null
done
echo "1..$nr"
exit $failed
