// SPDX-License-Identifier: MPL-2.0
// Preloaded into the server by allocations.test.mjs: lets a chosen allocation fail, and counts what is allocated and not freed. Both stand
// in a file that the test maps too, or rather reads and writes.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct control {
    atomic_int_least64_t countdown;   // the allocation that brings it to 0 fails; 0 and below: none
    atomic_int_least64_t lasting;     // all that follow fail too
    atomic_int_least64_t struck;      // failed so far
    atomic_int_least64_t live;        // blocks
};

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

static struct control *control;

__attribute__((constructor)) static void map_control(void)
{
    const char *file = getenv("ALLOCATION_CONTROL");
    int fd = file ? open(file, O_RDWR | O_CLOEXEC) : -1;

    if (fd < 0)
        return;
    void *mapped = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped != MAP_FAILED)
        control = mapped;
}

static int fails(void)
{
    if (!control || atomic_load(&control->countdown) == 0)
        return 0;
    int64_t before = atomic_fetch_sub(&control->countdown, 1);
    if (before != 1 && !(before < 1 && atomic_load(&control->lasting)))
        return 0;
    if (before == 1 && atomic_load(&control->lasting))
        atomic_store(&control->countdown, -1);   // never 0 again by itself
    atomic_fetch_add(&control->struck, 1);
    errno = ENOMEM;
    return 1;
}

// SQLite keeps up to 8 MiB of pages for each connection, which grow with what was written; their blocks are a little longer than a page.
static int is_page(void *block)
{
    size_t size = malloc_usable_size(block);

    return size >= 4096 && size < 4800;
}

static void *counted(void *block)
{
    if (block && control && !is_page(block))
        atomic_fetch_add(&control->live, 1);
    return block;
}

void *malloc(size_t size)
{
    return fails() ? NULL : counted(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : counted(__libc_calloc(count, size));
}

void *realloc(void *block, size_t size)
{
    if (!block)
        return malloc(size);
    if (size == 0) {
        free(block);
        return NULL;
    }
    if (fails())
        return NULL;
    int before = is_page(block);
    void *moved = __libc_realloc(block, size);
    if (moved && control)
        atomic_fetch_add(&control->live, before - is_page(moved));
    return moved;
}

void *memalign(size_t alignment, size_t size)
{
    return fails() ? NULL : counted(__libc_memalign(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **ret_block, size_t alignment, size_t size)
{
    void *block = memalign(alignment, size);

    if (!block)
        return ENOMEM;
    *ret_block = block;
    return 0;
}

void free(void *block)
{
    if (block && control && !is_page(block))
        atomic_fetch_sub(&control->live, 1);
    __libc_free(block);
}
