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
my (%ns, %spread, %longest, @cases, @subjects, @records);

while (<STDIN>) {
	next unless /"figure":"(.*?)",.*"case":"(.*?)","what":"(.*?)","value":([\d.]+)/;
	my ($figure, $case, $what, $value) = ($1, $2, $3, $4);
	push @records, $_;
	$spread{$case}{$what} = $value if $figure eq 'speed spread';
	$longest{$case}{$what} = $value if $figure eq 'longest';
	next unless $figure eq 'speed';
	push @cases, $case unless $ns{$case};
	push @subjects, $what unless grep { $_ eq $what } @subjects;
	$ns{$case}{$what} = $value;
}
my ($go) = grep { /^Go/ } @subjects;

# How often the second fits into the first; what is less than 1 is slower.
#	name, [of what, step], [to what, step], goals by size: at least
my @ratios = (
	['hit : rhashtable', ['rhashtable', 'hit'], ['gomap', 'hit'],
		{ '10^3' => 0.9, '10^6' => 1.8, '10^7' => 1.9 }],
	['hit, trusted keys : rhashtable', ['rhashtable', 'hit'],
		['gomap, trusted keys', 'hit'],
		{ '10^3' => 1.7, '10^6' => 2.0, '10^7' => 2.2 }],
	['miss : rhashtable', ['rhashtable', 'miss'], ['gomap', 'miss'],
		{ '10^3' => 0.9, '10^6' => 1.8, '10^7' => 1.9 }],
	["hit : Go", [$go, 'hit'], ['gomap', 'hit'],
		{ '10^3' => 1.7, '10^6' => 1.1, '10^7' => 1.3 }],
	['32 at once : rhashtable one by one', ['rhashtable', 'hit'],
		['gomap', 'hit, 32 at once'], { '10^6' => 4.5, '10^7' => 4.5 }],
	['insert, growing : rhashtable', ['rhashtable', 'insert, growing'],
		['gomap', 'insert, growing'],
		{ '10^3' => 1.5, '10^6' => 3, '10^7' => 3 }],
	["insert, growing : Go", [$go, 'insert, growing'],
		['gomap', 'insert, growing'], { '10^6' => 1.6, '10^7' => 1.6 }],
	['delete : rhashtable', ['rhashtable', 'delete'], ['gomap', 'delete'],
		{ '10^6' => 3, '10^7' => 2.5 }],
	['hit : boost, with trusted keys', ['boost flat map', 'hit'],
		['gomap, trusted keys', 'hit'],
		{ '10^3' => 0.4, '10^6' => 0.667, '10^7' => 0.667 }],
);
my @sizes = grep { my $size = $_; grep { /\Q$size\E$/ } @cases } '10^3', '10^6', '10^7';

sub ratio {
	my ($ratio, $size) = @_;
	my ($of, $to) = @$ratio[1, 2];
	return undef unless defined $of->[0];
	my $above = $ns{"$of->[1], $size"}{$of->[0]};
	my $below = $ns{"$to->[1], $size"}{$to->[0]};
	return $above && $below ? $above / $below : undef;
}

my ($goals, $reached) = (0, 0);
print "How many times as fast as its peers gomap is, keys and values of 8 bytes\n";
printf "  %-36s%s\n", '', join '', map { sprintf '%16s', $_ } @sizes;
for my $ratio (@ratios) {
	printf "  %-36s", $ratio->[0];
	for my $size (@sizes) {
		my $is = ratio($ratio, $size);
		my $goal = $ratio->[3]{$size};
		my $text = defined $is ? sprintf '%.2f', $is : '';
		if (defined $is) {
			push @records, sprintf
				"{\"figure\":\"speed ratio\",\"where\":\"host\",\"case\":\"%s\",\"what\":\"%s\",\"value\":%.3f}\n",
				$size, $ratio->[0], $is;
		}
		if (defined $is && defined $goal) {
			$goals++;
			$reached += $is >= $goal;
			$text .= sprintf ' %s %.2g', $is >= $goal ? '>=' : '<!', $goal;
		}
		printf '%16s', $text;
	}
	print "\n";
}
print "  goals: $reached of $goals reached\n\n";

print "Nanoseconds an operation, and how far the rounds spread in percent\n";
printf "  %-32s%s\n", '', join '', map { sprintf '%22s', $_ } @subjects;
for my $case (@cases) {
	printf "  %-32s%s\n", $case, join '', map {
		my $value = $ns{$case}{$_};
		sprintf '%22s', defined $value ?
			sprintf('%.1f (%d %%)', $value, $spread{$case}{$_} // 0) : '';
	} @subjects;
}

print "\nMicroseconds of one insert of a growing table\n";
my @parts = ('p50', 'p99', 'p99.9', 'p99.99', 'max');
printf "  %-32s%s\n", '', join '', map { sprintf '%12s', $_ } @parts;
for my $case (sort keys %longest) {
	printf "  %-32s%s\n", $case, join '', map { sprintf '%12.2f', $longest{$case}{$_} // 0 } @parts;
}

open my $out, '>', $file or die "$file: $!\n";
print $out @records;
close $out;

open $out, '>', $points or die "$points: $!\n";
my @bars = grep { $_ ne 'the machine' } @subjects;
for my $step ('hit', 'miss', 'hit, 32 at once', 'insert, growing', 'insert, presized', 'delete') {
	my @have = grep { $ns{"$step, $sizes[0]"}{$_} } @bars;
	print $out "## $step\n";
	print $out join("\t", 'entries', map { "\"$_\"" } @have), "\n";
	for my $size (@sizes) {
		print $out join("\t", $size, map { $ns{"$step, $size"}{$_} } @have), "\n";
	}
	print $out "\n\n";
}
close $out;
