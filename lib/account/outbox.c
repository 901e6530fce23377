/*
 * account/outbox.c - records that wait for a store that is away, in a file.
 *
 * The file is a magic line, then records: length and CRC-32 of the bytes that
 * follow, four bytes each, least first. When all are taken it is cut to its
 * magic; when half of it is taken, and that is much, it is written anew beside
 * itself and put in its place.
 *
 * Memory: sixteen bytes a record and the one that is looked at; without a file
 * the records.
 */
#ifdef LLMGW_WITH_POSTGRES

#include "outbox.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/crypto.h"
#include "base/text.h"

#define MAGIC      "llmgw outbox 1\n"
#define MAGIC_LEN  (sizeof MAGIC - 1)
#define HEAD       8
#define MAX_RECORD (4u << 20)
#define MUCH       (1u << 20)

struct item {
    uint64_t at; /* of its head in the file */
    size_t len;
    char *copy; /* without a file */
};

struct llmgw__outbox {
    char *path; /* NULL: none */
    int fd;
    bool power;
    size_t max_bytes;
    struct item *items;
    size_t count, cap;
    size_t bytes; /* of those that wait, heads included */
    uint64_t end; /* of the file */
    size_t damaged;
    struct llmgw__buf looked;
};

static llmgw_status load(struct llmgw__outbox *outbox, const char **why);
static llmgw_status write_file(struct llmgw__outbox *outbox, llmgw_str record);

static void put_u32(unsigned char *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(value >> 8 * i);
}

static uint32_t get_u32(const unsigned char *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
           (uint32_t)at[3] << 24;
}

/** All of it, whatever signals come. */
static bool write_all(int fd, const void *bytes, size_t len, uint64_t at)
{
    const char *from = bytes;

    while (len) {
        ssize_t done = pwrite(fd, from, len, (off_t)at);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        from += done;
        at += (uint64_t)done;
        len -= (size_t)done;
    }
    return true;
}

/** As much as there is. */
static size_t read_some(int fd, void *bytes, size_t len, uint64_t at)
{
    size_t got = 0;

    while (got < len) {
        ssize_t done =
            pread(fd, (char *)bytes + got, len - got, (off_t)(at + got));

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            break;
        got += (size_t)done;
    }
    return got;
}

/** Against other processes, and other gateways of this one. */
static bool lock_file(int fd)
{
    return flock(fd, LOCK_EX | LOCK_NB) == 0;
}

llmgw_status llmgw__outbox_open(const struct llmgw__outbox_setting *setting,
                                struct llmgw__outbox **out, const char **why)
{
    struct llmgw__outbox *outbox = llmgw__calloc(1, sizeof *outbox);
    llmgw_status status = LLMGW_OK;

    *out = NULL;
    if (!outbox)
        return LLMGW_E_NOMEM;
    outbox->fd = -1;
    outbox->power = setting->power;
    outbox->max_bytes = setting->max_bytes;
    llmgw__buf_init(&outbox->looked, 0);
    if (setting->path) {
        outbox->path = llmgw__strndup(setting->path, strlen(setting->path));
        status = outbox->path ? load(outbox, why) : LLMGW_E_NOMEM;
    }
    if (status == LLMGW_OK)
        *out = outbox;
    else
        llmgw__outbox_close(outbox);
    return status;
}

void llmgw__outbox_close(struct llmgw__outbox *outbox)
{
    if (!outbox)
        return;
    if (outbox->fd >= 0) {
        (void)flock(outbox->fd, LOCK_UN); /* a child may have it, too */
        (void)close(outbox->fd);
    }
    for (size_t i = 0; i < outbox->count; i++)
        llmgw__free(outbox->items[i].copy);
    llmgw__free(outbox->items);
    llmgw__buf_clear(&outbox->looked);
    llmgw__free(outbox->path);
    llmgw__free(outbox);
}

/* --- what is there --- */

