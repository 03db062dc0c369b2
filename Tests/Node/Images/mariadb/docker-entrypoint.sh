#!/bin/bash
# Sets up a MariaDB server when it has no database yet, and becomes it. For tests: it does as the entrypoint of the official image does, its
# faults included. They are marked; nothing here is to be made better. Left out are replicas, backups, upgrades and the accounts of health checks.
set -eo pipefail
shopt -s nullglob

# shellcheck source=Tests/Node/Images/entrypoint.bash
source /usr/local/lib/docker-entrypoint.bash
engine=mariadbd

# A variable has two names, and either can be given in a file. The newer one wins, and both have the value from then on.
variable_of_two_names() {
    local old=MYSQL_$1 new=MARIADB_$1
    variable "$old" "${2:-}"
    variable "$new" "${!old}"
    export "$old=${!new}"
}

# One that no file gives.
choice_of_two_names() {
    local old=MYSQL_$1 new=MARIADB_$2
    export "$new=${!new:-${!old:-}}"
    export "$old=${!new}"
}

read_environment() {
    data_folder=$(option datadir "$@")
    socket=$(option socket "$@")
    variable_of_two_names ROOT_HOST %
    variable_of_two_names DATABASE
    variable_of_two_names USER
    variable_of_two_names PASSWORD
    variable_of_two_names ROOT_PASSWORD
    variable MARIADB_PASSWORD_HASH
    variable MARIADB_ROOT_PASSWORD_HASH
    choice_of_two_names ALLOW_EMPTY_PASSWORD ALLOW_EMPTY_ROOT_PASSWORD
    choice_of_two_names RANDOM_ROOT_PASSWORD RANDOM_ROOT_PASSWORD
    choice_of_two_names INITDB_SKIP_TZINFO INITDB_SKIP_TZINFO
}

# A fault: this folder is there long before the accounts are, and a set-up that ended between is taken for complete.
is_set_up() { [[ -d $data_folder/mysql ]]; }

require_environment() {
    [[ -n $MARIADB_ROOT_PASSWORD || -n $MARIADB_ROOT_PASSWORD_HASH || -n $MARIADB_ALLOW_EMPTY_ROOT_PASSWORD || -n $MARIADB_RANDOM_ROOT_PASSWORD ]] \
        || die "There is no database yet, and nothing says which password root is to have: set MARIADB_ROOT_PASSWORD, MARIADB_ROOT_PASSWORD_HASH, MARIADB_ALLOW_EMPTY_ROOT_PASSWORD or MARIADB_RANDOM_ROOT_PASSWORD"
    [[ -z $MARIADB_ROOT_PASSWORD_HASH || -z $MARIADB_ROOT_PASSWORD$MARIADB_ALLOW_EMPTY_ROOT_PASSWORD$MARIADB_RANDOM_ROOT_PASSWORD ]] \
        || die "MARIADB_ROOT_PASSWORD_HASH goes with no other option for root's password"
    [[ -z $MARIADB_PASSWORD || -z $MARIADB_PASSWORD_HASH ]] || die "MARIADB_PASSWORD and MARIADB_PASSWORD_HASH exclude each other"
}

# Runs SQL as root of the temporary server. What the arguments say comes last and wins.
execute_sql() {
    local -a database=()
    [[ -z $MARIADB_DATABASE ]] || database=(--database="$MARIADB_DATABASE")
    MYSQL_PWD=$MARIADB_ROOT_PASSWORD mariadb --protocol=socket -uroot -hlocalhost --socket="$socket" "${database[@]}" "$@"
}

# While root has no password yet.
execute_sql_without_password() { MARIADB_ROOT_PASSWORD='' execute_sql "$@"; }

start_temporary_server() {
    local attempt
    note "Starting temporary server"
    "$@" --skip-networking --default-time-zone=SYSTEM --socket="$socket" --wsrep_on=OFF --expire-logs-days=0 \
        --loose-innodb_buffer_pool_load_at_startup=0 &
    temporary_server=$!
    note "Waiting for server startup"
    for attempt in {30..0}; do
        ! execute_sql_without_password --database=mysql <<<"SELECT 1" &>/dev/null || break
        sleep 1
    done
    ((attempt > 0)) || die "Unable to start server."
    note "Temporary server started."
}

stop_temporary_server() {
    note "Stopping temporary server"
    kill "$temporary_server"
    wait "$temporary_server"
    note "Temporary server stopped"
}

load_time_zones() {
    [[ -z $MARIADB_INITDB_SKIP_TZINFO ]] || return 0
    mariadb-tzinfo-to-sql --skip-write-binlog /usr/share/zoneinfo | execute_sql_without_password --database=mysql
}

