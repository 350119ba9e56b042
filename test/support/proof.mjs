// SPDX-License-Identifier: MPL-2.0
// The two verifiers of documents, side by side: they must say the same.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { binary } from './server.mjs';

const run = promisify(execFile);
const second = path.resolve(import.meta.dirname, '../../script/verify-file');

async function say(program, ...args) {
    const { code, stdout } = await run(program, args, { timeout: 60000 }).then(({ stdout: out }) => ({ code: 0, stdout: out }), (error) => error);
    assert.ok(code === 0 || code === 1, `${program} ended with ${code}: ${stdout}`);
    return { holds: code === 0, text: stdout };
}

export class Verifiers {
    /** 'key' is the log's public key, 64 hexadecimal digits. */
    static async of(folder, key) {
        const made = new Verifiers();
        made.folder = folder;
        made.key = path.join(folder, 'public.key');
        await writeFile(made.key, `${key}\n`);
        return made;
    }

    /** What both say of these bytes; fails when they differ. */
    async ask(bytes, { checkpoints, proof, key = this.key } = {}) {
        const file = path.join(this.folder, 'document');
        await writeFile(file, bytes);
        const more = ['--log-key', key, ...(checkpoints ? ['--checkpoints', checkpoints] : []), ...(proof ? ['--proof', proof] : [])];
        const [ours, other] = await Promise.all([say(binary, 'verify', '--file', file, ...more), say(second, file, ...more)]);
        assert.equal(ours.holds, other.holds, `the verifiers differ: ${ours.text}${other.text}`);
        for (const said of [ours, other]) assert.match(said.text, said.holds ? /^the file holds$/m : /^the file does not hold: /m);
        return ours;
    }

    async holds(bytes, options) {
        const said = await this.ask(bytes, options);
        assert.ok(said.holds, said.text);
        return said.text;
    }

    async refuses(bytes, options) {
        const said = await this.ask(bytes, options);
        assert.ok(!said.holds, `should not hold: ${said.text}`);
        return said.text;
    }

    /** Flips one bit of each byte in turn, in one process of the second verifier; gives the places where it was not found. */
    async everyFlip(bytes) {
        const file = path.join(this.folder, 'flipped');
        await writeFile(file, bytes);
        const { stdout } = await run('python3', ['-c', `
import importlib.machinery, importlib.util, json, sys
loader = importlib.machinery.SourceFileLoader("verify", sys.argv[1])
verify = importlib.util.module_from_spec(importlib.util.spec_from_loader("verify", loader))
loader.exec_module(verify)
data, key = bytearray(open(sys.argv[2], "rb").read()), bytes.fromhex(open(sys.argv[3]).read().strip())
verify.check(bytes(data), None, key, None)
missed = []
for at in range(len(data)):
    data[at] ^= 1 << at % 7
    try:
        verify.check(bytes(data), None, key, None)
        missed.append(at)
    except verify.Fault:
        pass
    data[at] ^= 1 << at % 7
print(json.dumps(missed))`, second, file, this.key], { timeout: 120000, env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } });
        return JSON.parse(stdout);
    }
}