static llmgw_status note_item(struct llmgw__outbox *outbox, uint64_t at,
                              size_t len)
{
    if (llmgw__grow((void **)&outbox->items, &outbox->cap, outbox->count + 1,
                    sizeof *outbox->items))
        return LLMGW_E_NOMEM;
    outbox->items[outbox->count++] = (struct item){at, len, NULL};
    outbox->bytes += len + HEAD;
    return LLMGW_OK;
}

/** Is there a whole record at a place of the bytes? @return its length, or 0 */
static size_t record_at(llmgw_str bytes, size_t at)
{
    const unsigned char *head = (const unsigned char *)bytes.data + at;
    size_t len;

    if (bytes.len - at < HEAD)
        return 0;
    len = get_u32(head);
    if (!len || len > MAX_RECORD || len > bytes.len - at - HEAD)
        return 0;
    return llmgw__crc32(0, head + HEAD, len) == get_u32(head + 4) ? len : 0;
}

/** One that is cut off ends the file; of one that is damaged in the middle the
 *  next whole one is looked for. */
static llmgw_status scan(struct llmgw__outbox *outbox, llmgw_str bytes)
{
    size_t at = MAGIC_LEN;
    bool lost = false;

    outbox->end = MAGIC_LEN;
    while (at < bytes.len) {
        size_t len = record_at(bytes, at);

        if (!len) {
            lost = true;
            at++;
            continue;
        }
        outbox->damaged += lost;
        lost = false;
        if (note_item(outbox, at, len) != LLMGW_OK)
            return LLMGW_E_NOMEM;
        at += HEAD + len;
        outbox->end = at;
    }
    (void)!ftruncate(outbox->fd, (off_t)outbox->end);
    return LLMGW_OK;
}

static llmgw_status read_file(struct llmgw__outbox *outbox, uint64_t size,
                              const char **why)
{
    char *bytes = llmgw__malloc(size + 1);
    llmgw_status status = LLMGW_E_SYSTEM;

    if (!bytes)
        return LLMGW_E_NOMEM;
    if (read_some(outbox->fd, bytes, size, 0) != size)
        *why = "it cannot be read";
    else if (memcmp(bytes, MAGIC, size < MAGIC_LEN ? size : MAGIC_LEN) != 0)
        *why = "it is no outbox of this library";
    else if (size >= MAGIC_LEN || write_all(outbox->fd, MAGIC, MAGIC_LEN, 0))
        status = scan(outbox, llmgw__str_n(bytes, size));
    else
        *why = "it cannot be written";
    llmgw__free(bytes);
    return status;
}

