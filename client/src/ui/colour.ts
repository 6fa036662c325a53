/** sRGB, linear light, 0 to 1. */
export type LinearRgb = readonly [red: number, green: number, blue: number];
export type Deficiency = "protanopia" | "deuteranopia" | "tritanopia";
type Matrix = readonly [LinearRgb, LinearRgb, LinearRgb];

/** `#rrggbb` to linear light (IEC 61966-2-1). */
export function parseHex(hex: string): LinearRgb {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex);
  if (match === null) throw new Error(`not a colour: ${hex}`);
  const [red = 0, green = 0, blue = 0] = match.slice(1).map((digits) => toLinear(Number.parseInt(digits, 16) / 255));
  return [red, green, blue];
}

/** Contrast ratio from 1 to 21 (WCAG 2.2, relative luminance). */
export function contrast(a: LinearRgb, b: LinearRgb): number {
  const [one, other] = [luminance(a), luminance(b)];
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}

/** How an eye without one kind of cone sees a colour (Machado, Oliveira and Fernandes 2009, severity 1). */
export function seenWith(deficiency: Deficiency, colour: LinearRgb): LinearRgb {
  const [red, green, blue] = matrices[deficiency];
  return [clamp(dot(red, colour)), clamp(dot(green, colour)), clamp(dot(blue, colour))];
}

const matrices: Readonly<Record<Deficiency, Matrix>> = {
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const toLinear = (value: number): number => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const clamp = (value: number): number => Math.min(1, Math.max(0, value));
const luminance = (colour: LinearRgb): number => dot([0.2126, 0.7152, 0.0722], colour);
const dot = (a: LinearRgb, b: LinearRgb): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
