/** Input that can't be used, said in one line: exit status 2. */
export class UnusableInput extends Error {}
