/*
 * base/library.c - shared libraries that are loaded when they are asked for.
 *
 * Source: POSIX dlopen; Windows LoadLibrary.
 * Memory: the system's.
 */
#include "library.h"

#include <string.h>

#ifdef _WIN32
#include <windows.h>
#else
#include <dlfcn.h>
#endif

/** A function's address; all zero: there is none. */
union address {
    void *data;
    void (*function)(void);
};

#ifdef _WIN32
static void *load(const char *name)
{
    return LoadLibraryA(name);
}

static union address find(void *library, const char *name)
{
    union address address;

    address.function = (void (*)(void))GetProcAddress(library, name);
    return address;
}

static void unload(void *library)
{
    (void)FreeLibrary(library);
}
#else
static void *load(const char *name)
{
    return dlopen(name, RTLD_NOW | RTLD_LOCAL);
}

static union address find(void *library, const char *name)
{
    union address address;

    address.data = dlsym(library, name);
    return address;
}

static void unload(void *library)
{
    (void)dlclose(library);
}
#endif

void *llmgw__library_open(const char *const *names,
                          const struct llmgw__library_symbol *symbols,
                          void *table, const char **missing)
{
    void *library = NULL;

    *missing = names[0];
    for (; *names && !library; names++)
        library = load(*names);
    for (; library && symbols->name; symbols++) {
        union address address = find(library, symbols->name);

        if (!address.data) {
            *missing = symbols->name;
            unload(library);
            return NULL;
        }
        memcpy((char *)table + symbols->offset, &address.function,
               sizeof address.function);
    }
    return library;
}

void llmgw__library_close(void *library)
{
    if (library)
        unload(library);
}
