#!/usr/bin/perl
# Lets the libstdc++ of Debian 13 load beside the C library of Debian 12 (glibc 2.36). Of all it takes from glibc, only strtoul is newer:
# __isoc23_strtoul of glibc 2.38, which differs from the old one by reading "0b101" as well, and which libstdc++ needs for an environment
# variable alone. This file's copy is made to ask for the old one.
#   loosen-libstdcxx.pl <libstdc++.so.6>
use strict;
use warnings;

use constant { DYNSYM => 11, VERNEED => 0x6ffffffe, NEW => 'GLIBC_2.38', OLD => 'GLIBC_2.2.5', PREFIX => '__isoc23_' };

my ($path) = @ARGV;
open my $file, '<:raw', $path or die "$path can't be read: $!\n";
my $elf = do { local $/; <$file> };
substr($elf, 0, 6) eq "\x7fELF\x02\x01" or die "$path is no 64-bit library.\n";

my ($sections, $entry, $count) = unpack 'x40 Q< x10 S< S<', $elf;
my @sections = map { [unpack 'x4 L< x8 x8 Q< Q< L< L<', substr $elf, $sections + $_ * $entry, $entry] } 0 .. $count - 1;
my ($symbols) = grep { $_->[0] == DYNSYM } @sections;
my ($needed)  = grep { $_->[0] == VERNEED } @sections;
my $strings = $sections[$symbols->[3]][1];
sub text { my $at = $strings + shift; return substr $elf, $at, index($elf, "\0", $at) - $at }

# Symbols whose old name is the end of the new one.
for (my $at = $symbols->[1]; $at < $symbols->[1] + $symbols->[2]; $at += 24) {
    my ($name, $section) = unpack 'L< x2 S<', substr $elf, $at, 8;
    next if $section != 0 || index(text($name), PREFIX) != 0;
    text($name) eq PREFIX . 'strtoul' or die "$path needs " . text($name) . ", which is not known to be replaceable.\n";
    substr($elf, $at, 4) = pack 'L<', $name + length PREFIX;
}

# Their version: what asks for the new one asks for the old one (hash and name of its entry).
for (my $library = $needed->[1], my $left = $needed->[4]; $left > 0; $left--) {
    my ($versions, $first, $next) = unpack 'x2 S< x4 L< L<', substr $elf, $library, 16;
    my %at;
    for (my $version = $library + $first; $versions > 0; $versions--) {
        my ($name, $following) = unpack 'x8 L< L<', substr $elf, $version, 16;
        $at{ text($name) } = $version;
        $version += $following;
    }
    for my $name (grep { /^GLIBC_2\.(\d+)/ && $1 > 36 && $_ ne NEW } keys %at) { die "$path needs $name.\n" }
    if (my $version = $at{ +NEW }) {
        my $old = $at{ +OLD } or die "$path does not name " . OLD . ".\n";
        substr($elf, $version, 4)     = substr $elf, $old, 4;
        substr($elf, $version + 8, 4) = substr $elf, $old + 8, 4;
    }
    $library += $next;
}

open my $out, '>:raw', $path or die "$path can't be written: $!\n";
print {$out} $elf or die "$path can't be written: $!\n";
close $out or die "$path can't be written: $!\n";