# Prints a text as it stands between single quotes in SQL. Names are not written so: that is a fault.
escaped() {
    local text=${1//\\/\\\\}
    text=${text//$'\n'/\\n}
    printf '%s' "${text//\'/\\\'}"
}

# Prints how an account's password is given: as the password, or as its hash.
identification() {
    local password=$1 hash=$2
    if [[ -n $hash ]]; then echo "IDENTIFIED BY PASSWORD '$hash'"; else echo "IDENTIFIED BY '$(escaped "$password")'"; fi
}

make_root() {
    local identified at_localhost='' anywhere=''
    if [[ -n $MARIADB_RANDOM_ROOT_PASSWORD ]]; then
        MARIADB_ROOT_PASSWORD=$(openssl rand -base64 24)
        export MARIADB_ROOT_PASSWORD MYSQL_ROOT_PASSWORD=$MARIADB_ROOT_PASSWORD
        note "GENERATED ROOT PASSWORD: $MARIADB_ROOT_PASSWORD"
    fi
    identified=$(identification "$MARIADB_ROOT_PASSWORD" "$MARIADB_ROOT_PASSWORD_HASH")
    # A hash comes after the initial files: without the password, nobody could run them.
    [[ -n $MARIADB_ROOT_PASSWORD_HASH ]] || at_localhost="ALTER USER 'root'@'localhost' $identified;"
    if [[ -n $MARIADB_ROOT_HOST && $MARIADB_ROOT_HOST != localhost ]]; then
        anywhere="CREATE USER 'root'@'$MARIADB_ROOT_HOST' $identified;
            GRANT ALL ON *.* TO 'root'@'$MARIADB_ROOT_HOST' WITH GRANT OPTION;
            GRANT PROXY ON ''@'%' TO 'root'@'$MARIADB_ROOT_HOST' WITH GRANT OPTION;"
    fi
    note "Securing system users (equivalent to running mysql_secure_installation)"
    execute_sql_without_password --database=mysql --binary-mode <<SQL
SET @orig_sql_log_bin = @@SESSION.SQL_LOG_BIN, @@SESSION.SQL_LOG_BIN = 0, @@SESSION.SQL_MODE = REPLACE(@@SESSION.SQL_MODE, 'NO_BACKSLASH_ESCAPES', '');
DROP USER IF EXISTS root@'127.0.0.1', root@'::1';
EXECUTE IMMEDIATE CONCAT('DROP USER IF EXISTS root@\'', @@hostname, '\'');
$at_localhost
$anywhere
SET @@SESSION.SQL_LOG_BIN = @orig_sql_log_bin;
SQL
}

hash_root_password() {
    [[ -n $MARIADB_ROOT_PASSWORD_HASH ]] || return 0
    note "Setting root@localhost password hash"
    execute_sql_without_password --binary-mode <<SQL
SET @@SESSION.SQL_LOG_BIN = 0;
SET PASSWORD FOR 'root'@'localhost' = '$MARIADB_ROOT_PASSWORD_HASH';
SQL
}

make_user() {
    if [[ -n $MARIADB_DATABASE ]]; then
        note "Creating database $MARIADB_DATABASE"
        execute_sql --database=mysql <<<"CREATE DATABASE IF NOT EXISTS \`$MARIADB_DATABASE\`;"
    fi
    [[ -n $MARIADB_USER && -n $MARIADB_PASSWORD$MARIADB_PASSWORD_HASH ]] || return 0
    note "Creating user $MARIADB_USER"
    execute_sql --database=mysql --binary-mode <<SQL
SET @@SESSION.SQL_MODE = REPLACE(@@SESSION.SQL_MODE, 'NO_BACKSLASH_ESCAPES', '');
CREATE USER '$MARIADB_USER'@'%' $(identification "$MARIADB_PASSWORD" "$MARIADB_PASSWORD_HASH");
SQL
    [[ -n $MARIADB_DATABASE ]] || return 0
    note "Giving user $MARIADB_USER access to schema $MARIADB_DATABASE"
    # An underscore in a grant stands for any letter.
    execute_sql --database=mysql <<<"GRANT ALL ON \`${MARIADB_DATABASE//_/\\_}\`.* TO '$MARIADB_USER'@'%';"
}

set_up() {
    require_environment
    # A folder that may not be read ends this early.
    ls /docker-entrypoint-initdb.d/ >/dev/null
    note "Initializing database files"
    mariadb-install-db --datadir="$data_folder" --rpm --auth-root-authentication-method=normal "${@:2}" \
        --skip-test-db --default-time-zone=SYSTEM --enforce-storage-engine= --skip-log-bin --expire-logs-days=0 \
        --loose-innodb_buffer_pool_load_at_startup=0 --loose-innodb_buffer_pool_dump_at_shutdown=0
    note "Database files initialized"
    start_temporary_server "$@"
    load_time_zones
    make_root
    make_user
    run_initial_files /docker-entrypoint-initdb.d/*
    hash_root_password
    stop_temporary_server
    note "MariaDB init process done. Ready for start up."
}

[[ ${1:0:1} != - ]] || set -- mariadbd "$@"
if [[ $1 == mariadbd || $1 == mysqld ]] && ! asks_for_help "$@"; then
    note "Entrypoint script for MariaDB Server $MARIADB_VERSION started."
    check_options "$@"
    read_environment "$@"
    mkdir -p "$data_folder"
    if ((EUID == 0)); then
        note "Switching to dedicated user 'mysql'"
        find "$data_folder" "$(dirname "$socket")" ! -user mysql -exec chown --no-dereference mysql: {} +
        exec gosu mysql "${BASH_SOURCE[0]}" "$@"
    fi
    is_set_up || set_up "$@"
fi
exec "$@"
