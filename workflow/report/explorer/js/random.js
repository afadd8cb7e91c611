/* Unit numbers for weights and inputs.

   Each number depends on what it is for (seed, stream, index) and on nothing else, so that a larger gain scales the
   very same matrix, and one more unit leaves the others as they are:

     hash(seed, stream, index) = mix(mix(mix(seed) ^ stream) + index)        all modulo 2^32
     mix(x): x ^= x >> 16; x *= 0x85ebca6b; x ^= x >> 13; x *= 0xc2b2ae35; x ^= x >> 16   (MurmurHash3, Appleby 2011)
     uniform = (hash + 1/2) / 2^32                                           never 0, never 1
     normal(i) = sqrt(-2 ln uniform(2i)) cos(2 pi uniform(2i + 1))           (Box & Muller 1958)
*/
const Random = (() => {
  function mix(word) {
    let x = word | 0;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    return (x ^ (x >>> 16)) >>> 0;
  }

  function uniform(seed, stream, index) {
    return (mix(mix(mix(seed) ^ stream) + index) + 0.5) / 4294967296;
  }

  /** One number from N(0, 1). */
  function normal(seed, stream, index) {
    const radius = Math.sqrt(-2 * Math.log(uniform(seed, stream, 2 * index)));
    return radius * Math.cos(2 * Math.PI * uniform(seed, stream, 2 * index + 1));
  }

  return Object.freeze({ normal });
})();
