#!/bin/sh
# Writes a dump of the database that the PG* variables name into /backup (or
# the folder given), and then removes dumps older than BACKUP_DAYS. A dump has
# its name only when it is complete.
set -eu
folder=${1:-/backup}
file=$folder/market-$(date -u +%Y%m%dT%H%M%SZ).dump
pg_dump --format=custom --file="$file.part"
mv "$file.part" "$file"
find "$folder" -name 'market-*.dump*' -mtime "+$BACKUP_DAYS" -delete
