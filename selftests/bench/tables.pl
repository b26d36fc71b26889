#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# tables.pl FILE - read records, a line of JSON each (see record.h), and print
# them as tables, with the ratios of what was measured side by side, and the goals;
# then all records, those ratios included, as lines of JSON again, which go to FILE,
# too.
use strict;
use warnings;

# A table has a row for each case and a column for each thing that was measured.
#
#	title	for a person
#	ratios	{ name, of, to, less, goal, row }: further columns, of two others,
#		less a third; the goal is for one row, or for all
#	base	the row that each further row is a multiple of
#	joined	what was measured here and in the kernel are rows of one table
#	goals	by row and column, '*' for any: [word, number]
my @figures = (
	allocations => {
		title => "Calls of the kernel's allocators: 10,000 values of 24 bytes",
		goals => {
			'kmalloc, presized/in inserts' => ['is', 10000],
			'arena, growing/chunks of values' => ['at most', 4],
			'arena, presized/chunks of values' => ['at most', 1],
			'arena, presized/in inserts' => ['at most', 0],
		},
	},
	objects => {
		title => 'Objects of the arena taken: 10,000 values, presized',
		goals => {
			(map { ("$_ B/each insert" => ['at most', 0]) } 8, 64, 128),
			(map { ("$_ B/each insert" => ['at most', 1]) } 136, 1024),
			(map { ("$_ B/each overwrite" => ['at most', 0]) }
				8, 64, 128, 136, 1024),
			'*/kernel calls, inserts' => ['at most', 0],
		},
	},
	device => {
		title => "Calls of the kernel's allocators by operations through the device",
		goals => {
			'*/by the map\'s count' => ['at most', 0],
			'*/by tracepoints' => ['at most', 0],
		},
	},
	insert => {
		title => 'Nanoseconds of an insert, the value not in its slot',
		ratios => [{
			name => 'kmalloc : arena', of => 'kmalloc', to => 'arena',
			goal => ['at least', 3.4], row => '*',
		}, {
			name => 'the same, less in slot', of => 'kmalloc',
			to => 'arena', less => 'in slot',
		}],
	},
	memory => {
		title => 'Bytes an entry, key and value of 8 bytes, everything counted',
		base => 'gomap',
		joined => 1,
		goals => {
			(map { ("$_/full" => ['at most', 27],
				"$_/after a doubling" => ['at most', 46]) }
				'gomap', 'gomap (kernel)'),
		},
	},
	destroy => {
		title => 'Microseconds to destroy maps of 1,000,000 values of 136 bytes',
		ratios => [{
			name => 'kmalloc : arena', of => 'kmalloc', to => 'arena',
			goal => ['at least', 20], row => 'work for each',
		}],
	},
);

my %judge = (
	'at least' => sub { $_[0] >= $_[1] },
	'at most' => sub { $_[0] <= $_[1] },
	'is' => sub { $_[0] == $_[1] },
);

# Add an element that is not there yet, in order of appearance.
sub add_once {
	my ($list, $element) = @_;
	push @$list, $element unless grep { $_ eq $element } @$list;
}

# All that was read: {figure}{place}{cell}{row}{column}, and the orders in which
# rows and columns came.
my (%tables, @places);

sub enter {
	my ($record) = @_;
	my ($figure, $place, $row, $column) = @$record{qw(figure where case what)};
	my $table = $tables{$figure}{$place} //= { rows => [], columns => [] };

	add_once(\@places, $place);
	add_once($table->{rows}, $row);
	add_once($table->{columns}, $column);
	$table->{cell}{$row}{$column} = $record->{value};
}

sub read_records {
	while (my $line = <STDIN>) {
		my %record;
		while ($line =~ /"(\w+)":(?:"([^"]*)"|([\d.]+))/g) {
			$record{$1} = $2 // $3;
		}
		enter(\%record) if defined $record{value};
	}
}

# Small numbers are read to the second decimal, large ones as a whole.
sub number {
	my ($value) = @_;
	return '' unless defined $value;
	return sprintf $value == int $value || $value >= 1000 ? '%.0f' : '%.2f', $value;
}

sub add_ratio {
	my ($table, $ratio) = @_;

	for my $row (@{$table->{rows}}) {
		my $cell = $table->{cell}{$row};
		my ($of, $to) = @$cell{@$ratio{qw(of to)}};
		my $less = $ratio->{less} ? $cell->{$ratio->{less}} : 0;
		next unless defined $of && defined $to && defined $less;
		# A difference that is no larger than chance makes no ratio.
		next if $of <= $less || $to - $less < $to / 10;
		$cell->{$ratio->{name}} = ($of - $less) / ($to - $less);
	}
	add_once($table->{columns}, $ratio->{name});
}

