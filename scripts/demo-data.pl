#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# demo-data.pl DIR - put the demo's input into the folder DIR: the registries of
# the IEEE as they are, the index of all Debian packages as TSV, and for each of
# the two, in NAME.expected, what a map has to hold once they are loaded: a line
# with key, tab and value for each key, sorted by key, control characters
# escaped.  Where a key comes twice, the last one wins.
#
# This reads the same files as gomapctl does with code of its own: what the demo
# compares has to come from two places.
use strict;
use warnings;

my $dir = shift or die "usage: demo-data.pl DIR\n";
my @registries = map { "/usr/share/ieee-data/$_.csv" } qw(oui mam oui36);

sub slurp {
	my ($path) = @_;
	open my $in, '<:raw', $path or die "demo-data.pl: $path: $!\n";
	local $/;
	return scalar <$in>;
}

# Rows of CSV text: fields may be quoted, and then hold commas, line ends, and
# quotes written twice.
sub csv_rows {
	my ($text) = @_;
	my (@rows, @row);

	while ($text =~ /\G("(?:[^"]|"")*"|[^,\r\n]*)(,|\r?\n|\z)/g) {
		my ($field, $end) = ($1, $2);
		last if $end eq '' && $field eq '' && !@row;
		$field =~ s/""/"/g if $field =~ s/^"(.*)"$/$1/s;
		push @row, $field;
		next if $end eq ',';
		push @rows, [@row];
		@row = ();
	}
	return @rows;
}

sub escaped {
	my ($text) = @_;
	my %named = ("\n" => '\n', "\t" => '\t', "\r" => '\r', '\\' => '\\\\');

	$text =~ s/([\x00-\x1f\x7f\\])/$named{$1} || sprintf('\x%02x', ord $1)/ge;
	return $text;
}

sub write_file {
	my ($name, @lines) = @_;
	open my $out, '>:raw', "$dir/$name" or die "demo-data.pl: $dir/$name: $!\n";
	print $out @lines;
	close $out or die "demo-data.pl: $dir/$name: $!\n";
}

sub write_expected {
	my ($name, @entries) = @_;
	my %last = map { $_->[0] => $_->[1] } @entries;

	write_file("$name.expected",
		map { escaped($_) . "\t" . escaped($last{$_}) . "\n" } sort keys %last);
	write_file("$name.rows", scalar(@entries) . "\n");
}

# In the order in which the demo loads them.
my @vendors;
for my $path (@registries) {
	my $text = slurp($path);
	my (undef, @rows) = csv_rows($text);
	push @vendors, map { [ $_->[1], $_->[2] ] } @rows;
	write_file(($path =~ m{([^/]+)$})[0], $text);
}
write_expected('vendors', @vendors);

my (@packages, $package);
open my $index, '-|', 'apt-cache', 'dumpavail' or die "demo-data.pl: apt-cache: $!\n";
while (<$index>) {
	if (/^Package: (\S+)/) {
		$package = $1;
	} elsif (/^Version: (\S+)/ && defined $package) {
		push @packages, [ $package, $1 ];
		undef $package;
	}
}
close $index or die "demo-data.pl: apt-cache dumpavail failed\n";
die "demo-data.pl: no package is known: apt-get update?\n" unless @packages;
write_file('packages.tsv', map { "$_->[0]\t$_->[1]\n" } @packages);
write_expected('packages', @packages);
