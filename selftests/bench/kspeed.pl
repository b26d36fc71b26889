#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# kspeed.pl FILE - read the records of gomap_kspeed and kspeed_calls (see record.h),
# and print how gomap compares with the kernel's own tables: the goals and what
# became of them, the ratios, then the times behind them.  All of it goes to FILE
# as lines of JSON.  BARRIERS in the environment: the modules were built with
# other barriers than the kernel's own.
use strict;
use warnings;

# By group: { heading, rows, columns, and {row}{column} } of medians and spreads.
my (%median, %spread, %rows, %columns);

sub note {
	my ($group, $row, $column, $value) = @_;

	if ($group =~ s/ spread$//) {
		$spread{$group}{$row}{$column} = $value;
		return;
	}
	push @{$rows{$group}}, $row unless $median{$group}{$row};
	push @{$columns{$group}}, $column
		unless grep { $_ eq $column } @{$columns{$group} // []};
	$median{$group}{$row}{$column} = $value;
}

# Primitives are a table of their own, and so are the system calls.
sub read_records {
	while (<STDIN>) {
		my ($group, $row, $column, $value) = /^\{"figure":"([^"]*)",
			"where":"[^"]*","case":"([^"]*)","what":"([^"]*)",
			"value":([\d.]+)\}$/x or next;
		$row =~ s/(\d)(?=(\d{3})+ entries)/$1,/g;
		if ($row eq 'primitive') {
			$group =~ s/^kspeed/primitives/;
			($row, $column) = ($column, 'ns');
		}
		note($group, $row, $column, $value);
	}
}

# A time, by 'GROUP/ROW/COLUMN'.
sub time_of {
	my ($group, $row, $column) = split m{/}, shift;
	return $median{$group}{$row}{$column};
}

# Of two times: how often the second goes into the first.
sub ratio {
	my ($of, $to) = map { time_of($_) } @_;
	return defined $of && $to ? $of / $to : undef;
}

my %entries = (3 => '1,000 entries', 6 => '1,000,000 entries', 7 => '10,000,000 entries');

# What is asked: name, operation and who of either, bounds by log10 of the size.
# The first of the two is the peer, but for the last kind, which is no more than.
my @goals = (
	['hit, against rhashtable', 'kspeed', ['hit', 'rhashtable'], ['hit', 'gomap'],
		{ 3 => 0.9, 6 => 1.8, 7 => 1.9 }],
	['hit with trusted keys, against rhashtable', 'kspeed', ['hit', 'rhashtable'],
		['hit', 'gomap, trusted keys'], { 3 => 1.7, 6 => 2.0, 7 => 2.2 }],
	['hit, against BPF HASH', 'kspeed', ['hit', 'BPF HASH'], ['hit', 'gomap'],
		{ 3 => 2.5, 6 => 3, 7 => 3 }],
	['miss, against rhashtable', 'kspeed', ['miss', 'rhashtable'], ['miss', 'gomap'],
		{ 3 => 0.9, 6 => 1.8, 7 => 1.9 }],
	['32 at once, against rhashtable one by one', 'kspeed', ['hit', 'rhashtable'],
		['hit', 'gomap, 32 at once'], { 6 => 4.5, 7 => 4.5 }],
	['insert growing, against rhashtable', 'kspeed', ['insert growing', 'rhashtable'],
		['insert growing', 'gomap'], { 3 => 1.5, 6 => 3, 7 => 3 }],
	['delete, against rhashtable', 'kspeed', ['delete', 'rhashtable'],
		['delete', 'gomap'], { 6 => 3, 7 => 2.5 }],
	['store in batches of 256, against BPF HASH', 'kcalls',
		['store, batch of 256', 'BPF HASH'],
		['store, batch of 256', 'gomap'], { 6 => 4 }],
	['lookup in batches of 256, against BPF HASH one by one', 'kcalls',
		['lookup', 'BPF HASH'], ['lookup, batch of 256', 'gomap'], { 6 => 4 }],
	['ioctl that looks up, against an empty one', 'kcalls', ['lookup', 'gomap'],
		['empty ioctl', 'system call'], { 3 => 1.5 }, 'at most'],
);

my $where = $ENV{BARRIERS} ? "kernel, barriers of $ENV{BARRIERS}" : 'kernel';