# Each column once more, as a multiple of what one row has in it.
sub add_multiples {
	my ($table, $base) = @_;
	my @measured = @{$table->{columns}};

	for my $column (@measured) {
		my $unit = $table->{cell}{$base}{$column} or next;
		my $name = "$column, : $base";
		add_once($table->{columns}, $name);
		for my $row (@{$table->{rows}}) {
			my $cell = $table->{cell}{$row};
			$cell->{$name} = $cell->{$column} / $unit
				if defined $cell->{$column} && $row ne $base;
		}
	}
}

sub print_table {
	my ($table) = @_;
	my @columns = @{$table->{columns}};
	my @lines = (['', @columns]);

	for my $row (@{$table->{rows}}) {
		push @lines, [$row, map { number($table->{cell}{$row}{$_}) } @columns];
	}
	my @widths;
	for my $line (@lines) {
		for my $i (0 .. $#$line) {
			my $width = length $line->[$i];
			$widths[$i] = $width if $width > ($widths[$i] // 0);
		}
	}
	my $format = join '  ', "%-$widths[0]s", map { "%${_}s" } @widths[1 .. $#widths];
	printf "  $format\n", @$_ for @lines;
}

# A goal for one cell or for a column: how many cells there are, and those that
# miss it.
sub missed {
	my ($table, $row, $column, $goal) = @_;
	my ($word, $bound) = @$goal;
	my @rows = $row eq '*' ? @{$table->{rows}} : ($row);
	my @values = grep { defined } map { $table->{cell}{$_}{$column} } @rows;
	my @misses = grep { !$judge{$word}->($_, $bound) } @values;

	return scalar @values unless @misses;
	my $at = @values > 1 ? sprintf('%d of %d rows', scalar @misses, scalar @values) :
		"$row: " . number($misses[0]);
	return (scalar @values, sprintf('%s %s %s, missed: %s', $column, $word,
			number($bound), $at));
}

sub print_goals {
	my ($table, $figure) = @_;
	my %goals = %{$figure->{goals} // {}};
	my ($total, @misses) = (0);

	for my $ratio (grep { $_->{goal} } @{$figure->{ratios} // []}) {
		$goals{"$ratio->{row}/$ratio->{name}"} = $ratio->{goal};
	}
	for my $where (sort keys %goals) {
		my ($row, $column) = $where =~ m{^(.*)/(.*)$};
		my ($cells, $miss) = missed($table, $row, $column, $goals{$where});
		$total += $cells > 0;
		push @misses, $miss if $miss;
	}
	printf "  goals: %d of %d reached\n", $total - @misses, $total;
	print "  $_\n" for @misses;
}

# One table of all places; the row that others are measured by keeps its name.
sub join_places {
	my ($by_place) = @_;
	my %all = (rows => [], columns => []);

	for my $place (grep { $by_place->{$_} } @places) {
		my $table = $by_place->{$place};
		for my $row (@{$table->{rows}}) {
			my $name = $all{cell}{$row} ? "$row ($place)" : $row;
			push @{$all{rows}}, $name;
			$all{cell}{$name} = $table->{cell}{$row};
		}
		add_once($all{columns}, $_) for @{$table->{columns}};
	}
	return { join(', ', @places) => \%all };
}

sub show_figure {
	my ($name, $figure) = @_;
	my $by_place = $tables{$name} or return;

	$by_place = $tables{$name} = join_places($by_place) if $figure->{joined};
	for my $place (sort keys %$by_place) {
		my $table = $by_place->{$place};
		add_ratio($table, $_) for @{$figure->{ratios} // []};
		add_multiples($table, $figure->{base}) if $figure->{base};
		print "$figure->{title} ($place)\n";
		print_table($table);
		print_goals($table, $figure);
		print "\n";
	}
}

sub json_lines {
	my ($name) = @_;
	my @lines;

	for my $place (sort keys %{$tables{$name} // {}}) {
		my $table = $tables{$name}{$place};
		for my $row (@{$table->{rows}}) {
			for my $column (@{$table->{columns}}) {
				my $value = $table->{cell}{$row}{$column};
				push @lines, sprintf '{"figure":"%s","where":"%s","case":"%s",' .
					'"what":"%s","value":%.3f}' . "\n",
					$name, $place, $row, $column, $value if defined $value;
			}
		}
	}
	return @lines;
}

my $file = shift or die "usage: tables.pl FILE <RECORDS\n";
my @names = @figures[grep { $_ % 2 == 0 } 0 .. $#figures];
my %figures = @figures;
read_records();
show_figure($_, $figures{$_}) for @names;

open my $out, '>', $file or die "tables.pl: $file: $!\n";
for my $line (map { json_lines($_) } @names) {
	print $line;
	print $out $line;
}
close $out or die "tables.pl: $file: $!\n";
