// Tries numbers until the SHA-256 of the salt and the number is the challenge (ALTCHA, version 1). SHA-256 is written out
// here because browsers offer theirs on pages over HTTPS only, and for so short a text this one is faster anyway.
"use strict";

const K = [];
const START = [];

// The constants of FIPS 180-4: the fractions of the square and cube roots of the first primes.
for (let candidate = 2; K.length < 64; candidate += 1) {
  let prime = true;
  for (let divisor = 2; divisor * divisor <= candidate; divisor += 1) {
    if (candidate % divisor === 0) { prime = false; break; }
  }
  if (prime) {
    if (START.length < 8) START.push(fraction(Math.pow(candidate, 1 / 2)));
    K.push(fraction(Math.pow(candidate, 1 / 3)));
  }
}

function fraction(value) {
  return ((value - Math.floor(value)) * 4294967296) | 0;
}

const schedule = new Int32Array(64);

function compress(bytes, at, state) {
  for (let i = 0; i < 16; i += 1) {
    const j = at + i * 4;
    schedule[i] = (bytes[j] << 24) | (bytes[j + 1] << 16) | (bytes[j + 2] << 8) | bytes[j + 3];
  }
  for (let i = 16; i < 64; i += 1) {
    const x = schedule[i - 15];
    const y = schedule[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    schedule[i] = (schedule[i - 16] + s0 + schedule[i - 7] + s1) | 0;
  }
  let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  for (let i = 0; i < 64; i += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const one = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + schedule[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d;
  state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

function ascii(text) {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function solve(challenge) {
  const salt = ascii(challenge.salt);
  const whole = salt.length - (salt.length % 64);
  // The blocks that are the same for every number are computed once.
  const begun = Int32Array.from(START);
  for (let at = 0; at < whole; at += 64) compress(salt, at, begun);
  const rest = salt.subarray(whole);
  const tail = new Uint8Array(128);
  const state = new Int32Array(8);
  const wanted = [];
  for (let index = 0; index < 8; index += 1) wanted.push(parseInt(challenge.challenge.substr(index * 8, 8), 16) | 0);
  for (let number = 0; number <= challenge.maxNumber; number += 1) {
    const digits = String(number);
    const length = rest.length + digits.length;
    const size = length + 9 > 64 ? 128 : 64;
    tail.fill(0);
    tail.set(rest);
    for (let index = 0; index < digits.length; index += 1) tail[rest.length + index] = digits.charCodeAt(index);
    tail[length] = 0x80;
    const bits = (whole + length) * 8;
    for (let index = 0; index < 4; index += 1) tail[size - 1 - index] = bits >>> (8 * index);
    state.set(begun);
    for (let at = 0; at < size; at += 64) compress(tail, at, state);
    if (state[0] === wanted[0] && wanted.every((word, index) => word === state[index])) return number;
  }
  return null;
}

self.onmessage = (event) => self.postMessage(solve(event.data));
