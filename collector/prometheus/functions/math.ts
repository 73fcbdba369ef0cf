const degrees = 180 / Math.PI;

/** Functions of one number. */
export const mathFunctions: Record<string, (value: number) => number> = {
  abs: Math.abs,
  ceil: Math.ceil,
  floor: Math.floor,
  exp: Math.exp,
  ln: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  sqrt: Math.sqrt,
  sgn: Math.sign,
  deg: (value) => value * degrees,
  rad: (value) => value / degrees,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
};

/** Functions of a number and one or two bounds; undefined is no value. */
export const boundFunctions: Record<string, (value: number, a: number, b: number) => number | undefined> = {
  // Halves go up, below zero too.
  round: (value, to) => Math.floor(value * (1 / to) + 0.5) / (1 / to),
  clamp: (value, low, high) => (low > high ? undefined : Math.max(low, Math.min(high, value))),
  clamp_min: (value, low) => Math.max(low, value),
  clamp_max: (value, high) => Math.min(high, value),
};
