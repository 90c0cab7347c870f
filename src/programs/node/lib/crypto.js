// crypto: hashes and random values from the simulation's seed.
(function (host, builtin, module) {
  'use strict';
  const { Buffer } = builtin('buffer');
  const randomBytes = (size, done) => {
    const out = Buffer.from(Array.from({ length: size }, () => Math.floor(host.random() * 256)));
    if (done) process.nextTick(() => done(null, out));
    return done ? undefined : out;
  };
  const BLOCK = { sha512: 128 };
  class Hash {
    constructor(name) {
      Object.defineProperty(this, 'name', { value: name });
      Object.defineProperty(this, 'parts', { value: [] });
      if (host.hash(name, new Uint8Array(0)) === undefined) throw new Error('Digest method not supported');
    }
    update(data, encoding) {
      this.parts.push(typeof data === 'string' ? Buffer.from(data, encoding) : data);
      return this;
    }
    digest(encoding) {
      const out = Buffer.from(host.hash(this.name, new Uint8Array(Buffer.concat(this.parts))));
      return encoding ? out.toString(encoding) : out;
    }
  }
  class Hmac extends Hash {
    constructor(name, key) {
      super(name);
      const size = BLOCK[name] || 64;
      let bytes = Buffer.from(key);
      if (bytes.length > size) bytes = Buffer.from(host.hash(name, new Uint8Array(bytes)));
      const padded = Buffer.alloc(size);
      padded.set(bytes);
      Object.defineProperty(this, 'outer', { value: padded.map((b) => b ^ 0x5c) });
      this.parts.push(padded.map((b) => b ^ 0x36));
    }
    digest(encoding) {
      const inner = host.hash(this.name, new Uint8Array(Buffer.concat(this.parts)));
      const out = Buffer.from(host.hash(this.name, new Uint8Array(Buffer.concat([this.outer, inner]))));
      return encoding ? out.toString(encoding) : out;
    }
  }
  function randomUUID() {
    const b = randomBytes(16);
    b[6] = (b[6] & 15) | 64;
    b[8] = (b[8] & 63) | 128;
    return b.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }
  module.exports = {
    randomBytes,
    randomUUID,
    randomInt: (low, high) => (high === undefined ? Math.floor(host.random() * low) : low + Math.floor(host.random() * (high - low))),
    createHash: (name) => new Hash(name),
    createHmac: (name, key) => new Hmac(name, key),
    getHashes: () => ['md5', 'sha1', 'sha256', 'sha512'],
    timingSafeEqual: (a, b) => Buffer.from(a).equals(Buffer.from(b)),
  };
  module.exports.webcrypto = { randomUUID, getRandomValues: (array) => (array.forEach((_, i) => (array[i] = Math.floor(host.random() * 4294967296))), array) };
})
