# SPDX-License-Identifier: GPL-2.0-only
#
# The human's view of the tree; `make help` lists what there is.  What the
# kernel's build sees is in Kbuild.

VERSION := $(shell sed -n 's/^GOMAP_VERSION := //p' Kbuild)
PREFIX ?= /usr/local
# Looked up when it is used: the headers may have been installed on the way.
KDIR ?= $(shell scripts/kernel-dir.sh)
RELEASE = $(shell sed -n 's/^.define UTS_RELEASE "\(.*\)"/\1/p' \
		$(KDIR)/include/generated/utsrelease.h)
KBUILD = $(MAKE) -C $(KDIR) M=$(CURDIR) W=1

.DEFAULT_GOAL := all
.SUFFIXES:
.NOTPARALLEL:
.PHONY: all module user check test test-long test-uml test-rt litmus tsan \
	kcsan torture lin faults mutants bench bench-kernel demo shell coverage \
	lint dkms-check dkms-install install uninstall clean help

## all: the module, the library and the tool (what plain `make` does)
all: module user

## module: gomap.ko, for KDIR=/path/to/kernel/build (found by itself)
module:
	@scripts/deps.sh build
	$(KBUILD) modules

## user: libgomap and gomapctl
user:
	@scripts/deps.sh user
	$(MAKE) -C userspace GOMAP_VERSION=$(VERSION)

## check: the tests that need neither root nor a VM
check:
	@scripts/run-tests.sh tree lint host user readme

## test: all tests, those in a VM included; SUITES="host vm" runs these only
test:
	@scripts/run-tests.sh $(SUITES)

## test-uml: the kernel side in a debug kernel that runs as a process
test-uml:
	@scripts/run-tests.sh uml uml-rules

## test-rt: the kernel side in the distribution's PREEMPT_RT kernel, in a VM
test-rt:
	@scripts/run-tests.sh rt

## litmus: the hand-overs between CPUs, each with a broken twin, by herd7
litmus:
	@scripts/run-tests.sh litmus

## torture: readers, writers, iterations and resizes against each other
torture:
	@scripts/run-tests.sh torture

## lin: histories of operations, each searched for an order that explains it
lin:
	@scripts/run-tests.sh checker lin

## faults: each operation with its 1st, 2nd, ... allocation or copy failing
faults:
	@scripts/run-tests.sh faults

## tsan: threads against each other under ThreadSanitizer
tsan:
	@scripts/run-tests.sh tsan

## kcsan: the kernel side in a kernel with the data race detector (an hour)
kcsan:
	@scripts/run-tests.sh kcsan

## mutants: which test notices which of many broken builds; QUICK=1 for a tenth
mutants:
	@scripts/run-tests.sh $(if $(QUICK),mutants,all-mutants)

## test-long: what of all this takes hours
test-long:
	@scripts/run-tests.sh all-mutants histories kcsan soak

## bench: how fast gomap is beside other tables, what can be counted of that, and
## what memory they take, here and in a kernel; FIGURE=speed, FIGURE=counts or
## FIGURE=memory alone, QUICK=1 for small tables
bench:
	@[ -n "$(FIGURE:speed=)" ] || scripts/speed.sh $(if $(QUICK),--quick)
	@[ -n "$(FIGURE:counts=)" ] || scripts/speed.sh counts
	@[ -n "$(filter speed counts,$(FIGURE))" ] || scripts/bench.sh $(FIGURE)

## bench-kernel: gomap beside the tables of a kernel, in it, and its system calls;
## SIZES=1000,1000000 entries, ROUNDS=7, BARRIERS=x86 as on hardware
bench-kernel:
	@scripts/bench.sh kernel

## demo: real data through a real kernel, in a VM; KEEP=1 leaves you in it,
## WHERE=host uses the running kernel instead
demo:
	@scripts/demo.sh $(if $(KEEP),--keep) $(if $(filter host,$(WHERE)),--host)

## shell: a prompt in a VM with the module loaded and the tool at hand
shell:
	@scripts/demo.sh --shell

## coverage: line coverage of core and arena by the host tests
coverage:
	@scripts/deps.sh host
	selftests/host/coverage.sh

## lint: sparse, checkpatch, kernel-doc, layers, shellcheck, codespell, mandoc
lint:
	@scripts/run-tests.sh tree lint

## dkms-check: build, install and remove by DKMS, in throwaway folders
dkms-check:
	@scripts/run-tests.sh dkms

## dkms-install: hand the sources to DKMS, which builds for each kernel (root)
dkms-install:
	@scripts/deps.sh build dkms
	scripts/dkms-source.sh /usr/src/gomap-$(VERSION)
	dkms install gomap/$(VERSION)

## install: the module and the user side, below DESTDIR (default: the machine)
install: all
	install -D -m 644 gomap.ko \
		$(DESTDIR)/lib/modules/$(RELEASE)/updates/gomap.ko
	$(if $(DESTDIR),,depmod $(RELEASE))
	$(MAKE) -C userspace install GOMAP_VERSION=$(VERSION) \
		PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)

## uninstall: the reverse of install
uninstall:
	rm -f $(DESTDIR)/lib/modules/$(RELEASE)/updates/gomap.ko
	$(if $(DESTDIR),,depmod $(RELEASE))
	$(MAKE) -C userspace uninstall GOMAP_VERSION=$(VERSION) \
		PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)

## clean: remove all that was built here
clean:
	-$(KBUILD) CONFIG_GOMAP_TEST=m clean
	$(MAKE) -C userspace clean
	$(MAKE) -C selftests clean
	$(MAKE) -C selftests/host clean
	rm -rf build

## help: this list
help:
	@echo 'gomap $(VERSION): Go'"'"'s map as a Linux kernel module'
	@echo
	@sed -n -e 's/^## \([a-z-]*\): /make \1@/p' -e 's/^## /@/p' Makefile | \
		awk -F@ '{ printf "  %-19s%s\n", $$1, $$2 }'
