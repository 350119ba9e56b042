// SPDX-License-Identifier: MPL-2.0
// Pictures and files for the tests, good ones and hostile ones, all made here.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crc32, deflateSync } from 'node:zlib';

function chunk(name, data) {
    const head = Buffer.from(name, 'latin1');
    const sum = Buffer.alloc(4), length = Buffer.alloc(4);
    sum.writeUInt32BE(crc(Buffer.concat([head, data])));
    length.writeUInt32BE(data.length);
    return Buffer.concat([length, head, data, sum]);
}

function crc(data) {
    if (crc32) return crc32(data);
    let sum = ~0;
    for (const byte of data) {
        sum ^= byte;
        for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
    }
    return ~sum >>> 0;
}

/** A PNG whose pixel (x, y) has the colour that 'paint' says; 'claimed' is the size that its head tells of. */
export function png(width, height, paint = (x, y) => [x % 256, y % 256, 120], claimed = [width, height]) {
    const rows = Buffer.alloc(height * (1 + 3 * width));
    for (let y = 0, at = 0; y < height; y++) {
        at++;
        for (let x = 0; x < width; x++) for (const part of paint(x, y)) rows[at++] = part;
    }
    const head = Buffer.alloc(13);
    head.writeUInt32BE(claimed[0], 0);
    head.writeUInt32BE(claimed[1], 4);
    head.set([8, 2, 0, 0, 0], 8);
    return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', deflateSync(rows, { level: 1 })), chunk('IEND', Buffer.alloc(0))]);
}

/** Runs libvips' own command on bytes: what = ['copy', 'in.png', 'out.jpg', …]. */
export function vips(input, from, to, ...what) {
    const folder = mkdtempSync(path.join(tmpdir(), 'samtraad-picture-'));
    try {
        writeFileSync(path.join(folder, from), input);
        const [command = 'copy', ...more] = what;
        execFileSync('vips', [command, path.join(folder, from), path.join(folder, to), ...more], { stdio: ['ignore', 'ignore', 'ignore'] });
        return readFileSync(path.join(folder, to.replace(/\[.*/, '')));
    } finally {
        rmSync(folder, { recursive: true });
    }
}

/** Width and height of a WebP (or anything else that libvips reads). */
export function sizeOf(bytes, name = 'a.webp') {
    const folder = mkdtempSync(path.join(tmpdir(), 'samtraad-picture-'));
    try {
        writeFileSync(path.join(folder, name), bytes);
        const field = (which) => Number(execFileSync('vipsheader', ['-f', which, path.join(folder, name)], { encoding: 'utf8' }));
        return [field('width'), field('height')];
    } finally {
        rmSync(folder, { recursive: true });
    }
}

/** The colour of one pixel, [red, green, blue]. */
export function pixelOf(bytes, x, y, name = 'a.webp') {
    const folder = mkdtempSync(path.join(tmpdir(), 'samtraad-picture-'));
    try {
        writeFileSync(path.join(folder, name), bytes);
        return execFileSync('vips', ['getpoint', path.join(folder, name), String(x), String(y)], { encoding: 'utf8' }).trim().split(/\s+/).map(Number);
    } finally {
        rmSync(folder, { recursive: true });
    }
}

/** The place that photos below were taken at; it must be in nothing that leaves the server. */
export const place = 'Kirkegade 4711, Hobro';

/** An Exif block: the orientation, where the picture was taken, and a description that names the place. */
function exif(orientation) {
    const text = Buffer.from(`${place}\0`, 'latin1');
    const tiff = Buffer.alloc(8 + 2 + 3 * 12 + 4 + 2 + 2 * 12 + 4 + 24 + text.length);
    const gps = 8 + 2 + 3 * 12 + 4, numbers = gps + 2 + 2 * 12 + 4, words = numbers + 24;
    tiff.write('MM\0*', 0, 'latin1');
    tiff.writeUInt32BE(8, 4);
    const entry = (at, tag, type, count, value) => {
        tiff.writeUInt16BE(tag, at);
        tiff.writeUInt16BE(type, at + 2);
        tiff.writeUInt32BE(count, at + 4);
        if (type === 3) tiff.writeUInt16BE(value, at + 8);
        else tiff.writeUInt32BE(value, at + 8);
    };
    tiff.writeUInt16BE(3, 8);
    entry(10, 0x010e, 2, text.length, words);
    entry(22, 0x0112, 3, 1, orientation);
    entry(34, 0x8825, 4, 1, gps);
    tiff.writeUInt16BE(2, gps);
    entry(gps + 2, 1, 2, 2, 0x4e000000);
    entry(gps + 14, 2, 5, 3, numbers);
    [56, 1, 38, 1, 12, 1].forEach((value, index) => tiff.writeUInt32BE(value, numbers + 4 * index));
    text.copy(tiff, words);
    return Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]);
}

/** A photo as a telephone makes it: JPEG with its place and its orientation (6: the telephone stood upright). */
export function photo(width, height, { orientation = 6, paint } = {}) {
    const jpeg = vips(png(width, height, paint), 'in.png', 'out.jpg[Q=90]');
    const data = exif(orientation);
    const head = Buffer.alloc(4);
    head.writeUInt16BE(0xffe1);
    head.writeUInt16BE(data.length + 2, 2);
    return Buffer.concat([jpeg.subarray(0, 2), head, data, jpeg.subarray(2)]);
}

/** The body of a form with files: fields is [[name, text] | [name, { name, type, bytes }], …]. */
export function multipart(fields) {
    const boundary = `----samtraad${Math.random().toString(36).slice(2)}`;
    const parts = fields.map(([name, value]) => (typeof value === 'string'
        ? Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
        : Buffer.concat([
            Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="${value.name}"\r\nContent-Type: ${value.type ?? 'application/octet-stream'}\r\n\r\n`),
            value.bytes, Buffer.from('\r\n')])));
    return { body: Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]), type: `multipart/form-data; boundary=${boundary}` };
}

/** A photo as newer telephones make it: HEIC, with its place. By the encoder of Debian's libheif-examples. */
export function heic(width, height, options) {
    const folder = mkdtempSync(path.join(tmpdir(), 'samtraad-picture-'));
    try {
        writeFileSync(path.join(folder, 'in.jpg'), photo(width, height, options));
        execFileSync('heif-enc', ['-q', '70', path.join(folder, 'in.jpg'), '-o', path.join(folder, 'out.heic')], { stdio: 'ignore' });
        return readFileSync(path.join(folder, 'out.heic'));
    } finally {
        rmSync(folder, { recursive: true });
    }
}
