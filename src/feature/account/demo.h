// SPDX-License-Identifier: MPL-2.0
// Demonstration identities: people of a made-up municipality as whom anybody may sign in, only where the program runs with --demo. The
// demonstration's loader names them; nobody else can be chosen.
#pragma once

#include "feature/account/account.h"

// Makes a person a demonstration identity.
int demo_add(const struct account_scene *scene, int64_t person);

// All demonstration identities, at most 'max', in the order they were made. In the scene's arena.
int demo_list(const struct account_scene *scene, size_t max, const struct account **ret_list, size_t *ret_count);

// -ENOENT when the person is none of them.
int demo_find(const struct account_scene *scene, int64_t person, struct account *ret_account);
