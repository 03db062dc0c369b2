import JSON

/// What makes a new database: an init container of the server's own image, before the server starts.
///
/// The image's entrypoint takes a folder that it has begun for a database that is complete. A kill in between would leave one that never starts, or one
/// whose root has no password. So the database is made in a folder of another name, which is renamed when everything is done, and what was not
/// completed is made again from nothing. What the entrypoint offers (`MYSQL_DATABASE`, files of `/docker-entrypoint-initdb.d`) works as ever, since it is
/// the entrypoint that is run.
///
/// The name of that folder must not begin with a dot: InnoDB does not find its files in such a folder again. It is another one each time, and what
/// another attempt has begun is renamed before it is removed: a pod that was deleted by force may still be at work on the same volume, and must not
/// rename what is not its own, or what is half removed.
///
/// Invariant: the folder `mysql` of the volume holds a database whose root has the password of the Secret, or it is not there.
struct Initialization: Sendable {
    static let container = "initialize"
    /// Where the root of the volume is in the init container.
    private static let volume = "/var/lib/dbmmo"

    /// Read by bash as process 1, to which the kernel sends no signal that it does not wait for.
    ///
    /// The password goes to the server by way of `QUOTE`, so that it may have any characters, and is on no command line. Until it is set, root has one
    /// that nobody knows. The character set is named, since a client goes by the locale otherwise: in the one of containers, `POSIX`, a statement in
    /// UTF-8 would become one in latin1, and with it the password.
    static let script = #"""
        set -eu
        cd "$1"
        umask 027
        fail() { echo "$*" | tee /dev/termination-log >&2; exit 1; }
        # Which server it is, for `status.version`.
        succeed() { timeout 10 mysqld --version >/dev/termination-log 2>/dev/null || true; exit 0; }

        if [ -d mysql ]; then
            # Folders that a kubelet made for a mount, and that hold nothing, are no database.
            rmdir mysql 2>/dev/null || succeed
        fi
        for entry in * .[!.]*; do
            case $entry in
            '*' | '.[!.]*' | lost+found | dbmmo-new.* | dbmmo-old.*) ;;
            *)
                fail "The volume is not empty ($entry), and has no folder mysql, where the database is to be." \
                    "Nothing is made beside files of others. Move a restored database into that folder, or use an empty volume"
                ;;
            esac
        done

        # With process 1 all others of the container end.
        trap 'exit 143' TERM INT
        [ -n "$MYSQL_ROOT_PASSWORD" ] || fail "The password in the Secret is empty"
        for entry in dbmmo-new.*; do
            [ ! -d "$entry" ] || mv -T "$entry" "dbmmo-old.${entry#*.}" 2>/dev/null || true
        done
        rm -rf dbmmo-old.*
        new=$(mktemp -d dbmmo-new.XXXXXX)
        chmod 750 "$new"
        password=$MYSQL_ROOT_PASSWORD
        MYSQL_ROOT_PASSWORD=$(od -An -N 16 -t x1 /dev/urandom | tr -d ' \n')
        export MYSQL_ROOT_PASSWORD
        unset MYSQL_ROOT_PASSWORD_FILE MYSQL_RANDOM_ROOT_PASSWORD MYSQL_ALLOW_EMPTY_PASSWORD MYSQL_ONETIME_PASSWORD
        socket=/tmp/dbmmo-initialize.sock
        docker-entrypoint.sh mysqld --datadir="$1/$new" --skip-networking --loose-mysqlx=OFF \
            --socket="$socket" --pid-file=/tmp/dbmmo-initialize.pid &
        server=$!
        client() {
            MYSQL_PWD=$MYSQL_ROOT_PASSWORD \
                mysql --no-defaults --default-character-set=utf8mb4 --protocol=socket --socket="$socket" --user=root \
                --batch --skip-column-names "$@"
        }
        # The entrypoint runs a server while it is not done yet. When it is, it becomes the server itself.
        until [ "$(cat "/proc/$server/comm" 2>/dev/null)" = mysqld ] && client --execute 'SELECT 1' >/dev/null 2>&1; do
            if ! kill -0 "$server" 2>/dev/null; then
                status=0
                wait "$server" || status=$?
                echo "The database could not be made: the entrypoint of the image ended with exit status $status" >&2
                exit 1
            fi
            sleep 0.2 &
            wait $!
        done
        # Also where the entrypoint made it for other hosts, and nowhere where it did not.
        {
            echo "SET SESSION sql_mode = '', SESSION sql_log_bin = 0;"
            echo "SET @password = CONVERT(FROM_BASE64('$(printf %s "$password" | base64 | tr -d '\n')') USING utf8mb4);"
            for host in $(client --execute "SELECT Host FROM mysql.user WHERE User = 'root'"); do
                echo "SET @statement = CONCAT('ALTER USER ''root''@''$host'' IDENTIFIED BY ', QUOTE(@password));"
                echo "PREPARE statement FROM @statement; EXECUTE statement;"
            done
        } | client
        kill -TERM "$server"
        wait "$server"
        sync
        # This fails where another attempt was faster, or has put ours aside: its database counts then.
        mv -T "$new" mysql
        sync
        succeed
        """#

    /// The series of the server, as `8.4`, by what the container has left; nil when it left nothing, as on pods that older releases made.
    ///
    /// - Parameter status: PodStatus (core/v1).
    static func serverVersion(in status: JSONValue?) -> String? {
        let own = status?["initContainerStatuses"]?.elements.first { $0["name"]?.isString(container) == true }
        guard let end = own?[path: ["state", "terminated"]], end["exitCode"]?.integer == 0, let message = end["message"]?.string,
            let version = message.split(separator: " ").drop(while: { $0 != "Ver" }).dropFirst().first
        else { return nil }
        let numbers = version.split(separator: ".").prefix(2).map { $0.prefix { $0.isASCII && $0.isNumber } }
        guard numbers.count == 2, numbers.allSatisfy({ (1...3).contains($0.count) }) else { return nil }
        return numbers.joined(separator: ".")
    }

    /// core/v1 Container
    ///
    /// - Parameter server: The members that it shares with the container of the server: image, environment, resources.
    static func container(like server: JSONTree) -> JSONTree {
        var container: JSONTree = [
            "name": .string(container),
            "command": ["bash", "-c", .string(script), "initialize", .string(volume)],
            "volumeMounts": [
                ["name": "data", "mountPath": .string(volume)],
                ["name": "config", "mountPath": "/etc/mysql/conf.d", "readOnly": true]
            ]
        ]
        container.merge(server)
        return container
    }
}
