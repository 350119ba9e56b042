// SPDX-License-Identifier: MPL-2.0
// Shows at once what the three knobs do, and lets the picture be moved by hand. Without this each saving shows it.

const find = selector => document.querySelector(selector);
const frame = find('#cut-frame');
const image = find('#cut-image');
const [width, height] = ['width', 'height'].map(name => Number(image.getAttribute(name)));
const [zoom, x, y] = ['#cut-zoom', '#cut-x', '#cut-y'].map(find);

const between = (low, value, high) => Math.min(Math.max(value, low), high);

// As the server cuts: a square around the middle, which never leaves the picture.
function show() {
    const side = frame.clientWidth;
    const shorter = Math.min(width, height) * 1000 / zoom.value;
    const scale = side / shorter;
    const place = (knob, length) => between(0, length * knob.value / 1000 - shorter / 2, length - shorter) * scale;
    image.style.width = `${width * scale}px`;
    image.style.height = `${height * scale}px`;
    image.style.transform = `translate(${-place(x, width)}px, ${-place(y, height)}px)`;
}

function turn(knob, by) {
    knob.value = between(Number(knob.min), Number(knob.value) + by, Number(knob.max));
}

frame.hidden = false;
frame.previousElementSibling.hidden = true;
for (const knob of [zoom, x, y])
    knob.addEventListener('input', show);
frame.addEventListener('pointerdown', event => frame.setPointerCapture(event.pointerId));
frame.addEventListener('pointermove', event => {
    if (!frame.hasPointerCapture(event.pointerId))
        return;
    turn(x, -1000 * event.movementX / image.clientWidth);
    turn(y, -1000 * event.movementY / image.clientHeight);
    show();
});
show();
