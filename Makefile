# SPDX-License-Identifier: GPL-2.0-or-later
# Thin: everything real is in meson.build. BUILD=dir uses another build folder.
BUILD ?= build
SHELL = /bin/sh
MESON_TEST = meson test -C $(BUILD) --print-errorlogs

all: $(BUILD)/build.ninja
	ninja -C $(BUILD)

$(BUILD)/build.ninja:
	scripts/install-deps.sh
	./configure --build-dir=$(BUILD)

run: all
	scripts/demo --build=$(BUILD)

check: all
	scripts/run-tests $(BUILD)

check-unit check-qtest check-interop check-functional check-fuzz: all
	scripts/run-tests $(BUILD) --suite $(@:check-%=%) $(ALSO)

# Whole guest systems take minutes; `make check` leaves them out.
check-functional: ALSO = --also guests

bench: all
	ninja -C $(BUILD) benchmark

install: all
	meson install -C $(BUILD)

clean:
	rm -rf $(BUILD)

.PHONY: all run check check-unit check-qtest check-interop check-functional check-fuzz bench install clean
