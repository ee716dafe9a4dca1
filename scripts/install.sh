#!/usr/bin/env bash
# Installs, with apt on Debian or Ubuntu, what building and running need and
# this machine lacks: a PostgreSQL server, Node.js, npm and two Chinese fonts, with
# which copies of gated files are marked and PDFs written. With --test also
# Chromium, for the browser tests. Whatever is already there is left alone, and
# nothing is started.
set -euo pipefail

readonly MIN_POSTGRES=15 MIN_NODE=18

say() { printf 'install: %s\n' "$*"; }

die() {
	printf 'install: %s\n' "$*" >&2
	exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# postgres_version prints the newest major version of a PostgreSQL server here.
postgres_version() {
	local bin
	for bin in /usr/lib/postgresql/*/bin/postgres "$(command -v postgres || true)"; do
		if [ -x "$bin" ]; then
			"$bin" --version
		fi
	done | sed -E 's/^[^0-9]*([0-9]+).*/\1/' | sort -n | tail -n 1
}

postgres_ok() {
	local version
	version=$(postgres_version)
	[ "${version:-0}" -ge "$MIN_POSTGRES" ]
}

node_ok() {
	local version
	have node || return 1
	version=$(node --version | sed -E 's/^v([0-9]+).*/\1/')
	[ "${version:-0}" -ge "$MIN_NODE" ]
}

# chromium_ok looks for the commands that internal/chromium knows.
chromium_ok() {
	have chromium-headless-shell || have chromium || have chromium-browser || have google-chrome || have google-chrome-stable
}

# chinese_font_ok looks for the fonts that internal/paper knows.
chinese_font_ok() {
	local file
	for file in opentype/noto/NotoSansCJK-Regular.ttc opentype/noto/NotoSerifCJK-Regular.ttc truetype/wqy/wqy-zenhei.ttc truetype/wqy/wqy-microhei.ttc; do
		if [ -e "/usr/share/fonts/$file" ]; then
			return
		fi
	done
	return 1
}

# pdf_font_ok looks for the fonts that internal/print writes PDFs with.
pdf_font_ok() {
	[ -e /usr/share/fonts/truetype/wqy/wqy-microhei.ttc ] || [ -e /usr/share/fonts/truetype/wqy/wqy-zenhei.ttc ]
}

# as_root runs a command as root, by sudo where it must.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

apt() {
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -q \
		-o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confold "$@"
}

# apt_knows tells whether the package index on this machine has every package.
apt_knows() {
	local package
	for package in "$@"; do
		apt-cache show --no-all-versions "$package" >/dev/null 2>&1 || return 1
	done
}

# apt_update tolerates a source that cannot be reached: the others may do.
apt_update() {
	say "refreshing the package index"
	apt update || say "some package sources could not be reached; going on with the others"
}

apt_install() {
	have apt-get || die "missing: $*. This script knows only Debian and Ubuntu; please install them yourself."
	if [ "$(id -u)" -ne 0 ] && ! have sudo; then
		die "missing: $*. Neither root nor sudo here; please run as root: apt-get install $*"
	fi
	say "installing $*"
	if apt_knows "$@"; then
		apt install --no-install-recommends "$@" && return
	fi
	apt_update
	apt install --no-install-recommends "$@" || die "apt could not install: $*"
}

# no_system_cluster keeps the PostgreSQL packages from creating and starting a
# database server of the machine: ours is private and lives in its own folder.
no_system_cluster() {
	local conf=/etc/postgresql-common/createcluster.conf
	if [ -e "$conf" ]; then
		return
	fi
	as_root mkdir -p "${conf%/*}"
	echo 'create_main_cluster = false' | as_root tee "$conf" >/dev/null
}

with_tests=no
case "${1:-}" in
'') ;;
--test) with_tests=yes ;;
*) die "usage: $0 [--test]" ;;
esac

have go || die "Go is missing; see https://go.dev/doc/install"

packages=()
postgres_ok || packages+=(postgresql)
node_ok || packages+=(nodejs)
have npm || packages+=(npm)
chinese_font_ok || packages+=(fonts-noto-cjk)
pdf_font_ok || packages+=(fonts-wqy-microhei)
if [ "$with_tests" = yes ]; then
	chromium_ok || packages+=(chromium-headless-shell)
fi
if [ "${#packages[@]}" -eq 0 ]; then
	exit 0
fi

postgres_ok || no_system_cluster
apt_install "${packages[@]}"

postgres_ok || die "PostgreSQL $MIN_POSTGRES or newer is needed, and apt offers only an older one; see https://www.postgresql.org/download/"
node_ok || die "Node.js $MIN_NODE or newer is needed, and the one found first in PATH is older; see https://nodejs.org/"
have npm || die "npm is still missing after the installation"
if [ "$with_tests" = yes ]; then
	chromium_ok || die "Chromium is still missing after the installation"
fi
chinese_font_ok || die "a Chinese font is still missing after the installation"
say "done"