static llmgw_status load(struct llmgw__outbox *outbox, const char **why)
{
    struct stat about;

    outbox->fd = open(outbox->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (outbox->fd < 0 || fstat(outbox->fd, &about) != 0) {
        *why = "it cannot be opened";
        return LLMGW_E_SYSTEM;
    }
    if (!lock_file(outbox->fd)) {
        *why = "another gateway has it";
        return LLMGW_E_SYSTEM;
    }
    if (about.st_size > 0)
        return read_file(outbox, (uint64_t)about.st_size, why);
    outbox->end = MAGIC_LEN;
    if (write_all(outbox->fd, MAGIC, MAGIC_LEN, 0))
        return LLMGW_OK;
    *why = "it cannot be written";
    return LLMGW_E_SYSTEM;
}

/* --- add, look, drop --- */

llmgw_status llmgw__outbox_add(struct llmgw__outbox *outbox, llmgw_str record)
{
    llmgw_status status;

    if (!record.len || record.len > MAX_RECORD ||
        outbox->bytes + record.len + HEAD > outbox->max_bytes)
        return LLMGW_E_LIMIT;
    status = note_item(outbox, outbox->end, record.len);
    if (status != LLMGW_OK)
        return status;
    if (outbox->path) {
        status = write_file(outbox, record);
    } else {
        struct item *item = &outbox->items[outbox->count - 1];

        item->copy = llmgw__strndup(record.data, record.len);
        status = item->copy ? LLMGW_OK : LLMGW_E_NOMEM;
    }
    if (status == LLMGW_OK)
        return LLMGW_OK;
    outbox->count--;
    outbox->bytes -= record.len + HEAD;
    return status;
}

static llmgw_status write_file(struct llmgw__outbox *outbox, llmgw_str record)
{
    unsigned char head[HEAD];
    bool good;

    put_u32(head, (uint32_t)record.len);
    put_u32(head + 4, llmgw__crc32(0, record.data, record.len));
    /* its head last: until then there is none */
    good = write_all(outbox->fd, record.data, record.len, outbox->end + HEAD) &&
           write_all(outbox->fd, head, HEAD, outbox->end) &&
           (!outbox->power || fsync(outbox->fd) == 0);
    if (good) {
        outbox->end += HEAD + record.len;
        return LLMGW_OK;
    }
    (void)!ftruncate(outbox->fd, (off_t)outbox->end);
    return LLMGW_E_SYSTEM;
}

size_t llmgw__outbox_count(const struct llmgw__outbox *outbox)
{
    return outbox->count;
}

size_t llmgw__outbox_damaged(const struct llmgw__outbox *outbox)
{
    return outbox->damaged;
}

llmgw_status llmgw__outbox_look(struct llmgw__outbox *outbox, size_t at,
                                llmgw_str *record)
{
    const struct item *item = &outbox->items[at];
    char *room;

    if (at >= outbox->count)
        return LLMGW_E_INVALID;
    if (item->copy) {
        *record = llmgw__str_n(item->copy, item->len);
        return LLMGW_OK;
    }
    llmgw__buf_reset(&outbox->looked);
    room = llmgw__buf_reserve(&outbox->looked, item->len);
    if (!room)
        return LLMGW_E_NOMEM;
    if (read_some(outbox->fd, room, item->len, item->at + HEAD) != item->len)
        return LLMGW_E_SYSTEM;
    *record = llmgw__str_n(room, item->len);
    return LLMGW_OK;
}

/** The file without what was taken, put in its place; while that does not go
 *  well, the old one does as well. */
static void rewrite(struct llmgw__outbox *outbox)
{
    uint64_t from = outbox->items[0].at;
    size_t len = (size_t)(outbox->end - from);
    char *bytes = llmgw__malloc(len);
    struct llmgw__buf path;
    int fd = -1;

    llmgw__buf_init(&path, 0);
    llmgw__buf_add_str(&path, llmgw__str(outbox->path));
    llmgw__buf_add_str(&path, llmgw__str_n(".new", 5));
    if (bytes && path.status == LLMGW_OK &&
        read_some(outbox->fd, bytes, len, from) == len)
        fd = open(path.data, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd >= 0 && lock_file(fd) && write_all(fd, MAGIC, MAGIC_LEN, 0) &&
        write_all(fd, bytes, len, MAGIC_LEN) && fsync(fd) == 0 &&
        rename(path.data, outbox->path) == 0) {
        (void)close(outbox->fd);
        outbox->fd = fd;
        fd = -1;
        outbox->end -= from - MAGIC_LEN;
        for (size_t i = 0; i < outbox->count; i++)
            outbox->items[i].at -= from - MAGIC_LEN;
    }
    if (fd >= 0)
        (void)close(fd);
    llmgw__buf_clear(&path);
    llmgw__free(bytes);
}

void llmgw__outbox_drop(struct llmgw__outbox *outbox, size_t count)
{
    if (count > outbox->count)
        count = outbox->count;
    for (size_t i = 0; i < count; i++) {
        outbox->bytes -= outbox->items[i].len + HEAD;
        llmgw__free(outbox->items[i].copy);
    }
    outbox->count -= count;
    if (count)
        memmove(outbox->items, outbox->items + count,
                outbox->count * sizeof *outbox->items);
    if (!outbox->path || !count)
        return;
    if (!outbox->count) {
        if (ftruncate(outbox->fd, (off_t)MAGIC_LEN) == 0)
            outbox->end = MAGIC_LEN;
    } else if (outbox->end > MUCH && outbox->items[0].at > outbox->end / 2) {
        rewrite(outbox);
    }
}

#endif
