// Makes TLS connections to a port of the loopback address for some seconds, closing each after its handshake, and prints how many it made
// and how many seconds that took.
//
// Usage: handshakes PORT 1.2|1.3 full|resumed SECONDS
//
// Four threads, so that the server always has something to do. With "resumed" every handshake must resume the session of a first
// connection; one that does not ends the program with 1, as does any failure.

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { thread_count = 4 };

static SSL_CTX *context;
static struct sockaddr_in address;
static SSL_SESSION *session;
static double deadline;

static void fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    ERR_print_errors_fp(stderr);
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static SSL *open_connection(SSL_SESSION *resumed) {
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (descriptor < 0 || connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
    int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    SSL *connection = SSL_new(context);
    if (connection == NULL || SSL_set_fd(connection, descriptor) != 1) fail("SSL_new");
    if (resumed != NULL && SSL_set_session(connection, resumed) != 1) fail("SSL_set_session");
    if (SSL_connect(connection) != 1) fail("SSL_connect");
    return connection;
}

static void close_connection(SSL *connection) {
    // Without a shutdown, though a silent one, OpenSSL would not let the session be resumed again.
    SSL_set_quiet_shutdown(connection, 1);
    SSL_shutdown(connection);
    close(SSL_get_fd(connection));
    SSL_free(connection);
}

// With TLS 1.3 the ticket comes after the handshake, so that something has to be read first: the answer to a request.
static SSL_SESSION *first_session(void) {
    static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    SSL *connection = open_connection(NULL);
    char answer[1024];
    if (SSL_write(connection, request, sizeof request - 1) <= 0 || SSL_read(connection, answer, sizeof answer) <= 0) fail("no answer");
    SSL_SESSION *first = SSL_get1_session(connection);
    if (first == NULL || !SSL_SESSION_is_resumable(first)) fail("no session that can be resumed");
    close_connection(connection);
    return first;
}

static void *make_connections(void *count) {
    while (now() < deadline) {
        SSL *connection = open_connection(session);
        if ((session != NULL) != SSL_session_reused(connection)) fail("a handshake was not of the kind that was asked for");
        close_connection(connection);
        ++*(unsigned long *)count;
    }
    return NULL;
}

int main(int argc, char **argv) {
    if (argc != 5) fail("usage: handshakes PORT 1.2|1.3 full|resumed SECONDS");
    address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int version = strcmp(argv[2], "1.2") == 0 ? TLS1_2_VERSION : TLS1_3_VERSION;
    context = SSL_CTX_new(TLS_client_method());
    if (context == NULL || SSL_CTX_set_min_proto_version(context, version) != 1 || SSL_CTX_set_max_proto_version(context, version) != 1)
        fail("SSL_CTX_new");
    if (SSL_CTX_set1_groups_list(context, "X25519:P-256") != 1) fail("SSL_CTX_set1_groups_list");
    // What is measured is the server; its certificate is not verified. Sessions stay usable: none is in a cache that would drop it.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    if (strcmp(argv[3], "resumed") == 0) session = first_session();

    double started = now();
    deadline = started + atof(argv[4]);
    pthread_t threads[thread_count];
    unsigned long counts[thread_count] = {0};
    for (int index = 0; index < thread_count; ++index) {
        if (pthread_create(&threads[index], NULL, make_connections, &counts[index]) != 0) fail("pthread_create");
    }
    unsigned long total = 0;
    for (int index = 0; index < thread_count; ++index) {
        pthread_join(threads[index], NULL);
        total += counts[index];
    }
    printf("%lu %.6f\n", total, now() - started);
}
