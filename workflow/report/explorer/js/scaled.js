/* Matrices whose size may be 1e-500 or 1e+500: entries of order one, and a power of two beside them.

   {rows, columns, values: Float64Array by rows, exponent}: the matrix is values * 2^exponent; the exponent is -Infinity
   where it is exactly zero. Rescaling by powers of two is exact, so a product has the digits of the plain one.
*/
const Scaled = (() => {
  const LOG10_2 = Math.log10(2);

  /** Wrap plain values, which are taken over and rescaled. */
  function of(rows, columns, values, exponent = 0) {
    return rescaled({ rows, columns, values, exponent });
  }

  function identity(size) {
    const values = new Float64Array(size * size);
    for (let i = 0; i < size; i++) values[i * size + i] = 1;
    return of(size, size, values);
  }

  /** Bring the largest entry into [1/2, 2), in place. */
  function rescaled(matrix) {
    const { values } = matrix;
    let largest = 0;
    for (let i = 0; i < values.length; i++) {
      const size = Math.abs(values[i]);
      if (size > largest) largest = size;
    }
    if (largest === 0) matrix.exponent = -Infinity;
    if (largest === 0 || (largest >= 0.5 && largest < 2)) return matrix;
    const shift = Math.floor(Math.log2(largest));
    // two steps, since 2^-shift itself may be no number where an entry is near 2^-1074
    for (const part of [Math.floor(shift / 2), shift - Math.floor(shift / 2)]) {
      const factor = 2 ** -part;
      for (let i = 0; i < values.length; i++) values[i] *= factor;
    }
    matrix.exponent += shift;
    return matrix;
  }

  /** Return a product of two scaled matrices, not rescaled: its entries are sums of products of order one. */
  function times(a, b) {
    const [rows, inner, columns] = [a.rows, a.columns, b.columns];
    const [left, right, values] = [a.values, b.values, new Float64Array(rows * columns)];
    if (a.exponent !== -Infinity && b.exponent !== -Infinity) {
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          let sum = 0;
          for (let m = 0; m < inner; m++) sum += left[i * inner + m] * right[m * columns + j];
          values[i * columns + j] = sum;
        }
      }
    }
    return { rows, columns, values, exponent: a.exponent + b.exponent };
  }

  /** Return the factor that brings a matrix from its own exponent to another, larger or equal one. */
  function at(matrix, exponent) {
    return matrix.exponent === -Infinity ? 0 : 2 ** (matrix.exponent - exponent);
  }

  /** Return a sum of two scaled matrices. */
  function plus(a, b) {
    const exponent = Math.max(a.exponent, b.exponent);
    const [p, q] = [at(a, exponent), at(b, exponent)];
    return of(
      a.rows,
      a.columns,
      a.values.map((value, i) => p * value + q * b.values[i]),
      exponent,
    );
  }

  /** Return two matrices side by side. */
  function beside(left, right) {
    const exponent = Math.max(left.exponent, right.exponent);
    const columns = left.columns + right.columns;
    const values = new Float64Array(left.rows * columns);
    const [p, q] = [at(left, exponent), at(right, exponent)];
    for (let i = 0; i < left.rows; i++) {
      const start = i * columns;
      for (let j = 0; j < left.columns; j++) values[start + j] = p * left.values[i * left.columns + j];
      for (let j = 0; j < right.columns; j++) {
        values[start + left.columns + j] = q * right.values[i * right.columns + j];
      }
    }
    return of(left.rows, columns, values, exponent);
  }

  /** Return a copy of the rows [top, bottom) and columns [left, right). */
  function block(matrix, top, bottom, left, right) {
    const values = new Float64Array((bottom - top) * (right - left));
    for (let i = top; i < bottom; i++) {
      const row = matrix.values.subarray(i * matrix.columns + left, i * matrix.columns + right);
      values.set(row, (i - top) * (right - left));
    }
    return of(bottom - top, right - left, values, matrix.exponent);
  }

  /** Return log10 of the Frobenius norm; -Infinity for zero. */
  function log10Norm(matrix) {
    let squares = 0;
    for (let i = 0; i < matrix.values.length; i++) squares += matrix.values[i] * matrix.values[i];
    return squares === 0 ? -Infinity : 0.5 * Math.log10(squares) + matrix.exponent * LOG10_2;
  }

  return Object.freeze({ of, rescaled, identity, times, plus, beside, block, log10Norm });
})();
