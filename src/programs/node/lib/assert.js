// assert: the checks scripts of this size make.
(function (host, builtin, module) {
  'use strict';
  const { inspect } = builtin('internal/inspect');
  const { isDeepStrictEqual } = builtin('util');
  class AssertionError extends Error {
    constructor({ message, actual, expected, operator, generated }) {
      super(message);
      this.name = 'AssertionError';
      Object.defineProperty(this, 'name', { enumerable: false });
      Object.assign(this, { generatedMessage: !!generated, code: 'ERR_ASSERTION', actual, expected, operator });
      const stack = String(this.stack).replace(/^[A-Za-z]+(?=[:\n])/, 'AssertionError [ERR_ASSERTION]');
      Object.defineProperty(this, 'stack', { value: stack, writable: true, configurable: true, enumerable: false });
    }
  }
  function demand(truth, message, words, actual, expected, operator) {
    if (truth) return;
    if (message instanceof Error) throw message;
    throw new AssertionError({ message: message === undefined ? words : message, actual, expected, operator, generated: message === undefined });
  }
  const pair = (what, a, b) => `${what}\n\n${inspect(a)} !== ${inspect(b)}\n`;
  const ok = (value, message) => demand(value, message, 'The expression evaluated to a falsy value', value, true, '==');
  module.exports = Object.assign((value, message) => ok(value, message), {
    ok,
    AssertionError,
    equal: (a, b, m) => demand(a == b, m, `${inspect(a)} == ${inspect(b)}`, a, b, '=='),
    notEqual: (a, b, m) => demand(a != b, m, `${inspect(a)} != ${inspect(b)}`, a, b, '!='),
    strictEqual: (a, b, m) => demand(Object.is(a, b), m, pair('Expected values to be strictly equal:', a, b), a, b, 'strictEqual'),
    notStrictEqual: (a, b, m) => demand(!Object.is(a, b), m, `Expected "actual" to be strictly unequal to: ${inspect(b)}`, a, b, 'notStrictEqual'),
    deepEqual: (a, b, m) => demand(isDeepStrictEqual(a, b), m, pair('Expected values to be loosely deep-equal:', a, b), a, b, 'deepEqual'),
    deepStrictEqual: (a, b, m) => demand(isDeepStrictEqual(a, b), m, pair('Expected values to be strictly deep-equal:', a, b), a, b, 'deepStrictEqual'),
    fail: (m = 'Failed') => demand(false, m, m, undefined, undefined, 'fail'),
    throws(work, m) {
      try {
        work();
      } catch (error) {
        return;
      }
      demand(false, typeof m === 'string' ? m : undefined, 'Missing expected exception.', undefined, undefined, 'throws');
    },
  });
  module.exports.strict = module.exports;
})
