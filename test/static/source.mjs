// SPDX-License-Identifier: MPL-2.0
// Reads the repository for the static tests: the files that git knows or would add.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');

export function files(pattern = /./) {
    return execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 })
        .split('\0').filter((name) => name && pattern.test(name)).filter((name) => {
            try {
                readFileSync(path.join(root, name));
                return true;
            } catch {
                return false;   // deleted, not yet committed
            }
        }).sort();
}

export const read = (name) => readFileSync(path.join(root, name), 'utf8');
