#!/usr/bin/env bash
# Crawls a real WordPress: Debian's, with MariaDB and Apache on the loopback interface, filled from an export of our
# own. Everything must arrive: each post, each row, each comment; robots.txt is kept to, by the server's log; a
# second crawl sends conditional requests only and no unchanged body comes; a third brings what changed and nothing
# else; one that is killed loses and repeats nothing.
# Installs what it needs where it may (root, apt-get); exits 77 where that cannot be.
set -euo pipefail
cd "$(dirname "$0")/.."

needed() {
  command -v python3 >/dev/null && command -v php >/dev/null && [ -x /usr/sbin/apache2 ] && [ -x /usr/sbin/mariadbd ] &&
    [ -f /usr/share/wordpress/wp-load.php ] && [ -d /var/lib/wordpress/wp-content/themes/twentytwentyone ] &&
    php -m | grep -qi mysqli && ls /usr/lib/apache2/modules/libphp*.so >/dev/null 2>&1
}
if ! needed; then
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || { echo "WordPress is not here"; exit 77; }
  export DEBIAN_FRONTEND=noninteractive
  echo "installing WordPress, MariaDB and Apache by apt-get"
  { apt-get update && apt-get install -y --no-install-recommends wordpress wordpress-theme-twentytwentyone \
      mariadb-server apache2 libapache2-mod-php php-cli php-mysql php-xml; } >/dev/null 2>&1 ||
    { echo "WordPress cannot be installed here"; exit 77; }
  needed || { echo "WordPress is not whole"; exit 77; }
fi

# As the tests build it: examples bring the same features.
cargo build --locked --quiet --bin deepcut --example generate
bin=$PWD/target/debug/deepcut
tests=$PWD/tests/wordpress
work=$(mktemp -d)
chmod 755 "$work"
pids=()
cleanup() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap cleanup EXIT
export HOME=$work
cd "$work"

# The database: a folder and a socket of its own, no network.
me=$(id -un)
mariadb-install-db --no-defaults --user="$me" --datadir="$work/db" --auth-root-authentication-method=normal >/dev/null 2>&1
/usr/sbin/mariadbd --no-defaults --user="$me" --datadir="$work/db" --socket="$work/db.sock" --skip-networking \
  --pid-file="$work/db.pid" >"$work/db.log" 2>&1 &
pids+=($!)
for _ in $(seq 150); do [ -S "$work/db.sock" ] && break; sleep 0.2; done
mariadb --no-defaults -u root -S "$work/db.sock" -e "CREATE DATABASE wordpress CHARACTER SET utf8mb4;
  CREATE USER wp@localhost IDENTIFIED BY 'wp'; GRANT ALL ON wordpress.* TO wp@localhost;"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
url=http://127.0.0.1:$port

# The program's files are Debian's; settings, uploads and themes are ours.
cp -rL /usr/share/wordpress "$work/www"
rm -rf "$work/www/wp-content" && mkdir -p "$work/www/wp-content/themes"
cp -rL /var/lib/wordpress/wp-content/themes/twentytwentyone "$work/www/wp-content/themes/"
cat > "$work/www/wp-config.php" <<PHP
<?php
define('DB_NAME', 'wordpress'); define('DB_USER', 'wp'); define('DB_PASSWORD', 'wp');
define('DB_HOST', 'localhost:$work/db.sock'); define('DB_CHARSET', 'utf8mb4');
define('WP_HTTP_BLOCK_EXTERNAL', true); define('DISABLE_WP_CRON', true); define('AUTOMATIC_UPDATER_DISABLED', true);
\$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require ABSPATH . 'wp-settings.php';
PHP
export WORDPRESS=$work/www
python3 "$tests/export.py" "$url" "$work/export.xml"
php -d display_errors=stderr "$tests/fill.php" "$url" "$work/export.xml"

# The web server, whose log is the witness: path, status, what the request knew, bytes of the body.
modules=/usr/lib/apache2/modules
{
  for module in mpm_prefork authz_core dir mime rewrite; do
    [ -f $modules/mod_$module.so ] && echo "LoadModule ${module}_module $modules/mod_$module.so"
  done
  echo "LoadModule php_module $(ls $modules/libphp*.so | tail -1)"
  cat <<CONF
ServerName 127.0.0.1
Listen 127.0.0.1:$port
PidFile $work/apache.pid
ErrorLog $work/apache.log
Mutex file:$work
LogFormat "%U%q %>s %{If-None-Match}i %{If-Modified-Since}i %B" witness
CustomLog $work/access.log witness
DocumentRoot $work/www
DirectoryIndex index.php
TypesConfig /etc/mime.types
<FilesMatch "\.php$">
  SetHandler application/x-httpd-php
</FilesMatch>
<Directory $work/www>
  Require all granted
  RewriteEngine On
  RewriteRule ^index\.php$ - [L]
  RewriteCond %{REQUEST_FILENAME} !-f
  RewriteCond %{REQUEST_FILENAME} !-d
  RewriteRule . /index.php [L]
</Directory>
CONF
  if [ "$(id -u)" = 0 ]; then echo "User www-data"; echo "Group www-data"; fi
} > "$work/apache.conf"
[ -f /etc/mime.types ] || sed -i '/TypesConfig/d' "$work/apache.conf"
chmod 777 "$work/db.sock"
printf 'User-agent: *\nDisallow: /wp-admin/\nDisallow: /2016/05/\n\nUser-agent: deepcut\nDisallow: /wp-admin/\nDisallow: /*/found-tape-29/\nDisallow: /author/\n' \
  > "$work/www/robots.txt"
# In a group of its own: Apache ends its whole process group when it is told to end.
setsid /usr/sbin/apache2 -f "$work/apache.conf" -D FOREGROUND &
pids+=($!)
for _ in $(seq 100); do
  python3 -c "import urllib.request as u; u.urlopen('$url/robots.txt')" 2>/dev/null && break
  sleep 0.2
done

crawl() { "$bin" --index "$work/$1" crawl "$url/" --into "$work/posts-$1" --allow-private --delay 0 --format json "${@:2}"; }
# The process itself, not a shell before it, is what is killed.
begin() { exec "$bin" --index "$work/$1" crawl "$url/" --into "$work/posts-$1" --allow-private --delay 0 --no-index; }
"$bin" --index "$work/expected" index "$work/export.xml" --format json >/dev/null

: > "$work/access.log"
crawl full > "$work/first.json"
cp "$work/access.log" "$work/first.log"
: > "$work/access.log"
crawl full > "$work/second.json"
cp "$work/access.log" "$work/second.log"
sleep 1
php "$tests/change.php" "$url"
: > "$work/access.log"
crawl full > "$work/third.json"
cp "$work/access.log" "$work/third.log"

# The same again in pieces: killed at one moment after another, then let through.
: > "$work/access.log"
kills=0
for moment in 0.4 1.1 0.7 1.9 0.5 1.3 2.3 0.9; do
  begin pieces >/dev/null 2>&1 &
  pid=$!
  sleep "$moment"
  if kill -9 "$pid" 2>/dev/null; then kills=$((kills + 1)); fi
  wait "$pid" 2>/dev/null || true
done
crawl pieces > "$work/pieces.json"
cp "$work/access.log" "$work/pieces.log"

python3 "$tests/check.py" "$bin" "$work" "$kills"
