/*
 * support/tls_front.c - TLS and HTTP/2 in front of the fake provider.
 *
 * The listening socket is opened here and inherited by nginx (its NGINX
 * variable, made for upgrades): no port is guessed, and who connects before
 * nginx is up waits in the queue, so nobody has to poll for it.
 */
#define _GNU_SOURCE /* nftw */

#include "support/tls_front.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/fake_bytes.h"

enum {
    INHERITED_FD = 3,
    LAST_FD = 255,
    MAX_WORDS = 24
};

struct tls_front {
    char dir[64];
    char url[64];
    char ca[96];
    char nginx[256];
    char openssl[256];
    unsigned port;
    int listener;
    unsigned requests; /* that a connection is for */
    pid_t child;
};

static const char *build(struct tls_front *front, const char *upstream);
static int find_program(const char *name, char *path, size_t size);
static int open_listener(struct tls_front *front);
static int make_certificates(const struct tls_front *front);
static int write_config(const struct tls_front *front, const char *upstream);
static int write_file(const struct tls_front *front, const char *name,
                      const char *text);
static int run(const struct tls_front *front, const char *program,
               const char *words);
static pid_t spawn(const struct tls_front *front, const char *program,
                   const char *words, int serve);
static void be_program(const struct tls_front *front, char **argv, int serve);
static int remove_entry(const char *path, const struct stat *entry, int kind,
                        struct FTW *where);

/* sections for the authority and for the host, whatever the system's own are */
static const char openssl_config[] = "[req]\n"
                                     "distinguished_name = name\n"
                                     "[name]\n"
                                     "[authority]\n"
                                     "basicConstraints = critical,CA:TRUE\n"
                                     "keyUsage = critical,keyCertSign,cRLSign\n"
                                     "subjectKeyIdentifier = hash\n"
                                     "[host]\n"
                                     "basicConstraints = critical,CA:FALSE\n"
                                     "subjectAltName = DNS:localhost\n"
                                     "extendedKeyUsage = serverAuth\n";

/* with a master: nginx without one dies of inherited sockets */
static const char nginx_config[] =
    "user root;\n"
    "daemon off;\n"
    "worker_processes 1;\n"
    "pid nginx.pid;\n"
    "error_log error.log warn;\n"
    "events { worker_connections 4096; }\n"
    "http {\n"
    "  access_log off;\n"
    "  client_body_temp_path body;\n"
    "  proxy_temp_path proxy;\n"
    "  fastcgi_temp_path fastcgi;\n"
    "  uwsgi_temp_path uwsgi;\n"
    "  scgi_temp_path scgi;\n"
    "  client_max_body_size 0;\n"
    "  http2_max_concurrent_streams 1024;\n"
    "  keepalive_requests %u;\n"
    "  upstream fake { server %s; keepalive 256; }\n"
    "  server {\n"
    "    listen 127.0.0.1:%u ssl http2;\n"
    "    server_name localhost;\n"
    "    ssl_certificate cert.pem;\n"
    "    ssl_certificate_key key.pem;\n"
    "    ssl_protocols TLSv1.2 TLSv1.3;\n"
    "    location / {\n"
    "      proxy_pass http://fake;\n"
    "      proxy_http_version 1.1;\n"
    "      proxy_set_header Connection \"\";\n"
    "      proxy_set_header Host $http_host;\n"
    "      proxy_buffering off;\n"
    "      proxy_read_timeout 1h;\n"
    "      proxy_next_upstream off;\n"
    "    }\n"
    "  }\n"
    "}\n";

struct tls_front *tls_front_start(const char *upstream, const char **reason)
{
    return tls_front_start_for(upstream, 1000000, reason);
}

struct tls_front *tls_front_start_for(const char *upstream, unsigned requests,
                                      const char **reason)
{
    struct tls_front *front = fake_alloc(sizeof *front);

    front->requests = requests;
    front->listener = -1;
    front->child = -1;
    *reason = build(front, upstream);
    if (!*reason)
        return front;
    tls_front_stop(front);
    return NULL;
}

