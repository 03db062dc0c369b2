#!/bin/bash
# Sets up a MySQL server when it has no database yet, and becomes it. For tests: it does as the entrypoint of the official image does, its
# faults included. They are marked; nothing here is to be made better.
set -eo pipefail
shopt -s nullglob

# shellcheck source=Tests/Node/Images/entrypoint.bash
source /usr/local/lib/docker-entrypoint.bash
engine=mysqld
# Where the binary log is on, asking for help writes this file.
help_options+=(--log-bin-index="$(mktemp --dry-run)")

read_environment() {
    data_folder=$(option datadir "$@")
    socket=$(option socket "$@")
    variable MYSQL_ROOT_HOST %
    variable MYSQL_DATABASE
    variable MYSQL_USER
    variable MYSQL_PASSWORD
    variable MYSQL_ROOT_PASSWORD
}

# A fault: this folder is there long before the accounts are, and a set-up that ended between is taken for complete.
is_set_up() { [[ -d $data_folder/mysql ]]; }

prepare_folders() {
    local -a folders=("$data_folder" "$(dirname "$socket")")
    local name value
    for name in general-log-file keyring_file_data pid-file secure-file-priv slow-query-log-file; do
        value=$(option "$name" "$@")
        case $name in
        # A folder; the others name a file. A relative one is in the data folder.
        secure-file-priv) ;;
        *) value=$(dirname "$value") ;;
        esac
        [[ $value != /?* ]] || folders+=("$value")
    done
    give_folders_to_server "${folders[@]}"
}

require_environment() {
    [[ -n $MYSQL_ROOT_PASSWORD || -n $MYSQL_ALLOW_EMPTY_PASSWORD || -n $MYSQL_RANDOM_ROOT_PASSWORD ]] \
        || die "There is no database yet, and nothing says which password root is to have: set MYSQL_ROOT_PASSWORD, MYSQL_ALLOW_EMPTY_PASSWORD or MYSQL_RANDOM_ROOT_PASSWORD"
    [[ $MYSQL_USER != root ]] || die "MYSQL_USER can't be root: it is for a user beside it"
    if [[ -n $MYSQL_USER && -z $MYSQL_PASSWORD ]]; then
        warn "MYSQL_USER is set without MYSQL_PASSWORD: no user is made"
    elif [[ -z $MYSQL_USER && -n $MYSQL_PASSWORD ]]; then
        warn "MYSQL_PASSWORD is set without MYSQL_USER: no user is made"
    fi
}

# Prints options for the clients: root's password, which no list of processes shows then. A fault: it is not escaped.
root_options() { [[ -z $MYSQL_ROOT_PASSWORD ]] || printf '[client]\npassword="%s"\n' "$MYSQL_ROOT_PASSWORD"; }

# Runs SQL as root of the temporary server. What the arguments say comes last and wins.
execute_sql() {
    local -a database=()
    [[ -z $MYSQL_DATABASE ]] || database=(--database="$MYSQL_DATABASE")
    mysql --defaults-extra-file=<(root_options) --protocol=socket -uroot -hlocalhost --socket="$socket" --comments "${database[@]}" "$@"
}

# While root has no password yet.
execute_sql_without_password() { MYSQL_ROOT_PASSWORD='' execute_sql "$@"; }

# It is ready when the command is back.
start_temporary_server() {
    note "Starting temporary server"
    "$@" --daemonize --skip-networking --default-time-zone=SYSTEM --socket="$socket" || die "Unable to start server."
    note "Temporary server started."
}

stop_temporary_server() {
    note "Stopping temporary server"
    mysqladmin --defaults-extra-file=<(root_options) shutdown -uroot --socket="$socket" || die "Unable to shut down server."
    note "Temporary server stopped"
}

# Programs that know nothing of the options look for the server where it is without any.
link_default_socket() {
    local default
    default=$(option socket mysqld --no-defaults)
    [[ $default == "$socket" ]] || ln -sfTv "$socket" "$default" || true
}

