#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs what the build and the tests need on Debian 12. Safe to run again: does nothing when all is there.
#   install-deps.sh [--build|--all]     --build: only what compiling needs (default --all)
set -eu

build="g++ clang meson ninja-build pkg-config ccache make python3 libglib2.0-dev libpixman-1-dev zlib1g-dev
       libfmt-dev libslirp-dev libpng-dev libcapstone-dev libseccomp-dev"
# Guests' arithmetic where it cannot run on the host's own units; the tests want it everywhere.
[ "$(dpkg --print-architecture)" = amd64 ] || build="$build libmpfr-dev"
tests="libmpfr-dev libgtest-dev libbenchmark-dev libclang-rt-14-dev clang-format-14 git qemu-system-x86 seabios ipxe-qemu
       linux-image-cloud-amd64 linux-image-amd64 busybox-static cpio gzip groff-base xorriso grub-pc-bin grub-common
       isolinux kexec-tools syslinux-common e2fsprogs mtools memtest86+ debian-installer-12-netboot-amd64"

case "${1:---all}" in
--build) want="$build" ;;
--all) want="$build $tests" ;;
*) echo "usage: install-deps.sh [--build|--all]" >&2; exit 1 ;;
esac

missing=""
for p in $want; do
    dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
done
[ -n "$missing" ] || exit 0
echo "installing:$missing"
sudo=""
[ "$(id -u)" = 0 ] || sudo=sudo
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
# shellcheck disable=SC2086
$sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
