// The few names of node that the program uses; the types of all of node would be checked for a second.
declare module "node:assert/strict" {
  const assert: {
    equal(actual: unknown, expected: unknown): void;
    deepEqual(actual: unknown, expected: unknown): void;
  };
  export default assert;
}
declare module "node:crypto" {
  export function randomUUID(): string;
}
declare const process: { argv: string[] };
declare const Buffer: { from(bytes: ArrayBuffer): { subarray(first: number, last: number): { toString(): string } } };
