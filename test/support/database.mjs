// SPDX-License-Identifier: MPL-2.0
// The database behind a server under test, as somebody sees it who has the disk or the database's password: SQLite's file, or, when
// SAMTRAAD_POSTGRES names a server (test/postgres/run), a database there that is this test's own.
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

const server = process.env.SAMTRAAD_POSTGRES;
const big = { maxBuffer: 1 << 28, encoding: 'utf8' };

/** Runs a program with a text as its input; gives what it printed. */
function pipe(program, args, input, options = {}) {
    return new Promise((resolve, reject) => {
        const child = execFile(program, args, { ...big, ...options }, (error, stdout, stderr) => {
            if (error) reject(Object.assign(error, { stderr }));
            else resolve(stdout);
        });
        child.stdin.on('error', () => {});
        child.stdin.end(input);
    });
}

/** A table's columns: their names, 'int', 'text' or 'blob', and whether they belong to its key. */
const column = ([, name, type, key]) => ({ name, type: /^(blob|bytea)$/i.test(type) ? 'blob' : /^text$/i.test(type) ? 'text' : 'int', key: key === '1' });

class Database {
    /** Every row of every table but the one where migrations are noted (and a writer's own), as text: the tables by name, each its rows in order. */
    async rows() {
        const schema = Object.entries(await this.schema()).filter(([name]) => !['migration', 'writer_turn'].includes(name));
        const text = ({ name, type }) => `CASE WHEN "${name}" IS NULL THEN 'null' ELSE ${type === 'blob' ? this.hex(`"${name}"`) : `CAST("${name}" AS TEXT)`} END`;
        const lines = await this.sql(schema.map(([name, columns]) => `SELECT '${name}' || ' ' || ${columns.map(text).join(" || ' ' || ")} FROM "${name}";`).join('\n'));
        const tables = Object.fromEntries(schema.map(([name]) => [name, []]));
        for (const line of lines.split('\n').filter(Boolean)) tables[line.slice(0, line.indexOf(' '))].push(line);
        for (const rows of Object.values(tables)) rows.sort();
        return tables;
    }

    /** The tables by name, each as its list of columns. */
    async schema() {
        const tables = {};
        for (const row of (await this.sql(this.schemaText)).split('\n').map((line) => line.split('|'))) (tables[row[0]] ??= []).push(column(row));
        return tables;
    }
}

class File extends Database {
    settings = '';
    schemaText = `SELECT t.name||'|'||c.name||'|'||c.type||'|'||(c.pk > 0) FROM sqlite_schema t, pragma_table_info(t.name) c
        WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, c.cid`;

    constructor(data) {
        super();
        this.path = path.join(data, 'samtraad.db');
    }

    async sql(text) {
        return (await pipe('sqlite3', ['-bail', '-cmd', '.timeout 5000', this.path], text)).trim();
    }

    /** Bytes as they are written in SQL. */
    bytes(hex) {
        return `x'${hex}'`;
    }

    /** A column's bytes in hexadecimal; some random ones. */
    hex(value) {
        return `lower(hex(${value}))`;
    }

    random(count) {
        return `randomblob(${count})`;
    }

    /** The column with its ninth byte changed. */
    changed(name) {
        return `CAST(substr(${name}, 1, 8) || CASE substr(${name}, 9, 1) WHEN x'00' THEN x'01' ELSE x'00' END || substr(${name}, 10) AS BLOB)`;
    }

    /** Puts rows of a kept copy into the present database. */
    rowsFrom(place, rows) {
        return this.sql(`ATTACH '${place}/samtraad.db' AS old; ${rows.map(({ table, where }) => `INSERT INTO ${table} SELECT * FROM old.${table} WHERE ${where}`).join('; ')}`);
    }

    // All of it lies in the data folder.
    async make() {}
    async keep() {}
    async putBack() {}
    async remove() {}
    async files() { return [this.path]; }
}

class Remote extends Database {
    static #count = 0;
    schemaText = `SELECT c.relname, a.attname, a.atttypid::regtype, COALESCE(a.attnum = ANY (k.conkey), false)::int FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.relname, a.attnum`;

    /** 'address' gives the URL of a database by its name. */
    constructor(address = (name) => `${server}/${name}`) {
        super();
        this.name = `t${process.pid}_${Remote.#count++}`;
        this.address = address;
        this.url = address(this.name);
        this.settings = `database = ${this.url}\n`;
    }

    #psql(name, text) {
        return pipe('psql', ['-qAtX', '-v', 'ON_ERROR_STOP=1', this.address(name)], text);
    }

    make() {
        return this.#psql('postgres', `CREATE DATABASE ${this.name}`);
    }

    async sql(text) {
        // Whoever has the disk is not held by foreign keys.
        return (await this.#psql(this.name, `SET session_replication_role = replica;\n${text}`)).trim();
    }

    bytes(hex) {
        return `'\\x${hex}'::bytea`;
    }

    hex(value) {
        return `encode(${value}, 'hex')`;
    }

    random(count) {
        return `substr(decode(repeat(md5(random()::text), ${Math.ceil(count / 16)}), 'hex'), 1, ${count})`;
    }

    changed(name) {
        return `set_byte(${name}, 8, get_byte(${name}, 8) # 1)`;
    }

    /** A copy of a data folder is accompanied by a database of its own. */
    #copy(place) {
        return `${this.name}_${path.basename(place).replace(/\W/g, '_')}`.toLowerCase();
    }

    #replace(name, from) {
        return this.#psql('postgres', `DROP DATABASE IF EXISTS ${name} WITH (FORCE);\nCREATE DATABASE ${name} TEMPLATE ${from};`);
    }

    async keep(place) {
        await this.#replace(this.#copy(place), this.name);
    }

    async putBack(place) {
        await this.#replace(this.name, this.#copy(place));
    }

    async rowsFrom(place, rows) {
        for (const { table, where } of rows) {
            const copied = await this.#psql(this.#copy(place), `COPY (SELECT * FROM ${table} WHERE ${where}) TO STDOUT`);
            await this.#psql(this.name, `COPY ${table} FROM STDIN;\n${copied}\\.\n`);
        }
    }

    async remove() {
        const names = await this.#psql('postgres', `SELECT datname FROM pg_database WHERE datname = '${this.name}' OR starts_with(datname, '${this.name}_')`);
        for (const name of names.split('\n').filter(Boolean)) await this.#psql('postgres', `DROP DATABASE ${name} WITH (FORCE)`);
    }

    /** The files of this database, the server's journal of changes, and its log, all as they lie on the disk. */
    async files() {
        await this.sql('CHECKPOINT');
        const data = await this.sql('SHOW data_directory');
        const folders = [path.join(data, 'base', await this.sql('SELECT oid FROM pg_database WHERE datname = current_database()')), path.join(data, 'pg_wal')];
        const below = await Promise.all(folders.map(async (folder) => (await readdir(folder, { withFileTypes: true })).filter((one) => one.isFile()).map((one) => path.join(folder, one.name))));
        return [...below.flat(), path.join(data, '../log')];
    }
}

/** A database of this test's own on a server that it has started itself. */
export const databaseAt = (address) => new Remote(address);

export const onPostgres = Boolean(server);

export const fileDatabase = (data) => new File(data);

export const remoteDatabase = () => new Remote();

export const databaseFor = (data) => (server ? remoteDatabase() : fileDatabase(data));
