// util.
(function (host, builtin, module) {
  'use strict';
  const { inspect, format } = builtin('internal/inspect');
  const promisified = Symbol.for('nodejs.util.promisify.custom');
  const type = (name) => (value) => Object.prototype.toString.call(value) === `[object ${name}]`;

  function same(a, b) {
    if (Object.is(a, b)) return true;
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
    if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
    if (a instanceof Date) return +a === +b;
    if (a instanceof Map || a instanceof Set) return a.size === b.size && same([...a], [...b]);
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((k) => Object.prototype.hasOwnProperty.call(b, k) && same(a[k], b[k]));
  }

  module.exports = {
    inspect,
    format,
    isDeepStrictEqual: same,
    promisify(work) {
      if (work[promisified]) return work[promisified];
      return (...args) => new Promise((resolve, reject) => work(...args, (error, value) => (error ? reject(error) : resolve(value))));
    },
    callbackify: (work) => (...args) => {
      const done = args.pop();
      work(...args).then((value) => process.nextTick(done, null, value), (error) => process.nextTick(done, error));
    },
    inherits(child, parent) {
      Object.defineProperty(child, 'super_', { value: parent, writable: true, configurable: true });
      Object.setPrototypeOf(child.prototype, parent.prototype);
    },
    deprecate: (work) => work,
    debuglog: () => () => {},
    stripVTControlCharacters: (text) => text.replace(/\x1b\[[0-9;]*[A-Za-z]/g, ''),
    styleText: (style, text) => text,
    types: { isDate: type('Date'), isRegExp: type('RegExp'), isPromise: type('Promise'), isMap: type('Map'), isSet: type('Set') },
    isArray: Array.isArray,
    TextEncoder,
    TextDecoder,
    log: (...args) => console.log(...args),
  };
  module.exports.promisify.custom = promisified;
})