load_time_zones() {
    [[ -z $MYSQL_INITDB_SKIP_TZINFO ]] || return 0
    # The client takes the word that is no time zone's description for too long a name.
    mysql_tzinfo_to_sql /usr/share/zoneinfo | sed 's/Local time zone must be set--see zic manual page/FCTY/' \
        | execute_sql_without_password --database=mysql
}

# A fault: names and passwords stand in the SQL as they are. One with a quote in it ends this, and the next start takes the database for complete.
make_root() {
    local anywhere=
    if [[ -n $MYSQL_RANDOM_ROOT_PASSWORD ]]; then
        MYSQL_ROOT_PASSWORD=$(openssl rand -base64 24)
        export MYSQL_ROOT_PASSWORD
        note "GENERATED ROOT PASSWORD: $MYSQL_ROOT_PASSWORD"
    fi
    if [[ -n $MYSQL_ROOT_HOST && $MYSQL_ROOT_HOST != localhost ]]; then
        anywhere="CREATE USER 'root'@'$MYSQL_ROOT_HOST' IDENTIFIED BY '$MYSQL_ROOT_PASSWORD';
            GRANT ALL ON *.* TO 'root'@'$MYSQL_ROOT_HOST' WITH GRANT OPTION;"
    fi
    execute_sql_without_password --database=mysql <<SQL
SET autocommit = 1;
SET @@SESSION.SQL_LOG_BIN = 0;
ALTER USER 'root'@'localhost' IDENTIFIED BY '$MYSQL_ROOT_PASSWORD';
GRANT ALL ON *.* TO 'root'@'localhost' WITH GRANT OPTION;
FLUSH PRIVILEGES;
$anywhere
DROP DATABASE IF EXISTS test;
SQL
}

make_user() {
    if [[ -n $MYSQL_DATABASE ]]; then
        note "Creating database $MYSQL_DATABASE"
        execute_sql --database=mysql <<<"CREATE DATABASE IF NOT EXISTS \`$MYSQL_DATABASE\`;"
    fi
    [[ -n $MYSQL_USER && -n $MYSQL_PASSWORD ]] || return 0
    note "Creating user $MYSQL_USER"
    execute_sql --database=mysql <<<"CREATE USER '$MYSQL_USER'@'%' IDENTIFIED BY '$MYSQL_PASSWORD';"
    [[ -n $MYSQL_DATABASE ]] || return 0
    note "Giving user $MYSQL_USER access to schema $MYSQL_DATABASE"
    # An underscore in a grant stands for any letter.
    execute_sql --database=mysql <<<"GRANT ALL ON \`${MYSQL_DATABASE//_/\\_}\`.* TO '$MYSQL_USER'@'%';"
}

expire_root_password() {
    [[ -n $MYSQL_ONETIME_PASSWORD ]] || return 0
    execute_sql --database=mysql <<<"ALTER USER 'root'@'%' PASSWORD EXPIRE;"
}

set_up() {
    require_environment
    # A folder that may not be read ends this early.
    ls /docker-entrypoint-initdb.d/ >/dev/null
    note "Initializing database files"
    "$@" --initialize-insecure --default-time-zone=SYSTEM
    note "Database files initialized"
    start_temporary_server "$@"
    link_default_socket
    load_time_zones
    make_root
    make_user
    run_initial_files /docker-entrypoint-initdb.d/*
    expire_root_password
    stop_temporary_server
    note "MySQL init process done. Ready for start up."
}

[[ ${1:0:1} != - ]] || set -- mysqld "$@"
if [[ $1 == mysqld ]] && ! asks_for_help "$@"; then
    note "Entrypoint script for MySQL Server $MYSQL_VERSION started."
    check_options "$@"
    read_environment "$@"
    prepare_folders "$@"
    if ((EUID == 0)); then
        note "Switching to dedicated user 'mysql'"
        exec gosu mysql "${BASH_SOURCE[0]}" "$@"
    fi
    if is_set_up; then link_default_socket; else set_up "$@"; fi
fi
exec "$@"
