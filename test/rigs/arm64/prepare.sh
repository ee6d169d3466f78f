#!/bin/bash
# prepare.sh <folder>: Debian's Node, kernel and busybox for arm64, as `arm64-machine.mjs` starts them: `root` (a folder
# of files), `kernel` and `initrd.gz`. Uses a private state of apt; the machine's own is not changed. About a minute and
# 200 MB. Needs qemu-user (cpio of busybox) and, for the machine itself, qemu-system-arm.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1" && cd "$1"
state=$PWD/apt
mkdir -p "$state"/{etc/preferences.d,etc/sources.list.d,state/lists/partial,cache/archives/partial} root kernel-files busybox-files
: > "$state/status"
cp /etc/apt/sources.list.d/debian.sources "$state/etc/sources.list.d/"
cat > "$state/apt.conf" <<C
APT::Architecture "arm64"; APT::Architectures { "arm64"; }; APT::Install-Recommends "false"; APT::Sandbox::User "root";
Dir::State "$state/state"; Dir::State::status "$state/status"; Dir::Cache "$state/cache"; Dir::Cache::pkgcache "";
Dir::Etc::sourcelist "/dev/null"; Dir::Etc::sourceparts "$state/etc/sources.list.d"; Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "$state/etc/preferences.d"; Acquire::Languages "none"; DPkg::Post-Invoke-Success "";
C
export APT_CONFIG=$state/apt.conf
apt-get update -qq
apt-get install -y --download-only -qq nodejs libstdc++6 > /dev/null
for file in "$state"/cache/archives/*.deb; do dpkg-deb -x "$file" root; done
for name in bin lib sbin; do ln -sfn "usr/$name" "root/$name"; done # a script of base-files would make these
image=$(apt-cache search --names-only '^linux-image-[0-9.]+\+deb13-cloud-arm64$' | cut -d' ' -f1 | sort -V | tail -1)
apt-get download -qq "$image" busybox-static
dpkg-deb -x "$image"_*.deb kernel-files
dpkg-deb -x busybox-static_*.deb busybox-files
cp kernel-files/boot/vmlinuz-* kernel
cp busybox-files/usr/bin/busybox root/usr/bin/
mkdir -p root/{proc,sys,dev,tmp,new,opt} initrd/{bin,mods,new,proc,sys,dev}
cp busybox-files/usr/bin/busybox initrd/bin/
for module in drivers/block/virtio_blk net/core/failover drivers/net/net_failover drivers/net/virtio_net; do
  xz -dc kernel-files/usr/lib/modules/*/kernel/$module.ko.xz > "initrd/mods/$(basename $module).ko"
done
install -m 755 "$here/initrd-init" initrd/init
(cd initrd && find . | qemu-aarch64 ../busybox-files/usr/bin/busybox cpio -o -H newc 2> /dev/null) | gzip > initrd.gz
