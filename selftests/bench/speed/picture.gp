# SPDX-License-Identifier: GPL-2.0-only
#
# picture.gp - what tables.pl prints, to be looked at: nanoseconds an operation, a
# panel for each operation, a group of bars for each size, a bar for each table.
set terminal svg size 1100,760 font "sans,12" background "white"
set output picture
set multiplot layout 2,3 title "Nanoseconds an operation, keys and values of 8 bytes"
set style data histogram
set style histogram clustered gap 1
set style fill solid 0.85 noborder
set grid ytics lc rgb "#dddddd"
set yrange [0:*]
set key top left samplen 1 font ",9"
do for [panel = 0:5] {
	stats points index panel using 2 nooutput
	set title system(sprintf("grep '^## ' '%s' | sed -n '%dp' | cut -c4-", points, panel + 1))
	plot for [column = 2:STATS_columns] points index panel \
		using column:xticlabels(1) title columnheader(column)
}
unset multiplot