void tls_front_stop(struct tls_front *front)
{
    int status;

    if (!front)
        return;
    if (front->child > 0) {
        kill(front->child, SIGTERM);
        while (waitpid(front->child, &status, 0) < 0 && errno == EINTR)
            continue;
    }
    if (front->listener >= 0)
        close(front->listener);
    if (front->ca[0])
        nftw(front->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    free(front);
}

const char *tls_front_url(const struct tls_front *front)
{
    return front->url;
}

const char *tls_front_ca(const struct tls_front *front)
{
    return front->ca;
}

/* @return NULL, or why not */
static const char *build(struct tls_front *front, const char *upstream)
{
    static const char check[] = "-p . -c nginx.conf -e error.log -t";
    static const char serve[] = "-p . -c nginx.conf -e error.log";

    if (!find_program("nginx", front->nginx, sizeof front->nginx))
        return "nginx is not installed";
    if (!find_program("openssl", front->openssl, sizeof front->openssl))
        return "the openssl command is not installed";
    snprintf(front->dir, sizeof front->dir, "/tmp/llmgw-tls-XXXXXX");
    if (!mkdtemp(front->dir))
        return "no temporary directory";
    snprintf(front->ca, sizeof front->ca, "%s/ca.pem", front->dir);
    if (!open_listener(front))
        return "no socket";
    if (!make_certificates(front))
        return "openssl makes no certificates";
    if (!write_config(front, upstream) || !run(front, front->nginx, check))
        return "nginx refuses its configuration";
    front->child = spawn(front, front->nginx, serve, 1);
    close(front->listener); /* nginx alone has it now */
    front->listener = -1;
    return front->child > 0 ? NULL : "nginx cannot be started";
}

static int find_program(const char *name, char *path, size_t size)
{
    static const char *const folders[] = {"/usr/sbin", "/usr/local/sbin",
                                          "/usr/bin", "/usr/local/bin"};

    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        snprintf(path, size, "%s/%s", folders[i], name);
        if (access(path, X_OK) == 0)
            return 1;
    }
    return 0;
}

static int open_listener(struct tls_front *front)
{
    struct sockaddr_in address;
    socklen_t len = sizeof address;

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    front->listener =
        socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (front->listener < 0 ||
        bind(front->listener, (struct sockaddr *)&address, len) != 0 ||
        listen(front->listener, 511) != 0 ||
        getsockname(front->listener, (struct sockaddr *)&address, &len) != 0)
        return 0;
    front->port = ntohs(address.sin_port);
    snprintf(front->url, sizeof front->url, "https://localhost:%u",
             front->port);
    return 1;
}

static int make_certificates(const struct tls_front *front)
{
    static const char *const steps[] = {
        "req -x509 -config openssl.cnf -extensions authority -days 2 -nodes "
        "-newkey rsa:2048 -subj /CN=llmgw-test-authority "
        "-keyout ca.key -out ca.pem",
        "req -new -config openssl.cnf -nodes -newkey rsa:2048 "
        "-subj /CN=localhost -keyout key.pem -out host.csr",
        "x509 -req -in host.csr -CA ca.pem -CAkey ca.key -CAcreateserial "
        "-days 2 -extfile openssl.cnf -extensions host -out cert.pem",
    };
    int ok = write_file(front, "openssl.cnf", openssl_config);

    for (size_t i = 0; ok && i < sizeof steps / sizeof *steps; i++)
        ok = run(front, front->openssl, steps[i]);
    return ok;
}

static int write_config(const struct tls_front *front, const char *upstream)
{
    char text[2048];
    const char *host = strstr(upstream, "//");
    int len = snprintf(text, sizeof text, nginx_config, front->requests,
                       host ? host + 2 : upstream, front->port);

    return len > 0 && (size_t)len < sizeof text &&
           write_file(front, "nginx.conf", text);
}

static int write_file(const struct tls_front *front, const char *name,
                      const char *text)
{
    char path[128];
    FILE *file;
    int ok;

    snprintf(path, sizeof path, "%s/%s", front->dir, name);
    file = fopen(path, "we");
    if (!file)
        return 0;
    ok = fputs(text, file) >= 0;
    return fclose(file) == 0 && ok;
}

/* to its end; @return whether it succeeded */
static int run(const struct tls_front *front, const char *program,
               const char *words)
{
    pid_t child = spawn(front, program, words, 0);
    int status = -1;

    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* words: separated by one blank each */
static pid_t spawn(const struct tls_front *front, const char *program,
                   const char *words, int serve)
{
    char *line = fake_copy(words, strlen(words));
    char *argv[MAX_WORDS + 2];
    size_t count = 0;
    pid_t child;

    argv[count++] = fake_copy(program, strlen(program));
    for (char *at = line; at && count <= MAX_WORDS;) {
        argv[count++] = at;
        at = strchr(at, ' ');
        if (at)
            *at++ = '\0';
    }
    argv[count] = NULL;
    child = fork();
    if (child == 0)
        be_program(front, argv, serve);
    free(argv[0]);
    free(line);
    return child;
}

/*
 * In the child, where only calls safe after a fork of threads are allowed.
 * A test that dies takes its nginx with it.
 */
static void be_program(const struct tls_front *front, char **argv, int serve)
{
    static char inherited[] = "NGINX=3;";
    static char home[] = "HOME=/";
    char *environment[] = {home, serve ? inherited : NULL, NULL};
    int log;

    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (chdir(front->dir) != 0)
        _exit(127);
    log = open("output.log", O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    if (front->listener == INHERITED_FD)
        fcntl(INHERITED_FD, F_SETFD, 0);
    else
        dup2(front->listener, INHERITED_FD);
    for (int fd = INHERITED_FD + 1; fd <= LAST_FD; fd++)
        close(fd);
    execve(argv[0], argv, environment);
    _exit(127);
}

static int remove_entry(const char *path, const struct stat *entry, int kind,
                        struct FTW *where)
{
    (void)entry;
    (void)kind;
    (void)where;
    return remove(path);
}
