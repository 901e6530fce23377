/*
 * base/random.c - bytes of the operating system's generator, and numbers and
 * ids made of bytes without a bias.
 *
 * Source: getentropy (POSIX.1-2024; earlier in the BSDs, glibc 2.25, musl,
 * macOS); BCryptGenRandom on Windows. Memory: 256 bytes a pool.
 */
#include "random.h"

#include <string.h>

#if defined(_WIN32)
#include <windows.h>
/* after windows.h, which it builds on */
#include <bcrypt.h>
#else
#include <unistd.h>
#if defined(__APPLE__)
#include <sys/random.h>
#endif
#endif

#define BASE 62
/** Bytes from here on would favour the first characters. */
#define BASE_BYTES (256 / BASE * BASE)

static const char digits[] = "0123456789"
                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "abcdefghijklmnopqrstuvwxyz";

static int32_t fill_system(void *userdata, void *out, size_t len);
static int32_t fill_pooled(void *userdata, void *out, size_t len);
static size_t fill_chunk(void *out, size_t len);

const struct llmgw__random llmgw__random_system = {fill_system, NULL};

int llmgw__random_bytes(const struct llmgw__random *random, void *out,
                        size_t len)
{
    return random->fill(random->userdata, out, len) == 0 ? 0 : -1;
}

uint64_t llmgw__random_below(const struct llmgw__random *random, uint64_t bound)
{
    uint64_t excess;
    uint64_t value;

    if (bound == 0)
        return 0;
    /* 2^64 modulo bound: the values at the end that would come too often */
    excess = (UINT64_MAX % bound + 1) % bound;
    do {
        if (llmgw__random_bytes(random, &value, sizeof value) != 0)
            return 0;
    } while (value > UINT64_MAX - excess);
    return value % bound;
}

int llmgw__random_base62(const struct llmgw__random *random, char *out,
                         size_t len)
{
    unsigned char bytes[32];
    size_t made = 0;

    while (made < len) {
        if (llmgw__random_bytes(random, bytes, sizeof bytes) != 0)
            return -1;
        for (size_t at = 0; at < sizeof bytes && made < len; at++)
            if (bytes[at] < BASE_BYTES)
                out[made++] = digits[bytes[at] % BASE];
    }
    out[len] = '\0';
    return 0;
}

llmgw_status llmgw__random_pool_init(struct llmgw__random_pool *pool,
                                     const struct llmgw__birth *birth,
                                     struct llmgw__random *out)
{
    pool->birth = birth;
    pool->left = 0;
    out->fill = fill_pooled;
    out->userdata = pool;
    return llmgw__mutex_init(&pool->lock);
}

void llmgw__random_pool_clear(struct llmgw__random_pool *pool)
{
    memset(pool->bytes, 0, sizeof pool->bytes); /* ids only: no secrets */
    llmgw__mutex_clear(&pool->lock);
}

static int32_t fill_pooled(void *userdata, void *out, size_t len)
{
    struct llmgw__random_pool *pool = userdata;
    int32_t status = 0;

    if (len > sizeof pool->bytes || llmgw__birth_forked(pool->birth))
        return fill_system(NULL, out, len);
    llmgw__mutex_lock(&pool->lock);
    if (pool->left < len) {
        status = fill_system(NULL, pool->bytes, sizeof pool->bytes);
        pool->left = status == 0 ? sizeof pool->bytes : 0;
    }
    if (status == 0) {
        pool->left -= len;
        memcpy(out, pool->bytes + pool->left, len);
        memset(pool->bytes + pool->left, 0, len);
    }
    llmgw__mutex_unlock(&pool->lock);
    return status;
}

static int32_t fill_system(void *userdata, void *out, size_t len)
{
    unsigned char *bytes = out;

    (void)userdata;
    while (len) {
        size_t filled = fill_chunk(bytes, len);

        if (filled == 0)
            return -1;
        bytes += filled;
        len -= filled;
    }
    return 0;
}

#if defined(_WIN32)

static size_t fill_chunk(void *out, size_t len)
{
    ULONG chunk = len > 65536 ? 65536 : (ULONG)len;
    NTSTATUS status =
        BCryptGenRandom(NULL, out, chunk, BCRYPT_USE_SYSTEM_PREFERRED_RNG);

    return status == 0 ? chunk : 0;
}

#else

static size_t fill_chunk(void *out, size_t len)
{
    size_t chunk = len > 256 ? 256 : len; /* the most getentropy answers */

    return getentropy(out, chunk) == 0 ? chunk : 0;
}

#endif
