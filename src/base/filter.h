// SPDX-License-Identifier: MPL-2.0
// The words that the filters of system calls (seccomp) are written in. A filter begins with FILTER_BEGIN; what it does not name is decided by its last GIVE.
#pragma once

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>

#if defined(__x86_64__)
#define FILTER_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define FILTER_ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define FILTER_ARCHITECTURE AUDIT_ARCH_RISCV64
#else
#error "Name this processor's AUDIT_ARCH in filter.h"
#endif

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#define SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define SANITIZED 0
#endif

// The lower half of an argument; what the filter looks at fits there (both halves are checked where it does not).
#define ARGUMENT(n) (offsetof(struct seccomp_data, args[n]) + (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0))
#define LOAD(place) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (place))
#define GIVE(action) BPF_STMT(BPF_RET | BPF_K, (action))
#define REFUSE(number) (SECCOMP_RET_ERRNO | (number))
#define ON(call, action) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 1), GIVE(action)
#define ALLOW(call) ON(call, SECCOMP_RET_ALLOW)

// A call whose argument n must have none of the bits (then all is well) or at least one of the bits.
#define WITHOUT(call, n, bits)                                                                                                 \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 4), LOAD(ARGUMENT(n)), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), 0, 1), \
        GIVE(SECCOMP_RET_KILL_PROCESS), GIVE(SECCOMP_RET_ALLOW)
#define ONLY_WITH(call, n, bits) ONLY_WITH_OR(call, n, bits, SECCOMP_RET_KILL_PROCESS)

// The same, with an error for who tries in good faith.
#define WITHOUT_OR(call, n, bits, action)                                                                                      \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 4), LOAD(ARGUMENT(n)), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), 0, 1), \
        GIVE(action), GIVE(SECCOMP_RET_ALLOW)
#define ONLY_WITH_OR(call, n, bits, action)                                                                                    \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 4), LOAD(ARGUMENT(n)), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), 1, 0), \
        GIVE(action), GIVE(SECCOMP_RET_ALLOW)

// Only calls of this processor's own kind; then the call's number is looked at.
#define FILTER_BEGIN                                                                          \
    LOAD(offsetof(struct seccomp_data, arch)),                                                \
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FILTER_ARCHITECTURE, 1, 0),                       \
        GIVE(SECCOMP_RET_KILL_PROCESS), LOAD(offsetof(struct seccomp_data, nr))
