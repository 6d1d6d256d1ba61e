set -e
PATH=$(echo /usr/lib/postgresql/*/bin):$PATH
PGDATA=/var/lib/postgresql/data/pgdata
if [ ! -e "$PGDATA/PG_VERSION" ]; then
    initdb --encoding=UTF8 --auth-local=trust --auth-host=scram-sha-256 --pgdata="$PGDATA" >/dev/null
    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
    echo "CREATE ROLE $POSTGRES_USER SUPERUSER LOGIN PASSWORD '$POSTGRES_PASSWORD';" |
        postgres --single -D "$PGDATA" postgres >/dev/null
    echo "CREATE DATABASE $POSTGRES_USER OWNER $POSTGRES_USER;" | postgres --single -D "$PGDATA" postgres >/dev/null
fi
exec postgres -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories=/tmp
