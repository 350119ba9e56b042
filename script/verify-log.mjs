#!/usr/bin/env node
// SPDX-License-Identifier: MPL-2.0
/*
 * verify-log.mjs FILE --log-key KEY [--checkpoints FILE]: checks an exported log of Samtråd without Samtråd.
 *
 * The second verifier of the log, written from docs/adr/0003-log.md with nothing but Node's own library (18 or newer), so that nobody has to trust the first
 * one ("samtraad verify --log"). FILE comes from "samtraad export-log"; KEY is the log's public key: 64 hexadecimal digits, or a file with them;
 * the checkpoints are a copy of the checkpoint file that somebody outside has kept.
 * Ends with 0 when the log holds, with 1 when it does not, with 2 when it was not told what to do.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export class Fault extends Error {}

function need(condition, problem) {
    if (!condition) throw new Fault(problem);
}

export const sha = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const zero = Buffer.alloc(32);

/** The root of the leaves so far (RFC 6962, section 2.1): complete trees, the largest first, of which equal ones are joined. */
class Tree {
    size = 0;
    #parts = [];

    add(leaf) {
        let part = { hash: leaf, leaves: 1 };
        while (this.#parts.at(-1)?.leaves === part.leaves) {
            const left = this.#parts.pop();
            part = { hash: sha('\x01', left.hash, part.hash), leaves: 2 * part.leaves };
        }
        this.#parts.push(part);
        this.size += 1;
    }

    root() {
        return this.#parts.length ? this.#parts.map((part) => part.hash).reduceRight((right, left) => sha('\x01', left, right)) : sha('');
    }
}

/** A raw Ed25519 key as Node takes it (RFC 8410). */
const publicKey = (raw) => createPublicKey({ key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]), format: 'der', type: 'spki' });

const number = '(0|[1-9][0-9]{0,18})';
const form = new RegExp(`^\\{"size":${number},"root":"([0-9a-f]{64})","time":${number},"previous":"([0-9a-f]{64})","signature":"([0-9a-f]{128})"\\}$`);

function readCheckpoint(line) {
    const found = form.exec(line);
    need(found && [found[1], found[3]].every((digits) => BigInt(digits) < 2n ** 63n), 'a checkpoint is malformed');
    const [root, previous, signature] = [found[2], found[4], found[5]].map((hex) => Buffer.from(hex, 'hex'));
    const signed = Buffer.concat([Buffer.from('samtraad log 1\0\0'), Buffer.alloc(16), root, previous]);
    signed.writeBigUInt64BE(BigInt(found[1]), 16);
    signed.writeBigUInt64BE(BigInt(found[3]), 24);
    return { size: BigInt(found[1]), root, previous, signature, signed };
}

/** What is in the log; throws a Fault when it does not hold. Buffers; 'key' is the raw public key; without a witness 'checkpoints' is undefined. */
export function check(log, key, checkpoints) {
    const tree = new Tree(), owner = publicKey(key);
    let previous = zero, count = 0, compared = 0, last = '', at = 0;
    for (let end; at < log.length; at = end + 1) {
        end = log.indexOf(10, at);
        need(end >= 0, 'a line is malformed or cut off');
        const line = log.toString('latin1', at, end);
        if (at === 0) {
            need(line === 'samtraad log 1', 'it does not begin as an exported log does');
        } else if (line.startsWith('{')) {
            const checkpoint = readCheckpoint(line);
            need(checkpoint.previous.equals(previous), 'a checkpoint does not follow the one before');
            need(verify(null, checkpoint.signed, owner, checkpoint.signature), 'a checkpoint was not signed with this key');
            need(checkpoint.size === BigInt(tree.size) && checkpoint.root.equals(tree.root()), 'the records before a checkpoint are not those that it signs');
            if (checkpoints) {
                const theirs = checkpoints.subarray(compared, compared + line.length + 1);
                need(log.subarray(at, at + theirs.length).equals(theirs), 'the checkpoints are not those that the witness has');
                compared += theirs.length;
            }
            previous = sha(log.subarray(at, end));
            count += 1;
        } else {
            need(/^[0-9a-f]{64}$/.test(line), 'a line is malformed');
            tree.add(Buffer.from(line, 'hex'));
        }
        last = line;
    }
    need(last.startsWith('{'), 'it does not end with a checkpoint: its end was cut off');
    need(!checkpoints || compared === checkpoints.length, 'the witness has checkpoints that are newer: an older log was put back');
    return { records: tree.size, root: tree.root().toString('hex'), checkpoints: count };
}

function main([file, ...more]) {
    const given = {};
    for (let i = 0; i < more.length; i += 2) given[more[i]] = more[i + 1];
    if (!file || !given['--log-key'] || Object.keys(given).some((name) => !['--log-key', '--checkpoints'].includes(name))) {
        console.error('verify-log.mjs FILE --log-key KEY [--checkpoints FILE]');
        return 2;
    }
    try {
        const key = (existsSync(given['--log-key']) ? readFileSync(given['--log-key'], 'latin1') : given['--log-key']).trim();
        need(/^[0-9a-f]{64}$/.test(key), "the log's key is malformed; 64 hexadecimal digits were expected");
        const found = check(readFileSync(file), Buffer.from(key, 'hex'), given['--checkpoints'] && readFileSync(given['--checkpoints']));
        for (const [name, value] of Object.entries(found)) console.log(`${name.padEnd(12)} ${value}`);
    } catch (problem) {
        if (!(problem instanceof Fault) && !problem.code) throw problem;
        console.log(`the log does not hold: ${problem.message}`);
        return 1;
    }
    console.log('the log holds');
    return 0;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.slice(2));