# Lines of JSON of what is computed here.
my @computed;

sub print_goals {
	printf "  %-54s %-20s %9s %9s\n", 'times as fast', '', 'goal', 'measured';
	for my $goal (@goals) {
		my ($name, $group, $of, $to, $bounds, $word) = @$goal;
		for my $size (sort keys %$bounds) {
			my $measured = ratio(map { "$group/$_->[0], $entries{$size}/$_->[1]" }
				$of, $to) // next;
			my $bound = $bounds->{$size};
			my $good = $word ? $measured <= $bound : $measured >= $bound;
			printf "  %-54s %-20s %s %5.2f %9.2f%s\n", $name, $entries{$size},
				$word ? '<=' : '>=', $bound, $measured,
				$good ? '' : '  missed';
			push @computed, [$name, $entries{$size}, 'ratio', $measured];
		}
	}
}

# How often the time of each peer holds that of gomap.
sub print_ratios {
	my ($group) = @_;
	my @peers = grep { !/gomap|system/ } @{$columns{$group}};

	print_lines(['times as fast as', @peers],
		map { my $row = $_;
			[$row, map { my $value = ratio("$group/$row/$_", "$group/$row/gomap");
				push @computed, [$row, "gomap : $_", 'ratio', $value]
					if defined $value;
				defined $value ? sprintf '%.2f', $value : '' } @peers]
		} grep { $median{$group}{$_}{gomap} } @{$rows{$group}});
}

sub print_times {
	my ($group, $heading) = @_;
	my @columns = @{$columns{$group}};

	print_lines([$heading, @columns],
		map { my $row = $_;
			[$row, map { cell($group, $row, $_) } @columns]
		} @{$rows{$group}});
}

# The median, and the middle half of the rounds around it.
sub cell {
	my ($group, $row, $column) = @_;
	my $median = $median{$group}{$row}{$column};

	return '' unless defined $median;
	return sprintf $median >= 100 ? '%.0f +-%2.0f%%' : '%.1f +-%2.0f%%', $median,
		($spread{$group}{$row}{$column} // 0) / 2;
}

# Rows under a heading; a column that nobody fills is left out.
sub print_lines {
	my ($heading, @lines) = @_;
	my @widths = map { length } @$heading;

	for my $line (@lines) {
		for my $i (0 .. $#$line) {
			$widths[$i] = length $line->[$i] if length $line->[$i] > $widths[$i];
		}
	}
	for my $line ($heading, @lines) {
		printf "  %-$widths[0]s", $line->[0];
		printf "  %$widths[$_]s", $line->[$_] for 1 .. $#$line;
		print "\n";
	}
}

sub json_lines {
	my @lines;

	for my $group (sort keys %median) {
		for my $row (@{$rows{$group}}) {
			for my $column (grep { defined $median{$group}{$row}{$_} }
					@{$columns{$group}}) {
				push @lines, [$row, $column, 'ns', $median{$group}{$row}{$column}],
					[$row, $column, 'spread in percent',
					$spread{$group}{$row}{$column}];
			}
		}
	}
	return map {
		sprintf '{"figure":"kspeed","where":"%s","case":"%s",' .
			'"what":"%s","unit":"%s","value":%.3f}' . "\n", $where, @$_;
	} @lines, @computed;
}

my %titles = (
	kspeed => 'Inside the kernel',
	kcalls => 'From a program, each entry by its share of the call',
);

my $file = shift or die "usage: kspeed.pl FILE <RECORDS\n";
read_records();
die "kspeed.pl: no records\n" unless %median;
print "The goals ($where; keys random, 8 bytes; values 8 bytes; medians)\n";
print_goals();
for my $group ('kspeed', 'kcalls') {
	next unless $median{$group};
	print "\n$titles{$group}: gomap beside the others\n";
	print_ratios($group);
}
for my $group ('kspeed', 'kcalls') {
	next unless $median{$group};
	print "\n$titles{$group}, ns\n";
	print_times($group, '');
}
print "\nWhat this kernel, a process, pays for what is cheap on hardware\n";
print_times('primitives', '');

open my $out, '>', $file or die "kspeed.pl: $file: $!\n";
print $out json_lines();
close $out or die "kspeed.pl: $file: $!\n";
