#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# tables.pl FILE POINTS - read the records of speed.c, a line of JSON each, and
# print first how many times as fast gomap is as its peers, with the goals, then
# what was measured.  All records and ratios go to FILE as lines of JSON, and to
# POINTS what the picture is made of.
use strict;
use warnings;

my ($file, $points) = @ARGV;
die "usage: tables.pl FILE POINTS <RECORDS\n" unless $points;

# By figure: {case}{what}, and the order in which cases and owners came.
my (%value, %cases, %owners, @records);

sub enter {
	my ($figure, $case, $what, $value) = @_;
	push @{$cases{$figure}}, $case unless $value{$figure}{$case};
	push @{$owners{$figure}}, $what
		unless grep { $_ eq $what } @{$owners{$figure} // []};
	$value{$figure}{$case}{$what} = $value;
}

while (<STDIN>) {
	next unless /"figure":"(.*?)",.*"case":"(.*?)","what":"(.*?)","value":([\d.]+)/;
	push @records, $_;
	enter($1, $2, $3, $4);
}
die "tables.pl: no records\n" unless @records;

my @subjects = @{$owners{speed} // []};
my ($go, $newest) = grep { /^Go/ } @subjects;
my $bpf = 'BPF HASH in the kernel';
my @sizes = grep { $value{speed}{"hit, $_"} } '10^3', '10^5', '10^6', '10^7';

# A time of one step, or whatever else has a name, a size and an owner.
sub cell {
	my ($figure, $step, $size, $who) = @_;
	return undef unless defined $who;
	return $value{$figure}{"$step, $size"}{$who};
}

# How often the second fits into the first; what is less than 1 is slower.
sub times_as_fast {
	my ($of, $of_step, $to, $to_step) = @_;
	return sub {
		my ($size) = @_;
		my $above = cell('speed', $of_step, $size, $of);
		my $below = cell('speed', $to_step, $size, $to);
		return $above && $below ? $above / $below : undef;
	};
}

sub as_measured {
	my ($figure, $step, $who) = @_;
	return sub { return cell($figure, $step, $_[0], $who) };
}

# What is asked of the map: name, figure, 'at least' or 'at most', by size.
my @goals = (
	['hit : rhashtable', times_as_fast('rhashtable', 'hit', 'gomap', 'hit'),
		'>=', { '10^3' => 0.9, '10^6' => 1.8, '10^7' => 1.9 }],
	['hit, trusted keys : rhashtable',
		times_as_fast('rhashtable', 'hit', 'gomap, trusted keys', 'hit'),
		'>=', { '10^3' => 1.7, '10^6' => 2.0, '10^7' => 2.2 }],
	['hit : BPF HASH in the kernel', times_as_fast($bpf, 'hit', 'gomap', 'hit'),
		'>=', { '10^3' => 2.5, '10^6' => 3, '10^7' => 3 }],
	['miss : rhashtable', times_as_fast('rhashtable', 'miss', 'gomap', 'miss'),
		'>=', { '10^3' => 0.9, '10^6' => 1.8, '10^7' => 1.9 }],
	['hit : Go', times_as_fast($go, 'hit', 'gomap', 'hit'),
		'>=', { '10^3' => 1.7, '10^6' => 1.1, '10^7' => 1.3 }],
	['hit, trusted keys, share of boost\'s time',
		times_as_fast('gomap, trusted keys', 'hit', 'boost flat map', 'hit'),
		'<=', { '10^3' => 2.5, '10^6' => 1.5, '10^7' => 1.5 }],
	['32 at once : rhashtable one by one',
		times_as_fast('rhashtable', 'hit', 'gomap', 'hit, 32 at once'),
		'>=', { '10^6' => 4.5, '10^7' => 4.5 }],
	['hit by the view, share of the kernel\'s time',
		times_as_fast('gomap\'s view', 'hit', 'gomap', 'hit'),
		'<=', { '10^3' => 1.3, '10^6' => 1.3, '10^7' => 1.3 }],
	['hit by the view : BPF HASH, system calls',
		times_as_fast('BPF HASH, system calls', 'hit', 'gomap\'s view', 'hit'),
		'>=', { '10^6' => 20 }],
	['32 at once by the view : one by one',
		times_as_fast('gomap\'s view', 'hit', 'gomap\'s view', 'hit, 32 at once'),
		'>=', { '10^7' => 2.5 }],
	['insert, growing : rhashtable', times_as_fast('rhashtable',
		'insert, growing', 'gomap', 'insert, growing'),
		'>=', { '10^3' => 1.5, '10^6' => 3, '10^7' => 3 }],
	['insert, growing : Go',
		times_as_fast($go, 'insert, growing', 'gomap', 'insert, growing'),
		'>=', { '10^6' => 1.6, '10^7' => 1.6 }],
	['insert, growing : newest Go',
		times_as_fast($newest, 'insert, growing', 'gomap', 'insert, growing'),
		'>=', { '10^6' => 1.2, '10^7' => 1.1 }],
	['delete : rhashtable', times_as_fast('rhashtable', 'delete', 'gomap', 'delete'),
		'>=', { '10^6' => 3, '10^7' => 2.5 }],
	['one insert, p99.99, us', as_measured('longest', 'gomap', 'p99.99'),
		'<=', { '10^6' => 20, '10^7' => 20 }],
	['one insert, the longest, us', as_measured('longest', 'gomap', 'max'),
		'<=', { '10^7' => 1000 }],
	['two readers, against one',
		as_measured('speed', 'two readers, against one', 'gomap'),
		'>=', { '10^3' => 1.9, '10^6' => 1.8, '10^7' => 1.7 }],
	['two threads 90/10, against one',
		as_measured('speed', 'two threads 90/10, against one', 'gomap'),
		'>=', { '10^3' => 1.6, '10^6' => 1.6, '10^7' => 1.6 }],
	['hit : newest Go', times_as_fast($newest, 'hit', 'gomap', 'hit')],
	['hit : liburcu lfht', times_as_fast('liburcu lfht', 'hit', 'gomap', 'hit')],
);

sub note_ratio {
	my ($size, $name, $is) = @_;
	push @records, sprintf '{"figure":"speed ratio","where":"host",' .
		'"case":"%s","what":"%s","value":%.3f}' . "\n", $size, $name, $is;
}

# The text of one figure, how many goals it has and how many are reached.
sub judge {
	my ($goal, $size) = @_;
	my ($name, $measure, $word, $bounds) = @$goal;
	my $is = $measure->($size) // return ('', 0, 0);
	my $bound = $bounds->{$size} if $bounds;

	note_ratio($size, $name, $is);
	return (sprintf('%.2f        ', $is), 0, 0) unless defined $bound;
	my $good = $word eq '>=' ? $is >= $bound : $is <= $bound;
	return (sprintf('%s%.2f %s %-4s', $good ? '' : '! ', $is, $word, $bound), 1, $good);
}

sub print_goals {
	my ($all, $reached) = (0, 0);

	print "How gomap compares with its peers, keys and values of 8 bytes: how many ",
		"times\nas fast it is where nothing else is said; ! a goal that is missed\n";
	printf "  %-42s%s\n", '', join '', map { sprintf '%19s', $_ } @sizes;
	for my $goal (@goals) {
		my @texts;
		for my $size (@sizes) {
			my ($text, $goals, $good) = judge($goal, $size);
			push @texts, $text;
			$all += $goals;
			$reached += $good;
		}
		next unless grep { length } @texts;
		printf "  %-42s%s\n", $goal->[0], join '', map { sprintf '%19s', $_ } @texts;
	}
	print "  goals: $reached of $all reached\n\n";
}

# A table of one figure; a cell is what the function makes of it.
sub print_table {
	my ($title, $figure, $cell, @rows) = @_;
	my @columns = grep { my $what = $_; grep { defined $value{$figure}{$_}{$what} } @rows }
		@{$owners{$figure} // []};
	my @lines = (['', @columns]);

	for my $row (@rows) {
		push @lines, [$row, map {
			my $value = $value{$figure}{$row}{$_};
			defined $value ? $cell->($row, $_, $value) : ''
		} @columns];
	}
	return unless @rows;
	my @widths = map {
		my $column = $_;
		(sort { $b <=> $a } map { length $_->[$column] } @lines)[0];
	} 0 .. @columns;
	my $format = join('  ', '', "%-$widths[0]s", map { "%${_}s" } @widths[1 .. $#widths]);

	print "$title\n";
	printf "$format\n", @$_ for @lines;
	print "\n";
}

sub with_spread {
	my ($case, $what, $value) = @_;
	my $text = $value >= 100 ? sprintf('%.0f', $value) : sprintf('%.1f', $value);
	my $spread = $value{'speed spread'}{$case}{$what};
	return defined $spread ? sprintf('%s +-%2.0f%%', $text, $spread / 2) : $text;
}

sub plain {
	return sprintf '%.2f', $_[2];
}

# Ours, and in parentheses what the comment of Go's map says.
sub with_go {
	my ($case, $what, $value) = @_;
	my $go = $value{'load of Go'}{$case}{$what};
	return sprintf defined $go ? '%.2f (%.2f)' : '%.2f', $value, $go // ();
}

sub print_points {
	my @bars = grep { $_ ne 'the machine' && !/system/ } @subjects;

	open my $out, '>', $points or die "$points: $!\n";
	for my $step ('hit', 'miss', 'hit, 32 at once', 'insert, growing',
			'insert, presized', 'delete') {
		my @have = grep { cell('speed', $step, $sizes[0], $_) } @bars;
		print $out "## $step\n";
		print $out join("\t", 'entries', map { "\"$_\"" } @have), "\n";
		for my $size (@sizes) {
			print $out join("\t", $size,
				map { cell('speed', $step, $size, $_) // 'NaN' } @have), "\n";
		}
		print $out "\n\n";
	}
	close $out or die "$points: $!\n";
}

# What was not measured has no rows, and gets no table.
my @speeds = @{$cases{speed} // []};
my @machine = grep { $value{speed}{$_}{'the machine'} } @speeds;
my @threads = grep { /against one/ } @speeds;
my %other = map { $_ => 1 } @machine, @threads;

print_goals() if @sizes;
print_table('Instructions an operation, 10,000 entries', 'counts', \&plain,
	@{$cases{counts} // []});
print_table('What a load costs, keys and values of 8 bytes, in parentheses Go: buckets with ' .
	"overflow\nbuckets, bytes besides keys and values, entries to look at; then as done: " .
	"keys\ncompared, cache lines of buckets touched", 'load', \&with_go,
	@{$cases{load} // []});
print_table("Cache lines that a lookup touches, 10,000 entries: those that all share, then " .
	"its own;\nahead: fetched before it was known that they are not needed",
	'lines', \&plain, @{$cases{lines} // []});
print_table('Looks at a chain, buckets looked at, keys compared', 'probes', \&plain,
	@{$cases{probes} // []});
print_table('Calls of the allocator an operation, 10,000 entries', 'allocator calls',
	sub { sprintf '%.4f', $_[2] }, @{$cases{'allocator calls'} // []});
print_table("A reader beside a writer that overwrites values as fast as it can (as the machine " .
	"has it)", 'retries', \&plain, @{$cases{retries} // []});
print_table('Nanoseconds an operation: the median, and half of what the rounds differ by',
	'speed', \&with_spread, grep { !$other{$_} } @speeds);
print_table('Two threads, each on its CPU: operations in the time of one thread\'s one',
	'speed', \&with_spread, @threads);
print_table('Microseconds of one insert of a growing table, the clock included',
	'longest', \&plain, @{$cases{longest} // []});
print_table('Bytes an entry, by how many there are for each bucket', 'speed bytes',
	\&plain, @{$cases{'speed bytes'} // []});
print_table('What the machine can do, ns', 'speed', \&with_spread, @machine);
print_table('Rounds that others disturbed to the end', 'speed noise', \&plain,
	@{$cases{'speed noise'} // []});
print_table('Memory of the process in large pages, in percent', 'speed pages', \&plain,
	@{$cases{'speed pages'} // []});

open my $out, '>', $file or die "$file: $!\n";
print $out @records;
close $out or die "$file: $!\n";
print_points() if @sizes;
