// SPDX-License-Identifier: MPL-2.0
// Builds programs with mutants in them out of clang's build: changed files are compiled as they are there, the rest is taken as it is.
import { execFile, execFileSync } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { read, root } from '../static/source.mjs';
import { switchedText } from './find.mjs';

const run = promisify(execFile);
export const built = path.join(root, 'build-clang');
export const folder = path.join(root, 'build', 'mutants');

const shell = (command) => run('bash', ['-c', command], { cwd: built, maxBuffer: 1 << 26 }).catch((error) => { throw new Error(`${command.slice(-300)}\n${error.stderr}`); });
const replaced = (text, from, to) => {
    if (!text.includes(from)) throw new Error(`"${from}" is not in the build's command: ${text.slice(0, 200)}`);
    return text.replaceAll(from, to);
};

/** The build's commands: how each object is compiled, how the library, the program and the tests of the parts are put together. */
function commands() {
    const all = execFileSync('ninja', ['-C', built, '-t', 'commands'], { encoding: 'utf8', maxBuffer: 1 << 27 }).split('\n');
    const compile = new Map();
    for (const command of all) {
        const [, object, source] = / -o (src\/libfloors\.a\.p\/\S+) -c (\S+)$/.exec(command) ?? [];
        if (object) compile.set(path.relative(root, path.resolve(built, source)).replace(/^build-clang\//, ''), { command, object, source });
    }
    const links = new Map(all.map((one) => [/ -o (src\/samtraad|src\/\w+_test) (?!-c)/.exec(one)?.[1], one]).filter(([target, one]) => target && one.includes(' src/libfloors.a ')));
    return { compile, archive: all.find((one) => one.includes('csrDT src/libfloors.a ')), links };
}

/** Runs tasks, two at a time. */
async function inTwo(tasks) {
    const rest = [...tasks];
    const worker = async () => {
        for (let task; (task = rest.shift());) await task();
    };
    await Promise.all([worker(), worker()]);
}

export class Workshop {
    #commands = commands();

    /** Compiles a file's changed text; gives [the object in the build, the object that takes its place]. */
    async #compile(file, text, where) {
        const target = path.join(where, file);
        await mkdir(path.dirname(target), { recursive: true });
        await writeFile(target, text);
        return file.endsWith('.sql') ? this.#compileQueries(file, target) : this.#object(file, target);
    }

    // tools/sql makes the C of it. What the callers see, the header, must not have changed.
    async #compileQueries(file, target) {
        const made = file.replace(/\.sql$/, '_sql.c'), source = target.replace(/\.sql$/, '_sql.c'), header = source.replace(/c$/, 'h');
        await run(path.join(built, 'tools/sql'), [source, header, target]);
        if (await readFile(header, 'utf8') !== await readFile(path.join(built, made.replace(/c$/, 'h')), 'utf8')) throw new Error(`${file}: its mutants change what its callers see`);
        return this.#object(made, source);
    }

    async #object(file, source) {
        const one = this.#commands.compile.get(file);
        if (!one) throw new Error(`${file} is not in the program`);
        const object = `${source}.o`;
        await shell(replaced(replaced(one.command, ` -c ${one.source}`, ` -w -Wno-error -c ${source}`), one.object, object));
        return [one.object, object];
    }

    /** Puts the library together with those objects in the place of its own, and links with it: the program, or tests of parts. */
    async #link(objects, where, targets, extra = '') {
        const archive = path.join(where, 'libfloors.a'), { links } = this.#commands;
        let pack = `${this.#commands.archive} `;
        for (const [from, to] of objects) pack = replaced(pack, ` ${from} `, ` ${to} `);
        await shell(`rm -f ${archive} && ${replaced(pack.slice(pack.indexOf('&& ') + 3), ' src/libfloors.a ', ` ${archive} ${extra} `)}`);
        const wrap = extra ? ' -Wl,--wrap=sqlite3_open_v2' : '';
        await inTwo(targets.map((target) => () => shell(replaced(replaced(links.get(target), ` -o ${target} `, ` -o ${path.join(where, path.basename(target))}${wrap} `),
            ' src/libfloors.a ', ` ${archive} `))));
    }

    /** One program, and all tests of parts, with all switched mutants, each off until MUTANT=number turns it on. Gives their paths. */
    async switched(mutants) {
        const where = path.join(folder, 'switched'), objects = [];
        await rm(where, { recursive: true, force: true });
        await mkdir(where, { recursive: true });
        const names = [...new Set(mutants.map((one) => one.file))];
        await inTwo(names.map((file) => async () => {
            const text = switchedText(file, mutants.filter((one) => one.file === file));
            const head = file.endsWith('.sql') ? '' : `int mutant_on(int number);\n#line 1 "${path.join(root, file)}"\n`;
            objects.push(await this.#compile(file, head + text, where));
        }));
        const own = path.join(where, 'switch.o');
        await run('clang', ['-O0', '-g', '-Wall', '-Wextra', '-Werror', '-fPIC', '-c', path.join(root, 'test/mutants/switch.c'), '-o', own]);
        const targets = [...this.#commands.links.keys()].filter((one) => !/\/server_/.test(one));
        await this.#link(objects, where, targets, own);
        return { program: path.join(where, 'samtraad'), parts: targets.filter((one) => one.endsWith('_test')).map((one) => path.join(where, path.basename(one))) };
    }

    /** A program, or a test of a part, in which those places of the source read otherwise: { file, at, end, value }. Gives its path. */
    async changed(name, places, target = 'src/samtraad') {
        const where = path.join(folder, name), objects = [];
        await mkdir(where, { recursive: true });
        await inTwo([...new Set(places.map((one) => one.file))].map((file) => async () => {
            let text = read(file);
            for (const one of places.filter((other) => other.file === file).sort((a, b) => b.at - a.at)) text = text.slice(0, one.at) + one.value + text.slice(one.end);
            objects.push(await this.#compile(file, text, where));
        }));
        await this.#link(objects, where, [target]);
        return path.join(where, path.basename(target));
    }
}
